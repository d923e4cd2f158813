"""``python -m eval rerank``: nDCG@10 with the reader in the ranking, by its weight."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from eval.datasets import collection, every
from eval.index import indexed
from eval.metrics import ndcg_at_10
from eval.retrieval import COLLECTIONS
from eval.table import table
from rag.embed import load_embedder
from rag.read import READER_WEIGHT, SpanReader, rerank
from rag.reader_model import load_reader
from rag.retrieve import Retriever
from rag.settings import Settings
from rag.types import Hit

WEIGHTS = (0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5)
_DEPTH = 50
"""Passages that are ranked; the reader reads as many of them as the product does."""


def run(data: Path, output: Path, sample: int | None) -> int:
    """Print the table and write it as JSON; 1 if the default loses on a collection.

    At most ``sample`` questions of each collection are asked, all when None.
    """
    settings = Settings()
    embedder, model = load_embedder(settings.embedding_model), load_reader(settings.reader_model)
    results: dict[str, dict[str, float]] = {}
    for name in COLLECTIONS:
        found = collection(name, data)
        store = indexed(name, found.documents, embedder, settings.passage_tokens)
        retriever = Retriever(store, embedder)
        reader = SpanReader(model, store.titles, store.rarity, settings.read_tokens)
        known = [question for question in found.questions if question.id in found.relevant]
        asked = every(known, sample)
        runs: dict[float, dict[str, dict[str, float]]] = {weight: {} for weight in WEIGHTS}
        for question in asked:
            hits = retriever.retrieve(question.text, _DEPTH)
            spans = reader.read(question.text, hits[: settings.top_k])
            for weight in WEIGHTS:
                runs[weight][question.id] = _by_document(rerank(hits, spans, weight))
        store.close()
        relevant = {question.id: found.relevant[question.id] for question in asked}
        results[name] = {str(w): ndcg_at_10(relevant, runs[w]) for w in WEIGHTS}
        print(f"{name}: {len(asked)} questions", flush=True)
    print(_shown(results))
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(results, indent=1) + "\n", "utf-8")
    lost = losses(results, READER_WEIGHT)
    print(f"The default loses on {', '.join(lost)}." if lost else "The default loses on none.")
    return 1 if lost else 0


def losses(results: Mapping[str, Mapping[str, float]], weight: float) -> list[str]:
    """The collections on which ``weight`` ranks worse than retrieval alone."""
    return [name for name, found in results.items() if found[str(weight)] < found[str(WEIGHTS[0])]]


def _shown(results: Mapping[str, Mapping[str, float]]) -> str:
    rows = []
    for weight in WEIGHTS:
        mark = " (default)" if weight == READER_WEIGHT else ""
        values = [f"{found[str(weight)]:.4f}" for found in results.values()]
        rows.append([f"{weight:g}{mark}", *values, ", ".join(losses(results, weight)) or "none"])
    return table(["nDCG@10, weight of the reader", *results, "loses on"], rows)


def _by_document(hits: list[Hit]) -> dict[str, float]:
    """A document is as relevant as its best passage."""
    scores: dict[str, float] = {}
    for hit in hits:
        scores.setdefault(hit.passage.document_id, -float(hit.rank))
    return scores
