"""Whether a given name is a man's or a woman's, where nearly all who bear it are.

``given_names.json`` holds 20,000 names of many countries; ``python -m eval names`` makes it.
"""

from __future__ import annotations

import json
import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import Literal

Gender = Literal["he", "she", ""]

_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "ß": "ss"})
"""What Unicode does not take apart."""
FILE = Path(__file__).with_name("given_names.json")


def gender_of(word: str) -> Gender | None:
    """The pronoun of who bears this given name, empty where it may be either; None where the
    word is no given name that is known."""
    letters = unicodedata.normalize("NFKD", word.lower().translate(_LETTERS))
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return _genders().get(plain)


@lru_cache(maxsize=1)
def _genders() -> dict[str, Gender]:
    found = json.loads(FILE.read_text("utf-8"))
    pronouns: dict[str, Gender] = {"he": "he", "she": "she", "either": ""}
    return {name: gender for key, gender in pronouns.items() for name in found[key].split()}
