"""The vector index: which passages are nearest to a question's vector.

It is derived from the store and can be made again from it at any time. To add another
vector library, implement ``VectorIndex`` and name it in ``build`` and ``load``.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ids = NDArray[np.int64]


class VectorIndex(Protocol):
    """Exact or approximate nearest neighbours by inner product of unit vectors."""

    def __len__(self) -> int: ...

    def search(self, queries: Floats, k: int) -> tuple[Floats, Ids]:
        """Cosines and passage ids, each ``(len(queries), min(k, len(self)))``, best first."""
        ...

    def save(self, path: Path) -> None: ...


class FaissIndex:
    """``faiss.IndexIDMap2`` over ``IndexFlatIP``: exact, ids are the store's row ids."""

    def __init__(self, index: Any) -> None:
        self._index = index

    @classmethod
    def build(cls, ids: Ids, vectors: Floats) -> FaissIndex:
        """From ids ``(n,)`` and unit vectors ``(n, dimension)``."""
        import faiss

        index = faiss.IndexIDMap2(faiss.IndexFlatIP(vectors.shape[1]))
        if len(ids):
            index.add_with_ids(np.ascontiguousarray(vectors), ids)
        return cls(index)

    @classmethod
    def load(cls, path: Path) -> FaissIndex:
        """Raises ``RuntimeError`` when the file is missing or damaged."""
        import faiss

        try:
            data = path.read_bytes()
        except OSError as error:
            raise RuntimeError(str(error)) from error
        digest, body = data[:32], data[32:]
        if hashlib.sha256(body).digest() != digest:
            raise RuntimeError(f"{path} is damaged")
        return cls(faiss.deserialize_index(np.frombuffer(body, np.uint8)))

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def search(self, queries: Floats, k: int) -> tuple[Floats, Ids]:
        return self._index.search(queries, min(k, len(self)))  # type: ignore[no-any-return]

    def save(self, path: Path) -> None:
        import faiss

        body = faiss.serialize_index(self._index).tobytes()
        path.write_bytes(hashlib.sha256(body).digest() + body)
