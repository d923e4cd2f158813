"""Metrics on cases computed by hand."""

from __future__ import annotations

import math
import re
import string
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.metrics import (
    aurc,
    auroc,
    calibration_error,
    exact_match,
    is_right,
    ndcg_at_10,
    overlap,
    risk_coverage,
    token_f1,
)
from eval.table import table


def test_ndcg_counts_grades_places_and_empty_results() -> None:
    relevant = {"q1": {"a": 1, "b": 1}, "q2": {"c": 1}, "q3": {"d": 1}}
    run = {"q1": {"a": 3.0, "x": 2.0, "b": 1.0}, "q2": {"x": 2.0, "c": 1.0}}
    first = (1 + 1 / math.log2(4)) / (1 + 1 / math.log2(3))
    second = 1 / math.log2(3)
    assert ndcg_at_10(relevant, run) == pytest.approx((first + second + 0) / 3)


def test_ndcg_looks_at_ten() -> None:
    run = {"q": {f"x{rank}": 20.0 - rank for rank in range(10)} | {"a": 1.0}}
    assert ndcg_at_10({"q": {"a": 1}}, run) == 0


def test_risk_coverage_takes_ties_together() -> None:
    coverage, risk = risk_coverage([0.9, 0.5, 0.5, 0.1], [True, False, True, False])
    assert coverage.tolist() == [0.25, 0.75, 1.0]
    assert risk.tolist() == pytest.approx([0, 1 / 3, 1 / 2])


def test_aurc() -> None:
    # Risks 0, 1/3 and 1/2 over steps of coverage of 0.25, 0.5 and 0.25.
    expected = 0 * 0.25 + (1 / 3) * 0.5 + 0.5 * 0.25
    assert aurc([0.9, 0.5, 0.5, 0.1], [True, False, True, False]) == pytest.approx(expected)


def test_auroc() -> None:
    # Pairs (right, wrong): 0.9 beats both, 0.5 ties with one and beats the other.
    assert auroc([0.9, 0.5, 0.5, 0.1], [True, False, True, False]) == pytest.approx(3.5 / 4)
    assert math.isnan(auroc([0.9], [True]))


def test_calibration_error() -> None:
    # Bin 0.9-1.0: confidence 0.95, half right; bin 0.2-0.3: confidence 0.2, none right.
    found = calibration_error([0.95, 0.95, 0.2, 0.2], [True, False, False, False])
    assert found == pytest.approx(0.5 * 0.45 + 0.5 * 0.2)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60))
def test_risk_at_full_coverage_is_the_share_of_wrong_answers(
    cases: list[tuple[float, bool]],
) -> None:
    confidence, right = zip(*cases, strict=True)
    coverage, risk = risk_coverage(confidence, right)
    assert coverage[-1] == 1
    assert risk[-1] == pytest.approx(1 - np.mean(right))
    assert 0 <= aurc(confidence, right) <= 1
    assert 0 <= calibration_error(confidence, right) <= 1


def test_overlap() -> None:
    assert overlap((0, 5), (3, 9)) == 2
    assert overlap((0, 3), (3, 9)) == 0
    assert overlap((2, 4), (0, 9)) == 2


# --- Short answers ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "accepted", "matches", "f1"),
    [
        ("Jana Novak", ["Jana Novak"], 1, 1),
        ("jana  novak.", ["Jana Novak"], 1, 1),
        ("the Jana Novak", ["Jana Novak"], 1, 1),
        ("An apple, a day", ["apple day"], 1, 1),
        ("$3.5 million", ["35 million"], 1, 1),  # marks go without leaving a space
        ("well-known", ["wellknown"], 1, 1),
        ("“Monday”", ["Monday"], 0, 0),  # only ASCII's marks are taken away
        ("Novak", ["Jana Novak"], 0, 2 / 3),
        ("Novak Jana", ["Jana Novak"], 0, 1),  # F1 does not look at the order
        ("on Monday in May", ["Monday", "Monday in May"], 0, 6 / 7),
        ("to to be", ["to be be"], 0, 2 / 3),  # words count as often as they stand
        ("Tuesday", ["Monday"], 0, 0),
        ("", [], 1, 1),
        ("…", [], 0, 0),
        ("the", [], 1, 1),  # nothing is left of it
        ("Monday", [], 0, 0),
        ("", ["Monday"], 0, 0),
        ("theatre", ["atre"], 0, 0),  # articles are whole words
    ],
)
def test_short_answers_by_hand(given: str, accepted: list[str], matches: int, f1: float) -> None:
    assert exact_match(given, accepted) == matches
    assert token_f1(given, accepted) == pytest.approx(f1)


def published(given: str, accepted: list[str]) -> tuple[float, float]:
    """What SQuAD 2.0's evaluation script computes, step by step."""

    def normalised(text: str) -> str:
        text = "".join(ch for ch in text.lower() if ch not in set(string.punctuation))
        return " ".join(re.sub(re.compile(r"\b(a|an|the)\b", re.UNICODE), " ", text).split())

    def f1(one: str, other: str) -> float:
        gold, predicted = normalised(one).split(), normalised(other).split()
        if not gold or not predicted:
            return float(gold == predicted)
        same = sum((Counter(gold) & Counter(predicted)).values())
        if same == 0:
            return 0.0
        precision, recall = same / len(predicted), same / len(gold)
        return 2 * precision * recall / (precision + recall)

    # The script leaves accepted answers out of which nothing is left; there is none in it.
    golds = [text for text in accepted if normalised(text)] or [""]
    return (
        max(float(normalised(gold) == normalised(given)) for gold in golds),
        max(f1(gold, given) for gold in golds),
    )


short_answers = st.lists(
    st.sampled_from("a An THE Monday monday. novak’s 3.5 $3 U.S. us - ‘ in".split()), max_size=5
).map(" ".join)


@given(
    short_answers,
    st.lists(short_answers.filter(lambda text: published(text, [])[0] == 0), max_size=3),
)
def test_short_answers_are_scored_as_by_the_published_script(
    given_answer: str, accepted: list[str]
) -> None:
    matches, f1 = published(given_answer, accepted)
    assert exact_match(given_answer, accepted) == matches
    assert token_f1(given_answer, accepted) == pytest.approx(f1)


@pytest.mark.parametrize(
    ("said", "accepted", "right"),
    [
        ("three bananas", ["3 banana"], True),
        ("“Grease”", ["Grease"], True),
        ("three months", ["3"], True),  # an F1 of 2/3
        ("nine of all of them", ["9"], False),
        ("Jana Novak", ["Novak"], True),
        ("Novak", ["Monday", "Jana Novak"], True),
        ("Monday", ["Tuesday"], False),
        ("", ["Tuesday"], False),
        ("", ["A"], False),  # an article, or a blood group
        ("A", ["A"], True),
        ("Monday", [], False),
        ("30", ["three"], False),
    ],
)
def test_answers_that_say_the_same_are_right(said: str, accepted: list[str], right: bool) -> None:
    assert is_right(said, accepted) == right


@given(short_answers, st.lists(short_answers, max_size=3))
def test_what_matches_exactly_is_right(given_answer: str, accepted: list[str]) -> None:
    matches = bool(given_answer and accepted) and exact_match(given_answer, accepted) == 1
    assert not matches or is_right(given_answer, accepted)


def test_table() -> None:
    assert table(["name", "n"], [["a", "10"], ["long name", "5"]]).splitlines() == [
        "| name      |  n |",
        "| --------- | -: |",
        "| a         | 10 |",
        "| long name |  5 |",
    ]


def test_a_column_of_digits_is_still_a_table() -> None:
    assert table(["a", "n"], [["b", "1"]]).splitlines()[1] == "| -- | -: |"
