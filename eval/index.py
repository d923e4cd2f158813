"""Evaluation collections in a real store, kept between runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rag.embed import Embedder
from rag.errors import StoreMismatch
from rag.ingest import Indexer
from rag.store import Store
from rag.types import Document
from rag.writer import File

RUNS = Path("runs")
"""Where evaluation keeps its indexes and reports; may be deleted at any time."""

_BATCH = 200


def indexed(
    name: str, documents: Sequence[Document], embedder: Embedder, passage_tokens: int
) -> Store:
    """A store of exactly ``documents``, made anew unless it is there already."""
    folder = RUNS / "stores" / f"{name}-{passage_tokens}"
    try:
        store = Store(folder, embedder.identity, passage_tokens)
    except StoreMismatch:
        Store.discard(folder)
        store = Store(folder, embedder.identity, passage_tokens)
    wanted = {document.id: document for document in documents}
    present = {entry.id for entry in store.entries()}
    if present != set(wanted):
        indexer = Indexer(embedder, passage_tokens)
        new = [wanted[id] for id in wanted.keys() - present]
        new.sort(key=lambda document: document.path)
        with store.writing() as writer:
            stale = [path for path, (_, id) in store.files().items() if id not in wanted]
            writer.apply([], {}, stale)
            for first in range(0, len(new), _BATCH):
                batch = new[first : first + _BATCH]
                writer.apply(indexer.index(batch), {d.path: File(d.id, d) for d in batch})
                print(f"{name}: {min(first + _BATCH, len(new))} of {len(new)} documents indexed")
    return store
