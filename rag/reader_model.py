"""Reading models: the packaged one, and any other that transformers can load.

The packaged one is all-MiniLM-L6-v2 trained on to read; see ``rag/reader.md``, its model
card. Its word embeddings were kept as they were and come with the embedding model, so
``reader.safetensors`` holds the rest, in float16.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from importlib.resources import files
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from rag.embed import PACKAGED, folder_of
from rag.encoder import known, uncut
from rag.engine import Bert
from rag.errors import ModelError
from rag.offline import go_offline
from rag.pairs import QUESTION_TOKENS, Scored, Window, best_spans, windows
from rag.read import ReadingModel

if TYPE_CHECKING:
    from tokenizers import Tokenizer

Floats = NDArray[np.float32]

PACKAGED_READER = "sayso-minilm"


class MiniLM:
    """The packaged architecture with some weights, on ``rag/engine.py``."""

    def __init__(self, weights: Mapping[str, Any], int8: bool = False) -> None:
        """``weights`` are named as ``eval/training`` does; for ``int8`` see ``rag/engine.py``."""
        head = "qa_outputs"
        self.tokenizer = uncut(folder_of(PACKAGED) / "tokenizer.json")
        self._head = np.asarray(weights[head + ".weight"], np.float32).T
        self._bias = np.asarray(weights[head + ".bias"], np.float32)
        self._bert = Bert({**weights, _WORDS: _words()}, int8)

    def read(self, windows: Sequence[Window]) -> list[Scored]:
        states = self._bert.states([w.ids for w in windows], [w.title for w in windows])
        scores = (state @ self._head + self._bias for state in states)
        return [scored_by(*pair) for pair in zip(windows, scores, strict=True)]


_WORDS = "embeddings.word_embeddings.weight"


@lru_cache(maxsize=1)
def _words() -> Floats:
    """The word embeddings, once for all that read: they are the half of a model."""
    from safetensors import safe_open

    with safe_open(folder_of(PACKAGED) / "model.safetensors", "np") as opened:
        found: Floats = opened.get_tensor(_WORDS)  # reads no other weight
    return found


class MiniLMReader:
    """The packaged reading model."""

    def __init__(self, weights: dict[str, Any] | None = None, int8: bool = True) -> None:
        """``weights`` instead of the packaged ones, named as ``eval/training`` does."""
        from safetensors.numpy import load

        if weights is None:
            weights = load(files("rag").joinpath("reader.safetensors").read_bytes())
        self._model = MiniLM(weights, int8)

    def tokens(self, text: str) -> int:
        return len(self._model.tokenizer.encode(known([text])[0], add_special_tokens=False).ids)

    def score(self, question: str, passages: Sequence[tuple[str, str]]) -> list[list[Scored]]:
        found = windows_of(self._model.tokenizer, question, passages)
        scored = iter(self._model.read([window for several in found for window in several]))
        return [list(islice(scored, len(several))) for several in found]


class TransformersReader:
    """Any model of extractive question answering with safetensors and a fast tokenizer.

    "No answer" is what it scores for ``[CLS]``, as models trained on SQuAD 2.0 do. Its
    probabilities are only calibrated after ``python -m eval calibrate``.
    """

    def __init__(self, name: str) -> None:
        """Raises ``ModelError`` when it cannot be loaded."""
        go_offline()
        from safetensors import SafetensorError
        from transformers import AutoModelForQuestionAnswering, AutoTokenizer

        folder = folder_of(name, "Reading")
        try:
            self._tokenizer = AutoTokenizer.from_pretrained(folder)
            model, info = AutoModelForQuestionAnswering.from_pretrained(
                folder, use_safetensors=True, output_loading_info=True
            )
        except (OSError, ValueError, KeyError, SafetensorError) as error:
            raise _unusable(name, f"cannot be loaded: {error}") from error
        if not self._tokenizer.is_fast:
            raise _unusable(name, "has no fast tokenizer, which exact quotes need")
        if info["missing_keys"]:  # transformers would make them up at random
            raise _unusable(name, "was not trained to read: it has no weights for answers")
        self._model = model.eval()
        self._lock = threading.Lock()

    def tokens(self, text: str) -> int:
        return len(self._tokenizer(known([text])[0], add_special_tokens=False)["input_ids"])

    def score(self, question: str, passages: Sequence[tuple[str, str]]) -> list[list[Scored]]:
        import torch

        limit = min(384, self._tokenizer.model_max_length)
        asked = self._cut(known([question])[0], QUESTION_TOKENS)
        found: list[list[Scored]] = []
        for title, text in passages:
            # The title is a part of what is read, and no part of what is quoted.
            shift = len(title) + 1 if title else 0
            batch = self._tokenizer(
                asked,
                known([f"{title}\n{text}" if title else text])[0],
                truncation="only_second",
                max_length=limit,
                stride=min(64, limit // 4),
                return_overflowing_tokens=True,
                return_offsets_mapping=True,
                padding=True,
                return_tensors="pt",
            )
            offsets = batch.pop("offset_mapping").tolist()
            batch.pop("overflow_to_sample_mapping")
            with self._lock, torch.no_grad():
                output = self._model(**batch)
            scored = []
            for row, spans in enumerate(offsets):
                kinds = batch.sequence_ids(row)
                inside = [
                    at for at, kind in enumerate(kinds) if kind == 1 and spans[at][0] >= shift
                ]
                if not inside:
                    continue
                first = inside[0]
                window = Window(
                    tuple(batch["input_ids"][row].tolist()),
                    first,
                    kinds.index(1),
                    tuple((spans[at][0] - shift, spans[at][1] - shift) for at in inside),
                )
                start = output.start_logits[row].float().numpy()
                end = output.end_logits[row].float().numpy()
                one = Scored(window, start, end, 0.0)
                # It has no score of its own for that.
                scored.append(replace(one, answers=best_spans(one, 1)[0].score))
            found.append(scored)
        return found

    def _cut(self, text: str, tokens: int) -> str:
        """``text`` up to its so many tokens."""
        spans = self._tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)[
            "offset_mapping"
        ]
        return text if len(spans) <= tokens else text[: spans[tokens - 1][1]]


def _unusable(name: str, why: str) -> ModelError:
    return ModelError(f"Reading model '{name}' {why}. Set another one with SAYSO_READER_MODEL.")


@lru_cache(maxsize=4)
def load_reader(name: str) -> ReadingModel:
    """The reading model of that name, loaded once per process."""
    return MiniLMReader() if name == PACKAGED_READER else TransformersReader(name)


def scored_by(window: Window, outputs: Floats) -> Scored:
    """A window with the outputs of its tokens, shape ``(tokens, 3)``: start, end, answers."""
    return Scored(window, outputs[:, 0], outputs[:, 1], float(outputs[0, 2]))


def windows_of(
    tokenizer: Tokenizer, question: str, passages: Sequence[tuple[str, str]]
) -> list[list[Window]]:
    """For each ``(title, text)`` its windows, in order."""
    texts = known([question, *(part for passage in passages for part in passage)])
    asked, *rest = tokenizer.encode_batch(texts, add_special_tokens=False)
    return [
        windows(tokenizer, asked.ids, title.ids, text.ids, text.offsets)
        for title, text in zip(rest[::2], rest[1::2], strict=True)
    ]
