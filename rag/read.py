"""(question, passages) → the spans that answer it, with probabilities.

``Reader`` is the protocol; ``SentenceReader`` the first one behind it, without training:
a sentence is scored by its similarity to the question (the embedding model's), by how
much of the question it covers (words weighted by how rare they are), and
by its passage's retrieval scores. ``python -m eval calibrate`` fits the weights of these
features and the probabilities, and writes them to ``reader.json``.
"""

from __future__ import annotations

import json
import math
import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from importlib.resources import files
from typing import Protocol

import numpy as np
import Stemmer
from numpy.typing import NDArray

from rag.embed import Embedder
from rag.retrieve import content_words
from rag.types import Hit

Floats = NDArray[np.float32]

FEATURES = (
    "cosine",  # of question and sentence, -1 to 1
    "passage_cosine",  # of question and passage
    "coverage",  # share of the question's weight that the sentence's words carry, 0 to 1
    "passage_coverage",  # the same for the whole passage
    "retrieval",  # the passage's fused score, 0 to 1
    "new_words",  # logarithm of 1 + content words that the question does not have
    "kind",  # 1 where the sentence holds the kind of thing asked for, -1 where not, 0 unknown
    "missing",  # rarity of the rarest word of the question that the passage lacks, 0 to 1
    "lead",  # by how much the sentence's rank score exceeds the best other one's
)
"""What a sentence is scored by, in the order of the weights. The rank score is made of
all but the last, which comes from it; the probability is made of all."""

_CACHED_SENTENCES = 20_000


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a document that may answer the question."""

    hit: Hit
    start: int
    end: int
    """Offsets in the document."""
    probability: float = 0.0
    """That this span answers the question, 0 to 1."""
    answer: tuple[int, int] | None = None
    """The short answer's offsets in the document, where the reader gives one."""

    @property
    def text(self) -> str:
        passage = self.hit.passage
        return passage.text[self.start - passage.start : self.end - passage.start]


class Reader(Protocol):
    """Finds answers in passages. Deterministic, and safe to call from several threads."""

    def read(self, question: str, hits: Sequence[Hit]) -> list[Span]:
        """Spans, most probable first; empty where there is nothing to quote."""
        ...


@dataclass(frozen=True, slots=True)
class Parameters:
    """What was fitted; see ``python -m eval calibrate``."""

    rank: tuple[float, ...]
    """Weights of ``FEATURES`` but the last: their sum orders the sentences."""
    probability: tuple[float, ...]
    """Weights of ``FEATURES``: the logistic function of their sum and ``intercept`` is the
    probability that the sentence answers the question."""
    intercept: float
    answered: float
    """Default threshold: least probability of the first quote to be ``answered``."""
    closest: float
    """Default threshold: least probability of the first quote to be ``closest``."""

    @classmethod
    @lru_cache(maxsize=1)
    def load(cls) -> Parameters:
        """As shipped in ``reader.json``."""
        found = json.loads(files("rag").joinpath("reader.json").read_text("utf-8"))
        rank = tuple(found["rank"][name] for name in FEATURES[:-1])
        probability = tuple(found["probability"][name] for name in FEATURES)
        return cls(**{**found, "rank": rank, "probability": probability})

    def to_json(self) -> str:
        found = asdict(self)
        for name in ("rank", "probability"):
            found[name] = dict(zip(FEATURES, found[name], strict=False))
        return json.dumps(found, indent=2) + "\n"

    def judge(
        self, features: Floats | NDArray[np.float64]
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Order of the sentences, best first, and the probability of each.

        ``features`` has shape ``(sentences, len(FEATURES) - 1)``. Probabilities are
        rounded to what is the same on every processor, four digits.
        """
        exact = features.astype(np.float64)
        scores = exact @ np.array(self.rank)
        order = np.argsort(-scores.round(6), kind="stable")
        full = np.column_stack([exact, lead(scores, order)])
        logits = full @ np.array(self.probability) + self.intercept
        return order, np.round(1 / (1 + np.exp(-np.clip(logits, -50, 50))), 4)


class SentenceReader:
    """Quotes whole sentences, the ones most like an answer to the question."""

    def __init__(
        self,
        embedder: Embedder,
        rarity: Callable[[str], float],
        parameters: Parameters | None = None,
    ) -> None:
        """``rarity`` gives 0 for a word that every passage holds, 1 for one that none does."""
        self._embedder = embedder
        self._rarity = rarity
        self._parameters = parameters or Parameters.load()
        self._vectors: OrderedDict[str, Floats] = OrderedDict()
        self._lock = threading.Lock()

    def read(self, question: str, hits: Sequence[Hit]) -> list[Span]:
        spans = candidates(hits)
        if not spans:
            return []
        order, probabilities = self._parameters.judge(self.features(question, spans))
        return [replace(spans[at], probability=float(probabilities[at])) for at in order]

    def features(self, question: str, spans: Sequence[Span]) -> Floats:
        """Shape ``(len(spans), len(FEATURES) - 1)``: all but the lead."""
        weights = {stem(word): self._rarity(word) + 0.01 for word in content_words(question)}
        query = self._embedder.embed_queries([question])[0]
        cosines = self._embed([span.text for span in spans]) @ query
        kind = kind_asked_for(question)
        passages: dict[int, tuple[float, float]] = {}
        rows = []
        for span, cosine in zip(spans, cosines, strict=True):
            passage = span.hit.passage
            if passage.id not in passages:
                held = _stems(passage.text)
                lacking = [weight for word, weight in weights.items() if word not in held]
                passages[passage.id] = (_covered(weights, held), max(lacking, default=0.0))
            text = span.text
            found = _stems(text)
            rows.append(
                (
                    float(cosine),
                    span.hit.cosine,
                    _covered(weights, found),
                    passages[passage.id][0],
                    span.hit.score,
                    math.log1p(len(found - weights.keys())),
                    0.0 if kind is None else 1.0 if kind.search(text) else -1.0,
                    passages[passage.id][1],
                )
            )
        return np.array(rows, np.float32)

    def _embed(self, texts: Sequence[str]) -> Floats:
        """Vectors of sentences; those seen lately are kept."""
        with self._lock:
            new = [text for text in dict.fromkeys(texts) if text not in self._vectors]
            if new:
                vectors = self._embedder.embed_sentences(new)
                self._vectors.update(zip(new, vectors, strict=True))
            found = np.stack([self._vectors[text] for text in texts])
            for text in texts:
                self._vectors.move_to_end(text)
            while len(self._vectors) > _CACHED_SENTENCES:
                self._vectors.popitem(last=False)
        return found


def candidates(hits: Sequence[Hit]) -> list[Span]:
    """All sentences of the hits that hold a word, in the hits' order."""
    return [
        span
        for hit in hits
        for start, end in hit.passage.sentences
        if any(map(str.isalnum, (span := Span(hit, start, end)).text))
    ]


def lead(scores: NDArray[np.float64], order: NDArray[np.int64]) -> NDArray[np.float64]:
    """By how much each score exceeds the best of the others (below 0 but for the first)."""
    if len(scores) < 2:
        return np.zeros_like(scores)
    margins: NDArray[np.float64] = scores - scores[order[0]]
    margins[order[0]] = scores[order[0]] - scores[order[1]]
    return margins


_NAME = re.compile(r"(?<=[\w,;:‘“\"'’] )[‘“\"']?[A-Z]\w+|\b[A-Z]\w+ [A-Z]\w+")
_NUMBER = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|dozen|hundred|thousand|"
    r"million|billion|half|third|quarter|percent|number|several|few|many)s?\b",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"\d|\b(?:january|february|march|april|may|june|july|august|september|october|"
    r"november|december|monday|tuesday|wednesday|thursday|friday|saturday|sunday|"
    r"today|yesterday|tomorrow|year|month|week|day|hour|century|decade|after|before|"
    r"when|during|while|since|until)s?\b",
    re.IGNORECASE,
)
_REASON = re.compile(
    r"\b(?:because|since|due|therefore|thus|so|cause[sd]?|reason|led|result(?:s|ed)?|to|as|"
    r"owing|order)\b",
    re.IGNORECASE,
)
_KINDS = (
    (re.compile(r"\bhow (?:many|much|long|old|far|large|big|often)\b", re.IGNORECASE), _NUMBER),
    (re.compile(r"\b(?:when|what (?:year|date|day|month|time|century))\b", re.IGNORECASE), _TIME),
    (re.compile(r"\b(?:who|whom|whose|where|what country|which)\b", re.IGNORECASE), _NAME),
    (re.compile(r"\bwhy\b", re.IGNORECASE), _REASON),
)


def kind_asked_for(question: str) -> re.Pattern[str] | None:
    """What an answering sentence should hold, where the question word tells."""
    return next((found for asked, found in _KINDS if asked.search(question)), None)


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """The stem of a lower-case word, by Snowball's English stemmer (Porter 2001)."""
    with _stemming:
        return str(_STEMMER.stemWord(word))


_STEMMER = Stemmer.Stemmer("english")
_stemming = threading.Lock()  # one stemmer serves one thread at a time


def _stems(text: str) -> set[str]:
    return set(map(stem, content_words(text)))


def _covered(weights: dict[str, float], found: set[str]) -> float:
    total = sum(weights.values())
    return sum(weight for word, weight in weights.items() if word in found) / total if total else 0
