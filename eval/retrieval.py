"""``python -m eval retrieval``: choose and report the weights of the two searches.

nDCG@10 on four collections that differ as documents do: news (time), abstracts (cran),
encyclopaedia paragraphs with real questions (squad), scientific claims (scifact). One set
of weights for all: the one that gains most over the better of both searches alone, as the
mean over the collections of the ratio of the two, so that each counts the same.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from eval.datasets import Collection, collection
from eval.index import indexed
from eval.metrics import ndcg_at_10
from eval.table import table
from rag.embed import load_embedder
from rag.retrieve import Fusion, full_text_query, fuse
from rag.settings import Settings

COLLECTIONS = ("time", "cran", "squad", "scifact")
_DENSE_WEIGHTS = tuple(round(0.1 * step, 1) for step in range(1, 10))
_FIELDS = tuple(product((0.0, 1.0, 2.0), (0.0, 0.5, 1.0)))
"""Weights of a word in the title and in the names of who speaks; in the text it is 1."""

Scores = dict[int, float]
Run = dict[str, dict[str, float]]


@dataclass(frozen=True, slots=True)
class Candidates:
    """What both searches found for one question."""

    dense: Scores
    cosines: Scores
    """Of the candidates of either search."""
    text: dict[tuple[float, float], Scores]
    """By ``_FIELDS``."""


def run(data: Path, output: Path) -> int:
    """Print the table, write it to ``output`` as JSON; 1 if fusion loses anywhere."""
    settings, depth = Settings(), Fusion().depth
    embedder = load_embedder(settings.embedding_model)
    results: dict[str, dict[str, float]] = {}
    for name in COLLECTIONS:
        found = collection(name, data)
        store = indexed(name, found.documents, embedder, settings.passage_tokens)
        questions = [question for question in found.questions if question.id in found.relevant]
        vectors = embedder.embed_queries([question.text for question in questions])
        home = store.home()
        candidates = {}
        for question, vector in zip(questions, vectors, strict=True):
            dense = dict(store.search_vectors(vector, depth))
            match = full_text_query(question.text)
            text = {
                fields: dict(store.search_text(match, depth, *fields) if match else [])
                for fields in _FIELDS
            }
            missing = sorted({id for scores in text.values() for id in scores} - dense.keys())
            rest = {id: float(v @ vector) for id, v in store.vectors(missing).items()}
            candidates[question.id] = Candidates(dense, dense | rest, text)
        results[name] = _scores(found, candidates, home)
        store.close()
        print(f"{name}: {len(questions)} questions, {len(found.documents)} documents", flush=True)
    return _report(results, output)


def _scores(
    found: Collection, candidates: Mapping[str, Candidates], home: Mapping[int, str]
) -> dict[str, float]:
    """nDCG@10 by name of the setting."""

    def ndcg(run: Mapping[str, Scores]) -> float:
        return ndcg_at_10(found.relevant, {q: _by_document(s, home) for q, s in run.items()})

    scores = {"dense alone": ndcg({q: c.dense for q, c in candidates.items()})}
    for fields in _FIELDS:
        scores[f"full text alone, {_fields(fields)}"] = ndcg(
            {q: c.text[fields] for q, c in candidates.items()}
        )
        for weight in _DENSE_WEIGHTS:
            scores[_name(weight, fields)] = ndcg(
                {
                    q: fuse(
                        {id: c.cosines[id] for id in c.dense.keys() | c.text[fields].keys()},
                        c.text[fields],
                        weight,
                    )
                    for q, c in candidates.items()
                }
            )
    scores["plain RRF, k=60"] = ndcg({q: _rrf(c) for q, c in candidates.items()})
    return scores


def _rrf(candidates: Candidates) -> Scores:
    """Reciprocal rank fusion (Cormack et al. 2009), the usual baseline."""
    fused: Scores = {}
    for scores in (candidates.dense, candidates.text[1.0, 0.0]):
        for rank, id in enumerate(sorted(scores, key=lambda id: -scores[id]), start=1):
            fused[id] = fused.get(id, 0.0) + 1 / (60 + rank)
    return fused


def _by_document(scores: Scores, home: Mapping[int, str]) -> dict[str, float]:
    """A document is as relevant as its best passage."""
    best: dict[str, float] = {}
    for id, score in scores.items():
        best[home[id]] = max(score, best.get(home[id], score))
    return best


def _fields(weights: tuple[float, float]) -> str:
    return "title x{:g}, speakers x{:g}".format(*weights)


def _name(dense_weight: float, fields: tuple[float, float]) -> str:
    return f"fused, dense {dense_weight:g}, {_fields(fields)}"


def _report(results: Mapping[str, Mapping[str, float]], output: Path) -> int:
    fusion = Fusion()
    default_fields = fusion.title_weight, fusion.speaker_weight
    alone = ["dense alone", *(f"full text alone, {_fields(fields)}" for fields in _FIELDS)]

    def gain(setting: str) -> float:
        ratios = [s[setting] / max(s[other] for other in alone) for s in results.values()]
        return sum(ratios) / len(ratios)

    fused = [_name(weight, fields) for fields in _FIELDS for weight in _DENSE_WEIGHTS]
    best = max(fused, key=gain)
    default = _name(fusion.dense_weight, default_fields)
    shown = ["dense alone", f"full text alone, {_fields(default_fields)}", "plain RRF, k=60"]
    shown += [name for name in fused if name.endswith(_fields(default_fields))]
    shown += [
        name for fields in _FIELDS if (name := _name(fusion.dense_weight, fields)) not in shown
    ]
    if best not in shown:
        shown.append(best)
    rows = []
    for setting in shown:
        mark = " (default)" if setting == default else " (best)" if setting == best else ""
        values = [*(scores[setting] for scores in results.values()), gain(setting)]
        rows.append([setting + mark, *(f"{value:.3f}" for value in values)])
    print(table(["nDCG@10", *results, "gain"], rows))
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(results, indent=1) + "\n", "utf-8")
    losses = [
        name
        for name, scores in results.items()
        if scores[default] <= max(scores[setting] for setting in alone)
    ]
    verdict = f"loses on {', '.join(losses)}" if losses else "beats both alone on each"
    print(f"The default ({default}) {verdict}; the greatest gain has: {best}.")
    return 1 if losses else 0
