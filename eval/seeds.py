"""``python -m eval seeds`` (``make eval``): ask a set of questions and score the answers.

A set is JSONL as ``eval/seeds.schema.json`` says. Every question goes through
``Assistant.ask``, over an index of its own made for the run.
"""

from __future__ import annotations

import json
import tempfile
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.datasets import Collection, Question
from eval.metrics import aurc, auroc, overlap
from eval.table import table
from rag.assistant import Assistant
from rag.errors import SaysoError
from rag.settings import Settings
from rag.types import Answer, Document


@dataclass(frozen=True, slots=True)
class Result:
    """One question of the set with what came of it."""

    case: dict[str, Any]
    answer: Answer
    first_right: bool
    """The first citation overlaps a gold quote by at least half of the gold's length."""
    any_right: bool
    """Some citation does."""
    holds_answer: bool
    """The first quote holds an accepted answer word for word (case and quotes aside)."""
    verbatim: bool
    """Every quote is in its document, word for word."""


def run(path: Path, documents: Path, list_cases: bool) -> int:
    """Print the scores; 1 if a quote is not verbatim, which is never acceptable."""
    cases = read_set(path, documents)
    with tempfile.TemporaryDirectory() as store:
        settings = Settings.load(store=store, documents=documents)
        with Assistant.open(settings=settings) as assistant:
            results = [_result(assistant, case) for case in cases]
    if list_cases:
        for result in results:
            mark = "+" if _is_good(result) else "-"
            print(
                f"{mark} {result.case['id']} {result.answer.outcome:8} "
                f"{result.answer.confidence:.2f} {result.case['question']}"
            )
        print()
    print(_summary(results))
    return 0 if all(result.verbatim for result in results) else 1


def read_set(path: Path, documents: Path) -> list[dict[str, Any]]:
    """The questions of a JSONL set.

    Raises ``SaysoError`` with the line number when a line is not JSON, lacks a field, or
    names a quote that is not at its place in its document.
    """
    cases = []
    try:
        lines = path.read_text("utf-8").splitlines()
    except OSError as error:
        raise SaysoError(f"{path} cannot be read: {error.strerror}. Name a JSONL file.") from error
    for number, line in enumerate(lines, start=1):
        try:
            case = json.loads(line)
            for field in ("id", "question", "answerable", "answers", "quotes", "history", "tags"):
                case[field]
            for quote in case["quotes"]:
                text = (documents / quote["path"]).read_text("utf-8")
                if text[quote["start"] : quote["end"]] != quote["quote"]:
                    raise ValueError(f"the quote '{quote['quote'][:40]}…' is not at its place")
        except (ValueError, KeyError, TypeError, OSError) as error:
            raise SaysoError(
                f"{path}, line {number}: {error!r}. Mend the line; eval/seeds.schema.json "
                "says what one holds."
            ) from error
        cases.append(case)
    return cases


def as_collection(
    path: Path = Path(__file__).parent / "seeds.jsonl", documents: Path = Path("seeds")
) -> Collection:
    """The set's questions that stand alone, and its documents."""
    from rag.load import find_files, load

    found: dict[str, Document] = {}
    for file in find_files(documents):
        document = load(documents, file, max_file_mb=Settings().max_file_mb)
        found.setdefault(document.id, document)
    questions = tuple(
        Question(case["id"], case["question"], tuple(case["answers"]))
        for case in read_set(path, documents)
        if not case["history"]
    )
    return Collection("seeds", tuple(found.values()), questions, {})


def _result(assistant: Assistant, case: dict[str, Any]) -> Result:
    history: list[Answer] = []
    for earlier in case["history"]:
        history.append(assistant.ask(earlier, history))
    answer = assistant.ask(case["question"], history)
    right = [
        any(
            quote["path"] == citation.path
            and 2 * overlap((quote["start"], quote["end"]), (citation.start, citation.end))
            >= quote["end"] - quote["start"]
            for quote in case["quotes"]
        )
        for citation in answer.citations
    ]
    first = _folded(answer.citations[0].quote) if answer.citations else ""
    return Result(
        case=case,
        answer=answer,
        first_right=right[:1] == [True],
        any_right=any(right),
        holds_answer=any(_folded(accepted) in first for accepted in case["answers"]),
        verbatim=all(
            assistant.document(c.document_id).text[c.start : c.end] == c.quote
            for c in answer.citations
        ),
    )


def _is_good(result: Result) -> bool:
    if result.case["answerable"]:
        return result.answer.outcome == "answered" and result.first_right
    return result.answer.outcome != "answered"


def _is_answered(result: Result) -> bool:
    return result.answer.outcome == "answered"


def _folded(text: str) -> str:
    """For comparing: one case, straight quotes."""
    straight = text.translate(str.maketrans("‘’“”", "''\"\""))
    return unicodedata.normalize("NFKC", straight).casefold()


def _summary(results: Sequence[Result]) -> str:
    answerable = [result for result in results if result.case["answerable"]]
    others = [result for result in results if not result.case["answerable"]]

    def share(chosen: Sequence[bool]) -> str:
        return f"{sum(chosen) / len(chosen):.3f}" if chosen else "-"

    confidence = [result.answer.confidence for result in results]
    right = [result.first_right for result in results]
    rows = []
    for label, chosen, good in (
        ("answerable: first citation right", answerable, lambda r: r.first_right),
        ("answerable: any citation right", answerable, lambda r: r.any_right),
        ("answerable: first quote holds the answer", answerable, lambda r: r.holds_answer),
        ("answerable: outcome 'answered'", answerable, _is_answered),
        ("unanswerable: outcome not 'answered'", others, lambda r: not _is_answered(r)),
        ("quotes verbatim", results, lambda r: r.verbatim),
    ):
        rows.append([label, share([good(result) for result in chosen]), str(len(chosen))])
    rows += [
        ["AUROC of confidence", f"{auroc(confidence, right):.3f}", str(len(results))],
        ["AURC", f"{aurc(confidence, right):.3f}", str(len(results))],
    ]
    tags = sorted({tag for result in answerable for tag in result.case["tags"]})
    by_tag = []
    for tag in tags:
        chosen = [result for result in answerable if tag in result.case["tags"]]
        by_tag.append(
            [
                tag,
                share([r.first_right for r in chosen]),
                share([r.any_right for r in chosen]),
                str(len(chosen)),
            ]
        )
    return "\n\n".join(
        [
            table(["measure", "value", "n"], rows),
            table(["answerable, by tag", "first right", "any right", "n"], by_tag),
        ]
    )
