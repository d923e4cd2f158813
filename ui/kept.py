"""The conversations that are kept: their list as HTML, and what happens to them."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import quote

import gradio as gr

from rag.assistant import Assistant
from rag.conversations import LONGEST_TITLE, Conversation
from rag.load import shown
from ui import render, source
from ui.markup import button, count, inline, text
from ui.render import Turn

MOST_LISTED = 500
"""Conversations in the list; the shell lists them all."""


BUSY = "An answer is being made in this conversation. Stop it first, then delete."

STOPPED = "It was stopped before it was done."
Turns = tuple[Turn, ...]


class Kept:
    """What happens to the kept conversations; each method after ``keep`` answers one event."""

    def __init__(
        self,
        assistant: Assistant,
        told: Callable[[Exception], str],
        whole: Callable[[Turns, object], tuple[str, str]],
        welcome: Callable[[], str],
    ) -> None:
        """``told`` gives an error in words for people, ``whole`` the HTML of turns and of the
        source beside them, ``welcome`` that of the page without any."""
        self._kept = assistant.conversations
        self._told = told
        self._whole = whole
        self._welcome = welcome

    def keep(self, turn: Turn, current: str) -> str:
        """Keep a turn that is done; gives the id of its conversation. Raises ``SaysoError``."""
        assert turn.answer is not None
        return self._kept.append(turn.answer, current or None, turn.speaker)

    def listed(self, current: str) -> str:
        """All conversations; ``current`` is the one in the chat."""
        try:
            return conversations(self._kept.list(), current)
        except Exception as error:
            return render.notice(self._told(error), bad=True)

    def open(self, turns: Turns, sure: object, current: str, event: gr.EventData) -> Any:
        """Show a conversation in the chat, to be gone on with; an answer that is being made there
        has been stopped."""
        id = _id(event)
        try:
            found = tuple(
                Turn(kept.answer.question, kept.answer, speaker=kept.speaker)
                for kept in self._kept.get(id)
            )
            html, panel = self._whole(found, sure)
        except Exception as error:
            told = self._noticed(error, current)
            if not turns or not turns[-1].is_open:
                return (gr.skip(),) * 3 + (current, told)
            turns = stopped(turns)
            html, panel = self._whole(turns, sure)
            return turns, html, panel, current, told
        return found, html, panel, id, self.listed(id)

    def rename(self, current: str, event: gr.EventData) -> str:
        """Give it another title; an empty one leaves it as it is."""
        title = shown(str(detail(event).get("correction", "")))
        try:
            if title.strip():
                self._kept.rename(_id(event), title)
        except Exception as error:
            return self._noticed(error, current)
        return self.listed(current)

    def delete(self, turns: Turns, current: str, event: gr.EventData) -> Any:
        """Delete it; the one in the chat leaves it, unless an answer is being made there."""
        id = _id(event)
        if id == current and turns and turns[-1].is_open:
            told = render.notice(BUSY, bad=True) + self.listed(current)
            return (gr.skip(),) * 3 + (current, told)
        try:
            self._kept.delete(id)
        except Exception as error:
            return (gr.skip(),) * 3 + (current, self._noticed(error, current))
        if id == current:
            return (), self._welcome(), source.nothing(), "", self.listed("")
        return (gr.skip(),) * 3 + (current, self.listed(current))

    def export(self, current: str, event: gr.EventData) -> Any:
        """A link that saves it; ``page.js`` follows it."""
        id = _id(event)
        try:
            content = quote(self._kept.export(id).encode("utf-8"))
        except Exception as error:
            return gr.skip(), self._noticed(error, current)
        name = text(f"conversation-{id}.md")
        # Something new each time, as the page only looks at what has changed.
        once = secrets.token_hex(4)
        link = (
            f'<a class="unseen" tabindex="-1" aria-hidden="true" data-once="{once}" '
            f'download="{name}" href="data:text/markdown;charset=utf-8,{content}">{name}</a>'
        )
        return link, gr.skip()

    def _noticed(self, error: Exception, current: str) -> str:
        return render.notice(self._told(error), bad=True) + self.listed(current)


def stopped(turns: Turns) -> Turns:
    """The turns where the last one, which is open, is not gone on with."""
    return (*turns[:-1], replace(turns[-1], answer=None, error=STOPPED))


def detail(event: gr.EventData) -> dict[str, Any]:
    """What came with an event; anything, as the page is anybody's."""
    return event._data if isinstance(event._data, dict) else {}


def _id(event: gr.EventData) -> str:
    return str(detail(event).get("conversation", ""))


def conversations(every: Sequence[Conversation], current: str) -> str:
    """The list, newest first; ``current`` is the one that the chat shows."""
    anew = button("anew", {}, "New conversation", kind="fresh")
    rows = "".join(_row(one, one.id == current) for one in every[:MOST_LISTED])
    more = len(every) - MOST_LISTED
    rest = f'<p class="rest">and {count(more, "more")}: sayso conversations</p>' if more > 0 else ""
    listed = f'<ul class="kept">{rows}</ul>{rest}' if every else '<p class="rest">None yet.</p>'
    return (
        '<section aria-label="Kept conversations">'
        f"<h2>{count(len(every), 'conversation')} kept</h2>"
        '<p class="folder">On this machine alone, beside the index, each with its sources as they '
        f"were.</p>{anew}{listed}</section>"
    )


def _row(one: Conversation, is_current: bool) -> str:
    about = {"conversation": one.id}
    here = ' aria-current="true"' if is_current else ""
    opened = button("open", about, inline(one.title), kind="open")
    facts = [count(one.turns, "question"), _moment(one.changed)]
    if is_current:
        facts.append("in the chat now")
    save = button("rename", about, "Save", kind="judge", label=f"Save the title of {one.title}")
    rename = (
        f'<details class="change">{_summary("Rename", one.title)}<span class="said">'
        f'<input type="text" class="correction" maxlength="{LONGEST_TITLE}" autocomplete="off" '
        f'aria-label="New title" value="{text(one.title)}"/>{save}</span></details>'
    )
    export = button("export", about, "Export", kind="judge", label=f"Export {one.title}")
    sure = button(
        "delete", about, "Delete for good", kind="judge sure", label=f"Delete {one.title} for good"
    )
    delete = (
        f'<details class="change">{_summary("Delete", one.title)}'
        f'<span class="said">This cannot be undone. {sure}</span></details>'
    )
    return (
        f"<li{here}>{opened}"
        f'<span class="facts">{" · ".join(facts)}</span>'
        f'<div class="actions">{rename}{export}{delete}</div></li>'
    )


def _summary(word: str, title: str) -> str:
    named = text(f"{word} {title}")
    return f'<summary class="judge" aria-label="{named}">{word}</summary>'


def _moment(when: datetime) -> str:
    local = when.astimezone()
    return (
        f'<time datetime="{local.isoformat(timespec="minutes")}">'
        f"{local.day} {local:%B %Y, %H:%M}</time>"
    )
