"""Whom words mean: those of a question ("the Iranian ambassador"), or of a filter ("Dr Patel")."""

from __future__ import annotations

import re

from rag.speech.cues import TITLES
from rag.speech.given import gender_of
from rag.types import Speaker

PRONOUNS = frozenset("i you he she it we they one".split())
"""Stand where a name would, where it is not known who is meant."""
_SMALL = TITLES | frozenset("the a an s this that his her their its of for to at and".split())
"""Words for somebody that tell nobody from another one; "s" is a genitive's."""
_SOMEBODY_ELSE = re.compile(
    r"\bto\b|\b(?:advis[eo]r|aide|wife|husband|widow|partner|girlfriend"
    r"|boyfriend|son|daughter|mother|father|parents?|brother|sister|friend|ally|lawyer|attorney"
    r"|biographer|critic|fan|supporter|victim|rival|predecessor|successor)s? (?:of|for|to)\b",
    re.IGNORECASE,
)
"""In a role, before who it is that the speaker is not: "adviser to Ann Lee"."""


def is_named(speaker: Speaker | None, words: str) -> bool:
    """Whether all of the words, but for titles and articles, are in the speaker's name and role.

    Whom a role is only about ("adviser to Ann Lee") counts beside what the role is.
    """
    return speaker is not None and set(wanted(words)) <= _known(speaker, words)


def is_meant(speaker: Speaker | None, words: str) -> bool:
    """Whether a question's words for somebody can mean the speaker: the last one is in the
    name or role ("the Iranian ambassador" means "Ann Lee, ambassador to Armenia"), and no other
    given name is before it ("Mary Lee")."""
    return meaning(speaker, words) > 0


def meaning(speaker: Speaker | None, words: str) -> int:
    """How many of a question's words for somebody tell of the speaker; 0 where they mean another
    one. The more, the surer it is: "the Iranian minister" is rather Iran's than Israel's."""
    if speaker is None:
        return 0
    tokens = wanted(words)
    known = _known(speaker, words)
    if tokens[-1] not in known:
        return 0
    named = wanted(speaker.name)
    first = tokens[-2] if len(tokens) > 1 else ""
    if first not in known and tokens[-1] in named[1:] and gender_of(first) is not None:
        return 0
    return sum(token in known for token in tokens)


def wanted(words: str) -> list[str]:
    """The words that tell whom they mean, in lower case; all of them where none does."""
    tokens = re.findall(r"\w+", words.lower())
    return [token for token in tokens if token not in _SMALL] or tokens or [""]


def _known(speaker: Speaker, words: str) -> set[str]:
    role = (speaker.role or "").lower()
    about = _SOMEBODY_ELSE.search(role)
    is_what = set(re.findall(r"\w+", role[: about.start()] if about else role))
    if about:
        is_what |= set(re.findall(r"\w+", about.group()))
        if is_what.intersection(wanted(words)):
            is_what |= set(re.findall(r"\w+", role))
    return set(re.findall(r"\w+", speaker.name.lower())) | is_what
