"""Evaluation sets: what is asked, what counts as right, over which documents.

``read_set`` takes our JSONL (``eval/set.schema.json``), SQuAD 1.1 or 2.0 JSON, a BEIR
folder, a CSV of questions and answers, or the name of a public data set.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from eval.datasets import Collection, Question, beir, collection, scifact, squad
from rag.errors import SaysoError
from rag.types import Document

Mode = Literal["open", "reading"]
"""``open``: all documents are searched. ``reading``: the question's own document is given."""
KNOWN = ("squad", "realtimeqa", "time", "cran", "cisi", "scifact")
"""Public data sets that may be named instead of a file."""
SCHEMA = Path(__file__).with_name("set.schema.json")


class Quote(BaseModel):
    """Words of a document that carry the answer."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: str = Field(min_length=1, description="The document's path in the documents' folder")
    quote: str = Field(min_length=1, description="The document's own words, marks included")
    start: int | None = Field(
        None, ge=0, description="Offset in code points; without it, where the words stand first"
    )
    end: int | None = Field(None, ge=1, description="Offset just past the last character")


class Case(BaseModel):
    """One question. Only ``id`` and ``question`` are needed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(min_length=1, description="Names the question; unique in its set")
    question: str = Field(min_length=1, description="As a user would type it")
    answerable: bool | None = Field(
        None, description="Whether the documents answer it; null where nobody has looked"
    )
    answers: tuple[str, ...] = Field((), description="Short answers, any of which is right")
    quotes: tuple[Quote, ...] = Field((), description="What carries the answer; any one is right")
    speaker: str | None = Field(
        None, description="Who says what the first quote says; null for the reporter's own voice"
    )
    history: tuple[str, ...] = Field((), description="Earlier questions of the conversation")
    tags: tuple[str, ...] = Field((), description="Kinds of question, for results by kind")
    choices: tuple[str, ...] = Field((), description="Of a multiple choice")
    documents: dict[str, int] = Field(
        default_factory=dict, description="Relevant documents by path, with their grade from 1 on"
    )
    comment: str | None = Field(None, description="Whatever should be remembered; not used")


@dataclass(frozen=True, slots=True)
class EvaluationSet:
    """Questions, and the documents if the set brings its own."""

    name: str
    kind: Literal["jsonl", "squad", "beir", "csv"]
    cases: tuple[Case, ...]
    documents: tuple[Document, ...] | None = field(default=None, repr=False)
    """None: the questions are about a folder."""
    statements: bool = True
    """Whether quotes are whole statements, so that citing more than them is imprecise; those
    of SQuAD are but the few words of the answer."""


def read_set(given: str, data: Path) -> EvaluationSet:
    """The set at the path ``given``, or of that name below the folder ``data``.

    Raises ``SaysoError`` naming file and line for whatever is malformed.
    """
    path = Path(given)
    if path.exists():
        if path.is_dir():
            claims = path / "claims_dev.jsonl"
            return _of(path, "beir", lambda: (scifact if claims.exists() else beir)(path))
        if path.suffix == ".jsonl":
            return EvaluationSet(path.stem, "jsonl", _jsonl(path))
        if path.suffix == ".json":
            return _of(path, "squad", lambda: squad(path))
        if path.suffix == ".csv":
            return EvaluationSet(path.stem, "csv", _csv(path))
    elif given in KNOWN:
        kind: Literal["squad", "beir"] = "squad" if given in ("squad", "realtimeqa") else "beir"
        return from_collection(collection(given, data), kind)
    raise SaysoError(
        f"'{given}' is no evaluation set. Name a .jsonl, .json (SQuAD) or .csv file, a BEIR "
        f"folder, or one of: {', '.join(KNOWN)}."
    )


def from_collection(found: Collection, kind: Literal["squad", "beir"]) -> EvaluationSet:
    """A public data set's questions as cases."""
    paths = {document.id: document.path for document in found.documents}
    texts = {document.id: document.text for document in found.documents}

    def case(question: Question) -> Case:
        quotes = tuple(
            Quote(
                path=paths[question.document],
                quote=texts[question.document][start:end],
                start=start,
                end=end,
            )
            for start, end in question.spans
        )
        grades = found.relevant.get(question.id, {})
        if not grades and question.document:  # unanswerable, but this is what it is about
            grades = {question.document: 1}
        return Case(
            id=question.id,
            question=question.text,
            answerable=None if kind == "beir" else bool(question.answers),
            answers=question.answers,
            quotes=quotes,
            tags=(question.group[:4],) if question.choices else (),
            choices=question.choices,
            documents={paths[id]: grade for id, grade in grades.items()},
        )

    cases = tuple(map(case, found.questions))
    _refuse_twins(Path(found.name), [case.id for case in cases])
    return EvaluationSet(found.name, kind, cases, found.documents, statements=False)


def schema() -> dict[str, Any]:
    """JSON Schema of one line of a set."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Case.model_json_schema(mode="validation"),
        "title": "One line of an evaluation set",
    }


def _of(
    path: Path, kind: Literal["squad", "beir"], read: Callable[[], Collection]
) -> EvaluationSet:
    try:
        return from_collection(read(), kind)
    except json.JSONDecodeError as error:
        raise SaysoError(f"{path}, line {error.lineno}: not JSON ({error.msg}).") from error
    except FileNotFoundError as error:
        raise SaysoError(
            f"{error.filename} is missing. A BEIR folder holds corpus.jsonl, queries.jsonl and "
            "qrels.tsv."
        ) from error
    except (KeyError, TypeError, ValueError) as error:
        what = "SQuAD's" if kind == "squad" else "BEIR's"
        raise SaysoError(f"{path} is not in {what} form: {error!r}.") from error


def _jsonl(path: Path) -> tuple[Case, ...]:
    cases: list[Case] = []
    for number, line in enumerate(_read(path).split("\n"), start=1):
        if line.strip():
            try:
                cases.append(Case.model_validate_json(line, strict=False))
            except ValidationError as error:
                first = error.errors()[0]
                place = ".".join(map(str, first["loc"])) or "the line"
                raise SaysoError(
                    f"{path}, line {number}: {place}: {first['msg']}. Mend the line; "
                    f"eval/{SCHEMA.name} says what one holds."
                ) from error
    if not cases:
        raise SaysoError(f"{path} holds no question. Put one JSON object on each line.")
    _refuse_twins(path, [case.id for case in cases])
    return tuple(cases)


def _csv(path: Path) -> tuple[Case, ...]:
    """Columns ``question`` and ``answer``, and ``id`` if there is one; an empty answer means
    that the documents do not answer, and ``|`` stands between several that are right."""
    rows = csv.DictReader(io.StringIO(_read(path), newline=""), strict=True)
    columns = {name.strip().casefold(): name for name in rows.fieldnames or () if name}
    if not {"question", "answer"} <= columns.keys():
        raise SaysoError(
            f"{path}, line 1: the columns are {', '.join(columns) or 'missing'}. It takes "
            "'question' and 'answer'."
        )
    cases = []
    try:
        for row in rows:
            question = (row[columns["question"]] or "").strip()
            if not question or None in row:
                wrong = "has no question" if not question else "has more fields than columns"
                raise SaysoError(f"{path}, line {rows.line_num}: {wrong}. Mend the line.")
            answers = (row[columns["answer"]] or "").split("|")
            accepted = tuple(answer.strip() for answer in answers if answer.strip())
            id = (row[columns["id"]] or "").strip() if "id" in columns else ""
            cases.append(
                Case(
                    id=id or f"line-{rows.line_num}",
                    question=question,
                    answerable=bool(accepted),
                    answers=accepted,
                )
            )
    except csv.Error as error:
        raise SaysoError(f"{path}, line {rows.reader.line_num}: {error}. Mend it.") from error
    _refuse_twins(path, [case.id for case in cases])
    return tuple(cases)


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except OSError as error:
        raise SaysoError(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise SaysoError(f"{path} is not UTF-8 (byte {error.start}). Save it as UTF-8.") from error


def _refuse_twins(path: Path, ids: Sequence[str]) -> None:
    seen: set[str] = set()
    for id in ids:
        if id in seen:
            raise SaysoError(f"{path}: the id '{id}' stands twice. Give each question its own.")
        seen.add(id)


def locate(
    cases: Sequence[Case], ids: Mapping[str, str], text: Callable[[str], str]
) -> dict[str, tuple[tuple[str, int, int], ...]]:
    """Case id to its gold quotes as (document id, start, end).

    ``ids`` gives documents' ids by path, ``text`` the text of an id. Raises ``SaysoError``
    for a quote that is not in its document at its place.
    """
    found = {}
    for case in cases:
        places = []
        for quote in case.quotes:
            if quote.path not in ids:
                raise SaysoError(
                    f"'{case.id}' quotes {quote.path}, which is not among the documents. Mend "
                    "the path, or name the right folder with --documents."
                )
            whole = text(ids[quote.path])
            start = whole.find(quote.quote) if quote.start is None else quote.start
            end = start + len(quote.quote) if quote.end is None else quote.end
            if start < 0 or whole[start:end] != quote.quote:
                raise SaysoError(
                    f"'{case.id}' quotes “{quote.quote[:40]}…”, which does not stand there in "
                    f"{quote.path}. Copy the words exactly, or leave start and end out."
                )
            places.append((ids[quote.path], start, end))
        found[case.id] = tuple(places)
    return found


if __name__ == "__main__":
    SCHEMA.write_text(json.dumps(schema(), indent=2, ensure_ascii=False) + "\n", "utf-8")
