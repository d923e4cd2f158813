"""A document with its cited spans marked, as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rag.meant import PRONOUNS
from rag.types import Citation, Document, Statement
from ui.markup import Detail, button, count, day, inline, marked, place, text

WHOLE = 200_000
"""Characters up to which a document is shown as a whole."""
WINDOW = 60_000
"""Characters shown around the cited span of a longer one, and added at a time."""

_MOST = 30
"""Speakers listed, and statements of each."""
_LONGEST = 120
"""Characters of a statement in the list."""


@dataclass(frozen=True, slots=True)
class Window:
    """The part of a document's text that is shown."""

    start: int
    end: int

    @classmethod
    def around(cls, text: str, start: int, end: int) -> Window:
        """All of a shorter text, else whole lines where these are not too long."""
        if len(text) <= WHOLE:
            return cls(0, len(text))
        first = max(0, start - WINDOW // 2)
        last = min(len(text), max(end, first) + WINDOW // 2)
        if first:
            line = text.find("\n", first, min(first + 2000, start))
            first = line + 1 if line >= 0 else first
        if last < len(text):
            line = text.rfind("\n", max(end, last - 2000), last)
            last = line + 1 if line >= 0 else last
        return cls(first, last)


def nothing() -> str:
    """Before any source is shown."""
    return (
        '<section class="source none" aria-label="Source"><p>Where an answer stands is shown '
        "here, in its document. Choose a number such as [1] in an answer, or a document in the "
        "list.</p></section>"
    )


def gone(citation: Citation, turn: int, short: Sequence[tuple[int, int]] = ()) -> str:
    """In place of a document that has been removed or changed since it was cited."""
    quote = marked(citation.quote, short, "em")
    return (
        f"{_open(turn, citation.marker)}"
        f"{_head(citation.title, (citation.path,), _when(citation))}"
        '<div class="text" tabindex="0" role="group" aria-label="Quote">'
        '<p class="gone">This document is no longer indexed as it was when it was cited. '
        "This is what it said:</p>"
        f'<blockquote><mark class="cited selected" tabindex="-1">{quote}</mark>'
        "</blockquote></div></section>"
    )


def missing() -> str:
    """In place of a document that was opened from a list that is out of date."""
    return (
        '<section class="source none" aria-label="Source"><p>This document is no longer '
        "indexed.</p></section>"
    )


def source(
    document: Document,
    citations: Sequence[Citation] = (),
    selected: Citation | None = None,
    turn: int = -1,
    window: Window | None = None,
    short: Sequence[tuple[int, int]] = (),
    statements: Sequence[Statement] = (),
    said: tuple[int, int] | None = None,
    since: str = "",
) -> str:
    """The document with all ``citations`` marked, the ``selected`` one most of all.

    ``short`` are the spans of the short answers inside the selected quote; ``statements``
    what the document says on whose behalf, listed by speaker, and ``said`` the span of one
    of them, marked where no citation is selected. ``since`` says what has become of the
    document since it was cited, where this is the text as it was then.
    """
    focus = (selected.start, selected.end) if selected else said or (0, 0)
    window = window or Window.around(document.text, *focus)
    asked: dict[str, int | str] = {"document": document.id}
    if selected:
        asked = {"turn": turn, "marker": selected.marker}
    facts = [day(document.published)] if document.published else []
    if selected:
        facts.append(f"characters {selected.start:,}–{selected.end:,} of {len(document.text):,}")
    else:
        facts.append(count(len(document.text), "character"))
    before = after = ""
    if window.start > 0:
        earlier = Window(max(0, window.start - WINDOW), window.end)
        before = _more("earlier", window.start, asked, earlier)
    if window.end < len(document.text):
        later = Window(window.start, min(len(document.text), window.end + WINDOW))
        after = _more("later", len(document.text) - window.end, asked, later)
    return (
        f"{_open(turn, selected.marker if selected else 0)}"
        f"{_head(document.title, document.paths or (document.path,), facts)}"
        f"{_speakers(document, statements)}"
        f"{_since(since)}"
        '<div class="text" tabindex="0" role="group" aria-label="Text of the document">'
        f'{before}<div class="body" dir="auto">'
        f"{_marked(document.text, window, citations, selected, short, said)}</div>{after}</div>"
        "</section>"
    )


def _since(since: str) -> str:
    if not since:
        return ""
    return f'<p class="gone" role="note">{text(since)} This is the text as it was cited.</p>'


def _speakers(document: Document, statements: Sequence[Statement]) -> str:
    """Who speaks in the document, and what each says, to be found in the text."""
    found: dict[str, list[Statement]] = {}
    for statement in sorted(statements, key=lambda one: (one.start, -one.end)):
        speaker = statement.speaker
        words = document.text[statement.start : statement.end].split()
        if not speaker.name or speaker.name.lower() in PRONOUNS or len(words) < 3:
            continue
        if statement.nested or speaker.mode == "attitude":
            continue
        theirs = found.setdefault(" ".join(speaker.name.split()), [])
        if not theirs or theirs[-1].end < statement.end:  # not a quotation inside of the last
            theirs.append(statement)
    if not found:
        return ""
    rows = []
    for name, every in sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))[:_MOST]:
        role = next((one.speaker.role for one in every if one.speaker.role), "")
        told = f", {inline(' '.join(role.split()))}" if role else ""
        only = button(
            "only", {"speaker": name}, f"Ask only for what {inline(name)} says", kind="name"
        )
        said = "".join(f"<li>{_quoted(document, one)}</li>" for one in every[:_MOST])
        rows.append(
            f"<li><details><summary>{inline(name)}{told} <span>{len(every)}</span></summary>"
            f"<ul>{said}</ul>{only}</details></li>"
        )
    return (
        f'<details class="speakers"><summary>{count(len(found), "speaker")}'
        f"</summary><ul>{''.join(rows)}</ul></details>"
    )


def _quoted(document: Document, statement: Statement) -> str:
    words = " ".join(document.text[statement.start : statement.end].split())
    words = words if len(words) <= _LONGEST else words[: _LONGEST - 1].rstrip() + "…"
    detail: dict[str, int | str] = {
        "document": document.id,
        "from": statement.start,
        "to": statement.end,
    }
    return button("show", detail, inline(words), kind="statement")


def _open(turn: int, marker: int) -> str:
    return f'<section class="source" aria-label="Source" data-turn="{turn}" data-marker="{marker}">'


def _head(title: str, paths: Sequence[str], facts: Sequence[str]) -> str:
    where = inline(place(paths[0]))
    if len(paths) > 1:
        where += f" and {count(len(paths) - 1, 'more place')}"
    about = "".join(f'<span class="fact">{fact}</span>' for fact in (where, *facts))
    return (
        '<header><button type="button" class="back" data-page="back">Back to the answer</button>'
        f'<h2 dir="auto">{text(title)}</h2><p class="about">{about}</p></header>'
    )


def _when(citation: Citation) -> list[str]:
    return [day(citation.published)] if citation.published else []


def _more(which: str, characters: int, asked: Detail, window: Window) -> str:
    detail = {**asked, "start": window.start, "end": window.end}
    content = f"Show {which} text ({count(characters, 'character')})"
    return f'<p class="more">{button("show", detail, content, kind="extend")}</p>'


def _marked(
    whole: str,
    window: Window,
    citations: Sequence[Citation],
    selected: Citation | None,
    short: Sequence[tuple[int, int]],
    said: tuple[int, int] | None,
) -> str:
    """The window's text; the selected span is one mark, and others never overlap it."""
    spans = [(selected.start, selected.end, True)] if selected else []
    if said and not selected:
        spans.append((*said, True))
    for other in sorted(citations, key=lambda citation: citation.start):
        span = (other.start, other.end, False)
        if all(span[1] <= start or end <= span[0] for start, end, _ in spans):
            spans.append(span)
    pieces, at = [], window.start
    for first, last, is_selected in sorted(spans):
        start, end = max(first, at), min(last, window.end)
        if start >= end:
            continue
        kind = 'class="cited selected" tabindex="-1"' if is_selected else 'class="cited"'
        inside = [(first + s - start, first + e - start) for s, e in short] if is_selected else []
        quote = marked(whole[start:end], inside, "em")
        pieces += [text(whole[at:start]), f"<mark {kind}>{quote}</mark>"]
        at = end
    return "".join([*pieces, text(whole[at : window.end])])
