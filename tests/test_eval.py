"""Evaluation sets, data sets and the two that are chosen from."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from eval import calibrate, retrieval, sides
from eval.datasets import Question, beir, collection, every, squad
from eval.index import indexed
from eval.sets import read_set
from rag import bearing
from rag.errors import SaysoError
from rag.judge import FEATURES, JUDGED, Parameters
from rag.read import Span
from rag.settings import Settings
from tests.fakes import WordEmbedder, make_document, make_hit

ROOT = Path(__file__).parent.parent
SEEDS = ROOT / "eval" / "seeds.jsonl"


def test_the_seeds_set_holds_what_it_should() -> None:
    documents = {file.name: file.read_text("utf-8") for file in (ROOT / "seeds").iterdir()}
    cases = read_set(str(SEEDS), ROOT).cases
    assert len(cases) >= 40
    tags = Counter(tag for case in cases for tag in case.tags)
    assert tags["unanswerable"] == sum(not case.answerable for case in cases) >= 10
    assert tags["follow-up"] == sum(bool(case.history) for case in cases)
    assert tags["disputed"] >= 5
    assert tags["says-who"] >= 5
    for case in cases:
        assert bool(case.answers) == bool(case.quotes) == case.answerable, case.id
        for quote in case.quotes:
            assert documents[quote.path][quote.start : quote.end] == quote.quote, case.id


PARAGRAPH = "The bridge was built in 1906. It is shut today."
SQUAD = {
    "data": [
        {
            "title": "Old_bridge",
            "paragraphs": [
                {
                    "context": PARAGRAPH,
                    "qas": [
                        {
                            "id": "a",
                            "question": "When was the bridge built?",
                            "is_impossible": False,
                            "answers": [
                                {"text": "1906", "answer_start": 24},
                                {"text": "in 1906", "answer_start": 21},
                            ],
                        },
                        {
                            "id": "b",
                            "question": "Who built the bridge?",
                            "is_impossible": True,
                            "answers": [],
                        },
                    ],
                }
            ],
        }
    ]
}


def test_squad(tmp_path: Path) -> None:
    (tmp_path / "squad2_dev_half.json").write_text(json.dumps(SQUAD), "utf-8")
    found = collection("squad", tmp_path)
    (document,) = found.documents
    assert (document.title, document.text) == ("Old bridge", PARAGRAPH)
    first, second = found.questions
    assert first.answers == ("1906", "in 1906")
    assert {PARAGRAPH[start:end] for start, end in first.spans} == set(first.answers)
    assert second.answers == ()
    assert first.document == second.document == document.id
    assert first.group == second.group
    assert found.relevant == {"a": {document.id: 1}}


def test_beir(tmp_path: Path) -> None:
    texts = {"1": "Bridges rust.", "2": "Apples ripen.", "3": "Bridges rust."}
    lines = [json.dumps({"_id": id, "title": "", "text": text}) for id, text in texts.items()]
    (tmp_path / "corpus.jsonl").write_text("\n".join(lines), "utf-8")
    queries = [json.dumps({"_id": id, "text": f"query {id}"}) for id in ("7", "8")]
    (tmp_path / "queries.jsonl").write_text("\n".join(queries), "utf-8")
    (tmp_path / "qrels.tsv").write_text(
        "query-id\tcorpus-id\tscore\n7\t3\t2\n7\t2\t0\n8\t9\t1\n", "utf-8"
    )
    found = beir(tmp_path)
    assert [document.text for document in found.documents] == ["Bridges rust.", "Apples ripen."]
    assert [question.id for question in found.questions] == ["7"]
    assert found.relevant == {"7": {found.documents[0].id: 2}}
    (tmp_path / "qrels").mkdir()
    (tmp_path / "qrels.tsv").rename(tmp_path / "qrels" / "test.tsv")
    assert beir(tmp_path) == found


def test_a_data_set_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SaysoError, match=r"time.*--data"):
        collection("time", tmp_path)


def test_an_evaluation_store_holds_exactly_its_documents(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "squad.json").write_text(json.dumps(SQUAD), "utf-8")
    found = squad(tmp_path / "squad.json")
    embedder = WordEmbedder()
    store = indexed("x", found.documents, embedder, 16)
    assert set(store.home().values()) == {document.id for document in found.documents}
    store.close()
    before = embedder.embedded
    indexed("x", found.documents, embedder, 16).close()
    assert embedder.embedded == before
    empty = indexed("x", (), embedder, 16)
    assert empty.count() == 0
    empty.close()


def test_reciprocal_rank_fusion() -> None:
    candidates = retrieval.Candidates({1: 0.9, 2: 0.8}, {}, {(1.0, 0.0): {2: 5.0, 3: 4.0}})
    assert retrieval._rrf(candidates) == pytest.approx({1: 1 / 61, 2: 1 / 62 + 1 / 61, 3: 1 / 62})


def test_a_document_is_as_good_as_its_best_passage() -> None:
    home = {1: "a", 2: "b", 3: "a"}
    assert retrieval._by_document({1: 0.2, 2: 0.4, 3: 0.7}, home) == {"a": 0.7, "b": 0.4}


def cases(count: int, seed: int) -> list[calibrate.Case]:
    """Questions of three spans; the right one has the greatest score, and where that is
    small there mostly is none."""
    random = np.random.default_rng(seed)
    made = []
    for number in range(count):
        features = random.normal(0, 0.1, (3, len(FEATURES)))
        features[:, 0] = [0.2, 0.1, 0.0]
        answerable = number % 2 == 0
        features[0, 0] += 0.6 if answerable else random.uniform(0, 0.4)
        right = np.array([answerable and random.random() < 0.9, False, False])
        made.append(
            calibrate.Case(
                "squad" if number % 3 else "seeds",
                f"article {number % 10}",
                features,
                ("one", "two", "three"),
                (1, 2, 3),
                right,
                answerable,
                np.stack([right, right, np.array([True, False, False])], axis=1) * 1.0,
            )
        )
    return made


def test_fitted_probabilities_are_calibrated() -> None:
    fitted = calibrate._fit(cases(2000, seed=1))
    found = calibrate._predict(cases(2000, seed=2), fitted)
    confidence, right = found.confidence, found.right
    assert fitted.rank[0] > 0
    assert np.abs(confidence.mean() - right.mean()) < 0.05
    assert confidence[right].mean() > confidence[~right].mean() + 0.5


def test_the_range_of_each_feature_is_kept() -> None:
    some = cases(200, seed=1)
    features = np.concatenate([case.features for case in some])
    seen = calibrate._fit(some).seen
    assert [least for least, _ in seen] == pytest.approx(features.min(axis=0), abs=0.1)
    assert [most for _, most in seen] == pytest.approx(features.max(axis=0), abs=0.1)


def test_the_ranking_finds_what_tells_right_spans_within_a_question() -> None:
    # "retrieval" tells questions apart that can be answered well, and no span from another.
    random = np.random.default_rng(1)
    some = []
    for _ in range(300):
        features = np.zeros((3, len(FEATURES)))
        features[:, FEATURES.index("retrieval")] = random.uniform()
        features[:, 0] = random.normal(size=3)
        right = np.arange(3) == features[:, 0].argmax()
        said, worth = ("a", "b", "c"), np.ones((3, 3))
        some.append(calibrate.Case("squad", "g", features, said, (1, 2, 3), right, True, worth))
    rank = calibrate._fit_rank(some)
    assert rank[0] > 3
    assert np.abs(np.delete(rank, 0)).max() < 0.01


def test_the_same_words_in_another_paragraph_are_not_to_be_first() -> None:
    right, worth = np.array([True, True, False]), np.zeros((3, 3))
    worth[1, 2] = 1.0
    features = np.zeros((3, len(FEATURES)))
    of = {
        name: calibrate.Case(name, "g", features, ("a", "a", "b"), (1, 2, 3), right, True, worth)
        for name in ("squad", "realtimeqa")
    }
    assert of["squad"].first.tolist() == [False, True, False]
    assert of["realtimeqa"].first.tolist() == [True, True, False]


def test_cases_come_back_as_they_were_kept(tmp_path: Path) -> None:
    some = cases(5, seed=1)
    file = tmp_path / "below" / "squad.npz"
    calibrate._save(file, some)
    again = calibrate._load(file, "squad")
    assert [case.set for case in again] == ["squad"] * 5
    for one, other in zip(some, again, strict=True):
        assert (one.group, one.said, one.passages) == (other.group, other.said, other.passages)
        assert one.answerable == other.answerable
        assert np.array_equal(one.features, other.features)
        assert np.array_equal(one.right, other.right)
        assert np.array_equal(one.worth, other.worth)


def test_a_question_without_a_span_is_declined() -> None:
    nothing = calibrate.Case(
        "squad",
        "g",
        np.zeros((0, len(FEATURES))),
        (),
        (),
        np.zeros(0, bool),
        True,
        np.zeros((0, 3)),
    )
    found = calibrate._predict([nothing], Parameters.load())
    assert (found.confidence.tolist(), found.right.tolist()) == ([0.0], [False])
    assert found.worth.tolist() == [[0.0, 0.0, 0.0]]


def test_what_a_span_is_worth_alone() -> None:
    document = make_document("It was closed on Monday.")
    span = Span(make_hit(document), 0, 24, answer=(14, 23))  # "on Monday"
    asked = Question("1", "When?", ("Monday",), document=document.id)
    assert calibrate._worth(asked, [span]).tolist() == [[0.0, pytest.approx(2 / 3), 1.0]]
    assert calibrate._worth(Question("1", "When?", ()), [span]).tolist() == [[0.0, 0.0, 0.0]]


@pytest.mark.parametrize(
    ("question", "answers", "said", "right"),
    [
        ("When?", ("Monday",), "Monday", True),
        ("When?", ("Monday",), "on Monday", True),  # F1 of 2/3
        ("When?", ("Monday",), "Tuesday", False),
        ("When?", (), "Monday", False),
        ("When?", ("Friday", "on Monday"), "Monday", True),
        ("Why?", ("Monday",), "closed", True),  # the sentence is shown, and holds it
        ("When?", ("Monday",), "closed", False),
    ],
)
def test_which_answers_are_right(
    question: str, answers: tuple[str, ...], said: str, right: bool
) -> None:
    text = "It was closed on Monday, not on Tuesday."
    at = text.index(said)
    span = Span(make_hit(make_document(text)), 0, len(text), answer=(at, at + len(said)))
    assert calibrate._is_right(Question("1", question, answers), span) == right


def test_evenly_spread() -> None:
    questions = [Question(str(n), "") for n in range(10)]
    assert [q.id for q in every(questions, 4)] == ["0", "2", "5", "7"]
    assert len(every(questions, 10)) == len(every(questions, 99)) == 10
    assert every(questions, 0) == every([], 3) == ()


def test_almost_all_that_is_right_is_kept_from_being_declined() -> None:
    confidence = np.array([0.9, 0.8, 0.6, 0.4, 0.2])
    right = np.array([True, True, True, False, False])
    assert calibrate._decline_threshold(confidence, right) == pytest.approx(0.6)


def test_the_seeds_set_is_a_collection_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    found = calibrate.seeds()
    texts = [document.text for document in found.documents]
    assert len(texts) == len(set(texts)) > 0
    cases = [case for case in read_set(str(SEEDS), ROOT).cases if not case.history]
    assert [question.text for question in found.questions] == [case.question for case in cases]
    for question, case in zip(found.questions, cases, strict=True):
        assert question.answers == case.answers


def test_shipped_parameters_make_sense() -> None:
    shipped = Parameters.load()
    assert 0 < shipped.closest < shipped.answered < 1
    assert (len(shipped.rank), len(shipped.probability)) == (len(FEATURES), len(JUDGED))
    assert shipped.rank[0] > 0
    assert Settings().answer_threshold is None


def test_weights_of_sides_tell_what_bears_on_a_question() -> None:
    dice = np.random.default_rng(1)
    width = len(bearing.FEATURES)
    some = []
    for number in range(40):
        right = np.arange(6) == number % 6
        features = dice.normal(size=(6, width))
        features[:, 0] += 2 * right  # the first one tells, the others are noise
        some.append(sides._Asked(str(number), features, right, right))
    weights = sides._logistic(some, 1.0)
    assert weights.weights[0] > 1.0
    assert all(abs(weight) < 0.6 for weight in weights.weights[1:])
    held = sides._logistic(some, 0.001)
    assert 0 < held.weights[0] < weights.weights[0] / 2
    chances = np.concatenate([weights.probabilities(one.features) for one in some])
    assert chances.mean() == pytest.approx(1 / 6, abs=0.01)
    sure = sides._sure(weights, some)
    firsts = [weights.probabilities(one.features).argmax() for one in some]
    right = np.mean([one.right[first] for one, first in zip(some, firsts, strict=True)])
    best = [sure.probabilities(one.features).max() for one in some]
    assert 0.5 < right < 1
    assert np.mean(best) == pytest.approx(right, abs=0.01)
    assert [sure.probabilities(one.features).argmax() for one in some] == firsts


def test_cases_of_disputes_can_be_found_again() -> None:
    found = sides.cases()
    assert Counter(case.split for case in found) == {"dev": 161, "test": 103}
    assert Counter(case.wording for case in found) == {"near": 78, "far": 186}
    splits: dict[str, set[str]] = {}
    for case in found:
        splits.setdefault(case.document.id, set()).add(case.split)
        for stand in case.positions:
            assert stand.quote in case.document.text, case.id
            assert (stand.speaker is None) == (stand.position == "reporter"), case.id
    assert all(len(split) == 1 for split in splits.values())
