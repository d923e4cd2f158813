"""The log of a training run as a plot: loss, and the development scores along the way."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from eval.plots import plotted


def read_log(file: Path) -> list[dict[str, Any]]:
    """The entries of ``log.jsonl`` by step; of those that an interrupted run repeated, the
    last."""
    found: dict[int, dict[str, Any]] = {}
    for line in file.read_text("utf-8").splitlines():
        entry = json.loads(line)
        found[entry["step"]] = found.get(entry["step"], {}) | entry
    return [found[step] for step in sorted(found)]


_SCORES = (
    ("f1", "F1, paragraph given", "#1f5f8b"),
    ("exact_match", "exact match", "#c05a1c"),
    ("auroc_span", "AUROC, unanswerable", "#4a7d3a"),
    ("auroc_made", "AUROC, made on held-out articles", "#1f5f8b"),
    ("auroc_halueval", "AUROC, HaluEval's held-out rows", "#c05a1c"),
)
"""What is drawn where the log has it: the reader's scores, and the checker's."""


def plot(log: Path, output: Path) -> None:
    """``log.jsonl`` as an SVG."""
    entries = read_log(log)
    losses = [(entry["step"], entry["loss"]) for entry in entries if "loss" in entry]
    with plotted(output, 8, 3, columns=2) as (left, right):
        left.plot([step for step, _ in losses], [loss for _, loss in losses], color="#1f5f8b")
        left.set(xlabel="step", ylabel="loss, mean of 50 steps", ylim=(0, None))
        for key, label, colour in _SCORES:
            scored = [(entry["step"], entry[key]) for entry in entries if key in entry]
            if scored:
                steps, values = zip(*scored, strict=True)
                right.plot(steps, values, label=label, color=colour)
        right.set(xlabel="step", ylabel="development scores", ylim=(0.5, 1))
        right.legend(frameon=False)
