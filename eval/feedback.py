"""What users say of answers, as an evaluation set: real use makes the set grow.

Each judgement appends a line to ``feedback.jsonl`` in the form that ``python -m eval run``
reads, so that what once was wrong can be asked again after every change.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from eval.sets import Case, Quote
from rag.types import Answer

NAME = "feedback.jsonl"


def remember(
    folder: Path, answer: Answer, history: Sequence[str], right: bool, correction: str = ""
) -> Case:
    """Append the judgement of ``answer`` to the set in ``folder``; gives its line.

    ``history`` are the questions before it. Of an answer said to be right, also of one that
    only came nearest, the first claim's quotes become the gold ones; a refusal said to be
    right makes the question one without an answer. Of what is wrong only the
    ``correction`` is known, if there is one. Raises ``OSError``.
    """
    now = datetime.now(UTC)
    first = answer.claims[0] if answer.claims else None
    answerable: bool | None = None
    answers: tuple[str, ...] = ()
    quotes: tuple[Quote, ...] = ()
    if right:
        answerable = first is not None
        if first:
            answers = first.answers if first.answer_span else ()
            quotes = tuple(
                Quote(path=c.path, quote=c.quote, start=c.start, end=c.end) for c in first.citations
            )
    elif correction.strip():
        answerable, answers = True, (correction.strip(),)
    case = Case(
        id=f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(3)}",
        question=answer.question,
        answerable=answerable,
        answers=answers,
        quotes=quotes,
        history=tuple(history),
        tags=("feedback", "said to be right" if right else "said to be wrong"),
        comment=f"{answer.outcome}, confidence {answer.confidence:.0%}",
    )
    with (folder / NAME).open("a", encoding="utf-8") as lines:
        lines.write(case.model_dump_json(exclude_defaults=True) + "\n")
    return case
