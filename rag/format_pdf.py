"""PDF files with a text layer, by pypdf."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from typing import Any

from rag.errors import DocumentError
from rag.raw import Raw, day_of, quiet, real_title, refuse_other_kinds, stated_only

PDF_DAMAGED = "The PDF is damaged or cut off: get it again, or open it and save it anew."
PDF_LOCKED = "The PDF is encrypted: save a copy without a password."
PDF_SCANNED = (
    "The PDF has no text, so it is probably a scan: run text recognition (OCR) on it first."
)


_LIGATURES = {
    ord(one): letters
    for one, letters in zip("ﬀﬁﬂﬃﬄﬅﬆ", "ff fi fl ffi ffl st st".split(), strict=True)
}
"""Signs for two or three letters, by which nobody searches."""
_EDGE = 2
"""Lines at the top and at the foot of a page that may be no part of its text."""
_PAGE_NUMBER = re.compile(r"\W*(?:[Pp]age )?#(?: ?(?:of|/) ?#)?\W*")
_DIVIDED = re.compile(r"\b([A-Za-z]*[a-z])[-‐\xad]\n([a-z]+)")
"""A word that a line end divides."""
_GOES_ON = re.compile(r"[a-z,][a-z]")
"""The last sign of a page and the first of the next one, where a sentence runs over the end."""


def read_pdf(data: bytes) -> Raw:
    """A PDF with a text layer: the pages' text as extracted, a blank line between them where no
    sentence goes on, without what stands at the top or the foot of several; ligatures are letters,
    and words that a line end divides are whole."""
    if b"%PDF-" not in data[:1024]:
        refuse_other_kinds(data, "a PDF")
        raise DocumentError("The file is not a PDF: give it the suffix of its real format.")
    # Rebuilding what is left of a file that was cut off would lose text without a word.
    if b"%%EOF" not in data.rstrip(b"\0 \t\r\n")[-1024:]:
        raise DocumentError(PDF_DAMAGED)
    from pypdf import PdfReader
    from pypdf.errors import DependencyError, FileNotDecryptedError, WrongPasswordError

    try:
        with quiet("pypdf"):
            reader = PdfReader(io.BytesIO(data), strict=False)
            if reader.is_encrypted and not reader.decrypt(""):
                raise DocumentError(PDF_LOCKED)
            pages = [page.extract_text().strip().translate(_LIGATURES) for page in reader.pages]
            title, created, author = _pdf_facts(reader)
    except DocumentError:
        raise
    except (DependencyError, FileNotDecryptedError, WrongPasswordError) as error:
        raise DocumentError(PDF_LOCKED) from error
    except Exception as error:  # on damaged bytes pypdf raises nearly anything there is
        raise DocumentError(PDF_DAMAGED) from error
    if not pages:
        raise DocumentError(PDF_DAMAGED)
    text = _joined(_without_heads(pages))
    if not text.strip("\0 \t\r\n\f"):
        raise DocumentError(PDF_SCANNED)
    return Raw(text, real_title(title), None, created, stated_only(author=author))


def _without_heads(pages: Sequence[str]) -> list[str]:
    """The pages without their numbers, and without lines at their edges that others have, too."""
    lines = [page.split("\n") for page in pages]
    edges = Counter(
        form for page in lines for form in {_form(line) for line in (*page[:_EDGE], *page[-_EDGE:])}
    )

    def is_head(line: str) -> bool:
        form = _form(line)
        often = form and edges[form] > max(1, len(pages) // 3)
        return bool(often or (len(pages) > 1 and _PAGE_NUMBER.fullmatch(form)))

    found = []
    for page in lines:
        begin, end = 0, len(page)
        while begin < min(_EDGE, end) and is_head(page[begin]):
            begin += 1
        while end > max(begin, len(page) - _EDGE) and is_head(page[end - 1]):
            end -= 1
        found.append("\n".join(page[begin:end]).strip())
    return found


def _form(line: str) -> str:
    """A line but for its numbers."""
    return re.sub(r"\d+", "#", " ".join(line.split()))


def _joined(pages: Sequence[str]) -> str:
    text = "".join(
        f"{page}\n" if _GOES_ON.match(f"{page[-1:]}{following[:1]}") else f"{page}\n\n"
        for page, following in pairwise([*pages, ""])
    ).strip("\n")

    def whole(match: re.Match[str]) -> str:
        # "Share-holders" may be written so elsewhere.
        word = f"{match[1]}-{match[2]}"
        return match.group() if word in text else f"{match[1]}{match[2]}"

    return _DIVIDED.sub(whole, text).replace("\xad", "")


def _pdf_facts(reader: Any) -> tuple[str, date | None, str]:
    facts = reader.metadata or {}
    # Not pypdf's own parser: a date's first half stands even where the time is malformed.
    created = str(facts.get("/CreationDate") or "").removeprefix("D:")
    return str(facts.get("/Title") or ""), day_of(created), str(facts.get("/Author") or "")
