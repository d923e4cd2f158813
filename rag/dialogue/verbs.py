"""English verbs from their base form to the past and back."""

from __future__ import annotations

import re

from rag.speech import cues
from rag.speech.words import KINDS

_IRREGULAR = dict(
    pair.split("/")
    for pair in """be/was become/became begin/began bring/brought build/built buy/bought
    catch/caught choose/chose come/came cut/cut deal/dealt do/did draw/drew drive/drove eat/ate
    fall/fell feel/felt fight/fought find/found flee/fled fly/flew get/got give/gave go/went
    grow/grew have/had hear/heard hit/hit hold/held keep/kept know/knew lead/led leave/left
    lend/lent let/let lose/lost make/made mean/meant meet/met pay/paid put/put read/read ride/rode
    rise/rose run/ran say/said see/saw seek/sought sell/sold send/sent set/set shoot/shot
    show/showed sing/sang sink/sank sit/sat speak/spoke spend/spent spread/spread stand/stood
    steal/stole strike/struck swear/swore take/took teach/taught tell/told think/thought
    throw/threw understand/understood wear/wore win/won withdraw/withdrew write/wrote""".split()
)
_BASES = (
    {past: base for base, past in _IRREGULAR.items()}
    | {
        f"{base}d": base
        for base in """use die lie tie owe dye phone telephone tune cure bore score store restore
        explore ignore create cite invite quote taste waste paste hope interfere intervene ache
        complete compete examine determine mine combine define require acquire name""".split()
    }
    | {
        f"{base}ed": base
        for base in "add ban bang belong debut focus graph hang long step program".split()
    }
)
_PARTICIPLES = frozenset(
    """become begun brought built bought caught chosen come cut dealt done drawn driven eaten fallen
    felt fought found flown got given gone grown had heard hit held kept known led left lent lost
    made meant met paid put read run said seen sought sold sent set shot shown sung sunk spoken
    spent spread stolen struck sworn taken taught told thought thrown understood used worn won
    withdrawn written born""".split()
)
VERBS = _IRREGULAR.keys() | {word for word in cues.CUES if word not in cues.NOUNLIKE}
_DROPPED_E = re.compile(
    r"(?:[aeiou](?:[bcsvz]|g|dg|mp(?=x)|qu)|[rnl][csvz]|[^aeiou][aiouy][tr](?<=[aiu][tr])|"
    r"[rn]g|dg|u|[^aeiou]l(?<=[bcdfgkpstz]l)|(?:[^aeiou]|^)[aiou][mkdnp])$"
)
"""Ends of regular verbs that lose an e before "-ed": invade, capture, cause."""
_FULL = re.compile(
    r"(?:ain|een|oin|ear|oor|ant|ent|end|and|ow|ay|oy|all|ell|ill|ass|ess|iss|oss|ack|eck|ick|ock"
    r"|uck|ank|ink|ark|ork|ach|tch|nch|rch|sh|ish|aim|oom|orm|irm|elp|ump|ask|ed|el|en|er|it|or|on|op"
    r"|mand|eat|oat|ort|art|ist|est|ust|act|ect|ict|uct|apt|ept|ign|ught|ight|ld|lt|rd|rn|ood|aid"
    r"|oad|eed|ead|eem|eam|aw|ew|w|x|y|h|ff|tt|ss|ll|zz|nd|nt|mb|ct|pt|st|rt|sk|rk|lk|rm|lm)$"
)
"""Ends of those that lose none."""


def past(verb: str) -> str:
    """The past tense of a verb in its base form."""
    if verb in _IRREGULAR:
        return _IRREGULAR[verb]
    if verb.endswith("e"):
        return f"{verb}d"
    if re.search(r"^[^aeiou]*[aeiou][bdgmnprt]$", verb):
        return f"{verb}{verb[-1]}ed"
    return f"{verb[:-1]}ied" if re.search(r"[^aeiou]y$", verb) else f"{verb}ed"


def base(verb: str) -> str | None:
    """The base form of a past tense; None where that is not certain."""
    if verb in _BASES:
        return _BASES[verb]
    if not verb.endswith("ed") or len(verb) < 5:
        return None
    stem = verb[:-2]
    if stem.endswith("i"):
        return f"{stem[:-1]}y"
    if re.search(r"([bdgmnprt])\1$", stem):
        return stem[:-1]
    if _DROPPED_E.search(stem) and not _FULL.search(stem):
        return f"{stem}e"
    return stem if _FULL.search(stem) else None


def present(verb: str, auxiliary: str) -> str:
    """The present tense of a verb in its base form, as "do" or "does" has it."""
    if auxiliary == "do":
        return verb
    if re.search(r"(?:s|x|z|ch|sh|o)$", verb):
        return f"{verb}es"
    return f"{verb[:-1]}ies" if re.search(r"[^aeiou]y$", verb) else f"{verb}s"


def is_finite(word: str) -> bool:
    """Whether a word is likely a verb in the past tense, or an auxiliary."""
    return (
        word in _BASES
        or (word.endswith("ed") and len(word) > 4)
        or KINDS.get(word, "") in ("v", "a")
        or (word in VERBS and word not in cues.NOUNLIKE)
    )


def is_participle(word: str) -> bool:
    """Whether a word can be a past participle, by its form."""
    return (word.endswith("ed") and len(word) > 4) or word in _PARTICIPLES
