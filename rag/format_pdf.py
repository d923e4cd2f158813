"""PDF files with a text layer, by pypdf."""

from __future__ import annotations

import io
import re
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
_GOES_ON = re.compile(r"[a-z,][a-z]")
"""The last sign of a page and the first of the next one, where a sentence runs over the end."""


def read_pdf(data: bytes) -> Raw:
    """A PDF with a text layer: the pages' text as extracted, its ligatures as letters, and a blank
    line between pages where no sentence goes on."""
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
    text = "".join(
        f"{page}\n" if _GOES_ON.match(f"{page[-1:]}{following[:1]}") else f"{page}\n\n"
        for page, following in pairwise([*pages, ""])
    ).strip("\n")
    if not text.strip("\0 \t\r\n\f"):
        raise DocumentError(PDF_SCANNED)
    return Raw(text, real_title(title), None, created, stated_only(author=author))


def _pdf_facts(reader: Any) -> tuple[str, date | None, str]:
    facts = reader.metadata or {}
    # Not pypdf's own parser: a date's first half stands even where the time is malformed.
    created = str(facts.get("/CreationDate") or "").removeprefix("D:")
    return str(facts.get("/Title") or ""), day_of(created), str(facts.get("/Author") or "")
