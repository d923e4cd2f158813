"""BERT sentence encoders in NumPy: the query side of the default embedding model.

A question needs one forward pass over a dozen tokens. Importing torch and transformers
for it takes longer than everything else that ``sayso ask`` does together (about 8 s
against 1 s on 2 cores), so questions and candidate sentences are encoded here, from the
same weights; documents are embedded in bulk by sentence-transformers. The tests hold the
two to the same vectors.

Architecture: Devlin et al. 2019, mean pooling and normalisation as in
Reimers and Gurevych 2019.
"""

from __future__ import annotations

import json
import threading
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from tokenizers import Tokenizer

Floats = NDArray[np.float32]

_MODULES = ("Transformer", "Pooling", "Normalize")
_TOKENS_FOR_THREADS = 128
_BATCH_TOKENS = 1024  # what the intermediate layer keeps in the processor's cache


_limiting = threading.Lock()  # the number of threads belongs to the whole process


def is_supported(folder: Path) -> bool:
    """Whether ``folder`` holds a BERT model that pools by the mean and normalises."""
    try:
        config = json.loads((folder / "config.json").read_text("utf-8"))
        modules = json.loads((folder / "modules.json").read_text("utf-8"))
        pooling = json.loads((folder / "1_Pooling" / "config.json").read_text("utf-8"))
        return (
            config["model_type"] == "bert"
            and config["hidden_act"] == "gelu"
            and config.get("position_embedding_type", "absolute") == "absolute"
            and tuple(module["type"].rsplit(".", 1)[-1] for module in modules) == _MODULES
            and pooling.get("pooling_mode_mean_tokens", pooling.get("pooling_mode") == "mean")
            and not _prompts(folder)
            and (folder / "model.safetensors").is_file()
            and (folder / "tokenizer.json").is_file()
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def _prompts(folder: Path) -> bool:
    """Whether the model was trained with words before each text, which are not added here."""
    file = folder / "config_sentence_transformers.json"
    stated = json.loads(file.read_text("utf-8")) if file.is_file() else {}
    return any((stated.get("prompts") or {}).values())


class BertEncoder:
    """Texts to unit vectors, in float32."""

    def __init__(self, folder: Path, tokenizer: Tokenizer) -> None:
        """``tokenizer`` must truncate to the model's limit and not pad."""
        from safetensors.numpy import load_file
        from threadpoolctl import ThreadpoolController

        self._blas = ThreadpoolController().select(user_api="blas")
        config = json.loads((folder / "config.json").read_text("utf-8"))
        self._tokenizer = tokenizer
        self._heads: int = config["num_attention_heads"]
        self._layers: int = config["num_hidden_layers"]
        self._epsilon: float = config["layer_norm_eps"]
        self._weights: dict[str, Floats] = {
            name.removeprefix("bert."): weight.astype(np.float32, copy=False)
            for name, weight in load_file(folder / "model.safetensors").items()
        }
        self.dimension = int(self._weights["embeddings.word_embeddings.weight"].shape[1])

    def encode(self, texts: Sequence[str]) -> Floats:
        """Unit vectors of ``texts``, shape ``(len(texts), dimension)``."""
        # A terminal that is not set to UTF-8 gives lone surrogates, which no model knows.
        known = [text.encode("utf-8", "replace").decode("utf-8") for text in texts]
        ids = [encoding.ids for encoding in self._tokenizer.encode_batch(known)]
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        order = sorted(range(len(texts)), key=lambda position: len(ids[position]))
        while order:
            size = 0
            batch: list[int] = []
            while order and (not batch or size + len(ids[order[0]]) <= _BATCH_TOKENS):
                batch.append(order.pop(0))
                size += len(ids[batch[-1]])
            # A second thread gains nothing on a question's few tokens, and waiting for it
            # on a busy machine costs ten times the work.
            limit = 1 if size < _TOKENS_FOR_THREADS else None
            with _limiting, self._blas.limit(limits=limit):
                vectors[batch] = self._forward([ids[position] for position in batch])
        return vectors

    def _forward(self, batch: list[list[int]]) -> Floats:
        """Unit vectors for token ids sorted by length.

        The tokens of all texts lie behind each other without padding; only attention
        and pooling look at texts, at all of one length together.
        """
        weights = self._weights
        lengths = [len(ids) for ids in batch]
        ends = np.cumsum(lengths)
        groups: list[tuple[slice, int]] = []  # rows of all texts of one length, that length
        for length in sorted(set(lengths)):
            last = bisect_right(lengths, length)
            first = bisect_left(lengths, length)
            groups.append((slice(int(ends[first]) - length, int(ends[last - 1])), length))
        hidden = (
            weights["embeddings.word_embeddings.weight"][np.concatenate(batch)]
            + weights["embeddings.position_embeddings.weight"][
                np.concatenate([np.arange(length) for length in lengths])
            ]
            + weights["embeddings.token_type_embeddings.weight"][0]
        )
        hidden = self._norm(hidden, "embeddings.LayerNorm")
        for layer in range(self._layers):
            at = f"encoder.layer.{layer}."
            mixed = self._linear(self._attention(hidden, groups, at), at + "attention.output.dense")
            hidden = self._norm(hidden + mixed, at + "attention.output.LayerNorm")
            inner = _gelu(self._linear(hidden, at + "intermediate.dense"))
            hidden = self._norm(
                hidden + self._linear(inner, at + "output.dense"), at + "output.LayerNorm"
            )
        pooled = np.concatenate(
            [
                hidden[rows].reshape(-1, length, hidden.shape[1]).mean(axis=1)
                for rows, length in groups
            ]
        )
        return np.asarray(pooled / np.linalg.norm(pooled, axis=1, keepdims=True), np.float32)

    def _attention(self, hidden: Floats, groups: list[tuple[slice, int]], at: str) -> Floats:
        query, key, value = (
            self._linear(hidden, f"{at}attention.self.{name}") for name in ("query", "key", "value")
        )
        width = hidden.shape[1] // self._heads
        mixed = np.empty_like(hidden)
        for rows, length in groups:
            q, k, v = (
                part[rows].reshape(-1, length, self._heads, width).transpose(0, 2, 1, 3)
                for part in (query, key, value)
            )
            scores = q @ k.transpose(0, 1, 3, 2) / np.float32(np.sqrt(width))
            scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
            scores /= scores.sum(axis=-1, keepdims=True)
            mixed[rows] = (scores @ v).transpose(0, 2, 1, 3).reshape(-1, hidden.shape[1])
        return mixed

    def _linear(self, values: Floats, name: str) -> Floats:
        product: Floats = values @ self._weights[name + ".weight"].T
        product += self._weights[name + ".bias"]
        return product

    def _norm(self, values: Floats, name: str) -> Floats:
        centred = values - values.mean(axis=-1, keepdims=True)
        variance = np.square(centred).mean(axis=-1, keepdims=True)
        scaled: Floats = centred / np.sqrt(variance + np.float32(self._epsilon))
        scaled *= self._weights[name + ".weight"]
        scaled += self._weights[name + ".bias"]
        return scaled


def _gelu(x: Floats) -> Floats:
    """``x`` times the normal distribution function, as BERT has it (error below 1e-6).

    The error function by formula 7.1.26 of Abramowitz and Stegun 1964; SciPy's would
    cost half a second of import for this one call.
    """
    z = np.abs(x)
    z *= np.float32(np.sqrt(0.5))
    t = 1 / (1 + np.float32(0.3275911) * z)
    tail = np.full_like(x, 1.061405429)
    for coefficient in (-1.453152027, 1.421413741, -0.284496736, 0.254829592):
        tail *= t
        tail += np.float32(coefficient)
    tail *= t
    np.square(z, out=z)
    tail *= np.exp(np.negative(z, out=z), out=z)
    return np.asarray(0.5 * x * np.where(x >= 0, 2 - tail, tail), np.float32)
