"""What a reader's training makes small."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from eval.training.batches import Item, pack
from eval.training.model import OUTPUTS, ReadingModel
from eval.training.recipe import Training
from rag.pairs import ANSWER_TOKENS


def loss_of(
    model: ReadingModel,
    batch: Sequence[Item],
    recipe: Training,
    device: str,
    whole: bool,
    told: Tensor | None = None,
) -> Tensor:
    """Cross entropy of start and end against the annotators' shares, and of answering.

    With ``whole`` that of spans, too: the compound objective of Fajcik et al. 2021. With what a
    teacher has ``told`` a part of each is that against its scores, save of what is certain.
    """
    ids, types, lengths = pack([item.window for item in batch], device)
    ends = torch.zeros(*ids.shape, 2)
    both = torch.zeros(*ids.shape, ids.shape[1])
    for row, item in enumerate(batch):
        for one, other, share in item.spans:
            ends[row, one, 0] += share
            ends[row, other, 1] += share
            if other - one < ANSWER_TOKENS:
                both[row, one, other] += share
    scores = model(ids, types, lengths)
    # No answer begins in the question, the title or the padding.
    tokens = torch.arange(ids.shape[1], device=device)
    first = torch.tensor([item.window.first for item in batch], device=device)
    last = torch.tensor([len(item.window.ids) - 1 for item in batch], device=device)
    allowed = (tokens >= first[:, None]) & (tokens < last[:, None]) | (tokens == 0)
    masked = scores[..., :2].masked_fill(~allowed[..., None], -1e4)
    spans = functional.cross_entropy(masked, ends.to(device), reduction="none").sum(-1)
    answers = torch.tensor([float(item.answers) for item in batch], device=device)
    if told is not None:
        warm = recipe.temperature
        taught = torch.tensor([not item.certain for item in batch], device=device)
        part = recipe.teaching * taught
        told = told.masked_fill(~allowed[..., None], -1e4)
        expected = torch.softmax(told[..., :2] / warm, 1)
        # The square keeps the gradients' size.
        away = warm**2 * functional.cross_entropy(masked / warm, expected, reduction="none").sum(-1)
        spans = torch.lerp(spans, away, part)
        answers = torch.lerp(answers, torch.sigmoid(told[:, 0, 2]), part)
    loss = spans.mean()
    if whole:
        firsts, lasts = scores[..., OUTPUTS:].chunk(2, -1)
        wide = tokens - tokens[:, None]
        # "No answer" is the pair of [CLS] with itself.
        fits = (wide >= 0) & (wide < ANSWER_TOKENS) & ((tokens[:, None] > 0) | (wide == 0))
        pairs = masked[..., 0, None] + masked[:, None, :, 1] + firsts @ lasts.transpose(1, 2)
        pairs = pairs.masked_fill(~fits, -1e4).clamp_min(-1e4)
        loss = (loss + functional.cross_entropy(pairs.flatten(1), both.flatten(1).to(device))) / 2
    judged = functional.binary_cross_entropy_with_logits(scores[:, 0, 2], answers)
    return loss / 2 + recipe.answers_weight * judged
