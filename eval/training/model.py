"""The reading model as it is trained: MiniLM-L6 with a start, an end and an answers-at-all head;
and what teaches it, MPNet-base with the same head.

Written out in torch rather than taken from transformers, since training on a processor is
three times as fast this way: matrix products in bfloat16, attention by two batched
products, dropout by masks from a pool (see ``Dropout``). The tests hold the encoders to
those that the product and transformers run.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

from rag.engine import EPSILON, HEADS, INNER, LAYERS, POSITIONS, WIDTH, WORDS

OUTPUTS = 3
"""Start and end of a span, of every token; whether the passage answers, of ``[CLS]``. In
training two vectors of every token may follow, whose product scores a start and an end
together; they are not shipped."""


@dataclass(frozen=True, slots=True)
class Size:
    """Of an encoder of BERT's kind."""

    words: int
    positions: int
    width: int
    heads: int
    inner: int
    layers: int
    epsilon: float


MINILM = Size(WORDS, POSITIONS, WIDTH, HEADS, INNER, LAYERS, EPSILON)
MPNET = Size(30527, 514, 768, 12, 3072, 12, 1e-5)


class Dropout(nn.Module):
    """Dropout (Srivastava et al. 2014) with masks cut from one long random sequence.

    Drawing a fresh mask takes a processor longer than the layer that it is for.
    """

    _pool: Tensor | None = None

    def __init__(self, share: float) -> None:
        super().__init__()
        self._share = share

    def forward(self, values: Tensor) -> Tensor:
        if not self.training or not self._share:
            return values
        if values.device.type != "cpu":
            return functional.dropout(values, self._share)
        if Dropout._pool is None:
            Dropout._pool = (torch.rand(1 << 25) >= self._share).to(torch.bfloat16) / (
                1 - self._share
            )
        begin = int(torch.randint(len(Dropout._pool) - values.numel(), ()))
        return values * Dropout._pool[begin : begin + values.numel()].view(values.shape)


class Linear(nn.Linear):
    """Float32 weights, products in bfloat16."""

    def forward(self, values: Tensor) -> Tensor:
        assert self.bias is not None
        return functional.linear(
            values.to(torch.bfloat16), self.weight.to(torch.bfloat16), self.bias.to(torch.bfloat16)
        )


class Layer(nn.Module):
    def __init__(self, size: Size, dropout: float) -> None:
        super().__init__()
        self._heads = size.heads
        self.query_key_value = Linear(size.width, 3 * size.width)
        self.mixed = Linear(size.width, size.width)
        self.mixed_norm = nn.LayerNorm(size.width, eps=size.epsilon)
        self.inner = Linear(size.width, size.inner)
        self.outer = Linear(size.inner, size.width)
        self.outer_norm = nn.LayerNorm(size.width, eps=size.epsilon)
        self.dropout = Dropout(dropout)

    def forward(self, hidden: Tensor, mask: Tensor) -> Tensor:
        batch, length, width = hidden.shape
        wide = width // self._heads
        parts = self.query_key_value(hidden).view(batch, length, 3, self._heads, wide)
        query, key, value = parts.permute(2, 0, 3, 1, 4)
        weights = torch.softmax((query * wide**-0.5) @ key.transpose(-1, -2) + mask, -1)
        mixed = (weights @ value).transpose(1, 2).reshape(batch, length, width)
        hidden = self.mixed_norm(hidden + self.dropout(self.mixed(mixed)))
        inner = functional.gelu(self.inner(hidden))
        normed: Tensor = self.outer_norm(hidden + self.dropout(self.outer(inner)))
        return normed


class ReadingModel(nn.Module):
    """Scores, shape ``(batch, tokens, OUTPUTS + 2 * pairs)``, in float32."""

    def __init__(self, dropout: float = 0.1, pairs: int = 0, size: Size | None = None) -> None:
        """``size`` is that of MiniLM where none is given."""
        super().__init__()
        size = size or MINILM
        self.words = nn.Embedding(size.words, size.width)
        self.words.weight.requires_grad_(False)
        self.positions = nn.Embedding(size.positions, size.width)
        self.types = nn.Embedding(2, size.width)
        self.norm = nn.LayerNorm(size.width, eps=size.epsilon)
        self.layers = nn.ModuleList(Layer(size, dropout) for _ in range(size.layers))
        self.outputs = nn.Linear(size.width, OUTPUTS + 2 * pairs)
        self.dropout = Dropout(dropout)
        nn.init.normal_(self.outputs.weight, std=0.02)
        nn.init.zeros_(self.outputs.bias)

    def forward(self, ids: Tensor, types: Tensor, lengths: Tensor) -> Tensor:
        """``ids`` and ``types`` of shape ``(batch, tokens)``, those of MiniLM's tokenizer;
        ``lengths`` without padding."""
        tokens = torch.arange(ids.shape[1], device=ids.device)
        hidden = self.dropout(self.norm(self._embedded(ids, types, tokens)))
        mask = torch.where(tokens < lengths[:, None], 0.0, -1e4).to(torch.bfloat16)[:, None, None]
        mask = self._biased(mask, tokens)
        for layer in self.layers:
            hidden = layer(hidden, mask)
        scores: Tensor = self.outputs(hidden)
        return scores

    def _embedded(self, ids: Tensor, types: Tensor, tokens: Tensor) -> Tensor:
        embedded: Tensor = self.words(ids) + self.positions(tokens) + self.types(types)
        return embedded

    def _biased(self, mask: Tensor, tokens: Tensor) -> Tensor:
        """What is added to the weights of attention."""
        return mask


class Teacher(ReadingModel):
    """MPNet-base (Song et al. 2020): how far apart two tokens are also counts in attention."""

    _BUCKETS, _FARTHEST = 32, 128
    _FIRST_POSITION = 2
    _RENAMED = ((101, 0), (102, 2))
    """MiniLM's and its own ids of what begins and what ends a part. All others are its own less
    four: both have the words of BERT."""

    def __init__(self, dropout: float = 0.1) -> None:
        super().__init__(dropout, 0, MPNET)
        nn.init.zeros_(self.types.weight)
        self.nearness = nn.Embedding(self._BUCKETS, MPNET.heads)

    def _embedded(self, ids: Tensor, types: Tensor, tokens: Tensor) -> Tensor:
        own = ids + 4
        for theirs, ours in self._RENAMED:
            own = own.masked_fill(ids == theirs, ours)
        # Types are new to it, and begin as nothing.
        embedded: Tensor = (
            self.words(own) + self.positions(tokens + self._FIRST_POSITION) + self.types(types)
        )
        return embedded

    def _biased(self, mask: Tensor, tokens: Tensor) -> Tensor:
        away = tokens - tokens[:, None]
        # As in T5 (Raffel et al. 2020): half of the buckets for either side, half of these for
        # one distance each, the others ever wider.
        half, exact = self._BUCKETS // 2, self._BUCKETS // 4
        far = (away.abs().clamp_min(1) / exact).log() / math.log(self._FARTHEST / exact)
        wider = (exact + (far * (half - exact)).long()).clamp_max(half - 1)
        bucket = torch.where(away.abs() < exact, away.abs(), wider) + half * (away > 0)
        near: Tensor = self.nearness(bucket)
        return mask + near.permute(2, 0, 1).to(mask.dtype)


def load_encoder(model: ReadingModel, folder: Path) -> None:
    """Start from the packaged sentence encoder in ``folder``."""
    model.load_state_dict(from_bert(load_file(folder / "model.safetensors")), strict=False)


_NAMES = {
    "embeddings.word_embeddings.weight": "words.weight",
    "embeddings.position_embeddings.weight": "positions.weight",
    "embeddings.token_type_embeddings.weight": "types.weight",
    "embeddings.LayerNorm": "norm",
    "attention.output.dense": "mixed",
    "attention.output.LayerNorm": "mixed_norm",
    "intermediate.dense": "inner",
    "output.dense": "outer",
    "output.LayerNorm": "outer_norm",
}
"""Names of BERT's weights, and of ours."""
_PARTS = ("query", "key", "value")


def from_bert(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Weights under our names; query, key and value of a layer become one."""
    found = {}
    layers = sum(name.endswith(".intermediate.dense.bias") for name in weights)
    for kind in ("weight", "bias"):
        for layer_number in range(layers):
            at = f"encoder.layer.{layer_number}.attention.self"
            found[f"layers.{layer_number}.query_key_value.{kind}"] = torch.cat(
                [weights[f"{at}.{part}.{kind}"] for part in _PARTS]
            )
    for name, weight in weights.items():
        layer, inside = "", name
        if name.startswith("encoder.layer."):
            _, _, number, inside = name.split(".", 3)
            layer = f"layers.{number}."
        for theirs, ours in _NAMES.items():
            if inside.startswith(theirs + ".") or inside == theirs:
                found[layer + ours + inside[len(theirs) :]] = weight
    return found


_BERTS = {
    "attention.attn.q.": "attention.self.query.",
    "attention.attn.k.": "attention.self.key.",
    "attention.attn.v.": "attention.self.value.",
    "attention.attn.o.": "attention.output.dense.",
    "attention.LayerNorm.": "attention.output.LayerNorm.",
}
"""MPNet's names and BERT's."""


def from_mpnet(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Weights under our names."""
    renamed = {}
    for name, weight in weights.items():
        for theirs, berts in _BERTS.items():
            name = name.replace(theirs, berts)
        renamed[name] = weight
    return from_bert(renamed) | {
        "nearness.weight": weights["encoder.relative_attention_bias.weight"]
    }


def to_bert(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The other way round, without the frozen word embeddings and what only training needs."""
    found = {}
    for name, weight in weights.items():
        layer, inside = "", name
        if name.startswith("layers."):
            _, number, inside = name.split(".", 2)
            layer = f"encoder.layer.{number}."
        if inside.startswith("query_key_value."):
            kind = inside.rpartition(".")[2]
            for part, piece in zip(_PARTS, weight.chunk(3), strict=True):
                found[f"{layer}attention.self.{part}.{kind}"] = piece.contiguous()
        elif inside.startswith("outputs."):
            found["qa_" + inside] = weight[:OUTPUTS].contiguous()
        elif inside != "words.weight":
            for theirs, ours in _NAMES.items():
                if inside.startswith(ours + ".") or inside == ours:
                    found[layer + theirs + inside[len(ours) :]] = weight
    return found
