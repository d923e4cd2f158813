"""Question → ranked passages: dense and full-text search, fused.

Fusion is a convex combination of normalised scores (Bruch et al. 2023, "An Analysis of
Fusion Functions for Hybrid Retrieval"), which keeps how much better one passage is than
the next; reciprocal rank fusion throws that away and loses to full text alone on two of
our four collections. ``python -m eval retrieval`` chooses and reports the weights.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.embed import Embedder
from rag.store import Store
from rag.types import Hit

_WORD = re.compile(r"\w+")

STOP_WORDS = frozenset(
    """
    a about after again all also am an and any are as at be because been before being
    between both but by can could did do does doing down during each few for from further
    had has have having he her here hers him his how i if in into is it its itself just
    me more most my no nor not now of off on once only or other our out over own same she
    should so some such than that the their them then there these they this those through
    to too under until up us very was we were what when where which while who whom whose
    why will with would you your s t ll re ve
    """.split()
)
"""Question words, words that stand in every text and what apostrophes leave of them; a
question of nothing else keeps them."""


@dataclass(frozen=True, slots=True)
class Fusion:
    """How the two searches are combined."""

    dense_weight: float = 0.6
    """0: full text alone; 1: embeddings alone."""
    title_weight: float = 2.0
    """BM25 weight of a word in the title; in the text it is 1."""
    speaker_weight: float = 1.0
    """BM25 weight of a word in the names and roles of who speaks in the passage."""
    depth: int = 100
    """Candidates taken from each search."""


class Retriever:
    """Ranks the passages of a store for a question."""

    def __init__(self, store: Store, embedder: Embedder, fusion: Fusion | None = None) -> None:
        self._store = store
        self._embedder = embedder
        self._fusion = fusion or Fusion()

    def retrieve(
        self,
        question: str,
        k: int,
        within: Collection[str] | None = None,
        speaker: str = "",
    ) -> list[Hit]:
        """At most ``k`` hits, best first; the same for the same store and question.

        ``within`` are the ids of the documents that are searched; None for all. With a
        ``speaker``, only passages in which somebody of that name says something.
        """
        query = self._embedder.embed_queries([question])[0]
        depth = max(k, self._fusion.depth)
        among = None
        if within is not None or speaker:
            documents = None if within is None else sorted(within)
            among = self._store.passages_within(documents, speaker)
        dense = self._dense(query, depth, among)
        match = full_text_query(question)
        weights = self._fusion.title_weight, self._fusion.speaker_weight
        text = self._store.search_text(match, depth, *weights, among) if match else []
        cosines = dict(dense)
        missing = [id for id, _ in text if id not in cosines]
        cosines |= {
            id: float(vector @ query) for id, vector in self._store.vectors(missing).items()
        }
        scores = fuse(cosines, dict(text), self._fusion.dense_weight)
        order = self._store.order(list(scores))
        best = sorted(order, key=lambda id: (-scores[id], order[id]))[:k]
        passages = self._store.passages(best)
        dense_ranks = {id: rank for rank, (id, _) in enumerate(dense, start=1)}
        text_ranks = {id: rank for rank, (id, _) in enumerate(text, start=1)}
        return [
            Hit(
                passages[id],
                scores[id],
                rank,
                dense_ranks.get(id),
                text_ranks.get(id),
                cosines[id],
            )
            for rank, id in enumerate((id for id in best if id in passages), start=1)
        ]

    def _dense(
        self, query: NDArray[np.float32], depth: int, among: Sequence[int] | None
    ) -> list[tuple[int, float]]:
        """Passage ids and cosines, best first; ``among`` some, every one is compared."""
        if among is None:
            return self._store.search_vectors(query, depth)
        cosines = {id: float(vector @ query) for id, vector in self._store.vectors(among).items()}
        order = self._store.order(list(cosines))
        return sorted(cosines.items(), key=lambda found: (-found[1], order[found[0]]))[:depth]


def fuse(
    cosines: dict[int, float], text_scores: dict[int, float], dense_weight: float
) -> dict[int, float]:
    """Fused scores, 0 to 1, of all candidates of either search.

    Cosines are spread over 0 to 1 between the least and the greatest candidate; BM25
    scores, whose zero has a meaning, are divided by the greatest.
    """
    if not cosines:
        return {}
    values = np.array(list(cosines.values()))
    low, width = values.min(), max(float(np.ptp(values)), 1e-9)
    top = max(text_scores.values(), default=0.0) or 1.0  # all 0 where titles weigh nothing
    return {
        id: dense_weight * float((cosine - low) / width)
        + (1 - dense_weight) * text_scores.get(id, 0.0) / top
        for id, cosine in cosines.items()
    }


def content_words(text: str) -> list[str]:
    """Lower-case words of ``text`` without stop words, in order, with repetitions."""
    return [word for word in _words(text) if word not in STOP_WORDS]


def _words(text: str) -> list[str]:
    # Composed, as a combining accent is no letter and would cut its word in two.
    return _WORD.findall(unicodedata.normalize("NFC", text).lower())


def full_text_query(question: str) -> str:
    """An FTS5 query for any of the question's content words; empty without a word.

    Each word is quoted, so nothing in a question acts as FTS5 syntax.
    """
    words: Sequence[str] = content_words(question) or _words(question)
    return " OR ".join(f'"{word}"' for word in dict.fromkeys(words))
