"""One function per file format, from bytes to ``Raw``; ``READERS`` says which is whose.

A further format is one more function and one more line in ``READERS``. The libraries
are imported where they are used, so that importing this module costs nothing.
"""

from __future__ import annotations

import codecs
import io
import json
import logging
import re
import threading
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from rag.errors import DocumentError


@dataclass(frozen=True, slots=True)
class Raw:
    """What a file says, before ``rag.load`` checks it and fills the gaps."""

    text: str
    title: str | None = None
    """As the file states it; None where it states none."""
    published: date | None = None
    """As the file states it: never guessed, never the file's own date."""
    metadata: dict[str, str] = field(default_factory=dict)


Reader = Callable[[bytes], Raw]
"""Raises ``DocumentError`` for bytes that are not of its format, or damaged."""


# --- Text -------------------------------------------------------------------------------

NOT_TEXT = "The file is not text but binary data: give it the suffix of its real format."
BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # begins as the one for UTF-16 does, so comes first
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
CONTROLS = re.compile("[\0-\x08\x0e-\x19\x1c-\x1f\x7f-\x84\x86-\x9f]")
MOST_CONTROLS = 0.02
"""Share of control characters above which data is not text."""
WESTERN = frozenset(
    "àâäáãåæçéèêëíìîïñóòôöõøœúùûüÀÂÄÁÃÅÆÇÉÈÊËÍÌÎÏÑÓÒÔÖÕØŒÚÙÛÜßÿªº"
    "‘’‚“”„‹›«»–—…•·¡¿€£¥¢§©®™°±×÷¼½¾²µ¶\xa0\xad"
)
NEVER_DECLARED = ("utf-16", "utf-32", "utf-7", "unicode", "raw", "idna", "punycode")
"""An ASCII declaration cannot be in the first two; the others are not for pages."""
AS_BROWSERS_DO = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}


def read_text(data: bytes) -> Raw:
    """Plain text: exactly the decoded file, line ends included, without a BOM."""
    _refuse_other_kinds(data, "plain text")
    return Raw(decode(data))


def read_markdown(data: bytes) -> Raw:
    """Markdown: the text as it is, less the YAML front matter, which describes it."""
    _refuse_other_kinds(data, "Markdown")
    front, text = _front_matter(decode(data))
    return Raw(
        text,
        title=front.get("title") or _heading(text),
        published=_day(front.get("date")),
        metadata=_metadata(author=front.get("author")),
    )


def decode(data: bytes, declared: str | None = None) -> str:
    """``data`` as text without BOM, NUL and lone surrogates.

    A BOM decides, else UTF-8 is taken if it fits, then the encoding that the file
    ``declared``, then the likeliest one. Raises ``DocumentError`` where none gives text.
    """
    for bom, encoding in BOMS:
        if data.startswith(bom):
            return _decode_as(encoding, data[len(bom) :])
    controls = CONTROLS.findall(data.decode("ascii", "ignore"))
    if b"\0" in data or len(controls) > MOST_CONTROLS * len(data):
        raise DocumentError(NOT_TEXT)
    named = _codec(declared)
    text = _try(named, data) if named else None
    # These two are ASCII bytes throughout, so that UTF-8 always fits, and never is right.
    if text is not None and named and named.startswith(("iso2022", "hz")):
        return text
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        broken_at = error.start
    if text is not None:
        return text
    as_utf8 = data.decode("utf-8", "replace")
    broken = as_utf8.count("\ufffd")
    if len(as_utf8) - len(as_utf8.encode("ascii", "ignore")) > 5 * broken:
        raise DocumentError(
            f"The text is UTF-8, but damaged at byte {broken_at}: save it again as UTF-8."
        )
    text = _guess(data)
    if text is None:
        raise DocumentError("The text's encoding is unknown: save the file as UTF-8.")
    return text


def _guess(data: bytes) -> str | None:
    # The detector takes French for Baltic and English with a few curly quotes for Chinese.
    # So: nothing but the accents of Western Europe, and no row of them, is Western Europe.
    western = _try("cp1252", data)
    if (
        western is not None
        and not re.search(rb"[\x80-\xff]{4}", data)
        and WESTERN.issuperset(char for char in set(western) if char > "\x7f")
    ):
        return western
    from charset_normalizer import from_bytes

    best = from_bytes(data).best()
    text = _try(best.encoding, data) if best else None
    mostly_ascii = 2 * len(data.decode("ascii", "ignore")) > len(data)
    return text or (western if mostly_ascii else None)


def _try(encoding: str, data: bytes) -> str | None:
    try:
        text = data.decode(encoding)
        text.encode("utf-8")  # some codecs give lone surrogates
    except (UnicodeError, LookupError):
        return None
    if "\0" in text or len(CONTROLS.findall(text)) > MOST_CONTROLS * len(text):
        return None
    return text


def _decode_as(encoding: str, data: bytes) -> str:
    text = _try(encoding, data)
    if text is None:
        raise DocumentError(
            f"The text says that it is {encoding.upper()}, but is not: save it again as UTF-8."
        )
    return text


def _codec(label: str | None) -> str | None:
    """Python's name for what browsers take the encoding ``label`` to mean."""
    try:
        name = codecs.lookup(label or "").name
    except LookupError:
        return None
    return None if name.startswith(NEVER_DECLARED) else AS_BROWSERS_DO.get(name, name)


def _front_matter(text: str) -> tuple[dict[str, str], str]:
    """The front matter's plain entries, and the text after it."""
    # Bounded, so that a rule in the first line does not send a whole book through YAML.
    match = re.match(
        r"---[ \t]*\r?\n(.{0,20000}?\n)??(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", text, re.DOTALL
    )
    if not match:
        return {}, text
    import yaml

    try:
        # The loader that makes strings of everything: dates then have one parser, and
        # merge keys, with which safe_load can be made to fill the memory, mean nothing.
        found = yaml.load(match[1] or "", Loader=yaml.BaseLoader)
    except Exception:  # not YAML, in whichever way: so it is text between rules
        return {}, text
    if not isinstance(found, dict):
        return {}, text
    plain: dict[str, str] = {}
    for key, value in found.items():
        values = value if isinstance(value, list) else [value]
        if isinstance(key, str) and all(isinstance(part, str) for part in values):
            plain[key.lower()] = ", ".join(part for part in values if part not in ("~", "null"))
    return plain, text[match.end() :]


def _heading(text: str) -> str | None:
    """The first ``# heading`` that is not a comment in a block of code."""
    fence = ""
    for found in re.finditer(r"^ {0,3}(?:(```+|~~~+)|# +(\S.*))", text, re.MULTILINE):
        mark, heading = found.groups()
        if heading and not fence:
            heading = heading.rstrip()
            bare = heading.rstrip("#")  # "# So #" closes itself, "# In C#" does not
            return bare if bare.endswith(" ") else heading
        if mark and not fence:
            fence = mark
        elif mark and mark.startswith(fence):
            fence = ""
    return None


# --- HTML -------------------------------------------------------------------------------

HIDDEN = frozenset({"head", "script", "style", "template", "noscript", "svg", "iframe", "title"})
FURNITURE = frozenset({"nav", "header", "footer", "aside", "form", "button", "dialog"})
BLOCKS = frozenset(
    """address article aside blockquote body caption center details dialog div dl fieldset
    figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr legend main nav ol p pre section
    summary table tbody tfoot thead ul""".split()
)
LINES = frozenset({"br", "dd", "dt", "li", "option", "tr"})
SMALL_PAGE = 1000
"""Of a page of fewer characters all is taken that it shows: none of it can be spared."""
LARGE_PAGE = 1_000_000
"""Of a page of more, too: it is a book, and trafilatura would take many seconds over it."""
DATE_NAMES = (
    "article:published_time",
    "datepublished",
    "citation_publication_date",
    "citation_date",
    "dcterms.issued",
    "dc.date.issued",
    "dcterms.date",
    "dcterms.created",
    "dc.date",
    "parsely-pub-date",
    "pubdate",
    "publishdate",
    "publish-date",
    "date",
)


def read_html(data: bytes) -> Raw:
    """A web page: its main text, or all that it shows where that would lose much."""
    _refuse_other_kinds(data, "an HTML page", allowed="an HTML page")
    from lxml import html

    head = data[:4096]
    label = re.search(
        rb"""<meta\b[^>]*?\bcharset\s*=\s*["']?\s*([\w.:-]+)""", head, re.IGNORECASE
    ) or (re.match(rb"""\s*<\?xml\b[^>]*?\bencoding\s*=\s*["']([\w.:-]+)""", head))
    page = decode(data, label[1].decode("ascii") if label else None)
    # huge_tree, as libxml2 else drops what is deeply nested, and says nothing
    parser = html.HTMLParser(
        encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True
    )
    try:
        root = html.document_fromstring(page.encode("utf-8"), parser=parser)
    except Exception as error:  # for an empty page lxml raises any of several
        raise DocumentError("The page holds no text: save it again from the browser.") from error
    if parser.error_log.filter_from_fatals():  # then the parser stopped, and kept quiet
        raise DocumentError("The page is nested too deeply to be read: save it as plain text.")
    stated = _page_facts(root)
    title = stated.get("og:title") or stated.get("headline") or root.findtext(".//title")
    days = (_day(stated.get(name)) for name in DATE_NAMES)
    return Raw(
        _page_text(root),
        title=_real_title(title),
        published=next(filter(None, days), None) or _time_element(root),
        metadata=_metadata(author=stated.get("author")),
    )


def _page_text(root: Any) -> str:
    body = root.find("body")
    body = root if body is None else body
    shown = _visible_text(body, HIDDEN)
    if not SMALL_PAGE <= len(shown) <= LARGE_PAGE:
        return shown
    import trafilatura

    try:
        with _quiet("trafilatura"):
            main = trafilatura.extract(
                root, favor_recall=True, include_comments=False, include_tables=True
            )
    except Exception:  # a bug there must not cost the page: what it shows is text
        return shown
    # What trafilatura leaves out is menus and the like, or a page that it misunderstood.
    # Hardly anything left out is not worth the risk; most of the content is the latter.
    kept = _letters(main or "")
    content = _letters(_visible_text(body, HIDDEN | FURNITURE))
    return main if main and kept > content / 2 and kept < 0.9 * _letters(shown) else shown


def _letters(text: str) -> int:
    return sum(map(str.isalnum, text))


def _visible_text(body: Any, skipped: frozenset[str]) -> str:
    """All text below ``body``: a blank line between blocks, " | " between a row's cells."""
    from lxml import etree

    pieces: list[str] = []
    preformatted = 0
    walk = etree.iterwalk(body, events=("start", "end"))  # recursion would end in deep pages
    for event, node in walk:
        starts = event == "start"
        if node.tag in BLOCKS:
            pieces.append("\n\n")
        elif starts and node.tag in LINES:
            pieces.append("\n")
        if node.tag == "pre":
            preformatted += 1 if starts else -1
        if starts and node.tag in skipped:
            walk.skip_subtree()
            continue
        if starts and node.tag in ("td", "th") and node.getprevious() is not None:
            pieces.append(" | ")
        text = node.text if starts else node.tail if node is not body else None
        if text:
            pieces.append(text if preformatted else re.sub(r"\s+", " ", text))
    lines = (" ".join(line.split()) for line in "".join(pieces).splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _page_facts(root: Any) -> dict[str, str]:
    """What the page's ``meta`` elements and JSON-LD state, by name in lower case."""
    stated: dict[str, str] = {}

    def note(name: object, value: object) -> None:
        if isinstance(name, str) and isinstance(value, str) and value.strip():
            stated.setdefault(name.strip().lower(), value)

    for meta in root.iter("meta"):
        for key in ("property", "name", "itemprop"):
            note(meta.get(key), meta.get("content"))
    for script in root.iter("script"):
        if (script.get("type") or "").strip().lower() != "application/ld+json":
            continue
        try:
            found = json.loads(script.text or "", strict=False)
        except (ValueError, RecursionError):  # not JSON after all
            continue
        for item in _objects(found):
            note("headline", item.get("headline"))
            note("datePublished", item.get("datePublished"))
            for author in _objects(item.get("author")):
                note("author", author.get("name"))
    return stated


def _objects(found: object) -> Iterator[dict[str, Any]]:
    """The objects of JSON-LD that are about the page: those at the top, or in a graph."""
    for item in found if isinstance(found, list) else [found]:
        if isinstance(item, dict):
            yield item
            graph = item.get("@graph")
            parts = graph if isinstance(graph, list) else []
            yield from (part for part in parts if isinstance(part, dict))


def _time_element(root: Any) -> date | None:
    """The day that the page marks as its own, or the only one that it mentions."""
    days = []
    for node in root.iter("time"):
        day = _day(node.get("datetime"))
        if day and (node.get("pubdate") is not None or node.get("itemprop") == "datePublished"):
            return day
        if day and not any(
            outer.tag in ("nav", "aside", "footer") for outer in node.iterancestors()
        ):
            days.append(day)
    return days[0] if len(set(days)) == 1 else None


# --- PDF --------------------------------------------------------------------------------

PDF_DAMAGED = "The PDF is damaged or cut off: get it again, or open it and save it anew."
PDF_LOCKED = "The PDF is encrypted: save a copy without a password."
PDF_SCANNED = (
    "The PDF has no text, so it is probably a scan: run text recognition (OCR) on it first."
)


def read_pdf(data: bytes) -> Raw:
    """A PDF with a text layer: the pages' text as extracted, a blank line between them."""
    if b"%PDF-" not in data[:1024]:
        _refuse_other_kinds(data, "a PDF")
        raise DocumentError("The file is not a PDF: give it the suffix of its real format.")
    # Rebuilding what is left of a file that was cut off would lose text without a word.
    if b"%%EOF" not in data.rstrip(b"\0 \t\r\n")[-1024:]:
        raise DocumentError(PDF_DAMAGED)
    from pypdf import PdfReader
    from pypdf.errors import DependencyError, FileNotDecryptedError, WrongPasswordError

    try:
        with _quiet("pypdf"):
            reader = PdfReader(io.BytesIO(data), strict=False)
            if reader.is_encrypted and not reader.decrypt(""):
                raise DocumentError(PDF_LOCKED)
            pages = [page.extract_text().strip() for page in reader.pages]
            title, published, author = _pdf_facts(reader)
    except DocumentError:
        raise
    except (DependencyError, FileNotDecryptedError, WrongPasswordError) as error:
        raise DocumentError(PDF_LOCKED) from error
    except Exception as error:  # on damaged bytes pypdf raises nearly anything there is
        raise DocumentError(PDF_DAMAGED) from error
    if not pages:
        raise DocumentError(PDF_DAMAGED)
    text = "\n\n".join(pages)
    if not text.strip("\0 \t\r\n\f"):
        raise DocumentError(PDF_SCANNED)
    return Raw(text, _real_title(title), published, _metadata(author=author))


def _pdf_facts(reader: Any) -> tuple[str, date | None, str]:
    facts = reader.metadata or {}
    # Not pypdf's own parser: a date's first half stands even where the time is malformed.
    created = str(facts.get("/CreationDate") or "").removeprefix("D:")
    return str(facts.get("/Title") or ""), _day(created), str(facts.get("/Author") or "")


# --- Word -------------------------------------------------------------------------------

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
        _refuse_other_kinds(data, "a Word file")
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
        title=_real_title(title),
        published=created.date() if created and real else None,
        metadata=_metadata(author=author if author != "python-docx" else None),
    )


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
        if starts and node.tag in NOT_SHOWN:
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


# --- What all of them need --------------------------------------------------------------

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


def _refuse_other_kinds(data: bytes, expected: str, allowed: str = "") -> None:
    """Raises ``DocumentError`` where the first bytes show another kind than expected."""
    start = data.removeprefix(codecs.BOM_UTF8)[:1024].lstrip()
    for magic, kind, remedy in KINDS:
        if kind == allowed or not start.lower().startswith(magic.lower()):
            continue
        if magic == b"GIF8" and b"\0" not in start:  # a text about the format begins so, too
            continue
        raise DocumentError(f"The file is {kind}, not {expected}: {remedy}.")


def _real_title(title: str | None) -> str | None:
    """``title``, unless a program wrote it that did not know one."""
    words = " ".join((title or "").replace("\0", "").split())
    junk = r"(untitled.*|document ?\d*|word document|powerpoint presentation|.*\.[a-z]{2,4}x?)"
    program = r"microsoft (word|powerpoint|excel) - .*"
    return None if not words or re.fullmatch(f"{junk}|{program}", words, re.IGNORECASE) else words


def _day(stated: object) -> date | None:
    """The day that an ISO 8601 date, or one as 2025/06/27 or 20250627…, begins with."""
    match = re.match(r"\s*([0-9]{4})([-/]?)([0-9]{2})\2([0-9]{2})", str(stated or ""))
    try:
        return date(int(match[1]), int(match[3]), int(match[4])) if match else None
    except ValueError:  # there is no 31 June
        return None


def _metadata(**stated: str | None) -> dict[str, str]:
    return {key: value for key, value in stated.items() if value}


_muted: Counter[str] = Counter()
_levels: dict[str, int] = {}
_mute_lock = threading.Lock()


@contextmanager
def _quiet(name: str) -> Iterator[None]:
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


READERS: Mapping[str, Reader] = {
    ".txt": read_text,
    ".text": read_text,
    ".md": read_markdown,
    ".markdown": read_markdown,
    ".html": read_html,
    ".htm": read_html,
    ".pdf": read_pdf,
    ".docx": read_docx,
}
"""Suffix, in lower case and with its dot, to the function that reads such files."""
