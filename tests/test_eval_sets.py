"""Evaluation sets: every form that is read, and what is said about a malformed one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from eval.sets import KNOWN, SCHEMA, Case, Quote, locate, read_set, schema
from rag.errors import SaysoError
from tests.test_eval import PARAGRAPH, SEEDS, SQUAD

CASE = {
    "id": "1",
    "question": "What is shut?",
    "answerable": True,
    "answers": ["The bridge"],
    "quotes": [{"path": "a.txt", "start": 0, "end": 10, "quote": "The bridge"}],
    "tags": ["what"],
}


def written(folder: Path, name: str, text: str) -> str:
    (folder / name).write_text(text, "utf-8")
    return str(folder / name)


def test_our_own_form(tmp_path: Path) -> None:
    least = {"id": "2", "question": "And why?"}
    path = written(tmp_path, "mine.jsonl", f"{json.dumps(CASE)}\n\n{json.dumps(least)}\n")
    found = read_set(path, tmp_path)
    assert (found.name, found.kind, found.documents) == ("mine", "jsonl", None)
    first, second = found.cases
    assert first.answers == ("The bridge",)
    assert first.quotes == (Quote(path="a.txt", quote="The bridge", start=0, end=10),)
    assert (second.answerable, second.answers, second.history) == (None, (), ())


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "Invalid JSON"),
        ("[]", "the line"),
        (json.dumps({"id": "2"}), "question"),
        (json.dumps(CASE | {"id": "2", "answer": "x"}), "answer"),
        (json.dumps(CASE | {"id": "2", "answers": "x"}), "answers"),
        (json.dumps(CASE | {"id": "2", "quotes": [{"path": "a.txt"}]}), "quotes.0.quote"),
    ],
)
def test_a_malformed_line_is_named(tmp_path: Path, line: str, said: str) -> None:
    path = written(tmp_path, "mine.jsonl", f"{json.dumps(CASE)}\n{line}\n")
    with pytest.raises(SaysoError, match=rf"mine\.jsonl, line 2: .*{said}"):
        read_set(path, tmp_path)


def test_no_question_and_twice_the_same(tmp_path: Path) -> None:
    with pytest.raises(SaysoError, match="no question"):
        read_set(written(tmp_path, "none.jsonl", "\n"), tmp_path)
    twice = f"{json.dumps(CASE)}\n{json.dumps(CASE)}"
    with pytest.raises(SaysoError, match="'1' stands twice"):
        read_set(written(tmp_path, "twice.jsonl", twice), tmp_path)
    (tmp_path / "bytes.jsonl").write_bytes(b"\xff\xfe{}")
    with pytest.raises(SaysoError, match="not UTF-8"):
        read_set(str(tmp_path / "bytes.jsonl"), tmp_path)


def test_the_schema_is_that_of_the_type_and_holds_for_the_seeds() -> None:
    assert json.loads(SCHEMA.read_text("utf-8")) == schema()
    check = jsonschema.Draft202012Validator(schema())
    lines = [json.loads(line) for line in SEEDS.read_text("utf-8").splitlines()]
    for line in lines:
        check.validate(line)
    assert not check.is_valid(lines[0] | {"other": 1})


def test_a_table_of_questions_and_answers(tmp_path: Path) -> None:
    rows = 'Question,Answer\nWhat is shut?,the bridge | "the bridge"\n"Why, though?",\n'
    found = read_set(written(tmp_path, "mine.csv", "\ufeff" + rows), tmp_path)
    assert [(c.id, c.question, c.answers, c.answerable) for c in found.cases] == [
        ("line-2", "What is shut?", ("the bridge", '"the bridge"'), True),
        ("line-3", "Why, though?", (), False),
    ]
    named = read_set(written(tmp_path, "ids.csv", "id,question,answer\nq7,Who?,me\n"), tmp_path)
    assert named.cases[0].id == "q7"


def test_only_line_feeds_end_a_line(tmp_path: Path) -> None:
    odd = CASE | {"question": "Why\u2028is it\x85shut?"}
    path = written(tmp_path, "mine.jsonl", json.dumps(odd, ensure_ascii=False) + "\n")
    assert [case.question for case in read_set(path, tmp_path).cases] == [odd["question"]]
    path = written(tmp_path, "mine.csv", "question,answer\nWhen did it\x85open?,1999\n")
    assert [case.answers for case in read_set(path, tmp_path).cases] == [("1999",)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("asked,told\na,b\n", "line 1: the columns are asked, told"),
        ("", "line 1"),
        ("question,answer\nWho?,me\n,you\n", "line 3: has no question"),
        ("question,answer\nWho?,me,you\n", "line 2: has more fields"),
        ('question,answer\n"Who?,me\n', "line 2"),
    ],
)
def test_a_malformed_table_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(SaysoError, match=said):
        read_set(written(tmp_path, "mine.csv", text), tmp_path)


def test_squad(tmp_path: Path) -> None:
    found = read_set(written(tmp_path, "dev.json", json.dumps(SQUAD)), tmp_path)
    assert found.kind == "squad"
    assert not found.statements
    assert found.documents is not None
    (document,) = found.documents
    first, second = found.cases
    assert (first.answerable, first.answers) == (True, ("1906", "in 1906"))
    assert {quote.quote for quote in first.quotes} == {"1906", "in 1906"}
    assert all(PARAGRAPH[q.start : q.end] == q.quote for q in first.quotes)
    assert (second.answerable, second.answers, second.quotes) == (False, (), ())
    assert first.documents == second.documents == {document.path: 1}


def test_beir(tmp_path: Path) -> None:
    folder = tmp_path / "small"
    folder.mkdir()
    with pytest.raises(SaysoError, match=r"corpus\.jsonl is missing"):
        read_set(str(folder), tmp_path)
    written(folder, "corpus.jsonl", json.dumps({"_id": "9", "text": "Bridges rust."}))
    written(folder, "queries.jsonl", json.dumps({"_id": "7", "text": "rust"}))
    written(folder, "qrels.tsv", "query-id\tcorpus-id\tscore\n7\t9\t2\n")
    (case,) = read_set(str(folder), tmp_path).cases
    assert (case.id, case.question, case.documents) == ("7", "rust", {"9": 2})
    assert case.answerable is None
    written(folder, "queries.jsonl", '{"_id": "7", "text": "rust"}\n{"_id": "8"')
    with pytest.raises(SaysoError, match=r"queries\.jsonl, line 2"):
        read_set(str(folder), tmp_path)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("dev.json", "{\n,", "line 2"),
        ("dev.json", "{}", "SQuAD"),
        ("dev.json", '{"data": [{"title": "x", "paragraphs": 3}]}', "SQuAD"),
        ("dev.txt", "x", "no evaluation set"),
    ],
)
def test_what_is_no_set(tmp_path: Path, name: str, content: str, said: str) -> None:
    with pytest.raises(SaysoError, match=said):
        read_set(written(tmp_path, name, content), tmp_path)


def test_names(tmp_path: Path) -> None:
    with pytest.raises(SaysoError, match=f"no evaluation set.*{', '.join(KNOWN)}"):
        read_set("sqad", tmp_path)
    with pytest.raises(SaysoError, match="--data"):
        read_set("squad", tmp_path)


# --- Where the quotes are -----------------------------------------------------------------

TEXT = "The bridge is shut. The bridge is old."


def case(**quote: Any) -> Case:
    return Case(id="1", question="?", quotes=(Quote(**{"path": "a.txt"} | quote),))


def test_quotes_are_found() -> None:
    for given, place in (
        (case(quote="The bridge"), (0, 10)),
        (case(quote="The bridge", start=20), (20, 30)),
        (case(quote="old", start=34, end=37), (34, 37)),
    ):
        found = locate([given], {"a.txt": "A"}, {"A": TEXT}.__getitem__)
        assert found == {"1": (("A", *place),)}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (case(path="b.txt", quote="x"), r"b\.txt, which is not among"),
        (case(quote="The tower"), "does not stand there"),
        (case(quote="The bridge", start=1), "does not stand there"),
        (case(quote="old", start=34, end=38), "does not stand there"),
    ],
)
def test_quotes_that_are_not_there(given: Case, said: str) -> None:
    with pytest.raises(SaysoError, match=said):
        locate([given], {"a.txt": "A"}, {"A": TEXT}.__getitem__)
