"""Dates and days that a text names, as it writes them."""

from __future__ import annotations

import re
from datetime import date
from itertools import islice, pairwise

_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\.?"
)
_LONG_MONTH = _MONTH[: _MONTH.index("|Jan")] + ")"
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_COUNTED = (
    r"(?:GMT|BST|hours|people|men|women|children|euros|dollars|pounds|metres|meters|miles|km|tonnes"
    r"|tons|jobs|homes|workers|members|soldiers|troops)\b"
)
"""What a number of four digits counts, which is no year then."""
_DATE = re.compile(
    rf"\b(?:{_DAY}(?: of)? {_MONTH}(?:,? \d{{4}})?(?!\w)"
    rf"|{_MONTH} {_DAY}(?:,? \d{{4}})?\b"
    rf"|{_MONTH} \d{{4}}\b"
    r"|\d{4}-\d{2}-\d{2}\b"
    r"|(?:last |next |this )?(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day(?: (?:morning|afternoon"
    r"|evening|night))?\b"
    rf"|in (?P<month>(?:early |late |mid-)?{_LONG_MONTH})\b(?! \d)"
    r"|(?:in|since|until|during) (?P<year>(?:1[5-9]|20)\d\d)\b"
    r"|(?:by|before|after|of) (?P<year_>(?:1[5-9]|20)\d\d)\b"
    rf"(?! (?:\w+ )?{_COUNTED})"
    r"|yesterday|today|tomorrow|last (?:week|month|year|night)\b)"
)


def dates(text: str) -> tuple[tuple[int, int], ...]:
    """Spans of the dates, days and years in ``text``, in order, none overlapping another."""
    return tuple(match.span(match.lastgroup or 0) for match in _DATE.finditer(plain(text)))


def plain(text: str) -> str:
    """``text`` with plain blanks for those that no line breaks at, and for thin ones."""
    return text.translate(_BLANKS)


_BLANKS = dict.fromkeys((0xA0, 0x202F, 0x2009, 0x2007), " ")


_TOP = 8
"""Lines, without the blank ones, among which a date line stands."""
_WEEKDAY = r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*\.?,? )?"
_CALENDAR = (
    rf"(?:(?P<day>{_DAY})(?: of |[ -])(?P<month>(?i:{_MONTH}))(?:,? |-)(?P<year>\d{{4}})"
    rf"|(?P<month_>(?i:{_MONTH})) (?P<day_>{_DAY}),? (?P<year_>\d{{4}})"
    r"|(?P<first>\d{1,2})(?P<mark>[./])(?P<second>\d{1,2})(?P=mark)(?P<year2>\d{4})"
    r"|(?P<iso>\d{4}-\d{2}-\d{2}))"
)
_TIME = r"(?:(?:,| at| -| –| \||T)? ?\d{1,2}[:.]\d{2}(?:[:.]\d{2})? ?(?:[ap]\.?m\.?)? ?[A-Z]{0,4})?"
_KIND = (
    r"(?:report|issue|publication|inspection|meeting|hearing|letter|release|minutes|effective|document"
    r"|decision|survey|visit)"
)
_LABEL = (
    r"(?:(?:first |last )?(?:published|posted|dated?|issued|released|updated|approved|adopted"
    rf"|effective|(?:in|with) (?:force|effect))(?: by [\w ]{{2,40}})?(?: (?:on|from|of {_KIND}))?"
    rf"|{_KIND} date)(?::| \|)? "
)
"""Before the day, what was done then: "Date of report:", "Approved by the board on"."""
_BYLINE = (
    r"(?:(?:[Bb]y [A-Z][\w.'’-]*(?: [A-Z][\w.'’-]*){0,4}|(?:[A-Z][\w.'’-]* ){1,4}(?:Herald|Times"
    r"|Post|News|Gazette|Guardian|Telegraph|Tribune|Journal|Chronicle|Observer|Echo|Mail|Press|Agency"
    r"|Standard|Mirror|Express|Courier|Record|Star|Sun))(?: \||,| [–—-]) )"
)
"""Who wrote it, or where it stood, before the date in one line: "By Ann Lee | 4 March 2025"."""
_RELEASED = (
    r"(?:(?i:(?:press|news|media) release|(?:version|edition|issue|revision) [\w.]+)(?:,| [–—-]) )"
)
_TAIL = r"(?=\s*(?:[·|—–(;]|-\s|(?i:by|last|at|updated|modified)\b))"
"""What else may stand behind a day that is labelled."""
_DATE_LINE = re.compile(
    # A line of nothing but the date; or a dateline, "BAKU, 27 June 2025 (Agency) — ...".
    rf"(?:{_BYLINE}|{_RELEASED})?(?P<label>(?i:{_LABEL}))?{_WEEKDAY}{_CALENDAR}{_TIME}\.?"
    rf"(?:\Z|(?<=\.) |(?(label){_TAIL}|(?!)))"
    r"|(?:[A-Z][A-Z .'’-]+(?:, [A-Z][\w. ]+)?|[A-Z][a-z]+(?: [A-Z][a-z]+)*)(?: \([^()]{2,40}\))?,? "
    + _WEEKDAY
    + re.sub(r"\?P([<=])(\w+)", r"?P\1\2__", _CALENDAR)
    + r"(?: \([^()]{2,40}\))? ?(?:—|–|--|-) "
)
_PLACED = re.compile(
    r"(?:(?:New|San|St|Saint|Port|Fort|North|South|East|West|Great|Upper|Lower) )?[A-Z][\w'’-]*, "
    rf"{_WEEKDAY}{_CALENDAR}\Z"
)
"""A place and a date ("Paris, 27 June 2025"): behind it the paragraph has to end, as a wrapped
sentence may look so, too."""
_HELD = re.compile(rf"(?i:minutes)\b.{{0,120}}?\b(?:on|of) {_WEEKDAY}{_CALENDAR}")
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()


def stated_day(text: str) -> date | None:
    """The day in the date line or dateline at the top of ``text``, None where there is none.

    Only a full date that can be read in one way: "06/07/2025" is two days.
    """
    # Markdown's bold may end behind a label: "**Date:** 14 January 2025".
    lines = [line.strip(" \t\r*_#|").replace("**", "") for line in plain(text[:4000]).split("\n")]
    pairs = ((line, following) for line, following in pairwise([*lines, ""]) if line)
    for line, following in islice(pairs, _TOP):
        match = (
            _DATE_LINE.match(line)
            or _HELD.match(f"{line} {following}")
            or (None if following else _PLACED.match(line))
        )
        if match and (day := _day(match)):
            return day
    return None


def written_day(text: str) -> date | None:
    """The day that ``text`` is, as people write one; None where it is none, or two."""
    match = re.fullmatch(f"{_WEEKDAY}{_CALENDAR}{_TIME}", plain(text).strip())
    return _day(match) if match else None


def _day(match: re.Match[str]) -> date | None:
    """Of a match of ``_CALENDAR``."""
    stated = {name.rstrip("_2"): value for name, value in match.groupdict().items() if value}
    try:
        if "iso" in stated:
            return date.fromisoformat(stated["iso"])
        year = int(stated["year"])
        if "mark" in stated:
            first, second = int(stated["first"]), int(stated["second"])
            if stated["mark"] == "." or first > 12:
                return date(year, second, first)
            return date(year, first, second) if second > 12 else None
        month = 1 + _MONTHS.index(stated["month"][:3].lower())
        return date(year, month, int(re.sub(r"\D", "", stated["day"])))
    except ValueError:  # there is no 31 June
        return None
