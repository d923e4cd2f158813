"""Spans → ``Answer``: claims, citations, outcome; the verbatim check.

``compose`` is the one place where an ``Answer`` with quotes is made. Every quote is taken
from the document itself and compared with what the reader saw; a span that does not stand
in its document, word for word, is counted in ``Answer.dropped`` and never shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from rag.read import Span
from rag.types import Answer, Citation, Claim, Document, Hit, Outcome

NOT_SAID = "The documents do not clearly say. These passages come nearest:"
NOTHING_NEAR = "Nothing in the documents comes near this question."
NO_DOCUMENTS = "There are no documents to answer from yet."

_SAME = 0.9
"""Share of common words (Jaccard) from which two quotes say the same."""
_MOST_CITATIONS = 10
"""Of one claim; a sentence that stands in a thousand files needs no thousand markers."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Where the outcomes begin, as probabilities of the first quote, 0 to 1."""

    answered: float
    closest: float
    share_of_best: float = 0.5
    """A further quote needs at least this share of the first one's probability."""


def compose(
    question: str,
    searched: str,
    hits: Sequence[Hit],
    spans: Sequence[Span],
    document: Callable[[str], Document],
    thresholds: Thresholds,
    max_claims: int,
    seconds: Mapping[str, float],
) -> Answer:
    """The answer that the spans, most probable first, amount to.

    ``document`` gives a document by its id and raises ``KeyError`` when it is gone.
    """
    claims, dropped = _claims(spans, document, thresholds, max_claims)
    confidence = claims[0].probability if claims else 0.0
    if not claims and spans and not dropped:
        confidence = spans[0].probability
    outcome = _outcome(confidence, thresholds)
    if not claims:
        outcome = "declined"
    return Answer(
        question=question,
        searched=searched,
        text=_text(outcome, claims, bool(hits)),
        claims=tuple(claims),
        hits=tuple(hits),
        outcome=outcome,
        confidence=confidence,
        seconds=dict(seconds),
        dropped=dropped,
    )


def _outcome(confidence: float, thresholds: Thresholds) -> Outcome:
    if confidence < thresholds.closest:
        return "declined"
    return "answered" if confidence >= thresholds.answered else "closest"


def _claims(
    spans: Sequence[Span],
    document: Callable[[str], Document],
    thresholds: Thresholds,
    most: int,
) -> tuple[list[Claim], int]:
    """At most ``most`` claims with numbered citations, and how many spans were dropped.

    Spans that say the same become one claim with several citations.
    """
    found: list[tuple[Span, list[Citation]]] = []
    words: list[list[str]] = []
    dropped = 0
    for span in spans:
        best = found[0][0].probability if found else span.probability
        if best < thresholds.closest or span.probability < thresholds.share_of_best * best:
            continue
        said = re.findall(r"\w+", span.text.casefold())
        same = next((at for at, other in enumerate(words) if _alike(said, other)), None)
        if same is None and len(found) == most:
            continue
        citation = _citation(span, document)
        if citation is None:
            dropped += 1
        elif same is None:
            found.append((span, [citation]))
            words.append(said)
        elif len(found[same][1]) < _MOST_CITATIONS:
            found[same][1].append(citation)
    claims, marker = [], 0
    for span, citations in found:
        numbered = []
        for citation in citations:
            marker += 1
            numbered.append(replace(citation, marker=marker))
        answer = span.answer and (span.answer[0] - span.start, span.answer[1] - span.start)
        claims.append(
            Claim(
                text=numbered[0].quote,
                citations=tuple(numbered),
                probability=span.probability,
                answer_span=answer,
            )
        )
    return claims, dropped


def _citation(span: Span, document: Callable[[str], Document]) -> Citation | None:
    """The quote as it stands in the document; None where that is not what was read."""
    try:
        source = document(span.hit.passage.document_id)
    except KeyError:
        return None
    quote = source.text[span.start : span.end]
    inside = 0 <= span.start < span.end <= len(source.text)
    if not inside or quote != span.text:
        return None
    return Citation(
        marker=0,
        document_id=source.id,
        path=source.path,
        title=source.title,
        start=span.start,
        end=span.end,
        quote=quote,
        published=source.published,
    )


def _alike(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two sentences say the same: the same words in the same order, but for a few
    at either end. A word more or less inside may be "not", and another one a number."""
    short, long = sorted((one, other), key=len)
    if len(short) < _SAME * len(long):
        return False
    return any(
        list(long[at : at + len(short)]) == list(short) for at in range(len(long) - len(short) + 1)
    )


def _text(outcome: Outcome, claims: Sequence[Claim], any_hits: bool) -> str:
    if outcome == "declined":
        return NOTHING_NEAR if any_hits else NO_DOCUMENTS
    lines = [NOT_SAID] if outcome == "closest" else []
    for claim in claims:
        markers = "".join(f"[{citation.marker}]" for citation in claim.citations)
        lines.append(f"“{claim.text}” {markers}")
    return "\n".join(lines)
