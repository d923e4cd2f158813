"""What kind of answer a question asks for, by its words."""

from __future__ import annotations

import re

_EXPLANATION = re.compile(
    r"^\W*(?:and |but )?(?:why|how(?! (?:many|much|long|old|far|large|big|often|tall|high|fast|"
    r"deep|wide|heavy|late|early|soon|few|young)\b)|explain|describe|in what way|"
    r"for what reason)\b"
    r"|\bwhat (?:did|does|do|has|have|had)\b.+\b(?:say|says|said|think|argue|argued|claim|"
    r"claimed|warn|warned|write|written|explain|explained|suggest|suggested)\b"
    r"|\bwhat (?:was|is|were|are) the (?:reasons?|explanation)\b",
    re.IGNORECASE,
)
_PLURAL = (
    r"(?!(?:is|was|does|has)\b)(?:\w+ ){0,2}?\w{2,}[^s\W]s"
    # "Which city hosts the games": a verb, by what follows it.
    r"(?! (?:the|an?|is|was|does|has|his|her|its|their|this|that)\b)(?= \w)"
)
_SEVERAL = re.compile(
    rf"\bwhich {_PLURAL}"
    rf"|\bwhat {_PLURAL}(?! (?:on|in|at|to|for|with|from|about|if|when|after|before)\b)"
    r"|\b(?:who|what) (?:were|are)\b|\b(?:list|name) (?:all|the|some|two|three|four)\b"
    r"|\bwhat else\b",
    re.IGNORECASE,
)


def wants_explanation(question: str) -> bool:
    """Whether a few words cannot answer it: why, how, what somebody said about something."""
    return _EXPLANATION.search(question) is not None


def wants_several(question: str) -> bool:
    """Whether it asks for more than one thing."""
    return _SEVERAL.search(question) is not None
