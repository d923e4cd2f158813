"""What a sentence states that can be looked up word for word: numbers, names, quotations."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from rag.judge import stem
from rag.retrieve import STOP_WORDS

_UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_WORDS = {word: str(value) for value, word in enumerate(_UNITS)}
_WORDS |= {word: str(10 * value) for value, word in enumerate(_TENS, start=2)}
_WORDS |= {"hundred": "100", "dozen": "12", "thousand": "1000", "million": "1000000"}
_WORDS |= {"billion": "1000000000", "twice": "2", "double": "2", "half": "0.5"}
_ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth".split()
_WORDS |= {word: str(value) for value, word in enumerate(_ORDINALS, start=1)}
_COUNTED = frozenset(_WORDS) - {"one", "first", "second", "zero", "half", "double"}
"""Number words that mean a number: "one of them", "at first" and "a second" need not."""
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th)\b", re.IGNORECASE)
_QUOTED = re.compile(r"“([^”]+)”|\"([^\"]+)\"|(?<!\w)[‘']([^’']+(?:[’'](?=\w)[^’']+)*)[’'](?!\w)")
_NAME = re.compile(r"[^\W\d_][\w’'.&-]*")


def numbers(text: str) -> set[str]:
    """Numbers as digits without separators; those in words as digits too."""
    plain_text = _ORDINAL.sub("", unicodedata.normalize("NFKC", text))
    found = {_digits(number) for number in _NUMBER.findall(plain_text)}
    words = re.findall(r"[a-z]+", plain_text.lower())
    return found | {_WORDS[word] for word in words if word in _COUNTED}


def _digits(number: str) -> str:
    """ "1,500" is "1500", "3.50" is "3.5", "07" is "7"."""
    whole = re.sub(r",(?=\d{3}(?!\d))", "", number).replace(",", ".")
    parts = whole.split(".")
    if len(parts) == 2:
        whole = whole.rstrip("0").rstrip(".")
    return whole.lstrip("0") or "0"


def phrases(text: str) -> list[str]:
    """What stands in quotation marks."""
    return ["".join(match.groups("")) for match in _QUOTED.finditer(text)]


def plain(text: str) -> str:
    """Words alone, with single spaces around each, so that whole words are compared."""
    words = re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold())
    return f" {' '.join(words)} "


@dataclass(frozen=True, slots=True)
class Name:
    """A capitalised word."""

    text: str

    def within(self, text: str) -> bool:
        """Whether ``text`` has it, or another form of it ("Iran", "Iranian")."""
        mine = _bare(self.text)
        for word in re.findall(r"[\w’'.&-]+", text):
            other = _bare(word)
            if mine == other or stem(mine) == stem(other):
                return True
            short, long = sorted((mine, other), key=len)
            if len(short) >= _ROOT and long.startswith(short[: max(_ROOT, len(short) - 2)]):
                return bool(word[:1].isupper())
        return False


_ROOT = 4
"""Letters that two forms of a name share at least."""


def names(text: str) -> Iterator[Name]:
    """Capitalised words; the first of a sentence too, unless it is a word of every sentence."""
    for match in _NAME.finditer(text):
        word = match.group().strip("’'.&-")
        if not word[:1].isupper() or word.casefold() in STOP_WORDS or len(_bare(word)) < 2:
            continue
        begins = not re.search(r"[^\W_]", text[: match.start()])
        if begins and len(word) > 1 and word[1:].islower() and not _follows(text, match.end()):
            continue  # "Drones were …": its words are compared, its capital means nothing
        yield Name(word)


def _follows(text: str, end: int) -> bool:
    """Whether the next word is capitalised as well, or a possessive or comma sets it apart."""
    return re.match(r"(?:[’']s)?\s+[A-Z]|[’']s\b|,\s", text[end:]) is not None


def _bare(word: str) -> str:
    folded = unicodedata.normalize("NFKD", word).casefold().strip("’'.&-")
    folded = "".join(char for char in folded if not unicodedata.combining(char))
    return re.sub(r"[’']s?$", "", folded).replace(".", "")
