"""Questions whether something is so, and who says it: the sentences that bear on it, and what
each speaker does with it.

A span of words cannot say yes or no, and on somebody's word Sayso does not either: it lays
out who says what. So these questions are not answered by the reader's spans but by whole
sentences, weighed by how close they come to the question (``rag/bearing.py``), the best of each
speaker. The positions in a dispute follow from the
words that attribute and from negation, relative to the question.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from rag.bearing import FEATURES, MOST, Sentences, Weights
from rag.copies import originals
from rag.embed import Embedder
from rag.judge import Overlap
from rag.meant import is_meant, is_named, meaning
from rag.negations import undisputed
from rag.opposites import turns_round
from rag.parties import Party, is_one_name, is_one_party, party_of
from rag.position import (
    by_verb,
    denial,
    denials,
    negated,
    on_the_spot,
    only_asks,
    shared_denials,
    within,
)
from rag.question import about_denial, asked, proposition, said_by
from rag.read import Reader, Span
from rag.replies import NEAR, Reply, goes_on, reply
from rag.types import Asked, Hit, Position, Speaker, Statement

_DENIED = FEATURES.index("denied")
_LIKELY = 0.5
"""Share of the best side's probability from which one that contradicts it comes next."""
_AT_ONCE = 3
"""Sentences that are quoted together."""
_GAP = 2
"""Characters between two sentences that follow each other."""
_THEIRS = 0.67
"""How often a statement is given to the right speaker; source P of ``python -m eval speakers``."""
_COMMENTS = re.compile(
    r"\b(?:declined|refused|unwilling|unable) to (?:comment|say|answer|discuss|confirm|be drawn)"
    r"|\bneither confirm\w* nor den\w*|\bconfirm or deny\b|\bno comment\b"
    r"|\bnot (?:immediately )?(?:respond|reply|return)",
    re.IGNORECASE,
)
"""Says that nothing was said."""


_UNKNOWING = re.compile(
    r"\W*(?:that )?(?:(?:I|we|he|she|they|it) )?(?:(?:ha[ds]|have|was|were|is|are|am) )?"
    r"(?:no (?:knowledge|idea|recollection|memory) (?:of|about|whether|if|what)"
    r"|(?:did|do|does)(?: not|n[’']t) (?:know|remember|recall)|not aware (?:of|that)"
    r"|unaware (?:of|that))\b(?:(?! and | but )[^,;:])*$",
    re.IGNORECASE,
)
"""Says nothing of whether it is so."""
_KNOW = re.compile(r"\b(?:kn[eo]w|aware|hear|heard|remember|recall|tell|told)", re.IGNORECASE)
_WAS_ASKED = re.compile(
    r"\b(?:was|were|been) asked (?:by [^,.;]{1,40} )?(?:whether|if)\b", re.IGNORECASE
)
_ASK = re.compile(r"\b(?:ask|wonder|inquire|enquire|question)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Side:
    """A sentence that bears on the question, and whose it is."""

    span: Span
    speaker: Speaker | None
    """None in the document's own voice."""
    position: Position
    denied: frozenset[str] = frozenset()
    """Whose claims the speaker denies there or nearby, in lower case."""


def attributed(sides: Sequence[Side]) -> Callable[[Span], tuple[Speaker | None, Position]]:
    """Who says what the spans of the sides quote, also at the other places where it stands."""
    by_span = {
        span: (side.speaker, side.position)
        for side in reversed(sides)
        for span in (side.span, *side.span.same)
    }
    return by_span.__getitem__


class Sides:
    """Finds the sides of a question in passages."""

    def __init__(
        self,
        embedder: Embedder,
        rarity: Callable[[str], float],
        statements: Callable[[str, int, int], Sequence[Statement]],
        titles: Callable[[Sequence[str]], dict[str, str]],
        reader: Reader,
        weights: Weights | None = None,
    ) -> None:
        """``statements`` gives those of a document that touch a span, ``titles`` the titles of
        documents by id."""
        self._sentences = Sentences(embedder, rarity, statements, titles, reader)
        self._rarity = rarity
        self._statements = statements
        self._weights = weights or Weights.load()
        self.share = self._weights.share

    def read(self, question: str, hits: Sequence[Hit], speaker: str = "") -> list[Side]:
        """The best sentence of each speaker, best first; a second one of theirs only where it
        says the opposite in another document.

        For a question who says something, only what somebody says; who denies it, only what
        is denied. With a ``speaker``, only what they say, and where the question itself names
        somebody who says something, only that.
        """
        spans, features = self._sentences.candidates(question, hits)
        if not spans:
            return []
        chances = self._weights.probabilities(features)
        kind, denial = asked(question), about_denial(question)
        linked = None
        if kind == "whether":
            linked = reply(spans, features[:, _DENIED] != 0, chances)
        if linked:
            chances[linked.other] = max(chances[linked.other], _LIKELY * chances.max())
        sides = self._one_each(question, kind, spans, chances, linked)
        least = self.share * sides[0].span.probability if sides else 0.0
        if kind == "who says" or denial:
            wanted = "denies" if denial else "says"
            fitting = [side for side in sides if side.position == wanted]
            if kind == "who says" and denial:
                sides = fitting
            elif fitting and fitting[0].span.probability >= least:
                rest = [side for side in sides if side.position != wanted]
                others = [] if kind == "who says" else self._both_sides(question, rest)
                sides = fitting + others
        if speaker:
            return [side for side in sides if is_named(side.speaker, speaker)]
        named = said_by(question)
        meant = _most_meant(sides, named) if named else []
        if meant and meant[0].span.probability >= least:
            return meant
        return sides if denial else self._both_sides(question, sides)

    def said(self, question: str, hits: Sequence[Hit], speaker: str = "") -> list[Side]:
        """What the one says whom the question names ("What did Ann Lee say about the mill?"),
        or the ``speaker``: their sentences, the nearest to what it is about first. Where it is
        about nothing, whatever they say answers it."""
        spans, features = self._sentences.candidates(question, hits)
        if not spans:
            return []
        chances = self._weights.probabilities(features, theirs=True)
        named = said_by(question)
        least = _THEIRS if proposition(question) == question.strip() else 0.0
        found = []
        for at in np.lexsort((np.arange(len(spans)), -chances)):
            span, statement = spans[at]
            if statement is None:
                continue
            who = statement.speaker
            meant = is_named(who, speaker) if speaker else is_meant(who, named)
            if meant and not _COMMENTS.search(span.text):
                span = Span(span.hit, span.start, span.end, max(least, float(chances[at])))
                found.append(Side(span, who, by_verb(statement)))
        if not speaker:
            found = _most_meant(found, named)
        if not found and least:
            return self._refusals(hits, speaker or named, least)
        return _utterances(found) if least else found

    def _refusals(self, hits: Sequence[Hit], who: str, probability: float) -> list[Side]:
        """Where the one declines to comment who is asked for."""
        found = []
        for hit in hits:
            passage = hit.passage
            for start, end in passage.sentences:
                span = Span(hit, start, end, probability)
                if not _COMMENTS.search(span.text):
                    continue
                for one in self._statements(passage.document_id, start, end):
                    inside = start <= one.speaker.start < end
                    if inside and not one.nested and is_meant(one.speaker, who):
                        found.append(Side(span, one.speaker, "says"))
                        break
        return found

    def _one_each(
        self,
        question: str,
        kind: Asked,
        spans: Sequence[tuple[Span, Statement | None]],
        chances: NDArray[np.float64],
        linked: Reply | None = None,
    ) -> list[Side]:
        """The best sentence of each party, with the other places where it stands; of those
        that are about as likely, the party's own words."""
        overlap = Overlap(proposition(question), self._rarity)
        told = self._only_told(overlap, spans, chances) if kind == "whether" else set()
        parties: dict[Party, list[tuple[Side, bool]]] = {}
        for at in np.lexsort((np.arange(len(spans)), -chances)):
            span, statement = spans[at]
            if kind == "who says":
                statement = self._holder(span, statement, overlap) or statement
            who = statement.speaker if statement else None
            if at in told or (kind == "who says" and (who is None or not who.name)):
                continue
            if (who is None or not who.name) and _COMMENTS.search(span.text):
                continue
            if kind == "whether" and _knows_nothing(question, span, statement):
                continue
            if kind == "whether" and who is None and _WAS_ASKED.search(span.text):
                continue
            asking = statement is not None and only_asks(span.text, span.start, statement)
            if asking and kind == "whether" and not _ASK.search(question):
                continue
            position = self._position(question, overlap, span, statement)
            end = span.end
            if linked and at in (linked.first, linked.other):
                first = self._position(question, overlap, *spans[linked.first])
                position = linked.position(at, position, first, about_denial(question))
            if linked and at == linked.other:
                end = spans[linked.last][0].end
            elif kind == "whether" and at + 1 < len(spans) and goes_on(spans[at], spans[at + 1]):
                end = spans[at + 1][0].end
            found = Side(Span(span.hit, span.start, end, float(chances[at])), who, position)
            parties.setdefault(_of_them(parties, found), []).append(
                (found, _is_verbatim(span, statement))
            )
        sides: list[Side] = []

        def bears(text: str) -> bool:
            return overlap.of(text)[0] > 0

        for said in parties.values():
            denied = self._denied([side for side, _ in said])
            best = replace(_own_words(said, bears), denied=denied)
            sides.append(best)
            if kind == "whether" and (other := _elsewhere(best, said)):
                sides.append(replace(_own_words(other, bears), denied=denied))
        return sorted(sides, key=lambda side: -side.span.probability)

    def _both_sides(self, question: str, sides: Sequence[Side]) -> list[Side]:
        """The best one first, then the best of the other position where it is about as likely,
        or by the one whose claim the first one denies; then all others."""
        if not sides:
            return []
        likely = _LIKELY * sides[0].span.probability
        known = [side for side in sides if side.speaker is not None and side.speaker.name]
        if known and known[0].span.probability >= likely and self._only_reports(question, sides[0]):
            sides = [known[0], *(side for side in sides if side is not known[0])]
        first, *others = sides
        against = [s for s in others if s.speaker is not None and s.position != first.position]
        denied = [
            side
            for side in against
            if side.speaker is not None
            and side.speaker.name.casefold() in first.denied
            and side.span.probability >= self.share * first.span.probability
        ]
        next_one = denied or [side for side in against if side.span.probability >= likely]
        if next_one:
            return [first, next_one[0], *(side for side in others if side is not next_one[0])]
        return [first, *others]

    def _only_reports(self, question: str, side: Side) -> bool:
        """Whether nobody stands behind what the sentence holds of the question: it is hearsay,
        or what somebody is said to ask or want."""
        if side.speaker is not None:
            return not side.speaker.name
        span = side.span
        overlap = Overlap(proposition(question), self._rarity)
        whole, _ = overlap.of(span.text)
        for one in self._statements(span.hit.passage.document_id, span.start, span.end):
            if whole and _held(one, span, overlap) >= MOST * whole:
                return True
        return False

    def _denied(self, said: Sequence[Side]) -> frozenset[str]:
        """Whose claims the sentences of one speaker deny, in lower case."""
        found = set()
        for side in said:
            span = side.span
            if (
                side.position != "denies"
                or span.probability < self.share * said[0].span.probability
            ):
                continue
            for one in self._statements(span.hit.passage.document_id, span.start, span.end):
                inside = span.start <= one.speaker.start and one.speaker.end <= span.end
                if one.nested and inside and one.speaker.name:
                    found.add(one.speaker.name.casefold())
        return frozenset(found)

    def _only_told(
        self,
        overlap: Overlap,
        spans: Sequence[tuple[Span, Statement | None]],
        chances: NDArray[np.float64],
    ) -> set[int]:
        """Sentences in which a speaker only says what another one says, where there is one
        near in which they say something of their own."""
        near = [at for at in range(len(spans)) if chances[at] >= self.share * chances.max()]
        told = {at for at in near if self._holder(*spans[at], overlap)}
        own = {_name(spans[at][1]) for at in near if at not in told}
        return {at for at in told if _name(spans[at][1]) in own}

    def _holder(
        self, span: Span, statement: Statement | None, overlap: Overlap
    ) -> Statement | None:
        """Who says most of what the sentence holds of the question, where its speaker only says
        that this one does: "Lee said that Day called it a lie". None where nobody else does."""
        if statement is None:
            return None
        whole, _ = overlap.of(span.text)
        found: Statement | None = None
        for other in self._statements(span.hit.passage.document_id, span.start, span.end):
            told = other.nested and other.speaker.mode != "attitude" and other.speaker.name
            closer = found is None or other.end - other.start < found.end - found.start
            if not told or not closer or on_the_spot(other, span.text, span.start):
                continue
            if whole and _held(other, span, overlap) >= MOST * whole:
                found = other
        return found

    def _position(
        self, question: str, overlap: Overlap, span: Span, statement: Statement | None
    ) -> Position:
        """``overlap`` is that with what the question is about."""
        if statement is None:
            return "reporter"

        def bears(part: str) -> float:
            return overlap.of(part)[0]

        text, about = undisputed(span.text, proposition(question), bears)
        said = self._statements(span.hit.passage.document_id, span.start, span.end)
        statement = _nearest(said, span, statement, overlap)
        by = statement.speaker
        shared = shared_denials(about, text, within(text, span.start, by.cue_start, by.cue_end))
        turned = negated(about) or not shared.issuperset(denials(about))
        # Where it is turned, what another one denies may be what was asked for.
        others = () if turned else said
        denies = denial(text, statement, span.start, others, bears, shared)
        denies ^= turns_round(about, within(text, span.start, statement.start, statement.end))
        return "denies" if denies != turned else "says"


def _of_them(parties: Mapping[Party, Sequence[tuple[Side, bool]]], side: Side) -> Party:
    """The party of those so far that the side is of; else one of its own."""
    own = party_of(side.speaker, side.span)
    for one in parties:
        if is_one_party(one, own):
            return one
    if side.speaker is None or not _is_known(side):
        return own
    # By the family name alone where another document has it all; in one, they are told apart.
    document = side.span.hit.passage.document_id
    found = [
        party
        for party, ((one, _), *_) in parties.items()
        if one.speaker is not None
        and _is_known(one)
        and one.span.hit.passage.document_id != document
        and is_one_name(one.speaker.name, side.speaker.name)
    ]
    return found[0] if len(found) == 1 else own


def _held(one: Statement, span: Span, overlap: Overlap) -> float:
    """Share of the question's words, by weight, that a statement, which touches the sentence,
    holds of it."""
    return overlap.of(within(span.text, span.start, one.start, one.end))[0]


def _nearest(
    said: Sequence[Statement], span: Span, statement: Statement, overlap: Overlap
) -> Statement:
    """Of what is ``said`` in the sentence, that of the same speaker which bears most on the
    question: of "admitted an error but denied that it fell" either may."""
    others = [
        one
        for one in said
        if one.speaker.name == statement.speaker.name
        and one.nested == statement.nested
        and one.speaker.cue_start != statement.speaker.cue_start
    ]
    own = _held(statement, span, overlap)
    best = max(others, key=lambda one: _held(one, span, overlap), default=statement)
    return best if _held(best, span, overlap) > own else statement


def _knows_nothing(question: str, span: Span, statement: Statement | None) -> bool:
    """Whether the speaker only says that they do not know, where nobody asks what they know."""
    if statement is None or _KNOW.search(question):
        return False
    said = within(span.text, span.start, statement.start, statement.end)
    return _UNKNOWING.match(said) is not None


def _is_known(side: Side) -> bool:
    """Whether its speaker is named, so that another document can mean them, too."""
    if side.speaker is None or not side.speaker.name:
        return False
    _, _, *document = party_of(side.speaker, side.span)
    return not document


def _elsewhere(first: Side, said: Sequence[tuple[Side, bool]]) -> Sequence[tuple[Side, bool]]:
    """What the same speaker says in other documents against it, about as likely; from the best
    on. People change their mind."""
    found = [
        (side, verbatim)
        for side, verbatim in said
        if side.position != first.position
        and side.span.hit.passage.document_id != first.span.hit.passage.document_id
        and side.speaker is not None
        and first.speaker is not None
        and _is_known(side)
        and is_one_name(side.speaker.name, first.speaker.name)
    ]
    likely = bool(found) and found[0][0].span.probability >= _LIKELY * first.span.probability
    return found if likely else ()


def _most_meant(sides: Sequence[Side], words: str) -> list[Side]:
    """Those of whom the words for somebody tell the most; none where they mean nobody of them."""
    told = [(side, meaning(side.speaker, words)) for side in sides]
    meant = [(side, count) for side, count in told if count]
    best = max((side.span.probability for side, _ in meant), default=0.0)
    most = max((n for side, n in meant if side.span.probability >= _LIKELY * best), default=0)
    names = {side.speaker.name for side, count in meant if count >= most and side.speaker}
    return [
        side
        for side, _ in meant
        if side.speaker and any(is_one_name(side.speaker.name, name) for name in names)
    ]


def _utterances(said: Sequence[Side]) -> list[Side]:
    """What a speaker says in one breath as one, in the order of the first of each in ``said``."""
    runs: list[list[int]] = []
    for at in sorted(range(len(said)), key=lambda at: (_home(said[at]), said[at].span.start)):
        last = said[runs[-1][-1]] if runs else None
        side = said[at]
        if (
            last is not None
            and len(runs[-1]) < _AT_ONCE
            and _home(last) == _home(side)
            and last.speaker is not None
            and side.speaker is not None
            and last.speaker.name == side.speaker.name
            and side.span.start - last.span.end <= NEAR
        ):
            runs[-1].append(at)
        else:
            runs.append([at])
    return [
        replace(said[min(run)], span=replace(said[min(run)].span, start=start, end=end))
        for run in sorted(runs, key=min)
        for start, end in [(said[run[0]].span.start, said[run[-1]].span.end)]
    ]


def _home(side: Side) -> tuple[str, int]:
    passage = side.span.hit.passage
    return passage.document_id, passage.start


def _is_verbatim(span: Span, statement: Statement | None) -> bool:
    """Whether most of the sentence stands in quotation marks."""
    if statement is None or statement.speaker.mode != "direct":
        return False
    quoted = min(span.end, statement.end) - max(span.start, statement.start)
    return 2 * quoted > span.end - span.start


def _own_words(said: Sequence[tuple[Side, bool]], bears: Callable[[str], bool]) -> Side:
    """The best of what a party says, in its own words where they are about as likely and stand
    beside it or have a word of the question, with the other places where the same stands."""
    best, quoted = said[0]
    for side, verbatim in said[1:]:
        if quoted or side.span.probability < _LIKELY * best.span.probability:
            break
        near = _is_beside(side.span, best.span) or bears(side.span.text)
        if verbatim and near and side.position == best.position:
            best, quoted = side, True
    others = [side for side, _ in said if side is not best]
    texts = [best.span.text, *(side.span.text for side in others)]
    first = zip(others, originals(texts)[1:], strict=True)
    copies = [side for side, of in first if of == 0 or side.span.text == best.span.text]
    # Of copies that one is quoted which names the speaker in full.
    alike = [side for side in copies if side.position == best.position]
    fullest = max([best, *alike], key=_fullness)
    same = [side.span for side in (best, *copies) if side is not fullest]
    best, chance = fullest, said[0][0].span.probability
    return replace(best, span=replace(best.span, probability=chance, same=tuple(same)))


def _is_beside(one: Span, other: Span) -> bool:
    """Whether nothing but white space stands between them."""
    same = one.hit.passage.document_id == other.hit.passage.document_id
    apart = max(one.start, other.start) - min(one.end, other.end)
    return same and apart <= _GAP


def _fullness(side: Side) -> int:
    """How many words name its speaker."""
    return len(side.speaker.name.split()) if side.speaker else 0


def _name(statement: Statement | None) -> str | None:
    return statement.speaker.name.casefold() if statement else None
