"""Who says what in a document: each statement with its speaker's full name and role.

``rag/speech`` finds the statements and the words that name their sources ("he", "the
ministry"); this module finds out who is meant. It never guesses: where the document leaves
more than one possibility, the words of the sentence are the name.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.speech import cues
from rag.speech.attribution import Attribution, attributions
from rag.speech.quotes import Span, paragraphs
from rag.speech.words import KINDS
from rag.types import Speaker, Statement

_PARTICLES = "al|bin|ibn|bint|ben|de|del|della|di|da|dos|du|el|la|le|van|von|der|den|ter|zu"
_NAME = re.compile(
    r"(?<![\w’'-])(?:(?:Mrs?|Ms|Dr|Sen|Rep|Gov|Gen|Lt|Col|Sgt|Rev|Prof|St|[A-Z])\.|[A-Z][\w-]*(?:[’'][A-Z][\w-]+)?)"
    rf"(?: (?:& )?(?:(?:{_PARTICLES}) )*(?:[A-Z]\.|[A-Z][\w-]*(?:[’'][A-Z][\w-]+)?))*"
)
"""Capitalised words in a row, as names are written."""
_POSSESSIVE = re.compile(r"[’']s?(?!\w)")
_OUTLETS = frozenset(
    """outlet newspaper paper magazine daily weekly agency website site broadcaster channel journal
    tabloid station network blog publication""".split()
)
_PIECES = frozenset(
    """article piece editorial story column op-ed commentary post report essay review outlet
    newspaper paper magazine daily weekly website site""".split()
)
"""What is written by somebody, and stands for its writer: "the article argued"."""
_GROUPS = frozenset(
    """ministry council company government commission committee court department agency union
    association university party foundation institute authority board office bank club team firm
    group police embassy parliament senate congress administration charity society federation
    service trust school hospital college council corporation ltd inc plc corp co news times post
    press radio tv army navy""".split()
)
"""Last words of names that are no person's."""
_ROLES = (cues.ROLES | _OUTLETS) - {"counterpart", "opponent", "rival"}
_BEFORE = re.compile(r"(?:[^\W\d_][\w’'-]*[ ]+)*$")
"""Words right before a name, with nothing but spaces between them."""
_APPOSITION = re.compile(
    r", (?:\d\d, )?((?:[\w’'-]+ ){0,9}[\w’'-]+)(?=[,.;:]| (?:said|who|and|told)\b|$)"
)
_INTRODUCED = re.compile(
    r"(?:^|(?<=[\s,;“‘\"]))((?:[Tt]he|[Aa]n?|[Ii]ts|[Tt]heir|[Hh]is|[Hh]er) (?:[\w’'-]+ ){0,8}"
    r"[\w’'-]+|[A-Z][\w’'-]+[’']s (?:[\w’'-]+ ){0,5}[\w’'-]+), $"
)
_NOT_SAID = re.compile(
    r"(?:\b(?:not|never|neither|nor|nobody|cannot)|n[’']t)\b[^.,;:“”\"‘]*$"
    r"|\b(?:refus|declin|fail)(?:e|ed|es|ing|s)?\b to [^.,;:“”\"‘]*$"
)
"""Before a verb that then attributes nothing: it tells what somebody did not say."""
_OF = frozenset("of to for at from in on".split())
_FAR = 2
"""Paragraphs that a pronoun reaches back at most, its own among them."""
_LONG = 80
"""Characters of a name; what is longer holds an explanation of it."""


@dataclass(slots=True)
class _Name:
    """A name that stands in the document, in its fullest form."""

    words: tuple[str, ...]
    text: str
    role: str | None
    person: bool


def statements(text: str, sentences: Sequence[Span] | None = None) -> tuple[Statement, ...]:
    """What ``text`` says on whose behalf, in order; time is linear in its length.

    ``sentences`` are the spans of ``rag.split.sentences``; they are found where not given.
    """
    found = attributions(text, sentences)
    return tuple(_Resolver(text).resolved(found)) if found else ()


class _Resolver:
    """Finds out who the words mean that name a source."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.blocks = [start for start, _ in paragraphs(text)]
        self.mentions: list[tuple[int, int, _Name]] = []
        """(start, end, name) of every name, in order."""
        self.names: dict[str, list[_Name]] = {}
        """By the last word, and by the first of those that are no person's."""
        for start, end, role in self._written():
            self._learn(start, end, role)
        self.starts = [start for start, _, _ in self.mentions]

    def resolved(self, found: Sequence[Attribution]) -> Iterator[Statement]:
        known: dict[Span, tuple[str, str | None]] = {}
        last: tuple[int, str, str | None, bool] | None = None
        order = sorted({one.source for one in found if one.source}, key=lambda source: source[0])
        outer = {one.source for one in found if not one.nested}
        for source in order:
            name, role, person = self._who(source, last)
            known[source] = name, role
            if source in outer:
                last = source[0], name, role, person
        for one in found:
            if _NOT_SAID.search(self.text[max(0, one.cue[0] - 24) : one.cue[1]]):
                continue
            start, end = one.source or (one.cue[0], one.cue[0])
            name, role = known[one.source] if one.source else ("", None)
            speaker = Speaker(name, role, start, end, *one.cue, one.mode)
            yield Statement(*one.content, speaker, one.denies, one.nested)

    # Names --------------------------------------------------------------------------

    def _written(self) -> Iterator[tuple[int, int, str | None]]:
        """Span and role of each name as it stands."""
        text = self.text
        for match in _NAME.finditer(text):
            start, end = match.span()
            words = match.group().split()
            while words and KINDS.get(words[0].lower(), "") not in ("", "y"):
                start += len(words.pop(0)) + 1  # "The Post", "On Monday"
            if not words or words[0].lower() in cues.TIMES:
                continue
            role: str | None = None
            at = max((n for n, word in enumerate(words) if _is_role(word)), default=-1)
            if at == len(words) - 1:
                continue  # "Iranian Ambassador", "Prime Minister"
            if at >= 0:
                head = sum(len(word) + 1 for word in words[: at + 1])
                role = self._role(start + head)
                start, words = start + head, words[at + 1 :]
            elif at < 0:
                before = self._words_before(start)
                if len(before) > 1 and before[-1] in _OF and _is_role(before[-2]):
                    # "Ambassador to Armenia Mehdi Sobhani": what is before two words is a place.
                    if len(words) < 3:
                        continue
                    start = end - len(" ".join(words[-2:]))
                    words = words[-2:]
                if before and (_is_role(before[-1]) or role is None):
                    role = self._role(start)
            yield start, end, role or self._explained(start, end)

    def _learn(self, start: int, end: int, role: str | None) -> None:
        written = self.text[start:end]
        words = tuple(
            word for word in written.split() if word.lower().rstrip(".") not in cues.TITLES
        )
        if not words:
            return
        key = words[-1].lower()
        person = key not in _GROUPS and (len(words) > 1 or len(words) < len(written.split()))
        known = next((name for name in self.names.get(key, ()) if _same(name.words, words)), None)
        if known is None:
            known = _Name(words, " ".join(words), role, person)
            self.names.setdefault(key, []).append(known)
        elif len(words) > len(known.words):
            known.words, known.text, known.person = words, " ".join(words), person or known.person
        known.role = known.role or role
        self.mentions.append((start, end, known))

    def _role(self, start: int) -> str | None:
        """The role in the words right before a name: "Foreign Ministry spokesperson"."""
        before = _BEFORE.search(self.text, max(0, start - 120), start)
        words = before.group().split() if before else []
        taken: list[str] = []
        while words:
            word = words.pop()
            lower = word.lower()
            if (
                lower in _OF
                and lower != "in"
                and words
                and (_is_role(words[-1]) or _is_role(words[-1].lower()))
            ):
                taken.insert(0, word)
                continue
            if KINDS.get(lower, "") or lower in cues.CUES or lower in cues.TITLES:
                break
            taken.insert(0, word)
            if _POSSESSIVE.search(word):
                break
        return " ".join(taken) if any(map(_is_role, taken)) else None

    def _explained(self, start: int, end: int) -> str | None:
        """The role between commas behind a name, or before it."""
        behind = _APPOSITION.match(self.text, end, end + 120)
        if behind and any(map(_is_role, behind[1].split()[:6])):
            return _bare(behind[1])
        before = _INTRODUCED.search(self.text[max(0, start - 90) : start])
        if before and any(map(_is_role, before[1].split())):
            return _bare(before[1])
        return None

    def _words_before(self, start: int) -> list[str]:
        before = _BEFORE.search(self.text, max(0, start - 60), start)
        return before.group().split()[-2:] if before else []

    # Who is meant -------------------------------------------------------------------

    def _who(
        self, source: Span, last: tuple[int, str, str | None, bool] | None
    ) -> tuple[str, str | None, bool]:
        """Name, role, and whether it is a person's."""
        text = " ".join(self.text[slice(*source)].split())
        words = text.lower().replace("’", "'").split()
        if text.lower() in ("he", "she", "him", "her", "his", "who"):
            found = (
                self._person(source[0], last) if text.lower() != "who" else self._before(source[0])
            )
            return found or (text, None, text.lower() != "who")
        if text.lower() in ("it", "its") or (
            words and words[-1] in _PIECES and words[0] in ("the", "its", "this")
        ):
            found = self._writer(source, last, words)
            if found:
                return found
        named = self._named(source)
        if named:
            name = named.text
            if not named.person:
                owner = re.search(rf"[\w-]+[’']s? {re.escape(name)}", text)
                name = owner.group() if owner else name
            return name, named.role, named.person
        if len(words) > 1 and words[0] in ("the", "its", "their"):
            meant = self._described(source, words)
            if meant:
                return meant.text, meant.role, meant.person
        return _short(text), None, False

    def _named(self, source: Span) -> _Name | None:
        """Whose name the words are, but for what they say about it."""
        at = bisect_right(self.starts, source[0] - 1)
        for start, end, name in self.mentions[at:]:
            if start >= source[1]:
                return None
            if _POSSESSIVE.match(self.text, end) and end < source[1] - 2:
                continue
            lead = self.text[source[0] : start].lower().split()
            if lead and (lead[-1] in _OF or ("," in lead[-1] and not any(map(_is_role, lead)))):
                return None  # "a spokesman for Ann Lee"
            if any(word in _OF for word in lead) and not name.person:
                return None
            if any(
                start < other < source[1] and said.role and name.text in said.role
                for other, _, said in self.mentions[at : at + 8]
            ):
                continue  # "Foreign Ministry spokesperson Ann Lee"
            return self._fullest(name)
        return None

    def _fullest(self, name: _Name) -> _Name:
        """The one whose name it is in short; itself where there are several, or none."""
        if len(name.words) > 1:
            return name
        same = [other for other in self.names.get(name.words[-1].lower(), ()) if other is not name]
        return same[0] if len(same) == 1 else name

    def _described(self, source: Span, words: Sequence[str]) -> _Name | None:
        """Who "the ministry" or "the spokesperson" is, if only one can be."""
        head = words[-1].rstrip("'s") if words[-1].endswith("'s") else words[-1]
        found = {
            id(name): name
            for start, _, name in self.mentions
            if start < source[0]
            and (
                (name.role and head in re.findall(r"[\w-]+", name.role.lower()))
                or (head in _GROUPS and name.words[-1].lower() == head)
            )
        }
        full = {id(self._fullest(name)): self._fullest(name) for name in found.values()}
        return next(iter(full.values())) if len(full) == 1 else None

    def _person(
        self, at: int, last: tuple[int, str, str | None, bool] | None
    ) -> tuple[str, str | None, bool] | None:
        """Who "he" or "she" is: the only person named since the paragraph before began, or
        the one who spoke last, where no other person was named since."""
        block = bisect_right(self.blocks, at)
        first = self.blocks[max(0, block - _FAR)]
        near = [
            self._fullest(name)
            for start, _, name in self.mentions
            if first <= start < at and self._fullest(name).person
        ]
        distinct = {name.text: name for name in near}
        if len(distinct) == 1:
            name = near[0]
            return name.text, name.role, True
        if last and last[3] and last[0] >= first:
            since = {
                self._fullest(name).text
                for start, _, name in self.mentions
                if last[0] < start < at and self._fullest(name).person
            }
            if since <= {last[1]}:
                return last[1], last[2], True
        return None

    def _before(self, at: int) -> tuple[str, str | None, bool] | None:
        """Whose name stands right before a "who"."""
        number = bisect_right(self.starts, at - 1) - 1
        if number < 0:
            return None
        _, end, name = self.mentions[number]
        name = self._fullest(name)
        return (name.text, name.role, name.person) if at - end < 3 else None

    def _writer(
        self, source: Span, last: tuple[int, str, str | None, bool] | None, words: Sequence[str]
    ) -> tuple[str, str | None, bool] | None:
        """Whose the article is; who "it" is: the last that spoke, if no person."""
        block = bisect_right(self.blocks, source[0])
        first = self.blocks[max(0, block - _FAR)]
        if words[-1] in ("it", "its"):
            if last and not last[3] and last[0] >= first:
                return last[1], last[2], False
            return None
        found = {
            name.text: name
            for start, _, name in self.mentions
            if first <= start < source[0] and name.role and is_outlet(name.role)
        }
        if len(found) != 1:
            return None
        name = next(iter(found.values()))
        return name.text, name.role, False


def _is_role(word: str) -> bool:
    return word.lower() in _ROLES


def is_group(name: str) -> bool:
    """Whether a name is no person's, by its last word: "the Foreign Ministry"."""
    return name.lower().split()[-1:] != [] and name.lower().split()[-1] in _GROUPS


def is_outlet(role: str) -> bool:
    """Whether a role is that of a newspaper or the like."""
    return not _OUTLETS.isdisjoint(re.findall(r"[\w-]+", role.lower()))


def _same(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two names that end alike can be one's: the shorter is the end of the longer, or
    both have the same first word."""
    short, long = sorted((one, other), key=len)
    return (tuple(long[-len(short) :]) == tuple(short) and (len(short) > 1 or len(long) == 1)) or (
        len(short) > 1 and short[0] == long[0]
    )


def _bare(role: str) -> str:
    """Without the article."""
    return re.sub(r"^(?:the|an?|its|their|his|her) ", "", role, flags=re.IGNORECASE)


def _short(text: str) -> str:
    """Without what explains the name behind a comma, where it is long."""
    return text if len(text) <= _LONG else text.split(",")[0][:_LONG]
