"""``python -m eval followups``: follow-up questions on our own conversations.

``followups.jsonl`` holds conversations written by hand: the questions before, the follow-up,
the standalone question that a person would ask in its place, and where the answer stands, in
``seeds/`` or in SQuAD's paragraphs, which lie in one store. The first questions are answered by
the real assistant. Measured is whether a gold passage is among the first five for the follow-up
as it is, as ``rag/converse.py`` makes it, and as the person wrote it; and what is made of
questions that stand alone, which is to be nothing. The rules were written with the ``dev`` half
in view, and never with the ``test`` half.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.datasets import Question, collection
from eval.index import indexed
from eval.table import table
from rag.assistant import Assistant
from rag.converse import standalone
from rag.embed import load_embedder
from rag.load import load
from rag.settings import Settings
from rag.types import Answer, Document

CASES = Path(__file__).with_name("followups.jsonl")
SEEDS = Path(__file__).parents[1] / "seeds"
K = 5
ALONE = ("new topic", "stands alone")
"""Kinds of questions that are to be left as they are."""


@dataclass(frozen=True, slots=True)
class Gold:
    """Where an answer stands: a whole document, or a span of it."""

    document: str
    start: int = 0
    end: int = 2**62

    def holds(self, document: str, start: int, end: int) -> bool:
        return document == self.document and start < self.end and self.start < end


@dataclass(frozen=True, slots=True)
class Case:
    """A conversation up to a follow-up."""

    id: str
    split: str
    kind: str
    history: tuple[str, ...]
    question: str
    standalone: str
    """As a person would ask without the conversation."""
    gold: tuple[Gold, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """What came of a case."""

    case: Case
    rewritten: str
    """What was searched for."""
    ranks: Mapping[str, int | None]
    """Of the first gold passage, from 1, by way of asking; None when it is not among the
    first ``K``."""
    cited: Mapping[str, bool]
    """Whether the first citation is right, by way of asking."""


WAYS = ("as it is", "last in front", "converse", "by hand")
"""``last in front``: the last question and the follow-up, one behind the other."""


def documents(data: Path) -> list[Document]:
    """Those of ``seeds/`` and SQuAD's paragraphs."""
    seeds = [load(SEEDS, file.name, max_file_mb=1) for file in sorted(SEEDS.iterdir())]
    return [*seeds, *collection("squad", data).documents]


def cases(every: Sequence[Document], file: Path = CASES) -> list[Case]:
    """All cases in the order of the file, their gold passages found among ``every``."""
    by_path = {document.path: document for document in every}
    found = []
    for line in file.read_text("utf-8").splitlines():
        row = json.loads(line)
        gold = row["gold"]
        if "path" in gold:
            document = by_path[gold["path"]]
            starts = [(document.text.index(quote), len(quote)) for quote in gold["quotes"]]
            places = [Gold(document.id, start, start + length) for start, length in starts]
        else:
            title = gold["article"].replace("_", " ")
            places = [Gold(by_path[f"{title} {n + 1}"].id) for n in gold["paragraphs"]]
        found.append(
            Case(
                row["id"],
                row["split"],
                row["kind"],
                tuple(row["history"]),
                row["question"],
                row["standalone"],
                tuple(places),
            )
        )
    return found


def run(data: Path, output: Path) -> int:
    """Print the tables and write them, with every case, to ``output``."""
    settings = Settings()
    embedder = load_embedder(settings.embedding_model)
    every = documents(data)
    store = indexed("followups", every, embedder, settings.passage_tokens)
    assistant = Assistant(settings, store, embedder)
    found = [measured(assistant, case) for case in cases(every)]
    assistant.close()
    parts = [
        f"{split} half\n\n{report([one for one in found if one.case.split == split])}"
        for split in ("dev", "test")
    ]
    asked = collection("squad", data).questions
    parts.append(
        f"changed, of SQuAD's {len(asked):,} questions, each asked after one on another article: "
        f"{dragged(asked):.3f}"
    )
    text = "\n\n".join(parts)
    print(text)
    output.mkdir(parents=True, exist_ok=True)
    (output / "followups.md").write_text(text + "\n", "utf-8")
    rows = [
        {
            "id": one.case.id,
            "split": one.case.split,
            "kind": one.case.kind,
            "history": one.case.history,
            "question": one.case.question,
            "converse": one.rewritten,
            "by hand": one.case.standalone,
            "rank": one.ranks,
            "first citation right": one.cited,
        }
        for one in found
    ]
    (output / "followups.json").write_text(
        json.dumps(rows, ensure_ascii=False, indent=1) + "\n", "utf-8"
    )
    return 0


def dragged(questions: Sequence[Question]) -> float:
    """The share of questions that are changed when each is asked after one of another group,
    of at least two, which is to be small: some do point back, at their paragraph."""
    draw = random.Random(1)
    changed = 0
    for question in questions:
        before = question
        while before.group == question.group:
            before = draw.choice(questions)
        last = Answer(before.text, before.text, "", (), (), "declined", 0.0, {})
        changed += standalone(question.text, [last]) != question.text
    return changed / len(questions)


def measured(assistant: Assistant, case: Case) -> Found:
    """Ask the conversation, then the follow-up in every way."""
    history: list[Answer] = []
    for question in case.history:
        history.append(assistant.ask(question, history))
    answers = {
        "as it is": assistant.ask(case.question),
        "last in front": assistant.ask(f"{case.history[-1]} {case.question}"),
        "converse": assistant.ask(case.question, history),
        "by hand": assistant.ask(case.standalone),
    }

    def rank(question: str) -> int | None:
        for hit in assistant.retrieve(question, K):
            passage = hit.passage
            if any(g.holds(passage.document_id, passage.start, passage.end) for g in case.gold):
                return hit.rank
        return None

    def right(answer: Answer) -> bool:
        first = answer.citations[:1]
        return any(g.holds(c.document_id, c.start, c.end) for c in first for g in case.gold)

    return Found(
        case,
        answers["converse"].searched,
        {way: rank(answer.searched) for way, answer in answers.items()},
        {way: right(answer) for way, answer in answers.items()},
    )


def report(found: Sequence[Found]) -> str:
    """By kind, for every way of asking: how often a gold passage is among the first ``K``, how
    often it is the first one, and how often the first citation is right."""

    def row(name: str, some: Sequence[Found]) -> list[str]:
        def share(held: Iterable[bool]) -> str:
            return f"{sum(held) / len(some):.3f}"

        recalls = [share(one.ranks[way] is not None for one in some) for way in WAYS]
        first = [share(one.ranks[way] == 1 for one in some) for way in WAYS]
        cited = [share(one.cited[way] for one in some) for way in WAYS]
        return [name, str(len(some)), *recalls, *first, *cited]

    leaning = [one for one in found if one.case.kind not in ALONE]
    kinds = list(dict.fromkeys(one.case.kind for one in leaning))
    rows = [row(kind, [one for one in leaning if one.case.kind == kind]) for kind in kinds]
    rows.append(row("all follow-ups", leaning))
    measures = (f"recall@{K}", "first", "cited")
    head = ("kind", "n", *(f"{measure} {way}" for measure in measures for way in WAYS))
    reached = {way: sum(one.ranks[way] is not None for one in leaning) for way in WAYS}
    share = reached["converse"] / max(1, reached["by hand"])
    alone = [one for one in found if one.case.kind in ALONE]
    untouched = sum(one.rewritten == one.case.question for one in alone)
    touched = sum(one.rewritten != one.case.question for one in leaning)
    return (
        f"{table(head, rows)}\n\n"
        f"converse reaches {share:.3f} of the recall of the question written by hand; without it, "
        f"{reached['as it is'] / max(1, reached['by hand']):.3f}\n"
        f"left as they are: {untouched} of {len(alone)} questions that stand alone; rewritten: "
        f"{touched} of {len(leaning)} follow-ups"
    )
