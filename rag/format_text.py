"""Plain text and Markdown, and the encodings that they come in."""

from __future__ import annotations

import codecs
import re
from contextlib import suppress
from datetime import date
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.parser import HeaderParser
from email.utils import parsedate_to_datetime

from rag.dates import stated_day
from rag.errors import DocumentError
from rag.raw import Raw, day_of, refuse_other_kinds, stated_only

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

_HEAD = re.compile(r"\n*(?:From|To|Cc|Date|Sent|Subject): ")
_TOP = 4000
"""Characters in which the head of a letter stands."""
_COMMENT = re.compile(
    r"(?P<code>^ {0,3}(?P<fence>```+|~~~+).*?(?:^ {0,3}(?P=fence)|\Z)|`[^`\n]*`)"
    r"|^ {0,3}<!--.*?(?:-->|\Z)|<!--.*?-->|^ {0,3}\[[^\]\n]+\]:[ \t]*(?:#|<>)[ \t][^\n]*$",
    re.MULTILINE | re.DOTALL,
)
"""Code, in which a comment is a part of what is shown; or a comment of either form."""


def read_text(data: bytes) -> Raw:
    """Plain text: exactly the decoded file, line ends included, without a BOM. A letter's subject
    is its title."""
    refuse_other_kinds(data, "plain text")
    text = decode(data)
    head = _letter(text)
    return Raw(
        text,
        title=head.get("subject"),
        published=_day(head.get("date") or head.get("sent") or ""),
        metadata=stated_only(author=head.get("from")),
    )


def read_markdown(data: bytes) -> Raw:
    """Markdown: the text as it is, less the YAML front matter, which describes it, and less
    comments, which nobody sees who reads it as it is meant to be shown."""
    refuse_other_kinds(data, "Markdown")
    front, text = _front_matter(decode(data))
    text = _COMMENT.sub(lambda found: found["code"] or "", text)
    return Raw(
        text,
        title=front.get("title") or _heading(text),
        published=day_of(front.get("date")),
        metadata=stated_only(author=front.get("author")),
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


def _letter(text: str) -> dict[str, str]:
    """What the head of a letter states, by its fields in lower case; empty without one."""
    if not _HEAD.match(text):
        return {}
    fields = HeaderParser().parsestr(text[:_TOP].lstrip("\n"), headersonly=True)
    found = {name.lower(): _decoded(value) for name, value in fields.items()}
    is_one = "from" in found and not found.keys().isdisjoint(("subject", "date", "sent"))
    return found if is_one else {}


def _decoded(field: str) -> str:
    """A field on one line, its encoded words as they are meant ("=?utf-8?q?Caf=C3=A9?=")."""
    with suppress(HeaderParseError, LookupError, ValueError):  # an encoding that nobody knows
        field = str(make_header(decode_header(field)))
    return " ".join(field.split())


def _day(stated: str) -> date | None:
    """The day in a field, as programs write it ("Mon, 22 Jan 2024 08:15:00 +0000") or people do."""
    try:
        return parsedate_to_datetime(stated).date()
    except (ValueError, OverflowError):  # the latter for a zone of many digits
        return stated_day(re.sub(r",?\s+\d\d?:\d\d.*", "", stated))


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
    """The first ``# heading``, or line with "=" below it, that is no comment in a block of code."""
    fence = ""
    pattern = r"^ {0,3}(?:(```+|~~~+)|# +(\S.*)|(\S.*)\n {0,3}={3,}[ \t]*$)"
    for found in re.finditer(pattern, text, re.MULTILINE):
        mark, heading, underlined = found.groups()
        if underlined and not fence:
            return str(underlined)
        if heading and not fence:
            heading = heading.rstrip()
            bare = heading.rstrip("#")  # "# So #" closes itself, "# In C#" does not
            return bare if bare.endswith(" ") else heading
        if mark and not fence:
            fence = mark
        elif mark and mark.startswith(fence):
            fence = ""
    return None
