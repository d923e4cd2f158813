"""The names in a text: full, with role, and what tells whether they are a man's or a woman's."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.speech import cues
from rag.speech.capitals import capitals
from rag.speech.given import Gender, gender_of
from rag.speech.quotes import Span
from rag.speech.roles import (
    ABBREVIATED,
    GROUPS,
    HER_KIN,
    HIS_KIN,
    OF,
    OUTLETS,
    PLACES,
    RANKS,
    in_brackets,
    is_role,
    role_before,
    role_beside,
    words_before,
)
from rag.speech.words import KINDS

_PARTICLES = (
    "al|ap|bin|ibn|bint|ben|de|del|della|dello|degli|di|da|dos|du|el|la|le|van|von|der|den|ter|zu"
)
_WORD = capitals(r"[A-Z][\w-]*(?:[’'][A-Z][\w-]+)?")
_BODIES = (
    "Office|Department|Association|Union|Hospital|Court|College|Bureau|Federation|School|Daily"
)
_NAME = re.compile(
    rf"(?<![\w’'.-])(?:{ABBREVIATED}|{_WORD})"
    rf"(?:(?:[’']s?(?= (?:{_BODIES})\b))? (?:& )?(?:(?:{_PARTICLES}) )*"
    rf"(?:{ABBREVIATED}|(?:(?:al|el|an|ad|ar|as|at|az|ash|ul|bin|ben)-)?{_WORD}))*"
)
"""Capitalised words in a row, as names are written; also "the District Attorney's Office"."""
_SUFFIX = re.compile(r"(?:[IVX]+|Jr|Sr)\.?$")
"""Behind a last name."""
_PEOPLES = frozenset(
    """american british english scottish welsh irish french german italian spanish russian chinese
    japanese australian canadian israeli iranian iraqi syrian turkish greek dutch swedish norwegian
    danish polish ukrainian mexican brazilian indian pakistani afghan egyptian saudi swiss belgian
    austrian finnish portuguese nigerian kenyan palestinian korean californian""".split()
)
"""Before the name of somebody, and no part of it."""
_RANKED = frozenset("emeritus emerita elect general designate".split())
"""Behind a role, and a part of it."""
_PLACED = frozenset("in at near across outside inside around into through on of for the".split())
"""Words before the name of a place or a thing, and seldom before a person's."""
_SURNAMES = frozenset(
    "dean baker king bishop judge head pope prince fellow farmer fisherman driver coach".split()
)
"""Roles that are as often the last word of a person's name."""
_TELLING = frozenset("current former frail ailing retired disgraced embattled jailed late".split())
"""What is told of somebody before their name, and no part of it."""
_OFFICE = re.compile(
    capitals(r"\b([\w-]+) (?:of|for) (?:the )?(?:[A-Z][\w’'-]* (?:of |for |and )(?:the )?)*$")
)
"""Before the capitalised rest of an office that a name follows."""
_IN_TIME = re.compile(
    r"\b(?:on|in|of|since|until|till|last|next|this|late|early|\d)\s$",
    re.IGNORECASE,
)
_OPENING = frozenset(
    """unlike given despite asked meanwhile however neither opposite photo video watch exclusive
    critics sources though although instead today perhaps indeed""".split()
)
"""The same of words that open a sentence."""
_OPENS = re.compile(r"(?:^|[.!?:\n“\"‘]\s?)$")
_HE = HIS_KIN | frozenset("mr sir lord king prince pope actor businessman".split())
_SHE = HER_KIN | frozenset("mrs ms miss dame lady queen princess actress businesswoman".split())
_MAN = re.compile(r"(?<!wo)(?<!ger)(?<!ro)(?<!hu)(?<!nor)(?<!otto)man$")
_KNIGHTED = frozenset("sir dame lord lady".split())
"""Titles that a first name alone may follow."""
_PLURAL_TITLES = frozenset("cllrs sens reps".split())
_MOST_WORDS = 7
"""Capitalised words in a row that can be a name with its role."""
_SHORT_FOR = re.compile(capitals(r" \(([A-Z][A-Za-z]*[A-Z])(?:, [^()\n]{1,40})?\)"))
_PRONOUN = re.compile(r"\b(?:[Hh]e|[Ss]he)\b")
"""As a subject: in "Lee saw her" it is somebody else."""
_EDGE = re.compile(r"[.!?]\s|[\n“”\"‘]|(?<!\w)'|$")
"""Where a sentence or a quotation begins or ends."""
_OFTEN = 2
"""Sentences about one person with one kind of pronoun, so that it is theirs."""


@dataclass(slots=True, eq=False)
class Name:
    """A name that stands in the document, in its fullest form."""

    words: tuple[str, ...]
    """Without titles."""
    text: str
    """As it is shown: with its title where there is but one word."""
    role: str | None
    person: bool
    start: int
    """Where it first stands."""
    gender: Gender
    """By a title, a role or a pronoun; empty where nothing tells."""
    knighted: bool
    speaks: bool = False
    """It names the source of something."""
    heard: Gender = ""
    """By the pronouns behind it. "Jasmine … her" is not yet "Mrs Lee"."""

    @property
    def likely(self) -> Gender:
        """By whatever tells, the given name at last."""
        given = gender_of(self.words[0]) if self.words[1:] else ""
        return self.gender or self.heard or given or ""


class Names:
    """Every name in a text, those of one bearer as one."""

    def __init__(self, text: str, body: int) -> None:
        """``body`` is where the text begins behind its headline."""
        self.text = text
        self.mentions: list[tuple[int, int, Name]] = []
        """(start, end, name) of every name, in order."""
        self._by_last: dict[str, list[Name]] = {}
        self._by_first: dict[str, list[Name]] = {}
        self._short: dict[str, Name] = {}
        """Letters that a name is short for."""
        self._places: set[int] = set()
        """Names behind a word that seldom stands before a person's."""
        self._placed = False
        """The last name is that of a place, by the word before it."""
        self._by_role: dict[str, list[tuple[int, Name]]] = {}
        """By each word of a role: where who has it is named."""
        for start, end, role in self._written():
            self._learn(start, end, role)
        for names in self._by_last.values():
            self._share_role(names)
        self.starts = [start for start, _, _ in self.mentions]
        self._engender()
        in_body = {id(name) for start, _, name in self.mentions if start >= body}
        for _, _, name in self.mentions:
            if id(name) not in in_body:  # "Ice Core Dates Disputed"
                name.person = False

    def between(self, start: int, end: int) -> Sequence[tuple[int, int, Name]]:
        """The mentions that begin in a part of the text."""
        return self.mentions[bisect_left(self.starts, start) : bisect_left(self.starts, end)]

    def fullest(self, name: Name, at: int) -> Name | None:
        """The one whose name it is in short; None where there may be several.

        Of several with one surname a text means, until it introduces the next, the first.
        """
        if len(name.words) > 1:
            return name
        key = name.words[-1].lower()
        same = [one for one in self._by_last.get(key, ()) if one is not name]
        if name.knighted and not same:
            first = [one for one in self._by_first.get(key, ()) if len(one.words) > 1]
            knights = [one for one in first if one.knighted]
            return knights[0] if len(knights) == 1 else name
        titled = [one for one in same if len(one.words) == 1 and one.gender]
        full = [one for one in same if len(one.words) > 1 and not _differ(one, name)]
        if not titled and not name.gender and self.may_be_person(name):
            # "Gigi Lee", "Wang Fei"
            first = [one for one in self._by_first.get(key, ()) if one.person and one.start < at]
            first = [one for one in first if len(one.words) > 1]
            before = [one.start for one in full if one.start < at]
            if len(first) == 1 and all(first[0].start < start for start in before):
                return None if before else first[0]
        if not name.gender and len(full) > 1:
            full = [one for one in full if one.start < at] or full
        if len(full) == 1:
            # "Ann Lee" is "Dr Lee", unless there are a Mr and a Mrs Lee.
            other = any(_differ(one, name) for one in titled) or len(titled) > 1
            return full[0] if full[0].gender or not other else None
        if full or (len(titled) > 1 and not name.gender):
            return None
        return titled[0] if titled and not name.gender else name

    def may_be_person(self, name: Name) -> bool:
        """Whether nothing tells that a single word is the name of a place or a group."""
        word = name.words[0]
        lower = word.lower()
        if len(name.words) > 1 or lower in GROUPS or lower in cues.HEARERS or word.isupper():
            return False
        first = self._by_first.get(lower, ()) if gender_of(word) else ()
        return any(one.person and one.words[1:] for one in first) or id(name) not in self._places

    def with_role(self, role: str, at: int) -> list[Name]:
        """Who is named before ``at`` with a role that holds the word, each once."""
        found: dict[int, Name] = {}
        for start, name in self._by_role.get(role, ()):
            if start >= at:
                break
            full = self.fullest(name, at) or name
            found[id(full)] = full
        return list(found.values())

    # Reading ------------------------------------------------------------------------

    def _written(self) -> Iterator[tuple[int, int, str | None]]:
        """Span and role of each name as it stands."""
        text = self.text
        for match in _NAME.finditer(text):
            start, end = match.span()
            words = match.group().split()
            while words and KINDS.get(words[0].lower(), "") not in ("", "y"):
                if words[0].isupper() and len(words[0]) > 1 and len(words) == 1:
                    break  # "WHO"
                if words[0] == "Will" and len(words) > 1 and text[max(0, start - 2)] in ",;’":
                    break  # "the editor, Will Hill"
                start += len(words.pop(0)) + 1  # "The Post", "On Monday"
            while len(words) > 2 and words[0].lower() in cues.TIMES and gender_of(words[0]) is None:
                start += len(words.pop(0)) + 1  # "On Monday Mayor Ann Lee"
            if len(words) > 1 and (words[0] == "RIP" or self._is_told(start, words)):
                start += len(words.pop(0)) + 1
            if len(words) == 2 and words[1] == "I" and self._is_said(words[0]):
                end -= len(words.pop()) + 1  # "the same Lydia I know"
            title = next((n for n, word in enumerate(words[:-1]) if _is_title(word)), 0)
            if title:  # "Retired Lt. Gen. Ann Lee"
                start += sum(len(word) + 1 for word in words[:title])
                words = words[title:]
            if len(words) > _MOST_WORDS:
                continue  # a headline
            # "Florida Friday", but "Monica T. Friday"
            while len(words) > 1 and words[-1].lower() in cues.TIMES and len(words[-2]) != 2:
                end -= len(words.pop()) + 1
            if not words or (words[0].lower() in cues.TIMES and gender_of(words[0]) is None):
                continue
            timed = len(words) == 1 and words[0].lower() in cues.TIMES
            if timed and _IN_TIME.search(text, max(0, start - 12), start):
                continue  # "on Sunday, the governor said"
            before = words_before(self.text, start)
            role: str | None = None
            at = max((n for n, word in enumerate(words) if _is_office(word)), default=-1)
            if words[at : at + 2] == ["Premier", "League"]:
                at = -1
            if at >= 0 and words[at] == "Dean" and at == len(words) - 2:
                # "Referee Dean Hall": rather a given name.
                at = max((n for n, word in enumerate(words[:at]) if _is_office(word)), default=-1)
            if at == len(words) - 1 and words[at].lower() in _SURNAMES:  # "Police Chief Nate King"
                first = max(
                    (n for n, word in enumerate(words[:at]) if _is_office(word)), default=at
                )
                at = first if first < at - 1 else at
            if at == 0 and len(words) == 2 and words[1].lower() in GROUPS:
                at = -1  # "Justice Department"
            while at >= 0 and at + 2 < len(words) and words[at + 1].lower() in _RANKED:
                at += 1
            if at == len(words) - 1:
                if not self._is_surname(words, before):
                    continue  # "Iranian Ambassador", "Prime Minister"
                at = -1
            if (
                at < 0
                and len(words) == 3
                and words[0].lower() in _PEOPLES
                and before[-1:] != ["the"]
            ):
                start += len(words.pop(0)) + 1  # "Californian Ann Lee"
            if at >= 0:
                head = sum(len(word) + 1 for word in words[: at + 1])
                role = role_before(text, start + head)
                start, words = start + head, words[at + 1 :]
            else:
                office = _OFFICE.search(text, max(0, start - 60), start)
                if (
                    office
                    and is_role(office[1])
                    and len(words) > 2
                    and gender_of(words[-2]) is not None
                ):
                    # "Secretary of State for Energy Ann Lee"
                    start = end - len(" ".join(words[-2:]))
                    words = words[-2:]
                elif len(before) > 1 and before[-1] in OF and is_role(before[-2]):
                    # "Ambassador to Armenia Mehdi Sobhani": what is before two words is a place.
                    if len(words) < 3:
                        continue
                    start = end - len(" ".join(words[-2:]))
                    words = words[-2:]
                if before:
                    role = role_before(text, start)
            bracketed = in_brackets(text, end)
            if role and bracketed:
                role = f"{role}, {bracketed}"
            yield start, end, role or role_beside(text, start, end)

    def _is_said(self, name: str) -> bool:
        """Whether an "I" behind the name says who speaks: no king or queen is called so."""
        return self.text.count(name) > 2 * self.text.count(f"{name} I")

    def _is_told(self, start: int, words: Sequence[str]) -> bool:
        """Whether the first word, at ``start``, tells something of the name, or only opens the
        sentence: "Retiring Ann Lee", "Angry Ann Lee", "Unlike Lee"."""
        first = words[0].lower()
        opens = _OPENS.search(self.text, max(0, start - 3), start) is not None
        if opens and (first in _OPENING or (first.endswith("ly") and gender_of(first) is None)):
            return True
        doing = first.endswith("ing") and len(words) > 2
        capital = opens and len(words) > 2 and gender_of(words[1]) is not None
        odd = capital and gender_of(first) is None and not is_role(first) and not _is_title(first)
        if not doing and not odd and first not in _TELLING:
            return False  # the whole text is looked at for few names alone
        rest = " ".join(words[1:])
        return self.text.count(rest) > self.text.count(f"{words[0]} {rest}")

    def _is_surname(self, words: Sequence[str], before: Sequence[str]) -> bool:
        """Whether a last word that may be a role is a surname: "Paul Dean", not "the Dean"."""
        last = words[-1].lower()
        if last not in _SURNAMES or (before and KINDS.get(before[-1].lower(), "") in ("d", "m")):
            return False
        if len(words) == 1:
            return last in self._by_last
        others = [word.lower() for word in words[:-1]]
        return RANKS.isdisjoint(others) and not any(map(is_role, others))

    def _learn(self, start: int, end: int, role: str | None) -> None:
        written = self.text[start:end].split()
        front = written[:-1] or written  # no last word is a title: "Patsy Lord"
        titles = {word.lower().rstrip(".") for word in front if _is_title(word)}
        words = (*(word for word in front if not _is_title(word)), *written[len(front) :])
        if len(words) > 1 and _SUFFIX.match(words[-1]):
            words = words[:-1]
        if not words:
            return
        key = words[-1].lower()
        gender = gender_in({*titles, *re.findall(r"\w+", (role or "").lower())})
        knighted = not _KNIGHTED.isdisjoint(titles)
        called = re.match(r" (?:news )?([a-z]+)", self.text[end : end + 30])
        sort = called[1] if called else ""
        group = key in GROUPS or key in PLACES or sort in OUTLETS or sort in PLACES
        before = words_before(self.text, start)[-1:]
        behind = bool(before) and before[0].lower() in _PLACED
        placed = behind
        if self.mentions and self.text[self.mentions[-1][1] : start] == ", ":
            placed = self._placed  # "of Reddish, Greater Norton"
        self._placed = placed
        named = bool(titles) or (role is not None and OUTLETS.isdisjoint(role.lower().split()))
        letters = not words[1:] and re.fullmatch(r"(?:[A-Z]\.)+", words[0])  # "Washington, D.C."
        body = words[0].isupper() and words[0].isalpha() and len(words[0]) > 2  # "CNN Money"
        body = body and not words[-1].isupper()
        full = len(words) > 1 and not placed and not body
        person = not group and not letters and (named or full)
        title = len(words) == 1 and titles.isdisjoint(_PLURAL_TITLES)
        text = " ".join(written if title else words)
        article = self.text[max(0, start - 4) : start]
        if group and len(words) == 1 and article in ("The ", "THE "):
            text = article + text
        one = Name(words, text, role, person, start, gender, knighted)
        known = self._short.get(key) if len(words) == 1 else None
        if known is None:
            known = next(
                (
                    name
                    for name in self._by_last.get(key, ())
                    if _same(name.words, words)
                    and not _differ(name, one)
                    and (len(words) > 1 or name.gender == gender)
                ),
                None,
            )
        if known is None:
            known = one
            self._by_last.setdefault(key, []).append(one)
            self._by_first.setdefault(words[0].lower(), []).append(one)
        else:
            if (len(words), len(text)) > (len(known.words), len(known.text)):
                known.words, known.text = words, text
            known.person = known.person or person
            known.gender = known.gender or gender
            known.knighted = known.knighted or knighted
        if role and (known is one or known.role is None):
            known.role = role
            for word in filter(is_role, dict.fromkeys(re.findall(r"[\w-]+", role.lower()))):
                self._by_role.setdefault(word, []).append((start, known))
        if group:
            self._by_role.setdefault(key, []).append((start, known))
        if behind:
            self._places.add(id(known))
        short = _SHORT_FOR.match(self.text, end)
        if short and short[1].upper() == "".join(word[0] for word in words):
            self._short.setdefault(short[1].lower(), known)
        self.mentions.append((start, end, known))

    def _engender(self) -> None:
        """Tell a man from a woman by the pronouns behind a name, where no other is near."""
        heard: dict[int, tuple[Name, set[Gender], int]] = {}
        for start, end in self._alone():
            (begins, ends, name), *_ = self.between(start, end)
            name = self.fullest(name, begins) or name
            said = _PRONOUN.findall(self.text, ends, end)
            found: set[Gender] = {"she" if word[0] in "sS" else "he" for word in said}
            known = any(one.gender for one in self._by_last.get(name.words[-1].lower(), ()))
            if name.person and not known and len(found) == 1:
                _, before, times = heard.get(id(name), (name, set(), 0))
                heard[id(name)] = name, before | found, times + 1
        for name, pronouns, times in heard.values():
            if len(pronouns) == 1 and times >= _OFTEN:
                (name.heard,) = pronouns

    def _alone(self) -> Iterator[Span]:
        """Pieces of the text that say something of one name, none of them partly quoted."""
        begin = 0
        for match in _EDGE.finditer(self.text):
            span = begin, match.start()
            begin = match.end()
            if len({id(name) for _, _, name in self.between(*span)}) == 1:
                yield span

    def _share_role(self, names: Sequence[Name]) -> None:
        """Give "Mr Lee" and "Mayor Lee" one role, where they can but be one."""
        single = [name for name in names if len(name.words) == 1]
        if len(single) == len(names) == 2:
            role = single[0].role or single[1].role
            for name in single if len({one.gender for one in single} - {""}) < 2 else ():
                name.role = role


def _is_office(word: str) -> bool:
    """Whether a word of a name is a role: not the "Daily" of "Daily Post"."""
    return is_role(word) and word.lower() not in OUTLETS


def _is_title(word: str) -> bool:
    return word.lower().rstrip(".") in cues.TITLES


def gender_in(words: set[str]) -> Gender:
    """That of whom one of the words is used of: "spokeswoman", "father"."""
    he = not words.isdisjoint(_HE) or any(map(_MAN.search, words))
    she = not words.isdisjoint(_SHE) or any(word.endswith(("woman", "lady")) for word in words)
    return "" if he == she else "he" if he else "she"


def _differ(one: Name, other: Name) -> bool:
    return {one.likely, other.likely} == {"he", "she"}


def _same(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two names that end alike can be one's: the shorter is the end of the longer, or
    both have the same first word."""
    short, long = sorted((one, other), key=len)
    return (tuple(long[-len(short) :]) == tuple(short) and (len(short) > 1 or len(long) == 1)) or (
        len(short) > 1 and short[0] == long[0]
    )
