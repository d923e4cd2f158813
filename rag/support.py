"""Whether a passage carries a sentence that somebody else wrote, such as a language model.

The question and the sentence are put before the passage as the reader's question is, to a
model of the reader's architecture that was trained for this; see ``rag/support.md``, its
card. Its log odds become a probability by a logistic function (Platt 1999), which ``python
-m eval support --write`` fits on held-out pairs and keeps in ``support.json``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Protocol

import numpy as np

from rag.encoder import known
from rag.errors import ModelError
from rag.pairs import Window, windows
from rag.reader_model import MiniLM

if TYPE_CHECKING:
    from tokenizers import Tokenizer

SENTENCE_TOKENS = 96
"""Most tokens of a sentence, together with its question. The question is cut for it; a longer
sentence is not judged by a part of it, and counts as carried by nothing."""


class Support(Protocol):
    """Deterministic; may be called from several threads."""

    def of(self, question: str, sentence: str, passages: Sequence[tuple[str, str]]) -> list[float]:
        """For each ``(title, text)``: the probability, 0 to 1, that it carries ``sentence``.

        ``question`` is what the sentence answers, and may be empty.
        """


@dataclass(frozen=True, slots=True)
class Calibration:
    """What was fitted; see ``python -m eval support``."""

    slope: float
    intercept: float
    """The logistic function of ``slope`` times the model's log odds and ``intercept`` is the
    probability."""
    threshold: float
    """Default: least probability of what counts as carried."""
    sha256: str
    """Of the weights that it was fitted for."""

    @classmethod
    @lru_cache(maxsize=1)
    def load(cls) -> Calibration:
        """As shipped in ``support.json``."""
        return cls(**json.loads(files("rag").joinpath("support.json").read_text("utf-8")))

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=2) + "\n"

    def probability(self, log_odds: float) -> float:
        """Rounded to what is the same on every processor."""
        logit = np.clip(self.slope * log_odds + self.intercept, -50, 50)
        return round(float(1 / (1 + np.exp(-logit))), 4)


class MiniLMSupport:
    """A model of the packaged reader's architecture, of which "answers" alone is heard."""

    def __init__(self, model: MiniLM, calibration: Calibration) -> None:
        self._model, self._calibration = model, calibration

    def of(self, question: str, sentence: str, passages: Sequence[tuple[str, str]]) -> list[float]:
        odds = self.log_odds(question, sentence, passages)
        return [self._calibration.probability(one) for one in odds]

    def log_odds(
        self, question: str, sentence: str, passages: Sequence[tuple[str, str]]
    ) -> list[float]:
        """As the model gives them; those of the window that carries it best."""
        found = claimed(self._model.tokenizer, question, sentence, passages)
        if found is None:
            return [-np.inf] * len(passages)
        scored = iter(self._model.read([window for several in found for window in several]))
        return [max(next(scored).answers for _ in several) for several in found]


def claimed(
    tokenizer: Tokenizer, question: str, sentence: str, passages: Sequence[tuple[str, str]]
) -> list[list[Window]] | None:
    """For each ``(title, text)`` its windows; None where the sentence is empty or too long."""
    texts = known([question, sentence, *(part for passage in passages for part in passage)])
    asked, said, *rest = tokenizer.encode_batch(texts, add_special_tokens=False)
    room = SENTENCE_TOKENS - len(said.ids)
    if not said.ids or room < 0:
        return None
    head = [*asked.ids[:room], *said.ids]
    return [
        windows(tokenizer, head, title.ids, text.ids, text.offsets, question_tokens=SENTENCE_TOKENS)
        for title, text in zip(rest[::2], rest[1::2], strict=True)
    ]


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
