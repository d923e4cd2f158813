"""Files to ``Document``s: which files there are, and what one of them says.

``find_files`` lists a folder, ``load`` reads one of its files, and ``parse`` does the
same for bytes in hand. A further format is one
function in a module like ``rag/format_pdf.py`` and one line in ``READERS``. Whatever a
file holds, the outcome is a ``Document`` or a ``DocumentError`` that says why not.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Mapping
from itertools import islice
from pathlib import Path, PurePosixPath

from rag.dates import stated_day
from rag.errors import DocumentError, DocumentsNotFound
from rag.format_docx import read_docx
from rag.format_html import read_html
from rag.format_pdf import read_pdf
from rag.format_text import read_markdown, read_text
from rag.planted import is_planted
from rag.raw import Raw, Reader
from rag.types import Document

__all__ = ["READERS", "Raw", "Reader", "find_files", "load", "parse", "read_bytes", "shown"]

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

MEGABYTE = 1_000_000
LONGEST_TITLE = 100
"""Characters. A longer title, or whatever else is stated, is shortened to this."""

UNTITLED = "Untitled"
"""Where whatever could be the title addresses an assistant; see ``rag/planted.py``."""

_TOP = 4000
"""Characters among which a title is looked for."""
_TITLE_LINES = 4
_KIND = re.compile(
    r"(?:(?:press|news|media) (?:release|statement|notice)|for immediate release|embargoed\b.*"
    r"|(?:strictly |private and )?confidential|draft"
    r"|(?!.* (?:of|for|by|with|to|at|in) )(?:\S+ ){1,4}(?:plc|ltd|limited|llp|inc|corp|gmbh)\.?)"
    r"[\s:*_]*",
    re.IGNORECASE,
)

UNLISTED = "The folder cannot be listed: check its permissions and its disk, then sync again."
GONE = "The file is no longer there: put it back, or sync again to drop it."


def find_files(root: Path) -> list[str]:
    """POSIX paths, relative to ``root``, of all files below it, sorted.

    Files of unknown formats are among them, so that ``load`` can say so; a folder that
    cannot be listed is, too. Left out are hidden files and folders (``.name``), Office's
    lock files (``~$name``), and symbolic links to folders or to anything outside
    ``root``. A name that is not valid Unicode comes as Python's ``surrogateescape``
    renders it: ``load`` refuses it, and ``shown`` makes it fit to print.

    Raises ``DocumentsNotFound`` when ``root`` is not a folder that can be listed.
    """
    top = root.resolve()
    found: list[str] = []
    folders = [""]
    while folders:
        folder = folders.pop()
        try:
            with os.scandir(top / folder) as listing:
                entries = list(listing)
        except OSError as error:
            if not folder:
                raise DocumentsNotFound(
                    f"{root} cannot be listed ({error.strerror}). Name a folder of documents."
                ) from error
            found.append(folder)
            continue
        for entry in entries:
            if entry.name.startswith((".", "~$")):
                continue
            path = f"{folder}/{entry.name}" if folder else entry.name
            # Linked folders are not entered: inside the root their files are found where
            # they really are, and so no cycle of links can catch us.
            if entry.is_dir(follow_symlinks=False):
                folders.append(path)
            elif _is_file_inside(entry, top):
                found.append(path)
    return sorted(found)


def load(root: Path, path: str, *, max_file_mb: float) -> Document:
    """The document at ``path``, which is POSIX and relative to ``root``.

    Raises ``DocumentError``, without the path in its message, when the file cannot be
    read, lies outside ``root``, holds more than ``max_file_mb`` megabytes (of a million
    bytes), or ``parse`` refuses it.
    """
    require_known(path)
    return parse(read_bytes(root, path, max_file_mb=max_file_mb), path)


def parse(data: bytes, path: str) -> Document:
    """The document that ``data``, the bytes of the file at ``path``, holds.

    The format follows from the suffix of ``path``, which is not opened. Raises
    ``DocumentError`` when ``data`` is empty, damaged, encrypted, without text, or not
    what the suffix says.
    """
    reader = require_known(path)
    if not data:
        raise DocumentError("The file is empty: put text into it, or delete it.")
    raw = reader(data)
    text = _clean(raw.text)
    if not text.strip():
        raise DocumentError("The file holds no text: put text into it, or delete it.")
    # Both are stored with every passage: a heading that is a whole book must not be.
    stated = _shortened(_one_line(raw.title or ""))
    metadata = {key: _shortened(_one_line(value)) for key, value in raw.metadata.items()}
    return Document(
        id=hashlib.sha256(text.encode("utf-8")).hexdigest(),
        path=path,
        title=next(filter(_is_fair, (stated, _first_line(text), _readable(path))), UNTITLED),
        text=text,
        published=raw.published or stated_day(text) or raw.created,
        metadata={key: value for key, value in metadata.items() if value},
        paths=(path,),
    )


def shown(path: str) -> str:
    """``path`` fit to print: bytes that are not valid Unicode become question marks."""
    return path.encode("utf-8", "replace").decode("utf-8")


def _is_file_inside(entry: os.DirEntry[str], top: Path) -> bool:
    try:
        if not entry.is_file():
            return False
        return not entry.is_symlink() or Path(entry.path).resolve().is_relative_to(top)
    except (OSError, RuntimeError):  # a link to itself; Python before 3.13 raises the latter
        return False


def require_known(path: str) -> Reader:
    """The function that reads such files; raises ``DocumentError`` where none does."""
    if shown(path) != path:
        raise DocumentError("The file's name is not valid Unicode: rename the file.")
    suffix = PurePosixPath(path).suffix.lower()
    if suffix not in READERS:
        what = f"unknown format {suffix}" if suffix else "no suffix that tells its format"
        raise DocumentError(
            f"The file has {what}: convert it to one of the supported ones, "
            f"which are {', '.join(READERS)}."
        )
    return READERS[suffix]


def read_bytes(root: Path, path: str, *, max_file_mb: float) -> bytes:
    """The bytes of the file at ``path`` below ``root``; raises as ``load`` does."""
    try:
        file = (root / path).resolve()
        if not file.is_relative_to(root.resolve()):
            raise DocumentError(
                "The file lies outside the documents' folder: copy it into the folder."
            )
        found = file.stat()
        if not stat.S_ISREG(found.st_mode):  # opening a pipe would wait for ever
            raise DocumentError("This is not a file but a folder or device: rename or remove it.")
        limit = int(max_file_mb * MEGABYTE)
        with file.open("rb") as stream:
            data = stream.read(limit + 1)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise DocumentError(GONE) from error
    except (OSError, RuntimeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "its path is not usable"
        raise DocumentError(
            f"The file cannot be read ({reason}): check its permissions and its disk."
        ) from error
    if len(data) > limit:
        raise DocumentError(
            f"The file is too large, {found.st_size / MEGABYTE:.1f} MB where at most "
            f"{max_file_mb:g} MB are read: split it, or raise max_file_mb."
        )
    return data


def _clean(text: str) -> str:
    """Without NUL, which SQLite ends a text at, and surrogates, which UTF-8 cannot hold."""
    joined = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return joined.replace("\0", "")


def _one_line(text: str) -> str:
    return " ".join(_clean(text).split())


def _is_fair(title: str) -> bool:
    return bool(title) and not is_planted(title)


def _first_line(text: str) -> str:
    """The first line that says something, shortened between words to fit a title.

    Not a letterhead or the kind of document, where anything else stands at the top.
    """
    lines = (_one_line(line) for line in text[:_TOP].splitlines() if any(map(str.isalnum, line)))
    top = [*islice(lines, _TITLE_LINES)]
    return _shortened(next((line for line in top if not _is_head(line)), "".join(top[:1])))


def _shortened(title: str) -> str:
    if len(title) <= LONGEST_TITLE:
        return title
    kept, _, _ = title[:LONGEST_TITLE].rpartition(" ")
    return (kept or title[:LONGEST_TITLE]) + " …"


def _is_head(line: str) -> bool:
    return bool(_KIND.fullmatch(line)) or (len(line) < 40 and stated_day(line) is not None)


def _readable(path: str) -> str:
    name = PurePosixPath(path)
    return _one_line(name.stem.replace("_", " ").replace("-", " ")) or name.name
