"""Windows that leave nothing out, and the best spans by trying all."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.pairs import (
    ANSWER_TOKENS,
    OVERLAP_TOKENS,
    QUESTION_TOKENS,
    TITLE_TOKENS,
    WINDOW_TOKENS,
    Scored,
    Window,
    best_inside,
    best_spans,
    windows,
)
from tests.fakes import SpecialTokens

CLS, SEP = SpecialTokens.CLS, SpecialTokens.SEP


def cut(question: int, title: int, passage: int, limit: int = WINDOW_TOKENS) -> list[Window]:
    """Windows of so many tokens each; ids say what a token is of and which one it is."""
    return windows(
        SpecialTokens(),  # type: ignore[arg-type]
        [1000 + at for at in range(question)],
        [2000 + at for at in range(title)],
        [3000 + at for at in range(passage)],
        [(3 * at, 3 * at + 2) for at in range(passage)],
        limit,
    )


# --- Windows ------------------------------------------------------------------------------


def test_the_layout_by_hand() -> None:
    assert cut(2, 1, 3) == [
        Window(
            (CLS, 1000, 1001, SEP, 2000, SEP, 3000, 3001, 3002, SEP),
            first=6,
            title=4,
            offsets=((0, 2), (3, 5), (6, 8)),
        )
    ]


def test_without_a_title_its_place_is_empty() -> None:
    assert cut(1, 0, 1) == [Window((CLS, 1000, SEP, SEP, 3000, SEP), 4, 3, ((0, 2),))]


def test_an_empty_passage_is_one_window_without_offsets() -> None:
    assert cut(1, 1, 0) == [Window((CLS, 1000, SEP, 2000, SEP, SEP), 5, 3, ())]


def test_long_questions_and_titles_are_cut() -> None:
    (window,) = cut(QUESTION_TOKENS + 5, TITLE_TOKENS + 5, 1)
    assert window.ids[1:49] == tuple(range(1000, 1048))
    assert window.ids[49] == SEP
    assert window.ids[window.title : window.first] == (*range(2000, 2024), SEP)


@given(st.integers(0, 60), st.integers(0, 40), st.integers(0, 900))
def test_every_token_is_read_and_keeps_its_place(question: int, title: int, passage: int) -> None:
    made = cut(question, title, passage)
    read: list[int] = []
    for window in made:
        assert len(window.ids) <= WINDOW_TOKENS
        assert (window.ids[0], window.ids[window.title - 1], window.ids[-1]) == (CLS, SEP, SEP)
        assert window.ids[: window.first] == made[0].ids[: window.first]
        tokens = [token - 3000 for token in window.ids[window.first : -1]]
        assert [(3 * at, 3 * at + 2) for at in tokens] == list(window.offsets)
        assert tokens == sorted(set(tokens))
        if read:  # enough is read twice that no short answer is cut in two everywhere
            assert tokens[0] == read[-1] + 1 - OVERLAP_TOKENS
            assert tokens[-1] > read[-1]
        read += [at for at in tokens if not read or at > read[-1]]
    assert read == list(range(passage))
    assert OVERLAP_TOKENS > ANSWER_TOKENS


def test_a_passage_that_just_fits_is_one_window() -> None:
    room = WINDOW_TOKENS - 4 - 4  # the question, and four tokens that part
    assert len(cut(4, 0, room)) == 1
    one, other = cut(4, 0, room + 1)
    assert len(one.ids) == WINDOW_TOKENS
    assert other.offsets[-1] == (3 * room, 3 * room + 2)


# --- Spans --------------------------------------------------------------------------------


def scored(
    start: Sequence[float], end: Sequence[float], null: tuple[float, float] = (0.0, 0.0)
) -> Scored:
    """A window with a question of one token and a passage with those scores."""
    (window,) = cut(1, 0, len(start))
    # Before and behind the passage nothing may be found, however high its scores.
    around = [99.0] * (window.first - 1)
    return Scored(
        window,
        np.array([null[0], *around, *start, 99.0], np.float32),
        np.array([null[1], *around, *end, 99.0], np.float32),
        0.0,
    )


def placed(one: Scored, count: int) -> list[tuple[int, int, float]]:
    return [(found.start, found.end, found.score) for found in best_spans(one, count)]


def test_the_share_is_that_of_all_spans() -> None:
    # The spans "a", "a b" and "b" score 3, 2 and 1.
    one = scored([2, 1], [1, 0], null=(5, 5))
    first, second = best_spans(one, 2)
    total = math.exp(3) + math.exp(2) + math.exp(1)
    assert math.exp(first.share) == pytest.approx(math.exp(3) / total)
    assert math.exp(second.share) == pytest.approx(math.exp(1) / total)
    (only,) = best_spans(scored([1], [1]), 1)
    assert only.share == 0


def test_the_best_spans_by_hand() -> None:
    one = scored([5, 0, 1, 0], [0, 4, 0, 3], null=(1, 2))
    assert placed(one, 1) == [(0, 5, 5 + 4 - 3)]
    # What is left are the spans of the last two tokens.
    assert placed(one, 3) == [(0, 5, 6), (6, 11, 1 + 3 - 3)]


def test_the_end_may_not_come_before_the_start() -> None:
    assert placed(scored([0, 0, 9], [8, 0, 1]), 1) == [(6, 8, 10)]


def test_an_answer_has_at_most_so_many_tokens() -> None:
    size = ANSWER_TOKENS + 1
    start, end = np.zeros(size), np.zeros(size)
    start[0] = end[-1] = 5
    (best, *_) = best_spans(scored(start, end), 1)
    assert best.score == 5
    start[1] = 4  # now the longest that is allowed
    assert placed(scored(start, end), 1) == [(3, 3 * size - 1, 9)]


def test_of_equals_the_first_and_shortest_is_taken() -> None:
    assert placed(scored([1, 1, 1], [1, 1, 1]), 2) == [(0, 2, 2), (3, 5, 2)]


def test_the_best_span_inside_some_characters() -> None:
    # Tokens "aa", "bb", … at 0, 3, 6, 9; no answer scores 3.
    one = scored([5, 0, 1, 0], [0, 4, 0, 3], null=(1, 2))
    assert best_inside(one, 0, 11) == 5 + 4 - 3
    assert best_inside(one, 3, 11) == 1 + 3 - 3
    assert best_inside(one, 3, 8) == 0 + 4 - 3
    assert best_inside(one, 1, 2) == -math.inf  # no whole token


def test_an_empty_passage_has_no_span() -> None:
    assert best_spans(scored([], []), 3) == []


numbers = st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=1, max_size=8)


@given(numbers, st.integers(1, 5), st.integers(-5, 5))
def test_the_best_spans_are_those_that_trying_all_finds(
    pairs: list[tuple[int, int]], count: int, null: int
) -> None:
    start, end = zip(*pairs, strict=True)
    found = best_spans(scored(start, end, (null, 1)), count)
    free = set(range(len(pairs)))
    for span in found:
        one, other = span.start // 3, span.end // 3
        assert (span.start, span.end) == (3 * one, 3 * other + 2)
        assert span.score == start[one] + end[other] - null - 1
        best = max(
            start[i] + end[j]
            for i in free
            for j in range(i, len(pairs))
            if free.issuperset(range(i, j + 1))
        )
        assert span.score == best - null - 1
        assert free.issuperset(range(one, other + 1))  # none shares a token with one before
        free -= set(range(one, other + 1))
    assert len(found) == count or not free
    assert [span.score for span in found] == sorted((s.score for s in found), reverse=True)


@pytest.mark.parametrize("length", [1, 29, 30, 31, 80])
def test_as_many_as_are_asked_for(length: int) -> None:
    assert len(best_spans(scored([0.0] * length, [0.0] * length), length + 5)) == length
