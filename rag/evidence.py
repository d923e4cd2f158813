"""Question and passages → the words that are quoted, and who says them.

What is asked for decides where they come from: a question what, who or when is answered by the
reader's spans, one whether something is so by the sides that ``rag/sides.py`` finds, one who
says something by either, and one what somebody says by their sentences.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from rag.compose import Attribute, Thresholds
from rag.judge import stems
from rag.meant import is_meant, is_named
from rag.position import by_verb, is_source, voices, whose, within
from rag.question import about_denial, asked, proposition, said_by, says_what
from rag.read import Keep, Reader, Span, rerank
from rag.sides import Side, Sides, attributed
from rag.types import Asked, Hit, Position, Speaker, Statement


@dataclass(frozen=True, slots=True)
class Evidence:
    """What an answer is made of."""

    kind: Asked
    spans: list[Span]
    """Best first."""
    attribute: Attribute
    """Who says what a span quotes."""
    thresholds: Thresholds
    """Where the outcomes begin for these spans."""
    hits: list[Hit]
    """The passages, in the order that what was read gives them."""


class EvidenceFinder:
    """Finds the evidence for a question in passages. Safe to use from several threads."""

    def __init__(
        self,
        reader: Reader,
        sides: Sides,
        statements: Callable[[str, int, int], Sequence[Statement]],
        thresholds: Thresholds,
    ) -> None:
        """``statements`` gives those of a document that touch a span."""
        self._reader = reader
        self._sides = sides
        self._statements = statements
        self._thresholds = thresholds

    def find(self, question: str, hits: Sequence[Hit], speaker: str = "") -> Evidence:
        """The evidence for ``question``; of the ``speaker`` alone, where there is one."""
        kind = asked(question)
        attribute: Attribute = self._attributed
        thresholds = self._thresholds
        spans: list[Span] = []
        said = self._said(question, hits, speaker)
        if said:
            spans, attribute = [side.span for side in said], attributed(said)
            thresholds = replace(thresholds, closest=0.0, share_of_best=self._sides.share)
        elif kind != "whether":
            spans, thresholds = self._read(question, hits, speaker)
        if kind != "what":
            sides = self._sides.read(question, hits, speaker)
            first = sides[0].span.probability if sides else 0.0
            reads = spans and spans[0].probability > first and not about_denial(question)
            if kind == "who says" and (reads or not sides):
                attribute = partial(self._sourced, proposition(question))
            else:
                spans, attribute = [side.span for side in sides], attributed(sides)
                thresholds = replace(self._thresholds, share_of_best=self._sides.share)
        ranked = list(hits) if kind == "whether" or said else rerank(hits, spans)
        return Evidence(kind, spans, attribute, thresholds, ranked)

    def _read(
        self, question: str, hits: Sequence[Hit], speaker: str
    ) -> tuple[list[Span], Thresholds]:
        """What answers: of the ``speaker`` alone, or of whom the question names, where it
        names one who says something in these passages. What they say is then quoted however
        unlikely it is to answer: it is the nearest that there is of theirs."""
        named = said_by(question)
        if speaker:
            found = self._reader.read(question, hits, self._is_by(is_named, speaker))
            return self._voices(found, self._is_by(is_named, speaker)), self._thresholds
        meant = self._is_by(is_meant, named)
        if named and (theirs := self._reader.read(question, hits, meant)):
            return self._voices(theirs, meant), replace(self._thresholds, closest=0.0)
        return self._voices(self._reader.read(question, hits)), self._thresholds

    def _said(self, question: str, hits: Sequence[Hit], speaker: str) -> list[Side]:
        """What the one says whom the question names, where it asks for what they say."""
        return self._sides.said(question, hits, speaker) if says_what(question) else []

    def _is_by(self, means: Callable[[Speaker | None, str], bool], words: str) -> Keep:
        """Whether a span is what the one says whom the words mean."""
        return lambda span: means(self._attributed(span)[0], words)

    def _voices(self, spans: Sequence[Span], keep: Keep | None = None) -> list[Span]:
        """The spans, those of whole sentences cut where the speaker changes, so that nothing is
        quoted as the word of one that another one says."""
        found: list[Span] = []
        for span in spans:
            passage = span.hit.passage
            inside = [s for s in passage.sentences if span.start <= s[0] and s[1] <= span.end]
            if span.answer or len(inside) < 2:
                found.append(span)
                continue
            said = self._statements(passage.document_id, span.start, span.end)
            cut = [replace(span, start=start, end=end) for start, end in voices(inside, said)]
            kept = [one for one in cut if keep is None or keep(one)]
            found.extend(kept or cut)
        return found

    def _sourced(self, about: str, span: Span) -> tuple[Speaker | None, Position]:
        """Whose name the span's short answer is, where the sentence tells what they say.

        What another one says within somebody's words is theirs only where it holds the most of
        what is asked ``about``.
        """
        start, end = span.answer or (span.start, span.end)
        said = self._statements(span.hit.passage.document_id, span.start, span.end)
        asked_of = stems(about)

        def held(first: int, last: int) -> int:
            return len(asked_of & stems(within(span.text, span.start, first, last)))

        most = max((held(*one) for one in span.hit.passage.sentences), default=0)
        for one in said:
            if max(start, one.speaker.start) < min(end, one.speaker.end) and (
                not one.nested or held(one.speaker.start, one.end) >= most
            ):
                return one.speaker, "says"
        return self._attributed(span)

    def _attributed(self, span: Span) -> tuple[Speaker | None, Position]:
        """Who says what the span quotes."""
        said = self._statements(span.hit.passage.document_id, span.start, span.end)
        statement = whose(said, (span.start, span.end), span.answer)
        if statement is None:
            statement = next((one for one in said if _answers(one, span)), None)
        if statement is None:
            return None, "reporter"
        return statement.speaker, by_verb(statement)


def _answers(one: Statement, span: Span) -> bool:
    """Whether the short answer is who says it: "Which minister said so?"."""
    plain = not one.nested and one.speaker.mode != "attitude"
    return plain and is_source(span.answer, span.said, one.speaker)
