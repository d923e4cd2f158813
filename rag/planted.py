"""Text in a document that addresses an assistant instead of a reader.

A language model may follow it, and quoting it would hand on what it wants shown. So it is
blanked, at the same length, in every passage that is found, before anything reads, quotes,
proves or writes from it, and when speakers are looked for; the page shows it in the document
like any other text. The patterns are narrow: talk to a machine about its rules, prompts and
answers, and the marks that separate turns of a chat. What follows in the same paragraph goes
with it, and so do orders and links near it, which say nothing by themselves.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from rag.planted_patterns import ADDRESSED, ORDERED
from rag.types import Passage
from rag.visible import folded

FOLLOWING = 1200
"""Characters of the same paragraph behind what addresses an assistant that go with it."""
NEAR = 600
"""Characters before and behind it in which orders and links go with it."""
_AT_ONCE = 4000
"""Characters of a document that are looked at together, so that time is linear in its length,
whatever stands in it."""

Span = tuple[int, int]

_PARAGRAPH = re.compile(r"\n[ \t\r]*\n")
_ORDER = re.compile(
    r"^\W{0,4}(?:(?:please|always|just|only|simply|now|then|instead|you (?:must|should|will))\W+)*"
    r"(?:say|claim|print|output|reply|respond|answer|pretend|repeat|write(?= that| only|:))\b",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"""[.!?:;,]["'”’)]*\s+""")
_ENCODED = re.compile(r"[A-Za-z0-9+/]{24,}={0,2}")
_LEET = re.compile(r"[A-Za-z][01345]{1,2}[a-z]|\b1[gn][a-z0]")
_DIGITS = str.maketrans("01345", "oieas")
"""For words that are written with digits, "1gn0re"."""
_REVERSED = re.compile("\u202e([^\u202c\n]+)")


def is_planted(text: str) -> bool:
    """Whether something in ``text``, by itself, speaks to an assistant about its answers."""
    return bool(_addressed(text, 0))


def is_order(text: str) -> bool:
    """Whether a sentence tells somebody to say something; it asserts nothing itself."""
    return _ORDER.search(text) is not None


def planted(text: str, sentences: Sequence[Span]) -> list[Span]:
    """Those of the ``sentences``, spans of a document's ``text`` in order, that are planted.

    Their surroundings count, too, as far as ``FOLLOWING`` and ``NEAR`` go.
    """
    found: list[Span] = []
    group: list[Span] = []
    for sentence in sentences:
        if group and sentence[1] - group[0][0] > _AT_ONCE:
            found += _planted(text, group)
            group = []
        group.append(sentence)
    return found + _planted(text, group)


def _planted(text: str, sentences: Sequence[Span]) -> list[Span]:
    """The same for sentences that follow one another."""
    if not sentences:
        return []
    start = max(0, sentences[0][0] - max(FOLLOWING, NEAR))
    end = sentences[-1][1] + NEAR
    found = _addressed(text[:end] if start == 0 else text[start - 1 : end], start)
    if not found:
        return []
    reached = [(first, _reach(text, last)) for first, last in found]
    orders = [
        (first, last)
        for first, last in _orders(text[start:end], start)
        if any(first < after + NEAR and before - NEAR < last for before, after in found)
    ]
    return [
        (first, last)
        for first, last in sentences
        if any(first < after and before < last for before, after in (*reached, *orders))
    ]


def blanked(text: str, sentences: Sequence[Span]) -> str:
    """``text`` with blanks, as many, in place of those of its ``sentences`` that are planted."""
    return _blank(text, planted(text, sentences))


def fair(passage: Passage, document: str) -> Passage:
    """The passage with blanks in place of what is planted; itself where nothing is.

    ``document`` is the text of the document that it is from.
    """
    found = planted(document, passage.sentences)
    if not found:
        return passage
    spans = [(start - passage.start, end - passage.start) for start, end in found]
    return replace(passage, text=_blank(passage.text, spans))


def elided(passage: Passage) -> str:
    """The passage's text with "[…]" for each sentence that is blank, or planted by itself."""
    parts, done = [], passage.start
    for start, end in passage.sentences:
        said = passage.text[start - passage.start : end - passage.start]
        if not said.strip() or is_planted(said):
            parts += [passage.text[done - passage.start : start - passage.start], "[…]"]
            done = end
    return "".join((*parts, passage.text[done - passage.start :]))


def has_gap(passage: Passage, start: int = 0, end: int | None = None) -> bool:
    """Whether a sentence that touches the span, in the document, has been blanked."""
    return any(
        not passage.text[first - passage.start : last - passage.start].strip()
        for first, last in passage.sentences
        if start < last and (end is None or first < end)
    )


def _blank(text: str, spans: Sequence[Span]) -> str:
    parts, done = [], 0
    for start, end in spans:
        parts += [text[done:start], " " * (end - start)]
        done = end
    return "".join((*parts, text[done:]))


def _reach(text: str, end: int) -> int:
    paragraph = _PARAGRAPH.search(text, max(0, end - 1), end + FOLLOWING)
    return paragraph.start() if paragraph else min(len(text), end + FOLLOWING)


@lru_cache(maxsize=2048)
def _addressed(text: str, start: int) -> tuple[Span, ...]:
    """Where ``text`` addresses an assistant. It stands at ``start`` in its document; there is
    one character more in front of it where that is not 0, so that it does not seem to begin
    a line. Kept for the passages that were asked about last, as looking takes 2 ms."""
    before = int(start > 0)
    read, offsets = folded(text)
    found = [(offsets[first], offsets[last - 1] + 1) for first, last in _matches(read, before)]
    found += [
        match.span()
        for match in _REVERSED.finditer(text)
        if any(_matches(folded(match[1][::-1])[0]))
    ]
    found += [match.span() for match in _ENCODED.finditer(text) if _is_text(match.group())]
    return tuple((start - before + first, start - before + last) for first, last in found)


def _matches(read: str, skipped: int = 0) -> Iterator[Span]:
    """What addresses an assistant in text as it is read, behind the first characters."""
    readings = [read]
    if _LEET.search(read):
        readings.append(read.translate(_DIGITS))
    for one in readings:
        lower = one.lower()
        for words, pattern in ADDRESSED:
            if any(word in lower for word in words):
                yield from _found(pattern, one, skipped)


def _orders(text: str, start: int) -> Iterator[Span]:
    """Orders and links in ``text``, which stands at ``start`` in its document."""
    read, offsets = folded(text)
    for first, last in _found(ORDERED, read):
        yield start + offsets[first], start + offsets[last - 1] + 1


def _found(pattern: re.Pattern[str], read: str, skipped: int = 0) -> Iterator[Span]:
    """Matches, without the end of the sentence before them."""
    for match in pattern.finditer(read, skipped):
        before = _SENTENCE_END.match(read, *match.span())
        yield before.end() if before else match.start(), match.end()


def _is_text(encoded: str) -> bool:
    """Whether Base64 spells words, which no hash, key or picture does."""
    whole = encoded.rstrip("=")
    try:
        text = base64.b64decode(whole + "=" * (-len(whole) % 4)).decode("ascii")
    except ValueError:
        return False
    return text.isprintable() and len(text.split()) > 2
