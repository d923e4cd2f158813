"""How sentences are scored, by hand on a tiny case, and what the scores become."""

from __future__ import annotations

import json
import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from rag.read import (
    FEATURES,
    Parameters,
    SentenceReader,
    Span,
    candidates,
    kind_asked_for,
    lead,
    stem,
)
from rag.types import Hit
from tests.fakes import WordEmbedder, make_document, make_hit

Floats = NDArray[np.float64]

QUESTION = "When were the apples ripe?"
TEXT = "Apples were ripe in June. Pears fell. …"
SENTENCES = ((0, 25), (26, 37), (38, 39))
RARITY = {"apples": 0.2, "ripe": 0.7}
EACH = (1.0,) * (len(FEATURES) - 1)
PLAIN = Parameters(EACH, (*EACH, 0.0), 0.0, 0.5, 0.1)


def tiny(score: float = 0.7, cosine: float = 0.6) -> Hit:
    return make_hit(make_document(TEXT), sentences=SENTENCES, score=score, cosine=cosine)


def reader(parameters: Parameters | None = None) -> SentenceReader:
    # So many dimensions that no two words share one.
    return SentenceReader(WordEmbedder(8_192), lambda word: RARITY.get(word, 1), parameters)


# --- Features -----------------------------------------------------------------------------


def test_features_by_hand() -> None:
    spans = candidates([tiny()])
    features = reader().features(QUESTION, spans)
    assert features.shape == (2, len(FEATURES) - 1)
    # Words: when were the apples ripe; apples were ripe in june; pears fell.
    apples, ripe, figs = 0.21, 0.71, 1.01  # how rare, and a bit, as even common words count
    expected = {
        "cosine": [3 / math.sqrt(5 * 5), 0],
        "passage_cosine": [0.6, 0.6],
        "coverage": [1, 0],
        "passage_coverage": [1, 1],
        "retrieval": [0.7, 0.7],
        "new_words": [math.log(1 + 1), math.log(1 + 2)],  # June; pears, fell
        "kind": [1, -1],  # June is a time; the pears come without one
        "missing": [0, 0],
    }
    for column, name in enumerate(FEATURES[:-1]):
        assert features[:, column].tolist() == pytest.approx(expected[name], abs=1e-6), name
    half = reader().features("Apples or figs?", spans)
    assert half[0, FEATURES.index("coverage")] == pytest.approx(apples / (apples + figs))
    assert half[0, FEATURES.index("missing")] == pytest.approx(figs)
    assert half[0, FEATURES.index("kind")] == 0
    partly = reader().features(
        "Ripe, apples, ripe!", candidates([make_hit(make_document("Ripe."))])
    )
    assert partly[0, FEATURES.index("coverage")] == pytest.approx(ripe / (apples + ripe))


def test_a_question_without_words_has_features() -> None:
    features = reader().features("???", candidates([tiny()]))
    assert np.isfinite(features).all()
    assert features[:, FEATURES.index("coverage")].tolist() == [0, 0]


def test_forms_of_a_word_are_the_same_word() -> None:
    assert stem("apples") == stem("apple")
    assert stem("repairs") == stem("repairing") == stem("repaired")
    assert stem("june") != stem("july")


# --- Candidates ---------------------------------------------------------------------------


def test_candidates_are_the_sentences_with_a_word() -> None:
    spans = candidates([tiny(), make_hit(make_document("One."), rank=2)])
    assert [span.text for span in spans] == ["Apples were ripe in June.", "Pears fell.", "One."]
    assert [(span.start, span.end) for span in spans] == [(0, 25), (26, 37), (0, 4)]


def test_spans_count_from_the_documents_start() -> None:
    document = make_document("Before. Here it is. After.")
    (span,) = candidates([make_hit(document, start=8, end=19)])
    assert (span.start, span.end, span.text) == (8, 19, "Here it is.")


# --- Reading ------------------------------------------------------------------------------


def logistic(value: float) -> float:
    return 1 / (1 + math.exp(-value))


def test_reading_orders_by_score() -> None:
    spans = reader(PLAIN).read(QUESTION, [tiny()])
    assert [span.text for span in spans] == ["Apples were ripe in June.", "Pears fell."]
    scores = reader().features(QUESTION, candidates([tiny()])).sum(axis=1)
    assert [span.probability for span in spans] == pytest.approx(
        [logistic(float(score)) for score in scores], abs=1e-4
    )


def test_the_lead_raises_the_first_and_lowers_the_others() -> None:
    plain = reader(PLAIN).read(QUESTION, [tiny()])
    with_lead = reader(replace(PLAIN, probability=(*EACH, 0.5))).read(QUESTION, [tiny()])
    assert with_lead[0].probability > plain[0].probability
    assert with_lead[1].probability < plain[1].probability


def test_nothing_to_read() -> None:
    assert reader().read(QUESTION, []) == []
    assert reader().read(QUESTION, [make_hit(make_document("… — !\n1"), end=5)]) == []


def test_equals_keep_the_order_of_the_hits() -> None:
    same = [make_hit(make_document("Apples.", f"{n}.txt"), rank=n) for n in (1, 2, 3)]
    assert [span.hit.rank for span in reader().read("Apples?", same)] == [1, 2, 3]


def test_what_was_read_before_changes_nothing() -> None:
    used = reader()
    for question in ("Pears?", "When?", "Who fell in June?"):
        used.read(question, [tiny(), make_hit(make_document("Other things. And more."), rank=2)])
    assert used.read(QUESTION, [tiny()]) == reader().read(QUESTION, [tiny()])


def test_several_threads_may_read() -> None:
    shared = reader()
    hits = [make_hit(make_document(f"Apples {n}. Pears {n}."), rank=n) for n in range(1, 9)]
    questions = [f"Apples {n} or pears?" for n in range(8)] * 4
    alone = [reader().read(question, hits) for question in questions]
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(lambda question: shared.read(question, hits), questions)) == alone


# --- Lead and probability -----------------------------------------------------------------


def test_lead_by_hand() -> None:
    scores = np.array([1.0, 4.0, 3.0])
    assert lead(scores, np.argsort(-scores)).tolist() == [-3.0, 1.0, -1.0]
    assert lead(np.array([2.0]), np.array([0])).tolist() == [0.0]
    tied = np.array([2.0, 2.0])
    assert lead(tied, np.argsort(-tied, kind="stable")).tolist() == [0.0, 0.0]


rows = arrays(
    np.float64, st.tuples(st.integers(1, 6), st.just(len(FEATURES) - 1)), elements=st.floats(-5, 5)
)


@given(rows)
def test_judging_orders_by_rank_and_gives_probabilities(features: Floats) -> None:
    fitted = Parameters.load()
    order, probabilities = fitted.judge(features)
    assert sorted(order) == list(range(len(features)))
    scores = (features @ np.array(fitted.rank))[order]
    assert (np.diff(scores) <= 1e-5).all()
    assert ((probabilities >= 0) & (probabilities <= 1)).all()
    assert (probabilities == np.round(probabilities, 4)).all()


@given(rows, st.integers(0, len(FEATURES) - 2), st.floats(0, 5))
def test_a_probability_grows_with_its_features(features: Floats, column: int, by: float) -> None:
    """The one at hand does, where all weights are positive; those behind it do not."""
    at = int(PLAIN.judge(features)[0][0])
    more = features.copy()
    more[at, column] += by
    before, after = PLAIN.judge(features)[1], PLAIN.judge(more)[1]
    assert after[at] >= before[at]
    others = np.arange(len(features)) != at
    assert (after[others] <= before[others]).all()


def test_judging_by_hand() -> None:
    columns = len(FEATURES) - 1
    features = np.zeros((2, columns))
    features[:, 0] = [1.0, 3.0]
    features[:, 1] = [0.5, 0.0]
    rank = (2.0, 1.0, *[0.0] * (columns - 2))
    weights = (1.0, 0.0, *[0.0] * (columns - 2), 0.1)
    order, probabilities = Parameters(rank, weights, -1.0, 0.5, 0.1).judge(features)
    assert order.tolist() == [1, 0]
    # Rank scores are 2.5 and 6, so the lead is 3.5 one way or the other.
    assert probabilities.tolist() == [
        round(logistic(1 - 0.35 - 1), 4),
        round(logistic(3 + 0.35 - 1), 4),
    ]


@pytest.mark.parametrize(("score", "probability"), [(1e6, 1.0), (-1e6, 0.0), (0.0, 0.5)])
def test_no_score_is_too_great(score: float, probability: float) -> None:
    features = np.zeros((1, len(FEATURES) - 1))
    features[0, 0] = score
    assert PLAIN.judge(features)[1].tolist() == [probability]


def test_parameters_as_shipped_make_sense() -> None:
    fitted = Parameters.load()
    assert len(fitted.rank) == len(FEATURES) - 1
    assert len(fitted.probability) == len(FEATURES)
    assert 0 <= fitted.closest <= fitted.answered <= 1


def test_parameters_are_written_as_they_are_read() -> None:
    fitted = Parameters.load()
    found = json.loads(fitted.to_json())
    assert list(found["rank"]) == list(FEATURES[:-1])
    assert list(found["probability"]) == list(FEATURES)
    for name in ("rank", "probability"):
        found[name] = tuple(found[name].values())
    assert Parameters(**found) == fitted
    shipped = json.loads(files("rag").joinpath("reader.json").read_text("utf-8"))
    assert json.loads(fitted.to_json()) == shipped


# --- What kind of thing is asked for ------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "answers", "does_not"),
    [
        ("How many lorries?", "It was 12 of them.", "Nobody knows."),
        ("How much did it cost?", "It cost a million.", "It was dear."),
        ("When was it closed?", "It was closed on Monday.", "It was closed."),
        ("What year was it built?", "Built in 1950.", "Built by him."),
        ("Who closed it?", "It was closed by Jana Novak.", "it was closed by them"),
        ("Where is it?", "It is in Prague.", "It is here."),
        ("Why was it closed?", "Closed because of rust.", "It stays closed."),
    ],
)
def test_kinds(question: str, answers: str, does_not: str) -> None:
    kind = kind_asked_for(question)
    assert kind is not None
    assert kind.search(answers)
    assert not kind.search(does_not)


@pytest.mark.parametrize("question", ["What is it?", "Is it closed?", "", "The whence?"])
def test_some_questions_do_not_tell(question: str) -> None:
    assert kind_asked_for(question) is None


def test_spans_are_plain_values() -> None:
    hit = tiny()
    assert Span(hit, 0, 6) == Span(hit, 0, 6)
    assert Span(hit, 0, 6).probability == 0
