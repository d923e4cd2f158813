"""Which sentences bear on a question, and how likely.

A sentence is weighed by ``FEATURES``: how close it comes to what is asked, by words, by
embeddings and as the reader sees it, and whether it denies what was said right before it.
``python -m eval sides`` fits and measures the weights.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.embed import Embedder
from rag.judge import Overlap
from rag.negations import undisputed
from rag.position import denial, denies_this, whose
from rag.question import proposition
from rag.read import Reader, Span
from rag.replies import NEAR, REFERS
from rag.speech import cues
from rag.types import Hit, Passage, Statement

FEATURES = ("cosine", "covered", "passage", "denied", "later", "said", "read")
"""Of a sentence: cosine of its embedding, behind its document's title, and the question's; how much
of the question's words it and its speaker's name hold, weighted by rarity; the cosine of its whole
passage; the greatest cosine of the two sentences before it where it denies what it only refers to,
as in "That is not true"; 1 where it tells what is to come and the question asks what was;
1 where somebody says it; what the reader makes of it."""
PARAMETERS = Path(__file__).with_name("sides.json")

_WEIGHED = (-25.0, 15.0)
"""What a reader makes of a sentence is held between these log odds."""
MOST = 0.6
"""Share of what a sentence holds of the question that must be in what somebody says in it."""
_WAS = re.compile(r"\W*(?:did|was|were|had)\b", re.IGNORECASE)
_TO_COME = re.compile(r"\b(?:will|shall|going to|plan(?:s|ned)? to)\b|[’']ll\b", re.IGNORECASE)
_BEFORE = 2
"""Sentences before one that tell what it is about."""
_END = re.compile(r"(?<=[a-z\])][.!?])(?=\s+[A-Z“‘\"\[])")


@dataclass(frozen=True, slots=True)
class Weights:
    """A logistic model of whether a sentence, the best that there is, bears on a question; see
    ``FEATURES``."""

    weights: tuple[float, ...]
    intercept: float
    share: float
    """A further position needs at least this share of the first one's probability."""
    theirs: float = 0.0
    """Log odds by which a sentence bears more often on a question if it is by somebody who says
    something on it."""

    @classmethod
    @cache
    def load(cls) -> Weights:
        found = json.loads(PARAMETERS.read_text("utf-8"))
        return cls(
            tuple(found["weights"][name] for name in FEATURES),
            found["intercept"],
            found["share"],
            found["theirs"],
        )

    def log_odds(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """Of each row."""
        found: NDArray[np.float64] = features @ np.array(self.weights) + self.intercept
        return found

    def probabilities(
        self, features: NDArray[np.float64], *, theirs: bool = False
    ) -> NDArray[np.float64]:
        """Of each row, 0 to 1, rounded to what is the same on every processor; ``theirs`` where
        somebody is asked for what they say and the sentences are by them."""
        logits = self.log_odds(features) + theirs * self.theirs
        found: NDArray[np.float64] = 1 / (1 + np.exp(-np.clip(logits, -50, 50)))
        return found.round(4)


class Sentences:
    """Finds the sentences of passages, with whose they are and their features."""

    def __init__(
        self,
        embedder: Embedder,
        rarity: Callable[[str], float],
        statements: Callable[[str, int, int], Sequence[Statement]],
        titles: Callable[[Sequence[str]], dict[str, str]],
        reader: Reader,
    ) -> None:
        """``statements`` gives those of a document that touch a span, ``titles`` the titles of
        documents by id."""
        self._titles = titles
        self._reader = reader
        self._embedder = embedder
        self._rarity = rarity
        self._statements = statements

    def candidates(
        self, question: str, hits: Sequence[Hit]
    ) -> tuple[list[tuple[Span, Statement | None]], NDArray[np.float64]]:
        """Every sentence of the passages with whose it is, and their ``FEATURES``."""
        about = proposition(question)
        overlap = Overlap(about, self._rarity)
        spans: list[tuple[Span, Statement | None]] = []
        heard: list[Span] = []
        """The questions and headlines, which say nothing but tell what the next one is about."""
        for hit in hits:
            passage = hit.passage
            said = self._statements(passage.document_id, passage.start, passage.end)
            for sentence in passage.sentences:
                for start, end in _parts(passage, sentence):  # none of one that is blank
                    span = Span(hit, start, end)
                    asks = span.text.rstrip("\"'”’ ").endswith("?")
                    if asks or (start == 0 and span.text[-1:].isalnum()):
                        heard.append(span)
                    else:
                        spans.append((span, _told(said, span, overlap)))
        if not spans:
            return [], np.zeros((0, len(FEATURES)))
        every = [span for span, _ in spans] + heard
        titles = self._titles([*{hit.passage.document_id: None for hit in hits}])
        vectors = self._embedder.embed_queries([about, *(_titled(titles, s) for s in every)])
        cosines = [float(vector @ vectors[0]) for vector in vectors[1:]]
        contexts = _contexts(every, cosines)
        weighed = self._reader.weigh(about, [span for span, _ in spans])
        was = _WAS.match(about) is not None
        rows = []
        for at, (span, statement) in enumerate(spans):
            name = statement.speaker.name if statement else ""
            document = span.hit.passage.document_id
            denying = (
                statement is not None
                and REFERS.search(span.text) is not None
                and denial(
                    undisputed(span.text, about, lambda part: overlap.of(part)[0])[0],
                    statement,
                    span.start,
                    self._statements(document, span.start, span.end),
                )
            )
            rows.append(
                (
                    cosines[at],
                    overlap.of(f"{name}\n{span.text}")[0],
                    span.hit.cosine,
                    contexts[at] * denying,
                    float(was and _TO_COME.search(span.text) is not None),
                    float(name != ""),
                    float(np.clip(weighed[at], *_WEIGHED)),
                )
            )
        return spans, np.array(rows, np.float64)


def _titled(titles: dict[str, str], span: Span) -> str:
    title = titles.get(span.hit.passage.document_id)
    return f"{title}. {span.text}" if title else span.text


def _contexts(spans: Sequence[Span], cosines: Sequence[float]) -> list[float]:
    """For each span the greatest cosine of the ``_BEFORE`` ones right before it in its
    document; 0 where there is none."""
    order = sorted(
        range(len(spans)), key=lambda at: (spans[at].hit.passage.document_id, spans[at].start)
    )
    found = [0.0] * len(spans)
    for rank, at in enumerate(order):
        near = spans[at].start
        for other in reversed(order[max(0, rank - _BEFORE) : rank]):
            same = spans[other].hit.passage.document_id == spans[at].hit.passage.document_id
            if not same or near - spans[other].end > NEAR:
                break
            found[at] = max(found[at], cosines[other])
            near = spans[other].start
    return found


def _told(said: Sequence[Statement], span: Span, overlap: Overlap) -> Statement | None:
    """Whose word it is for what a sentence holds of the question: a speaker's, where most of
    the question's words in it are theirs."""
    whole, _ = overlap.of(span.text)
    statement = whose(said, (span.start, span.end))
    if statement is not None and _only_wants(statement, span):
        statement = None
    best, most = statement, 0.0 if statement is None else 2.0
    for one in said:
        if one.nested or one.speaker.mode == "attitude" or _only_wants(one, span):
            continue
        start, end = max(one.start, span.start), min(one.end, span.end)
        if start < end:
            words = span.text[start - span.start : end - span.start]
            held, _ = overlap.of(words)
            if held:  # who says it may be asked about: "Will Northline cut the ferry?"
                held, _ = overlap.of(f"{one.speaker.name}\n{words}")
            if held >= max(MOST * whole, 0.01) and held > most:
                best, most = one, held
    return best or denies_this(span.text, span.start, said)


def _only_wants(statement: Statement, span: Span) -> bool:
    """Whether the verb tells what somebody asked for ("urged him to"), not what they said."""
    start, end = statement.speaker.cue_start - span.start, statement.speaker.cue_end - span.start
    words = span.text[max(0, start) : max(0, end)].lower().split()
    frames = cues.CUES[words[-1]][0].frames if words and words[-1] in cues.CUES else "c"
    return "i" in frames and "c" not in frames


def _parts(passage: Passage, sentence: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """The sentences inside a quotation, which are one sentence to the splitter together."""
    start = sentence[0]
    text = passage.text[start - passage.start : sentence[1] - passage.start]
    first = 0
    for end in (*(match.end() for match in _END.finditer(text)), len(text)):
        if text[first:end].strip():
            yield start + first, start + first + len(text[first:end].rstrip())
        first = end + len(text[end:]) - len(text[end:].lstrip())
