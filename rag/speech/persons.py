"""Whom "he" and "she" mean: who is named nearby, who spoke before, and whom their words name."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from rag.speech import cues
from rag.speech.given import Gender, gender_of
from rag.speech.names import Name, Names, gender_in
from rag.speech.quotes import Span
from rag.speech.roles import is_role
from rag.speech.words import KINDS

ONE = (["a"], ["an"], ["one"], ["another"])
"""First words of who has not been spoken of before."""
FAR = 2
"""Paragraphs that a pronoun reaches back at most, its own among them."""
_REACH = 600
"""Characters that it reaches back to one of several, in a text that has lost its paragraphs."""
_NEWCOMER = re.compile(
    r"\b(?:[Aa]n?|[Hh]is|[Hh]er|[Tt]heir|[Mm]y|[Aa]nother) (?:[a-z][\w-]* ){0,2}?([a-z][\w-]+)\b"
)
_SENTENCES = 2
"""Sentences before its own that are looked at first."""


@dataclass(frozen=True, slots=True)
class Who:
    """Who the words of a source mean."""

    at: int
    """Where these words stand."""
    name: str
    role: str | None = None
    meant: Name | None = None
    """None where the words alone are the name."""

    @property
    def person(self) -> bool:
        return self.meant is not None and self.meant.person


class Persons:
    """Finds whom a pronoun means in one text. It never guesses: it is None where there may be
    several."""

    def __init__(
        self,
        text: str,
        names: Names,
        blocks: Sequence[int],
        sentences: Sequence[Span],
        quotations: Sequence[Span],
    ) -> None:
        """``blocks`` are where the paragraphs begin; no ``quotations`` overlap."""
        self.text = text
        self.opened = [start for start, _ in quotations]
        self.closed = [end for _, end in quotations]
        self.names = names
        self.blocks = blocks
        self.begins = [start for start, _ in sentences]

    def meant(
        self, at: int, pronoun: Gender, last: Who | None, told: int, own: Sequence[Span]
    ) -> Who | None:
        """Whom the pronoun at ``at`` means, a source of what stands at ``own``.

        ``last`` is who spoke before, whose words end at ``told``.
        """
        # Nobody calls themselves by name: "He said Lee was wrong".
        others = {
            id(self.names.fullest(name, begin) or name)
            for span in own
            for begin, _, name in self.names.between(*span)
        }
        goes_on = last is not None and self._goes_on(last, at, pronoun)
        new = last is not None and last.name.lower().split()[:1] in ONE
        meant = None if goes_on and new else self._person(at, pronoun, last, others)
        if last and goes_on and (meant is None or meant.likely != pronoun):
            return Who(at, last.name, last.role)
        if meant is None:
            meant = self._speaks_on(at, pronoun, last, told, others)
        if meant is None:
            meant = self._only(at, pronoun, last.at if last and not last.meant else 0, others)
        if meant is None:
            return None
        meant.gender = pronoun
        meant.person = True
        return Who(at, meant.text, meant.role, meant)

    def reach(self, at: int) -> int:
        """Where what a pronoun at ``at`` may mean begins."""
        return self.blocks[max(0, bisect_right(self.blocks, at) - FAR)]

    def _goes_on(self, last: Who, at: int, pronoun: Gender) -> bool:
        """Whether the one who spoke last has no name and is who "he" or "she" is: "A woman in
        the crowd said it fell. She added"."""
        return (
            last.meant is None
            and not self.text.startswith("who", last.at)
            and gender_in(set(re.findall(r"[a-z]+", last.name.lower()))) == pronoun
            and last.at >= self.reach(at)
            and not self._people(last.at + len(last.name), at, pronoun, ())
        )

    def _person(
        self, at: int, pronoun: Gender, last: Who | None, others: Collection[int]
    ) -> Name | None:
        """The only person named since the paragraph before began, or the one who spoke last,
        where no other person was named since."""
        first = self.reach(at)
        near = self._people(first, at, pronoun, others)
        if len(near) == 1:
            (only,) = near
            named = max((begin for begin, one in self._mentions(first, at) if one is only))
            far = at - named > _REACH and only.likely != pronoun
            return None if far or self._newcomer(named, at, pronoun) else only
        if last is None or last.meant is None:
            return None
        if _may_be(last.meant, pronoun):
            since = self._people(last.at + 1, at, pronoun, others)
            if last.at >= first and all(name is last.meant for name in since):
                return last.meant
        if not near and last.at >= self.blocks[bisect_right(self.blocks, at) - 1]:
            # "Kroll welcomed it. “…,” she said": a name, and now known to be a person's.
            return last.meant if self.names.may_be_person(last.meant) else None
        return None

    def _speaks_on(
        self, at: int, pronoun: Gender, last: Who | None, told: int, others: Collection[int]
    ) -> Name | None:
        """The one who spoke last, where only what they say names anybody else: "Lee said that
        Day had left. She added"."""
        if last is None or last.meant is None or id(last.meant) in others:
            return None
        near = last.at >= max(self.reach(at), at - _REACH)
        if not near or not _may_be(last.meant, pronoun):
            return None
        since = self._people(told, at, pronoun, others)
        return last.meant if all(name is last.meant for name in since) else None

    def _only(
        self, end: int, pronoun: Gender, unnamed: int, others: Collection[int]
    ) -> Name | None:
        """The only one named shortly before who surely is a "he" or "she", where nobody else is
        named there who might be, and nobody without a name spoke since, at ``unnamed``."""
        first = max(self.reach(end), end - _REACH)
        sentence = bisect_right(self.begins, end) - 1
        begins = [self.begins[max(0, sentence - back)] for back in range(_SENTENCES + 1)]
        for begin in (*begins, first):
            found: dict[int, Name] = {}
            named, subject = 0, False
            for at, name in self._mentions(max(begin, first), end):
                if self._might(name) and _sex(name) in ("", pronoun) and id(name) not in others:
                    found[id(name)], named = name, at
                    subject = subject or self._leads(at)
            if found:
                only = next(iter(found.values()))
                sure = len(found) == 1 and _sex(only) == pronoun and named > unnamed and subject
                return only if sure and not self._newcomer(named, end, pronoun) else None
        return None

    def _might(self, name: Name) -> bool:
        return (name.person and _seems(name)) or self.names.may_be_person(name)

    def _people(self, start: int, end: int, pronoun: Gender, others: Collection[int]) -> list[Name]:
        """Everybody named in a part of the text whom the pronoun can mean, each once."""
        return [
            name
            for name in self._named(start, end)
            if _may_be(name, pronoun) and id(name) not in others
        ]

    def _named(self, start: int, end: int) -> list[Name]:
        """Everybody named in a part of the text, each once, in their fullest form."""
        found = {id(name): name for _, name in self._mentions(start, end)}
        return list(found.values())

    def _mentions(self, start: int, end: int) -> Iterator[tuple[int, Name]]:
        """Where whom a part of the text names, in their fullest form, but for those in the
        quotations before its end."""
        for at, _, name in self.names.between(start, end):
            quotation = bisect_right(self.opened, at) - 1
            if quotation < 0 or not at < self.closed[quotation] <= end:
                yield at, self.names.fullest(name, at) or name

    def _leads(self, at: int) -> bool:
        """Whether a name can be a subject: neither verb nor preposition stands before it since
        the clause began."""
        begin = self.begins[max(0, bisect_right(self.begins, at) - 1)]
        lead = re.split(r"[,;:!?.“”‘()–—]|'(?!\w)", self.text[begin:at])[-1].split()
        return not any(
            KINDS.get(word.lower(), "n") in "Ptavk"
            or word.lower() in cues.CUES
            or (word.islower() and word.endswith(("ed", "ing")))
            for word in lead
        )

    def _newcomer(self, named: int, end: int, pronoun: Gender) -> bool:
        """Whether somebody without a name is spoken of in the same sentence or the one before,
        behind the last mention of who is ``named``, whom the pronoun can mean as well: "her
        doctor"."""
        near = self.begins[max(0, bisect_right(self.begins, end) - 2)]
        for match in _NEWCOMER.finditer(self.text, max(near, named), end):
            name = self.names.between(match.end(), match.end() + 3)
            if is_role(match[1]) and not name and gender_in({match[1].lower()}) in ("", pronoun):
                return True
        return False


def _sex(name: Name) -> Gender:
    return name.likely or gender_of(name.words[0]) or ""


def _seems(name: Name) -> bool:
    """Whether something tells that capitalised words are a person's name: a title, a role, a
    pronoun, or a given name."""
    known = gender_of(name.words[0]) is not None or len(name.words[0].rstrip(".")) == 1
    return bool(known or name.gender or name.heard or name.role or name.speaks)


def _may_be(name: Name, pronoun: Gender) -> bool:
    return name.person and _seems(name) and name.likely in ("", pronoun)
