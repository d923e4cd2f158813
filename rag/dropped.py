"""Files that are dropped into the page: they lie beside the index, not in the documents' folder,
and stay until they are removed."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Sequence
from pathlib import Path

from rag.errors import DocumentError
from rag.load import load
from rag.types import Skipped

DROPPED = ".dropped/"
"""What the paths of dropped-in files begin with; no path in a documents' folder can,
as hidden files are left out."""


class DroppedIn:
    """Those of one index. Safe to use from several threads."""

    def __init__(self, folder: Path, documents: Path, max_file_mb: float) -> None:
        """``folder`` is theirs, ``documents`` the one whose files nobody may remove here."""
        self.folder = folder
        self._documents = documents
        self._max_file_mb = max_file_mb
        self._changing = threading.Lock()

    def add(self, files: Sequence[Path]) -> list[Skipped]:
        """Copy them in; those that cannot be read are not kept, and come back with the reason.

        A name that is taken by other content gets a number.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        refused = []
        for file in files:
            try:
                load(file.parent, file.name, max_file_mb=self._max_file_mb)
            except DocumentError as error:
                refused.append(Skipped(file.name, str(error)))
                continue
            if file.name.startswith((".", "~$")):
                refused.append(Skipped(file.name, "The file is hidden: rename it."))
                continue
            try:
                with self._changing:
                    self._keep(file)
            except OSError as error:
                refused.append(Skipped(file.name, f"The file cannot be kept ({error.strerror})."))
        return refused

    def _keep(self, file: Path) -> None:
        content = file.read_bytes()
        target, number = self.folder / file.name, 1
        while target.exists() and target.read_bytes() != content:
            number += 1
            target = self.folder / f"{file.stem} ({number}){file.suffix}"
        partial = self.folder / f".{secrets.token_hex(8)}"
        partial.write_bytes(content)
        partial.replace(target)

    def remove(self, path: str) -> None:
        """Remove the file of that path, which begins with ``DROPPED``.

        Raises ``DocumentError`` for one that is not there, or was not dropped in.
        """
        name = path.removeprefix(DROPPED)
        file = self.folder / name
        with self._changing:
            if name == path or Path(name).name != name or not _is_file(file):
                raise DocumentError(
                    f"'{path}' is not a dropped-in file. Files of {self._documents} are removed "
                    "by deleting them there."
                )
            file.unlink()


def _is_file(file: Path) -> bool:
    try:
        return file.is_file()
    except OSError:  # a name longer than the system allows
        return False
