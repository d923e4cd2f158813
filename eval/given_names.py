"""``python -m eval names``: which given names tell a man from a woman, for ``rag/speech``.

From nomquamgender (MIT; Van Buskirk, Clauset and Larremore 2023), which counts the bearers of
given names in 36 public sources of many countries; ``pip install 'sayso[names]'`` brings it.
"""

from __future__ import annotations

import json
from pathlib import Path

from eval.packaged import packaged_file
from rag.speech.given import FILE

_PACKAGE = "nomquamgender"
_SURE = 0.98
"""Share of a name's bearers who are of one gender, at least."""
_BEARERS = 300
_SOURCES = 8
"""Of the counts, at least: names that few have are as often a clerk's mistake."""


def run() -> int:
    """Write the names into ``rag/speech``; raises ``SaysoError`` where the package is missing."""
    found: dict[str, list[str]] = {"he": [], "she": [], "either": []}
    for name, (sources, bearers, women, _) in json.loads(_counts().read_text("utf-8")).items():
        if name.isascii() and name.isalpha() and sources >= _SOURCES and bearers >= _BEARERS:
            he, she = women <= 1 - _SURE, women >= _SURE
            found["she" if she else "he" if he else "either"].append(name)
    lines = {pronoun: " ".join(sorted(names)) for pronoun, names in found.items()}
    FILE.write_text(json.dumps(lines, indent=0) + "\n", "utf-8")
    count = ", ".join(f"{len(names)} {pronoun}" for pronoun, names in found.items())
    print(f"Written to {FILE.name}: {count}.")
    return 0


def _counts() -> Path:
    """The package's file; the package itself wants pandas to be read with."""
    return packaged_file(
        _PACKAGE,
        "name_data.json",
        "the counts of given names",
        "Install it: pip install 'sayso[names]'.",
    )
