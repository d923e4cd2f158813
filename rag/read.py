"""(question, passages) → the spans that answer it, with probabilities.

``Reader`` is the protocol. ``SpanReader`` is the one behind it: a cross-encoder reads the
question together with each passage and its title, and scores every span of the passage,
"no answer", and whether the passage answers at all, in one forward pass. The model is
packaged one or, if one is set, any other; see ``rag/reader_model.py``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from rag.copies import originals
from rag.dates import stated_day
from rag.judge import (
    FEATURES,
    Judged,
    Overlap,
    Parameters,
    agree,
    group,
    probabilities,
    sentences_of,
    stems,
    words_of,
)
from rag.numerals import CARDINALS
from rag.opposites import opposed, taken_back
from rag.pairs import Scored, best_inside, best_spans
from rag.planted import has_gap
from rag.question import fits, rules_out, wants_explanation, wants_several
from rag.types import Hit, Passage

READER_WEIGHT = 0.2
"""Of what was read in the ranking of passages; see ``python -m eval rerank``."""
LEAST_PASSAGES = 4
"""That are read whatever the budget."""
_AT_ONCE = 5
"""Passages between two looks at whether the rest can still win."""
_SPANS = 3
"""Spans that are kept of each passage."""
_SPANS_OF_LISTS = 6
"""The same for a question that asks for several things."""
_SENTENCES = 3
_ABOUT_AS_GOOD = 1.5
"""Log odds by which a sentence beside the best one may be worse and still be quoted with
it, for a question that asks for an explanation."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a document that may answer the question."""

    hit: Hit
    start: int
    end: int
    """Offsets in the document, of whole sentences."""
    probability: float = 0.0
    """That this answers the question, 0 to 1."""
    answer: tuple[int, int] | None = None
    """The short answer's offsets in the document, where there is one."""
    same: tuple[Span, ...] = ()
    """Other places that say the same, best first."""

    @property
    def text(self) -> str:
        return self._cut(self.start, self.end)

    @property
    def said(self) -> str:
        """The short answer, or the whole span where there is none."""
        return self._cut(*self.answer) if self.answer else self.text

    def _cut(self, start: int, end: int) -> str:
        passage = self.hit.passage
        return passage.text[start - passage.start : end - passage.start]


Keep = Callable[[Span], bool]


class Reader(Protocol):
    """Finds answers in passages. Deterministic, and safe to call from several threads."""

    def read(self, question: str, hits: Sequence[Hit], keep: Keep | None = None) -> list[Span]:
        """What answers, best first; empty where there is nothing to quote.

        Only spans that pass ``keep`` may answer.
        """
        ...

    def weigh(self, question: str, spans: Sequence[Span]) -> list[float]:
        """How well something in each of the spans answers, as log odds against nothing."""
        ...


class ReadingModel(Protocol):
    """Scores the tokens of passages for a question. Deterministic and thread-safe."""

    def score(self, question: str, passages: Sequence[tuple[str, str]]) -> list[list[Scored]]:
        """For each ``(title, text)`` its windows with their scores, in order."""
        ...

    def tokens(self, text: str, /) -> int:
        """How many tokens ``text`` has."""
        ...


class SpanReader:
    """Short answers with the sentences that they stand in."""

    def __init__(
        self,
        model: ReadingModel,
        titles: Callable[[Sequence[str]], dict[str, str]],
        rarity: Callable[[str], float],
        budget_tokens: int,
        parameters: Parameters | None = None,
    ) -> None:
        """``titles`` gives the titles of documents by id; ``rarity`` 0 for a word that every
        passage holds, 1 for one that none does. ``budget_tokens`` are read at most, beyond
        the first ``LEAST_PASSAGES`` passages; a budget in seconds would make the answer
        depend on how busy the machine is."""
        self._model = model
        self._titles = titles
        self._rarity = rarity
        self._budget = budget_tokens
        self._parameters = parameters or Parameters.load()

    def read(self, question: str, hits: Sequence[Hit], keep: Keep | None = None) -> list[Span]:
        # What may be kept can be in the last of the passages.
        spans, features = self.candidates(question, hits, stop_early=keep is None)
        if keep is not None:
            kept = [at for at, span in enumerate(spans) if keep(span)]
            spans, features = [spans[at] for at in kept], features[kept]
        return judge(question, spans, features, self._parameters)

    def weigh(self, question: str, spans: Sequence[Span]) -> list[float]:
        """The score of the best short answer in each of the spans, less that of "no answer";
        negative infinity in what is not read, as it is beyond the budget."""
        hits = self._affordable([*{span.hit.passage.id: span.hit for span in spans}.values()])
        windows = {
            hit.passage.id: scored
            for hit, scored in zip(hits, self._scored(question, hits), strict=True)
        }
        found = []
        for span in spans:
            passage = span.hit.passage
            inside = span.start - passage.start, span.end - passage.start
            scores = (best_inside(window, *inside) for window in windows.get(passage.id, ()))
            found.append(max(scores, default=-np.inf))
        return found

    def _scored(self, question: str, hits: Sequence[Hit]) -> list[list[Scored]]:
        titles = self._titles([hit.passage.document_id for hit in hits])
        return self._model.score(
            question, [(_title(titles, hit), hit.passage.text) for hit in hits]
        )

    def candidates(
        self, question: str, hits: Sequence[Hit], stop_early: bool = True
    ) -> tuple[list[Span], NDArray[np.float64]]:
        """The best spans of each passage that is read, in the hits' order, and their
        ``FEATURES``, shape ``(spans, len(FEATURES))``."""
        hits = self._affordable(hits)
        titles = self._titles([hit.passage.document_id for hit in hits])
        overlap = Overlap(question, self._rarity)
        count = _SPANS_OF_LISTS if wants_several(question) else _SPANS
        known = [
            (hit.score, hit.cosine, *overlap.of(f"{_title(titles, hit)}\n{hit.passage.text}"))
            for hit in hits
        ]
        spans: list[Span] = []
        rows: list[tuple[float, ...]] = []
        for begin in range(0, len(hits), _AT_ONCE):
            if stop_early and begin >= LEAST_PASSAGES and self._decided(rows, known[begin:]):
                break
            part = hits[begin : begin + _AT_ONCE]
            for hit, facts, windows in zip(
                part, known[begin : begin + _AT_ONCE], self._scored(question, part), strict=True
            ):
                for span, row in _spans(question, overlap, hit, facts, windows, count):
                    spans.append(span)
                    rows.append(row)
        return spans, np.array(rows, np.float64).reshape(-1, len(FEATURES))

    def _affordable(self, hits: Sequence[Hit]) -> Sequence[Hit]:
        """As many of the first hits as the budget allows."""
        spent = 0
        for number, hit in enumerate(hits):
            spent += self._model.tokens(hit.passage.text)
            if number >= LEAST_PASSAGES and spent > self._budget:
                return hits[:number]
        return hits

    def _decided(
        self, rows: Sequence[tuple[float, ...]], rest: Sequence[tuple[float, ...]]
    ) -> bool:
        """Whether no unread passage can win, however well the model might score it."""
        table = self._parameters.within(np.array(rows).reshape(-1, len(FEATURES)))
        best = max((table @ np.array(self._parameters.rank)).tolist(), default=-np.inf)
        return all(best > self._parameters.unread(facts) for facts in rest)


_LINE = 60
"""Characters of what may be a heading or a byline."""
_DATED = re.compile(r"(?:\d{4}|\d{4}-\d\d-\d\d|\d[:.]\d\d\W*(?:[ap]\.?m\.?)?)\W*$")
_PUBLISHED = re.compile(
    r"\b(?:publish|dated?\b|issued|updat|post|releas|writ|wrote|author|article|report|document"
    r"|minutes|letter|news)",
    re.IGNORECASE,
)


_HAPPENED = re.compile(
    r"\b(?:approv|adopt|effective|force|effect\b|inspect|meeting|hearing|survey|visit|decision|held)",
    re.IGNORECASE,
)
"""In a line with a date, tells what happened then, and not only when the document was written."""


def judge(
    question: str, spans: Sequence[Span], features: NDArray[np.float64], parameters: Parameters
) -> list[Span]:
    """The answers among ``spans``, best first, each with its probability."""
    if not spans:
        return []
    read = {span.hit.passage.id: span.hit.passage.text for span in spans}
    # Copies of one article confirm nothing: they count as one passage.
    source = dict(zip(read, originals(list(read.values())), strict=True))
    judged = group(
        parameters.within(features),
        [with_unit(span) for span in spans],
        [source[span.hit.passage.id] for span in spans],
        np.array(parameters.rank),
    )
    competing = not wants_several(question)
    chances = [float(chance) for chance in probabilities(judged, parameters, competing)]
    quoted = _explained if wants_explanation(question) else _answered
    found = quoted(spans, judged, chances)
    return found + _read_in_vain(spans, found)


def _answered(
    spans: Sequence[Span], judged: Sequence[Judged], chances: Sequence[float]
) -> list[Span]:
    """Short answers, each with all places that say the same."""
    found = []
    for answer, chance in zip(judged, chances, strict=True):
        first, *others = (spans[at] for at in answer.members)
        # A headline has it from the text below, which may tell whose word it is.
        below = [one for one in others if _is_below(one, first)] if _is_headline(first) else []
        if below:
            others = [first, *(one for one in others if one is not below[0])]
            first = below[0]
        found.append(replace(first, probability=chance, same=tuple(others)))
    return found


_UNIT = re.compile(
    r"\s?(?:%|p\b|(?:seconds?|minutes?|hours?|days?|nights?|weeks?|months?|years?|per cent|percent"
    r"|miles?|metres?|meters?|feet|kilometres?|km|kg|g|tons?|tonnes?|litres?|pence|pounds?|euros?"
    r"|dollars?|hundred|thousand|million|billion|percentage points?)\b)",
    re.IGNORECASE,
)
_NUMBER = re.compile(rf".*?(?:\d|\b(?:{CARDINALS}))", re.IGNORECASE | re.DOTALL)


def with_unit(span: Span) -> str:
    """The short answer, of a number with the unit behind it: two days are not two weeks."""
    if not span.answer or not _NUMBER.fullmatch(span.said):
        return span.said
    unit = _UNIT.match(span.text, span.answer[1] - span.start)
    return span.said + unit.group() if unit else span.said


def says_same(one: Span, other: Span) -> bool:
    """Whether both have the same short answer, or none."""
    return agree(words_of(with_unit(one)), words_of(with_unit(other)))


def _is_headline(span: Span) -> bool:
    """Whether it quotes the first line of a document, which does not end as sentences do."""
    passage = span.hit.passage
    first = passage.start == 0 and not passage.text[: span.start].strip()
    return first and "\n" not in span.text and span.text[-1:].isalnum()


def _is_below(span: Span, headline: Span) -> bool:
    same = span.hit.passage.document_id == headline.hit.passage.document_id
    about = stems(span.text) & stems(headline.text) - stems(headline.said)
    return same and span.start >= headline.end and bool(about)


def _read_in_vain(spans: Sequence[Span], found: Sequence[Span]) -> list[Span]:
    """A span without a chance for each passage that none of ``found`` is from, so that it
    is known what was read."""
    seen = {span.hit.passage.id for one in found for span in (one, *one.same)}
    rest = {span.hit.passage.id: span for span in reversed(spans)}
    return [span for id, span in sorted(rest.items()) if id not in seen]


def _explained(
    spans: Sequence[Span], judged: Sequence[Judged], chances: Sequence[float]
) -> list[Span]:
    """Whole sentences without a short answer, at most ``_SENTENCES`` together.

    What the model takes for an explanation seldom ends where the explanation does. A
    sentence beside one that is quoted, with a span about as good, belongs to it.
    """
    found: list[Span] = []
    scores: list[float] = []
    for answer, chance in zip(judged, chances, strict=True):
        span = replace(spans[answer.members[0]], answer=None, probability=chance)
        for at, other in enumerate(found):
            if other.hit.passage.id != span.hit.passage.id:
                continue
            start, end = min(span.start, other.start), max(span.end, other.end)
            taken = any(
                o.hit.passage.id == span.hit.passage.id and o.start < end and start < o.end
                for o in found
                if o is not other
            )
            inside = [s for s in span.hit.passage.sentences if start <= s[0] and s[1] <= end]
            about_as_good = answer.score > scores[at] - _ABOUT_AS_GOOD
            whole = not has_gap(span.hit.passage, start, end)
            if about_as_good and len(inside) <= _SENTENCES and whole and not taken:
                found[at] = replace(other, start=start, end=end)
                break
            if span.start < other.end and other.start < span.end:
                break  # a part of it is quoted already
        else:
            found.append(span)
            scores.append(answer.score)
    return found


def _spans(
    question: str,
    overlap: Overlap,
    hit: Hit,
    facts: tuple[float, ...],
    windows: Sequence[Scored],
    count: int,
) -> list[tuple[Span, tuple[float, ...]]]:
    """The best spans of one passage, none overlapping another, with their features."""
    passage = hit.passage
    answers = max((scored.answers for scored in windows), default=0.0)
    proposed = [found for scored in windows for found in best_spans(scored, count)]
    proposed.sort(key=lambda found: (-found.score, found.start))
    kept: list[tuple[Span, tuple[float, ...]]] = []
    for found in proposed:
        start, end = passage.start + found.start, passage.start + found.end
        end = _in_row(passage, start, end)
        if any(s.answer and s.answer[0] < end and start < s.answer[1] for s, _ in kept):
            continue
        quote = sentences_of(passage.sentences, start, end)
        if (
            quote is None
            or has_gap(passage, *quote)
            or _runs_on(passage, start, end)
            or _is_number_of(passage, quote[0], end)
            or not any(map(str.isalnum, passage.text[found.start : end - passage.start]))
        ):
            continue
        span = Span(hit, *quote, answer=(start, end))
        if _says_nothing(question, span):
            continue
        words = float(np.log(len(re.findall(r"\w+", span.said)) or 1))
        nearby, _ = overlap.of(span.text)
        lacking = float(np.log1p(overlap.words * (1 - nearby)))
        kind = fits(question, span.said)
        opposite = float(
            opposed(question, span.text)
            or taken_back(question, span.text, start - span.start, end - span.start)
            or rules_out(question, span.said)
        )
        row = found.score, answers, *facts, words, found.share, nearby, kind, lacking, opposite
        kept.append((span, row))
        if len(kept) == count:
            break
    return kept


def _in_row(passage: Passage, start: int, end: int) -> int:
    """Where what starts there ends in its own row, or behind its label ("Slate: £14,600")."""
    for first, last in passage.sentences:
        if first < start < last < end:
            before = passage.text[first - passage.start : start - passage.start]
            return last if re.search(r"[:|\t]", before) and "\n" not in before else end
    return end


def _runs_on(passage: Passage, start: int, end: int) -> bool:
    """Whether so short an answer goes on behind the end of a line and of a sentence, as from a
    headline into the text."""
    inside = any(first <= start and end <= last for first, last in passage.sentences)
    text = passage.text[start - passage.start : end - passage.start]
    return not inside and end - start < _LINE and "\n" in text.strip()


_NUMBERED = re.compile(r"(?:\d{1,2}\.)*\d{1,2}[.)]?(?=\s)")


def _is_number_of(passage: Passage, start: int, end: int) -> bool:
    """Whether what ends there is only the number of an item or a clause that begins a line."""
    text, at = passage.text, start - passage.start
    number = _NUMBERED.match(text, at)
    opens = not text[:at].strip(" \t") or text[:at].rstrip(" \t").endswith("\n")
    listed = number and (number.group()[-1] in ".)" or "." in number.group())
    return bool(opens and listed and number and end <= passage.start + number.end())


def _says_nothing(question: str, span: Span) -> bool:
    """Whether the quoted line is a heading that only has the question's words, or tells when,
    and by whom, the document was written, where that is not asked."""
    line = span.text.strip()
    if len(line) > _LINE:
        return False
    dated = _DATED.search(line) is not None and stated_day(line) is not None
    if dated and not _HAPPENED.search(line) and not _PUBLISHED.search(question):
        return True
    heading = (line[-1:].isalnum() or line[-1:] in "?:") and span.said == line.rstrip("?:")
    words = stems(line)
    return heading and bool(words) and words <= stems(question) and " or " not in question


def rerank(hits: Sequence[Hit], spans: Sequence[Span], weight: float = READER_WEIGHT) -> list[Hit]:
    """The hits in the order of retrieval and reading together.

    ``weight``, 0 to 1, is that of a passage's relevance, the probability of the likeliest
    answer in it, against the fused score's. A passage that was not read keeps its place
    behind those that were.
    """
    relevance: dict[int, float] = {}
    for span in spans:
        for one in (span, *span.same):
            id = one.hit.passage.id
            relevance[id] = max(relevance.get(id, 0.0), span.probability)
    read = [
        replace(hit, relevance=relevance[hit.passage.id])
        for hit in hits
        if hit.passage.id in relevance
    ]
    rest = [hit for hit in hits if hit.passage.id not in relevance]
    scores = {
        hit.passage.id: (1 - weight) * hit.score + weight * relevance[hit.passage.id]
        for hit in read
    }
    read.sort(key=lambda hit: (-round(scores[hit.passage.id], 6), hit.rank))
    return [replace(hit, rank=rank) for rank, hit in enumerate((*read, *rest), start=1)]


def _title(titles: dict[str, str], hit: Hit) -> str:
    return titles.get(hit.passage.document_id, "")
