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


_NUMBER = re.compile(
    r"\bhow (?:many|much|long|old|far|large|big|often|tall|high|fast|deep|wide|heavy|few)\b"
    r"|\bwhat (?:(?:is|was|were) the )?(?:percentage|share|proportion|number|amount|price|cost|age"
    r"|length|height|population)\b",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"\bwhen\b(?=.*\b(?:is|are|was|were|do|does|did|will|has|have|had)\b)"
    r"|\b(?:what|which) (?:year|date|day|month|decade|century|time|season)\b",
    re.IGNORECASE,
)
_NAME = re.compile(
    r"^\W*(?:who|whom|whose|where)\b"
    r"|\b(?:what|which) (?:city|country|state|company|person|man|woman|actor|actress|president"
    r"|minister|team|club|university|river|island|village|town|singer|band|author)\b",
    re.IGNORECASE,
)
_IS_NUMBER = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|twenty|thirty"
    r"|forty|fifty|sixty|seventy|eighty|ninety|hundreds?|thousands?|millions?|billions?|dozens?"
    r"|half|quarter|third|none|no|several|few|many|once|twice|double|triple|daily|weekly|monthly"
    r"|yearly|annually|always|never)\b",
    re.IGNORECASE,
)
_IS_TIME = re.compile(
    r"\d|\b(?:january|february|march|april|may|june|july|august|september|october|november"
    r"|december|monday|tuesday|wednesday|thursday|friday|saturday|sunday|spring|summer|autumn"
    r"|fall|winter|morning|noon|afternoon|evening|night|midnight|today|yesterday|tomorrow|century"
    r"|decade|year|month|week|day|hour|minute|after|before|during|until|when|while|once|later"
    r"|earlier|now|easter|christmas)s?\b",
    re.IGNORECASE,
)


def fits(question: str, said: str) -> float:
    """1 if ``said`` is of the kind that is asked for (a number, a time, a name), -1 if it is
    not, 0 where any kind would do."""
    for asked, holds in ((_NUMBER, _IS_NUMBER.search), (_TIME, _IS_TIME.search), (_NAME, _is_name)):
        if asked.search(question):
            return 1.0 if holds(said) else -1.0
    return 0.0


def _is_name(said: str) -> bool:
    return any(letter.isupper() for letter in said)


def wants_explanation(question: str) -> bool:
    """Whether a few words cannot answer it: why, how, what somebody said about something."""
    return _EXPLANATION.search(question) is not None


def wants_several(question: str) -> bool:
    """Whether it asks for more than one thing."""
    return _SEVERAL.search(question) is not None
