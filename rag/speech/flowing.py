"""Text without the line ends that only a page's width put into its sentences.

A name that is broken over two lines is still one name. Everything that is found in the text as it
flows is told by its place in the text as it is.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace

from rag.dates import plain
from rag.speech.quotes import Span
from rag.types import Statement

_WRAP = re.compile(r"[ \t\r]*+\n[ \t]*(?=[^\s>|*#])")
_FULL = 25
"""Characters of a line that was filled; a shorter one was ended on purpose, as in an address."""
_FILLED = 0.7
"""The same as a share of the line in the middle of those near it, by their lengths."""
_NEAR = 500
"""Characters before and behind a line end in which lines are near."""


class Flowing:
    """A text with a space for each line end within a sentence, and a semicolon between cells."""

    def __init__(self, text: str, sentences: Sequence[Span]) -> None:
        self._begins = [0]
        """Where stretches of the text begin that have no such line end."""
        self._flows = [0]
        """Where they begin in the flowing text."""
        parts: list[str] = []
        done = 0
        for start, end in sentences:
            for match in _WRAP.finditer(text, start, end):
                first, last = match.span()
                if _is_filled(text, first):
                    parts += [text[done:first], " "]
                    self._flows.append(self._flows[-1] + first - done + 1)
                    self._begins.append(last)
                    done = last
        self.text = plain("".join((*parts, text[done:]))).replace(" | ", " ; ")
        self.sentences = [(self._there(start), self._there(end)) for start, end in sentences]

    def back(self, one: Statement) -> Statement:
        """A statement that was found here, by its places in the text as it is."""
        speaker = replace(
            one.speaker,
            start=self._here(one.speaker.start),
            end=self._here(one.speaker.end),
            cue_start=self._here(one.speaker.cue_start),
            cue_end=self._here(one.speaker.cue_end),
        )
        return replace(one, start=self._here(one.start), end=self._here(one.end), speaker=speaker)

    def _here(self, at: int) -> int:
        stretch = bisect_right(self._flows, at) - 1
        return at - self._flows[stretch] + self._begins[stretch]

    def _there(self, at: int) -> int:
        stretch = bisect_right(self._begins, at) - 1
        return at - self._begins[stretch] + self._flows[stretch]


def _is_filled(text: str, end: int) -> bool:
    """Whether the line that ends there is about as long as those around it."""
    near = max(0, end - _NEAR)
    begin = max(near, text.rfind("\n\n", near, end) + 2)
    behind = text.find("\n\n", end, end + _NEAR)
    around = text[begin : end + _NEAR if behind < 0 else behind].split("\n")
    lengths = sorted(len(line.strip()) for line in around if line.strip())
    own = end - max(near, text.rfind("\n", near, end) + 1)
    return own >= max(_FULL, _FILLED * lengths[len(lengths) // 2])
