"""Dates and days that a text names, as it writes them."""

from __future__ import annotations

import re

_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\.?"
)
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_DATE = re.compile(
    rf"\b(?:{_DAY}(?: of)? {_MONTH}(?:,? \d{{4}})?(?!\w)"
    rf"|{_MONTH} {_DAY}(?:,? \d{{4}})?\b"
    rf"|{_MONTH} \d{{4}}\b"
    r"|\d{4}-\d{2}-\d{2}\b"
    r"|(?:last |next |this )?(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day(?: (?:morning|afternoon"
    r"|evening|night))?\b"
    r"|(?:in|since|until|by|before|after|during|of) (?P<year>(?:1[5-9]|20)\d\d)\b"
    r"|yesterday|today|tomorrow|last (?:week|month|year|night)\b)"
)


def dates(text: str) -> tuple[tuple[int, int], ...]:
    """Spans of the dates, days and years in ``text``, in order, none overlapping another."""
    return tuple(
        match.span("year") if match["year"] else match.span() for match in _DATE.finditer(text)
    )
