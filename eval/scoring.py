"""What a question's answer is worth: ``score`` for one, ``summary`` for a whole set.

What the measures mean is told in ``eval/measures.py``. ``score`` gives per-question values,
so that every mean has its n and an interval, and two runs can be compared question by
question.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from typing import Any

import numpy as np

from eval.measures import METRICS
from eval.metrics import (
    Floats,
    aurc,
    auroc,
    calibration_error,
    exact_match,
    folded,
    is_right,
    nearest_choice,
    overlap,
    ranking,
    straight,
    token_f1,
)
from eval.sets import Case
from rag.types import Answer, Citation, Document

Span = tuple[str, int, int]
"""Document id and half-open offsets."""


@dataclass(frozen=True, slots=True)
class Result:
    """A case with what came of it: plain data, as a line of ``cases.jsonl``."""

    case: dict[str, Any]
    outcome: str = ""
    """Empty where asking failed."""
    confidence: float = 0.0
    short: str = ""
    text: str = ""
    citations: list[dict[str, Any]] = field(default_factory=list)
    """In the order of their markers: path, title, start, end, quote, right, verbatim."""
    context: list[dict[str, Any]] = field(default_factory=list)
    """Stretches of documents with gold and cited spans: path, start, text, gold, cited."""
    right: bool | None = None
    """Whether the first answer is right; None where the set does not tell."""
    scores: dict[str, float] = field(default_factory=dict)
    """By metric; one that does not apply is absent."""
    seconds: dict[str, float] = field(default_factory=dict)
    error: str | None = None

    @property
    def id(self) -> str:
        return str(self.case["id"])

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def score(
    case: Case,
    gold: Sequence[Span],
    answer: Answer,
    ranked: Sequence[str],
    document: Callable[[str], Document],
    statements: bool = True,
) -> Result:
    """The case's result.

    ``gold`` are its quotes' places, ``ranked`` the paths of the documents found, best
    first. ``statements``: gold quotes are whole statements; see ``EvaluationSet``.
    """
    document = cache(document)  # its text is read from the store each time
    first = answer.claims[0] if answer.claims else None
    short = ""
    if first and first.written:
        short = first.written.text
    elif first:
        short = first.text[slice(*first.answer_span)] if first.answer_span else first.text
    answered = answer.outcome == "answered"
    cited = [(c.document_id, c.start, c.end) for c in answer.citations]
    scores: dict[str, float] = {}
    if case.documents and case.answerable is not False:
        scores |= ranking(case.documents, ranked)
    # The published comparison knows ASCII punctuation only; news set typographic marks.
    accepted = tuple(map(straight, case.answers)) if statements else case.answers
    said = straight(short) if statements else short
    if accepted:
        scores["exact_match"] = exact_match(said, accepted) if said else 0.0
        scores["token_f1"] = token_f1(said, accepted) if said else 0.0
    if accepted or case.answerable is False:
        given = said if answered else ""
        scores["exact_match_or_refusal"] = exact_match(given, accepted)
        scores["token_f1_or_refusal"] = token_f1(given, accepted)
    if case.choices:
        chosen = nearest_choice(answer, case.choices)
        scores["multiple_choice"] = float(chosen is not None and chosen in case.answers)
    hits = [any(_covers(span, quote) for quote in gold) for span in cited]
    if gold:
        scores["first_citation"] = float(hits[:1] == [True])
        scores["any_citation"] = float(any(hits))
        if case.answers:
            quote = folded(answer.citations[0].quote) if cited else ""
            holds = any(folded(one) in quote for one in case.answers)
            scores["quote_holds_answer"] = float(holds)
        if statements:
            common = sum(
                overlap(span[1:], quote[1:])
                for span in _merged(cited)
                for quote in _merged(gold)
                if span[0] == quote[0]
            )
            scores["citation_precision"] = common / (_size(cited) or 1)
            scores["citation_recall"] = common / _size(gold)
    verbatim = [_is_verbatim(citation, document) for citation in answer.citations]
    if verbatim:
        scores["verbatim"] = sum(verbatim) / len(verbatim)
    written = [claim.written for claim in answer.claims if claim.written]
    if written or answer.removed:
        scores["proved"] = len(written) / (len(written) + len(answer.removed))
    if written:
        scores["moved"] = sum(one.proof == "moved" for one in written) / len(written)
    right = _is_right(case, said, scores, statements)
    if right is not None:
        scores["answered"] = float(answered)
        if answered:
            scores["answered_right"] = float(right)
        else:
            scores["refusal_precision"] = float(case.answerable is False)
        if case.answerable is False:
            scores["refusal_recall"] = float(not answered)
        scores["correct"] = float(not answered if case.answerable is False else answered and right)
    if case.speaker:
        named = first.speaker.name if first and first.speaker else ""
        scores["attribution"] = float(_same_name(named, case.speaker))
    return Result(
        case=case.model_dump(mode="json", exclude_defaults=True),
        outcome=answer.outcome,
        confidence=answer.confidence,
        short=short,
        text=answer.text,
        citations=[
            {
                "path": citation.path,
                "title": citation.title,
                "start": citation.start,
                "end": citation.end,
                "quote": citation.quote,
                "right": hit if gold else None,
                "verbatim": exact,
            }
            for citation, hit, exact in zip(answer.citations, hits, verbatim, strict=True)
        ],
        context=_context(gold, cited, document),
        right=right,
        scores={name: round(value, 6) for name, value in scores.items()},
        seconds=dict(answer.seconds),
    )


def _is_right(case: Case, said: str, scores: Mapping[str, float], statements: bool) -> bool | None:
    """By the choice where there are choices, by the citation where whole statements are
    marked, else by the words of the short answer."""
    if case.answerable is False:
        return False
    if case.choices:
        return scores["multiple_choice"] == 1
    if statements and "first_citation" in scores:
        return scores["first_citation"] == 1
    return is_right(said, case.answers) if case.answers else None


def _covers(span: Span, quote: Span) -> bool:
    """At least half of the quote."""
    return span[0] == quote[0] and 2 * overlap(span[1:], quote[1:]) >= quote[2] - quote[1]


def _merged(spans: Sequence[Span]) -> list[Span]:
    """The same characters without overlaps, in order."""
    found: list[Span] = []
    for span in sorted(spans):
        if found and found[-1][0] == span[0] and span[1] <= found[-1][2]:
            found[-1] = (span[0], found[-1][1], max(found[-1][2], span[2]))
        else:
            found.append(span)
    return found


def _size(spans: Sequence[Span]) -> int:
    return sum(end - start for _, start, end in _merged(spans))


def _is_verbatim(citation: Citation, document: Callable[[str], Document]) -> bool:
    text = document(citation.document_id).text
    return text[citation.start : citation.end] == citation.quote


def _same_name(one: str, other: str) -> bool:
    """Equal, or one the end of the other, as a surname is of a full name."""
    short, long = sorted((folded(one).split(), folded(other).split()), key=len)
    return bool(short) and long[-len(short) :] == short


_AROUND = 250
"""Characters of context on either side of a marked span."""


def _context(
    gold: Sequence[Span], cited: Sequence[Span], document: Callable[[str], Document]
) -> list[dict[str, Any]]:
    """What a reader of the report needs to see: the first citation and the gold quotes, with
    what stands around them."""
    wanted = [
        (id, *_widened(document(id).text, start, end)) for id, start, end in (*cited[:1], *gold)
    ]
    return [
        {
            "path": document(id).path,
            "start": start,
            "text": document(id).text[start:end],
            "gold": _inside(gold, id, start, end),
            "cited": _inside(cited, id, start, end),
        }
        for id, start, end in _merged(wanted)
    ]


def _widened(text: str, start: int, end: int) -> tuple[int, int]:
    """With whole words around it."""
    first, last = max(0, start - _AROUND), min(len(text), end + _AROUND)
    if first:
        first = min(start, text.find(" ", first, start) + 1 or start)
    if last < len(text):
        last = max(end, text.rfind(" ", end, last))
    return first, last


def _inside(spans: Sequence[Span], id: str, start: int, end: int) -> list[tuple[int, int]]:
    """Those in a stretch of a document, relative to it."""
    return [
        (max(s, start) - start, min(e, end) - start)
        for other, s, e in _merged(spans)
        if other == id and s < end and start < e
    ]


# --- The whole set ------------------------------------------------------------------------

_OF_CONFIDENCE = {"auroc": auroc, "aurc": aurc, "ece": calibration_error}

Statistic = tuple[tuple[Floats, ...], Callable[..., float]]
"""Per-question samples, and what makes one number of them."""


def statistic(results: Sequence[Result], name: str) -> Statistic | None:
    """The samples of one measure and what makes it of them; None where it does not apply.

    Questions that failed are left out, and the order of the others makes no difference.
    """
    results = sorted((one for one in results if one.error is None), key=lambda one: one.id)
    if name in _OF_CONFIDENCE:
        judged = [one for one in results if one.right is not None]
        samples = (
            np.array([one.confidence for one in judged]),
            np.array([float(bool(one.right)) for one in judged]),
        )
        return (samples, _OF_CONFIDENCE[name]) if judged else None
    if name in _OF_TIME:
        values = [sum(one.seconds.values()) for one in results if one.seconds]
    else:
        values = [one.scores[name] for one in results if name in one.scores]
    return ((np.array(values),), _OF_TIME.get(name, np.mean)) if values else None


_OF_TIME: dict[str, Callable[[Floats], float]] = {
    "seconds": lambda values: float(np.median(values)),
    "seconds_p95": lambda values: float(np.quantile(values, 0.95)),
}


def summary(results: Sequence[Result]) -> dict[str, dict[str, Any]]:
    """By metric, in the order of ``METRICS``: value, n, and a 95% bootstrap interval as low
    and high (None where there is none)."""
    from eval.bootstrap import interval

    rows: dict[str, dict[str, Any]] = {}
    for metric in METRICS:
        found = statistic(results, metric.name)
        if found:
            samples, measure = found
            value = float(measure(*samples))
            low, high = interval(samples, measure)
            rows[metric.name] = {
                "value": None if np.isnan(value) else round(value, 6),
                "n": len(samples[0]),
                "low": low,
                "high": high,
            }
    return rows


STAGES = {"retrieve": "searching", "read": "reading", "answer": "composing"}
"""What an answer's time is spent on, in order, in words."""


def stages(results: Sequence[Result]) -> dict[str, dict[str, float]]:
    """By stage the median and the 95th percentile of its seconds."""
    found = {}
    for name in STAGES:
        taken = [one.seconds[name] for one in results if name in one.seconds]
        if taken:
            median, high = np.quantile(taken, [0.5, 0.95])
            found[name] = {"median": round(float(median), 6), "p95": round(float(high), 6)}
    return found
