"""Questions whether something is so, and who says it: the sentences that bear on it, and what
each speaker does with it.

A span of words cannot say yes or no, and on somebody's word Sayso does not either: it lays
out who says what. So these questions are not answered by the reader's spans but by whole
sentences, weighed by how close they come to the question (``python -m eval sides`` fits and
measures the weights), the best of each speaker. The positions in a dispute follow from the
words that attribute and from negation, relative to the question.
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
from rag.question import about_denial, asked, proposition, said_by
from rag.read import Span
from rag.speech import cues
from rag.types import Hit, Passage, Position, Speaker, Statement

FEATURES = ("cosine", "covered", "lacking", "passage", "context", "denied")
"""Of a sentence: cosine of its embedding and the question's; how much of the question's words
it and its speaker's name hold, weighted by rarity, and the greatest weight that is lacking;
the cosine of its whole passage; the greatest cosine of the two sentences before it, and that
where it denies what it only refers to, as in "That is not true"."""
PARAMETERS = Path(__file__).with_name("sides.json")

_NEGATION = re.compile(
    r"\b(?:not|never|no|none|nobody|nothing|neither|nowhere|without|lacks?|cannot)\b|n[’']t\b",
    re.IGNORECASE,
)
_DENIALS = (
    r"(?:den(?:y|ies|ied|ying|ials?)|refut(?:e[sd]?|ing)|reject(?:s|ed|ing|ion)?"
    r"|dismiss(?:es|ed|ing)?|disput(?:e[sd]?|ing)|rebut(?:s|ted|ting)?|repudiat(?:e[sd]?|ing)"
    r"|debunk(?:s|ed|ing)?|disown(?:s|ed|ing)?|rubbish(?:es|ed|ing)?|contradict(?:s|ed|ing)?"
    r"|baseless|unfounded|groundless|untrue|false|fabricat(?:ed|ions?)|fiction(?:al)?|nonsense"
    r"|lies?|liars?|hoax|fantasy|invent(?:ed|ions?)|myth|rumours?|rumors?|wrong|ridiculous|absurd"
    r"|pushed back|wide of the mark|far from (?:it|true))"
)
_NOT_DENIED = re.compile(
    r"(?:\b(?:not|never|nobody|no one|none|without|neither|nor|hardly)|n[’']t"
    rf"|\b(?:refus|declin)(?:e|es|ed|ing) to)\W+(?:\w+\W+){{0,2}}{_DENIALS}\b",
    re.IGNORECASE,
)
"""Two negations that make none."""
_NO_NEGATION = re.compile(
    r"\b(?:not only|no doubt|no longer|no later|no fewer|no less|nothing but|not just|no\. ?\d"
    r"|whether or not|if not)\b",
    re.IGNORECASE,
)
_DENIAL = re.compile(rf"\b{_DENIALS}\b", re.IGNORECASE)
_REFERS = re.compile(
    r"\b(?:that|this|such|these|it|(?:the|his|her|their) (?:\w+ )?(?:reports?|claims?|story|stories"
    r"|allegations?|charges?|complaints?|findings?|accounts?|rumours?|rumors?|suggestions?"
    r"|accusations?|comments?))\b|[’']s (?:claim|report|account|story|version)\b",
    re.IGNORECASE,
)
"""Words that stand for what was said before."""
_MOST = 0.6
"""Share of what a sentence holds of the question that must be in what somebody says in it."""
_LIKELY = 0.5
"""Share of the best side's probability from which one that contradicts it comes next."""
_BEFORE = 2
"""Sentences before one that tell what it is about."""
_END = re.compile(r"(?<=[a-z\])][.!?])(?=\s+[A-Z“‘\"\[])")
_COMMENTS = re.compile(
    r"\b(?:declined|refused|unwilling|unable) to (?:comment|say|answer|discuss|confirm|be drawn)"
    r"|\bneither confirm\w* nor den\w*|\bconfirm or deny\b|\bno comment\b"
    r"|\bnot (?:immediately )?(?:respond|reply|return)",
    re.IGNORECASE,
)
"""Says that nothing was said."""
_OWN = frozenset("i we our my us".split())


@dataclass(frozen=True, slots=True)
class Side:
    """A sentence that bears on the question, and whose it is."""

    span: Span
    speaker: Speaker | None
    """None in the document's own voice."""
    position: Position


@dataclass(frozen=True, slots=True)
class Weights:
    """A logistic model of whether a sentence bears on a question; see ``FEATURES``."""

    weights: tuple[float, ...]
    intercept: float
    share: float
    """A further position needs at least this share of the first one's probability."""

    @classmethod
    @cache
    def load(cls) -> Weights:
        found = json.loads(PARAMETERS.read_text("utf-8"))
        return cls(
            tuple(found["weights"][name] for name in FEATURES), found["intercept"], found["share"]
        )

    def probabilities(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """Of each row, 0 to 1, rounded to what is the same on every processor."""
        logits = features @ np.array(self.weights) + self.intercept
        found: NDArray[np.float64] = 1 / (1 + np.exp(-np.clip(logits, -50, 50)))
        return found.round(4)


class Sides:
    """Finds the sides of a question in passages."""

    def __init__(
        self,
        embedder: Embedder,
        rarity: Callable[[str], float],
        statements: Callable[[str, int, int], Sequence[Statement]],
        weights: Weights | None = None,
    ) -> None:
        """``statements`` gives those of a document that touch a span."""
        self._embedder = embedder
        self._rarity = rarity
        self._statements = statements
        self._weights = weights or Weights.load()
        self.share = self._weights.share

    def read(self, question: str, hits: Sequence[Hit], speaker: str = "") -> list[Side]:
        """The best sentence of each speaker, best first; never the same for one speaker twice.

        For a question who says something, only what somebody says; who denies it, only what
        is denied. With a ``speaker``, only what they say, and where the question itself names
        somebody who says something, only that.
        """
        spans, features = self.candidates(question, hits)
        if not spans:
            return []
        chances = self._weights.probabilities(features)
        order = np.lexsort((np.arange(len(spans)), -chances))
        kind, denial = asked(question), about_denial(question)
        found: dict[str | None, Side] = {}
        told = self._only_told(question, spans, chances) if kind == "whether" else set()
        for at in order:
            span, statement = spans[at]
            if at in told:
                continue
            who = statement.speaker if statement else None
            if kind == "who says" and (who is None or not who.name):
                continue
            name = _name(statement)
            if name in found or (who is None and _COMMENTS.search(span.text)):
                continue
            found[name] = Side(
                Span(span.hit, span.start, span.end, float(chances[at])),
                who,
                self._position(question, span, statement),
            )
        sides = list(found.values())
        if kind == "who says":
            wanted = "denies" if denial else "says"
            fitting = [side for side in sides if side.position == wanted]
            least = self.share * sides[0].span.probability if sides else 0.0
            if denial or (fitting and fitting[0].span.probability >= least):
                sides = fitting
        if speaker:
            return [side for side in sides if is_named(side.speaker, speaker)]
        named = said_by(question)
        meant = [side for side in sides if named and is_meant(side.speaker, named)]
        return meant or _both_sides(sides)

    def candidates(
        self, question: str, hits: Sequence[Hit]
    ) -> tuple[list[tuple[Span, Statement | None]], NDArray[np.float64]]:
        """Every sentence of the passages with whose it is, and their ``FEATURES``."""
        about = proposition(question)
        overlap = Overlap(about, self._rarity)
        spans: list[tuple[Span, Statement | None]] = []
        for hit in hits:
            passage = hit.passage
            said = self._statements(passage.document_id, passage.start, passage.end)
            for sentence in passage.sentences:
                for start, end in _parts(passage, sentence):  # none of one that is blank
                    span = Span(hit, start, end)
                    asks = span.text.rstrip("\"'”’ ").endswith("?")
                    heads = start == 0 and span.text[-1:].isalnum()
                    if not asks and not heads:
                        spans.append((span, _told(said, span, overlap)))
        if not spans:
            return [], np.zeros((0, len(FEATURES)))
        vectors = self._embedder.embed_queries([about, *(span.text for span, _ in spans)])
        cosines = [float(vector @ vectors[0]) for vector in vectors[1:]]
        rows = []
        for at, (span, statement) in enumerate(spans):
            name = statement.speaker.name if statement else ""
            before = [
                cosines[other]
                for other in range(max(0, at - _BEFORE), at)
                if spans[other][0].hit.passage.document_id == span.hit.passage.document_id
            ]
            context = max(before, default=0.0)
            denying = (
                statement is not None
                and _REFERS.search(span.text) is not None
                and denial(span.text, statement, span.start)
            )
            rows.append(
                (
                    cosines[at],
                    *overlap.of(f"{name}\n{span.text}"),
                    span.hit.cosine,
                    context,
                    context * denying,
                )
            )
        return spans, np.array(rows, np.float64)

    def _only_told(
        self,
        question: str,
        spans: Sequence[tuple[Span, Statement | None]],
        chances: NDArray[np.float64],
    ) -> set[int]:
        """Sentences in which a speaker only says what another one says, where there is one
        near in which they say something of their own."""
        overlap = Overlap(proposition(question), self._rarity)
        near = [at for at in range(len(spans)) if chances[at] >= self.share * chances.max()]
        told = {at for at in near if self._is_second_hand(*spans[at], overlap)}
        own = {_name(spans[at][1]) for at in near if at not in told}
        return {at for at in told if _name(spans[at][1]) in own}

    def _is_second_hand(self, span: Span, statement: Statement | None, overlap: Overlap) -> bool:
        """Whether most of what the sentence holds of the question is what its speaker says
        that another one says."""
        if statement is None:
            return False
        whole, _ = overlap.of(span.text)
        for other in self._statements(span.hit.passage.document_id, span.start, span.end):
            first, last = max(other.start, span.start), min(other.end, span.end)
            told = other.nested and other.speaker.mode != "attitude" and other.speaker.name
            if first < last and told and not _on_the_spot(other, span.text, span.start):
                held, _ = overlap.of(span.text[first - span.start : last - span.start])
                if whole and held >= _MOST * whole:
                    return True
        return False

    def _position(self, question: str, span: Span, statement: Statement | None) -> Position:
        if statement is None:
            return "reporter"
        about = proposition(question)
        turned = negated(about) or _DENIAL.search(about) is not None
        said: Sequence[Statement] = ()
        if not turned:  # else what another one denies may be what was asked for
            said = self._statements(span.hit.passage.document_id, span.start, span.end)
        denies = denial(span.text, statement, span.start, said)
        return "denies" if denies != turned else "says"


def _both_sides(sides: Sequence[Side]) -> list[Side]:
    """The best one first, then the best of the other position where it is about as likely,
    then all others."""
    for side in sides[1:]:
        if side.span.probability < _LIKELY * sides[0].span.probability:
            break
        if side.speaker is not None and side.position != sides[0].position:
            return [sides[0], side, *(other for other in sides[1:] if other is not side)]
    return list(sides)


def _name(statement: Statement | None) -> str | None:
    return statement.speaker.name.casefold() if statement else None


def _told(said: Sequence[Statement], span: Span, overlap: Overlap) -> Statement | None:
    """Whose word it is for what a sentence holds of the question: a speaker's, where most of
    the question's words in it are theirs."""
    whole, _ = overlap.of(span.text)
    statement = whose(said, (span.start, span.end))
    best, most = statement, 0.0 if statement is None else 2.0
    for one in said:
        if one.nested or one.speaker.mode == "attitude" or _only_wants(one, span):
            continue
        start, end = max(one.start, span.start), min(one.end, span.end)
        if start < end:
            held, _ = overlap.of(span.text[start - span.start : end - span.start])
            if held >= max(_MOST * whole, 0.01) and held > most:
                best, most = one, held
    return best


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


def whose(
    statements: Sequence[Statement], quote: tuple[int, int], answer: tuple[int, int] | None = None
) -> Statement | None:
    """The outermost statement that the short ``answer``, or most of the ``quote``, is in; None
    where the document says it itself. What somebody is said to want is the document's."""
    start, end = answer or quote
    best: tuple[bool, int, Statement] | None = None
    for statement in statements:
        if statement.nested or statement.speaker.mode == "attitude":
            continue
        shared = min(end, statement.end) - max(start, statement.start)
        if shared <= 0:
            continue
        named = 0
        if answer is None:
            speaker = statement.speaker
            for first, last in (
                (speaker.start, speaker.end),
                (speaker.cue_start, speaker.cue_end),
            ):
                named += max(0, min(end, last) - max(start, first))
        if 2 * shared < (end - start) - named:
            continue
        key = statement.speaker.name != "", shared
        if best is None or key > best[:2]:
            best = (*key, statement)
    if best is None:
        return None
    outer = best[2]
    if answer is not None and outer.denies and outer.speaker.mode == "indirect":
        # "The ministry refuted Ann Lee's claim that the bridge fell": it is her who says so.
        inner = [one for one in statements if one.nested and one.start <= start and end <= one.end]
        return min(inner, key=lambda one: one.end - one.start, default=None)
    return outer


def is_named(speaker: Speaker | None, words: str) -> bool:
    """Whether all of the words are in the speaker's name and role."""
    if speaker is None:
        return False
    known = set(re.findall(r"\w+", f"{speaker.name} {speaker.role or ''}".casefold()))
    return known.issuperset(re.findall(r"\w+", words.casefold()))


def is_meant(speaker: Speaker | None, words: str) -> bool:
    """Whether a question's words for somebody can mean the speaker: the last one is in the
    name or role ("the Iranian ambassador" means "Ann Lee, ambassador to Armenia")."""
    return is_named(speaker, words.split()[-1])


def denial(
    text: str, statement: Statement, start: int, statements: Sequence[Statement] = ()
) -> bool:
    """Whether ``text``, a sentence at ``start`` in the document that ``statement`` attributes,
    says that something is not so. Two negations ("did not deny") make none.

    What another one says within it, by the other ``statements``, does not count, unless it is
    a denial on the spot ("we deny", "the company rejects").
    """
    speaker = statement.speaker
    end = start + len(text)
    inside = start <= speaker.cue_start and speaker.cue_end <= end
    cue = text[speaker.cue_start - start : speaker.cue_end - start] if inside else ""
    own = text[max(0, statement.start - start) : max(0, statement.end - start)]
    first = max(statement.start, start)
    for other in statements:
        told = other.nested and other.speaker.name and first <= other.start < other.end <= end
        if told and not _on_the_spot(other, text, start):
            verb = other.speaker.cue_start, other.speaker.cue_end
            for part in ((other.start, other.end), verb):
                own = own.replace(text[max(0, part[0] - start) : max(0, part[1] - start)], " ", 1)
    own = _NOT_DENIED.sub(" ", own)
    words = cue.lower().split()
    denying = _DENIAL.search(cue) is not None or (
        bool(words) and words[-1] in cues.CUES and cues.CUES[words[-1]][0].denies
    )
    return denying != (negated(own) or _DENIAL.search(own) is not None)


def _on_the_spot(statement: Statement, text: str, start: int) -> bool:
    """Whether a nested statement is its speaker's own: of "we", or in the present tense."""
    speaker = statement.speaker
    source = text[max(0, speaker.start - start) : max(0, speaker.end - start)].lower().split()
    words = text[max(0, speaker.cue_start - start) : max(0, speaker.cue_end - start)]
    verbs = words.lower().split()
    form = cues.CUES[verbs[-1]][1] if verbs and verbs[-1] in cues.CUES else "past"
    return (bool(source) and source[0] in _OWN) or (
        form in ("s", "base") and not set(verbs) & cues.HAVING
    )


def negated(text: str) -> bool:
    return _NEGATION.search(_NO_NEGATION.sub("", text)) is not None
