"""Sentence encoders on ``rag/engine.py``: the query side of the default embedding model.

A question needs one forward pass over a dozen tokens. Importing torch and transformers
for it takes longer than everything else that ``sayso ask`` does together, so questions
and a few passages are encoded here, from the same weights; documents are embedded in bulk
by sentence-transformers. The tests hold the two to the same vectors.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from rag.engine import WIDTH, Bert, fits

if TYPE_CHECKING:
    from tokenizers import Tokenizer

Floats = NDArray[np.float32]

_MODULES = ("Transformer", "Pooling", "Normalize")


def is_supported(folder: Path) -> bool:
    """Whether ``folder`` holds a model that the engine runs, which pools by the mean and
    normalises (Reimers and Gurevych 2019)."""
    try:
        modules = json.loads((folder / "modules.json").read_text("utf-8"))
        pooling = json.loads((folder / "1_Pooling" / "config.json").read_text("utf-8"))
        return (
            fits(folder)
            and tuple(module["type"].rsplit(".", 1)[-1] for module in modules) == _MODULES
            and bool(pooling.get("pooling_mode_mean_tokens", pooling.get("pooling_mode") == "mean"))
            and not _prompts(folder)
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def _prompts(folder: Path) -> bool:
    """Whether the model was trained with words before each text, which are not added here."""
    file = folder / "config_sentence_transformers.json"
    stated = json.loads(file.read_text("utf-8")) if file.is_file() else {}
    return any((stated.get("prompts") or {}).values())


class SentenceEncoder:
    """Texts to unit vectors, in float32."""

    dimension = WIDTH

    def __init__(self, folder: Path, tokenizer: Tokenizer) -> None:
        """``tokenizer`` must truncate to the model's limit and not pad."""
        from safetensors.numpy import load_file

        self._tokenizer = tokenizer
        self._bert = Bert(load_file(folder / "model.safetensors"))

    def encode(self, texts: Sequence[str]) -> Floats:
        """Unit vectors of ``texts``, shape ``(len(texts), dimension)``."""
        ids = [encoding.ids for encoding in self._tokenizer.encode_batch(known(texts))]
        states = self._bert.states(ids, [len(text) for text in ids])
        vectors = np.zeros((len(texts), WIDTH), np.float32)
        for row, state in enumerate(states):
            vectors[row] = state.mean(axis=0)
        unit: Floats = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return unit


def uncut(file: Path) -> Tokenizer:
    """The tokenizer in ``file``, without padding and truncation."""
    from tokenizers import Tokenizer

    tokenizer: Tokenizer = Tokenizer.from_file(str(file))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def known(texts: Sequence[str]) -> list[str]:
    """``texts`` without lone surrogates, which a terminal that is not set to UTF-8 gives
    and no tokenizer knows."""
    return [text.encode("utf-8", "replace").decode("utf-8") for text in texts]
