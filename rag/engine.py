"""BERT on ONNX Runtime: token ids to hidden states, without importing torch.

The embedding model's questions and the reading model's passages are run here, from
safetensors weights and a graph that holds none, ``bert.onnx`` or ``bert-int8.onnx`` (made by
``python -m eval.training.graph``). ONNX Runtime because it is imported and ready in a
tenth of a second, torch and transformers in ten, and because it reads three times as fast
as the same in NumPy. Releases from 1.29 on report to their maker unless they are told
not to; an earlier one is required, and the switch is set all the same.

Architecture: Devlin et al. 2019, as MiniLM-L6 has it (Wang et al. 2020).
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.offline import go_offline

Floats = NDArray[np.float32]

LAYERS, WIDTH, HEADS, INNER, EPSILON = 6, 384, 12, 1536, 1e-12
WORDS, POSITIONS = 30522, 512
"""What the graph computes."""

BATCH_TOKENS = 1024
"""Tokens that are run at once: more gain no speed and leave the processor's caches."""


def fits(folder: Path) -> bool:
    """Whether ``folder`` holds a BERT model of the graph's shape."""
    try:
        config = json.loads((folder / "config.json").read_text("utf-8"))
        return (
            config["model_type"] == "bert"
            and config["hidden_act"] == "gelu"
            and config.get("position_embedding_type", "absolute") == "absolute"
            and (config["num_hidden_layers"], config["hidden_size"]) == (LAYERS, WIDTH)
            and (config["num_attention_heads"], config["intermediate_size"]) == (HEADS, INNER)
            and (config["vocab_size"], config["max_position_embeddings"]) == (WORDS, POSITIONS)
            and config["layer_norm_eps"] == EPSILON
            and (folder / "model.safetensors").is_file()
            and (folder / "tokenizer.json").is_file()
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


class Bert:
    """Hidden states of the last layer, in float32. Safe to call from several threads."""

    def __init__(self, weights: Mapping[str, NDArray[np.floating]], int8: bool = False) -> None:
        """``weights`` are named as BERT's usually are, with or without ``bert.`` in front.

        With ``int8`` the matrix products are of whole numbers, which takes about half the time
        and costs some exactness.

        Raises ``KeyError`` when one is missing, ``ValueError`` when one has another shape.
        """
        go_offline()
        from onnxruntime import GraphOptimizationLevel, InferenceSession, OrtValue, SessionOptions

        options = SessionOptions()
        options.intra_op_num_threads = _cores()
        options.inter_op_num_threads = 1
        # More would fuse the sums into the layer norms, which is slower.
        options.graph_optimization_level = GraphOptimizationLevel.ORT_ENABLE_BASIC
        options.log_severity_level = 3
        # Waiting threads sleep: this is not the only program on a laptop.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        # The session reads these arrays where they are: they live as long as it does.
        self._weights: Mapping[str, NDArray[Any]] = arrange(weights)
        if int8:
            self._weights = rounded(self._weights)
        # Numbers are rounded to what the greatest one of all allows: so that it is no matter
        # what else is read, a text is then run alone.
        self._batch_tokens = 0 if int8 else BATCH_TOKENS
        values = [OrtValue.ortvalue_from_numpy(array) for array in self._weights.values()]
        options.add_external_initializers(list(self._weights), values)
        graph = files("rag").joinpath("bert-int8.onnx" if int8 else "bert.onnx").read_bytes()
        self._session = InferenceSession(graph, options, providers=["CPUExecutionProvider"])

    def states(self, ids: Sequence[Sequence[int]], types: Sequence[int]) -> list[Floats]:
        """States of each text, shape ``(tokens, WIDTH)``, in the texts' order.

        ``types`` gives for each text the position from which the token type is 1; its
        length where there is none. Texts are run alike in length together.
        """
        found: list[Floats] = [np.zeros((0, WIDTH), np.float32)] * len(ids)
        order = sorted(range(len(ids)), key=lambda at: len(ids[at]))
        while order:
            batch = [order.pop(0)]
            while order and (len(batch) + 1) * len(ids[order[0]]) <= self._batch_tokens:
                batch.append(order.pop(0))
            shape = (len(batch), len(ids[batch[-1]]))
            tokens, kinds, mask = (np.zeros(shape, np.int32) for _ in range(3))
            for row, at in enumerate(batch):
                tokens[row, : len(ids[at])] = ids[at]
                kinds[row, types[at] : len(ids[at])] = 1
                mask[row, : len(ids[at])] = 1
            (result,) = self._session.run(None, {"ids": tokens, "types": kinds, "mask": mask})
            for row, at in enumerate(batch):
                found[at] = result[row, : len(ids[at])]
        return found


def arrange(weights: Mapping[str, NDArray[np.floating]]) -> dict[str, Floats]:
    """The weights under the graph's names, in float32, matrices turned round."""
    given = {name.removeprefix("bert."): weight for name, weight in weights.items()}

    def take(name: str, *shape: int) -> Floats:
        weight = np.asarray(given[name], np.float32)
        if weight.shape != shape:
            raise ValueError(f"{name} has the shape {weight.shape}, not {shape}")
        return weight

    def turned(parts: Sequence[str], rows: int, columns: int) -> Floats:
        matrices = [take(part + ".weight", columns // len(parts), rows) for part in parts]
        return np.ascontiguousarray(np.concatenate(matrices).T)

    found = {
        "word": take("embeddings.word_embeddings.weight", WORDS, WIDTH),
        "position": take("embeddings.position_embeddings.weight", POSITIONS, WIDTH),
        "type": take("embeddings.token_type_embeddings.weight", 2, WIDTH),
        "norm.weight": take("embeddings.LayerNorm.weight", WIDTH),
        "norm.bias": take("embeddings.LayerNorm.bias", WIDTH),
    }
    for layer in range(LAYERS):
        at = f"encoder.layer.{layer}."
        query_key_value = [f"{at}attention.self.{part}" for part in ("query", "key", "value")]
        for name, parts, rows, columns in (
            ("qkv", query_key_value, WIDTH, 3 * WIDTH),
            ("out", [at + "attention.output.dense"], WIDTH, WIDTH),
            ("up", [at + "intermediate.dense"], WIDTH, INNER),
            ("down", [at + "output.dense"], INNER, WIDTH),
        ):
            found[f"{layer}.{name}.weight"] = turned(parts, rows, columns)
            found[f"{layer}.{name}.bias"] = np.concatenate(
                [take(part + ".bias", columns // len(parts)) for part in parts]
            )
        for name, source in (("norm1", "attention.output"), ("norm2", "output")):
            for kind in ("weight", "bias"):
                found[f"{layer}.{name}.{kind}"] = take(f"{at}{source}.LayerNorm.{kind}", WIDTH)
    return found


_LEVELS = 63
"""Greatest whole number of a weight: two products of a larger one and an unsigned byte may be
more than the sixteen bits in which processors without VNNI add them."""


def rounded(weights: Mapping[str, Floats]) -> dict[str, NDArray[Any]]:
    """The graph's matrices in whole numbers, each column with its scale (Jacob et al. 2018)."""
    found: dict[str, NDArray[Any]] = dict(weights)
    for name in [name for name in weights if name[0].isdigit() and weights[name].ndim == 2]:
        matrix = weights[name]
        scale = np.abs(matrix).max(0) / _LEVELS
        found[name] = np.rint(matrix / scale).astype(np.int8)
        found[name.removesuffix("weight") + "scale"] = scale
    return found


def _cores() -> int:
    """Processors that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        return os.cpu_count() or 1
