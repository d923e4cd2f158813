"""Changes to a store, each in one transaction, and the tables that they change.

A document is its text. What a file states beside it, title, date and metadata, belongs
to the file; a document has it from the first of its paths, so it never depends on the
order in which files came. A document without a path does not outlive the transaction.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.types import Document, Passage, Statement

Floats = NDArray[np.float32]

SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE documents (
    row INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    text TEXT NOT NULL
);
CREATE TABLE files (
    path TEXT PRIMARY KEY,
    sha256 TEXT NOT NULL,
    document INTEGER NOT NULL REFERENCES documents (row),
    title TEXT NOT NULL,
    published TEXT,
    metadata TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX files_of_document ON files (document, path);
CREATE TABLE passages (
    row INTEGER PRIMARY KEY AUTOINCREMENT,
    document INTEGER NOT NULL REFERENCES documents (row),
    "start" INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    sentences TEXT NOT NULL,
    vector BLOB NOT NULL
);
CREATE INDEX passages_of_document ON passages (document);
CREATE TABLE statements (
    row INTEGER PRIMARY KEY AUTOINCREMENT,
    document INTEGER NOT NULL REFERENCES documents (row),
    "start" INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    name TEXT NOT NULL,
    role TEXT,
    source_start INTEGER NOT NULL,
    source_end INTEGER NOT NULL,
    cue_start INTEGER NOT NULL,
    cue_end INTEGER NOT NULL,
    mode TEXT NOT NULL,
    denies INTEGER NOT NULL,
    nested INTEGER NOT NULL
);
CREATE INDEX statements_of_document ON statements (document, "start");
CREATE VIRTUAL TABLE passages_text USING fts5 (
    title, text, speakers, tokenize = 'porter unicode61 remove_diacritics 2'
);
"""


@dataclass(frozen=True, slots=True)
class Indexed:
    """A document with its passages and their vectors ``(len(passages), dimension)``."""

    document: Document
    passages: Sequence[Passage]
    vectors: Floats
    statements: Sequence[Statement] = ()
    """Those of the document, in order."""


@dataclass(frozen=True, slots=True)
class File:
    """A file that was read: its bytes' SHA-256, and what it turned out to be.

    The document's own ``path`` and ``paths`` do not matter here.
    """

    sha256: str
    document: Document


class Writer:
    """Changes to a store; made by ``Store.writing``."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def apply(
        self, new: Sequence[Indexed], files: Mapping[str, File], gone: Iterable[str] = ()
    ) -> set[str]:
        """In one transaction: add documents, set what files hold, forget ``gone`` paths.

        Every file's document must be stored or among ``new``, and every new one must have
        a file. Returns the ids of the documents that no path holds any more; they are
        removed.
        """
        with transaction(self._connection):
            gone = list(gone)
            touched = self._documents_of([*files, *gone])
            for indexed in new:
                self._add(indexed)
            self._connection.executemany(
                "DELETE FROM files WHERE path = ?", [(path,) for path in gone]
            )
            for path, file in files.items():
                self._set(path, file)
            touched |= self._documents_of(files)
            removed = {id for row, id in touched if self._remove_if_orphan(row)}
            for row, _ in touched:
                self._refresh_title(row)
            if new or removed:
                self._connection.execute(
                    "UPDATE meta SET value = ? WHERE key = 'generation'", (secrets.token_hex(8),)
                )
        return removed

    def _documents_of(self, paths: Iterable[str]) -> set[tuple[int, str]]:
        """(Row, id) of the documents that the paths hold now."""
        found = set()
        for path in paths:
            found |= set(
                self._connection.execute(
                    "SELECT documents.row, id FROM files "
                    "JOIN documents ON documents.row = document WHERE path = ?",
                    (path,),
                )
            )
        return found

    def _add(self, indexed: Indexed) -> None:
        document = indexed.document
        row = self._connection.execute(
            "INSERT INTO documents (id, text) VALUES (?, ?)", (document.id, document.text)
        ).lastrowid
        self._connection.executemany(
            'INSERT INTO statements (document, "start", "end", name, role, source_start, '
            "source_end, cue_start, cue_end, mode, denies, nested) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [(row, *_flat(statement)) for statement in indexed.statements],
        )
        speakers = _speakers(indexed.passages, indexed.statements)
        for passage, vector, names in zip(indexed.passages, indexed.vectors, speakers, strict=True):
            passage_row = self._connection.execute(
                'INSERT INTO passages (document, "start", "end", sentences, vector) '
                "VALUES (?, ?, ?, ?, ?)",
                (
                    row,
                    passage.start,
                    passage.end,
                    json.dumps(passage.sentences),
                    np.asarray(vector, np.float32).tobytes(),
                ),
            ).lastrowid
            self._connection.execute(
                "INSERT INTO passages_text (rowid, title, text, speakers) VALUES (?, ?, ?, ?)",
                (passage_row, document.title, passage.text, names),
            )

    def _set(self, path: str, file: File) -> None:
        document = file.document
        self._connection.execute(
            "INSERT OR REPLACE INTO files SELECT ?, ?, row, ?, ?, ? FROM documents WHERE id = ?",
            (
                path,
                file.sha256,
                document.title,
                document.published and document.published.isoformat(),
                json.dumps(dict(document.metadata), ensure_ascii=False, sort_keys=True),
                document.id,
            ),
        )

    def _remove_if_orphan(self, row: int) -> bool:
        if self._connection.execute("SELECT 1 FROM files WHERE document = ?", (row,)).fetchone():
            return False
        self._connection.execute(
            "DELETE FROM passages_text WHERE rowid IN "
            "(SELECT row FROM passages WHERE document = ?)",
            (row,),
        )
        self._connection.execute("DELETE FROM passages WHERE document = ?", (row,))
        self._connection.execute("DELETE FROM statements WHERE document = ?", (row,))
        self._connection.execute("DELETE FROM documents WHERE row = ?", (row,))
        return True

    def _refresh_title(self, row: int) -> None:
        """Search passages under the title of the document's first path."""
        self._connection.execute(
            "UPDATE passages_text SET title = first.title FROM ("
            "SELECT title FROM files WHERE document = ?1 ORDER BY path LIMIT 1) AS first "
            "WHERE passages_text.rowid IN (SELECT row FROM passages WHERE document = ?1) "
            "AND passages_text.title <> first.title",
            (row,),
        )


def _flat(statement: Statement) -> tuple[object, ...]:
    """The columns of a statement, in the order of the table."""
    speaker = statement.speaker
    return (
        statement.start,
        statement.end,
        speaker.name,
        speaker.role,
        speaker.start,
        speaker.end,
        speaker.cue_start,
        speaker.cue_end,
        speaker.mode,
        statement.denies,
        statement.nested,
    )


def _speakers(passages: Sequence[Passage], statements: Sequence[Statement]) -> list[str]:
    """For each passage, the names and roles of who says something in it, as searched for."""
    found: list[str] = []
    first = 0
    ordered = sorted(statements, key=lambda statement: statement.start)
    reach = max((statement.end - statement.start for statement in ordered), default=0)
    for passage in passages:
        while first < len(ordered) and ordered[first].start + reach <= passage.start:
            first += 1
        lines: dict[str, None] = {}
        for statement in ordered[first:]:
            if statement.start >= passage.end:
                break
            if statement.end > passage.start and statement.speaker.name:
                speaker = statement.speaker
                lines[f"{speaker.name}, {speaker.role}" if speaker.role else speaker.name] = None
        found.append("\n".join(lines))
    return found


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
