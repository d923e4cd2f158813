"""What a file says, and what the readers of all formats share."""

from __future__ import annotations

import codecs
import logging
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date

from rag.dates import written_day
from rag.errors import DocumentError


@dataclass(frozen=True, slots=True)
class Raw:
    """What a file says, before ``rag.load`` checks it and fills the gaps."""

    text: str
    title: str | None = None
    """As the file states it; None where it states none."""
    published: date | None = None
    """As the file states it: never guessed, never the file's own date."""
    created: date | None = None
    """When the program says that it made the file: counts where the text names no day."""
    metadata: dict[str, str] = field(default_factory=dict)


Reader = Callable[[bytes], Raw]
"""Raises ``DocumentError`` for bytes that are not of its format, or damaged."""


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
KINDS = (
    (b"%PDF-", "a PDF", "rename it to end in .pdf"),
    (b"PK\x03\x04", "a ZIP archive or an Office file", "rename it to end in .docx, or unpack it"),
    (OLE, "an old Office file", "save it as .docx or PDF"),
    (b"{\\rtf", "an RTF file", "save it as .docx or PDF"),
    (b"\x89PNG", "an image", "run text recognition (OCR) on it first"),
    (b"\xff\xd8\xff", "an image", "run text recognition (OCR) on it first"),
    (b"GIF8", "an image", "run text recognition (OCR) on it first"),
    (b"II*\0", "an image", "run text recognition (OCR) on it first"),
    (b"MM\0*", "an image", "run text recognition (OCR) on it first"),
    (b"\x1f\x8b", "a compressed file", "unpack it"),
    (b"<!doctype html", "an HTML page", "rename it to end in .html"),
    (b"<html", "an HTML page", "rename it to end in .html"),
)


def refuse_other_kinds(data: bytes, expected: str, allowed: str = "") -> None:
    """Raises ``DocumentError`` where the first bytes show another kind than expected."""
    start = data.removeprefix(codecs.BOM_UTF8)[:1024].lstrip()
    for magic, kind, remedy in KINDS:
        if kind == allowed or not start.lower().startswith(magic.lower()):
            continue
        if magic == b"GIF8" and b"\0" not in start:  # a text about the format begins so, too
            continue
        raise DocumentError(f"The file is {kind}, not {expected}: {remedy}.")


def real_title(title: str | None) -> str | None:
    """``title``, unless a program wrote it that did not know one."""
    words = " ".join((title or "").replace("\0", "").split())
    junk = (
        r"(untitled.*|document ?\d*|word document|powerpoint presentation"
        r"|.*\.(?:docx?|pdf|indd|qxd|xlsx?|pptx?|rtf|txt|odt|pages|html?))"
    )
    program = r"microsoft (word|powerpoint|excel) - .*"
    return None if not words or re.fullmatch(f"{junk}|{program}", words, re.IGNORECASE) else words


def day_of(stated: object) -> date | None:
    """The day that an ISO 8601 date, or one as 2025/06/27 or 20250627…, begins with, or that is
    written as people do ("12 May 2025")."""
    match = re.match(r"\s*([0-9]{4})([-/]?)([0-9]{2})\2([0-9]{2})", str(stated or ""))
    try:
        if match:
            return date(int(match[1]), int(match[3]), int(match[4]))
        return written_day(str(stated or ""))
    except ValueError:  # there is no 31 June
        return None


def stated_only(**stated: str | None) -> dict[str, str]:
    return {key: value for key, value in stated.items() if value}


_muted: Counter[str] = Counter()
_levels: dict[str, int] = {}
_mute_lock = threading.Lock()


@contextmanager
def quiet(name: str) -> Iterator[None]:
    """Without the log of the library ``name``; afterwards as before, for all threads."""
    logger = logging.getLogger(name)
    with _mute_lock:
        if not _muted[name]:
            _levels[name] = logger.level
            logger.setLevel(logging.CRITICAL + 1)
        _muted[name] += 1
    try:
        yield
    finally:
        with _mute_lock:
            _muted[name] -= 1
            if not _muted[name]:
                logger.setLevel(_levels[name])
