"""The one way from text to HTML.

Whatever comes from a document, a file's name, a question or a message goes through
``text``; nothing else in this package writes such a piece into the page.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterable, Mapping
from datetime import date

from rag.dropped import DROPPED
from rag.load import shown


def text(value: str) -> str:
    """``value`` as HTML that shows exactly it, in an element or in a quoted attribute.

    A carriage return is written as a reference, as a browser would make a newline of it.
    """
    return html.escape(shown(value), quote=True).replace("\r", "&#13;")


def marked(value: str, spans: Iterable[tuple[int, int]], tag: str) -> str:
    """``text`` with each of the spans in an element of its own."""
    pieces, last = "", 0
    for start, end in sorted(spans):
        start, end = max(start, last), min(end, len(value))
        if start < end:
            pieces += f"{text(value[last:start])}<{tag}>{text(value[start:end])}</{tag}>"
            last = end
    return pieces + text(value[last:])


def inline(value: str) -> str:
    """``text`` inside a line: its writing direction cannot leak into what stands beside it."""
    return f"<bdi>{text(value)}</bdi>"


def place(path: str) -> str:
    """A document's path as a person knows it, not yet escaped."""
    return f"{path.removeprefix(DROPPED)} (dropped in)" if path.startswith(DROPPED) else path


def day(value: date) -> str:
    """A date in words, as HTML."""
    return f'<time datetime="{value.isoformat()}">{value.day} {value:%B} {value.year}</time>'


def count(number: int, one: str, many: str = "") -> str:
    """``3 passages``; thousands are set apart."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def percent(probability: float) -> str:
    """Whole percent, and never certainty."""
    if probability < 0.005:
        return "<1%"
    return ">99%" if probability > 0.995 else f"{probability:.0%}"


def likelihood(probability: float) -> str:
    """A probability in words."""
    for least, words in ((0.9, "very likely"), (0.7, "likely"), (0.4, "uncertain")):
        if probability >= least:
            return words
    return "unlikely"


Detail = Mapping[str, int | str]


def button(event: str, detail: Detail, content: str, *, kind: str, label: str = "") -> str:
    """A button that sends ``detail`` to the listener of ``event``; see ``page.js``.

    ``content`` is HTML; ``label``, which is not, takes its place for screen readers.
    """
    return f'<button type="button" {_sends(event, detail, kind, label)}>{content}</button>'


def link(event: str, detail: Detail, content: str, *, kind: str, label: str = "") -> str:
    """As ``button``, for what leads to another place of the page."""
    return f'<a href="#source" {_sends(event, detail, kind, label)}>{content}</a>'


def _sends(event: str, detail: Detail, kind: str, label: str) -> str:
    named = f' aria-label="{text(label)}" title="{text(label)}"' if label else ""
    return (
        f'class="{kind}" data-event="{event}" '
        f'data-detail="{text(json.dumps(dict(detail), ensure_ascii=False))}"{named}'
    )
