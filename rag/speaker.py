"""Who says what in a document: each statement with its speaker's full name and role.

``rag/speech`` finds the statements and the words that name their sources ("he", "the
ministry"); this module finds out who is meant. It never guesses: where the document leaves
more than one possibility, the words of the sentence are the name.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

from rag.speech import cues
from rag.speech.attribution import Attribution, attributions
from rag.speech.capitals import capitals
from rag.speech.flowing import Flowing
from rag.speech.given import Gender
from rag.speech.names import Name, Names
from rag.speech.persons import ONE, Persons, Told, Who
from rag.speech.quotes import Span, paragraphs
from rag.speech.roles import GROUPS, OF, OUTLETS, POSSESSIVE, RANKS, is_role, role_before
from rag.speech.words import KINDS
from rag.split import sentences as sentences_of
from rag.types import Speaker, Statement

_PIECES = frozenset(
    """article piece editorial story column op-ed commentary post report essay review outlet
    newspaper paper magazine daily weekly website site""".split()
)
"""What is written by somebody, and stands for its writer: "the article argued"."""
_PRONOUNS: dict[str, Gender] = {"he": "he", "him": "he", "his": "he", "she": "she", "her": "she"}
_NOT_SAID = re.compile(
    r"(?:\b(?:not|never|neither|nor|nobody|cannot)|n[’']t)\b[^.,;:“”\"‘]*$"
    r"|\b(?:refus|declin|fail)(?:e|ed|es|ing|s)?\b to [^.,;:“”\"‘]*$",
    re.IGNORECASE,
)
"""Before a verb that then attributes nothing: it tells what somebody did not say."""
_NOT_SAID_NEAR = 24
_ONLY_POSSIBLE = re.compile(
    r"(?:(?<!asked )(?<!asks )(?<!asking )\b(?:if|unless|whether|nobody|no ?one|none)\b"
    r"[^.,;:“”\"‘]*"
    r"|\bno (?:evidence|proof|record|sign|indication|suggestion) (?:that|of)\b[^.,;:“”\"‘]*"
    r"|\b(?:stop(?:s|ped|ping)? short of|avoid(?:s|ed|ing)?|instead of|without) "
    r"|\b(?:could|might|yet to)(?: \w+ly)? |\b(?:wrongly|falsely|incorrectly) (?:\w+ (?:as )?)?)$",
    re.IGNORECASE,
)
"""The same: what somebody has not said yet, or might say."""
_ASKS = re.compile(
    r"(?:^|[.!?][”\"’]?\s)\s*(?:Did|Does|Do|Has|Have|Had|Will|Would|Can|Could)\b[^.,;:“”\"‘]*$"
)
_ENDS = re.compile(r"[.!?]")
_ENDS_NEAR = 300
_ONLY_POSSIBLE_NEAR = 60
_ANTECEDENT = re.compile(
    r"\b((?:[Tt]he|[Aa]n?|[Ii]ts|[Tt]heir|[Oo]ur|[Hh]is|[Hh]er)"
    r"(?: (?!the |an? |its |their |our |his |her )[\w’'-]+){1,5}),? $"
)
"""What a relative pronoun stands for, by the article before it."""
_WORKS = re.compile(
    capitals(
        r"\b((?:[Tt]he|[Aa]n?|[Aa]nother|[Oo]ne|[Hh]is|[Hh]er|[Tt]heir) (?:[a-z][\w-]* ){0,2}?"
        r"([a-z][\w-]*) (?:from|at|of|with|for) (?:the )?(?:[A-Z][\w&’'-]* ?)+?),? $"
    )
)
"""Somebody without a name before "who", by where they work."""
_PLURAL = re.compile(capitals(r"((?:[A-Z][\w’'-]+ ){0,3}[a-z][\w’'-]+s),? $"))
"""The same without an article: "Norse leaders, who"."""
_PEOPLE = re.compile(r"(?:man|men|iard|ese|(?<!uard)ian|ians|ish)$")
"""Who somebody is, or some are, by where they are from: "the Dutchman", "the Russians"."""
_OWNERS = {"its": "it", "their": "they", "his": "he", "her": "she", "our": "we", "my": "I"}
"""Whose claim it is, as who says it."""
_DATED = re.compile(r"(?<=\w)(?:, \d\d| in \d{4})$")
"""Behind a name: an age, and when it was said."""
_HEARD = ("hear", "hears", "heard")
"""Ends of the words that attribute to a court what another one says there."""
_COURTS = dict.fromkeys(
    ("court", "courts", "inquest", "tribunal", "hearing", "inquiry"), "where it was heard"
)
_BODIES = GROUPS | cues.HEARERS | cues.DOCUMENTS
"""Last words of what can be an "it" that says something."""
_NEAR_IT = 400
"""Characters that an "it" reaches back."""
_LONG = 80
"""Characters of a name; what is longer holds an explanation of it."""


def statements(text: str, sentences: Sequence[Span] | None = None) -> tuple[Statement, ...]:
    """What ``text`` says on whose behalf, in order; time is linear in its length.

    ``sentences`` are the spans of ``rag.split.sentences``; they are found where not given.
    """
    sentences = list(sentences_of(text)) if sentences is None else sentences
    flowing = Flowing(text, sentences)
    found = attributions(flowing.text, flowing.sentences)
    if not found:
        return ()
    resolver = _Resolver(flowing.text, flowing.sentences, found)
    return tuple(map(flowing.back, resolver.resolved(found)))


class _Resolver:
    """Finds out who the words mean that name a source."""

    def __init__(self, text: str, sentences: Sequence[Span], found: Sequence[Attribution]) -> None:
        self.text = text
        blocks = paragraphs(text)
        begins = [start for start, _ in blocks]
        headed = len(blocks) > 1 and text[blocks[0][1] - 1].isalnum()
        self.names = Names(text, blocks[1][0] if headed else 0)
        quoted: list[Span] = []
        for one in sorted({a.content for a in found if a.mode == "direct" and not a.nested}):
            if not quoted or one[0] >= quoted[-1][1]:
                quoted.append(one)
        self.told: dict[int, Told] = {}
        """By where a source stands."""
        self.persons = Persons(text, self.names, begins, sentences, quoted, self.told)
        self.unnamed: dict[str, list[Who]] = {}
        """Who is spoken of without a name for the first time ("a spokesman"), by what they are."""

    def resolved(self, found: Sequence[Attribution]) -> Iterator[Statement]:
        outer = {one.source for one in found if one.source and not one.nested}
        inner = {one.source for one in found if one.source and one.nested} - outer
        for one in found:
            if one.source:
                told = self.told.setdefault(one.source[0], Told(one.source))
                told.add(one.content, self.text[slice(*one.cue)])
        for source in outer:
            name = None if self._pronoun(source) else self._named(source)
            if name:
                name.speaks = True
        known: dict[Span, Who] = {}
        said: list[Who] = []
        for source in sorted(outer):
            who = self._who(source, said[-1] if said else None)
            known[source] = who
            said.append(who)
            if who.meant is None and who.name.lower().split()[:1] in ONE:
                self.unnamed.setdefault(who.head, []).append(who)
        starts = [who.at for who in said]
        quoted = [one for one in found if one.mode == "direct" and not one.nested and one.source]
        opened = [one.content[0] for one in quoted]
        for source in sorted(inner):
            before = bisect_left(starts, source[0])
            who = self._who(source, said[before - 1] if before else None)
            at = bisect_right(opened, source[0]) - 1
            if at >= 0 and quoted[at].content[1] >= source[1] and quoted[at].source:
                # Nobody calls themselves "he".
                speaker = known[quoted[at].source or source]
                if self.text[slice(*source)] == "I" and speaker.name:
                    who = Who(source[0], speaker.name, speaker.role, speaker.meant)
                elif who.meant is speaker.meant and self._pronoun(source):
                    who = Who(source[0], self.text[slice(*source)])
            known[source] = who
        for one in found:
            denies = one.denies
            if self._is_unsaid(one):
                if not cues.DISOWNS.search(
                    self.text, max(0, one.cue[0] - _NOT_SAID_NEAR), one.cue[1]
                ):
                    continue
                denies = True
            who = known[one.source] if one.source else Who(one.cue[0], "")
            if who.name == "I" and not one.nested:
                continue  # the document's own voice
            # A "who" of nobody, an article that a line break cut off or an age name no one.
            named = one.source if who.name else None
            start, end = named or (one.cue[0], one.cue[0])
            role = self._part(one) or who.role
            speaker_of = Speaker(who.name, role, start, end, *one.cue, one.mode)
            yield Statement(*one.content, speaker_of, denies, one.nested)

    def _is_unsaid(self, one: Attribution) -> bool:
        """Whether the words before the verb tell that it is not, or not yet, what somebody says."""
        first, last = one.cue
        if _NOT_SAID.search(self.text[max(0, first - _NOT_SAID_NEAR) : last]):
            return True
        words = self.text[first:last].split()
        if words[:1] in ([], ["according"]):  # "No one was hurt according to the police."
            return False
        # The last word is the verb itself, "could" and "wrongly" may stand among those before it.
        before = max(0, first - _ONLY_POSSIBLE_NEAR), last - len(words[-1])
        if _ONLY_POSSIBLE.search(self.text, *before):
            return True
        begin = max(last, one.content[1] - 1)
        ends = _ENDS.search(self.text, begin, begin + _ENDS_NEAR)
        return bool(ends and ends.group() == "?" and _ASKS.search(self.text, *before))

    def _part(self, one: Attribution) -> str | None:
        """What part a court has in what it "heard": another one said it there."""
        if not one.source or not self.text[slice(*one.cue)].lower().endswith(_HEARD):
            return None
        hearer = self.text[slice(*one.source)].lower().split()[-1]
        return _COURTS.get(hearer, "who heard it") if hearer in cues.HEARERS else None

    # Who is meant -------------------------------------------------------------------

    def _who(self, source: Span, last: Who | None) -> Who:
        """``last`` is who spoke before."""
        text = " ".join(self.text[slice(*source)].split())
        words = text.lower().replace("’", "'").split()
        at = source[0]
        pronoun = self._pronoun(source)
        meant: Name | None = None
        if pronoun:
            return self.persons.meant(at, pronoun, last) or self._as(None, at, text)
        if text in ("who", "which", "that"):
            meant = self._before(at)
            if meant and not meant.person and text == "who":
                works = _WORKS.search(self.text, max(0, at - 120), at)
                if works and is_role(works[2]):  # "a nurse at Norton General, who"
                    return Who(at, works[1])
            # "The fund's manager, who"
            before = _ANTECEDENT.search(self.text, max(0, at - 80), at)
            before = before or _PLURAL.search(self.text, max(0, at - 60), at)
            who = re.split(r" (?:from|by|with) ", before[1])[-1] if before else ""
            return self._as(meant, at, who)
        if text in ("it", "It", "its") or (
            words and text.split()[-1] in _PIECES and words[0] in ("the", "its", "this")
        ):
            meant = self._writer(source, last, words)
            if meant:
                return self._as(meant, at, text)
            if last and words == ["it"] and self._is_body(last, at):
                return Who(at, last.name, last.role, last.meant)
        named = self._named(source)
        if named and not named.person and words[0] == "the" and _PEOPLE.search(words[-1]):
            return Who(at, text, named.role, named)
        if named and not named.person:
            owner = re.search(
                rf"(?:[A-Z][\w.&-]* )*[\w-]+[’']s? {re.escape(named.text)}",
                text.removeprefix("The "),
            )
            return Who(at, owner.group() if owner else named.text, named.role, named)
        if named is None and len(words) > 1 and words[0] in ("the", "its", "their"):
            named = self._described(source, words)
            if named and [word.lower() for word in named.words] == words[1:]:
                named = None  # "The union" is no one called "Union"
            first = self._first(words, at) if named is None else None
            if first:
                return Who(at, first.name, first.role)
        return self._as(named, at, text)

    def _is_body(self, last: Who, at: int) -> bool:
        """Whether the one who spoke last, near ``at``, can be an "it"."""
        head = last.name.lower().split()[-1:]
        named = last.meant is not None or not _BODIES.isdisjoint(head)
        if not named or last.person or last.at < max(self.persons.reach(at), at - _NEAR_IT):
            return False
        since = self.names.between(last.at + len(last.name), at)
        return all(name is last.meant or name.person for _, _, name in since)

    def _as(self, meant: Name | None, at: int, text: str) -> Who:
        if meant is None:
            return Who(at, _OWNERS.get(text.lower(), _short(text)))
        return Who(at, meant.text, meant.role, meant)

    def _pronoun(self, source: Span) -> Gender:
        word = self.text[slice(*source)]
        return "" if word.isupper() else _PRONOUNS.get(word.lower(), "")

    def _named(self, source: Span) -> Name | None:
        """Whose name the words are, but for what they say about it."""
        inside = self.names.between(source[0], source[1])
        if inside and self._ends_it(source, *inside[-1]):
            return self.names.fullest(inside[-1][2], inside[-1][0])
        for number, (start, end, name) in enumerate(inside):
            if POSSESSIVE.match(self.text, end) and end < source[1] - 2:
                continue
            lead = self.text[source[0] : start].lower().split()
            # "His cousin, Ann Lee", "another hiker, Ann Lee"
            apart = lead and "," in lead[-1] and not (name.person and end == source[1])
            works = lead[-1:] == ["with"] and any(map(is_role, lead[-2:-1]))
            if lead and lead[-1] in OF and not name.person:
                # "a member of Norton Council, Councillor Ann Lee"
                begins, ends, last = inside[-1]
                explains = re.fullmatch(r", (?:[\w’'-]+ ){0,4}", self.text[end:begins])
                if number + 2 == len(inside) and last.person and ends == source[1] and explains:
                    return self.names.fullest(last, begins)
            if lead and (works or lead[-1] in OF or (apart and not any(map(is_role, lead)))):
                return None  # "a spokesman for Ann Lee"
            if not cues.RELATIVES.isdisjoint(lead):
                return None  # "an insider, who told the Post"
            of = next((at for at, word in enumerate(lead) if word in OF), len(lead))
            kin = any(map(is_role, lead[:of])) and any(map(is_role, lead[of:]))
            if of < len(lead) and (kin or not name.person):
                return None  # "the mother of the victim Ann Lee"
            rest = inside[number + 1 :]
            behind = re.match(r" ([a-z][\w-]*)", self.text[end : source[1]])
            if behind and (not name.person if behind[1] in OF else behind[1] not in KINDS):
                if rest:
                    continue
                return None  # "Ann Lee aides", "the Association of Mayors"
            if any(other.role and name.text in other.role for _, _, other in rest[:8]):
                continue  # "Foreign Ministry spokesperson Ann Lee"
            offices = is_role(name.words[-1]) and rest[:1] and rest[0][2].person
            if offices and self.text[end : rest[0][0]].startswith(" and "):
                continue  # "Acme President and Chief Scientist Ann Lee"
            if any(
                re.fullmatch(r",? (?:and|or) (?:[\w’'-]+ ){0,4}", self.text[end:begins])
                for begins, _, _ in rest[:1]
            ):
                return None  # "Ministers Ann Lee and Bo Day"
            return self.names.fullest(name, start)
        return None

    def _ends_it(self, source: Span, begins: int, ends: int, name: Name) -> bool:
        """Whether a name at the end of the words has the office before it: "Bank of England
        governor Ann Lee", "the governor of the Bank of England, Ann Lee"."""
        if ends != source[1] or not name.person:
            return False
        before = self.text[source[0] : begins]
        office = re.split(r" (?:of|for|to) ", before)[0].split()
        if before.endswith(", ") and before.count(",") == 1 and any(map(is_role, office)):
            return True
        role = role_before(self.text, begins) or ""
        return " of " in role and before.strip().endswith(role) and before[0].isupper()

    def _described(self, source: Span, words: Sequence[str]) -> Name | None:
        """Who "the ministry" or "the spokesperson" is, if only one can be."""
        head = words[-1].removesuffix("'s").removesuffix("'")
        said = {*words[1:-1], head}
        found = []
        for name in self.names.with_role(head, source[0]):
            role = set(re.findall(r"[\w-]+", (name.role or "").lower()))
            # "The president" is no vice president, and "the Norse envoy" not the Danish one.
            known = role | {word.lower() for word in name.words}
            if said <= known and said & RANKS == role & RANKS:
                found.append(name)
        return found[0] if len(found) == 1 else None

    def _first(self, words: Sequence[str], at: int) -> Who | None:
        """Who "the spokesman" is, if the text speaks of but one "spokesman for Acme" before."""
        if len(words) != 2 or not is_role(words[1]):
            return None
        found = {who.name.lower(): who for who in self.unnamed.get(words[1], ()) if who.at < at}
        return next(iter(found.values())) if len(found) == 1 else None

    def _before(self, at: int) -> Name | None:
        """Whose name stands right before a "who"."""
        number = bisect_left(self.names.starts, at) - 1
        if number < 0:
            return None
        start, end, name = self.names.mentions[number]
        if at - end < 3:
            return self.names.fullest(name, start)
        # "Ann Lee, the head of Acme, who"
        for begins, ends, one in reversed(self.names.mentions[max(0, number - 2) : number + 1]):
            beside = re.fullmatch(r", ([^,.;:“”\"]{3,80}), ", self.text[ends:at])
            if one.person and one.role and beside and one.role in beside[1]:
                return self.names.fullest(one, begins)
        return None

    def _writer(self, source: Span, last: Who | None, words: Sequence[str]) -> Name | None:
        """Whose the article is; who "it" is: the last that spoke, if no person."""
        first = self.persons.reach(source[0])
        if words[-1] in ("it", "its"):
            near = last and not last.person and last.at >= first
            return last.meant if last and near else None
        found = {
            id(name): name
            for _, _, name in self.names.between(first, source[0])
            if name.role and is_outlet(name.role)
        }
        return next(iter(found.values())) if len(found) == 1 else None


def is_group(name: str) -> bool:
    """Whether a name is no person's, by its last word: "the Foreign Ministry"."""
    return not GROUPS.isdisjoint(name.lower().split()[-1:])


def is_outlet(role: str) -> bool:
    """Whether a role is that of a newspaper or the like."""
    return not OUTLETS.isdisjoint(re.findall(r"[\w-]+", role.lower()))


def _short(text: str) -> str:
    """Without what explains the name behind a comma, where it is long."""
    text = POSSESSIVE.sub("", text) if text[-2:] in ("'s", "’s") else text
    text = text.strip("'\"‘’“” ")
    if text.isdigit() or text.lower() in ("the", "a", "an"):
        return ""  # of a line that broke off: "the. ministry said"
    text = _DATED.sub("", text)
    return text if len(text) <= _LONG else text.split(",")[0][:_LONG]
