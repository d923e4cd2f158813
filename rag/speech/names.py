"""The names in a text: full, with role, and what tells whether they are a man's or a woman's."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from rag.speech import cues
from rag.speech.quotes import Span
from rag.speech.words import KINDS

Gender = Literal["he", "she", ""]

_PARTICLES = (
    "al|ap|bin|ibn|bint|ben|de|del|della|dello|degli|di|da|dos|du|el|la|le|van|von|der|den|ter|zu"
)
_WORD = r"[A-Z][\w-]*(?:[’'][A-Z][\w-]+)?"
_ABBREVIATED = (
    r"(?:(?:[A-Z]\.){2,}"
    r"|(?:Mrs?|MRS?|M[Ss]|D[Rr]|Sen|Rep|Gov|Gen|Lt|Col|Capt|Cmdr|Supt|Insp|Det|Cpl|Adm|Sgt|Rev|Prof|St|[A-WYZ])\.)"
)
_BODIES = (
    "Office|Department|Association|Union|Hospital|Court|College|Bureau|Federation|School|Daily"
)
_NAME = re.compile(
    rf"(?<![\w’'.-])(?:{_ABBREVIATED}|{_WORD})"
    rf"(?:(?:[’']s?(?= (?:{_BODIES})\b))? (?:& )?(?:(?:{_PARTICLES}) )*"
    rf"(?:{_ABBREVIATED}|(?:(?:al|el|an|ad|ar|as|at|az|ash|ul|bin|ben)-)?{_WORD}))*"
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
POSSESSIVE = re.compile(r"[’']s?(?!\w)")
OUTLETS = frozenset(
    """outlet newspaper paper magazine daily weekly agency website site broadcaster channel journal
    tabloid station network blog publication""".split()
)
GROUPS = frozenset(
    """ministry council company government commission committee court department agency union
    association university party foundation institute authority board office bank club team firm
    group state police embassy parliament senate congress administration charity society federation
    service trust school hospital college council corporation bureau museum academy fund nations
    korea zealand africa america arabia lanka carolina dakota jersey mexico hampshire
    statistics tower towers campaign airlines airways plaza cup prize award act show series gallery
    theatre theater store stores motors records organization organisation building
    county province district region beach valley peninsula coast hotel stadium cathedral palace
    ltd inc plc corp co news times post
    press radio tv army navy house street city york states kingdom river road avenue square island
    islands sea bay ocean airport station league awards report review project centre
    center""".split()
)
"""Last words of names that are no person's."""
_PLACED = frozenset("in at near across outside inside around into through on of for the".split())
"""Words before the name of a place or a thing, and seldom before a person's."""
_SURNAMES = frozenset(
    "dean baker king bishop judge head pope prince fellow farmer fisherman driver coach".split()
)
"""Roles that are as often the last word of a person's name."""
RANKS = frozenset(
    """vice assistant associate deputy chief high supreme crown auxiliary former acting senior
    junior county district circuit executive""".split()
)
"""First words of roles, which nobody is called."""
_ACTS = frozenset(
    """please force forced meet met join joined replace replaced succeed succeeded fire fired hire
    hired appoint appointed elect elected help helped let made make see saw kill killed oust ousted
    arrest arrested beat defeat defeated face faced thank lead led
    challenge challenged persuade persuaded""".split()
)
"""Verbs right before the role of whom something is done to."""
_TELLING = frozenset("current former frail ailing retired disgraced embattled jailed late".split())
"""What is told of somebody before their name, and no part of it."""
_FIRMS = frozenset("giant giants outfit side maker retailer chain startup brand".split())
"""Last words of what explains the name of a group."""
_HE = frozenset(
    """mr sir lord king prince pope husband father brother son actor businessman uncle nephew
    grandfather grandson boyfriend dad""".split()
)
_SHE = frozenset(
    """mrs ms miss dame lady queen princess wife mother sister daughter widow actress
    businesswoman aunt niece grandmother granddaughter girlfriend mum mom""".split()
)
_KNIGHTED = frozenset("sir dame lord lady".split())
"""Titles that a first name alone may follow."""
_PLURAL_TITLES = frozenset("cllrs sens reps".split())
_ROLES = (cues.ROLES | OUTLETS) - {"counterpart", "opponent", "rival"}
_SCIENCES = re.compile(r"\w(?:ologist|ographer|ician|spokes(?:wo)?man)$")
_RELATIVES = cues.RELATIVES | {"whose", "where", "when"}
_MOST_WORDS = 7
"""Capitalised words in a row that can be a name with its role."""
_BEFORE = re.compile(r"(?:[^\W\d_][\w’'-]*[ ]+)*$")
"""Words right before a name, with nothing but spaces between them."""
_APPOSITION = re.compile(
    r", (?:\d\d, )?"
    r"((?:(?!(?:said|says|told|tells) )[\w’'-]+ ){0,9}(?!(?:said|says|told|tells)\b)[\w’'-]+)"
    r"(?=[,.;:]| (?:said|says|who|and|told|tells)\b|$)"
)
_BRACKETED = re.compile(r" \(((?:[a-z][\w’'-]* ){0,5}[a-z][\w’'-]*)\)")
"""A role in brackets, as minutes have it: "Ruth Adeyemi (chair)"."""
_HOLDS = re.compile(r"\b[Tt]he ((?:[\w’'-]+ ){0,8}[\w’'-]+) \($")
"""An office before a name in brackets: "The Minister for the Coast (Ann Lee)"."""
_INTRODUCED = re.compile(
    r"(?:^|(?<=[\s,;“‘\"]))"
    r"((?:[Tt]he|[Aa]n?|[Aa]nother|[Ii]ts|[Tt]heir|[Oo]ur|[Mm]y|[Hh]is|[Hh]er) "
    r"(?:[\w’'-]+ ){0,8}[\w’'-]+|[A-Z][\w’'-]+[’']s (?:[\w’'-]+ ){0,5}[\w’'-]+), $"
)
_LATER = re.compile(
    r" by (?=the |an? )|(?<! of)(?<! to)(?<! for)(?<! at)(?<! in)(?<! by)(?<! on)(?<! with)"
    r"(?<! from) (?=(?:his|her|their) )"
)
"""Where what explains a name begins anew: "For his birthday his aunt, Ann Lee"."""
_PLACE = re.compile(r" (?:from|in|near) (?:[A-Z][\w’'-]+ ?)+$")
"""At the end of what explains a name: where somebody is from, which the name goes on with."""
_OWNER = re.compile(r"(?:[A-Z][\w’'-]+ )*[A-Z][\w’'-]+[’']s (?:[\w-]+ ){0,3}[\w-]+$")
_TITLES = re.compile(rf"(?:(?:{_ABBREVIATED}|Sir|Dame|Lord|Lady|Mrs?|Ms|Dr) )*$")
_SHORT_FOR = re.compile(r" \(([A-Z][A-Za-z]*[A-Z])\)")
_PRONOUN = re.compile(r"\b(?:[Hh]e|[Ss]he)\b")
"""As a subject: in "Lee saw her" it is somebody else."""
_EDGE = re.compile(r"[.!?]\s|[\n“”\"‘]|(?<!\w)'|$")
"""Where a sentence or a quotation begins or ends."""
_OFTEN = 2
"""Sentences about one person with one kind of pronoun, so that it is theirs."""
OF = frozenset("of to for at from in on".split())


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
    heard: Gender = ""
    """By the pronouns behind it. "Jasmine … her" is not yet "Mrs Lee"."""


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
        if len(name.words) > 1 or name.words[0].lower() in GROUPS or name.words[0].isupper():
            return False
        return not any(
            word.lower() in _PLACED
            for start, _, one in self.mentions
            if one is name
            for word in self._words_before(start)[-1:]
        )

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
            if len(words) > 1 and (words[0] == "RIP" or self._is_told(words)):
                start += len(words.pop(0)) + 1
            if len(words) == 2 and words[1] == "I" and self._is_said(words[0]):
                end -= len(words.pop()) + 1  # "the same Lydia I know"
            title = next((n for n, word in enumerate(words) if _is_title(word)), 0)
            if title:  # "Retired Lt. Gen. Ann Lee"
                start += sum(len(word) + 1 for word in words[:title])
                words = words[title:]
            if len(words) > _MOST_WORDS:
                continue  # a headline
            # "Florida Friday", but "Monica T. Friday"
            while len(words) > 1 and words[-1].lower() in cues.TIMES and len(words[-2]) != 2:
                end -= len(words.pop()) + 1
            if not words or words[0].lower() in cues.TIMES:
                continue
            before = self._words_before(start)
            role: str | None = None
            at = max((n for n, word in enumerate(words) if _is_office(word)), default=-1)
            if words[at : at + 2] == ["Premier", "League"]:
                at = -1
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
                role = self._role(start + head)
                start, words = start + head, words[at + 1 :]
            else:
                if len(before) > 1 and before[-1] in OF and is_role(before[-2]):
                    # "Ambassador to Armenia Mehdi Sobhani": what is before two words is a place.
                    if len(words) < 3:
                        continue
                    start = end - len(" ".join(words[-2:]))
                    words = words[-2:]
                if before:
                    role = self._role(start)
            bracketed = _BRACKETED.match(text, end)
            if role and bracketed and any(map(is_role, bracketed[1].split())):
                role = f"{role}, {bracketed[1]}"
            yield start, end, role or self._explained(start, end)

    def _is_said(self, name: str) -> bool:
        """Whether an "I" behind the name says who speaks: no king or queen is called so."""
        return self.text.count(name) > 2 * self.text.count(f"{name} I")

    def _is_told(self, words: Sequence[str]) -> bool:
        """Whether the first word tells something of the name: "Retiring Ann Lee"."""
        doing = words[0].endswith("ing") and len(words) > 2
        if not doing and words[0].lower() not in _TELLING:
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
        titles = {word.lower().rstrip(".") for word in written if _is_title(word)}
        words = tuple(word for word in written if not _is_title(word))
        if len(words) > 1 and _SUFFIX.match(words[-1]):
            words = words[:-1]
        if not words:
            return
        key = words[-1].lower()
        gender = _gender({*titles, *re.findall(r"\w+", (role or "").lower())})
        knighted = not _KNIGHTED.isdisjoint(titles)
        called = re.match(r" (?:news )?([a-z]+)", self.text[end : end + 30])
        group = key in GROUPS or (called is not None and called[1] in OUTLETS)
        before = self._words_before(start)[-1:]
        placed = bool(before) and before[0].lower() in _PLACED
        if self.mentions and self.text[self.mentions[-1][1] : start] == ", ":
            placed = self._placed  # "of Reddish, Greater Norton"
        self._placed = placed
        named = bool(titles) or (role is not None and OUTLETS.isdisjoint(role.lower().split()))
        person = not group and (named or (len(words) > 1 and not placed))
        title = len(words) == 1 and titles.isdisjoint(_PLURAL_TITLES)
        text = " ".join(written if title else (w for w in written if not _is_title(w)))
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

    def _role(self, start: int) -> str | None:
        """The role in the words right before a name: "Foreign Ministry spokesperson"."""
        before = _BEFORE.search(self.text, max(0, start - 120), start)
        words = before.group().split() if before else []
        taken: list[str] = []
        while words:
            word = words.pop()
            lower = word.lower()
            if lower in OF and lower != "in" and words and is_role(words[-1]):
                if any(map(is_role, taken)):
                    break  # "the mother of the victim Ann Lee"
                taken.insert(0, word)
                continue
            verb = word in cues.CUES  # not "Secretary of State"
            adverb = word.endswith("ly") and word.islower()
            if (
                (KINDS.get(lower) and word not in ("US", "First"))
                or verb
                or adverb
                or lower in cues.TITLES
            ):
                if lower == "to" and taken and taken[0].islower() and not is_role(taken[0]):
                    del taken[0]  # "told to forge Reserve Deputy"
                break
            taken.insert(0, word)
            if POSSESSIVE.search(word):
                break
        if any(word in OF for word in taken) and taken[-1].lower() in RANKS:
            return None  # "the fiancee of former Gov. Lee"
        if taken[-1:] in (["named"], ["called"]):
            del taken[-1]  # "a fan named Ann"
        if taken[:1] == ["year-old"]:
            del taken[0]
        done = max((at for at, word in enumerate(taken[:-1]) if word in _ACTS), default=-1)
        del taken[: done + 1]  # "will please head coach Ann Lee"
        if not any(map(is_role, taken)) or taken[-1] in GROUPS | _FIRMS or taken == ["fellow"]:
            return None  # "the head of construction giant Acme"
        return " ".join(taken)

    def _explained(self, start: int, end: int) -> str | None:
        """The role between commas behind a name, or before it."""
        behind = _APPOSITION.match(self.text, end, end + 120) or _BRACKETED.match(self.text, end)
        if behind and _describes(behind[1]):
            return _bare(behind[1])
        holds = _HOLDS.search(self.text, max(0, start - 80), start)
        if holds and any(map(is_role, holds[1].split())):
            return holds[1]
        title = _TITLES.search(self.text[max(0, start - 20) : start])
        lead = start - len(title.group()) if title else start  # "our chair, Lord Ambrose Tew"
        before = _INTRODUCED.search(self.text[max(0, lead - 90) : lead])
        said = _LATER.split(before[1])[-1] if before else ""
        begins = max(0, lead - 90) + (before.start(1) if before else 0)
        if not OUTLETS.isdisjoint(said.split()) and self.text.endswith("ding to ", 0, begins):
            return None  # "According to the paper, Lee …"
        if _PLACE.search(said) and " " not in self.text[start:end]:
            return None  # "an artist from Springville, Utah"
        owner = _OWNER.search(said)
        for words in (said, owner.group() if owner else ""):
            if _describes(words):
                return _bare(words)
        return None

    def _words_before(self, start: int) -> list[str]:
        before = _BEFORE.search(self.text, max(0, start - 60), start)
        return before.group().split()[-2:] if before else []


def is_role(word: str) -> bool:
    """Whether it names what somebody is or does."""
    word = word.lower().strip(",.;:“”‘’'\"")
    return word.rsplit("-", 1)[-1] in _ROLES or word in _ROLES or _SCIENCES.search(word) is not None


def _is_office(word: str) -> bool:
    """Whether a word of a name is a role: not the "Daily" of "Daily Post"."""
    return is_role(word) and word.lower() not in OUTLETS


def _is_title(word: str) -> bool:
    return word.lower().rstrip(".") in cues.TITLES


def _gender(words: set[str]) -> Gender:
    he = not words.isdisjoint(_HE) or any(
        w.endswith("man") and not w.endswith("woman") for w in words
    )
    she = not words.isdisjoint(_SHE) or any(word.endswith("woman") for word in words)
    return "" if he == she else "he" if he else "she"


def _differ(one: Name, other: Name) -> bool:
    return bool(one.gender and other.gender) and one.gender != other.gender


def _same(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two names that end alike can be one's: the shorter is the end of the longer, or
    both have the same first word."""
    short, long = sorted((one, other), key=len)
    return (tuple(long[-len(short) :]) == tuple(short) and (len(short) > 1 or len(long) == 1)) or (
        len(short) > 1 and short[0] == long[0]
    )


def _describes(words: str) -> bool:
    """Whether words beside a name are what its bearer is or does: a role stands early in them,
    and no verb before it."""
    said = words.split()
    heads = [at for at, word in enumerate(said) if is_role(word)]
    if not heads or heads[0] > 7 or said[0].lower() in _RELATIVES:
        return False
    before, behind = said[: heads[0]], said[heads[0] + 1 :]
    while behind and is_role(behind[0]):
        del behind[0]
    if KINDS.get(said[0].lower(), "") in ("B", "C") or (behind and KINDS.get(behind[0]) == "a"):
        return False  # "…, but the coach will leave"
    if said[heads[0]][0].isupper() and behind and behind[0][0].isupper():
        return False  # "…, Senator Ann Lee"
    return not any(
        KINDS.get(word, "") in ("P", "t", "v", "a", "r", "p")
        or (word in cues.CUES and cues.CUES[word][1] != "ing")
        for word in before
    )


def _bare(role: str) -> str:
    """Without the article."""
    return re.sub(r"^(?:the|an?|another|its|their|our|my|his|her) ", "", role, flags=re.IGNORECASE)
