"""What somebody is or does, by the words beside their name."""

from __future__ import annotations

import re

from rag.speech import cues
from rag.speech.capitals import capitals
from rag.speech.given import gender_of
from rag.speech.phrases import PERIODS
from rag.speech.words import KINDS

ABBREVIATED = (
    r"(?:(?:[A-Z]\.){2,}"
    r"|(?:Mrs?|MRS?|M[Ss]|D[Rr]|Sen|Rep|Gov|Gen|Lt|Col|Capt|Cmdr|Supt|Insp|Det|Cpl|Adm|Sgt|Rev|Prof|St|[A-WYZ])\.)"
)
POSSESSIVE = re.compile(r"[’']s?(?!\w)")
OUTLETS = frozenset(
    """outlet newspaper paper magazine daily weekly agency website site broadcaster channel journal
    tabloid station network blog publication""".split()
)
GROUPS = frozenset(
    """ministry council company government commission committee court department agency union
    association university party foundation institute authority board office bank club team firm
    group state police embassy parliament senate congress administration charity society federation
    service trust school hospital college council corporation bureau museum academy fund nations
    leone rica rico
    korea zealand africa america arabia lanka carolina dakota jersey mexico hampshire
    statistics tower towers campaign airlines airways plaza cup prize award act show series gallery
    theatre theater store stores motors records organization organisation building
    county province district region beach valley peninsula coast hotel stadium cathedral palace
    ltd inc plc corp co news times post business money insider online media holdings partners
    energy systems technologies entertainment pictures studios sport sports fc afc
    press radio tv army navy house street city york states kingdom river road avenue square island
    islands sea bay ocean airport station league awards report review project centre
    center""".split()
)
"""Last words of names that are no person's."""
PLACES = frozenset(
    """tavern pub inn lodge mosque abbey chapel restaurant cafe café bakery nightclub casino
    supermarket mall gardens mountains falls canyon boulevard highway motorway village borough
    estate festival championship championships tournament""".split()
)
"""The same of places and events, which the sort of it may also follow: "the Red Lion pub"."""
RANKS = frozenset(
    """vice assistant associate deputy chief high supreme crown auxiliary former acting senior
    junior county district circuit executive""".split()
)
"""First words of roles, which nobody is called."""
HIS_KIN = frozenset(
    "husband father brother uncle nephew grandfather grandson son boyfriend dad".split()
)
HER_KIN = frozenset(
    """wife mother sister daughter widow aunt niece grandmother granddaughter girlfriend mum
    mom""".split()
)
_KIN = (
    HIS_KIN
    | HER_KIN
    | frozenset("widower cousin fiance fiancee partner ex-wife ex-husband friend".split())
)
"""Who somebody is to another one."""
_ACTS = frozenset(
    """please force forced meet met join joined replace replaced succeed succeeded fired hire
    hired appoint appointed elect elected help helped let made make see saw kill killed oust ousted
    arrest arrested beat defeat defeated face faced thank led
    challenge challenged persuade persuaded""".split()
)
"""Verbs right before the role of whom something is done to."""
_WHEN = cues.TIMES | PERIODS | {"last", "this", "next"}
_FIRMS = frozenset("giant giants outfit side maker retailer chain startup brand".split())
"""Last words of what explains the name of a group."""
_ROLES = (cues.ROLES | OUTLETS) - {"counterpart", "opponent", "rival"}
_SCIENCES = re.compile(r"\w(?:ologist|ographer|ician|spokes(?:wo)?man)$")
_RELATIVES = cues.RELATIVES | {"whose", "where", "when"}
_BEFORE = re.compile(r"(?:[^\W\d_][\w’'-]*[ ]+)*$")
"""Words right before a name, with nothing but spaces between them."""
_APPOSITION = re.compile(
    r", (?:\d\d, )?"
    r"((?:(?!(?:said|says|told|tells) )[\w’'-]+ ){0,9}(?!(?:said|says|told|tells)\b)[\w’'-]+)"
    r"(?=[,.;:]| (?:said|says|who|and|told|tells)\b|$)"
)
_BRACKETED = re.compile(
    capitals(r" \((?:[A-Z][A-Za-z]*[A-Z], )?((?:[A-Za-z][\w’'-]* ){0,5}[A-Za-z][\w’'-]*)\)")
)
"""A role in brackets, as minutes have it: "Ruth Adeyemi (chair)", "Ian Voll (IV, CEO)"."""
_HOLDS = re.compile(r"\b[Tt]he ((?:[\w’'-]+ ){0,8}[\w’'-]+) \($")
"""An office before a name in brackets: "The Minister for the Coast (Ann Lee)"."""
_INTRODUCED = re.compile(
    capitals(
        r"(?:^|(?<=[\s,;“‘\"]))"
        r"((?:[Tt]he|[Aa]n?|[Aa]nother|[Ii]ts|[Tt]heir|[Oo]ur|[Mm]y|[Hh]is|[Hh]er) "
        r"(?:[\w’'-]+ ){0,8}[\w’'-]+|[A-Z][\w’'-]+[’']s (?:[\w’'-]+ ){0,5}[\w’'-]+), $"
    )
)
_LATER = re.compile(
    r" by (?=the |an? )|(?<! of)(?<! to)(?<! for)(?<! at)(?<! in)(?<! by)(?<! on)(?<! with)"
    r"(?<! from) (?=(?:his|her|their) )"
)
"""Where what explains a name begins anew: "For his birthday his aunt, Ann Lee"."""
_PLACE = re.compile(capitals(r" (?:from|in|near) (?:[A-Z][\w’'-]+ ?)+$"))
"""At the end of what explains a name: where somebody is from, which the name goes on with."""
_OWNER = re.compile(capitals(r"(?:[A-Z][\w’'-]+ )*[A-Z][\w’'-]+[’']s (?:[\w-]+ ){0,3}[\w-]+$"))
_TITLES = re.compile(rf"(?:(?:{ABBREVIATED}|Sir|Dame|Lord|Lady|Mrs?|Ms|Dr) )*$")
OF = frozenset("of to for at from in on".split())


def is_role(word: str) -> bool:
    """Whether it names what somebody is or does."""
    word = word.lower().strip(",.;:“”‘’'\"")
    return word.rsplit("-", 1)[-1] in _ROLES or word in _ROLES or _SCIENCES.search(word) is not None


def role_before(text: str, start: int) -> str | None:
    """The role in the words right before a name: "Foreign Ministry spokesperson"."""
    before = _BEFORE.search(text, max(0, start - 120), start)
    words = before.group().split() if before else []
    taken: list[str] = []
    while words:
        word = words.pop()
        lower = word.lower()
        if lower in OF and lower != "in" and words and is_role(words[-1]):
            if any(map(is_role, taken)) or words[-1].lower() in _KIN:
                break  # "the mother of the victim Ann Lee"
            taken.insert(0, word)
            continue
        capital = bool(taken) and taken[0][0].isupper() and bool(words)
        if capital and lower == "the" and words[-1].lower() in ("of", "for"):
            taken.insert(0, word)  # "Leader of the Opposition"
            continue
        if (
            capital
            and lower in ("of", "for")
            and words[-1][0].isupper()
            and not KINDS.get(words[-1].lower())
        ):
            taken.insert(0, word)  # "Bank of England governor", "Secretary of State for Energy"
            continue
        if taken[:1] == ["the"] and lower in OF and words and is_role(words[-1]):
            taken.insert(0, word)
            continue
        verb = word in cues.CUES  # not "Secretary of State"
        adverb = word.endswith("ly") and word.islower()
        if (
            (KINDS.get(lower) and word not in ("US", "First"))
            or verb
            or adverb
            or lower in cues.TITLES
        ):
            if lower == "to" and taken and taken[0].islower() and not is_role(taken[0]):
                del taken[0]  # "told to forge Reserve Deputy"
            break
        taken.insert(0, word)
        if POSSESSIVE.search(word):
            break
    if any(word in OF for word in taken) and taken[-1].lower() in RANKS:
        return None  # "the fiancee of former Gov. Lee"
    if taken[-1:] in (["named"], ["called"]):
        del taken[-1]  # "a fan named Ann"
    while taken[:1] == ["year-old"] or (taken and taken[0].lower() in _WHEN):
        del taken[0]  # "Last night Professor Ann Lee said"
    done = max((at for at, word in enumerate(taken[:-1]) if word in _ACTS), default=-1)
    del taken[: done + 1]  # "will please head coach Ann Lee"
    last = max((at for at, word in enumerate(taken) if is_role(word)), default=-1)
    if any(word.islower() and word.endswith("ed") for word in taken[last + 1 :]):
        return None  # "told the newspaper Day ousted Ann Lee"
    if last < 0 or taken[-1] in GROUPS or taken[-1] in _FIRMS or taken == ["fellow"]:
        return None  # "the head of construction giant Acme"
    return " ".join(taken)


def role_beside(text: str, start: int, end: int) -> str | None:
    """The role between commas behind a name, or before it."""
    behind = _APPOSITION.match(text, end, end + 120) or _BRACKETED.match(text, end)
    if behind and _describes(behind[1]):
        return _bare(behind[1])
    holds = _HOLDS.search(text, max(0, start - 80), start)
    if holds and any(map(is_role, holds[1].split())):
        return holds[1]
    title = _TITLES.search(text[max(0, start - 20) : start])
    lead = start - len(title.group()) if title else start  # "our chair, Lord Ambrose Tew"
    before = _INTRODUCED.search(text[max(0, lead - 90) : lead])
    said = _LATER.split(before[1])[-1] if before else ""
    begins = max(0, lead - 90) + (before.start(1) if before else 0)
    if not OUTLETS.isdisjoint(said.split()) and text.endswith("ding to ", 0, begins):
        return None  # "According to the paper, Lee …"
    if _PLACE.search(said) and " " not in text[start:end]:
        return None  # "an artist from Springville, Utah"
    owner = _OWNER.search(said)
    for words in (said, owner.group() if owner else ""):
        if _describes(words):
            return _bare(words)
    return None


def head_of(name: str) -> str:
    """The word for who it is, in words for somebody: the "spokesman" for Acme."""
    words = re.split(r",| (?:of|for|from|at|in|on|to|who|with) ", name)[0].split()
    return words[-1] if words else ""


def in_brackets(text: str, end: int) -> str | None:
    """The role in brackets behind a name."""
    found = _BRACKETED.match(text, end)
    return found[1] if found and any(map(is_role, found[1].split())) else None


def words_before(text: str, start: int) -> list[str]:
    """The last two words before a name."""
    before = _BEFORE.search(text, max(0, start - 60), start)
    return before.group().split()[-2:] if before else []


def _describes(words: str) -> bool:
    """Whether words beside a name are what its bearer is or does: a role stands early in them,
    and no verb before it."""
    said = words.split()
    heads = [at for at, word in enumerate(said) if is_role(word)]
    if heads == [1] and len(said) == 2 and gender_of(said[0]) and said[1][0].isupper():
        return False  # "…, Stephen King said"
    if not heads or heads[0] > 7 or said[0].lower() in _RELATIVES:
        return False
    before, behind = said[: heads[0]], said[heads[0] + 1 :]
    while behind and is_role(behind[0]):
        del behind[0]
    if KINDS.get(said[0].lower(), "") in ("B", "C") or (behind and KINDS.get(behind[0]) == "a"):
        return False  # "…, but the coach will leave"
    if behind and behind[0][0].isupper() and any(KINDS.get(word) == "a" for word in behind):
        return False  # "Unlike Ann Lee, engineer Bo Day is cautious"
    if behind and (behind[0] == "but" or (behind[0].islower() and behind[0].endswith("ed"))):
        return False  # "…, MP joked that"
    if said[heads[0]][0].isupper() and behind and behind[0][0].isupper():
        return False  # "…, Senator Ann Lee"
    return not any(
        KINDS.get(word, "") in ("P", "t", "v", "a", "r", "p")
        or (word in cues.CUES and cues.CUES[word][1] != "ing")
        for word in before
    )


def _bare(role: str) -> str:
    """Without the article."""
    return re.sub(r"^(?:the|an?|another|its|their|our|my|his|her) ", "", role, flags=re.IGNORECASE)
