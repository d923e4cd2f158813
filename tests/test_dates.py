"""The day that a document states in a line of its own."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.dates import stated_day
from rag.load import parse

JUNE = date(2025, 6, 27)


@pytest.mark.parametrize(
    "line",
    [
        "27 June 2025",
        "June 27, 2025",
        "Jun. 27 2025",
        "27th of June 2025",
        "Friday, 27 June 2025",
        "Fri 27 Jun 2025, 14:30",
        "27 June 2025 at 2.30 pm",
        "2025-06-27",
        "2025-06-27T14:30 UTC",
        "Published: 27 June 2025",
        "Published on Friday, June 27, 2025",
        "DATE: 2025-06-27",
        "Updated 27 June 2025",
        "**Date:** 27 June 2025",
        "By Ann Lee | 27 June 2025",
        "Norton Herald, 27 June 2025",
        "Port Ellis, 27 June 2025 – The bridge was closed.",
        "PORT ELLIS (NP), June 27, 2025 - The bridge was closed.",
        "  **27 June 2025**\r",
        "BAKU, June 27, 2025 (Agency) — The ministry said on Monday that it had no part in it.",
        "NEW YORK, Friday 27 June 2025 – It rained.",
        "Paris, 27 June 2025",
        "Port Ellis, 27 June 2025",
        "Date of report: 27 June 2025",
        "Date of inspection | 27 June 2025",
        "Effective from: 27 June 2025",
        "Issue date: June 27, 2025",
        "Approved by the Executive Committee on 27 June 2025. Review date: May 2027.",
    ],
)
def test_a_date_line_states_the_day(line: str) -> None:
    assert stated_day(f"Bridge closed\n\n{line}\n\nThe bridge was closed.") == JUNE


@pytest.mark.parametrize(
    "line",
    [
        "On 27 June 2025 the bridge was closed.",
        "27 June 2025 was a Friday.",
        "The bridge was closed on 27 June 2025 - at night.",
        "Annual General Meeting – 27 June 2025",
        "Cup Final, 27 June 2025",
        "27 June",
        "June 2025",
        "06/07/2025",
        "31 June 2025",
        "2025-13-01",
        "Due: 27 June 2025",
        "Next meeting: 27 June 2025",
        "Paris, 27 June 2025.",
        "Paris, 27 June 2025\nThe bridge",
        "",
    ],
)
def test_other_lines_do_not(line: str) -> None:
    assert stated_day(f"Bridge closed\n\n{line}\n\nThe bridge was closed.") is None


def test_the_first_one_near_the_top_counts() -> None:
    assert stated_day("2025-06-27\n2025-06-28") == JUNE
    assert stated_day("Title\n31 June 2025\n27 June 2025") == JUNE
    assert stated_day("A line.\n\n" * 7 + "27 June 2025") == JUNE
    assert stated_day("A line.\n\n" * 8 + "27 June 2025") is None


@given(st.dates(date(1000, 1, 1)))
def test_every_day_is_read_back(day: date) -> None:
    for form in ("%d %B %Y", "%B %d, %Y", "%Y-%m-%d", "%A, %d %b %Y"):
        assert stated_day(day.strftime(form)) == day


def test_what_the_format_states_comes_first() -> None:
    text = "27 June 2025\n\nThe bridge was closed."
    assert parse(text.encode(), "a.txt").published == JUNE
    front = f"---\ndate: 2025-06-30\n---\n{text}"
    assert parse(front.encode(), "a.md").published == date(2025, 6, 30)
