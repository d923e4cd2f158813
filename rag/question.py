"""What kind of answer a question asks for, by its words."""

from __future__ import annotations

import re

from rag.numerals import CARDINALS
from rag.types import Asked

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
    r"|\b(?:who|what) (?:were|are)\b"
    r"|\bwho (?:all )?(?:attended|took part|participated|(?:was|were) present)\b"
    r"|\b(?:list|name) (?:all|the|some|two|three|four)\b"
    r"|\bwhat else\b",
    re.IGNORECASE,
)


_WHETHER = re.compile(
    r"^\W*(?:(?:and|but|so) )?(?:did|does|do|is|are|was|were|has|have|had|can|could|will|would"
    r"|should|may|might|(?:is|was|did|do|does|has|have|are|were|wo|would|ca|could)n[’']t)\b"
    r"|\b(?:true or false|yes or no|or not|true|right|correct)\W*$",
    re.IGNORECASE,
)
_WH = re.compile(r"^\W*(?:who|whom|whose|what|which|when|where|why|how)\b", re.IGNORECASE)
_CHOICE = re.compile(r"^\W*(?:is|was|did|does|do|are|were)\b.*\bor\b(?! not\b)", re.IGNORECASE)
_SAYING = (
    r"(?:said|says?|told|tells?|claim(?:s|ed)?|den(?:y|ies|ied)|suggest(?:s|ed)?|argue[sd]?"
    r"|think|thinks|believe[sd]?|insist(?:s|ed)?|allege[sd]?|reject(?:s|ed)?|dispute[sd]?"
    r"|refute[sd]?|dismiss(?:es|ed)?|state[sd]?|announce[sd]?|warn(?:s|ed)?|report(?:s|ed)?"
    r"|confirm(?:s|ed)?|admit(?:s|ted)?|acknowledge[sd]?|accuse[sd]?|blame[sd]?|call(?:s|ed)?"
    r"|maintain(?:s|ed)?|contradict(?:s|ed)?|rubbish(?:es|ed)?|complain(?:s|ed)?"
    r"|point(?:s|ed)? out)"
)
_WHO_SAYS = re.compile(
    rf"^\W*(?:and )?who (?:(?:has|have|had|is|was|ever|exactly|publicly|first) )*{_SAYING}"
    r"(?: that| about it)?\b"
    r"|^\W*whose (?:claim|word|words|view|opinion|allegation|accusation|denial|statement|phrase"
    r"|quote)s?(?: (?:is|was|are|were) (?:it|this|that|the))?(?: that)?\b"
    r"|^\W*(?:on|by|in) whose (?:word|words|account|view|say-so|authority)\b"
    r"(?: (?:do|did) we (?:have|know)(?: it)?| is it)?(?: that)?"
    r"|^\W*according to wh(?:om|ich \w+)\b(?: (?:does|do|did|is|was|are|were|has|have|had)\b)?"
    r"|^\W*who (?:used|coined) the (?:phrase|words?|expression|term)\b",
    re.IGNORECASE,
)
_SAID_BY = re.compile(
    r"\b(?:does|did|do|has|have|had)(?:n[’']t| not)? (?:the |an? |its? )?"
    rf"(?P<who>(?:[\w’'-]+ ){{0,4}}?[\w’'-]+?)(?:[’']s? \w+)? (?:not |ever |also )?(?:{_SAYING}"
    r"|expect|see|label|dub|use|voice|express|blame|describe|react|respond|reply|answer|mean"
    r"|put|word|want|demand|ask|promise|predict|fear|hope|mention|explain|criticise|criticize"
    r"|condemn|defend|praise|cite|quote|note|propose|hint|urge|talk|speak)\w*\b"
    r"|\b(?:according to|in the (?:view|words|opinion) of)(?: (?:the|an?|its))? (?!whom|which|what)"
    r"(?P<whose>(?:[\w’'-]+ ){0,4}?[\w’'-]+)"
    r"(?=[,?]| (?:what|who|when|where|why|how|did|does|was|is)\b|$)"
    r"|\b(?:by|on|in) (?:(?:the|an?|its) )?(?P<account>(?:[\w-]+ ){0,3}?[\w-]+)[’']s? (?:own )?"
    r"(?:account|reckoning|admission|word|words|view|opinion|version|telling)\b",
    re.IGNORECASE,
)
_DENIES = re.compile(
    r"\b(?:den(?:y|ies|ied|ial)|reject(?:s|ed)?|dispute[sd]?|refute[sd]?|dismiss(?:es|ed)?"
    r"|contradict(?:s|ed)?|rubbish(?:es|ed)?)\b",
    re.IGNORECASE,
)
_ANYONE = re.compile(
    r"^\W*(?:did|does|has|have|is|was) (?:any(?:one|body)|some(?:one|body)|(?:there )?any\w*) ?"
    rf"(?:ever )?{_SAYING}(?: that)?\b",
    re.IGNORECASE,
)


_SAYS_WHAT = re.compile(
    r"^\W*(?:and |so )?(?:(?:what|how) (?:else )?(?:did|does|do|has|have|had)\b)[^?]*?"
    r"\b(?:say|said|think|claim|claimed|argue|argued|tell|told|state|stated|comment|commented"
    r"|speak|spoken|talk|talked|suggest|suggested|write|written|react|reacted|respond|responded"
    r"|reply|replied|answer|answered|feel|add|added|warn|warned|insist|insisted|explain|explained)"
    r"(?: (?:reporters|parliament|the court|the meeting))?"
    r"(?:(?P<about> (?:about|of|on|regarding|concerning|to|in answer to|in response to)\b)"
    r"|(?=\W*$))",
    re.IGNORECASE,
)
_DONE_TO = re.compile(r"\b(?:accuse|blame|call|warn|complain|told|tell)\w*$", re.IGNORECASE)
"""What is said by these verbs is not only what follows: "accused Ann Lee"."""
_TAG = re.compile(
    r"[\s,:]+(?:true or false|yes or no|or not|is that (?:true|right|so)|true|right|correct)\W*$",
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
    rf"\d|\b(?:{CARDINALS}|hundreds?|thousands?|millions?|billions?|dozens?"
    r"|half|quarter|third|none|no|several|few|many|once|twice|double|triple|daily|weekly|monthly"
    r"|yearly|annually|always|never)\b",
    re.IGNORECASE,
)
_IS_AMOUNT = re.compile(
    r"[£$€%]|\b(?:euros?|pounds|dollars|people|per ?cent|km|miles|[mb]illion)\b", re.IGNORECASE
)
_IS_TIME = re.compile(
    r"\d|\b(?:january|february|march|april|may|june|july|august|september|october|november"
    r"|december|monday|tuesday|wednesday|thursday|friday|saturday|sunday|spring|summer|autumn"
    r"|fall|winter|morning|noon|afternoon|evening|night|midnight|today|yesterday|tomorrow|century"
    r"|decade|year|month|week|day|hour|minute|after|before|during|until|when|while|once|later"
    r"|earlier|now|easter|christmas)s?\b",
    re.IGNORECASE,
)
_POLITE = re.compile(
    r"^\W*(?:(?:hello|hi|hey|please|so|ok|okay|excuse me)\b[,!. ]*)*"
    r"(?:(?:can|could|would|will) (?:you|anyone|anybody|someone|somebody) (?:please |kindly )?"
    r"(?:tell|show|explain to|inform) (?:me|us)"
    r"|(?:please )?tell (?:me|us)(?: please)?"
    r"|(?:do|does) (?:you|anyone|anybody) (?:happen to )?know|is it known"
    r"|i(?:[’']d| would) (?:like|love) to know|i (?:want|need) to know|i wonder),? "
    r"(?=(?:who|whom|whose|what|which|when|where|why|how)\b)",
    re.IGNORECASE,
)
"""Words around a question that ask nothing."""
_TALK = re.compile(
    r"\W*(?:(?:hello|hi|hey|good (?:morning|afternoon|evening|day)|thanks?|thank you|many thanks|ok"
    r"|okay|great|cool|nice|fine|good|perfect|bye|goodbye|help|please|test|sorry|wow|you|there"
    r"|so much|very much|a lot|again|everyone|all)\b\W*)+",
    re.IGNORECASE,
)
_YEAR = re.compile(r"\b(?:what|which) year\b", re.IGNORECASE)
_IS_YEAR = re.compile(
    r"\d{3,4}|[’']\d\d\b|\d ?(?:AD|BCE?|CE)\b|\bAD \d|\b(?:years?|decades?|century)\b", re.I
)
_EXACT = re.compile(
    r"\b(?:exact|precise) (?:number|figure|amount|sum|count)\b|\bexactly how (?:many|much)\b"
    r"|\bhow (?:many|much) exactly\b",
    re.IGNORECASE,
)
_IS_EXACT = re.compile(
    rf"\d|\b(?:{CARDINALS}|zero|hundred|thousand|million|billion|dozen|half|none|no|nobody|nothing"
    r"|once|twice|single)\b",
    re.IGNORECASE,
)
_WHY = re.compile(r"\bwhy\b|\breasons?\b|\bhow come\b", re.IGNORECASE)
_IS_REASON = re.compile(
    r"\b(?:because|since|as|due to|owing to|thanks to|so that|in order|therefore|amid|after"
    r"|(?:as a )?results?|caused?|reasons?|motives?|fear(?:s|ed|ing)?|afraid"
    r"|to (?:avoid|prevent|protect|stop|help|make|ensure|allow|get|keep|save|reduce|gain|raise"
    r"|pay))\b",
    re.IGNORECASE,
)


def fits(question: str, said: str) -> float:
    """1 if ``said`` is of the kind that is asked for (a number, a time, a name, or the words of a
    reason), -1 if it is not, 0 where any kind would do."""
    for asked, holds in (
        (_NUMBER, _IS_NUMBER.search),
        (_TIME, lambda said: _IS_TIME.search(said) and not _IS_AMOUNT.search(said)),
        (_NAME, _is_name),
        (_WHY, _IS_REASON.search),
    ):
        if asked.search(question):
            return 1.0 if holds(said) else -1.0
    return 0.0


def plainly(question: str) -> str:
    """Without the words around it that ask nothing ("Can you tell me who …"); the very same string
    where there are none."""
    found = _POLITE.match(question)
    return question[found.end()].upper() + question[found.end() + 1 :] if found else question


def is_question(text: str) -> bool:
    """Whether it can be one: it holds words, and is not only a greeting or thanks."""
    return re.search(r"\w", text) is not None and _TALK.fullmatch(text) is None


def rules_out(question: str, said: str) -> bool:
    """Whether ``said`` is too vague to be what is asked for: a day without a year where the year
    is, "a small number" where the exact one is."""
    return (_YEAR.search(question) is not None and not _IS_YEAR.search(said)) or (
        _EXACT.search(question) is not None and not _IS_EXACT.search(said)
    )


def _is_name(said: str) -> bool:
    return any(letter.isupper() for letter in said)


def wants_explanation(question: str) -> bool:
    """Whether a few words cannot answer it: why, how, what somebody said about something."""
    return _EXPLANATION.search(question) is not None


def wants_several(question: str) -> bool:
    """Whether it asks for more than one thing."""
    return _SEVERAL.search(question) is not None


def asked(question: str) -> Asked:
    """Whether it asks if something is so, who says something, or anything else."""
    if _WHO_SAYS.search(question):
        return "who says"
    open_ = _WH.search(question) or _CHOICE.search(question)
    if _WHETHER.search(question) and not open_:
        return "whether"
    return "what"


def proposition(question: str) -> str:
    """What a question that asks who says something, or whether, is about."""
    lead = _WHO_SAYS.search(question) or _ANYONE.search(question)
    what = _SAYS_WHAT.search(question)
    if what and what["about"]:
        return question[what.end() :].strip() or question
    if lead and not _DONE_TO.search(lead.group()):
        question = question[: lead.start()] + question[lead.end() :] or question
    return _TAG.sub("", question).strip() or question.strip()


def says_what(question: str) -> bool:
    """Whether it asks for what somebody says, or how they react, whom ``said_by`` names."""
    return _SAYS_WHAT.search(question) is not None and said_by(question) != ""


def said_by(question: str) -> str:
    """Whom it names as the one that says or thinks what it asks for ("What does Ann Lee say
    about …?"), without the article; empty where it names nobody."""
    found = _SAID_BY.search(question)
    return (found["who"] or found["whose"] or found["account"]) if found else ""


def about_denial(question: str) -> bool:
    """Whether it asks for who denies something, or if anybody does."""
    lead = _WHO_SAYS.search(question) or _ANYONE.search(question)
    return lead is not None and _DENIES.search(lead.group()) is not None
