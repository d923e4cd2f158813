"""Passages that repeat one another, as syndicated articles do: several places, one source."""

from __future__ import annotations

import re
from collections.abc import Sequence

_SHINGLE = 5
"""Words; see Broder 1997, "On the resemblance and containment of documents"."""
_SAME = 0.7
"""Share of the shorter text's shingles that the longer one holds, from which they are copies."""
_FEWEST = 8
"""Shingles without which a text is too short to be called a copy."""


def originals(texts: Sequence[str]) -> list[int]:
    """For each text the index of the first one that it nearly repeats; its own if none.

    A text that is cut differently still is a copy: the shorter of two decides.
    """
    shingles = [_shingles(text) for text in texts]
    found: list[int] = []
    for at, mine in enumerate(shingles):
        first = at
        for before in range(at):
            other = shingles[before]
            fewer = min(len(mine), len(other))
            long_enough = found[before] == before and fewer >= _FEWEST
            if long_enough and len(mine & other) >= _SAME * fewer:
                first = before
                break
        found.append(first)
    return found


def _shingles(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.casefold())
    return {tuple(words[at : at + _SHINGLE]) for at in range(len(words) - _SHINGLE + 1)}
