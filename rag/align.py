"""How much of a sentence stands in another text in the same order.

A small model that invents mostly takes the document's words and puts them together anew: each
word is there, but somebody else does it to somebody else. Words in common say little about
that, words in the same order much: the longest common subsequence of the content words
(Hirschberg 1975; as in ROUGE-L, Lin 2004).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.facts import number_of
from rag.judge import stem
from rag.retrieve import STOP_WORDS


@dataclass(frozen=True, slots=True)
class Word:
    """A content word; numbers in words are as digits."""

    start: int
    end: int
    stem: str


def words(text: str) -> list[Word]:
    """The content words of ``text``, in order."""
    found = []
    for match in re.finditer(r"[^\W_]+(?:[.,]\d+)*", text):
        word = match.group().lower()
        if word not in STOP_WORDS:
            found.append(Word(*match.span(), number_of(word) or stem(word)))
    return found


def aligned(mine: Sequence[Word], theirs: Sequence[Word]) -> list[bool]:
    """Which of my words are of the longest subsequence that both have in common."""
    rows, columns = len(mine), len(theirs)
    longest = [[0] * (columns + 1) for _ in range(rows + 1)]
    for i in range(rows - 1, -1, -1):
        row, below = longest[i], longest[i + 1]
        for j in range(columns - 1, -1, -1):
            if _same(mine[i].stem, theirs[j].stem):
                row[j] = 1 + below[j + 1]
            else:
                row[j] = max(below[j], row[j + 1])
    found = [False] * rows
    i = j = 0
    while i < rows and j < columns:
        if _same(mine[i].stem, theirs[j].stem):
            found[i] = True
            i, j = i + 1, j + 1
        elif longest[i + 1][j] >= longest[i][j + 1]:
            i += 1
        else:
            j += 1
    return found


def _same(one: str, other: str) -> bool:
    """Whether two stems are of one word: "iran" and "iranian"."""
    if one == other:
        return True
    short, long = (one, other) if len(one) <= len(other) else (other, one)
    return len(short) >= 4 and long.startswith(short) and len(long) - len(short) <= 4
