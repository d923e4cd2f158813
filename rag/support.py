"""Whether a passage carries a sentence that somebody else wrote, such as a language model.

The question and the sentence are put before the passage as the reader's question is, to a
model of the reader's architecture that was trained for this; see ``rag/support.md``, its
card. Its log odds, and what a small model overlooks (words and numbers that are not there, a
"not" on one side only, a plain copy), become a probability by a logistic function (Platt
1999). ``python -m eval support --write`` fits it on held-out pairs and writes
``support.json``.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Protocol

import numpy as np

from rag.encoder import known
from rag.errors import ModelError
from rag.judge import stems
from rag.pairs import Window, windows
from rag.reader_model import MiniLM
from rag.split import sentences

if TYPE_CHECKING:
    from tokenizers import Tokenizer

SENTENCE_TOKENS = 96
"""Most tokens of a sentence, together with its question. The question is cut for it; a longer
sentence is not judged by a part of it, and counts as carried by nothing."""

FEATURES = (
    "model",  # the model's log odds, of the window that carries the sentence best
    "missing",  # logarithm of 1 + the sentence's content words that are nowhere else
    "numbers",  # the same of its numbers
    "negation",  # 1 if it or the one most like it in the passage has a negation, not both
    "copied",  # logarithm of 1 + its words, where one sentence of the passage has them in order
)
"""What the probability is made of, in the order of the weights. "Nowhere else" is neither in
the passage, nor in its title, nor in the question."""


class Support(Protocol):
    """Deterministic; may be called from several threads."""

    def of(self, question: str, sentence: str, passages: Sequence[tuple[str, str]]) -> list[float]:
        """For each ``(title, text)``: the probability, 0 to 1, that it carries ``sentence``.

        ``question`` is what the sentence answers, and may be empty.
        """


@dataclass(frozen=True, slots=True)
class Calibration:
    """What was fitted; see ``python -m eval support``."""

    weights: tuple[float, ...]
    """Of ``FEATURES``: the logistic function of their sum and ``intercept`` is the probability."""
    intercept: float
    threshold: float
    """Default: least probability of what counts as carried."""
    sha256: str
    """Of the model's weights that it was fitted for."""

    @classmethod
    @lru_cache(maxsize=1)
    def load(cls) -> Calibration:
        """As shipped in ``support.json``."""
        found = json.loads(files("rag").joinpath("support.json").read_text("utf-8"))
        return cls(**{**found, "weights": tuple(found["weights"][name] for name in FEATURES)})

    def to_json(self) -> str:
        found = asdict(self) | {"weights": dict(zip(FEATURES, self.weights, strict=True))}
        return json.dumps(found, indent=2) + "\n"

    def probability(self, features: Sequence[float]) -> float:
        """Rounded to what is the same on every processor."""
        total = sum(w * value for w, value in zip(self.weights, features, strict=True))
        logit = np.clip(total + self.intercept, -50, 50)
        return round(float(1 / (1 + np.exp(-logit))), 4)


class MiniLMSupport:
    """A model of the packaged reader's architecture, of which "answers" alone is heard."""

    def __init__(self, model: MiniLM, calibration: Calibration) -> None:
        self._model, self._calibration = model, calibration

    def of(self, question: str, sentence: str, passages: Sequence[tuple[str, str]]) -> list[float]:
        found = self.features(question, sentence, passages)
        if found is None:
            return [0.0] * len(passages)
        return [self._calibration.probability(features) for features in found]

    def features(
        self, question: str, sentence: str, passages: Sequence[tuple[str, str]]
    ) -> list[tuple[float, ...]] | None:
        """``FEATURES`` for each passage; None where the sentence is empty or too long."""
        question, sentence = known([question, sentence])
        passages = [(title, text) for title, text in map(known, passages)]
        found = claimed(self._model.tokenizer, question, sentence, passages)
        if found is None:
            return None
        scored = iter(self._model.read([window for several in found for window in several]))
        return [
            (max(next(scored).answers for _ in several), *overlooked(question, sentence, *passage))
            for several, passage in zip(found, passages, strict=True)
        ]


def claimed(
    tokenizer: Tokenizer, question: str, sentence: str, passages: Sequence[tuple[str, str]]
) -> list[list[Window]] | None:
    """For each ``(title, text)`` its windows; None where the sentence is empty or too long.

    All texts are such as the tokenizer takes, see ``known``.
    """
    texts = [question, sentence, *(part for passage in passages for part in passage)]
    asked, said, *rest = tokenizer.encode_batch(texts, add_special_tokens=False)
    room = SENTENCE_TOKENS - len(said.ids)
    if not said.ids or room < 0:
        return None
    head = [*asked.ids[:room], *said.ids]
    return [
        windows(tokenizer, head, title.ids, text.ids, text.offsets, question_tokens=SENTENCE_TOKENS)
        for title, text in zip(rest[::2], rest[1::2], strict=True)
    ]


_NUMBER = re.compile(r"\d[\d,.]*\d|\d")
_NEGATION = re.compile(
    r"\b(?:not|never|no|none|nobody|nothing|neither|nor|without|cannot|no longer)\b|n['’]t\b",
    re.IGNORECASE,
)


def overlooked(question: str, sentence: str, title: str, text: str) -> tuple[float, ...]:
    """``FEATURES`` but the first."""
    around = f"{question}\n{title}\n{text}"
    said = _stems(sentence)
    numbers = _numbers(sentence) - _numbers(around)
    parts = [text[start:end] for start, end in sentences(text)]
    nearest = max(parts, key=lambda one: len(said & _stems(one)), default="")
    near = _stems(nearest)
    alike = 2 * len(said & near) >= max(len(said), len(near))
    differ = alike and bool(_NEGATION.search(sentence)) != bool(_NEGATION.search(nearest))
    missing = said - _stems(around)
    words = _words(sentence)
    copied = any(_in_order(words, _words(part)) for part in parts)
    counts = (len(missing), len(numbers), len(words) * copied)
    lacks, miscounts, copies = map(float, np.log1p(counts))
    return lacks, miscounts, float(differ), copies


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _in_order(words: Sequence[str], others: Sequence[str]) -> bool:
    """Whether ``others`` are ``words`` with more between them."""
    rest = iter(others)
    return all(word in rest for word in words)


_SHORT_NOT = re.compile(r"(?:\b(?:ca|wo))?n['’]t\b", re.IGNORECASE)


def _stems(text: str) -> set[str]:
    return stems(_SHORT_NOT.sub(" ", text))


def _numbers(text: str) -> set[str]:
    return {found.replace(",", "") for found in _NUMBER.findall(text)}


@lru_cache(maxsize=1)
def load_support() -> Support:
    """The packaged one, loaded once per process.

    Raises ``ModelError`` when its weights are missing, or are others than were calibrated.
    """
    from safetensors.numpy import load

    try:
        calibration = Calibration.load()
        weights = files("rag").joinpath("support.safetensors").read_bytes()
    except OSError as error:
        raise _damaged(f"cannot be read: {error}") from error
    if hashlib.sha256(weights).hexdigest() != calibration.sha256:
        raise _damaged("is not what rag/support.json was fitted for")
    return MiniLMSupport(MiniLM(load(weights)), calibration)


def _damaged(why: str) -> ModelError:
    return ModelError(f"rag/support.safetensors {why}. Install Sayso again.")
