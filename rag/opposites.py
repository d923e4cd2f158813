"""Whether a text says the opposite of what a question takes for granted.

"What did Britain not do?" is not answered by what Britain did, "Who accepted the plan?" not
by who rejected it, "Why is the bridge safe?" not by why it is unsafe. A reading model of a few
million weights overlooks such words, as most of the others are there: of 131 questions of SQuAD
2.0 with a "not" that the sentence of the best span lacks, 6 have an answer.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache

from rag.judge import stem
from rag.position import denials, negated
from rag.speech.roles import is_role

PAIRS = """
    first last; largest smallest; biggest smallest; highest lowest; oldest youngest; oldest newest;
    longest shortest; best worst; most least; more fewer; more less; greatest least; before after;
    begin end; began ended; start stop; started stopped; north south; east west; northern southern;
    eastern western; early late; earliest latest; earlier later; high low; higher lower; large
    small; larger smaller; old new; older younger; long short; longer shorter; good bad; better
    worse; strong weak; stronger weaker; rich poor; increase decrease; increased decreased; rise
    fall; rose fell; accept reject; accepted rejected; allow forbid; allowed forbade; support
    oppose; supported opposed; supporters opponents; love hate; loved hated; recommend discourage;
    male female; man woman; men women; boy girl; father mother; brother sister; son daughter;
    husband wife; king queen; actor actress; his her; he she; open close; opened closed; arrive
    depart; arrived departed; include exclude; included excluded; inside outside; above below; over
    under; maximum minimum; major minor; majority minority; internal external; public private;
    domestic foreign; legal illegal; possible impossible; common rare; easy difficult; simple
    complex; fast slow; hot cold; warm cool; heavy light; dark light; hard soft; wet dry; full
    empty; rural urban; ancient modern; top bottom; birth death; born died; create destroy; created
    destroyed; build demolish; built demolished; cause prevent; caused prevented; advantage
    disadvantage; advantages disadvantages; benefit drawback; benefits drawbacks; success failure;
    succeeded failed; friend enemy; ally enemy; allies enemies; union separation; positive negative;
    happy sad; cheap expensive; safe dangerous; clean dirty; alive dead; guilty innocent; rejected
    approved; expand contract; expanded shrank; senior junior; single married; permanent temporary;
    always never; everyone nobody; all none; many few; both neither; with without; odd even; inner
    outer; interior exterior; input output; active passive; absent present; ascending descending;
    vertical horizontal; wide narrow; wider narrower; thick thin; deep shallow; deeper shallower;
    tall short; taller shorter; loud quiet; smooth rough; sweet sour; similar different; increasing
    decreasing; increases decreases; rising falling; rises falls; growing shrinking; northernmost
    southernmost; easternmost westernmost; northeast southwest; northwest southeast; northeastern
    southwestern; northwestern southeastern; eldest youngest; predecessor successor; ancestor
    descendant; offensive defensive; offense defense; liberal conservative; peaceful violent;
    voluntary compulsory; mandatory optional; introduce abolish; introduced abolished; established
    abolished; hire fire; hired fired; promoted demoted; raise lower; raised lowered; strengthen
    weaken; strengthened weakened; encourage discourage; encouraged discouraged; praise criticise;
    praise criticize; praised criticised; praised criticized; welcomed condemned; confirm deny;
    confirmed denied; admitted denied; succeed fail; succeeds fails; appear vanish; appeared
    vanished; quick slow; quickly slowly; superior inferior; frequent rare; frequently rarely; often
    rarely; often seldom; usually rarely; begins ends; starts stops; starts ends; started ended;
    opening closing; opens closes; arrival departure; minimal maximal; lower upper; lightest
    heaviest; slowest fastest; slower faster; smaller bigger; small big; smallest greatest; weakest
    strongest; poorest richest; coldest hottest; colder hotter; wettest driest; nearest farthest;
    nearer farther; closest farthest; permitted prohibited; permitted forbidden; allowed prohibited;
    allowed banned; allows prohibits; allows forbids; accepts rejects; accepting rejecting; supports
    opposes; supporting opposing; includes excludes; including excluding; increased reduced;
    increase reduce; increases reduces; improved worsened; improve worsen; protect endanger;
    protected endangered; lawful illegal; positive harmful; beneficial harmful; useful useless;
    careful careless; lighter heavier; brighter darker; darkest brightest; partial complete;
    partially completely; partly completely; finite infinite; forward backward; forwards backwards;
    clockwise counterclockwise; onshore offshore; upstream downstream; upward downward; upwards
    downwards; indoors outdoors; indoor outdoor; new former; new outgoing; next former; next
    outgoing; current former; incoming outgoing
"""
"""Without those that tell the same story from its other side ("bought", "sold")."""


def antonyms(pairs: str) -> Mapping[str, list[str]]:
    """Words and their opposites, either way, from ``one other; one other``."""
    found: dict[str, list[str]] = defaultdict(list)
    for pair in pairs.split(";"):
        one, other = pair.split()
        found[one].append(other)
        found[other].append(one)
    return dict(found)


ANTONYMS = antonyms(PAIRS)
_NO_STATES = frozenset(
    """after before over under above below first last most least more less fewer many few always
    never all none both neither everyone nobody with without he she his her man woman men women boy
    girl father mother brother sister son daughter husband wife king queen actor actress old new
    former next current
    top bottom left right early late friend enemy expand contract hire hired fire fired even
    odd union separation hard soft light dark heavy fast slow""".split()
)
"""Of no use where somebody's word is held against a question: much else in a sentence is "before"
or "old", and negations count by themselves."""
_STATES = (
    ("rise rose risen increase climb grow grew grown soar", "fall fell fallen drop decline shrink"),
    ("open reopen", "close shut"),
    ("win won", "lose lost"),
    ("alive survive", "dead die died"),
    ("accident accidental", "murder deliberate"),
    ("stay stayed remain", "leave left resign quit"),
    ("keep kept", "scrap abolish"),
    ("valid lawful legal", "unlawful invalid illegal void"),
)
"""What cannot be so at once, where somebody says the one and is asked about the other."""
_PREFIXES = ("un", "in", "im", "il", "ir", "dis", "non", "non-", "anti", "anti-")
_NEITHER = re.compile(r"\W*neither\b", re.IGNORECASE)
_NONE = re.compile(r"\W*(?:no|not|never|none|nobody|nothing)\b", re.IGNORECASE)
_IS_NOT = re.compile(
    r"[’'”\"]? (?:[\w’'-]+ ){0,3}?(?:never|cannot|not|\w+n[’']t)\b"
    r"(?! (?:only|just|uncommon|unusual|more|less|even|merely|necessarily|always)\b)",
    re.IGNORECASE,
)
"""Right behind a subject: what it does not do."""
_WOULD_HAVE = re.compile(
    r"(?:\b[Ii]f\b[^.;]{0,150}?\bhad\b|(?:^|[.!?“\"] ?)Had )[^.;]{0,200}?\bwould have\b[^,.;]*"
    r"|\bwould have\b[^.;]{0,150}? if \w+ had\b[^,.;]*"
)
_UNDONE = re.compile(
    r"\b(?:refus|fail|declin|avoid|reject|den(?:y|ie)|lack|miss|abstain|absent|exempt)",
    re.IGNORECASE,
)
_PLACE_OR_TIME = re.compile(
    r"\W*(?:where|when|(?:on|in|at) (?:which|what))\b|.*\b(?:which|what) (?:day|month|year|place)",
    re.IGNORECASE,
)
_WOULD = re.compile(r"\b(?:if|would|could|might|had)\b", re.IGNORECASE)
_TWO_NAMES = (
    {"Britain", "United Kingdom"},
    {"America", "United States"},
    {"UK", "Britain"},
    {"US", "America"},
    {"Holland", "Netherlands"},
)
_WHOSE = re.compile(
    r"\b([A-Za-z][\w-]{1,30}) (to|of|for|in) (?:the )?"
    r"([A-Z][\w-]{0,40}(?: (?:of (?:the )?)?[A-Z][\w-]{0,40}){0,6})(?![\w’'])"
)
"""A word with whose it is, or where: "ambassador to Norland", "killed in Oslo"."""
_SURE = ("un", "non", "non-")
"""Of these, what begins words that seldom only look turned ("impose", "income")."""
_LOOK_TURNED = frozenset("unless until under union unite united unit".split())
_WHY = re.compile(r"\W*(?:and |but )?(?:why|for what reason)\b", re.IGNORECASE)
_LEAST = 4
"""Letters of a word that a prefix turns round: "stable", but not "to" ("into")."""


def opposed(question: str, text: str) -> bool:
    """Whether ``question`` negates and ``text``, the sentences that would answer it, does not; or
    a word of the question is not in the text, and its opposite is, which the question lacks; or
    what it asks about is another's there: "the ambassador to Norland" the one to Sudland.

    A negation in the text alone is no sign: "Who was hurt?" "Nobody."
    """
    asked, negates = _asked(question)
    said = _words(text)
    gone, instead = asked - said, said - asked
    return (
        (negates and not negated(text))
        or any(other in instead for word in gone for other in ANTONYMS.get(word, ()))
        or _turned(gone, instead)
        or _turned(instead, gone)
        or _of_another(question, text)
    )


def _of_another(question: str, text: str) -> bool:
    """Whether a word of the question stands in the text with another name behind it, and with
    the question's own nowhere: "killed in Oslo" and "killed in Bergen"."""
    asked = _WHOSE.findall(question)
    if not asked:
        return False
    told: dict[tuple[str, str], set[str]] = defaultdict(set)
    for word, link, name in _WHOSE.findall(text):
        told[stem(word.lower()), link].add(name)
    for word, link, name in asked:
        others = told.get((stem(word.lower()), link), set())
        elsewhere = name.split()[0] in text and not is_role(word)
        if others and not elsewhere and not any(_may_be(name, other) for other in others):
            return True
    return False


def _may_be(name: str, other: str) -> bool:
    """Whether two names can be of one place or body: "the EU" is "the European Union"."""
    if name.split()[-1] == other.split()[-1] or {name, other} in _TWO_NAMES:
        return True
    letters = {"".join(word[0] for word in one.split()) for one in (name, other)}
    short = {one.replace(".", "") for one in (name, other)}
    return name in other or other in name or not letters.isdisjoint(short)


def taken_back(question: str, text: str, start: int, end: int) -> bool:
    """Whether ``text`` denies what a short answer, ``text[start:end]``, would tell: "the town" for
    who pays, where "the town would not pay", or "Had it been sold, it would have cost a million".

    A question that negates itself, or asks what would be, is not judged; nor is what did not
    happen at a place or a time where the question asks for these.
    """
    if negated(question) or _WHY.match(question) or _UNDONE.search(question):
        return False
    said = text[start:end]
    if _NEITHER.match(said):
        return True
    if "would have" in text and not _WOULD.search(question):
        supposed = _WOULD_HAVE.finditer(text)
        if any(one.start() <= start and end <= one.end() for one in supposed):
            return True
    if _NONE.match(said) or _PLACE_OR_TIME.match(question):
        return False
    return _IS_NOT.match(text, end) is not None


def turns_round(question: str, text: str) -> bool:
    """Whether what somebody says, ``text``, is so only where what is asked is not: "Is it safe?"
    "It is unsafe.", "Did prices rise?" "They have fallen." Negations do not count."""
    asked, said = _words(question), _words(text)
    gone, instead = asked - said, said - asked
    plainly = gone - _LOOK_TURNED, instead - _LOOK_TURNED
    if _turned(*plainly, _SURE) or _turned(*plainly[::-1], _SURE):
        return True
    missing = set(map(stem, gone)) - set(map(stem, said))
    there = set(map(stem, instead)) - set(map(stem, asked))
    return any(not there.isdisjoint(_states().get(word, ())) for word in missing)


@cache
def _states() -> Mapping[str, set[str]]:
    """By the stem of a word, those of what cannot be so at the same time."""
    found: dict[str, set[str]] = defaultdict(set)
    for one, others in ANTONYMS.items():
        for other in others:
            if not {one, other} & _NO_STATES and not denials(f"{one} {other}"):
                found[stem(one)].add(stem(other))
    for pair in _STATES:
        for these, those in (pair, pair[::-1]):
            for one in these.split():
                found[stem(one)].update(map(stem, those.split()))
    return found


@lru_cache(maxsize=16)
def _asked(question: str) -> tuple[frozenset[str], bool]:
    # The same for every span that is found for the question.
    # "Why can't it be used?" A reason need not say "not".
    return _words(question), negated(question) and not _WHY.match(question)


def _turned(
    words: frozenset[str], others: frozenset[str], prefixes: Sequence[str] = _PREFIXES
) -> bool:
    """Whether one of ``others`` is one of ``words`` with a prefix that makes it its opposite."""
    return any(
        other[len(prefix) :] in words
        for other in others
        for prefix in prefixes
        if other.startswith(prefix) and len(other) - len(prefix) >= _LEAST
    )


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+(?:-\w+)*", text.casefold()))
