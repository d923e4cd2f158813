"""Changes to a store, each in one transaction, and the tables that they change."""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.types import Document, Passage

Floats = NDArray[np.float32]

SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE documents (
    row INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    published TEXT,
    metadata TEXT NOT NULL,
    text TEXT NOT NULL
);
CREATE TABLE files (
    path TEXT PRIMARY KEY,
    sha256 TEXT NOT NULL,
    document INTEGER NOT NULL REFERENCES documents (row)
) WITHOUT ROWID;
CREATE INDEX files_of_document ON files (document);
CREATE TABLE passages (
    row INTEGER PRIMARY KEY AUTOINCREMENT,
    document INTEGER NOT NULL REFERENCES documents (row),
    "start" INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    sentences TEXT NOT NULL,
    vector BLOB NOT NULL
);
CREATE INDEX passages_of_document ON passages (document);
CREATE VIRTUAL TABLE passages_text USING fts5 (
    title, text, tokenize = 'porter unicode61 remove_diacritics 2'
);
"""


@dataclass(frozen=True, slots=True)
class Indexed:
    """A document with its passages and their vectors ``(len(passages), dimension)``."""

    document: Document
    files: Mapping[str, str]
    """Path to SHA-256 of the file's bytes, for every path in ``document.paths``."""
    passages: Sequence[Passage]
    vectors: Floats


class Writer:
    """Changes to a store; made by ``Store.writing``."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def replace(self, gone: Iterable[str], new: Sequence[Indexed]) -> None:
        """In one transaction: forget the documents of those ids, add the new ones."""
        with transaction(self._connection):
            for document_id in gone:
                self._remove(document_id)
            for indexed in new:
                self._add(indexed)
            self._connection.execute(
                "UPDATE meta SET value = ? WHERE key = 'generation'", (secrets.token_hex(8),)
            )

    def set_files(self, gone: Iterable[str], files: Mapping[str, tuple[str, str]]) -> None:
        """In one transaction: forget those paths, set others to (SHA-256, document id)."""
        with transaction(self._connection):
            self._connection.executemany(
                "DELETE FROM files WHERE path = ?", [(path,) for path in gone]
            )
            self._connection.executemany(
                "INSERT OR REPLACE INTO files SELECT ?, ?, row FROM documents WHERE id = ?",
                [(path, sha256, document) for path, (sha256, document) in files.items()],
            )

    def _remove(self, document_id: str) -> None:
        found = self._connection.execute(
            "SELECT row FROM documents WHERE id = ?", (document_id,)
        ).fetchone()
        if found:
            self._connection.execute(
                "DELETE FROM passages_text WHERE rowid IN "
                "(SELECT row FROM passages WHERE document = ?)",
                found,
            )
            for table, column in (("passages", "document"), ("files", "document")):
                self._connection.execute(f"DELETE FROM {table} WHERE {column} = ?", found)
            self._connection.execute("DELETE FROM documents WHERE row = ?", found)

    def _add(self, indexed: Indexed) -> None:
        document = indexed.document
        row = self._connection.execute(
            "INSERT INTO documents (id, title, published, metadata, text) VALUES (?, ?, ?, ?, ?)",
            (
                document.id,
                document.title,
                document.published and document.published.isoformat(),
                json.dumps(dict(document.metadata), ensure_ascii=False, sort_keys=True),
                document.text,
            ),
        ).lastrowid
        self._connection.executemany(
            "INSERT OR REPLACE INTO files VALUES (?, ?, ?)",
            [(path, sha256, row) for path, sha256 in indexed.files.items()],
        )
        for passage, vector in zip(indexed.passages, indexed.vectors, strict=True):
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
                "INSERT INTO passages_text (rowid, title, text) VALUES (?, ?, ?)",
                (passage_row, document.title, passage.text),
            )


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
