"""Examples as batches of token windows with their targets."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from zlib import crc32

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor

from eval.training.data import Example
from eval.training.recipe import Recipe, Training
from eval.training.unanswerable import made, mined
from eval.training.wording import reworded
from rag.pairs import Window, windows

Targets = tuple[tuple[int, int, float], ...]
"""First and last tokens, with the share of the annotators who chose them."""

NOWHERE: Targets = ((0, 0, 1.0),)
"""No answer is ``[CLS]``."""

_MINED = {"new_wiki": 1.0, "qed": 0.7, "halueval": 0.4}
"""Share of the questions that are also put to another passage. Those about reviews and
posts ("What does the writer want?") would be answered by many."""
_MADE = {"new_wiki": 0.9, "qed": 0.6, "halueval": 0.4, "reddit": 0.5, "amazon": 0.5}


@dataclass(frozen=True, slots=True)
class Item:
    """An example as numbers."""

    window: Window
    spans: Targets
    """Where the answer stands; empty where that is not to be learnt."""
    answers: bool
    certain: bool = False
    """No teacher knows better."""


def epoch_of(
    answered: Sequence[Example],
    recipe: Recipe,
    epoch: int,
    tokenizer: Tokenizer,
    written: Sequence[Example] = (),
) -> list[list[Item]]:
    """All batches of an epoch; the same for the same recipe and epoch.

    To the ``answered`` come others of them that are not; the ``written`` are taken as they are.
    """
    dice = random.Random(recipe.seed * 1000 + epoch)
    examples = list(answered)
    examples += mined(answered, {s: recipe.mined * share for s, share in _MINED.items()}, dice)
    examples += made(answered, {s: recipe.made * share for s, share in _MADE.items()}, dice)
    dice.shuffle(examples)
    examples = [reworded(e, recipe.statements, recipe.curly, dice) for e in examples]
    items = list(items_of(examples, recipe, tokenizer, dice))
    others = [reworded(e, recipe.statements, recipe.curly, dice) for e in written]
    for item in items_of(others, recipe, tokenizer, dice):
        items.insert(dice.randrange(len(items) + 1), replace(item, certain=True))
    return batched(items, recipe, dice)


def batched(items: Sequence[Item], recipe: Training, dice: random.Random) -> list[list[Item]]:
    """The items in batches of at most ``batch_tokens``, in about their order, then shuffled."""
    batches: list[list[Item]] = []
    # Alike in length within a batch, so that little of it is padding; batches of a run of
    # examples only, so that an epoch's examples come in about their random order.
    run = 60 * recipe.batch_tokens // 150
    for begin in range(0, len(items), run):
        ordered = sorted(items[begin : begin + run], key=lambda item: len(item.window.ids))
        batch: list[Item] = []
        for item in ordered:
            if batch and (len(batch) + 1) * len(item.window.ids) > recipe.batch_tokens:
                batches.append(batch)
                batch = []
            batch.append(item)
        batches.append(batch)
    dice.shuffle(batches)
    return batches


def checksum(batches: Sequence[Sequence[Item]]) -> int:
    """Of all that is learnt from them, in their order."""
    found = 0
    for item in chain.from_iterable(batches):
        found = crc32(repr((item.window.ids, item.spans, item.answers)).encode(), found)
    return found


def items_of(
    examples: Sequence[Example], recipe: Recipe, tokenizer: Tokenizer, dice: random.Random
) -> Iterator[Item]:
    texts = {t for e in examples for t in (e.question, e.title, e.passage)}
    ordered = sorted(texts)
    encoded = dict(
        zip(ordered, tokenizer.encode_batch(ordered, add_special_tokens=False), strict=True)
    )
    for example in examples:
        passage = encoded[example.passage]
        titled = example.title and dice.random() >= recipe.title_dropout
        found = windows(
            tokenizer,
            encoded[example.question].ids,
            encoded[example.title].ids if titled else (),
            passage.ids,
            passage.offsets,
        )
        labels = [label(window, example.spans) for window in found]
        good = [at for at, inside in enumerate(labels) if inside]
        at = dice.choice(good) if good and dice.random() < 0.85 else dice.randrange(len(found))
        yield Item(found[at], labels[at] or NOWHERE, bool(labels[at]))


def label(window: Window, spans: Sequence[tuple[int, int]]) -> Targets:
    """Where the spans stand in the window; empty where none lies in it."""
    inside: Counter[tuple[int, int]] = Counter()
    for first, last in spans:
        tokens = [at for at, (s, e) in enumerate(window.offsets) if s < last and first < e]
        if (
            tokens
            and window.offsets[tokens[0]][0] <= first
            and window.offsets[tokens[-1]][1] >= last
        ):
            inside[window.first + tokens[0], window.first + tokens[-1]] += 1
    return tuple((*span, votes / inside.total()) for span, votes in sorted(inside.items()))


def pack(batch: Sequence[Window], device: str) -> tuple[Tensor, Tensor, Tensor]:
    """Ids, token types and lengths of windows, padded to the longest."""
    lengths = [len(window.ids) for window in batch]
    ids = np.zeros((len(batch), max(lengths)), np.int64)
    types = np.zeros_like(ids)
    for row, window in enumerate(batch):
        ids[row, : lengths[row]] = window.ids
        types[row, window.title : lengths[row]] = 1
    return (
        torch.from_numpy(ids).to(device),
        torch.from_numpy(types).to(device),
        torch.tensor(lengths, device=device),
    )
