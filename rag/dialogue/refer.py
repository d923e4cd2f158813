"""Who and what a conversation is about: what "he", "it", "the ministry" can stand for.

Of the last turn, what its question asks for and is about counts first, then who speaks in
its answer, then the turn before (a much reduced form of centering: Grosz, Joshi and
Weinstein 1995). What cannot be told is left open.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rag.dialogue.frame import BE, Frame, frame, phrases, stated, things
from rag.speaker import is_group, is_outlet
from rag.speech.cues import ROLES
from rag.speech.given import Gender, gender_of
from rag.speech.names import gender_in
from rag.speech.words import KINDS
from rag.types import Answer

_REACH = 3
"""Turns that a word reaches back at most."""
_SHORT = 12
"""Words of a short answer that can stand in a question."""
_ORGANISATIONS = frozenset(
    """company firm corporation broadcaster organisation organization group party agency ministry
    government outlet newspaper university bank club team state country nation""".split()
)
TAKES_UP = _ORGANISATIONS | frozenset(
    """island city town village river lake mountain war battle siege conflict treaty
    edict law act book novel film song poem building castle church abbey bridge ship engine machine
    system service network product device channel programme program project disease plague illness
    theory idea event conference congress meeting dynasty empire kingdom tribe language script
    species animal plant expedition campaign rebellion revolution crisis embargo""".split()
)
"""Nouns that take up what has just been named otherwise: "Cyprus … the island"."""
_ARTICLE = re.compile(r"^(?:the|an?|its|his|her|their|our|such|some)\s+", re.IGNORECASE)
_ARTICLES_KEPT = re.compile(r"^(?:its|his|her|their|our|such|some)\b", re.IGNORECASE)


class Context:
    """What the turns before say about what a follow-up can mean."""

    def __init__(self, history: Sequence[Answer]) -> None:
        self.turns = [Turn(answer) for answer in reversed(history[-_REACH:])]

    @property
    def last(self) -> Turn:
        return self.turns[0]

    def person(self, not_these: str = "", other: Gender = "") -> str | None:
        """Who "he" or "she" is, of those whom ``other`` cannot mean by their names."""
        fitting = (name for name in self._persons() if not other or _gender(name) != other)
        return _first(fitting, not_these)

    def thing(self, not_these: str = "") -> str | None:
        """What "it" is."""
        return _first((name for turn in self.turns for name in turn.things()), not_these)

    def several(self, not_these: str = "") -> str | None:
        """Who or what "they" are."""
        every = [name for turn in self.turns for name in turn.named()]
        found = _first((name for name in every if is_plural(name)), not_these)
        return found or _first((n for n in every if is_group(n)), not_these)

    def described(self, noun: str, guess: bool = True) -> str | None:
        """Who or what "the ``noun``" is: who has that role, whose name holds it, or, as a
        ``guess``, what was named last and can be one."""
        for turn in self.turns:
            for name, role in turn.speakers():
                if noun in _words(role):
                    return name if noun in _words(name) else f"the {noun} {name}"
        for turn in self.turns:
            for name in turn.named():
                if _words(name)[-1:] == [noun] and len(_words(_bare(name))) > 1:
                    return name
        for turn in self.turns:
            found = turn.called(noun)
            if found:
                return found
        if noun in ROLES:
            return None
        for turn in self.turns:
            for name in turn.named():
                if noun in _words(name) and name[:1].isupper():
                    return name
        if noun not in TAKES_UP or not guess:
            return None
        if noun in _ORGANISATIONS:
            names = self.last.named()
            return next((n for n in names if n[:1].isupper() and not is_role(n)), None)
        subject = self.last.asked.subject if self.last.asked else ""
        named = [n for n in self.last.things() if any(map(str.isupper, n))]
        return next((n for n in named if n != subject), next(iter(named), None))

    def _persons(self) -> Iterator[str]:
        for turn in self.turns:
            yield from turn.persons()


class Turn:
    """One question with its answer."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.question = answer.searched
        self.asked: Frame | None = frame(self.question)
        self.short = _short(answer)
        """The first claim's short answer, where it is one."""

    def speakers(self) -> Iterator[tuple[str, str]]:
        """Name and role of who says what was quoted."""
        for claim in self.answer.claims:
            if claim.speaker and claim.speaker.name[:1].isupper():
                yield claim.speaker.name, claim.speaker.role or ""

    def named(self) -> Iterator[str]:
        """Everything that question and short answer name, the question first."""
        for name, _ in things(self.question):
            if not _ARTICLES_KEPT.match(name):
                yield name
        if self.asked and self.asked.noun and is_plural(self.asked.noun):
            yield f"the {self.asked.noun}"
        if self.short:
            yield self.short
        for name, _ in phrases(self.short):
            yield name

    def persons(self) -> Iterator[str]:
        word = self.asked.word if self.asked else ""
        said = dict(self.speakers())
        names = [(n, b) for n, b in things(self.question) if n[0].isupper() or is_role(n)]
        asks_who = word in ("who", "whom") or (self.asked is not None and is_role(self.asked.noun))
        describes = asks_who and self.is_definition
        if describes and names and not is_role(names[0][0]):
            yield names[0][0]  # "Who is Ann Lee?"
        is_asked = asks_who and self.asked and (not self.asked.auxiliary or describes)
        if is_asked and _can_be_person(self.short):
            yield self.short
        for name, _ in names:
            full = next((n for n in said if _words(name)[-1:] == _words(n)[-1:]), None)
            if full and _can_be_person(full) and not is_outlet(said[full]):
                yield full if name[0].isupper() else name
        picks = self.asked is not None and self.asked.noun != "" and not self.asked.auxiliary
        if picks and _can_be_person(self.short):
            yield self.short  # "Which Venetian …?"
        speakers = [n for n, role in said.items() if _can_be_person(n) and not is_outlet(role)]
        if self.asked and not self.asked.lead:
            yield from speakers  # "Did Peru close the port?"
        for name, before in names:
            if KINDS.get(before, "") not in ("P", "t") and _can_be_person(name):
                yield name
        if asks_who and _can_be_person(self.short):
            yield self.short
        yield from speakers
        if _can_be_person(self.short):
            yield self.short
        yield from (n for n, before in names if before and _can_be_person(n))

    def things(self) -> Iterator[str]:
        persons = {name for name in self.persons() if name != self.short}
        asked = self.asked
        names = [
            self._whole(name)
            for name, _ in things(self.question)
            if not _ARTICLES_KEPT.match(name) and not (name in persons and self._is_person(name))
        ]
        answers = self.short if any(map(str.isupper, self.short)) else ""
        if asked and asked.word in ("which", "what") and asked.noun and not asked.auxiliary:
            yield answers or f"the {asked.noun} that {asked.rest}"  # "Which outlet wrote it?"
        if asked and answers:
            defines = asked.word == "what" and not asked.noun and not asked.rest
            if defines and asked.subject[:1].islower() and " of " in f" {asked.subject} ":
                yield self.short  # "What is the capital of Peru?"
        yield from (name for name in names if not is_plural(name))
        if asked and asked.rest and not asked.auxiliary and not names:
            yield from _objects(asked.rest)
        yield from names
        if answers and asked and asked.word not in ("who", "whom"):
            yield self.short

    @property
    def is_definition(self) -> bool:
        """Whether it asks who, what, where or when something is, and no more."""
        asked = self.asked
        rest = asked.rest.partition(" ")[0].lower() if asked else ""
        return (
            asked is not None
            and asked.auxiliary in BE
            and (not rest or KINDS.get(rest, "") in ("P", "t"))
        )

    def _whole(self, name: str) -> str:
        """The subject with what tells which one: "the longest river in Germany"."""
        asked = self.asked
        if not asked or name != asked.subject or asked.auxiliary not in BE:
            return name
        where = KINDS.get(asked.rest.partition(" ")[0].lower(), "") == "P"
        return f"{name} {asked.rest}" if where and asked.word in ("what", "who") else name

    def topic(self) -> str:
        """What the question is about, in words that can stand in brackets."""
        if self.asked and self.asked.auxiliary in BE and self.is_definition:
            return f"{self.asked.subject} {self.asked.rest}".strip()
        asked = self.question.rstrip(" ?!.")
        begins = KINDS.get(asked.partition(" ")[0].lower(), "")  # and is no name
        return self.stated() or (asked[:1].lower() + asked[1:] if begins else asked)

    def _is_person(self, name: str) -> bool:
        said = {_words(n)[-1] for n, role in self.speakers() if not is_outlet(role)}
        words = _words(name)
        asked = self.asked
        is_who = asked is not None and asked.word == "who" and self.is_definition
        return bool(words) and (words[-1] in said or is_role(name) or is_who)

    def called(self, noun: str) -> str | None:
        """What the answer calls by this noun, with what it says about it."""
        if noun in _words(self.short) and self.short[:1] and len(self.short.split()) > 1:
            return self.short
        texts = [claim.text for claim in self.answer.claims]
        texts += [hit.passage.text for hit in self.answer.hits[:3]]
        found: dict[str, None] = {}
        for text in texts:
            for match in re.finditer(
                rf"(?:[A-Z][\w-]*(?:[’']s)? )+{re.escape(noun.capitalize())}\b", text
            ):
                found.setdefault(match.group())
        return re.sub(r"^The ", "the ", max(found, key=len)) if found else None

    def stated(self) -> str:
        """What the question takes for granted, its answer in it, as a statement."""
        return stated(self.asked, self.filler()) if self.asked else ""

    def filler(self) -> str:
        """The short answer, where it can stand in the question in place of what is asked for."""
        subject = self.asked.subject if self.asked else ""
        if not subject or subject not in self.short:
            return self.short
        others = [name for name, _ in phrases(self.short) if subject not in name]
        return others[0] if len(others) == 1 else ""


def is_plural(name: str) -> bool:
    head = re.split(r" (?:of|from|in|to|at|for) ", name)[0].split()[-1:]
    return bool(head) and bool(re.search(r"(?:[^sui’']s|people|children|men)$", head[0]))


def _short(answer: Answer) -> str:
    first = answer.claims[0] if answer.claims else None
    if first is None or (first.answer_span is None and not first.names_speaker):
        return ""
    said = " ".join(first.answers[0].split()).strip(" .,;:‘’“”'\"()[]")
    said = re.sub(r"^(?:The|An?)\b", lambda article: article.group().lower(), said)
    return said if 0 < len(said.split()) <= _SHORT else ""


def _objects(rest: str) -> Iterator[str]:
    """What stands behind the verb, up to a preposition, where it has no article."""
    found = re.match(
        r"\w+ ((?:[\w-]+ ){0,4}?[\w-]+)(?= (?:of|in|at|to|for|from|on|by|with) |$)", rest
    )
    if found:
        yield found[1]


def _gender(name: str) -> Gender | None:
    """By the title or the given name; None where neither tells."""
    first = name.split()[0]
    return gender_in({first.lower().rstrip(".")}) or gender_of(first)


def _first(names: Iterator[str], not_these: str) -> str | None:
    taken = set(_words(not_these))
    return next((name for name in names if set(_words(name)[-1:]) - taken), None)


def _can_be_person(name: str) -> bool:
    words = name.split()
    return bool(words) and (
        is_role(name)
        or (
            any(word[0].isupper() for word in words)
            and words[-1][0].isupper()
            and words[0].lower() not in ("the", "a", "an")
            and not is_group(name)
            and not re.search(r"\d|[’']s? ", name)
            and not words[-1].isupper()
        )
    )


def is_role(name: str) -> bool:
    head = re.split(r" (?:of|from|in|to|at|for) ", name)[0]
    return _words(head)[-1:] != [] and _words(head)[-1] in ROLES


def _words(text: str) -> list[str]:
    return re.findall(r"[\w-]+", text.lower())


def _bare(name: str) -> str:
    return _ARTICLE.sub("", name)
