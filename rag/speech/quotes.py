"""Paragraphs of a text, and what stands in quotation marks in them.

Curly, straight, single, doubled single (``''``) and angular marks. An apostrophe is not a
quotation mark, and a quotation may run over several paragraphs, each opened anew and only
the last one closed, as newspapers print it. Time is linear in the text's length.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

Span = tuple[int, int]

_LINE = re.compile(r"\S(?:[^\n]*\S)?")
_WRAPPED = 100
"""Characters. A longer line was not broken to fit a page: its end is a paragraph's."""

_MARK = re.compile(r"''|``|[“”„«»\"‘’‹›']")
_CLOSERS = {
    "“": "”",
    "”": "”",  # an opening mark the wrong way round
    "„": "“”",
    "«": "»",
    "‹": "›",
    '"': '"',
    "''": "''",
    "``": "''",
    "‘": "’",
    "'": "'",
}
"""Opening mark to the marks that end what it opens."""
_SURE = frozenset("“„«‹") | {"``"}
"""Marks that do nothing but open."""
_OPENS_AFTER = frozenset("([{—–―-/:“‘\"'")
_ENDS_BEFORE = frozenset(".,!?;:…—–]")
"""A single mark behind one of these closes; behind a letter it may be an apostrophe."""
_ENDS_AFTER = frozenset('.,!?;:…—–)]”"')


@dataclass(frozen=True, slots=True)
class Quotation:
    """What stands between a pair of quotation marks."""

    start: int
    """Of the opening mark."""
    end: int
    """Behind the closing mark; the paragraph's end where there is none, be it joined with
    the next one."""
    inner: Span
    """Without the marks."""
    closed: bool
    """False where the next paragraph goes on with it."""


def paragraphs(text: str) -> list[Span]:
    """Spans of the paragraphs, without the white space around them.

    An empty line ends one. So does the end of a long line, and the end of any line before
    one that opens with a quotation mark which is not the last line's opening one.
    """
    found: list[Span] = []
    previous = (0, 0)
    for match in _LINE.finditer(text):
        start, end = match.span()
        if not found or _is_break(text, previous, start):
            found.append((start, end))
        else:
            found[-1] = (found[-1][0], end)
        previous = (start, end)
    return found


def _is_break(text: str, line: Span, start: int) -> bool:
    return (
        line[1] - line[0] > _WRAPPED or text.count("\n", line[1], start) > 1 or text[start] in "“«„"
    )


def quotations(text: str, among: Sequence[Span]) -> list[list[Quotation]]:
    """The outermost quotations of each of the paragraphs ``among``, in order.

    A mark that nothing closes opens no quotation, except at the start or before a
    paragraph that opens with the same mark.
    """
    following = [_opening(text, start, end) for start, end in among[1:]] + [""]
    return [
        list(_quotations(text, start, end, follows))
        for (start, end), follows in zip(among, following, strict=bool(among))
    ]


def _opening(text: str, start: int, end: int) -> str:
    """The mark that the paragraph opens with; "" where it opens with a word."""
    mark = _MARK.match(text, start, end)
    return mark.group() if mark and _opens(text, mark, start, end) else ""


def _quotations(text: str, start: int, end: int, follows: str) -> Iterator[Quotation]:
    marks = list(_MARK.finditer(text, start, end))
    open_ended: set[str] = set()
    at = 0
    while at < len(marks):
        mark = marks[at]
        kind = mark.group()
        at += 1
        if kind in open_ended or not _opens(text, mark, start, end):
            continue
        closing = _closing(text, marks, at, end)
        again = _again(text, marks, at, len(marks) if closing is None else closing)
        if again is not None:
            stop = mark.end() + len(text[mark.end() : marks[again].start()].rstrip())
            yield Quotation(mark.start(), stop, (mark.end(), stop), False)
            at = again
        elif closing is not None:
            last = marks[closing]
            yield Quotation(mark.start(), last.end(), (mark.end(), last.start()), True)
            at = closing + 1
        elif mark.start() == start or kind == follows:
            yield Quotation(mark.start(), end, (mark.end(), end), kind != follows)
            return
        else:  # no later mark of this kind is closed either
            open_ended.add(kind)


def _again(text: str, marks: Sequence[re.Match[str]], first: int, last: int) -> int | None:
    """Index of the mark among ``first`` to ``last`` that opens anew what the mark before them
    opened, behind the end of a sentence: a paragraph began there before the text was joined."""
    kind = marks[first - 1].group()
    for at in range(first, last):
        mark = marks[at]
        if mark.group() == kind and _opens(text, mark, 0, len(text)):
            before = text[max(0, mark.start() - 2) : mark.start()]
            return at if before[:1] in ".!?…" and before[1:].isspace() else None
    return None


def _opens(text: str, mark: re.Match[str], start: int, end: int) -> bool:
    kind = mark.group()
    if kind not in _CLOSERS or mark.end() >= end:
        return False
    after = text[mark.end()]
    if after.isspace():
        return kind == "«"
    if kind in _SURE:
        return True
    before = text[mark.start() - 1] if mark.start() > start else " "
    if not (before.isspace() or before in _OPENS_AFTER):
        return False
    if kind in "‘'":
        return not after.isdigit() and (after.isalpha() or after in '[“"…$£€(-')
    return kind != "”" or after.isalnum()


def _closing(text: str, marks: Sequence[re.Match[str]], first: int, end: int) -> int | None:
    """Index of the mark that closes what the mark before ``first`` opens."""
    kind = marks[first - 1].group()
    closers = _CLOSERS[kind]
    possible: int | None = None
    mixed = kind in "'‘"
    for at in range(first, len(marks)):
        mark = marks[at]
        found = mark.group()
        if possible is not None and found == kind and _opens(text, mark, 0, end):
            return possible
        before = text[mark.start() - 1]
        after = text[mark.end()] if mark.end() < end else "."
        if found not in closers or (found == "'") != (closers == "'"):
            # "'It fell,’ she said": straight and curly.
            mixed = mixed and not (found in "'‘" and _opens(text, mark, 0, end))
            if mixed and found in "’'" and before in ",.!?" and not after.isalnum():
                return at
            continue
        if found not in "’'":
            if not before.isspace() or after.isspace() or found in "”»›“":
                return at
        elif not before.isspace() and not after.isalnum():
            if before in _ENDS_BEFORE or after in _ENDS_AFTER:
                return at
            if before not in "sz":
                return possible if possible is not None else at
            if possible is None:  # "the candidates’ plans", or the end of "the plans’"
                possible = at
    return possible
