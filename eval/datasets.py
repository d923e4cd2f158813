"""Public data sets as documents and questions.

Formats: SQuAD 2.0 JSON (Rajpurkar et al. 2018) and BEIR folders (Thakur et al. 2021;
``corpus.jsonl``, ``queries.jsonl``, ``qrels.tsv``). SciFact as published by its authors
(``claims_dev.jsonl``) is read into the same shape.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from rag.errors import SaysoError
from rag.types import Document

DATA = Path("../shared/data/dev")
"""Where the data sets lie when none is named."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question over a collection."""

    id: str
    text: str
    answers: tuple[str, ...] = ()
    """Accepted answers; empty where the documents do not answer, or none are given."""
    spans: tuple[tuple[int, int], ...] = ()
    """Where the answers stand in the relevant document."""
    document: str = ""
    """Id of the document that the question was written for, where there is one."""
    group: str = ""
    """What belongs together when a set is divided for cross-validation."""
    choices: tuple[str, ...] = ()
    """Of a multiple choice; empty where there is none."""


@dataclass(frozen=True, slots=True)
class Collection:
    """Documents, questions, and which documents are relevant to which question."""

    name: str
    documents: tuple[Document, ...]
    questions: tuple[Question, ...]
    relevant: dict[str, dict[str, int]] = field(repr=False)
    """Question id to document id to grade (above 0 is relevant)."""


def collection(name: str, data: Path = DATA) -> Collection:
    """One of ``time``, ``cran``, ``cisi``, ``scifact``, ``squad``, ``realtimeqa``.

    Raises ``SaysoError`` when its files are not below ``data``.
    """
    try:
        if name == "realtimeqa":
            return realtimeqa(data / "realtimeqa_2020_2022.jsonl")
        if name == "squad":
            return squad(data / "squad2_dev_half.json")
        return scifact(data / name) if name == "scifact" else beir(data / name)
    except FileNotFoundError as error:
        raise SaysoError(
            f"{error.filename} is missing. Put the data set '{name}' below {data}, or name "
            "another folder with --data."
        ) from error


T = TypeVar("T")


def every(questions: Sequence[T], most: int | None) -> tuple[T, ...]:
    """``most`` of them, evenly spread; all when that is None or more than there are."""
    if most is None or most >= len(questions):
        return tuple(questions)
    return tuple(questions[at * len(questions) // most] for at in range(most))


def squad(path: Path) -> Collection:
    """Every paragraph a document; questions of a paragraph, answerable or not."""
    documents: dict[str, Document] = {}
    questions: list[Question] = []
    relevant: dict[str, dict[str, int]] = {}
    for article in json.loads(path.read_text("utf-8"))["data"]:
        title = article["title"].replace("_", " ")
        for number, paragraph in enumerate(article["paragraphs"], start=1):
            document = make_document(f"{title} {number}", title, paragraph["context"])
            documents[document.id] = document
            for asked in paragraph["qas"]:
                given = [] if asked.get("is_impossible") else asked["answers"]
                spans = {
                    (answer["answer_start"], answer["answer_start"] + len(answer["text"]))
                    for answer in given
                }
                questions.append(
                    Question(
                        asked["id"],
                        asked["question"],
                        tuple(sorted({answer["text"] for answer in given})),
                        tuple(sorted(spans)),
                        document.id,
                        title,
                    )
                )
                if given:
                    relevant[asked["id"]] = {document.id: 1}
    return Collection("squad", tuple(documents.values()), tuple(questions), relevant)


def realtimeqa(path: Path) -> Collection:
    """RealtimeQA (Kasai et al. 2023): quiz questions on the news, every evidence text a
    document, with its beginning as the title, as a file without one would have."""
    documents: dict[str, Document] = {}
    questions: list[Question] = []
    relevant: dict[str, dict[str, int]] = {}
    for line in _lines(path):
        text = line["evidence"]
        document = make_document(line["id"], _beginning(text), text)
        documents.setdefault(document.id, document)
        questions.append(
            Question(
                line["id"],
                line["question"],
                tuple(line["answers"]),
                document=document.id,
                group=line["date"],
                choices=tuple(line["choices"]),
            )
        )
        relevant[line["id"]] = {document.id: 1}
    return Collection("realtimeqa", tuple(documents.values()), tuple(questions), relevant)


def _beginning(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= 100 else words[:99].rsplit(" ", 1)[0] + "…"


def beir(folder: Path) -> Collection:
    """A folder in BEIR's layout: ``qrels.tsv``, or ``qrels/test.tsv`` as it is published."""
    documents, ids = _corpus(folder / "corpus.jsonl")
    relevant: dict[str, dict[str, int]] = {}
    graded = folder / "qrels.tsv"
    if not graded.exists() and (folder / "qrels" / "test.tsv").exists():
        graded = folder / "qrels" / "test.tsv"
    with graded.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            if int(row["score"]) > 0 and row["corpus-id"] in ids:
                relevant.setdefault(row["query-id"], {})[ids[row["corpus-id"]]] = int(row["score"])
    questions = tuple(
        Question(str(line["_id"]), line["text"])
        for line in _lines(folder / "queries.jsonl")
        if str(line["_id"]) in relevant
    )
    return Collection(folder.name, documents, questions, relevant)


def scifact(folder: Path) -> Collection:
    """SciFact's development claims against the abstracts that they cite."""
    documents, ids = _corpus(folder / "corpus.jsonl")
    claims = list(_lines(folder / "claims_dev.jsonl"))
    relevant = {
        str(claim["_id"]): {ids[str(cited)]: 1 for cited in claim["cited"] if str(cited) in ids}
        for claim in claims
    }
    questions = tuple(
        Question(str(claim["_id"]), claim["text"])
        for claim in claims
        if relevant[str(claim["_id"])]
    )
    return Collection("scifact", documents, questions, relevant)


def make_document(path: str, title: str, text: str) -> Document:
    """A document that comes from a data set and not from a file."""
    id = hashlib.sha256(text.encode("utf-8")).hexdigest()
    return Document(id, path, title, text, paths=(path,))


def _corpus(path: Path) -> tuple[tuple[Document, ...], dict[str, str]]:
    """The documents, and the data set's ids to ours (equal texts share a document)."""
    documents: dict[str, Document] = {}
    ids: dict[str, str] = {}
    for line in _lines(path):
        text = line.get("text") or "\n".join(line.get("abstract", []))
        if text.strip():
            document = make_document(str(line["_id"]), line.get("title") or str(line["_id"]), text)
            documents.setdefault(document.id, document)
            ids[str(line["_id"])] = document.id
    return tuple(documents.values()), ids


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                found = json.loads(line)
            except ValueError as error:
                raise SaysoError(f"{path}, line {number}: not JSON. Mend the line.") from error
            yield found
