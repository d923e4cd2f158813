"""Folder ↔ store: what is new, changed or gone, by content hash.

Work goes in batches, one transaction each: a process that dies leaves the batches that
were finished, and the next run does the rest. A changed file's old and new text change
places in one transaction.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.embed import Embedder
from rag.errors import DocumentError, SettingsError
from rag.load import find_files, parse, read_bytes
from rag.split import split
from rag.store import Store
from rag.types import Document, Skipped, SyncReport
from rag.writer import Indexed, Writer

DROPPED = ".dropped/"
"""What the paths of dropped-in files begin with; no path in a documents' folder can,
as hidden files are left out."""

_BATCH_CHARACTERS = 400_000

Progress = Callable[[int, int, str], None]
"""Called with (bytes done, bytes in all, path at hand)."""


@dataclass(frozen=True, slots=True)
class Indexer:
    """How documents become passages and vectors; the same for all of a store."""

    embedder: Embedder
    passage_tokens: int
    language: str = "en"

    def __post_init__(self) -> None:
        if self.passage_tokens > self.embedder.max_tokens:
            raise SettingsError(
                f"passage_tokens is {self.passage_tokens}, but the embedding model "
                f"{self.embedder.identity.name} reads {self.embedder.max_tokens} at most: "
                "set passage_tokens to that or less."
            )

    def index(self, found: Sequence[tuple[Document, Mapping[str, str]]]) -> list[Indexed]:
        """Split and embed documents, each given with its files and their hashes."""
        pieces = [
            split(
                document,
                self.embedder.token_spans,
                max_tokens=self.passage_tokens,
                language=self.language,
            )
            for document, _ in found
        ]
        vectors = self.embedder.embed_documents(
            [passage.text for passages in pieces for passage in passages]
        )
        indexed, first = [], 0
        for (document, files), passages in zip(found, pieces, strict=True):
            last = first + len(passages)
            indexed.append(Indexed(document, files, passages, vectors[first:last]))
            first = last
        return indexed


def sync(
    store: Store,
    root: Path,
    indexer: Indexer,
    *,
    max_file_mb: float,
    dropped: Path | None = None,
    progress: Progress | None = None,
) -> SyncReport:
    """Make ``store`` hold what the files below ``root`` (and ``dropped``) say now.

    A file that cannot be read is skipped and reported, and what was indexed under its
    path before is forgotten. Raises ``DocumentsNotFound`` when ``root`` is no folder.
    """
    began = time.perf_counter()
    places = {path: (root, path) for path in find_files(root)}
    if dropped is not None and dropped.is_dir():
        places |= {DROPPED + path: (dropped, path) for path in find_files(dropped)}
    run = _Sync(store, indexer, max_file_mb, places)
    if run.is_needed():
        with store.writing() as writer:
            run.apply(writer, progress)
    return SyncReport(
        added=run.added,
        changed=run.changed,
        removed=run.removed,
        unchanged=run.unchanged,
        skipped=tuple(run.skipped),
        passages=store.count(),
        seconds=time.perf_counter() - began,
    )


class _Sync:
    """One run of ``sync``: first a look at all files, then the changes."""

    def __init__(
        self,
        store: Store,
        indexer: Indexer,
        max_file_mb: float,
        places: Mapping[str, tuple[Path, str]],
    ) -> None:
        self._store = store
        self._indexer = indexer
        self._max_file_mb = max_file_mb
        self._places = places
        self._before = store.files()
        self._stored = {document for _, document in self._before.values()}
        self.skipped: list[Skipped] = []
        self.added = self.changed = self.unchanged = 0
        self._now: dict[str, tuple[str, str]] = {}  # path: (hash of the file, document id)
        self._to_read: dict[str, int] = {}  # path: bytes
        for path in places:
            try:
                data = self._bytes(path)
            except DocumentError as error:
                self.skipped.append(Skipped(path, str(error)))
                continue
            if self._before.get(path, ("", ""))[0] == hashlib.sha256(data).hexdigest():
                self._now[path] = self._before[path]
                self.unchanged += 1
            else:
                self._to_read[path] = len(data)
        self.removed = sum(path not in places for path in self._before)

    def is_needed(self) -> bool:
        return bool(self._to_read) or len(self._now) < len(self._before)

    def apply(self, writer: Writer, progress: Progress | None) -> None:
        total, done = sum(self._to_read.values()), 0
        batch: dict[str, tuple[Document, dict[str, str]]] = {}
        known: dict[str, Document] = {}  # stored texts that further files turned out to hold
        characters = 0
        for path, size in self._to_read.items():
            if progress:
                progress(done, total, path)
            done += size
            try:
                data = self._bytes(path)
                document = parse(data, path)
            except DocumentError as error:
                self.skipped.append(Skipped(path, str(error)))
                continue
            self._count(path)
            sha256 = hashlib.sha256(data).hexdigest()
            self._now[path] = (sha256, document.id)
            if document.id in batch:
                batch[document.id][1][path] = sha256
            elif document.id in self._stored:
                known[path] = document
            else:
                batch[document.id] = (document, {path: sha256})
                characters += len(document.text)
            if characters >= _BATCH_CHARACTERS:
                self._write(writer, batch)
                batch, characters = {}, 0
        self._write(writer, batch)
        self._settle(writer, known)
        if progress:
            progress(total, total, "")

    def _write(
        self, writer: Writer, batch: Mapping[str, tuple[Document, Mapping[str, str]]]
    ) -> None:
        """Add the batch, and forget the texts that its files held before."""
        if not batch:
            return
        replaced = {
            self._before[path][1]
            for _, files in batch.values()
            for path in files
            if path in self._before
        }
        # Still in use: texts of files that are as they were, or not looked at yet.
        kept = {
            document
            for path, (_, document) in self._before.items()
            if path in self._places and self._now.get(path, (None, document))[1] == document
        } | {document for _, document in self._now.values()}
        gone = replaced - kept
        writer.replace(gone, self._indexer.index(list(batch.values())))
        self._stored = (self._stored - gone) | set(batch)

    def _settle(self, writer: Writer, known: Mapping[str, Document]) -> None:
        """Set the paths of texts that were stored already; forget what no path holds.

        A document's title and date come from its first path, whatever order the files
        arrived in, so that the store is the same as one made anew.
        """
        stored = self._store.files()
        wanted = {document for _, document in self._now.values()}
        gone_documents = {document for _, document in stored.values()} - wanted
        first: dict[str, str] = {}
        first_before: dict[str, str] = {}
        for paths, into in ((self._now, first), (stored, first_before)):
            for path in sorted(paths):
                into.setdefault(paths[path][1], path)
        anew: list[tuple[Document, dict[str, str]]] = []
        for document_id, path in first.items():
            if path == first_before.get(document_id) and path not in known:
                continue
            try:
                document = known.get(path) or parse(self._bytes(path), path)
            except DocumentError:
                continue  # changed since it was read a moment ago; the next run sees it
            if document.id == document_id and not _states_the_same(
                document, self._store.document(document_id)
            ):
                files = {p: sha for p, (sha, id) in self._now.items() if id == document_id}
                anew.append((document, files))
        if gone_documents or anew:
            replaced = gone_documents | {document.id for document, _ in anew}
            writer.replace(replaced, self._indexer.index(anew) if anew else [])
        writer.set_files(set(stored) - set(self._now), self._now)

    def _bytes(self, path: str) -> bytes:
        root, inside = self._places[path]
        return read_bytes(root, inside, max_file_mb=self._max_file_mb)

    def _count(self, path: str) -> None:
        if path in self._before:
            self.changed += 1
        else:
            self.added += 1


def _states_the_same(one: Document, other: Document) -> bool:
    return (one.title, one.published, dict(one.metadata)) == (
        other.title,
        other.published,
        dict(other.metadata),
    )
