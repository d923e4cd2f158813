"""Reading, the quiz and the ranking, on cases counted by hand."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from eval import reader, rerank
from eval.__main__ import main
from eval.datasets import Collection, Question, collection, every
from eval.metrics import auroc, nearest_choice
from eval.reader import Best, Row, best_f1
from rag.errors import SaysoError
from rag.types import Answer, Citation, Claim, Document, Outcome
from tests.fakes import PhraseModel, make_document, make_hit

BRIDGE = make_document("Bridge\n\nThe bridge was opened in 1906. It is green.", "bridge.txt")
TOWER = make_document("Tower\n\nThe tower was opened in 1931. Anna Berg drew it.", "tower.txt")
DOCUMENTS = {document.id: document for document in (BRIDGE, TOWER)}


def question(
    text: str, *answers: str, document: Document = BRIDGE, group: str = "a", id: str = "1"
) -> Question:
    return Question(id, text, answers, document=document.id, group=group)


def values(rows: list[Row]) -> dict[str, float]:
    return {row.name: row.value for row in rows}


def test_evenly_spread() -> None:
    asked = [question("?", id=str(number)) for number in range(10)]
    assert [q.id for q in every(asked, 4)] == ["0", "2", "5", "7"]
    assert every(asked, 10) == every(asked, 11) == every(asked, None) == tuple(asked)


# -- reader -----------------------------------------------------------------------------


def test_the_best_span_of_all_windows_is_read() -> None:
    long = "in 1906 " + "and so on " * 150 + "in 1931"
    model = PhraseModel({"1906": 1.0, "1931": 3.0})
    one, other = reader.read(model, "When?", [("", long), ("", "Nothing.")])
    assert (one.text, one.score, one.answers) == ("1931", 3.0, 3.0)
    assert other.answers == PhraseModel.NOTHING


def test_a_passage_without_a_word_has_no_span() -> None:
    (found,) = reader.read(PhraseModel({}), "When?", [("Title", "")])
    assert (found.text, found.score) == ("", -np.inf)


def test_what_its_sentences_say_the_opposite_of_is_known() -> None:
    model = PhraseModel({"1906": 5.0})

    def opposite(question: str, passage: str) -> bool:
        (found,) = reader.read(model, question, [("", passage)])
        assert found.text == "1906"
        return reader.says_opposite(question, passage, found)

    assert not opposite("When was the bridge opened?", BRIDGE.text)
    assert opposite("When was the bridge closed?", BRIDGE.text)
    # It is not green, says the sentence after; that is another one.
    assert opposite("When was the bridge not opened?", "It opened in 1906. It was not green.")


def test_best_f1() -> None:
    # From the surest: right (1), wrong (0), asked in vain, half right (0.5).
    asked = [question("?", "1906"), question("?", "green"), question("?"), question("?", "in 1906")]
    found = [Best("1906", 4, 0), Best("red", 3, 0), Best("1931", 2, 0), Best("1906", 1, 0)]
    # Nothing answered 1; then 2, 2, 1 and 1 2/3 of 4.
    assert best_f1(found, asked) == pytest.approx(2 / 4)
    # Without the one in vain: 0, then 1, 1, 1 2/3 of 3.
    del asked[2], found[2]
    assert best_f1(found, asked) == pytest.approx((1 + 2 / 3) / 3)


def test_where_answering_never_pays_nothing_is_answered() -> None:
    assert best_f1([Best("red", 9, 0), Best("1906", 1, 0)], [question("?")] * 2) == 1.0


def test_halves_are_judged_with_what_the_other_taught() -> None:
    # In either half the first feature tells, and the second is noise.
    dice = np.random.default_rng(0)
    truths = [bool(at % 2) for at in range(200)]
    features = np.array([[2.0 * truth, dice.normal()] for truth in truths])
    groups = ["one" if at < 100 else "other" for at in range(200)]

    def told() -> list[float]:
        halves = reader.judged_by_halves(features, truths, groups)
        assert sorted(at for half, _ in halves for at in half) == list(range(200))
        return [auroc(scores, [truths[at] for at in half]) for half, scores in halves]

    assert min(told()) > 0.99
    # Told the opposite by the other half, each half is judged wrong.
    features[100:, 0] = 2.0 - features[100:, 0]
    assert max(told()) < 0.01


def test_the_paragraph_given() -> None:
    model = PhraseModel({"1906": 5.0, "Anna Berg": 4.0, "green": 3.0})
    asked = [
        question("When was the bridge opened?", "1906"),
        question("Who drew the tower?", "Berg", document=TOWER, group="b"),
        question("Who drew the bridge?", group="a"),
        question("What colour is the tower?", group="b", document=TOWER),
    ]
    found = values(reader.given(model, asked, DOCUMENTS))
    assert found["paragraph given, answerable: exact match"] == 50
    assert found["paragraph given, answerable: F1"] == pytest.approx(100 * (1 + 2 / 3) / 2)
    # Scores 5 and 4 where there is an answer, 5 and 4 where there is none.
    assert found["unanswerable: AUROC of span less null"] == 0.5
    assert found["unanswerable: AUROC of “answers”"] == 0.5


def test_the_random_paragraph_is_of_another_article() -> None:
    model = PhraseModel({"1906": 5.0, "Anna Berg": 4.0})
    asked = [
        question("When was the bridge opened?", "1906"),
        question("Who drew the bridge?"),  # without an answer, so not asked here
    ]
    assert reader.elsewhere(model, asked, DOCUMENTS).value == 1.0
    assert model.read == [(d.title, d.text) for d in (BRIDGE, TOWER)]


def test_open_mode_reads_whole_paragraphs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    long = make_document("Canal\n\n" + "The canal is long. " * 300 + "Cleo dug it.", "canal.txt")
    squad = Collection("squad", (BRIDGE, TOWER, long), (), {})
    store = reader.paragraphs(squad)
    assert store.count() == 3
    asked = [
        question("When was the tower opened?", "1931", document=TOWER),
        question("Who dug the long canal?", "Cleo", document=long),
        question("When was the green bridge opened?", "1906"),
    ]
    documents = {document.id: document for document in squad.documents}
    # Of the two that were opened, the model likes 1931 better: wrong for the bridge.
    model = PhraseModel({"1931": 5.0, "1906": 4.0, "Cleo": 6.0})
    found = values(reader.searched(model, asked, documents, store))
    store.close()
    assert found["open, top 5 by full text: exact match"] == pytest.approx(200 / 3)
    assert found["paragraph of the best span right"] == pytest.approx(2 / 3)
    assert found["paragraph right, full text alone"] == 1
    assert found["paragraph in its top 5"] == 1


def test_weights_that_are_none_are_named(tmp_path: Path) -> None:
    file = tmp_path / "weights.safetensors"
    with pytest.raises(SaysoError, match=r"weights\.safetensors"):
        reader.run(tmp_path, tmp_path / "out.json", 100, file)
    file.write_bytes(b"nothing of the kind")
    with pytest.raises(SaysoError, match=r"weights\.safetensors"):
        reader.run(tmp_path, tmp_path / "out.json", 100, file)


# -- realtimeqa -------------------------------------------------------------------------


def claim(quote: str, short: str | None = None, *more: str) -> Claim:
    def span(text: str) -> tuple[int, int]:
        return quote.index(text), quote.index(text) + len(text)

    return Claim(
        quote,
        (Citation(1, BRIDGE.id, "bridge.txt", "Bridge", 0, len(quote), quote),),
        0.5,
        answer_span=None if short is None else span(short),
        more_spans=tuple(map(span, more)),
    )


def answer(*claims: Claim, outcome: Outcome = "answered") -> Answer:
    return Answer("?", "?", "", claims, (), outcome, 0.5, {})


@pytest.mark.parametrize(
    ("claims", "choices", "expected"),
    [
        # The short answer, not what else the quote names.
        ([claim("Iraq protested against Iran.", "Iran")], ["Iraq", "Iran"], "Iran"),
        # F1 of "Mariah Carey" with "Carey" is 2/3.
        ([claim("Carey leads.", "Carey")], ["Elton John", "Mariah Carey"], "Mariah Carey"),
        # No short answer: the quote's words.
        ([claim("They met in Oslo.")], ["Bergen", "Oslo"], "Oslo"),
        # Nothing in the short answer: what the quote names.
        ([claim("The mayor of Oslo won.", "The mayor")], ["Bergen", "Oslo"], "Oslo"),
        # Equal: the one that the quote names first, then the first choice.
        ([claim("Rome beat Bern.")], ["Bern", "Rome"], "Rome"),
        ([claim("Two of the teams won.", "Two")], ["two one", "two three"], "two one"),
        # Any of several short answers.
        ([claim("Both Bern and Rome.", "Bern", "Rome")], ["Paris", "Rome"], "Rome"),
        # The second claim, where the first says nothing of any choice.
        ([claim("It rained."), claim("In Oslo.")], ["Bergen", "Oslo"], "Oslo"),
        ([claim("It rained.")], ["Bergen", "Oslo"], None),
        ([], ["Bergen", "Oslo"], None),
        ([claim("In Oslo.")], [], None),
    ],
)
def test_the_nearest_choice(claims: list[Claim], choices: list[str], expected: str | None) -> None:
    assert nearest_choice(answer(*claims), choices) == expected


def test_realtimeqa_as_documents(tmp_path: Path) -> None:
    line = {
        "id": "20220107_0",
        "date": "2022/01/07",
        "question": "Which country?",
        "choices": ["Iraq", "Iran"],
        "answers": ["Iran"],
        "evidence": "Iran said so. " * 20,
    }
    lines = [line, {**line, "id": "20220107_1"}]
    text = "\n".join(map(json.dumps, lines))
    (tmp_path / "realtimeqa_2020_2022.jsonl").write_text(text, "utf-8")
    found = collection("realtimeqa", tmp_path)
    (document,) = found.documents
    assert document.text == line["evidence"]
    assert document.title == "Iran said so. " * 6 + "Iran said so.…"
    one, other = found.questions
    assert (one.choices, one.answers, one.group) == (("Iraq", "Iran"), ("Iran",), "2022/01/07")
    assert one.document == other.document == document.id


# -- rerank -----------------------------------------------------------------------------


def test_where_a_weight_loses() -> None:
    results = {"a": {"0.0": 0.5, "0.1": 0.5}, "b": {"0.0": 0.5, "0.1": 0.4}}
    assert rerank.losses(results, 0.1) == ["b"]
    assert rerank.losses(results, 0.0) == []


def test_a_document_ranks_where_its_best_passage_does() -> None:
    hits = [
        make_hit(document, rank=rank)
        for rank, document in enumerate((TOWER, BRIDGE, TOWER), start=1)
    ]
    assert rerank._by_document(hits) == {TOWER.id: -1.0, BRIDGE.id: -2.0}


@pytest.mark.parametrize("command", [["reader"], ["run", "squad"], ["rerank"]])
def test_a_sample_is_a_number_from_one_on(
    command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main([*command, "--sample", "0"])
    assert "less than 1" in capsys.readouterr().err
