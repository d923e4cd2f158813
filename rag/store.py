"""Documents, passages, vectors and full text in one SQLite file; FAISS beside it.

SQLite is the truth. ``vectors-<generation>.faiss`` is derived from it: every change to
the vectors gives the store a new random generation in the same transaction, so an index
file of another generation is recognised as stale and made again. Row ids are never used
twice (AUTOINCREMENT), so an index that lags behind can only miss a passage or name one
that is gone, never show another document's text.
"""

from __future__ import annotations

import json
import math
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.database import Database, locked
from rag.embed import Identity
from rag.errors import StoreError
from rag.meant import PRONOUNS, wanted
from rag.types import Document, DocumentEntry, Passage, Speaker, Statement
from rag.vectors import FaissIndex, VectorIndex
from rag.writer import Writer

LAYOUT = 13
"""Version of everything below and of how files become passages and statements; raise it with
any of these."""

Floats = NDArray[np.float32]


class Store:
    """One folder with one index. Safe to use from several threads."""

    def __init__(
        self, folder: Path, identity: Identity, passage_tokens: int, language: str = "en"
    ) -> None:
        """Open the store in ``folder``, or make an empty one.

        Raises ``StoreMismatch`` when it was made with another model, passage size or
        layout, ``StoreDamaged`` when it cannot be read.
        """
        self.folder = folder
        self._dimension = identity.dimension
        self._lock = threading.RLock()
        self._index: VectorIndex | None = None
        self._index_generation = ""
        self._database = Database(
            folder,
            {
                "layout": str(LAYOUT),
                "model": identity.name,
                "model_sha256": identity.sha256,
                "dimension": str(identity.dimension),
                "passage_tokens": str(passage_tokens),
                "language": language,
            },
        )
        self._all = self._database.all

    @staticmethod
    def discard(folder: Path) -> None:
        """Remove the index in ``folder``, if there is one; dropped-in files stay.

        Raises ``StoreLocked`` when another process is writing to it.
        """
        if not folder.is_dir():
            return
        with locked(folder):
            for file in (*folder.glob("sayso.sqlite*"), *folder.glob("vectors-*")):
                file.unlink(missing_ok=True)

    def close(self) -> None:
        self._database.close()

    # -- reading ---------------------------------------------------------------------

    def files(self) -> dict[str, tuple[str, str]]:
        """Path to (SHA-256 of the file's bytes, document id), of every indexed file."""
        rows = self._all(
            "SELECT path, sha256, id FROM files JOIN documents ON documents.row = document"
        )
        return {path: (sha256, document) for path, sha256, document in rows}

    def entries(self) -> list[DocumentEntry]:
        """What is indexed, by path."""
        rows = self._all(
            "SELECT id, length(text), "
            "(SELECT count(*) FROM passages WHERE document = documents.row), "
            "path, title, published "
            "FROM documents JOIN files ON document = documents.row ORDER BY path"
        )
        found: dict[str, DocumentEntry] = {}
        for id, characters, passages, path, title, published in rows:
            if id in found:
                found[id] = replace(found[id], paths=(*found[id].paths, path))
            else:
                found[id] = DocumentEntry(
                    id, (path,), title, _date(published), characters, passages
                )
        return list(found.values())

    def document(self, document_id: str) -> Document:
        """Raises ``KeyError`` when it is not, or no longer, in the store."""
        rows = self._all(
            "SELECT text, path, title, published, metadata "
            "FROM documents JOIN files ON document = documents.row WHERE id = ? ORDER BY path",
            (document_id,),
        )
        if not rows:
            raise KeyError(document_id)
        text, path, title, published, metadata = rows[0]
        return Document(
            id=document_id,
            path=path,
            title=title,
            text=text,
            published=_date(published),
            metadata=json.loads(metadata),
            paths=tuple(row[1] for row in rows),
        )

    def titles(self, document_ids: Iterable[str]) -> dict[str, str]:
        """Title by id, of those that are in the store."""
        wanted = list(dict.fromkeys(document_ids))
        rows = self._all(
            "SELECT id, title FROM documents JOIN files ON document = documents.row "
            f"WHERE id IN ({_marks(wanted)}) ORDER BY path DESC",
            wanted,
        )
        return dict(rows)

    def passages(self, ids: Iterable[int]) -> dict[int, Passage]:
        """The passages of those ids that are still there."""
        wanted = list(ids)
        rows = self._all(
            'SELECT passages.row, id, "start", "end", sentences, '
            'substr(text, "start" + 1, "end" - "start") '
            "FROM passages JOIN documents ON documents.row = document "
            f"WHERE passages.row IN ({_marks(wanted)})",
            wanted,
        )
        return {
            row: Passage(row, id, start, end, text, tuple((a, b) for a, b in json.loads(spans)))
            for row, id, start, end, spans, text in rows
        }

    def vectors(self, ids: Sequence[int]) -> dict[int, Floats]:
        """Unit vectors of the passages of those ids that are still there."""
        rows = self._all(
            "SELECT row, vector FROM passages WHERE row IN (SELECT value FROM json_each(?))",
            (json.dumps(list(ids)),),
        )
        return {row: np.frombuffer(vector, np.float32) for row, vector in rows}

    def order(self, ids: Sequence[int]) -> dict[int, tuple[str, int]]:
        """(document id, start) of each: an order that does not depend on history."""
        rows = self._all(
            'SELECT passages.row, id, "start" FROM passages '
            "JOIN documents ON documents.row = document "
            "WHERE passages.row IN (SELECT value FROM json_each(?))",
            (json.dumps(list(ids)),),
        )
        return {row: (id, start) for row, id, start in rows}

    def home(self) -> dict[int, str]:
        """Passage id to document id, of all passages."""
        return dict(
            self._all(
                "SELECT passages.row, id FROM passages JOIN documents ON documents.row = document"
            )
        )

    def count(self) -> int:
        """Passages in the store."""
        return int(self._all("SELECT count(*) FROM passages")[0][0])

    def rarity(self, word: str) -> float:
        """How rare a word is, in any of its forms: 0 in every passage, 1 in none.

        BM25's inverse document frequency as a share of its greatest value, so that it
        means the same in a small store and in a large one.
        """
        found = self._all(
            "SELECT count(*) FROM passages_text WHERE passages_text MATCH ?", (f'text : "{word}"',)
        )
        count, n = int(found[0][0]), len(self._current_index())
        return math.log1p((n - count + 0.5) / (count + 0.5)) / math.log1p(2 * n + 1)

    def search_text(
        self,
        match: str,
        k: int,
        title_weight: float = 1.0,
        speaker_weight: float = 1.0,
        among: Iterable[int] | None = None,
    ) -> list[tuple[int, float]]:
        """Passage ids and BM25 scores (higher is better, above 0) for an FTS5 query.

        ``among`` are ids of passages: others are left out, though the rarity of words stays
        that of the whole store. The weights are those of a word in the title and in the
        names and roles of who speaks in the passage; in its text it is 1.
        """
        inside = "" if among is None else "AND passages.row IN (SELECT value FROM json_each(?)) "
        rows = self._all(
            "SELECT passages_text.rowid, -bm25(passages_text, ?, 1.0, ?) AS score "
            "FROM passages_text JOIN passages ON passages.row = passages_text.rowid "
            "JOIN documents ON documents.row = document "
            f'WHERE passages_text MATCH ? {inside}ORDER BY score DESC, id, "start" LIMIT ?',
            (
                title_weight,
                speaker_weight,
                match,
                *(() if among is None else (json.dumps(sorted(among)),)),
                k,
            ),
        )
        return [(row, score) for row, score in rows]

    def passages_within(
        self, document_ids: Sequence[str] | None = None, speaker: str = ""
    ) -> list[int]:
        """Ids of all passages of these documents in which somebody of that name speaks.

        All words of ``speaker``, but for titles and articles, must be in the name or role;
        without any, everybody will do.
        """
        conditions, values = ["TRUE"], list[str]()
        if document_ids is not None:
            conditions.append(f"id IN ({_marks(document_ids)})")
            values += document_ids
        words = [word for word in wanted(speaker) if word]
        if words:
            conditions.append(
                "passages.row IN (SELECT rowid FROM passages_text WHERE passages_text MATCH ?)"
            )
            quoted = " ".join(f'"{word}"' for word in words)
            values.append(f"speakers : ({quoted})")
        rows = self._all(
            "SELECT passages.row FROM passages JOIN documents ON documents.row = document "
            f"WHERE {' AND '.join(conditions)}",
            values,
        )
        return [row for (row,) in rows]

    def statements(self, document_id: str, start: int = 0, end: int = 2**62) -> list[Statement]:
        """Those of the document that touch ``[start, end)``, in order."""
        rows = self._all(
            'SELECT "start", "end", denies, nested, name, role, source_start, source_end, '
            "cue_start, cue_end, mode FROM statements JOIN documents ON documents.row = document "
            'WHERE id = ? AND "start" < ? AND "end" > ? ORDER BY "start", statements.row',
            (document_id, end, start),
        )
        return [
            Statement(first, last, Speaker(*speaker), bool(denies), bool(nested))
            for first, last, denies, nested, *speaker in rows
        ]

    def speakers(self) -> list[tuple[str, int]]:
        """Everybody who says something by name, with how many statements, most first."""
        return self._all(
            "SELECT name, count(*) FROM statements WHERE name <> '' AND NOT nested "
            f"AND lower(name) NOT IN ({_marks([*PRONOUNS])}) "
            "GROUP BY name ORDER BY count(*) DESC, name",
            [*PRONOUNS],
        )

    def search_vectors(self, query: Floats, k: int) -> list[tuple[int, float]]:
        """Passage ids and cosines of the ``k`` nearest to a unit vector, best first."""
        index = self._current_index()
        if not len(index):
            return []
        cosines, ids = index.search(query.reshape(1, -1), k)
        return [(int(id), float(cosine)) for id, cosine in zip(ids[0], cosines[0], strict=True)]

    # -- writing ---------------------------------------------------------------------

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        """The one writer of this store, across processes.

        Each call on it is one transaction. On a normal end the vector index is written.
        Raises ``StoreLocked`` when another process is writing.
        """
        with locked(self.folder):
            self._database.follow()
            connection = self._database.connect()
            try:
                yield Writer(connection)
                self._save_index()
            except sqlite3.DatabaseError as error:
                raise StoreError(
                    f"Writing to {self.folder} failed: {error}. Free some space or check the "
                    "permissions; what was indexed before is intact."
                ) from error
            finally:
                connection.close()

    # -- inside ----------------------------------------------------------------------

    def _generation(self) -> str:
        return str(self._all("SELECT value FROM meta WHERE key = 'generation'")[0][0])

    def _current_index(self) -> VectorIndex:
        with self._lock:
            generation = self._generation()
            if self._index is None or self._index_generation != generation:
                self._index = self._load_index(generation) or self._build_index()
                self._index_generation = generation
            return self._index

    def _load_index(self, generation: str) -> VectorIndex | None:
        try:
            index = FaissIndex.load(self.folder / f"vectors-{generation}.faiss")
        except RuntimeError:  # missing or damaged: derived data, so it is made again
            return None
        return index if len(index) == self.count() else None

    def _build_index(self) -> VectorIndex:
        # In an order that does not depend on history, so that ties do not either.
        rows = self._all(
            "SELECT passages.row, vector FROM passages "
            'JOIN documents ON documents.row = document ORDER BY id, "start"'
        )
        ids = np.array([row for row, _ in rows], np.int64)
        vectors = np.frombuffer(b"".join(vector for _, vector in rows), np.float32)
        return FaissIndex.build(ids, vectors.reshape(len(rows), self._dimension))

    def _save_index(self) -> None:
        index = self._current_index()
        file = self.folder / f"vectors-{self._index_generation}.faiss"
        if not file.exists():
            partial = file.with_suffix(".partial")
            index.save(partial)
            partial.replace(file)
        for other in self.folder.glob("vectors-*"):
            if other != file:
                other.unlink(missing_ok=True)


def _marks(values: Sequence[Any]) -> str:
    return ",".join("?" * len(values))


def _date(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None
