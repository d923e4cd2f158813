"""A process to be killed while it syncs; run by ``test_ingest.py``.

It imports everything once. For each line on standard input, ``<seconds> <folder> <store>``,
it starts a copy of itself that syncs the folder into the store, kills that copy after
those seconds, and prints "killed", or the seconds it took when it was done before.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import faiss  # noqa: F401 - so that a copy need not

import rag.ingest
from rag.store import Store
from tests.fakes import WordEmbedder

BATCH = 4_000
"""Characters in one transaction, so that there are many to be killed in."""


def synchronise(folder: Path, place: Path) -> None:
    rag.ingest._BATCH_CHARACTERS = BATCH
    embedder = WordEmbedder()
    store = Store(place, embedder.identity, 32)
    rag.ingest.sync(store, folder, rag.ingest.Indexer(embedder, 32), max_file_mb=1)
    store.close()


def main() -> None:
    for line in sys.stdin:
        seconds, folder, place = line.rstrip("\n").split("\t")
        began = time.perf_counter()
        child = os.fork()
        if not child:
            try:
                synchronise(Path(folder), Path(place))
            except BaseException:
                sys.excepthook(*sys.exc_info())
                os._exit(1)
            os._exit(0)
        while (took := time.perf_counter() - began) < float(seconds):
            done, status = os.waitpid(child, os.WNOHANG)
            if done:
                print(took if status == 0 else "failed", flush=True)
                break
            time.sleep(0.0005)
        else:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            print("killed", flush=True)


if __name__ == "__main__":
    main()
