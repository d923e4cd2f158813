"""The conversations that are kept: their list as HTML, and what happens to them."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import quote

from rag.assistant import Assistant
from rag.conversations import LONGEST_TITLE, Conversation
from rag.load import shown
from ui.markup import button, count, inline, text
from ui.render import Turn

MOST_LISTED = 500
"""Conversations in the list; the shell lists them all."""


class Kept:
    """The kept conversations of one assistant. Raises ``SaysoError`` as they do."""

    def __init__(self, assistant: Assistant) -> None:
        self._kept = assistant.conversations

    def listed(self, current: str) -> str:
        return conversations(self._kept.list(), current)

    def keep(self, turn: Turn, current: str) -> str:
        """Keep a turn that is done; gives the id of its conversation."""
        assert turn.answer is not None
        return self._kept.append(turn.answer, current or None, turn.speaker)

    def turns(self, id: str) -> tuple[Turn, ...]:
        return tuple(
            Turn(kept.answer.question, kept.answer, speaker=kept.speaker)
            for kept in self._kept.get(id)
        )

    def rename(self, id: str, title: str) -> None:
        """An empty title leaves it as it is."""
        if shown(title).strip():
            self._kept.rename(id, title)

    def delete(self, id: str) -> None:
        self._kept.delete(id)

    def exported(self, id: str) -> str:
        """A link that saves the conversation; ``page.js`` follows it."""
        content = quote(self._kept.export(id).encode("utf-8"))
        name = f"conversation-{id}.md"
        return (
            f'<a class="unseen" tabindex="-1" aria-hidden="true" download="{text(name)}" '
            f'data-once="{secrets.token_hex(4)}" '
            f'href="data:text/markdown;charset=utf-8,{content}">{text(name)}</a>'
        )


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
    detail = {"conversation": one.id}
    here = ' aria-current="true"' if is_current else ""
    opened = button("open", detail, inline(one.title), kind="open")
    facts = [count(one.turns, "question"), _moment(one.changed)]
    if is_current:
        facts.append("in the chat now")
    save = button("rename", detail, "Save", kind="judge", label=f"Save the title of {one.title}")
    rename = (
        f'<details class="change">{_summary("Rename", one.title)}<span class="said">'
        f'<input type="text" class="correction" maxlength="{LONGEST_TITLE}" autocomplete="off" '
        f'aria-label="New title" value="{text(one.title)}"/>{save}</span></details>'
    )
    export = button("export", detail, "Export", kind="judge", label=f"Export {one.title}")
    sure = button(
        "delete", detail, "Delete for good", kind="judge sure", label=f"Delete {one.title} for good"
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
