"""The types that the whole of Sayso speaks.

Frozen and slotted, plain data only. Every offset counts Unicode code points of
``Document.text`` and every span is half open: ``text[start:end]``.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from pydantic import TypeAdapter

Outcome = Literal["answered", "closest", "declined"]
"""``answered``: the quotes answer the question, rather than not. ``closest``: it is not sure
that they do; they are what comes nearest. ``declined``: nothing comes near."""

Stage = Literal["searching", "reading", "writing", "done"]
"""How far a streamed ``Answer`` has come; only ``done`` is final."""

Mode = Literal["direct", "indirect", "attitude"]
"""``direct``: in quotation marks. ``indirect``: reported ("said that …"). ``attitude``: a
belief, wish or plan that somebody is said to have ("fears that …")."""

Asked = Literal["what", "whether", "who says"]
"""What a question asks for: ``whether`` something is so, ``who says`` it, or anything else."""

Position = Literal["says", "denies", "reporter"]
"""What somebody does with what a quote is about: ``says`` it or something of it, ``denies``
it (says that it is not so); ``reporter``: nobody is quoted, it is the document's own voice."""


@dataclass(frozen=True, slots=True)
class Document:
    """One text, with every place it was found at."""

    id: str
    """SHA-256 of the text's UTF-8 bytes, 64 hexadecimal digits."""
    path: str
    """POSIX path relative to the documents' folder; of several, the first in order."""
    title: str
    """Never empty: as the document states it, else its first line or its file's name."""
    text: str
    """The text that all offsets point into; never changed after loading."""
    published: date | None = None
    """The date that the document states for itself; None where it states none."""
    metadata: Mapping[str, str] = field(default_factory=dict)
    """What else the document states about itself, e.g. ``author``."""
    paths: tuple[str, ...] = ()
    """All paths that hold exactly this text, sorted; ``paths[0] == path``."""


@dataclass(frozen=True, slots=True)
class DocumentEntry:
    """A document in a list of documents: all but its text."""

    id: str
    paths: tuple[str, ...]
    """At least one, sorted."""
    title: str
    published: date | None
    characters: int
    passages: int


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a document that is embedded and searched as one."""

    id: int
    """Row id in the store, never used again after a deletion; 0 before it is stored."""
    document_id: str
    start: int
    end: int
    text: str
    """Exactly ``document.text[start:end]``; in what is found for a question, with as many blanks
    in place of sentences that address an assistant."""
    sentences: tuple[tuple[int, int], ...]
    """Spans of the sentences in document offsets, in order, inside ``[start, end)``."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that retrieval found for a question."""

    passage: Passage
    score: float
    """Fused score of both searches, 0 to 1, higher is better; comparable within one
    question only."""
    rank: int
    """1 is best."""
    dense_rank: int | None
    """Rank by embedding similarity; None when not among the dense candidates."""
    text_rank: int | None
    """Rank by full-text search; None when not among the full-text candidates."""
    cosine: float
    """Cosine similarity of question and passage, -1 to 1; comparable across questions."""
    relevance: float | None = None
    """Probability of the likeliest answer that stands in it, 0 to 1; None when it was not read."""


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a quote stands. ``document.text[start:end] == quote``, always."""

    marker: int
    """The n in "[n]", from 1, unique in its answer."""
    document_id: str
    path: str
    title: str
    start: int
    end: int
    quote: str
    published: date | None = None
    copy_of: int | None = None
    """Marker of an earlier citation whose passage this one's repeats nearly word for word, as
    syndicated articles do: together they are one source."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who a statement comes from, in the document's own words."""

    name: str
    """The fullest mention of the name in the document; the words of the sentence where it is
    not certain who is meant; empty where the document names nobody ("reportedly")."""
    role: str | None
    """The role as the document puts it, e.g. "Foreign Ministry spokesperson"."""
    start: int
    end: int
    """Span of the words that name the source of this statement ("he", "Hajizada"), in the
    document; empty where nobody is named."""
    cue_start: int = 0
    cue_end: int = 0
    """Span of the words that attribute ("said", "according to", a mark), in the document."""
    mode: Mode = "indirect"


@dataclass(frozen=True, slots=True)
class Statement:
    """A part of a document that tells what somebody says or thinks."""

    start: int
    end: int
    """Span of what is said, in the document; a quotation with its marks."""
    speaker: Speaker
    denies: bool = False
    """Whether the source says that it, or what it is about, is not so."""
    nested: bool = False
    """Whether it stands within what another one says."""


Proof = Literal["supported", "moved", "unsupported"]
"""What became of a sentence that a language model wrote: the passage that it names carries it,
another passage does (and is cited instead), or none."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """What a language model wrote, and what the proof made of it."""

    text: str
    """Without markers or markup; empty where it was removed for a link or for addressing an
    assistant, which is not to be shown even on demand."""
    proof: Proof
    reason: str = ""
    """Why it was removed; empty where it stands."""
    cited: tuple[int, ...] = ()
    """Numbers of the passages that the model named for it, from 1 in the order of
    ``Answer.hits``; they need not exist."""
    told: bool = False
    """Whether it says itself whose word it is; where it does not, and it is somebody's, the
    answer does so in front of it."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One thing that the documents say, with every place that says it."""

    text: str
    """The quote of the first citation."""
    citations: tuple[Citation, ...]
    """At least one; the first is the best, the others say the same."""
    probability: float
    """Calibrated probability that this quote answers the question, 0 to 1."""
    speaker: Speaker | None = None
    """Who says it; None where it is the document's own voice."""
    answer_span: tuple[int, int] | None = None
    """The short answer inside ``text``; None where the whole quote is the answer."""
    more_spans: tuple[tuple[int, int], ...] = ()
    """Further short answers inside ``text``, where the question asks for several."""
    position: Position = "reporter"
    """``reporter`` exactly where there is no ``speaker``."""
    names_speaker: bool = False
    """The question asks who says it, so that the speaker's name is the short answer."""
    dates: tuple[tuple[int, int], ...] = ()
    """Spans of the dates and days inside ``text``."""
    written: Sentence | None = None
    """The sentence of a language model that stands for the quote, which carries it; None where
    the quote stands for itself."""

    @property
    def answers(self) -> tuple[str, ...]:
        """The short answers in the order in which they stand; the quote where there is none."""
        if self.names_speaker and self.speaker is not None:
            return (self.speaker.name,)
        if self.answer_span is None:
            return (self.text,)
        return tuple(self.text[s:e] for s, e in sorted((self.answer_span, *self.more_spans)))


@dataclass(frozen=True, slots=True)
class Answer:
    """What was asked, what the documents say, and how sure that is."""

    question: str
    """As it was asked."""
    searched: str
    """The standalone question that was searched for; differs for a follow-up."""
    text: str
    """The answer in words, with "[n]" behind each quote."""
    claims: tuple[Claim, ...]
    """Best first; empty when declined."""
    hits: tuple[Hit, ...]
    """All passages that were considered, best first."""
    outcome: Outcome
    confidence: float
    """Calibrated probability that the first claim answers the question, 0 to 1."""
    seconds: Mapping[str, float]
    """Time spent per stage: ``retrieve``, ``read``, ``answer``, and ``write`` with a model."""
    stage: Stage = "done"
    asked: Asked = "what"
    """For ``whether``, the claims are the positions that the documents hold, one a speaker."""
    dropped: int = 0
    """Quotes left out because they were not in their document word for word."""
    planted: int = 0
    """Passages near the question in which something addresses an assistant instead of a reader
    ("ignore the above"), and is left out of ``hits`` and quotes; see ``rag/planted.py``."""
    written_by: str = ""
    """The language model that wrote sentences of the answer; empty where all are quotes."""
    removed: tuple[Sentence, ...] = ()
    """What the model wrote besides and no passage carries."""
    note: str = ""
    """Why the answer is without a language model though one is set; for people."""

    @property
    def citations(self) -> tuple[Citation, ...]:
        """All citations in the order of their markers."""
        found = (citation for claim in self.claims for citation in claim.citations)
        return tuple(sorted(found, key=lambda citation: citation.marker))

    def to_dict(self) -> dict[str, Any]:
        """As plain data that follows ``rag/answer.schema.json``; dates in ISO 8601."""
        data: dict[str, Any] = _plain(dataclasses.asdict(self))
        return data

    def to_json(self, indent: int | None = None) -> str:
        """``to_dict`` as JSON."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=indent)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Answer:
        """The inverse of ``to_dict``; what has a default may be missing.

        Raises ``ValueError`` for what is no such data.
        """
        found: Answer = _answers().validate_python(data)
        return found

    @classmethod
    def from_json(cls, text: str) -> Answer:
        """The inverse of ``to_json``. Raises ``ValueError`` for what is no such JSON."""
        return cls.from_dict(json.loads(text))

    def __str__(self) -> str:
        lines = [self.text, ""] if self.text else []
        for citation in self.citations:
            when = f", {citation.published.isoformat()}" if citation.published else ""
            lines.append(
                f"[{citation.marker}] {citation.title}{when} "
                f"({citation.path}, {citation.start}-{citation.end})"
            )
        if self.note:
            lines.append(self.note)
        lines.append(f"{self.outcome}, confidence {self.confidence:.0%}")
        return "\n".join(lines)


@cache
def _answers() -> TypeAdapter[Answer]:
    """Reads answers by the types of their fields; imported when it is first needed."""
    from pydantic import TypeAdapter

    return TypeAdapter(Answer)


def _plain(value: Any) -> Any:
    """What JSON knows: tuples become lists and dates text."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that could not be read, and why."""

    path: str
    reason: str
    """One sentence that says what is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What ``sync`` did; the counts are files."""

    added: int
    changed: int
    removed: int
    unchanged: int
    skipped: tuple[Skipped, ...]
    passages: int
    """Passages in the store now."""
    seconds: float
    refused: tuple[Skipped, ...] = ()
    """Those of ``skipped`` that were to be added, and are not kept."""

    def __str__(self) -> str:
        counts = (
            f"{self.added} added, {self.changed} changed, {self.removed} removed, "
            f"{self.unchanged} unchanged, {len(self.skipped)} skipped"
        )
        return f"{counts}; {self.passages} passages, {self.seconds:.1f} s"
