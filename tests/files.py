"""Real files for tests, made in memory: a PDF by hand, Word and HTML files."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime


def make_pdf(
    pages: Sequence[str],
    *,
    title: str = "",
    author: str = "",
    created: str = "",
    password: str | None = None,
    encoding: str = "/WinAnsiEncoding",
) -> bytes:
    """A PDF with one line of text per line of a page; an empty page has no text at all.

    ``created`` is as PDFs have it, ``D:20250627101500``. A ``password``, "" included,
    encrypts the file with RC4.
    ``encoding`` is the font's, as a PDF writes it.
    """
    count = len(pages)
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(count))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {count} >>",
        f"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding {encoding} >>",
    ]
    for number, page in enumerate(pages):
        lines = [f"({_escaped(line)}) Tj 0 -16 Td" for line in page.splitlines()]
        content = "\n".join(["BT /F1 12 Tf 72 720 Td", *lines, "ET"]) if lines else ""
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {5 + 2 * number} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>"
        )
        objects.append(f"<< /Length {len(content)} >>\nstream\n{content}\nendstream")
    facts = {"Title": title, "Author": author, "CreationDate": created}
    stated = " ".join(f"/{key} ({_escaped(value)})" for key, value in facts.items() if value)
    objects.append(f"<< {stated} >>")

    out = bytearray(b"%PDF-1.4\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode("cp1252")
    table = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += (
        f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R /Info {len(objects)} 0 R >>\n".encode()
    )
    out += f"startxref\n{table}\n%%EOF\n".encode()
    return bytes(out) if password is None else _encrypted(bytes(out), password)


def make_docx(
    blocks: Sequence[str | Sequence[Sequence[str]]],
    *,
    title: str = "",
    author: str = "",
    created: datetime | None = None,
    header: str = "",
) -> bytes:
    """A Word file: a string is a paragraph, a list of rows is a table.

    Without ``author`` and ``created`` it has those of python-docx's template.
    """
    import docx

    document = docx.Document()
    for block in blocks:
        if isinstance(block, str):
            document.add_paragraph(block)
            continue
        table = document.add_table(rows=len(block), cols=len(block[0]))
        for row, texts in zip(table.rows, block, strict=True):
            for cell, text in zip(row.cells, texts, strict=True):
                cell.text = text
    if header:
        document.sections[0].header.paragraphs[0].text = header
    facts = document.core_properties
    facts.title = title
    facts.author = author or facts.author
    facts.created = created or facts.created
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def make_html(body: str, *, head: str = "", encoding: str = "utf-8") -> bytes:
    """A page in ``encoding``, which it does not declare unless ``head`` does."""
    page = f"<!DOCTYPE html>\n<html><head>{head}</head>\n<body>{body}</body></html>\n"
    return page.encode(encoding)


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def _encrypted(pdf: bytes, password: str) -> bytes:
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf)))
    writer.encrypt(user_password=password, owner_password="owner", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()
