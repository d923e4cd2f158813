"""(question, title, passage) → token windows for a reading model, and spans out of its scores.

The layout is that of BERT's question answering (Devlin et al. 2019):
``[CLS] question [SEP] title [SEP] passage [SEP]``, with token type 1 from the title on. A
passage that is too long for one window is read in several that overlap.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from tokenizers import Tokenizer

Floats = NDArray[np.float32]

QUESTION_TOKENS = 48
TITLE_TOKENS = 24
WINDOW_TOKENS = 256
"""Most tokens of a question, of a title and of a whole window; the rest is cut, or read
in the next window."""
OVERLAP_TOKENS = 64
ANSWER_TOKENS = 30
"""Longest short answer."""


@dataclass(frozen=True, slots=True)
class Window:
    """What the model reads at once."""

    ids: tuple[int, ...]
    first: int
    """Index of the first token of the passage."""
    title: int
    """Index from which the token type is 1."""
    offsets: tuple[tuple[int, int], ...]
    """Character spans, in the passage, of the tokens from ``first`` on; the last token of
    ``ids``, ``[SEP]``, has none."""


@dataclass(frozen=True, slots=True)
class Scored:
    """A window with what the model makes of it."""

    window: Window
    start: Floats
    """Score of each token of the window as the first one of the answer; that of ``[CLS]``
    stands for "no answer"."""
    end: Floats
    """The same as the last one of the answer."""
    answers: float
    """Log odds that the window answers the question at all."""

    @property
    def null(self) -> float:
        """Score of "no answer"."""
        return float(self.start[0]) + float(self.end[0])


@dataclass(frozen=True, slots=True)
class Found:
    """A span that the model proposes."""

    start: int
    end: int
    """Characters in the passage, half open."""
    score: float
    """Start and end score less those of "no answer"; above 0 it is the likelier."""
    share: float
    """Logarithm of its share among all spans of the window (softmax), at most 0."""


def windows(
    tokenizer: Tokenizer,
    question: Sequence[int],
    title: Sequence[int],
    ids: Sequence[int],
    offsets: Sequence[tuple[int, int]],
    limit: int = WINDOW_TOKENS,
    question_tokens: int = QUESTION_TOKENS,
) -> list[Window]:
    """At least one window. ``ids`` and ``offsets`` are the passage's, without special tokens."""
    cls, sep = (int(tokenizer.token_to_id(token) or 0) for token in ("[CLS]", "[SEP]"))
    asked = [cls, *question[:question_tokens], sep]
    head = [*asked, *title[:TITLE_TOKENS], sep]
    room = limit - len(head) - 1
    found = []
    begin = 0
    while True:
        piece = ids[begin : begin + room]
        found.append(
            Window(
                (*head, *piece, sep), len(head), len(asked), tuple(offsets[begin : begin + room])
            )
        )
        if begin + room >= len(ids):
            return found
        begin += room - OVERLAP_TOKENS


def best_spans(scored: Scored, count: int) -> list[Found]:
    """The ``count`` best spans that do not overlap, best first; empty for an empty passage.

    As in Devlin et al. 2019, section 4.3: the score of a span is that of its first token
    as a start and of its last as an end.
    """
    window, tokens = scored.window, len(scored.window.offsets)
    if not tokens:
        return []
    scores = _span_scores(scored, 0, tokens)
    width = scores.shape[1]
    top = scores.max()
    total = float(top + np.log(np.exp(scores - top).sum()))
    found: list[Found] = []
    while len(found) < count:
        at = int(scores.argmax())
        i, w = divmod(at, width)
        if scores[i, w] == -np.inf:
            break
        score = float(scores[i, w])
        found.append(
            Found(
                window.offsets[i][0], window.offsets[i + w][1], score - scored.null, score - total
            )
        )
        # No other span may share a token with it.
        for other in range(width):
            scores[max(0, i - other) : i + w + 1, other] = -np.inf
    return found


def best_inside(scored: Scored, start: int, end: int) -> float:
    """The score of the best span between these characters of the passage, less that of "no
    answer"; negative infinity where the window holds nothing of them."""
    offsets = scored.window.offsets
    inside = [at for at, (first, last) in enumerate(offsets) if start <= first and last <= end]
    if not inside:
        return -np.inf
    return float(_span_scores(scored, inside[0], inside[-1] + 1).max()) - scored.null


def _span_scores(scored: Scored, begin: int, end: int) -> NDArray[np.float64]:
    """Of the spans between these tokens of the passage: row i, column w is that of w + 1 tokens
    from the i-th on, negative infinity where it would end behind them."""
    first, tokens = scored.window.first, end - begin
    s, e = (
        side[first + begin : first + end].astype(np.float64) for side in (scored.start, scored.end)
    )
    scores = np.full((tokens, min(ANSWER_TOKENS, tokens)), -np.inf)
    for w in range(scores.shape[1]):
        scores[: tokens - w, w] = s[: tokens - w] + e[w:]
    return scores
