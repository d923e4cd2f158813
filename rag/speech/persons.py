"""Whom "he" and "she" mean: who is named nearby, who spoke before, and whom their words name."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from rag.speech import cues
from rag.speech.given import Gender, gender_of
from rag.speech.names import Name, Names, gender_in
from rag.speech.quotes import Span
from rag.speech.roles import OUTLETS, head_of, is_role
from rag.speech.words import KINDS

ONE = (["a"], ["an"], ["one"], ["another"])
"""First words of who has not been spoken of before."""
_FAR = 2
"""Paragraphs that a pronoun reaches back at most, its own among them."""
_FARTHEST = 4000
"""Characters that it reaches back at most, so that time is linear in a text's length."""
_REACH = 600
"""Characters that it reaches back to one of several, in a text that has lost its paragraphs."""
_SENTENCES = 2
"""Sentences before its own that are looked at first."""
_NEWCOMER = re.compile(
    r"(?:\b(?:[Aa]n?|[Tt]he|[Hh]is|[Hh]er|[Tt]heir|[Mm]y|[Aa]nother)|[’']s) "
    r"(?:[a-z][\w-]* ){0,2}?([a-z][\w-]+)\b"
)
"""Somebody without a name: "her doctor", "Lee's lawyer"; "the driver" in the same sentence, or
before a name."""
_CAPTION = re.compile(
    r"[\w’'. -]+(?:(?:,| \()\s?(?:left|right|above|cent(?:re|er))|,? \(?pictured)\b"
)
"""A name in the words below a picture: "Ann Lee, pictured"."""
_EXPLAINS = re.compile(r",? (?:\d+, )?$")
"""Between a name and what explains it: "Ann Lee, 43, a teacher"."""
_IS = cues.BEING | frozenset("as became become becomes like".split())
"""Before what somebody is, who is nobody else: "Lee is a farmer"."""
_THINGS = OUTLETS | frozenset("chair star head".split())
"""Roles that are as often things."""
_ASKS = frozenset("ask urge beg implore order persuade invite advise encourage".split())
"""Verbs behind which whom they are said to may go on."""
_CLAUSES = frozenset(cue.base for cue, _ in cues.CUES.values() if "c" in cue.frames)
"""Verbs of saying that something is so."""
_TURNS = frozenset(
    """reply answer respond retort counter deny admit confess refuse reject plead agree
    apologise apologize""".split()
)
"""Verbs of who takes a turn after another one, or is accused: "He denies the charge"."""


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

    @property
    def head(self) -> str:
        """The word for who it is, of somebody without a name."""
        return head_of(self.name.lower())

    @property
    def parent(self) -> bool:
        """Whether it is "the mother of two", which stands for a name more often than for nobody."""
        return not cues.COUNTS.isdisjoint(re.split(r"\W", self.name.lower()))


@dataclass(slots=True)
class Told:
    """What the words that stand at one place are the source of."""

    source: Span
    contents: list[Span] = field(default_factory=list)
    verbs: set[str] = field(default_factory=set)
    """In their base form."""

    def add(self, content: Span, cue: str) -> None:
        self.contents.append(content)
        known = [word for word in cue.lower().split() if word in cues.CUES]
        self.verbs.update(cues.CUES[word][0].base for word in known[-1:])

    def is_clause(self) -> bool:
        """Whether each of the verbs is one of saying that something is so."""
        return all(verb in _CLAUSES for verb in self.verbs)


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
        told: Mapping[int, Told],
    ) -> None:
        """``blocks`` are where the paragraphs begin; no ``quotations`` overlap; ``told`` is by
        where each source stands."""
        self.text = text
        self.told = told
        self.opened = [start for start, _ in quotations]
        self.closed = [end for _, end in quotations]
        self.names = names
        self.blocks = blocks
        self.begins = [start for start, _ in sentences]

    def meant(self, at: int, pronoun: Gender, last: Who | None) -> Who | None:
        """Whom the pronoun at ``at`` means, which is a source; ``last`` is who spoke before.

        A name that surely is meant is from then on that of a person, and of the pronoun's gender.
        """
        # Nobody calls themselves by name: "He said Lee was wrong".
        others = {id(name) for span in self.told[at].contents for name in self._written(*span)}
        if last and last.meant is None:  # "Lee's father said it fell. He added"
            others.update(id(name) for name in self._written(*self.told[last.at].source))
        goes_on = last is not None and self._goes_on(last, at, pronoun)
        new = last is not None and last.name.lower().split()[:1] in ONE
        sure = None if goes_on and new else self._person(at, pronoun, last, others)
        if last and goes_on and (sure is None or sure.likely != pronoun or not last.parent):
            return Who(at, last.name, last.role)
        if sure:
            sure.gender = pronoun
            sure.person = True
        unnamed = last.at if last and not last.meant else 0
        name = sure or self._speaks_on(at, pronoun, last, others)
        name = name or self._only(at, pronoun, unnamed, others)
        return Who(at, name.text, name.role, name) if name else None

    def reach(self, at: int) -> int:
        """Where what a pronoun at ``at`` may mean begins."""
        return max(self.blocks[max(0, bisect_right(self.blocks, at) - _FAR)], at - _FARTHEST)

    def _sentence(self, at: int, back: int = 0) -> int:
        """Where the sentence begins that ``at`` stands in, or one so many before."""
        return self.begins[max(0, bisect_right(self.begins, at) - 1 - back)]

    def _goes_on(self, last: Who, at: int, pronoun: Gender) -> bool:
        """Whether the one who spoke last has no name and is who "he" or "she" is: "A woman in
        the crowd said it fell. She added"."""
        return (
            last.meant is None
            and not self.text.startswith("who", last.at)
            and gender_in({last.head}) == pronoun
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
        here = self.blocks[bisect_right(self.blocks, at) - 1]
        if len(near) == 1:
            (only,) = near
            # "… Raj Day.¶ Kroll welcomed it. “…,” she said"
            goes_on = last and last.at >= here and not self._people(here, at, pronoun, others)
            if last and goes_on and (known := self._by_a_name(last, others)):
                # Only a surname, or "Acme": it may be either.
                return known if known.person or gender_of(known.words[0]) else None
            named = max(span for *span, one in self._mentions(first, at) if one is only)
            far = at - named[0] > _REACH and only.likely != pronoun
            speaks = last is not None and named[0] < max(self.told[last.at].contents)[1]
            speaks = speaks and last is not None and self._may_speak(last, at, pronoun)
            newcomer = self._newcomer(only, (named[0], named[1]), at, pronoun)
            return None if far or speaks or newcomer else only
        if last is None or last.meant is None:
            return None
        if _may_be(last.meant, pronoun) and not self._accused(last, at, pronoun):
            since = self._people(last.at + 1, at, pronoun, others)
            if last.at >= first and all(name is last.meant for name in since):
                return last.meant
        return self._by_a_name(last, others) if not near and last.at >= here else None

    def _by_a_name(self, last: Who, others: Collection[int]) -> Name | None:
        """Who spoke last, by a name that the pronoun now tells to be a person's: "Kroll welcomed
        it. “…,” she said"."""
        name = last.meant
        if name is None or id(name) in others:
            return None
        return name if self.names.may_be_person(name) else None

    def _accused(self, last: Who, at: int, pronoun: Gender) -> bool:
        """Whether the one who spoke last named another one who may answer it: "Lee said Day lied.
        He denies it"."""
        about = (one for span in self.told[last.at].contents for one in self._written(*span))
        return bool(self.told[at].verbs & _TURNS) and any(
            one is not last.meant and _may_be(one, pronoun) for one in about
        )

    def _may_speak(self, last: Who, at: int, pronoun: Gender) -> bool:
        """Whether the one who spoke last, in the same sentence or the one before, has no name and
        may be meant, by what they are: "The judge"."""
        near = self._sentence(at, 1)
        gender = gender_in({last.head})
        somebody = last.meant is None and (gender or is_role(last.head)) and not last.parent
        return bool(somebody) and last.at >= near and gender in ("", pronoun)

    def _speaks_on(
        self, at: int, pronoun: Gender, last: Who | None, others: Collection[int]
    ) -> Name | None:
        """The one who spoke last, where only what they say names anybody else: "Lee said that
        Day had left. She added"."""
        if last is None or last.meant is None or id(last.meant) in others:
            return None
        told = self.told[last.at]
        near = last.at >= max(self.reach(at), at - _REACH)
        if not near or not _may_be(last.meant, pronoun):
            return None
        if self.told[at].verbs & _TURNS or told.verbs & _ASKS or not told.is_clause():
            return None
        since = [
            name
            for start, _, name in self._mentions(told.source[1], at)
            if not any(first <= start < end for first, end in told.contents)
            and _may_be(name, pronoun)
        ]
        alone = all(name is last.meant or id(name) in others for name in since)
        new = self._newcomer(last.meant, told.source, at, pronoun)
        return last.meant if alone and not new else None

    def _only(
        self, end: int, pronoun: Gender, unnamed: int, others: Collection[int]
    ) -> Name | None:
        """The only one named shortly before who surely is a "he" or "she", where nobody else is
        named there who might be, and nobody without a name spoke since, at ``unnamed``."""
        first = max(self.reach(end), end - _REACH)
        begins = [self._sentence(end, back) for back in range(_SENTENCES + 1)]
        for begin in (*begins, first):
            found: dict[int, Name] = {}
            named, subject = (0, 0), False
            for start, stop, name in self._mentions(max(begin, first), end):
                if self._might(name) and _sex(name) in ("", pronoun) and id(name) not in others:
                    found[id(name)], named = name, (start, stop)
                    subject = subject or self._leads(start)
            if found:
                only = next(iter(found.values()))
                sure = len(found) == 1 and _sex(only) == pronoun and named[0] > unnamed and subject
                return only if sure and not self._newcomer(only, named, end, pronoun) else None
        return None

    def _might(self, name: Name) -> bool:
        return (name.person and _seems(name)) or self.names.may_be_person(name)

    def _people(self, start: int, end: int, pronoun: Gender, others: Collection[int]) -> list[Name]:
        """Everybody named in a part of the text whom the pronoun can mean, each once."""
        found = {id(name): name for _, _, name in self._mentions(start, end)}
        return [name for key, name in found.items() if _may_be(name, pronoun) and key not in others]

    def _written(self, start: int, end: int) -> Iterator[Name]:
        """Everybody whom a part of the text names, in their fullest form."""
        for at, _, name in self.names.between(start, end):
            yield self.names.fullest(name, at) or name

    def _mentions(self, start: int, end: int) -> Iterator[tuple[int, int, Name]]:
        """The same with where, but for those in the quotations before the end."""
        for at, stop, name in self.names.between(start, end):
            quotation = bisect_right(self.opened, at) - 1
            if quotation < 0 or not at < self.closed[quotation] <= end:
                yield at, stop, self.names.fullest(name, at) or name

    def _leads(self, at: int) -> bool:
        """Whether a name can be a subject: neither a verb, a preposition nor somebody else stands
        before it since the clause began."""
        if _CAPTION.match(self.text[at : at + 60]):
            return False  # a picture's, and not of what goes on
        begin = max(self._sentence(at), at - 120)
        lead = re.split(r"[,;:!?.“”‘()–—]|'(?!\w)", self.text[begin:at])[-1].split()
        other = any(is_role(one) and not is_role(two) for one, two in pairwise(lead))
        return not other and not any(
            KINDS.get(word.lower(), "n") in "Ptavk"
            or word.lower() in cues.CUES
            or (word.islower() and word.endswith(("ed", "ing")))
            for word in lead
        )

    def _newcomer(self, name: Name, named: Span, end: int, pronoun: Gender) -> bool:
        """Whether somebody without a name, whom the pronoun can mean as well, is spoken of in the
        same sentence or the one before: behind the last mention of ``name``, or before it where
        that is no subject."""
        near, sentence = self._sentence(end, 1), self._sentence(end)
        begin = max(near, named[1]) if named[0] < near or self._leads(named[0]) else near
        role = (name.role or "").lower()
        for match in _NEWCOMER.finditer(self.text, begin, end):
            word = match[1]
            if match.group().startswith(("The ", "the ")) and not (
                near <= match.start() < named[0] or match.start() >= sentence
            ):
                continue
            before = self.text[named[1] : match.start()]
            is_they = _EXPLAINS.fullmatch(before) or not _IS.isdisjoint(before.split()[-1:])
            if (is_they and match.start() >= named[1]) or word in role or word in _THINGS:
                continue
            if not is_role(word) and not gender_in({word}):
                continue
            beside = self.names.between(match.end(), match.end() + 3)
            if not beside and gender_in({word}) in ("", pronoun):
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
