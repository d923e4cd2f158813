"""Words that stand for something said before, put into words: "he", "the ministry", "that"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from rag.dialogue.ellipsis import bracketed
from rag.dialogue.frame import BE, DO, Token, frame, phrases, tokens
from rag.dialogue.refer import TAKES_UP, Context, is_plural, is_role
from rag.dialogue.verbs import is_participle
from rag.speaker import is_group
from rag.speech import cues
from rag.speech.words import KINDS

_CLASSES = {
    **dict.fromkeys("he him his she her hers".split(), "he"),
    **dict.fromkeys("they them their theirs".split(), "they"),
    **dict.fromkeys("it its".split(), "it"),
}
_POSSESSIVE = frozenset("his her hers its their theirs".split())
_OBJECT = frozenset("him her them it".split())
_CLAUSE = frozenset("that if whether when while because after before until since who which".split())
_EMPTY_IT = re.compile(
    r"\bit(?= to\b)|\bit(?= (?:(?:is|was|be|been|has been|(?:has )?becomes?|became) (?:\w+ ){0,3}?"
    r"(?:that|to|whether)|(?:takes?|took|costs?) (?:\w+ ){0,4}?to|rains?|seems?|called)\b)"
    r"|\bmak(?:e|es|ing) it(?= \w+ (?:to|that|for)\b)|\bmade it(?= \w+ (?:to|that|for)\b)"
    r"|\b(?:is|was|has|isn[’']t|wasn[’']t|did|does) it"
    r"(?= (?:\w+ ){1,3}?(?:that|what|whether|who|how|to)\b)",
    re.IGNORECASE,
)
""""It" that stands for nothing: "Is it true that …", "How long did it take to …"."""
_STATED = (
    (re.compile(r"^(when|where|why|how) (was|is) (?:that|this)[\s?.!]*$", re.I), r"\1 \2 it that"),
    (
        re.compile(
            r"^(is|was|isn[’']t) (?:that|this) "
            r"(true|right|so|correct|certain|known|confirmed|denied|disputed|proven)\b.*$",
            re.I,
        ),
        r"\1 it \2 that",
    ),
    (
        re.compile(r"^(.*\b(?:evidence|proof|sign)) (?:for|of) (?:that|this)[\s?.!]*$", re.I),
        r"\1 that",
    ),
    (
        re.compile(
            r"^(.*\b(?:says?|said|claim(?:s|ed)?|den(?:y|ies|ied)|reported|confirm(?:s|ed)?"
            r"|believes?|thinks?)) (?:that|this|so)[\s?.!]*$",
            re.I,
        ),
        r"\1 that",
    ),
    (
        re.compile(
            r"^(.*\b(?:den(?:y|ies|ied)|confirm(?:s|ed)?|doubt(?:s|ed)?)) it[\s?.!]*$", re.I
        ),
        r"\1 that",
    ),
    (re.compile(r"^(?:really|seriously|are you sure|is it)[\s?.!]*$", re.I), "Is it true that"),
)
"""Questions that end in "that", and what a statement is put behind instead."""
_POINTED = re.compile(
    r"\b(?:this|these|those) [a-z-]+\b(?!.* (?:that|who|which) )|\bthat [a-z-]+(?=[\s?.!]*$)"
    r"|\b(?:is|are|was|were|did|does|do|of|in|for|to|about|by|with) that [a-z-]+\b"
    r"|(?<!^)\b(?:this|these|those|that)(?=[\s?.!]*$)",
    re.IGNORECASE,
)
_FURTHER = "of|between|in|at|from|on|that|who|which|where|for|to|with"
_DESCRIPTION = re.compile(
    rf"\b[Tt]he ([a-z-]+)\b(?! (?:{_FURTHER})\b| (?:called |named )?[‘“'\"]?[A-Z]|[’'])"
)
_SET_APART = re.compile(
    r"^(?P<who>(?:the )?\w[\w’'-]*(?: [A-Z][\w’'-]*){0,3}), "
    r"(?P<asks>(?:who|whom|what|which|when|where|why|how|is|are|was|were|did|does|do|has|have|had)"
    r" (?:[\w’'-]+ ){0,4})(?P<pronoun>he|she|they|it)\b(?P<rest>.*)$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Resolved:
    """A question, and what had to be done to it."""

    text: str
    pronoun: str = ""
    """The first one that was resolved, as a subject: "he", "they", "it"."""
    is_missing: bool = False
    """Whether a pronoun is left that stands for something unknown."""


def names(text: str) -> list[str]:
    """The names in a question."""
    return [
        name
        for name, _ in phrases(text)
        if any(word[0].isupper() and KINDS.get(word.lower(), "") != "d" for word in name.split())
    ]


def described(text: str, context: Context) -> str:
    """ "the ministry" and the like by name, where it is clear which one is meant."""
    near = set(re.findall(r"[a-z-]+", f"{context.last.question} {context.last.short}"))
    is_named = bool(names(text))

    def named(match: re.Match[str]) -> str:
        noun = match[1]
        if _goes_on(text, match):
            return match.group()
        takes_up = noun in TAKES_UP or noun in cues.ROLES or is_group(noun)
        if not takes_up and (is_named or noun not in near):
            return match.group()
        return context.described(noun, guess=not is_named) or match.group()

    text = _DESCRIPTION.sub(named, text)
    if apart := _SET_APART.match(text):  # "Ann Lee, what does she think?"
        text = f"{apart['asks']}{apart['who']}{apart['rest']}"
    return text


def _goes_on(text: str, match: re.Match[str]) -> bool:
    """Whether the noun is not the last one of its phrase: "the mountain range"."""
    behind = re.match(r" ([a-z][\w-]*)", text[match.end() :])
    if not behind or KINDS.get(behind[1], "") not in ("", "k"):
        return False
    before = text[: match.start()].lower().split()[-1:]
    is_subject = bool(before) and (before[0] in DO or KINDS.get(before[0], "") == "a")
    if is_subject and before[0] in BE:
        return not is_participle(behind[1])
    return not is_subject


def pointed(text: str, context: Context) -> str | None:
    """With what "that" or "those claims" point at; None where nothing is pointed at."""
    last = context.last
    stated = last.stated()
    for pattern, form in _STATED:
        if begun := pattern.match(text):
            if stated:
                return f"{begun.expand(form)} {stated}?"
            if last.asked and last.asked.subject and form.endswith(r"\2 it that"):
                return f"{begun[1]} {begun[2]} {last.asked.subject}?"
    found = _POINTED.search(text)
    if not found:
        return None
    text = resolved(text, context).text
    if not last.short or " " not in found.group().strip():
        return bracketed(text, last)
    about = last.short if stated else f"{last.topic()}: {last.short}"
    return f"{text.rstrip(' ?!.')} ({about})?"


def resolved(text: str, context: Context) -> Resolved:
    """With its pronouns put into words; one that means a name in the question itself stays."""
    empty = {match.end() for match in _EMPTY_IT.finditer(text)}
    who = {"they": context.several, "it": context.thing}
    found = tokens(text)
    known: dict[str, str] = {}
    made, at, missing = "", 0, False
    for n, token in enumerate(found):
        kind = _CLASSES.get(token.lower, "")
        if not kind or kind in known or token.end in empty or _is_own(text, found, n, kind):
            continue  # behind its own name it is clear
        others = (name for name in known.values() if " that " not in name)
        not_these = " ".join((text, *others))
        meant = (
            context.person(not_these, "he" if token.lower.startswith(("she", "her")) else "she")
            if kind == "he"
            else who[kind](not_these)
        )
        if meant is None:
            missing = True
            continue
        known[kind] = meant
        if _owns(found, n):
            meant = f"{meant}’" if is_plural(meant) and meant.endswith("s") else f"{meant}’s"
        elif kind == "they" and n and found[n - 1].lower == "of" and meant[0].isupper():
            meant = f"the {meant}"
        made += text[at : token.start] + meant
        at = token.end
    return Resolved(made + text[at:], next(iter(known), ""), missing)


def _owns(found: Sequence[Token], n: int) -> bool:
    """Whether it is "her" of "her claims", and not of "ask her about it"."""
    if found[n].lower != "her":
        return found[n].lower in _POSSESSIVE
    behind = found[n + 1] if n + 1 < len(found) else None
    return (
        behind is not None
        and behind.text[0].isalpha()
        and KINDS.get(behind.lower, "") in ("", "k", "x")
    )


def _is_own(text: str, found: Sequence[Token], n: int, kind: str) -> bool:
    """Whether the pronoun means what stands before it in the question itself.

    As the object of the same clause it cannot: "Did Ann Lee answer him?"; nor what it tells
    more about: "What is the purpose of its mission?".
    """
    word = found[n].lower
    behind = KINDS.get(found[n + 1].lower, "") if n + 1 < len(found) else "."
    is_object = word in _OBJECT and not _owns(found, n)
    is_object = is_object and (word != "it" or behind not in ("a", "v", "k"))
    asked = frame(text)
    if asked and asked.word == "who" and not asked.auxiliary and not is_object:
        return True  # "Who says that he knows?"
    head = text[: found[n].start]
    before = list(phrases(head))
    if asked and asked.subject in head:
        before.append((asked.subject, ""))
    for name, _ in before:
        named = any(part[0].isupper() for part in name.split())
        if not (named or kind in ("it", "they") or is_role(name)):
            continue
        between = [
            token.lower for token in found[:n] if token.start >= head.rfind(name) + len(name)
        ]
        if not between and not named:
            continue
        if _CLAUSE.intersection(between) or _purpose(between):
            return True
        told_of = all(KINDS.get(other, "") in ("P", "d") for other in between)
        if not is_object and not (told_of and not named):
            return True
    return kind in ("it", "they") and any(
        token.lower in _CLAUSE and _is_noun(before) for before, token in pairwise(found[:n])
    )


def _is_noun(token: Token) -> bool:
    """Whether it can be one: "plankton" of "what happens to plankton when they …"."""
    word = token.lower
    return word.isalpha() and not KINDS.get(word, "") and not is_participle(word)


def _purpose(words: Sequence[str]) -> bool:
    """Whether a "to" with a verb is among them: "to see"."""
    return any(
        word == "to" and KINDS.get(behind, "") in ("", "v", "k") for word, behind in pairwise(words)
    )
