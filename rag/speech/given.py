"""Whether a given name is a man's or a woman's, where nearly all who bear it are.

``given_names.json`` holds 12,000 names of many countries; ``python -m eval names`` makes it.
"""

from __future__ import annotations

import json
import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import Literal

Gender = Literal["he", "she", ""]

FILE = Path(__file__).with_name("given_names.json")


def gender_of(given: str) -> Gender:
    """The pronoun of who bears this given name; empty where it may be either, or is not known."""
    letters = unicodedata.normalize("NFKD", given.lower())
    he, she = _names()
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return "he" if plain in he else "she" if plain in she else ""


@lru_cache(maxsize=1)
def _names() -> tuple[frozenset[str], frozenset[str]]:
    found = json.loads(FILE.read_text("utf-8"))
    return frozenset(found["he"].split()), frozenset(found["she"].split())
