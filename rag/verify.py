"""The proof: what a language model wrote, sentence by sentence, against the passages.

A sentence stands where one passage carries it: every number, name and quoted phrase of it is
there, it neither adds nor loses a negation, it is nobody else's word, and a checker whose error
rate is measured (``rag/support.py``, ``python -m eval proof``) takes it to be carried. The
passage that the model named is tried first; where another one carries the sentence, that one
is cited instead. What no passage carries is never shown as an answer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from rag.align import Word, aligned, words
from rag.facts import hedged, names, numbers, phrases, plain
from rag.generate import Draft
from rag.judge import stem, stems
from rag.planted import is_order, is_planted
from rag.position import denial, negated, whose
from rag.retrieve import content_words
from rag.speaker import statements
from rag.support import Support
from rag.types import Hit, Passage, Position, Proof, Sentence, Speaker, Statement

_LOOKED_AT = 8
"""Stretches of a passage that are compared word by word."""
_MOST_SENTENCES = 3
"""Of a passage that carry a sentence together."""
_FEWEST_WORDS = 2
"""Content words without which a sentence says nothing that could be proved."""

HAS_LINK = "holds a link or markup"
IS_PLANTED = "addresses an assistant"
"""Reasons why even a removed sentence is not shown."""

_LINK = re.compile(r"https?:|www\.|\]\(|!\[|<\w[^>]*>|data:\w|javascript:|\w@\w", re.IGNORECASE)
_ENDS = re.compile(r"[.!][\"'”’)\]]*$")
_FEWEST = 3
"""Words of a sentence: no title, no list of names."""
_LEANS = re.compile(
    r"^(?:(?:and|but|so|also|then|thus|therefore|however|moreover|in addition),? )?"
    r"(?:this|that|these|those|such|it|its|he|his|she|her|they|their|the (?:former|latter))\b",
    re.IGNORECASE,
)
_LEANING = "begins with a pronoun for what was removed, or never said"
_YES_NO = re.compile(r"^(?:yes|no)\b[,.:;]?\s*", re.IGNORECASE)
_ABOUT_ITSELF = re.compile(
    r"\b(?:the (?:passages?|article|text|document|report|question|answer|sentence)s?"
    r"|passage \d|numbered passages|as an ai|i (?:am|cannot|can’t|can't))\b",
    re.IGNORECASE,
)
_SOURCE = re.compile(
    r"^(?:according to|as (?:stated|mentioned|reported) in) (?:the )?(?:\w+ )?"
    r"(?:passages?|article|text|document|report)\b,?\s*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Limits:
    """With what a sentence stands; ``python -m eval proof`` measures them."""

    covered: float = 0.8
    """Least share of its content words that its evidence holds in their order, 0 to 1."""
    support: float = 0.7
    """Least probability of the checker: the least with which under 2% of what stood was not
    carried, on the half of the sentences that limits are chosen on."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A passage that may carry sentences."""

    hit: Hit
    title: str
    published: date | None
    statements: Sequence[Statement]
    """Those of the passage's document that touch the passage."""

    @property
    def passage(self) -> Passage:
        return self.hit.passage


@dataclass(frozen=True, slots=True)
class Proved:
    """A sentence with what became of it, and where it stands."""

    sentence: Sentence
    at: int = -1
    """Index of the evidence that carries it."""
    start: int = 0
    end: int = 0
    """Span of the sentences that carry it, in the document."""
    speaker: Speaker | None = None
    """Whose word it is, by the document."""
    position: Position = "reporter"
    support: float = 0.0
    """Probability that the passage carries it, 0 to 1."""


@dataclass(frozen=True, slots=True)
class _Found:
    """Where a passage holds the words of a sentence, and what speaks against it."""

    reason: str
    covered: float
    start: int = 0
    end: int = 0
    speaker: Speaker | None = None
    position: Position = "reporter"
    told: bool = False


def prove(
    question: str,
    draft: Draft,
    evidence: Sequence[Evidence],
    support: Support,
    limits: Limits | None = None,
    goes_on: bool = False,
) -> Proved:
    """What becomes of a sentence, for the question that it was written to.

    With ``goes_on`` the sentence before it stands, so that it may begin with a pronoun.
    ``limits`` are those of the packaged model unless others are given.
    """
    limits = limits or Limits()
    text = _SOURCE.sub("", _YES_NO.sub("", draft.text))
    text = text[:1].upper() + text[1:]
    reason = _unfit(text) or ("" if goes_on or not _LEANS.search(text) else _LEANING)
    unproved = Sentence(draft.text, "unsupported", reason, draft.cited)
    if unproved.reason:
        unfit = unproved.reason in (HAS_LINK, IS_PLANTED)
        return Proved(replace(unproved, text="") if unfit else unproved)
    claimed = [one for one in statements(text) if not one.nested and one.speaker.mode != "attitude"]
    mine = words(text)
    found = [_search(text, mine, claimed, one, limits.covered) for one in evidence]
    fit = [at for at, one in enumerate(found) if not one.reason]
    chances = support.of(
        question, text, [(evidence[at].title, evidence[at].passage.text) for at in fit]
    )
    likely = {
        at: chance for at, chance in zip(fit, chances, strict=True) if chance >= limits.support
    }
    named = [number - 1 for number in draft.cited if number - 1 in likely]
    order = named or sorted(likely, key=lambda at: (-likely[at], at))
    if not order:
        # Of the passage that comes nearest, or the one that the model named.
        cited = [number - 1 for number in draft.cited if 0 < number <= len(evidence)]
        nearest = max(cited or range(len(found)), key=lambda at: found[at].covered, default=None)
        if draft.cited and not cited:
            reason = "names a passage that there is not, and no other carries it"
        elif nearest is None:
            reason = "there is no passage"
        else:
            reason = found[nearest].reason or "the passage does not carry it"
        return Proved(replace(unproved, reason=reason))
    at = order[0]
    state: Proof = "supported" if named else "moved"
    best = found[at]
    sentence = Sentence(text, state, "", draft.cited, best.told)
    return Proved(sentence, at, best.start, best.end, best.speaker, best.position, likely[at])


def _unfit(text: str) -> str:
    """What speaks against a sentence whatever the passages say; empty where nothing does."""
    if _LINK.search(text):
        return HAS_LINK
    if is_planted(text):
        return IS_PLANTED
    if text.rstrip("\"'”’ ").endswith("?"):
        return "is a question"
    if not _ENDS.search(text) or "…" in text or len(text.split()) < _FEWEST:
        return "is no sentence"
    if len(set(content_words(text))) < _FEWEST_WORDS:
        return "says too little to be proved"
    return ""


def _search(
    text: str, mine: Sequence[Word], claimed: Sequence[Statement], one: Evidence, least: float
) -> _Found:
    """The fewest sentences of a passage that hold most of the words of ``text`` in their
    order, and the first thing that speaks against them."""
    passage = one.passage
    places = passage.sentences
    fair = [_asserts(_cut(passage, *place)) for place in places]
    windows = [
        (first, size)
        for size in range(1, _MOST_SENTENCES + 1)
        for first in range(len(places) - size + 1)
        if all(fair[first : first + size])
    ]
    held = [{word.stem for word in words(_cut(passage, *place))} for place in places]
    wanted = {word.stem for word in mine}

    def shared(window: tuple[int, int]) -> int:
        return len(wanted & set().union(*held[window[0] : sum(window)]))

    best: tuple[tuple[float, int, int], _Found, list[bool]] | None = None
    # Order is looked at where there are enough words; that costs more.
    for first, size in sorted(windows, key=lambda window: -shared(window))[:_LOOKED_AT]:
        if not shared((first, size)):
            break
        start, end = places[first][0], places[first + size - 1][1]
        there = _there(mine, claimed, one, start, end)
        share = sum(there) / len(mine)
        key = (round(share, 6), -size, -first)
        if best is None or key > best[0]:
            best = key, _Found("", share, start, end), there
    if best is None:
        return _Found("none of the passages holds its words", 0.0)
    _, found, there = best
    reason = _facts(text, mine, there, _cut(passage, found.start, found.end), one)
    if not reason and found.covered < least:
        reason = "says more than the passage, or in another order"
    return replace(found, reason=reason) if reason else _whose(found, text, claimed, one, wanted)


def _asserts(sentence: str) -> bool:
    """Whether a sentence of a passage can carry anything: it is there, and no order to say it."""
    return bool(sentence.strip()) and not is_order(sentence) and not is_planted(sentence)


def _there(
    mine: Sequence[Word],
    claimed: Sequence[Statement],
    one: Evidence,
    start: int,
    end: int,
) -> list[bool]:
    """Which words of the sentence stand in the evidence in their order, or name the one that
    the evidence is the word of by more than it does ("Aykhan Hajizada" for "he")."""
    there = aligned(mine, words(_cut(one.passage, start, end)))
    speakers = {
        word.stem
        for said in one.statements
        if said.start < end and start < said.end and not said.nested
        for word in words(f"{said.speaker.name} {said.speaker.role or ''}")
    }
    sources = [(s.speaker.start, s.speaker.end) for s in claimed]
    return [
        found
        or (
            word.stem in speakers
            and any(first <= word.start and word.end <= last for first, last in sources)
        )
        for word, found in zip(mine, there, strict=True)
    ]


def _facts(
    text: str, mine: Sequence[Word], there: Sequence[bool], quote: str, one: Evidence
) -> str:
    """The first number, name or quoted phrase of ``text`` that is not where it should be."""
    passage = one.passage.text
    known = f"{quote}\n{one.title}\n{_speakers(one.statements)}\n{_day(one.published)}"
    missing = numbers(text) - numbers(known)
    if missing:
        return f"the number {min(missing)} is not in the passage"
    dropped = hedged(quote) & numbers(text) - hedged(text)
    if dropped:
        return f"the passage has the number {min(dropped)} with “at least” or the like"
    itself = _ABOUT_ITSELF.search(text)
    if itself and plain(itself.group()) not in plain(passage):
        return "speaks of the passages, not of what they say"
    for phrase in phrases(text):
        if plain(phrase) not in plain(passage):
            return "quotes words that are not in the passage"
    for name in names(text):
        if not name.within(f"{known}\n{passage}"):
            return f"{name.text} is not in the passage"
        inside = [
            found
            for word, found in zip(mine, there, strict=True)
            if name.start <= word.start and word.end <= name.end
        ]
        if not all(inside) and name.within(passage):
            return f"{name.text} stands elsewhere in the passage"
    return ""


def _whose(
    found: _Found, text: str, claimed: Sequence[Statement], one: Evidence, wanted: set[str]
) -> _Found:
    """Whose word the evidence is, whether the sentence says so, and what speaks against it."""
    passage, start, end = one.passage, found.start, found.end
    first, last = _matched(passage, start, end, wanted)
    said = [s for s in one.statements if s.start < end and start < s.end]
    quote = _cut(passage, start, end)
    theirs = [
        s
        for s in said
        if not s.nested and any(_same_source(c, s.speaker, passage) for c in claimed)
    ]
    if plain(text) == plain(quote):
        statement = whose(said, (start, end))
        told = statement is not None and start <= statement.speaker.start < end
        return _by(found, statement, told, quote, said)
    if theirs:
        statement = max(theirs, key=lambda s: min(last, s.end) - max(first, s.start))
    elif claimed and not _names(claimed[0], quote):
        return replace(found, reason="is not on that source's word")
    else:
        statement = whose(said, (start, end), (first, last))
    if statement is None:
        if any(s.denies and s.start <= first and last <= s.end for s in said):
            return replace(found, reason="the passage denies it, or says what it denies")
        if negated(text) != negated(_cut(passage, *_clause(passage, first, last))):
            return replace(found, reason="adds or loses a negation")
        return replace(found, told=bool(claimed))
    denied = denial(quote, statement, start, said)
    own = any(denial(text, other, 0, claimed) for other in claimed) if claimed else negated(text)
    if denied != own:
        return replace(found, reason="the passage denies it, or says what it denies")
    return _by(found, statement, bool(theirs), quote, said)


def _by(
    found: _Found, statement: Statement | None, told: bool, quote: str, said: Sequence[Statement]
) -> _Found:
    if statement is None:
        return replace(found, told=told)
    denies = denial(quote, statement, found.start, said)
    position: Position = "denies" if denies else "says"
    return replace(found, speaker=statement.speaker, position=position, told=told)


def _matched(passage: Passage, start: int, end: int, wanted: set[str]) -> tuple[int, int]:
    """From the first to the last word of the evidence that the sentence has too."""
    spans = [
        match.span()
        for match in re.finditer(r"\w+", _cut(passage, start, end))
        if stem(match.group().lower()) in wanted
    ]
    return (start + spans[0][0], start + spans[-1][1]) if spans else (start, end)


def _clause(passage: Passage, first: int, last: int) -> tuple[int, int]:
    """A few words more in front, where a negation stands ("did not")."""
    before = passage.text[max(0, first - passage.start - 40) : first - passage.start]
    words = re.search(r"(?:[^\s.!?]+\s+){0,3}$", before)
    return first - len(words.group() if words else ""), last


def _same_source(one: Statement, speaker: Speaker, passage: Passage) -> bool:
    """Whether a sentence's own source ("Hajizada") is the document's speaker, by name, by role
    or by the words that the document uses ("the ministry")."""
    words = speaker.name, speaker.role or "", _cut(passage, speaker.start, speaker.end)
    known = stems(" ".join(words))
    mine = stems(f"{one.speaker.name} {one.speaker.role or ''}")
    return bool(mine) and len(mine & known) * 2 >= len(mine)


def _names(one: Statement, quote: str) -> bool:
    """Whether the evidence names the source that the sentence does, with a word of saying that
    the rules about speakers have missed."""
    mine = stems(one.speaker.name)
    return bool(mine) and mine <= stems(quote) and bool(statements(quote))


def _speakers(said: Sequence[Statement]) -> str:
    return " ".join(f"{s.speaker.name} {s.speaker.role or ''}" for s in said)


def _day(published: date | None) -> str:
    return f"{published:%d %B %Y %A} {published.day}" if published else ""


def _cut(passage: Passage, start: int, end: int) -> str:
    return passage.text[max(0, start - passage.start) : max(0, end - passage.start)]
