"""What a sentence states that can be looked up word for word: numbers, names, quotations."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from rag.judge import stem
from rag.numerals import DIGITS
from rag.retrieve import STOP_WORDS
from rag.speech.cues import ROLES

_WORDS = dict(DIGITS)
_WORDS |= {"hundred": "100", "dozen": "12", "thousand": "1000", "million": "1000000"}
_WORDS |= {"billion": "1000000000", "twice": "2", "double": "2", "half": "0.5"}
_ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth".split()
_WORDS |= {word: str(value) for value, word in enumerate(_ORDINALS, start=1)}
_COUNTED = frozenset(_WORDS) - {"one", "first", "second", "zero", "half", "double"}
"""Number words that mean a number: "one of them", "at first" and "a second" need not."""
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th)\b", re.IGNORECASE)
_HEDGED = re.compile(
    r"\b(?:at least|at most|more than|less than|fewer than|no more than|up to|as (?:many|much|few"
    r"|little) as|about|around|roughly|nearly|almost|approximately|an estimated|some)"
    r"\s+[£$€]?([\w.,]+)",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"“([^”]+)”|\"([^\"]+)\"|(?<!\w)[‘']([^’']+(?:[’'](?=\w)[^’']+)*)[’'](?!\w)")


def numbers(text: str) -> set[str]:
    """Numbers as digits without separators; those in words as digits too."""
    plain_text = _ORDINAL.sub("", unicodedata.normalize("NFKC", text))
    found = {_digits(number) for number in _NUMBER.findall(plain_text)}
    words = re.findall(r"[a-z]+", plain_text.lower())
    return found | {_WORDS[word] for word in words if word in _COUNTED}


def hedged(text: str) -> set[str]:
    """The numbers that a word before them makes a bound or an estimate ("at least two")."""
    return {number for match in _HEDGED.finditer(text) for number in numbers(match[1])}


def number_of(word: str) -> str:
    """A lower-case word as digits, where it is a number; else empty."""
    if _NUMBER.fullmatch(word):
        return _digits(word)
    return _WORDS[word] if word in _COUNTED else ""


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
    """Capitalised words in a row."""

    words: tuple[str, ...]
    start: int = 0
    end: int = 0
    """Where they stand."""

    @property
    def text(self) -> str:
        return " ".join(self.words)

    def within(self, text: str) -> bool:
        """Whether ``text`` has all of the words, in this order and next to each other, or
        other forms of them ("Iran", "Iranian"). A word for an office may stand elsewhere."""
        written = [_bare(word) for word in _WORD.findall(text)]
        parts = [[_bare(word) for word in self.words]]
        for role in [word for word in parts[0] if word in ROLES]:
            at = next(i for i, part in enumerate(parts) if role in part)
            before, after = _around(parts[at], role)
            parts[at : at + 1] = [[role], before, after]
        return all(_in_a_row(part, written) for part in parts if part)


def _around(words: list[str], word: str) -> tuple[list[str], list[str]]:
    at = words.index(word)
    return words[:at], words[at + 1 :]


def _in_a_row(part: list[str], written: list[str]) -> bool:
    for at in range(len(written) - len(part) + 1):
        if all(map(_same, part, written[at : at + len(part)])):
            return True
    return False


def _same(one: str, other: str) -> bool:
    if one == other or stem(one) == stem(other):
        return True
    short, long = sorted((one, other), key=len)
    return len(short) >= _ROOT and long.startswith(short[: max(_ROOT, len(short) - 2)])


_ROOT = 4
"""Letters that two forms of a name share at least."""
_WORD = re.compile(r"[^\W_][\w’'.&-]*")


def names(text: str) -> Iterator[Name]:
    """Capitalised words, those next to each other as one; the first of a sentence too, unless
    its capital means nothing."""
    row: list[str] = []
    start = end = -1
    for match in _WORD.finditer(text):
        word = match.group().strip("’'.&-")
        begins = not re.search(r"[^\W_]", text[: match.start()])
        if row and text[end : match.start()] != " ":
            yield Name(tuple(row), start, end)
            row = []
        if _is_name(word) and not (begins and not _set_apart(text, match)):
            start = start if row else match.start()
            row.append(word)
            end = match.end()
        elif row:
            yield Name(tuple(row), start, end)
            row = []
        if row and re.search(r"[’']s$", match.group()):
            yield Name(tuple(row), start, end)
            row = []
    if row:
        yield Name(tuple(row), start, end)


def _is_name(word: str) -> bool:
    return word[:1].isupper() and word.casefold() not in STOP_WORDS and len(_bare(word)) > 1


def _set_apart(text: str, match: re.Match[str]) -> bool:
    """Of the first word: whether another name follows, it is an abbreviation or a possessive
    ("Drones were …" is no name)."""
    word = match.group()
    follows = re.match(r"\s+([A-Z][\w’'-]*)", text[match.end() :])
    return bool(follows) or not word[1:].islower() or re.search(r"[’']s$", word) is not None


def _bare(word: str) -> str:
    folded = unicodedata.normalize("NFKD", word).casefold().strip("’'.&-")
    folded = "".join(char for char in folded if not unicodedata.combining(char))
    return re.sub(r"[’']s?$", "", folded).replace(".", "")
