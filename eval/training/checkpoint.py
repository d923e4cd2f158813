"""What a run needs to go on where it was stopped, in one safetensors file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor

from eval.training.recipe import Training
from rag.errors import SaysoError

_MOMENTS = ("exp_avg", "exp_avg_sq")
"""What AdamW keeps of each weight."""


@dataclass(frozen=True, slots=True)
class Position:
    """How far a run has come."""

    step: int = 0
    epoch: int = 0
    batch: int = 0
    """The next one of the epoch."""
    data: int = 0
    """A checksum of the epoch's batches; 0 where none of them was learnt from."""

    def of(self, data: int) -> None:
        """Raise ``SaysoError`` where the batches are others than those so far."""
        if self.data not in (0, data):
            raise SaysoError(
                "The training data is not that of the run so far. Name another folder for a run "
                "with what is there now, or bring the data back."
            )


@dataclass(frozen=True)
class Checkpoint:
    """The weights in training, their averages and the optimiser, with where they are kept."""

    path: Path
    recipe: Training
    trained: Mapping[str, Tensor]
    average: Mapping[str, Tensor]
    optimiser: torch.optim.Optimizer

    def save(self, position: Position) -> None:
        tensors: dict[str, Tensor] = {}
        for name, weight in self.trained.items():
            tensors["trained/" + name] = weight.detach().contiguous()
            tensors["average/" + name] = self.average[name].contiguous()
            for key in _MOMENTS:
                tensors[f"{key}/{name}"] = self.optimiser.state[weight][key].contiguous()
        about = {"recipe": _plain(self.recipe), **asdict(position)}
        partial = self.path.with_suffix(".partial")
        save_file(tensors, partial, {"position": json.dumps(about)})
        partial.replace(self.path)

    def restore(self) -> Position:
        """Where the run was, the beginning where nothing was saved.

        Raises ``SaysoError`` when what was saved is another recipe's.
        """
        if not self.path.exists():
            return Position()
        with safe_open(self.path, "pt") as opened:
            about = json.loads(opened.metadata()["position"])
        if about.pop("recipe") != _plain(self.recipe):
            raise SaysoError(
                f"{self.path} is of another recipe. Name another folder, or delete it."
            )
        position = Position(**about)
        tensors = load_file(self.path)
        with torch.no_grad():
            for name, weight in self.trained.items():
                weight.copy_(tensors["trained/" + name])
                self.average[name].copy_(tensors["average/" + name])
                self.optimiser.state[weight] = {
                    "step": torch.tensor(float(position.step)),
                    **{key: tensors[f"{key}/{name}"].to(weight.device) for key in _MOMENTS},
                }
        return position


def _plain(recipe: Training) -> Any:
    """As JSON gives it back."""
    return json.loads(json.dumps(asdict(recipe)))
