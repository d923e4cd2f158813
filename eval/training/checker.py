"""The checker as what is trained: see ``eval/training/claims.py`` for its sentences."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from tokenizers import Tokenizer

from eval.metrics import auroc
from eval.training.batches import NOWHERE, Item, batched, label, pack
from eval.training.claims import Claim, Claims, for_training, held_out
from eval.training.data import Example, Row, load
from eval.training.model import ReadingModel
from eval.training.recipe import SupportRecipe
from rag.embed import PACKAGED, folder_of
from rag.encoder import uncut
from rag.pairs import Window
from rag.support import claimed

_WEIGHTS = {"reddit": 0.35, "amazon": 0.35}
"""Share of the examples that are used where it is not all: news reads as Wikipedia does."""
_SCORED = 500
"""Held-out claims that are scored along the way, and as many pairs of HaluEval."""


class Checking:
    """Whether a passage carries a sentence; scored on a part of what is held out."""

    name = "support"

    def __init__(self, recipe: SupportRecipe, data: Path, device: str) -> None:
        self.recipe, self._device = recipe, device
        self._tokenizer = uncut(folder_of(PACKAGED) / "tokenizer.json")
        examples = load(data, recipe.sources)
        self._examples = for_training(examples)
        # The half that is calibrated on, so that the test is not looked at.
        held = [example for example in examples if held_out(example) and for_calibration(example)]
        self._held = made_once([e for e in held if e.source != "halueval"])[:_SCORED]
        self._answered = [
            Claim(e.question, said, "", e.passage, carried, "", None, e.article)
            for e in [e for e in held if e.source == "halueval"][: _SCORED // 2]
            for said, carried in ((e.passage[slice(*e.spans[0])], True), (e.invented, False))
        ]

    def epoch(self, number: int) -> list[list[Item]]:
        """Examples and what is made of them are drawn anew for each."""
        dice = random.Random(self.recipe.seed * 1000 + number)
        chosen = [e for e in self._examples if dice.random() < _WEIGHTS.get(e.source, 1.0)]
        chosen = dice.sample(chosen, round(self.recipe.share * len(chosen)))
        claims = Claims(self._examples, dice).made(chosen)
        dice.shuffle(claims)
        return batched(list(items_of(claims, self._tokenizer)), self.recipe, dice)

    def score(self, model: ReadingModel) -> dict[str, float]:
        return {
            f"auroc_{name}": round(
                auroc(self._log_odds(model, claims), [claim.carried for claim in claims]), 4
            )
            for name, claims in (("made", self._held), ("halueval", self._answered))
            if claims
        }

    def _log_odds(self, model: ReadingModel, claims: Sequence[Claim]) -> list[float]:
        model.eval()
        windows = [window_of(claim, self._tokenizer) for claim in claims]
        order = sorted(range(len(windows)), key=lambda at: len(windows[at].ids))
        found = [0.0] * len(windows)
        for begin in range(0, len(order), 16):
            batch = order[begin : begin + 16]
            with torch.no_grad():
                scores = model(*pack([windows[at] for at in batch], self._device))[:, 0, 2]
            for at, score in zip(batch, scores.tolist(), strict=True):
                found[at] = score
        return found


def for_calibration(example: Example | Row) -> bool:
    """Whether it is of the held-out half that is calibrated on, not of the test."""
    return random.Random(example.article).random() < 0.5


def made_once(examples: Sequence[Example]) -> list[Claim]:
    """Claims of held-out examples, always the same."""
    dice = random.Random(20)
    claims = Claims(examples, dice).made(examples)
    dice.shuffle(claims)
    return claims


def window_of(claim: Claim, tokenizer: Tokenizer) -> Window:
    """What is read of it: of a long passage its beginning."""
    found = claimed(tokenizer, claim.question, claim.sentence, [(claim.title, claim.passage)])
    return found[0][0] if found else Window((0, 0), 1, 1, ())


def items_of(claims: Sequence[Claim], tokenizer: Tokenizer) -> Iterator[Item]:
    """Without those too long to be judged. Besides being carried, where the question is
    answered is to be learnt, which teaches to read."""
    for claim in claims:
        passage = (claim.title, claim.passage)
        found = claimed(tokenizer, claim.question, claim.sentence, [passage])
        if found is None or len(found[0]) > 1:
            continue
        ((window,),) = found
        if claim.spans is None:
            yield Item(window, (), claim.carried)
            continue
        yield Item(window, label(window, claim.spans) or NOWHERE, claim.carried)
