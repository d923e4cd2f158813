"""Sentences that a passage carries, as a language model would put them."""

from __future__ import annotations

import random
import re

from rag.retrieve import content_words

_PAST = (
    r"(?:[a-z]{2,}ed|became|began|broke|built|came|fell|found|gave|got|grew|had|held|hit|led|left"
    r"|lost|made|met|played|ran|saw|sold|said|sang|sent|set|shot|took|taught|told|went|won|wrote)"
)
_NO_NOUN = r"(?!is|was|are|were|did|does|do|kind|sort|type|year|time|day)"
_WHAT = rf"(?:who|(?:which|what)(?: {_NO_NOUN}[a-z'-]+){{0,3}}?)"
_SUBJECT = re.compile(
    rf"{_WHAT} (?P<rest>(?:is|was|are|were|can|will|{_PAST}|plays|owns|makes|leads|runs|wins)"
    r" .+?)\??",
    re.IGNORECASE,
)
_MANY = re.compile(
    r"how many (?P<rest>(?P<noun>(?:[a-z'-]+ ){1,3}?)"
    r"(?:is|was|are|were|have|had|died|lived|took|made) .+?)\??",
    re.IGNORECASE,
)
_TURNED = re.compile(  # the subject stands behind the verb
    r"\b(?:in|at|on|from|for|to|by|with|of|as|about|called|named|like|do|does|did|\w+ing)$"
)
_PASSIVE = re.compile(
    r"(?:when|where) (?P<verb>is|was|are|were) (?P<subject>.+) (?P<done>[a-z]{2,}ed|born|built|held"
    r"|made|found|set|shot|sold|written|taken|given|known|fought|won)(?P<rest>(?: .+?)?)\??",
    re.IGNORECASE,
)
_PREPOSITION = r"(?:in|on|at|by|near|from|since|during|between|under|after|before)"
_BEFORE = re.compile(rf"\b{_PREPOSITION} (?:the )?$")


def stated(question: str, answer: str, before: str) -> str | None:
    """The question and its answer as one sentence, where a simple rule makes one.

    ``before`` is what the passage says before the answer: its preposition is taken along.
    """
    answer = answer.strip(" .")
    if match := _MANY.fullmatch(question):
        rest = match["rest"]
        if content_words(match["noun"])[-1:] == content_words(answer)[-1:]:
            rest = rest[len(match["noun"]) :]
        return _sentence(f"{answer} {rest}")
    if match := _PASSIVE.fullmatch(question):
        found = _BEFORE.search(before)
        link = found.group() if found and not re.match(rf"{_PREPOSITION} ", answer) else ""
        done = f"{match['subject']} {match['verb']} {match['done']}{match['rest']}"
        return _sentence(f"{done} {link}{answer}")
    match = _SUBJECT.fullmatch(question)
    if match and not _TURNED.search(match["rest"]):
        return _sentence(f"{answer} {match['rest']}")
    return None


_LIKE_A_NAME = re.compile(
    r"\b(?:[A-Z][\w'’.-]*|\d[\d,.]*)(?: (?:[A-Z][\w'’.-]*|of|the|\d[\d,.]*))*"
)


def mended(question: str, invented: str, answer: str, passage: str) -> str | None:
    """A made-up sentence with what it got wrong put right; None where that is not plain to see.

    Plain is: all that neither the question nor the passage has is one name or number.
    """
    known = set(content_words(f"{question} {passage}"))
    strange = [
        match
        for match in _LIKE_A_NAME.finditer(invented)
        if not set(content_words(match.group())) <= known
    ]
    if len(strange) != 1 or not _LIKE_A_NAME.fullmatch(answer):
        return None
    (wrong,) = strange
    found = wrong.group().rstrip(".,' ")
    if found[0].isdigit() != answer[0].isdigit():
        return None
    rest = invented[: wrong.start()] + invented[wrong.start() + len(found) :]
    asked = set(content_words(question))
    words = content_words(rest)
    if not words or sum(word in asked for word in words) < 0.7 * len(words):
        return None
    # Nothing else may be told than what was asked.
    if set(content_words(answer)) & set(words):
        return None
    return _sentence(invented[: wrong.start()] + answer + invented[wrong.start() + len(found) :])


_ASIDES = (
    re.compile(r" \([^()]*\)"),
    re.compile(r", (?:who|which|where|whose) [^,;]{5,80}(?=, )"),
    re.compile(
        r"(?:, (?:and|but|while|who|which|where|when|as|with|including)|;) [^;]{10,}(?=\.?$)"
    ),
    re.compile(r"^(?:In|On|At|During|After|Before|By|For|From|Since) [^,]{3,40}, (?=\w)"),
    re.compile(r"^(?:However|Moreover|Also|Additionally|Furthermore|Then|Later|And|But|So),? "),
)


def shortened(sentence: str, keep: str, dice: random.Random) -> str:
    """``sentence`` without one or two of its asides, as long as ``keep`` stays in it."""
    for aside in dice.sample(_ASIDES, len(_ASIDES)):
        shorter = aside.sub("", sentence, count=1)
        if keep in shorter and len(content_words(shorter)) >= 4 and dice.random() < 0.7:
            sentence = shorter
    return _sentence(sentence)


_PERSON = r"(?P<who>[A-Z][\w'’.-]+(?: [A-Z][\w'’.-]+){0,3})"
_SAID = r"(?:said|says|stated|claimed|argued|announced|reported|wrote|believes?|told reporters)"
_ATTRIBUTED = (
    re.compile(rf"According to {_PERSON}, (?P<what>.+)"),
    re.compile(rf"{_PERSON} {_SAID} (?:that )?(?P<what>[A-Za-z].+)"),
    re.compile(rf"(?P<what>.+?),? according to {_PERSON}\.?"),
    re.compile(rf"[\"“]?(?P<what>[^\"”]+),[\"”]? {_PERSON} {_SAID}\.?"),
    re.compile(rf"[\"“]?(?P<what>[^\"”]+),[\"”]? {_SAID} {_PERSON}\.?"),
)


def attributed(sentence: str) -> tuple[str, str] | None:
    """Who says the sentence by its own words, and what; None where it does not tell."""
    for pattern in _ATTRIBUTED:
        if match := pattern.fullmatch(sentence):
            return match["who"].rstrip("."), _sentence(match["what"].strip(' "“”'))
    return None


def said_by(who: str, what: str, dice: random.Random) -> str:
    """ "According to Novak, it is safe." in one of several wordings."""
    if not re.match(r"[A-Z][\w'’.-]+ [A-Z]|[A-Z]{2}|I ", what):
        what = what[:1].lower() + what[1:]
    form = dice.choice(["According to {0}, {1}", "{0} said that {1}", "{0} says {1}"])
    return str(form.format(who, what))


_OPENINGS = "passage text article document author".split()


def opened(sentence: str, dice: random.Random) -> str:
    """ "According to the passage, …", as models begin."""
    thing = dice.choice(_OPENINGS)
    first = re.match(r"(?:The|A|An|In|On|It|He|She|They|This|There)\b", sentence)
    rest = sentence[:1].lower() + sentence[1:] if first else sentence
    form = dice.choice(["According to the {0}, {1}", "The {0} says that {1}", "The {0} states {1}"])
    return str(form.format(thing, rest))


def joined(text: str) -> str:
    """Without QED's blanks between a word and its marks."""
    text = re.sub(r"\s+(?=[,.;:?!%)\]]|['’]s\b|n['’]t\b)", "", " ".join(text.split()))
    return re.sub(r"(?<=[(\[$])\s+", "", text)


def _sentence(text: str) -> str:
    """With a capital and a full stop."""
    text = " ".join(text.split()).rstrip(" ,;:")
    text = text[:1].upper() + text[1:]
    return text if text[-1:] in '.!?"”' else text + "."
