"""An answer in a language model's words, each sentence proved before it is shown.

The quotes are there first. The model writes from the same passages; a sentence that a passage
carries takes the place of the quotes, with the sentences of the document that carry it as its
citation. Nothing that the model does can take an answer away: when it fails, refuses or
nothing that it wrote stands, the quotes do.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import replace

from rag.compose import by, cited, rewritten
from rag.dates import dates
from rag.errors import WriterError
from rag.generate import Source, written
from rag.llm import Writer
from rag.planted import elided, is_planted
from rag.read import Span
from rag.support import Support
from rag.types import Answer, Claim, Document, Hit, Statement
from rag.verify import Evidence, Proved, prove

MOST_SENTENCES = 6
"""Of an answer that stand; the model is not heard any longer then."""
_LONGEST_LINE = 400
REFUSED = "The language model found no answer in these passages."
NOTHING_STANDS = "Nothing that the language model wrote is carried by the documents."


class Writing:
    """Has a model write, and proves what it wrote."""

    def __init__(
        self,
        writer: Writer,
        support: Support,
        document: Callable[[str], Document],
        statements: Callable[[str, int, int], Sequence[Statement]],
        passages: int,
    ) -> None:
        """``passages`` are given to the model at most; ``statements`` are those of a document
        that touch a span."""
        self.writer = writer
        self._support = support
        self._document = document
        self._statements = statements
        self._passages = passages

    def stream(self, answer: Answer, spans: Sequence[Span]) -> Generator[Answer, None, None]:
        """Snapshots of ``answer``, whose claims are quotes, as it is written; the last one is
        done. ``spans`` are what was read, with their probabilities.

        The same snapshot comes again after each piece of the model's reply, so that whoever
        listens can give up in between.
        """
        answer = replace(answer, written_by=self.writer.name)
        snapshot = replace(answer, stage="writing")
        yield snapshot
        hits = answer.hits[: self._passages]
        evidence = evidence_of(hits, self._document, self._statements)
        sources = [source(one) for one in evidence]
        proved: list[Proved] = []
        note = ""
        try:
            with closing(written(self.writer, answer.searched, sources)) as drafted:
                for draft in drafted:
                    if draft is None:
                        yield snapshot
                        continue
                    if draft.refuses:
                        stands = any(one.at >= 0 for one in proved)
                        note = "" if stands else REFUSED
                        break
                    goes_on = bool(proved) and proved[-1].at >= 0
                    found = prove(answer.searched, draft, evidence, self._support, goes_on=goes_on)
                    proved.append(found)
                    if found.at >= 0:
                        standing = self._with(answer, proved, evidence, spans)
                        snapshot = replace(standing, stage="writing")
                        yield snapshot
                    if sum(one.at >= 0 for one in proved) >= MOST_SENTENCES:
                        break
        except WriterError as error:
            note = str(error)
        if not note and not any(one.at >= 0 for one in proved):
            note = NOTHING_STANDS
        yield replace(self._with(answer, proved, evidence, spans), note=note, stage="done")

    def line(self, prompt: str) -> str:
        """What the model writes to ``prompt``, up to the end of its first line.

        Raises ``WriterError`` as the model does.
        """
        text = ""
        with closing(self.writer.write([("user", prompt)])) as pieces:
            for piece in pieces:
                text += piece
                if len(text) > _LONGEST_LINE or "\n" in text.strip():
                    break
        return text.strip().partition("\n")[0]

    def _with(
        self,
        answer: Answer,
        proved: Sequence[Proved],
        evidence: Sequence[Evidence],
        spans: Sequence[Span],
    ) -> Answer:
        """The answer in the sentences that stand; the best quote stays in front of them unless
        one of them stands on it."""
        removed = tuple(one.sentence for one in proved if one.at < 0)
        claims = [
            claim
            for one in proved
            if one.at >= 0 and (claim := self._claim(one, evidence[one.at].hit, spans))
        ]
        if not claims:
            return replace(answer, removed=removed, written_by="")
        best = answer.claims[0]
        if not any(_overlap(claim, best) for claim in claims):
            claims.insert(0, best)
        return replace(rewritten(answer, claims), removed=removed)

    def _claim(self, one: Proved, hit: Hit, spans: Sequence[Span]) -> Claim | None:
        citation = cited(Span(hit, one.start, one.end), self._document)
        if citation is None:
            return None
        here = [
            span.probability
            for span in spans
            if span.hit.passage.document_id == citation.document_id
            and max(span.start, one.start) < min(span.end, one.end)
        ]
        return Claim(
            text=citation.quote,
            citations=(citation,),
            probability=max(here, default=0.0),
            speaker=one.speaker,
            position=one.position,
            dates=dates(citation.quote),
            written=one.sentence,
        )


def evidence_of(
    hits: Sequence[Hit],
    document: Callable[[str], Document],
    statements: Callable[[str, int, int], Sequence[Statement]],
) -> list[Evidence]:
    """Passages as proof; without those whose document is gone since they were found."""
    found = []
    for hit in hits:
        passage = hit.passage
        try:
            home = document(passage.document_id)
        except KeyError:
            continue
        said = statements(home.id, passage.start, passage.end)
        found.append(Evidence(hit, home.title, home.published, said))
    return found


def source(one: Evidence) -> Source:
    """A passage as the model is shown it: what addresses an assistant is left out."""
    passage = one.passage
    planted = [span for span in passage.sentences if is_planted(passage.text[_within(span, one)])]
    speakers = dict.fromkeys(
        by(said.speaker, opens=True)
        for said in one.statements
        if said.speaker.name
        and not said.nested
        and not any(start < said.end and said.start < end for start, end in planted)
    )
    title = "" if is_planted(one.title) else one.title
    return Source(title, elided(passage), one.published, tuple(speakers))


def _within(span: tuple[int, int], one: Evidence) -> slice:
    return slice(span[0] - one.passage.start, span[1] - one.passage.start)


def _overlap(one: Claim, other: Claim) -> bool:
    """Whether two claims quote some of the same words."""
    mine = one.citations[0]
    return any(
        mine.document_id == theirs.document_id
        and max(mine.start, theirs.start) < min(mine.end, theirs.end)
        for theirs in other.citations
    )
