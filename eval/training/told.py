"""What a teacher scores in the batches of a run."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from eval.training.batches import Item, pack
from eval.training.model import OUTPUTS, ReadingModel


class Told:
    """What a teacher scores in batches, kept in a file where they come again."""

    def __init__(
        self,
        teacher: ReadingModel,
        batches: Sequence[Sequence[Item]],
        kept: Path | None,
        device: str,
    ) -> None:
        self._teacher, self._batches, self._device = teacher, batches, device
        sizes = [len(batch) * max(len(item.window.ids) for item in batch) for batch in batches]
        self._begins = [0, *accumulate(sizes)]
        self._kept: npt.NDArray[np.float16] | None = None
        if kept:
            if not kept.exists() or len(np.load(kept, "r")) != self._begins[-1]:
                np.save(kept, np.full((self._begins[-1], OUTPUTS), np.nan, np.float16))
            self._kept = np.load(kept, "r+")

    def of(self, number: int) -> Tensor:
        """Scores of start, end and answering at each token of that batch, as of the model; 0 in
        what is certain, which nobody asks about."""
        batch = self._batches[number]
        begin, end = self._begins[number], self._begins[number + 1]
        if self._kept is not None and not np.isnan(self._kept[begin:end]).any():
            kept = torch.from_numpy(self._kept[begin:end].astype(np.float32))
            return kept.view(len(batch), -1, OUTPUTS).to(self._device)
        scores = torch.zeros(len(batch), (end - begin) // len(batch), OUTPUTS, device=self._device)
        rows = [row for row, item in enumerate(batch) if not item.certain]
        if rows:
            windows = [batch[row].window for row in rows]
            with torch.no_grad():
                found = self._teacher(*pack(windows, self._device))[..., :OUTPUTS].float()
            scores[rows, : found.shape[1]] = found
        if self._kept is not None:
            self._kept[begin:end] = scores.reshape(-1, OUTPUTS).cpu().numpy()
        return scores
