"""Plots as SVG that are the same bytes for the same numbers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def plotted(output: Path, width: float, height: float, columns: int = 1) -> Iterator[Any]:
    """Gives the axes (a sequence of them for several columns) and writes ``output`` after.

    ``width`` and ``height`` are in inches of 72 points.
    """
    import matplotlib as mpl

    mpl.use("svg")
    from matplotlib import pyplot

    # No random ids, no date.
    with mpl.rc_context({"svg.hashsalt": "sayso", "font.size": 9}):
        figure, axes = pyplot.subplots(1, columns, figsize=(width, height), layout="constrained")
        yield axes
        figure.savefig(output, metadata={"Date": None})
        pyplot.close(figure)
