"""The reading model as it is trained: MiniLM-L6 with a start, an end and an answers-at-all head.

Written out in torch rather than taken from transformers, since training on a processor is
three times as fast this way: matrix products in bfloat16, attention by two batched
products, dropout by masks from a pool (see ``Dropout``). The tests hold its encoder to
the one that the product runs.
"""

from __future__ import annotations

from collections.abc import Mapping
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
    def __init__(self, dropout: float) -> None:
        super().__init__()
        self.query_key_value = Linear(WIDTH, 3 * WIDTH)
        self.mixed = Linear(WIDTH, WIDTH)
        self.mixed_norm = nn.LayerNorm(WIDTH, eps=EPSILON)
        self.inner = Linear(WIDTH, INNER)
        self.outer = Linear(INNER, WIDTH)
        self.outer_norm = nn.LayerNorm(WIDTH, eps=EPSILON)
        self.dropout = Dropout(dropout)

    def forward(self, hidden: Tensor, mask: Tensor) -> Tensor:
        batch, length, _ = hidden.shape
        parts = self.query_key_value(hidden).view(batch, length, 3, HEADS, WIDTH // HEADS)
        query, key, value = parts.permute(2, 0, 3, 1, 4)
        weights = torch.softmax(
            (query * (WIDTH // HEADS) ** -0.5) @ key.transpose(-1, -2) + mask, -1
        )
        mixed = (weights @ value).transpose(1, 2).reshape(batch, length, WIDTH)
        hidden = self.mixed_norm(hidden + self.dropout(self.mixed(mixed)))
        inner = functional.gelu(self.inner(hidden))
        normed: Tensor = self.outer_norm(hidden + self.dropout(self.outer(inner)))
        return normed


class ReadingModel(nn.Module):
    """Scores, shape ``(batch, tokens, OUTPUTS + 2 * pairs)``, in float32."""

    def __init__(self, dropout: float = 0.1, pairs: int = 0) -> None:
        super().__init__()
        self.words = nn.Embedding(WORDS, WIDTH)
        self.words.weight.requires_grad_(False)
        self.positions = nn.Embedding(POSITIONS, WIDTH)
        self.types = nn.Embedding(2, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, eps=EPSILON)
        self.layers = nn.ModuleList(Layer(dropout) for _ in range(LAYERS))
        self.outputs = nn.Linear(WIDTH, OUTPUTS + 2 * pairs)
        self.dropout = Dropout(dropout)
        nn.init.normal_(self.outputs.weight, std=0.02)
        nn.init.zeros_(self.outputs.bias)

    def forward(self, ids: Tensor, types: Tensor, lengths: Tensor) -> Tensor:
        """``ids`` and ``types`` of shape ``(batch, tokens)``; ``lengths`` without padding."""
        tokens = torch.arange(ids.shape[1], device=ids.device)
        hidden = self.norm(self.words(ids) + self.positions(tokens) + self.types(types))
        hidden = self.dropout(hidden)
        mask = torch.where(tokens < lengths[:, None], 0.0, -1e4).to(torch.bfloat16)[:, None, None]
        for layer in self.layers:
            hidden = layer(hidden, mask)
        scores: Tensor = self.outputs(hidden)
        return scores


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
    for kind in ("weight", "bias"):
        for layer_number in range(LAYERS):
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
