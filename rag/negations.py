"""Negations in what somebody says that deny nothing of what is asked."""

from __future__ import annotations

import re
from collections.abc import Callable

from rag.judge import stem, stems
from rag.position import ANAPHORIC

_ATTRIBUTE = re.compile(
    r"\b(the|an?|any|all|these|those|such|his|her|their|its|your)"
    r" (false|wrong|fabricated|baseless|unfounded|groundless|absurd|ridiculous)(?= \w)",
    re.IGNORECASE,
)
"""In "did he know of the false receipts?" it says nothing is not so."""
_WITHOUT = re.compile(r"\bwithout ((?:an?|any) (?:[\w’'-]+ ?){1,3})", re.IGNORECASE)
"""In "signed without a test" it denies that there was a test."""
_HAS_NO = re.compile(
    r"\band ha(?:s|ve|d) (no (?!part|role|truth|intention|reason|hand|involvement"
    r"|evidence|plans?|choice|business|right|such|substance|basis|merit)(?:[\w’'-]+ ?){1,5})",
    re.IGNORECASE,
)
"""Likewise "and has no lift", but for what there can be none of without denying it all."""
_SHOULD_NOT = re.compile(r"\b(?:should|ought)(?: not|n[’']t)(?= (?:to )?have\b)", re.IGNORECASE)
"""In "the goal should not have stood" it did."""
_REMARK = re.compile(
    r"\b(?:not (surprising|surprised|alone|new|easy)|no (surprise|secret|wonder))\b", re.IGNORECASE
)
"""What somebody makes of it, be it so or not."""
_OUGHT = re.compile(r"\b(?:should|ought|must|supposed|right|fair|justified)\b", re.IGNORECASE)
"""Asks what should be."""
_IN_BOTH = re.compile(r"\b(?:without|never|nobody|no one|nothing)\b", re.IGNORECASE)


def undisputed(text: str, about: str, bears: Callable[[str], float]) -> tuple[str, str]:
    """``text`` and the question ``about`` without the negations that deny nothing of it: those in
    both, "should not" where nobody asks what should be, "without a test" where no test is asked
    about, "has no lift" where no lift is, and "the false receipts" in the question. ``text`` keeps
    its length."""
    asked = {word.lower() for _, word in _ATTRIBUTE.findall(about)}

    def plainly(found: re.Match[str]) -> str:
        blank = " " * len(found[2])
        return f"{found[1]} {blank}" if found[2].lower() in asked else found.group()

    text = _ATTRIBUTE.sub(plainly, text)
    about = _ATTRIBUTE.sub(r"\1", about)
    for word in {found.lower() for found in _IN_BOTH.findall(about)}:
        if re.search(rf"\b{word}\b", text, re.IGNORECASE):
            about = re.sub(rf"\b{word}\b", " ", about, flags=re.IGNORECASE)
            text = re.sub(rf"\b{word}\b", _blank, text, flags=re.IGNORECASE)
    known = stems(about)

    def remark(found: re.Match[str]) -> str:
        word = (found[1] or found[2]).lower()
        return found.group() if stem(word) in known else _blank(found)

    text = _REMARK.sub(remark, text)
    if not _OUGHT.search(about):
        text = _SHOULD_NOT.sub(_blank, text)

    def kept(found: re.Match[str]) -> str:
        bearing = bears(found[1]) or ANAPHORIC.search(found[1])
        return found.group() if bearing else _blank(found)

    return _HAS_NO.sub(kept, _WITHOUT.sub(kept, text)), about


def _blank(found: re.Match[str]) -> str:
    return " " * len(found.group())
