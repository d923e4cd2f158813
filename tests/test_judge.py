"""Which spans say the same, and what their scores become, by hand."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from rag.judge import (
    _FAR,
    FEATURES,
    JUDGED,
    Judged,
    Overlap,
    Parameters,
    agree,
    group,
    probabilities,
    sentences_of,
    stem,
    words_of,
)

Floats = NDArray[np.float64]

FIRST = (1.0, *[0.0] * (len(FEATURES) - 1))
"""Weights by which the first feature is the score."""
PLAIN = Parameters(FIRST, (1.0,) * len(JUDGED), 0.0, ((-20.0, 20.0),) * len(FEATURES), 0.5, 0.1)


def rows(scores: list[float]) -> Floats:
    """Features whose first is the score and whose second tells the spans apart."""
    found = np.zeros((len(scores), len(FEATURES)))
    found[:, 0] = scores
    found[:, 1] = np.arange(len(scores))
    return found


# --- What says the same -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Monday", "Monday"),
        ("the Foreign Ministry", "Foreign Ministry"),
        ("A bridge", "the bridge"),
        ("MONDAY", "monday."),
        ("Twelve", "12"),
        ("Mehdi Sobhani", "Ambassador Mehdi Sobhani"),
        ("Sobhani", "Ambassador Mehdi Sobhani"),
        ("“Jana Novak”", "Jana Novak"),
        ("Iran’s ministry", "Iran's ministry"),
        ("3 million crowns", "3 million crowns"),
        ("ﬁve", "five"),
    ],
)
def test_the_same(one: str, other: str) -> None:
    assert agree(words_of(one), words_of(other))
    assert agree(words_of(other), words_of(one))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Monday", "Tuesday"),
        ("Mehdi", "Mehdi Sobhani"),  # the beginning of a name is not the name
        ("ministry", "Iran's ministry"),
        ("ministry", "the ministers’ ministry"),
        ("safe", "not safe"),
        ("safe", "never safe"),
        ("president", "former president"),
        ("President of Iran", "ex President of Iran"),
        ("Prague", "Berlin and Prague"),
        ("crowns", "3 crowns"),
        ("5 million", "2.5 million"),
        ("000 crowns", "3 000 crowns"),
        ("20", "2020"),
        ("", "Monday"),
    ],
)
def test_not_the_same(one: str, other: str) -> None:
    assert not agree(words_of(one), words_of(other))
    assert not agree(words_of(other), words_of(one))


@given(st.text(max_size=20), st.text(max_size=20))
def test_saying_the_same_goes_both_ways(one: str, other: str) -> None:
    assert agree(words_of(one), words_of(one))
    assert agree(words_of(one), words_of(other)) == agree(words_of(other), words_of(one))


# --- Groups -------------------------------------------------------------------------------


def test_groups_by_hand() -> None:
    said = ["Jana Novak", "Monday", "Novak", "Monday", "Jana Novak", "Monday", "Monday"]
    passages = [1, 1, 2, 3, 3, 4, 1]
    features = rows([5, 6, 4, 3, 0.5, 2, 5.5])
    rest = [0.0] * (len(FEATURES) - 2)
    monday, novak = group(features, said, passages, np.array(FIRST))
    # The fifth is too far below those that say the same; the last one stands in the
    # passage of the first, so it is no support.
    support, dominance = math.log1p(math.exp(-3) + math.exp(-4)), -math.log1p(math.exp(-1))
    assert monday == Judged(
        (1, 6, 3, 5), (6, 1, *rest, pytest.approx(support), pytest.approx(dominance)), 6
    )
    support = math.log1p(math.exp(-1))
    assert novak == Judged((0, 2), (5, 0, *rest, pytest.approx(support), 0), 5)


def test_one_passage_supports_once() -> None:
    said = ["Monday"] * 3
    (one,) = group(rows([3, 2, 1]), said, [1, 2, 2], np.array(FIRST))
    assert one.features[JUDGED.index("agreement")] == pytest.approx(math.log1p(math.exp(-1)))


def test_an_answer_without_a_rival_has_the_whole_share() -> None:
    (one,) = group(rows([3, 2]), ["Monday"] * 2, [1, 2], np.array(FIRST))
    assert one.features[JUDGED.index("dominance")] == 0


def test_dominance_is_the_share_among_an_answer_and_those_behind_it() -> None:
    found = group(rows([1, 4, 3]), ["a b", "c d", "e f"], [1, 2, 3], np.array(FIRST))
    assert [one.score for one in found] == [4, 3, 1]
    first, second, third = (math.exp(score) for score in (4, 3, 1))
    assert [one.features[JUDGED.index("dominance")] for one in found] == pytest.approx(
        [math.log(first / (first + second + third)), math.log(second / (second + third)), 0]
    )


def test_equals_keep_their_order() -> None:
    found = group(rows([2, 2, 2]), ["one", "two", "three"], [3, 2, 1], np.array(FIRST))
    assert [one.members for one in found] == [(0,), (1,), (2,)]
    nearly = rows([2, 2 + 1e-9, 2])  # what processors differ by is no difference
    assert group(nearly, ["one", "two", "three"], [3, 2, 1], np.array(FIRST))[0].members == (0,)


def test_the_weights_order() -> None:
    features = np.zeros((2, len(FEATURES)))
    features[0, 0], features[1, 3] = 2, 1
    weights = np.zeros(len(FEATURES))
    weights[[0, 3]] = [1, 3]
    best, other = group(features, ["one", "two"], [1, 2], weights)
    assert (best.members, best.score) == ((1,), 3)
    assert (other.members, other.score) == ((0,), 2)


def test_no_spans_no_groups() -> None:
    assert group(rows([]), [], [], np.array(FIRST)) == []
    assert probabilities([], PLAIN).tolist() == []


spans = st.lists(
    st.tuples(
        st.sampled_from(
            ["Novak", "Jana Novak", "the Jana Novak", "not Novak", "Novak’s", "Monday", "3", "…"]
        ),
        st.integers(1, 4),
        st.integers(-20, 20).map(lambda n: n / 2),
    ),
    max_size=12,
)


@given(spans)
def test_every_span_is_in_one_group_or_far_below_its_like(
    given_spans: list[tuple[str, int, float]],
) -> None:
    said, passages, scores = ([span[at] for span in given_spans] for at in range(3))
    found = group(rows(scores), said, passages, np.array(FIRST))
    members = [at for one in found for at in one.members]
    assert len(members) == len(set(members))
    firsts = [words_of(said[one.members[0]]) for one in found]
    for number, one in enumerate(found):
        assert one.score == scores[one.members[0]]
        assert [scores[at] for at in one.members] == sorted(
            (scores[at] for at in one.members), reverse=True
        )
        assert all(agree(words_of(said[at]), firsts[number]) for at in one.members)
        assert not any(agree(firsts[number], other) for other in firsts[:number])
    for at in set(range(len(said))) - set(members):
        like = [
            one
            for one, first in zip(found, firsts, strict=True)
            if agree(words_of(said[at]), first)
        ]
        assert scores[at] < like[0].score - _FAR
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)


# --- Probabilities ------------------------------------------------------------------------


def test_probabilities_by_hand() -> None:
    weights = tuple(float(number) for number in range(1, len(JUDGED) + 1))
    parameters = replace(PLAIN, probability=weights, intercept=-1.0)
    features = (0.5, 0.0, 0.0, -0.25, 0.0, 0.1, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.2, -0.1)
    logit = 0.5 * 1 - 0.25 * 4 + 0.1 * 6 + 1 * 12 + 0.2 * 13 - 0.1 * 14 - 1
    (found,) = probabilities([Judged((0,), features, 0.0)], parameters)
    assert found == round(1 / (1 + math.exp(-logit)), 4)


@given(st.lists(st.tuples(*[st.floats(-1e6, 1e6) for _ in JUDGED]), min_size=1, max_size=5))
def test_probabilities_are_between_0_and_1_and_rounded(table: list[tuple[float, ...]]) -> None:
    found = probabilities([Judged((0,), row, 0.0) for row in table], Parameters.load())
    assert found.shape == (len(table),)
    assert ((found >= 0) & (found <= 1)).all()
    assert (found == np.round(found, 4)).all()


def test_more_support_and_fewer_rivals_make_surer() -> None:
    """As fitted: what several passages say is likelier, and so is what nothing rivals."""
    fitted = Parameters.load()
    plain = dict.fromkeys(JUDGED, 0.0)
    for name in ("answers", "agreement", "dominance"):
        one, more = (
            probabilities([Judged((0,), tuple((plain | change).values()), 0.0)], fitted)[0]
            for change in ({}, {name: 1.0})
        )
        assert more > one, name


# --- What was fitted ----------------------------------------------------------------------


def test_what_is_shipped_is_what_is_loaded() -> None:
    fitted = Parameters.load()
    shipped = json.loads(files("rag").joinpath("reader.json").read_text("utf-8"))
    assert list(shipped["rank"]) == list(FEATURES)
    assert list(shipped["probability"]) == list(JUDGED)
    assert fitted.rank == tuple(shipped["rank"].values())
    assert fitted.probability == tuple(shipped["probability"].values())
    assert json.loads(fitted.to_json()) == shipped
    assert 0 < fitted.closest < fitted.answered < 1
    assert Parameters.load() is fitted


def test_every_judged_feature_is_named_once() -> None:
    assert JUDGED[: len(FEATURES)] == FEATURES
    assert len(set(JUDGED)) == len(JUDGED)


# --- Words --------------------------------------------------------------------------------

RARITY = {"apples": 0.2, "ripe": 0.7}


def overlap(question: str) -> Overlap:
    return Overlap(question, lambda word: RARITY.get(word, 1))


def test_overlap_by_hand() -> None:
    text = "Apples were ripe in June. Pears fell."
    apples, ripe, figs = 0.21, 0.71, 1.01  # how rare, and a bit, as even common words count
    assert overlap("When were the apples ripe?").of(text) == (1, 0)
    assert overlap("Apples or figs?").of(text) == pytest.approx((apples / (apples + figs), figs))
    covered, missing = overlap("Ripe, apples, ripe!").of("Ripe.")
    assert covered == pytest.approx(ripe / (apples + ripe))
    assert missing == pytest.approx(apples)
    assert overlap("Apples?").of("The apple fell.") == (1, 0)  # a form is the same word


@pytest.mark.parametrize("question", ["???", "", "Is it?", "…"])
def test_a_question_without_words_overlaps_with_nothing(question: str) -> None:
    assert overlap(question).of("Apples were ripe.") == (0, 0)


def test_forms_of_a_word_are_the_same_word() -> None:
    assert stem("apples") == stem("apple")
    assert stem("repairs") == stem("repairing") == stem("repaired")
    assert stem("june") != stem("july")


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (0, 1, (0, 5)),
        (4, 5, (0, 5)),
        (6, 8, (6, 10)),
        (4, 7, (0, 10)),
        (3, 15, (0, 20)),
        (5, 6, None),  # between two sentences
        (10, 12, None),
        (20, 25, None),
    ],
)
def test_whole_sentences(start: int, end: int, expected: tuple[int, int] | None) -> None:
    assert sentences_of([(0, 5), (6, 10), (12, 20)], start, end) == expected
