"""Whose side somebody is on: their own, or that of the organisation they speak for."""

from __future__ import annotations

import re
import unicodedata

from rag.read import Span
from rag.speech.roles import GROUPS, is_role
from rag.speech.words import KINDS
from rag.types import Speaker

Party = tuple[str, ...]
"""A speaker, an organisation with who speaks for it, or a document in its own voice."""
_SPEAKS_FOR = re.compile(r"\bspokes(?:person|man|woman)\b(?: (?:for|of)\b)?")


def party_of(speaker: Speaker | None, span: Span) -> Party:
    """Whose side it is. Words that are no name ("the company") mean somebody in their document
    alone."""
    document = span.hit.passage.document_id
    if speaker is None:
        return document, ""
    name = speaker.name
    whose = (document,) if not name[:1].isupper() or KINDS.get(name.split()[0].lower()) else ()
    represented = ""
    role = (speaker.role or "").casefold()
    if _SPEAKS_FOR.search(role):
        represented = " ".join(_SPEAKS_FOR.sub("", role).split())
    return name.casefold(), represented, *whose


def is_one_party(one: Party, other: Party) -> bool:
    """Whether they are the same, or one speaks for the other ("Foreign Ministry spokesperson")."""
    if one == other or (one[0] == other[0] and one[2:] == other[2:]):
        return True
    for speaker, group in ((one, other), (other, one)):
        words = set(speaker[1].removeprefix("the ").split())
        if len(words) > 1 and words <= set(group[0].split()):
            return True
    return False


def is_one_name(one: str, other: str) -> bool:
    """Whether two documents name one person by them, as far as names tell: "Marsh" is "Helena
    Marsh"."""
    one, other = (unicodedata.normalize("NFC", name).replace("’", "'") for name in (one, other))
    if one.casefold() == other.casefold():
        return True
    short, long = sorted((one.split(), other.split()), key=len)
    return (
        len(short) == 1
        and len(long) > 1
        and short[0] == long[-1]
        and short[0][0].isupper()
        and short[0].lower() not in GROUPS
        and not is_role(short[0])
        and "of" not in long
    )
