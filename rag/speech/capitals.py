"""Capital letters of every script that has them: "Şahin" and "Østergaard" are names, too."""

from __future__ import annotations

import sys
from itertools import groupby


def _ranges() -> str:
    """All capital letters beyond ASCII, as in a class of characters in a pattern."""
    found = [at for at in range(0x80, sys.maxunicode + 1) if chr(at).isupper()]
    parts = []
    for _, run in groupby(enumerate(found), key=lambda pair: pair[1] - pair[0]):
        points = [point for _, point in run]
        parts.append(chr(points[0]) + ("-" + chr(points[-1]) if points[1:] else ""))
    return "".join(parts)


CAPITALS = "A-Z" + _ranges()
"""For a class in a pattern."""


def capitals(pattern: str) -> str:
    """``pattern`` with all capital letters wherever it has ``A-Z``."""
    return pattern.replace("A-Z", CAPITALS)
