"""``Document`` → ``Passage``s with exact offsets.

Offsets are computed, never searched for: LlamaIndex's ``SentenceSplitter`` returns
strings whose place has to be found again, and it strips and joins them on the way. Here
sentence boundaries come from sentencex (Wikimedia; keeps a quotation and the words that
attribute it in one sentence, which punkt does not) and sizes from the offsets of the
embedding model's own tokens.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Protocol

from rag.types import Document, Passage

Span = tuple[int, int]

_BLOCK = re.compile(r"\S[^\n]*(?:\n[^\S\n]*\S[^\n]*)*")
"""Lines without an empty one between them."""
_LINE = re.compile(r"\S(?:[^\n]*\S)?")
_NARROW = 40
"""Characters of the widest line of a block that was not set to a width: verses, an address."""
_FILLED = 0.6
"""Share of a block's width up to which a line was ended on purpose. Lines that were filled up
differ by less, also in the proportional type of a PDF."""
_LABEL = r"[*_]{0,2}[A-Z][\w'’()/ -]{0,30}:[*_]{0,2}[ \t]+(?=\S)"
_ITEM = re.compile(
    r"^[ \t]*+(?P<mark>(?:[-*+•·–—]|#{1,6}|\d{1,2}[.)])[ \t]+(?=\S)"
    r"|\d{1,2}(?:\.\d{1,2}){1,3}[.)]?[ \t]+(?=[A-Z“\"*])"
    rf"|(?P<label>{_LABEL})(?=[^\n]*\n[ \t]*{_LABEL})|{_LABEL}"
    r"|(?P<row>\|[^\n]*\|[ \t]*$|[^\n]*\S(?:[ \t]+\|[ \t]+|\t+)\S[^\n]*)"
    r"|(?P<columns>[^\n]*\S {3,}\S[^\n]*)"
    r"|(?P<quote>>+)"
    r"|(?P<dated>\[(?=\d))?(?:\d{1,4}[-/.]\d\d?[-/.]\d{1,4},?[ T])?\d\d?:\d\d\b)",
    re.MULTILINE,
)
"""What opens an item of a list, a heading, a row of a table, a line that begins with a label
("Owner: Ann Lee"), what is quoted of a letter or, as a time, a line of a chat."""
_NUMBER = re.compile(r"\s*(?:\d{1,2}\.){0,3}\d{1,2}[.)]\s*")
"""Of an item, which is no sentence by itself."""
_AT_ONCE = 5000
"""Characters."""
_END = re.compile(r"[.!?][\"”’)]*\s+(?=[A-Z“\"])|\n[ \t\r]*\n")
_COLUMNS = re.compile(r"[^\n]*\S {3,}\S")
_ONE_ROW = 200
"""Characters of a row up to which it is one sentence, whatever its cells end with."""
_SHORTENED = re.compile(
    r"\b(?:approx|ca|[Cc]h|[Pp]aras?|[Ss]ect|App|[Vv]ol|[Mm]ax|[Tt]el|[Ee]q|[Cc]ap|Sch|ss|est|incl|excl"
    r"|Mon|Tues?|Wed|Thurs?|Fri|Sat|Sun)\.\s+(?=[a-z\d])"
    r"|\b(?:Cllrs?|Ald|Profs|Mmes|Ste|Atty|Intl)\.\s+(?=[A-Z])"
    r"|\d\s?(?:bn|mln)\.\s+(?=[a-z])|\.{4,}\s*(?=[^\s.])"
)
"""An abbreviation, or dots that lead to a page, behind which the sentence goes on."""
_NOTED = re.compile(r"(?<![\d\s])[.!?][”\"’)]*(?:\d{1,2}|(?:\[\w{1,3}\])+)(?=\s+[A-Z“])")
"""The end of a sentence with the number of a footnote."""
_NUMBERS = re.compile(r"\b(?:nos?|figs?|vol|art|pp?|secs?|ch|v|ver|op)$", re.IGNORECASE)
_OPEN = re.compile(
    r"(?:,|\b(?:the|an?|of|in|on|at|by|for|to|from|with|and|or|but|that|which|who|is|are|was|were|has"
    r"|have|had|as|than|its|their|his|her|our|no|not))$",
    re.IGNORECASE,
)
"""Ends a line within a sentence."""
_MARK = re.compile(r"\s*(?:[-*+•·]|#{1,6}|\|)[ \t]+(?=[^\s|])")
"""Opens an item, a heading or a row, and is no part of what it says."""
_RULE = re.compile(r"[\s|*_#=~+<>•·:-]*")
"""Below the head of a table, or between parts: says nothing, and can hide nothing either."""
_HANGING = re.compile(r"\n[ \t]*\d{1,2}[.)]\s*\Z")
"""The number of an item behind what is no sentence."""
_CLOSING = re.compile(r"[*_]{1,3}(?=\s)")
"""Ends what Markdown sets in bold or italics, behind the end of a sentence in it."""
_ENDED = re.compile(r"[.:;,!?…|)\]”\"’'*_]\s*\Z")
_MAY = re.compile(r"\b[Mm]ay\.(?=\s+[A-Z“‘\"])")
"""No abbreviation, though the splitter takes it for one."""
_WIDEST = 16
"""Characters. A wider token is an unknown word (BERT makes one token of any "word" over
100 characters), which would let a text without spaces pass for a handful of tokens."""


class TokenSpans(Protocol):
    """Gives the half-open character spans of a text's tokens, in order."""

    def __call__(self, text: str, /) -> Sequence[Span]: ...


def split(
    document: Document, token_spans: TokenSpans, *, max_tokens: int, language: str = "en"
) -> list[Passage]:
    """Passages of whole sentences, in order, disjoint, at most ``max_tokens`` each.

    They cover every character of the document but the white space between sentences, and the
    marks that open items of lists, headings and rows. A sentence longer than ``max_tokens`` is
    cut between words where it can be.
    """
    text = document.text
    starts = [start for start, _ in _units(token_spans(text))]

    def tokens(start: int, end: int) -> int:
        return bisect_left(starts, end) - bisect_left(starts, start)

    passages: list[Passage] = []
    held: list[Span] = []

    def close() -> None:
        for spans in _counted(text, held, token_spans, max_tokens):
            start, end = spans[0][0], spans[-1][1]
            passages.append(Passage(0, document.id, start, end, text[start:end], tuple(spans)))
        held.clear()

    for sentence in sentences(text, language):
        for start, end in _fitting(text, sentence, starts, max_tokens):
            if held and tokens(held[0][0], end) > max_tokens:
                close()
            held.append((start, end))
    close()
    return passages


def sentences(text: str, language: str = "en") -> Iterator[Span]:
    """Spans of the sentences of ``text``, without the white space around them."""
    import sentencex

    breaks = _breaks(text)
    at = 0
    for first, last in _stretches(text):
        # It takes each item of a list for one sentence, where it is given several of them.
        begin = first
        row = _ITEM.match(text, first) if last - first < _ONE_ROW else None
        whole = row is not None and row["row"] is not None
        for found in sentencex.get_sentence_boundaries(language, text[first:last]):
            start, end = begin, first + found["end_index"]
            if _NUMBER.fullmatch(text, start, end) or (end < last and _goes_on(text, end)):
                continue
            if whole and end < last:
                continue
            if hanging := _HANGING.search(text[start:end]):
                end = start + hanging.start()
            if closing := _CLOSING.match(text, end, last):
                end = closing.end()
            begin = end
            while at < len(breaks) and breaks[at] < end:
                if breaks[at] > start:
                    yield from _worded(text, start, breaks[at])
                    start = breaks[at]
                at += 1
            if _NUMBER.fullmatch(text, start, end):
                begin = start
            else:
                yield from _worded(text, start, end)
        yield from _worded(text, begin, last)


def _stretches(text: str) -> Iterator[Span]:
    """Items, and what is between them, in pieces that the splitter, which looks for pairs of marks
    from each of them to the end, is not slow over."""
    ends = [match.end() for match in _END.finditer(text)]
    for first, last in pairwise([0, *_items(text), len(text)]):
        while last - first > _AT_ONCE:
            at = bisect_left(ends, first + _AT_ONCE)
            at = at - 1 if at and ends[at - 1] > first else at
            if at == len(ends) or ends[at] >= last:
                break
            yield first, ends[at]
            first = ends[at]
        yield first, last


def _goes_on(text: str, at: int) -> bool:
    """Whether what ends there, as it seems, is no sentence but an abbreviation."""
    near = max(0, at - 12)
    while at > near and text[at - 1].isspace():
        at -= 1
    return any(
        match.start() < at <= match.end() for match in _SHORTENED.finditer(text, near, at + 12)
    )


def _items(text: str) -> Iterator[int]:
    """Where the items of lists, headings, the rows of tables and the lines of chats begin.

    A dash or a number may also open a line of prose: then neither does the line before it end as
    a sentence does, nor is it an item itself, nor empty.
    """
    last = -1
    for match in _ITEM.finditer(text):
        begin = match.start()
        line = text.rfind("\n", 0, max(0, begin - 1)) + 1
        before = text[line:begin]
        follows = last >= line or not before.strip() or bool(_ENDED.search(before))
        capital = match["mark"][0] in "-*+•" and text[match.end() : match.end() + 1].isupper()
        sure = bool(match["row"] or match["label"] or match["dated"])
        if match["columns"]:
            sure = bool(_COLUMNS.match(before) or _COLUMNS.match(text, match.end() + 1))
        if match["quote"]:
            sure = not before.lstrip().startswith(">")
            follows = False
        if not (follows or capital or sure):
            continue
        if begin:
            yield begin
        last = begin
        if match["row"] or match["columns"] or match["mark"][0] == "#":
            yield text.find("\n", begin) + 1 or len(text)


def _worded(text: str, start: int, end: int) -> Iterator[Span]:
    mark = _MARK.match(text, start, end)
    span = _trimmed(text, mark.end() if mark else start, end)
    if mark and mark.group().strip() == "|" and text[span[1] - 1] == "|":
        span = _trimmed(text, span[0], span[1] - 1)
    if not _RULE.fullmatch(text, *span):
        yield span


def _breaks(text: str) -> list[int]:
    """Where a sentence ends that the splitter runs on over, in order.

    Behind a line that is no sentence, as a headline or "By Ann Lee": where a page's lines were
    filled up, a line is never so short that the first word of the next one had fitted with room
    to spare. And behind "from 1 May. Day boats remain free".
    """
    found = [match.end() for match in _MAY.finditer(text)]
    found += [
        match.end()
        for match in _NOTED.finditer(text)
        if not _NUMBERS.search(text, max(0, match.start() - 8), match.start())
    ]
    for block in _BLOCK.finditer(text):
        lines = list(_LINE.finditer(text, *block.span()))
        widest = max(line.end() - line.start() for line in lines)
        if len(lines) < 2 or widest < _NARROW:
            continue
        for line, following in pairwise(lines):
            word = text[following.start() : following.end()].split(None, 1)[0]
            room = _FILLED * widest - (line.end() - line.start()) - len(word)
            if room > 0 and not word[0].islower() and not _OPEN.search(line.group()):
                found.append(line.end())
    return sorted(found)


def _units(spans: Sequence[Span]) -> Iterator[Span]:
    """Token spans, those of over-wide tokens cut into pieces."""
    for start, end in spans:
        for first in range(start, max(end, start + 1), _WIDEST):
            yield first, min(first + _WIDEST, end)


def _fitting(text: str, sentence: Span, starts: list[int], max_tokens: int) -> Iterator[Span]:
    """The sentence, or the pieces of it that have at most ``max_tokens`` each."""
    start, end = sentence
    while start < end:
        limit = bisect_left(starts, start) + max_tokens
        cut = starts[limit] if limit < len(starts) else end
        if cut >= end:
            yield start, end
            return
        # Not before the middle: one space at the start of a long run of letters must
        # not make a passage of one word.
        middle = start + (cut - start) // 2
        space = next((at for at in range(cut, middle, -1) if text[at - 1].isspace()), cut)
        piece = _trimmed(text, start, space)
        if piece[0] < piece[1]:
            yield piece
        start = space


def _counted(
    text: str, spans: list[Span], token_spans: TokenSpans, max_tokens: int
) -> Iterator[list[Span]]:
    """The sentences in one piece, or in several where the piece has too many tokens.

    By its own count, that is: cut out of its surroundings, a text can have more tokens
    than it had in them.
    """
    if not spans:
        return
    start, end = spans[0][0], spans[-1][1]
    if end - start <= 1 or len(token_spans(text[start:end])) <= max_tokens:
        yield spans
    elif len(spans) > 1:
        middle = len(spans) // 2
        yield from _counted(text, spans[:middle], token_spans, max_tokens)
        yield from _counted(text, spans[middle:], token_spans, max_tokens)
    else:
        middle = (start + end) // 2
        for half in (_trimmed(text, start, middle), _trimmed(text, middle, end)):
            if half[0] < half[1]:
                yield from _counted(text, [half], token_spans, max_tokens)


def _trimmed(text: str, start: int, end: int) -> Span:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
