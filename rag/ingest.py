"""Folder ↔ store: what is new, changed or gone, by content hash.

Work goes in batches, one transaction each: a process that dies leaves the batches that
were finished, and the next run does the rest. A changed file's old and new text change
places in one transaction.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.dropped import DROPPED
from rag.embed import Embedder
from rag.errors import DocumentError, SettingsError
from rag.load import UNLISTED, find_files, parse, read_bytes, require_known, shown
from rag.planted import blanked
from rag.speaker import statements
from rag.split import split
from rag.store import Store
from rag.types import Document, Skipped, Statement, SyncReport
from rag.writer import File, Indexed, Writer

_BATCH_CHARACTERS = 200_000
"""About ten seconds of embedding on two cores, between two moves of the progress bar."""

Progress = Callable[[int, int, str], None]
"""Called with (bytes of files indexed, bytes in all, path at hand)."""


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

    def index(self, documents: Sequence[Document]) -> list[Indexed]:
        """Split, embed and attribute, all passages together so that like lengths share a batch."""
        pieces = [
            split(
                document,
                self.embedder.token_spans,
                max_tokens=self.passage_tokens,
                language=self.language,
            )
            for document in documents
        ]
        vectors = self.embedder.embed_documents(
            [passage.text for passages in pieces for passage in passages]
        )
        indexed, first = [], 0
        for document, passages in zip(documents, pieces, strict=True):
            last = first + len(passages)
            said: tuple[Statement, ...] = ()
            if self.language == "en":  # the rules are English ones
                spans = [sentence for passage in passages for sentence in passage.sentences]
                said = statements(blanked(document.text, spans), spans)
            indexed.append(Indexed(document, passages, vectors[first:last], said))
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
    look = _Look(store.files(), _places(root, dropped), max_file_mb)
    if look.is_needed():
        with store.writing() as writer:
            # Another process may have been writing until now: look again.
            look = _Look(store.files(), _places(root, dropped), max_file_mb)
            look.apply(writer, indexer, progress)
    return SyncReport(
        added=look.added,
        changed=look.changed,
        removed=len(look.removed),
        unchanged=look.unchanged,
        skipped=tuple(look.skipped),
        passages=store.count(),
        seconds=time.perf_counter() - began,
    )


def _places(root: Path, dropped: Path | None) -> dict[str, tuple[Path, str]]:
    """Where the files lie, by the paths that they go by in the store."""
    places = {path: (root, path) for path in find_files(root)}
    if dropped is not None and dropped.is_dir():
        places |= {DROPPED + path: (dropped, path) for path in find_files(dropped)}
    return places


class _Look:
    """How files and store differ, and then the changes that make them agree."""

    def __init__(
        self,
        before: Mapping[str, tuple[str, str]],
        places: Mapping[str, tuple[Path, str]],
        max_file_mb: float,
    ) -> None:
        """``before`` has, by path, the file's SHA-256 and its document's id."""
        self._before = before
        self._places = places
        self._max_file_mb = max_file_mb
        self._to_read: dict[str, int] = {}  # path: bytes
        self.skipped: list[Skipped] = []
        self.added = self.changed = self.unchanged = 0
        unlisted: list[str] = []
        for path, (root, inside) in places.items():
            try:
                require_known(path)  # before a film is read
                data = self._bytes(path)
            except DocumentError as error:
                is_folder = _is_folder(root / inside)  # one that could be listed is not among them
                if is_folder:
                    unlisted.append(f"{path}/")
                self.skipped.append(Skipped(path, UNLISTED if is_folder else str(error)))
                continue
            if path in before and before[path][0] == _sha256(data):
                self.unchanged += 1
            else:
                self._to_read[path] = len(data)
        gone = before.keys() - places.keys()
        # What could not be looked for may still be there.
        self.removed = {path for path in gone if not path.startswith(tuple(unlisted))}
        self.unchanged += len(gone) - len(self.removed)

    def is_needed(self) -> bool:
        return bool(self._to_read) or self.unchanged < len(self._before)

    def apply(self, writer: Writer, indexer: Indexer, progress: Progress | None) -> None:
        """Read what is new or changed, batch by batch, and forget what is gone."""
        stored = {document for _, document in self._before.values()}
        new: dict[str, Document] = {}
        files: dict[str, File] = {}
        total, done, waiting, characters = sum(self._to_read.values()), 0, 0, 0
        for path, size in self._to_read.items():
            if progress:
                progress(done, total, path)
            waiting += size
            try:
                data = self._bytes(path)
                document = parse(data, path)
            except DocumentError as error:
                self.skipped.append(Skipped(path, str(error)))
                continue
            except Exception:  # a fault of ours must not cost the other files
                logging.getLogger(__name__).exception("reading %s", shown(path))
                reason = "The file could not be read, by a fault of Sayso's: convert or remove it."
                self.skipped.append(Skipped(path, reason))
                continue
            self.changed += path in self._before
            self.added += path not in self._before
            files[path] = File(_sha256(data), document)
            if document.id not in stored and document.id not in new:
                new[document.id] = document
                characters += len(document.text)
            if characters >= _BATCH_CHARACTERS:
                stored |= new.keys()
                stored -= writer.apply(indexer.index(list(new.values())), files)
                done, waiting = done + waiting, 0
                new, files, characters = {}, {}, 0
        # Last, so that a renamed file's text still has its old path until it has the new.
        unreadable = {file.path for file in self.skipped} & self._before.keys()
        writer.apply(
            indexer.index(list(new.values())) if new else [], files, self.removed | unreadable
        )
        if progress:
            progress(total, total, "")

    def _bytes(self, path: str) -> bytes:
        root, inside = self._places[path]
        return read_bytes(root, inside, max_file_mb=self._max_file_mb)


def _is_folder(place: Path) -> bool:
    try:
        return place.is_dir()
    except OSError:  # within a folder that cannot be entered
        return False


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
