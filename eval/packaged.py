"""Files that a package of an extra brings."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from rag.errors import SaysoError


def packaged_file(package: str, part: str, holds: str, remedy: str) -> Path:
    """The package's first file with ``part`` in its name.

    Raises ``SaysoError``, with what it ``holds`` and the ``remedy``, where it is not installed.
    """
    try:
        files = distribution(package).files or ()
    except PackageNotFoundError as error:
        raise SaysoError(
            f"The package {package} is not installed, which holds {holds}. {remedy}"
        ) from error
    return Path(str(next(file for file in files if part in file.name).locate()))
