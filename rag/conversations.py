"""Conversations that are kept: what was asked, what was answered, and the sources as they were.

One SQLite file, ``conversations.sqlite``, in the store's folder. It is no part of the index:
making that anew leaves it alone. Each text that an answer cites is kept once, by its
document's id, so that a citation can be shown in its place when the document has changed or
is gone; the last turn that cites it takes it along.
"""

from __future__ import annotations

import secrets
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rag.errors import ConversationNotFound, StoreDamaged, StoreError, StoreMismatch
from rag.load import shown
from rag.markdown import markdown
from rag.types import Answer, Citation, Document
from rag.writer import transaction

NAME = "conversations.sqlite"
LAYOUT = 1
"""Version of the tables; raise it with them."""
LONGEST_TITLE = 200
"""Characters."""

_SCHEMA = """
CREATE TABLE conversations (
    id TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    created TEXT NOT NULL,
    changed TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE turns (
    conversation TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    speaker TEXT NOT NULL,
    answer TEXT NOT NULL,
    PRIMARY KEY (conversation, number)
) WITHOUT ROWID;
CREATE TABLE sources (document TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE cited (
    conversation TEXT NOT NULL,
    number INTEGER NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (conversation, number, document),
    FOREIGN KEY (conversation, number) REFERENCES turns (conversation, number) ON DELETE CASCADE
) WITHOUT ROWID;
CREATE INDEX cited_document ON cited (document);
"""


@dataclass(frozen=True, slots=True)
class Conversation:
    """A kept conversation: all but its turns."""

    id: str
    """16 hexadecimal digits."""
    title: str
    """The first question, until it is renamed."""
    created: datetime
    """In UTC, as ``changed``."""
    changed: datetime
    """When the last turn was added, or the title changed."""
    turns: int


@dataclass(frozen=True, slots=True)
class KeptTurn:
    """A question with its answer."""

    answer: Answer
    speaker: str = ""
    """Only what somebody of this name says was asked for; empty for everybody."""


class Conversations:
    """The conversations of one store. Safe to use from several threads and processes.

    All methods raise ``StoreError`` when the file cannot be used, and those that take an id
    ``ConversationNotFound`` when there is none of that id, or no longer.
    """

    def __init__(self, folder: Path, document: Callable[[str], Document] | None = None) -> None:
        """``document`` gives an indexed document by its id, and raises ``KeyError``; without it
        only quotes are kept."""
        self.file = folder / NAME
        nothing: dict[str, Document] = {}
        self._document = document or nothing.__getitem__
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None

    def close(self) -> None:
        """Later calls open the file again."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def list(self) -> tuple[Conversation, ...]:
        """All of them, the one that changed last first."""
        with self._opened() as opened:
            rows = opened.execute(
                "SELECT id, title, created, changed, "
                "(SELECT count(*) FROM turns WHERE conversation = id) "
                "FROM conversations ORDER BY changed DESC, id"
            ).fetchall()
        return tuple(
            Conversation(
                id, title, datetime.fromisoformat(created), datetime.fromisoformat(changed), turns
            )
            for id, title, created, changed, turns in rows
        )

    def get(self, id: str) -> tuple[KeptTurn, ...]:
        """The turns of a conversation, in order."""
        with self._opened() as opened:
            self._require(opened, id)
            rows = opened.execute(
                "SELECT answer, speaker FROM turns WHERE conversation = ? ORDER BY number", (id,)
            ).fetchall()
        try:
            return tuple(KeptTurn(Answer.from_json(answer), speaker) for answer, speaker in rows)
        except ValueError as error:
            raise StoreDamaged(
                f"A conversation in {self.file} cannot be read by this version of Sayso: delete "
                f"it with: sayso conversations delete {id}"
            ) from error

    def append(self, answer: Answer, id: str | None = None, speaker: str = "") -> str:
        """Keep a turn, with the texts that it cites; without an id in a new conversation.

        Returns the conversation's id. The answer must be done.
        """
        if answer.stage != "done":
            raise ValueError(f"the answer to {answer.question!r} is not done")
        texts = {}
        for citation in answer.citations:
            try:
                texts[citation.document_id] = self._document(citation.document_id).text
            except KeyError:  # gone within this moment: the quote is kept all the same
                continue
        with self._opened() as opened, transaction(opened):
            if id is None:
                id, now = secrets.token_hex(8), _now()
                opened.execute(
                    "INSERT INTO conversations VALUES (?, ?, ?, ?)",
                    (id, _title(answer.question), now, now),
                )
            self._change(opened, id)
            (number,) = opened.execute(
                "SELECT coalesce(max(number), 0) + 1 FROM turns WHERE conversation = ?", (id,)
            ).fetchone()
            opened.execute(
                "INSERT INTO turns VALUES (?, ?, ?, ?)",
                (id, number, shown(speaker), shown(answer.to_json())),
            )
            opened.executemany("INSERT OR IGNORE INTO sources VALUES (?, ?)", texts.items())
            opened.executemany(
                "INSERT INTO cited VALUES (?, ?, ?)", [(id, number, document) for document in texts]
            )
        return id

    def rename(self, id: str, title: str) -> None:
        """Give it another title, of which the first 200 characters count.

        Raises ``ValueError`` for one without a visible character.
        """
        title = _title(title)
        if not title:
            raise ValueError("the title is empty")
        with self._opened() as opened, transaction(opened):
            self._change(opened, id)
            opened.execute("UPDATE conversations SET title = ? WHERE id = ?", (title, id))

    def delete(self, id: str) -> None:
        """Delete it for good, with the sources that no other one cites."""
        with self._opened() as opened, transaction(opened):
            self._require(opened, id)
            opened.execute("DELETE FROM conversations WHERE id = ?", (id,))
            opened.execute("DELETE FROM sources WHERE document NOT IN (SELECT document FROM cited)")

    def source(self, citation: Citation) -> Document:
        """The document that a kept citation stands in, as it was.

        Raises ``KeyError`` when it was gone already when the turn was kept.
        """
        with self._opened() as opened:
            found = opened.execute(
                "SELECT text FROM sources WHERE document = ?", (citation.document_id,)
            ).fetchone()
        if found is None:
            raise KeyError(citation.document_id)
        return Document(
            citation.document_id,
            citation.path,
            citation.title,
            found[0],
            citation.published,
            paths=(citation.path,),
        )

    def export(self, id: str) -> str:
        """The conversation as Markdown, with its citations.

        Nothing in a question, document or answer acts as Markdown or HTML there.
        """
        turns = self.get(id)
        about = next((one for one in self.list() if one.id == id), None)
        if about is None:
            raise self._missing(id)
        return markdown(about.title, about.created, [turn.answer for turn in turns])

    # -- inside ----------------------------------------------------------------------

    def _change(self, opened: sqlite3.Connection, id: str) -> None:
        self._require(opened, id)
        opened.execute("UPDATE conversations SET changed = ? WHERE id = ?", (_now(), id))

    def _require(self, opened: sqlite3.Connection, id: str) -> None:
        found = opened.execute("SELECT 1 FROM conversations WHERE id = ?", (shown(id),))
        if not found.fetchone():
            raise self._missing(id)

    def _missing(self, id: str) -> ConversationNotFound:
        return ConversationNotFound(
            f"There is no conversation {shown(id)} any more, or there never was. List those that "
            "there are with: sayso conversations"
        )

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                if self._connection is None:
                    self._connection = self._connect()
                yield self._connection
            except sqlite3.OperationalError as error:
                raise StoreError(
                    f"{self.file} cannot be used: {error}. Free some space or check the "
                    "permissions, then try again; what was kept before is intact."
                ) from error
            except sqlite3.DatabaseError as error:
                raise StoreDamaged(
                    f"The conversations in {self.file} cannot be read: {error}. Move the file away "
                    "to begin anew; the index is not affected."
                ) from error

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.file, timeout=30, check_same_thread=False)
        try:
            connection.isolation_level = None
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA secure_delete = ON")  # deleted is deleted
            if self._layout(connection) == 0:
                connection.execute("PRAGMA journal_mode = WAL")
                with transaction(connection):
                    if self._layout(connection) == 0:  # still: another process may be first
                        for statement in _SCHEMA.split(";"):
                            connection.execute(statement)
                        connection.execute(f"PRAGMA user_version = {LAYOUT}")
            found = self._layout(connection)
            if found != LAYOUT:
                raise StoreMismatch(
                    f"The conversations in {self.file} have layout {found}, but this version of "
                    f"Sayso has {LAYOUT}. Move the file away to begin anew, or use the version "
                    "that made it."
                )
        except BaseException:
            connection.close()
            raise
        return connection

    @staticmethod
    def _layout(connection: sqlite3.Connection) -> int:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _title(text: str) -> str:
    words = " ".join(shown(text).split())
    return words if len(words) <= LONGEST_TITLE else words[: LONGEST_TITLE - 1].rstrip() + "…"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")
