"""Whose word a verb is that has no subject of its own, or has it behind."""

from __future__ import annotations

from dataclasses import dataclass

from rag.speech import cues
from rag.speech.contents import Contents
from rag.speech.phrases import (
    Phrase,
    apposition,
    main_subject,
    phrase_after,
    phrase_before,
    subject,
)
from rag.speech.words import Words

_ABOUT_THEM = frozenset(
    """letter paper statement tweet tweets memo email post posts campaign petition event note
    message poster interview""".split()
)
"""What somebody writes, so that who "urging" in it is that of them, not of it."""
_BEARING_ON = frozenset("on at against after during into".split())
"""Prepositions of whom something is done to, and when."""
_NOT_YET = frozenset("yet campaign scheme project".split())
"""Before "to": "is yet to pledge", "a campaign to encourage"."""


@dataclass(slots=True)
class Statement:
    """A statement, in indices of words, first and last."""

    source: Phrase | None
    cue: Phrase
    contents: list[Phrase]
    attitude: bool = False
    denies: bool = False
    nested: bool = False
    """It stands within what another one says."""


class Sources:
    """Finds who says what a verb of one sentence tells."""

    def __init__(self, w: Words, parts: Contents, found: list[Statement]) -> None:
        """``found`` are the statements of the sentence so far; it grows as they are."""
        self.w = w
        self.parts = parts
        self.found = found

    def behind(self, at: int) -> int:
        """Behind the subject that follows the verb ("…, said X"); 0 where none does."""
        w = self.w
        if w.kind(at + 1) not in "cdmnp#":
            return 0
        end = phrase_after(w, at + 1)
        if end == at + 1 or w.kind(end) in "akvT":
            return 0
        if end > at + 2 and w.words[at + 2] in cues.CLAIMS:
            return 0  # "…, admitted nine charges"
        return apposition(w, end)

    def of_participle(self, at: int, first: int) -> Phrase | None:
        """Whose "saying" it is."""
        w = self.w
        if first == 0:  # "Lamenting their luck, Mexicans say"
            comma = at
            while comma < len(w) and w.kinds[comma] != ",":
                comma += 1
            return main_subject(w, comma + 1, len(w))
        before, word = w.kinds[first - 1], w.words[first - 1]
        if before == "P" and word in ("of", "for", "from") and w.kind(first - 2) in "co":
            return phrase_before(w, first - 2)
        if before == "v" or word in cues.LEADING_IN:
            return subject(w, w.group(first - 1))
        if before == "n" and word in _ABOUT_THEM:
            return self.shared(first)
        if word == "worth":
            return None
        if word in ("heard", "seen", "quoted", "caught", "pictured"):
            return subject(w, w.group(first - 1))
        if before == "c" and w.words[at + 1 : at + 2] in (["him"], ["her"]):
            return self.shared(first)  # "Ono led the tributes to Lennon calling him a hero"
        if before in "con)":
            of_what = self._of_being(first)
            if of_what:
                return of_what
            if before in "n)":
                return subject(w, first)
            named = phrase_before(w, first - 1)
            before_it = max(0, named[0] - 1) if named else 0
            if named and not _BEARING_ON.isdisjoint(w.words[before_it : named[1]]):
                return self.shared(first)  # "Lee put pressure on Mr Day saying"
            if named and w.kinds[named[0]] == "m" and "t" in w.kinds[slice(*named)]:
                return self.shared(first)  # "he turned his attention to Mr Day, adding"
            return named
        if before in "pr" or (word in cues.ALONE and w.words[first - 2 : first - 1] == ["with"]):
            return first - 1, first - 1
        if before in ",BQ-Pyx" or (before == "C" and self.found):
            return self.shared(first)
        return None

    def _of_being(self, first: int) -> Phrase | None:
        """Who "is" what stands right before a "saying": "Lee was strident saying", "Lee was in
        Oslo saying", but not "she was the one saying"."""
        w = self.w
        start = first
        while start > 0 and w.kinds[start - 1] in "cnx":
            start -= 1
        if start > 0 and w.kinds[start - 1] == "P" and w.words[start - 1] in ("in", "at", "on"):
            start -= 1
        being = start > 0 and w.words[start - 1] in cues.BEING
        return subject(w, w.group(start - 1)) if being and start < first else None

    def of_infinitive(self, at: int) -> Phrase | None:
        """Whose "to say" it is; ``at`` is the "to"."""
        w = self.w
        before = at - 1
        if before < 0 or w.words[before] in cues.ABOUT_TO:
            return None
        if "too" in w.words[max(0, before - 2) : before] or w.words[before] in _NOT_YET:
            return None
        if before in w.cues and not cues.BEING.isdisjoint(w.words[w.group(before) : before]):
            return None  # "is expected to say"
        moved = phrase_before(w, before) if w.kinds[before] in "cn" else None
        if w.words[before] == "others":
            moved = before, before
        if moved and w.words[moved[0] - 1] in cues.CAUSING:
            return moved  # "prompted the judge to comment"
        if w.kinds[before] in "vka" or w.words[before] in cues.LEADING_IN:
            found = subject(w, w.group(before))
            if found:
                return found
        return self.shared(at)

    def shared(self, at: int, *, relative: bool = False) -> Phrase | None:
        """The subject that a verb without its own shares with one before it.

        That of a relative clause only where ``relative``.
        """
        w = self.w
        start = self.parts.clause_start(at)
        for statement in reversed(self.found):
            if statement.cue[0] < start:
                break
            source = statement.source
            before = source is not None and source[0] < at
            if not before or self.is_inside(statement):
                continue
            if source and (relative or w.kinds[source[0]] != "r"):
                return source
        found = main_subject(w, start, at)
        if found and not any(
            w.kinds[k] in "cpr#" or w.words[k] in cues.ROLES for k in range(found[0], found[1] + 1)
        ):
            # "His toy is a camera which he points at them, saying"
            for k in range(at - 1, found[1], -1):
                if w.words[k] in ("he", "she"):
                    return k, k
        return found

    def is_inside(self, statement: Statement) -> bool:
        return any(
            first <= statement.cue[0] <= last
            for other in self.found
            if other is not statement
            for first, last in other.contents
        )
