"""``python -m eval passages``: how long a passage should be, and whether to embed titles.

nDCG@10 of documents on SQuAD (half dev, answerable questions) and TIME, for dense search
alone and fused with full text. Titles are embedded as a line in front of the passage.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from eval.datasets import Collection, collection
from eval.index import RUNS
from eval.metrics import ndcg_at_10
from eval.table import table
from rag.embed import Embedder, load_embedder
from rag.retrieve import Fusion, full_text_query, fuse
from rag.settings import Settings
from rag.split import split
from rag.store import Store
from rag.writer import File, Indexed

SIZES = (64, 128, 250)
"""Tokens; the packaged model reads 254 at most."""


def run(data: Path, output: Path) -> int:
    """Print the table and write it to ``output`` as JSON."""
    embedder = load_embedder(Settings().embedding_model)
    rows, results = [], {}
    for size in SIZES:
        for titled in (False, True):
            cells = []
            for name in ("squad", "time"):
                count, dense, fused = _measure(collection(name, data), embedder, size, titled)
                cells += [str(count), f"{dense:.3f}", f"{fused:.3f}"]
                results[f"{name} {size}{' titled' if titled else ''}"] = [count, dense, fused]
            rows.append([f"{size} tokens{', title embedded' if titled else ''}", *cells])
            print(rows[-1], flush=True)
    head = ["passages of at most", "squad: passages", "dense", "fused"]
    print(table([*head, "time: passages", "dense", "fused"], rows))
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(results, indent=1) + "\n", "utf-8")
    return 0


def _measure(
    found: Collection, embedder: Embedder, size: int, titled: bool
) -> tuple[int, float, float]:
    """Passages, nDCG@10 of dense search alone, nDCG@10 fused."""
    # A titled passage must still fit the model, so it gets less text.
    folder = RUNS / "passages" / f"{found.name}-{size}-{'titled' if titled else 'plain'}"
    Store.discard(folder)
    store = Store(folder, embedder.identity, size)
    pieces, texts = [], []
    for document in found.documents:
        title = f"{document.title}\n" if titled else ""
        room = size - len(embedder.token_spans(title))
        passages = split(document, embedder.token_spans, max_tokens=max(16, room))
        pieces.append(passages)
        texts += [title + passage.text for passage in passages]
    vectors = iter(embedder.embed_documents(texts))
    indexed = [
        Indexed(document, passages, np.stack([next(vectors) for _ in passages]))
        for document, passages in zip(found.documents, pieces, strict=True)
    ]
    files = {document.path: File(document.id, document) for document in found.documents}
    with store.writing() as writer:
        writer.apply(indexed, files)
    home, fusion = store.home(), Fusion()
    questions = [question for question in found.questions if question.id in found.relevant]
    queries = embedder.embed_queries([question.text for question in questions])
    runs: tuple[dict[str, dict[str, float]], ...] = ({}, {})
    for question, query in zip(questions, queries, strict=True):
        dense = dict(store.search_vectors(query, fusion.depth))
        match = full_text_query(question.text)
        text = dict(store.search_text(match, fusion.depth, fusion.title_weight) if match else [])
        missing = [id for id in text if id not in dense]
        rest = {id: float(v @ query) for id, v in store.vectors(missing).items()}
        for run, scores in zip(
            runs, (dense, fuse(dense | rest, text, fusion.dense_weight)), strict=True
        ):
            best = run.setdefault(question.id, {})
            for id, score in scores.items():
                best[home[id]] = max(score, best.get(home[id], score))
    count = store.count()
    store.close()
    Store.discard(folder)
    return count, ndcg_at_10(found.relevant, runs[0]), ndcg_at_10(found.relevant, runs[1])
