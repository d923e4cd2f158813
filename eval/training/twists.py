"""Sentences changed so that the passage that carried them no longer does."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from itertools import pairwise

from eval.training.phrasings import attributed, said_by
from eval.training.unanswerable import antonym, names_in, other_number
from rag.retrieve import content_words

Twist = Callable[[str, str, Sequence[str], str, random.Random], str | None]
"""Sentence, passage, names of the article, another passage → changed sentence."""


def twisted(
    sentence: str, passage: str, near: Sequence[str], elsewhere: str, dice: random.Random
) -> tuple[str, str] | None:
    """The sentence changed, and in which way; None where no way is open.

    ``near`` are names of the same article, ``elsewhere`` is a passage about something else.
    """
    # The ways in a random order, heavier ones sooner (Efraimidis and Spirakis 2006).
    for way in sorted(WAYS, key=lambda way: -(dice.random() ** (1 / WAYS[way][0]))):
        changed = WAYS[way][1](sentence, passage, near, elsewhere, dice)
        if changed is not None and changed != sentence:
            return changed, way
    return None


def _number(
    sentence: str, passage: str, near: Sequence[str], elsewhere: str, dice: random.Random
) -> str | None:
    found = list(_COUNTED.finditer(sentence))
    if not found or (re.search(r"\d", sentence) and dice.random() < 0.7):
        return other_number(sentence, passage, dice)
    match = dice.choice(found)
    old = match.group()
    new = dice.choice([word for word in _COUNTS if word != old.lower()])
    new = new.capitalize() if old[0].isupper() else new
    return sentence[: match.start()] + new + sentence[match.end() :]


_COUNTS = "two three four five six seven eight nine ten twelve twenty fifty".split()
_COUNTED = re.compile(rf"\b(?:{'|'.join(_COUNTS)})\b", re.IGNORECASE)
_CALENDAR = [
    "January February March April May June July August September October November December".split(),
    "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split(),
]


def _date(
    sentence: str, passage: str, near: Sequence[str], elsewhere: str, dice: random.Random
) -> str | None:
    for kind in _CALENDAR:
        if found := re.search(rf"\b(?:{'|'.join(kind)})\b", sentence):
            new = dice.choice([name for name in kind if name != found.group()])
            return sentence[: found.start()] + new + sentence[found.end() :]
    return None


def _name(
    sentence: str, passage: str, near: Sequence[str], elsewhere: str, dice: random.Random
) -> str | None:
    """A name becomes another one of the passage, or of the article."""
    own = named(sentence, [*known_names(passage), *near])
    if not own:
        return None
    name = dice.choice(own)
    used = set(content_words(sentence))
    fits = [
        other
        for other in dict.fromkeys(known_names(passage) if dice.random() < 0.6 else near)
        if other not in DATES and len(other) > 2 and not used & set(content_words(other))
    ]
    return replaced(sentence, name, dice.choice(fits)) if fits else None


_NEXT = re.compile(r"(?<=[^\W\d_]{3})\.\s")


def known_names(text: str) -> list[str]:
    """Names in ``text``, each only to the end of its sentence."""
    return [_NEXT.split(name)[0] for name in names_in(text)]


DATES = frozenset(name for kind in _CALENDAR for name in kind)


def named(sentence: str, known: Sequence[str]) -> list[str]:
    """Names in the sentence; one at its beginning only where it is ``known`` from elsewhere."""
    found = [name for name in known_names(sentence) if name not in DATES]
    found += [name for name in dict.fromkeys(known) if re.match(rf"{re.escape(name)}\b", sentence)]
    return list(dict.fromkeys(found))


def replaced(text: str, old: str, new: str) -> str:
    """The first ``old`` that is a whole word becomes ``new``."""
    return re.sub(rf"(?<!\w){re.escape(old)}(?!\w)", lambda _: new, text, count=1)


def _exchanged(
    sentence: str, passage: str, near: Sequence[str], elsewhere: str, dice: random.Random
) -> str | None:
    """Two names change places, where a verb stands between them."""
    places = {
        name: sentence.index(name) for name in named(sentence, [*known_names(passage), *near])
    }
    order = sorted(places, key=lambda name: places[name])
    for one, other in pairwise(order):
        first, behind = places[one], places[one] + len(one)
        second = places[other]
        between = sentence[behind:second]
        if behind < second and len(re.findall(r"[a-z]+", between)) >= 2 and "," not in between:
            if re.fullmatch(r"\W*(?:and|or|of|in|the|a)(?: (?:the|of|in))?\W*", between):
                continue
            return sentence[:first] + other + between + one + sentence[second + len(other) :]
    return None


_AUXILIARY = re.compile(r"\b(?:is|are|was|were|has|have|had|can|could|will|would|should|must)\b")
_NOT = re.compile(r"(?: not\b|n['’]t\b| never\b| no longer\b)")


def _negated(
    sentence: str, passage: str, near: Sequence[str], elsewhere: str, dice: random.Random
) -> str | None:
    """ "It was closed" becomes "It was not closed", and the other way round."""
    if _NOT.search(sentence):
        if re.search(r"\b(?:ca|wo)n['’]t|\b(?:did|do|does)\b", sentence):
            return None
        return _NOT.sub("", sentence, count=1)
    match = _AUXILIARY.search(sentence)
    if match is None:
        return None
    word = dice.choice([" not", " not", " never"])
    return sentence[: match.end()] + word + sentence[match.end() :]


def _antonym(
    sentence: str, passage: str, near: Sequence[str], elsewhere: str, dice: random.Random
) -> str | None:
    return antonym(sentence, dice)


def _speaker(
    sentence: str, passage: str, near: Sequence[str], elsewhere: str, dice: random.Random
) -> str | None:
    """What one says becomes another's word."""
    found = attributed(sentence)
    if found is None:
        return None
    who, what = found
    others = [
        name
        for name in dict.fromkeys([*known_names(passage), *near])
        if name not in DATES and not set(content_words(name)) & set(content_words(who))
    ]
    return said_by(dice.choice(others), what, dice) if others else None


_TAIL = re.compile(
    r",? (?:and|which|who|where|when|while|but|because|after|before|until|since|to|with|in)"
    r" [^,;()\"“”]{12,70}\.$"
)


def _extended(
    sentence: str, passage: str, near: Sequence[str], elsewhere: str, dice: random.Random
) -> str | None:
    """The end of somebody else's sentence is added."""
    tails = [
        tail.group()
        for part in re.split(r"(?<=\.)\s+", elsewhere)
        if (tail := _TAIL.search(part)) and len(content_words(tail.group())) >= 3
    ]
    return sentence.rstrip(".!?") + dice.choice(tails) if tails else None


WAYS: dict[str, tuple[float, Twist]] = {
    "number": (0.25, _number),
    "date": (0.08, _date),
    "name": (0.25, _name),
    "exchanged": (0.12, _exchanged),
    "negation": (0.12, _negated),
    "antonym": (0.1, _antonym),
    "speaker": (0.15, _speaker),
    "extended": (0.08, _extended),
}
