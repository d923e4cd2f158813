"""Word files (.docx), by python-docx."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import datetime
from typing import Any

from rag.errors import DocumentError
from rag.raw import OLE, Raw, real_title, refuse_other_kinds, stated_only

DOCX_DAMAGED = "The Word file is damaged or cut off: get it again, or open it and save it anew."
LARGEST_UNPACKED = 500_000_000
"""Bytes that a .docx may unpack to; more is taken for an attack on the memory."""
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
NOT_SHOWN = frozenset(
    {
        f"{WORD}del",  # deleted or moved away, with the change tracked
        f"{WORD}moveFrom",
        "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",  # said twice
    }
)
TEXTS = frozenset({f"{WORD}t", "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"})
MARKS = {f"{WORD}tab": "\t", f"{WORD}br": "\n", f"{WORD}cr": "\n", f"{WORD}noBreakHyphen": "-"}
TEMPLATE_CREATED = datetime(2013, 12, 23, 23, 15)
"""What python-docx writes into every file that it makes, unless told otherwise."""


def read_docx(data: bytes) -> Raw:
    """A Word file: paragraphs and tables in order, then notes; no headers or footers."""
    if not data.startswith(b"PK\x03\x04"):
        if OLE in data[:8] and "EncryptedPackage".encode("utf-16-le") in data:
            raise DocumentError("The Word file is encrypted: save a copy without a password.")
        refuse_other_kinds(data, "a Word file")
        raise DocumentError("The file is not a Word file: give it the suffix of its real format.")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
    except Exception as error:  # besides BadZipFile: struct.error, OverflowError, …
        raise DocumentError(DOCX_DAMAGED) from error
    if sum(member.file_size for member in members) > LARGEST_UNPACKED:
        raise DocumentError(
            f"The Word file unpacks to over {LARGEST_UNPACKED // 1_000_000} MB: "
            "save it without its pictures, or split it."
        )
    if not any(member.filename.startswith("word/") for member in members):
        raise DocumentError(
            "The file is a ZIP archive or another Office file, not a Word file: "
            "unpack it, or save it as PDF."
        )
    import docx
    from docx.oxml import parse_xml

    try:
        document = docx.Document(io.BytesIO(data))
        notes = (
            parse_xml(relation.target_part.blob)
            for relation in document.part.rels.values()
            if relation.reltype.endswith(("/footnotes", "/endnotes")) and not relation.is_external
        )
        blocks = [_word_text(part) for part in (document.element, *notes)]
        facts = document.core_properties
        title, author, created = facts.title, facts.author, facts.created
    except Exception as error:  # on damaged bytes python-docx raises nearly anything there is
        raise DocumentError(DOCX_DAMAGED) from error
    real = created and created.replace(tzinfo=None) != TEMPLATE_CREATED
    return Raw(
        "\n\n".join(filter(None, blocks)),
        title=real_title(title),
        created=created.date() if created and real else None,
        metadata=stated_only(author=author if author != "python-docx" else None),
    )


def _is_hidden(node: Any) -> bool:
    """Whether it is a run of text that is formatted to be hidden."""
    mark = node.find(f"{WORD}rPr/{WORD}vanish") if node.tag == f"{WORD}r" else None
    return mark is not None and mark.get(f"{WORD}val") not in ("0", "false", "off")


def _word_text(part: Any) -> str:
    """All text below ``part``, a blank line between paragraphs, a table's row in a line."""
    # python-docx's own paragraphs leave out content controls, tracked insertions and text
    # boxes, and give a merged cell once for every cell that it covers.
    from lxml import etree

    pieces: list[str] = []
    tables = 0
    walk = etree.iterwalk(part, events=("start", "end"))
    for event, node in walk:
        starts = event == "start"
        if starts and (node.tag in NOT_SHOWN or _is_hidden(node)):
            walk.skip_subtree()
        elif starts and node.tag in TEXTS:
            pieces.append(node.text or "")
        elif starts and node.tag in MARKS:
            pieces.append(" " if tables else MARKS[node.tag])
        elif node.tag == f"{WORD}tbl":
            tables += 1 if starts else -1
            pieces.append("\n\n")
        elif node.tag in (f"{WORD}p", f"{WORD}txbxContent"):
            pieces.append(" " if tables else "\n\n")
        elif starts and node.tag == f"{WORD}tc" and pieces[-1] != "\n":
            pieces.append(" | ")
        elif starts and node.tag == f"{WORD}tr":
            pieces.append("\n")
    lines = (re.sub(" {2,}", " ", line).strip() for line in "".join(pieces).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
