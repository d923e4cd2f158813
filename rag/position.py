"""Whose word a sentence is, and what they do with it: say it, or say that it is not so."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from rag.judge import stem, stems
from rag.speech import cues
from rag.speech.roles import head_of, is_role
from rag.types import Position, Speaker, Statement

_NEGATION = re.compile(
    r"\b(?:not|never|no|none|nobody|nothing|neither|nowhere|without|lacks?|cannot)\b|n[’']t\b",
    re.IGNORECASE,
)
_DENIALS = (
    r"(?:den(?:y|ies|ied|ying|ials?)|refut(?:e[sd]?|ing)|reject(?:s|ed|ing|ion)?"
    r"|dismiss(?:es|ed|ing)?|disput(?:e[sd]?|ing)|rebut(?:s|ted|ting)?|repudiat(?:e[sd]?|ing)"
    r"|debunk(?:s|ed|ing)?|disown(?:s|ed|ing)?|rubbish(?:es|ed|ing)?|contradict(?:s|ed|ing)?"
    r"|baseless|unfounded|groundless|untrue|false|fabricat(?:ed|ions?)|fiction(?:al)?|nonsense"
    r"|lies?|liars?|hoax|fantasy|invent(?:ed|ions?)|myth|rumours?|rumors?|wrong|ridiculous|absurd"
    r"|(?:brush|shrug|laugh|wav)(?:g?ed|e?s|g?ing)? (?:off|aside|away)"
    r"|pushed back|wide of the mark|far from (?:it|true)"
    r"|used to (?:think|believe|say|claim|assume)|once (?:thought|believed))"
)
_NOT_DENIED = re.compile(
    r"(?:\b(?:not|never|nobody|no one|none|without|neither|nor|hardly)|n[’']t"
    rf"|\b(?:refus|declin)(?:e|es|ed|ing) to)\W+(?:\w+\W+){{0,2}}{_DENIALS}\b",
    re.IGNORECASE,
)
"""Two negations that make none."""
_NO_NEGATION = re.compile(
    r"\b(?:(?:can|could|may|might)(?: ?not|n[’']t) (?:be )?(?:rul(?:e|ed) out|exclude|excluded)"
    r"|nothing more"
    r"|not only|no doubt|no longer|no later|no fewer|no less|nothing but|not just|no\. ?\d"
    r"|whether or not|if not|(?:for|of|by|about|over) not \w+ing"
    r"|without (?:warning|notice|delay|\w+ing))\b",
    re.IGNORECASE,
)
_ADDITION = "|".join(sorted(word for word, (_, form) in cues.CUES.items() if form == "past"))
_IF = re.compile(
    r"\bif\b[^,;:]*?(?:,(?=\s)|(?= (?:I|he|she|it|they|we|you)(?:[’'](?:d|ll)"
    r"| (?:would|will|could|might|may|should))\b))",
    re.IGNORECASE,
)
"""What only might be, where it comes first: "Even if I wasn't champion I'd be nervous"."""
_THING = (
    r"(?:(?!any |that |the claims?)[\w’'-]+ ){0,3}?(?:access|aid|appeals?|applications?|asylum|bail"
    r"|benefits|care|chances?|citizenship|counsel|coverage|entry|insurance|justice|licen[cs]es?"
    r"|loans?|medication|opportunity|parole|permission|permits?|petitions?|requests?|rights?"
    r"|services?|surgery|treatment|visas?|vote)"
)
_WITHHELD = re.compile(
    rf"\b(?:den(?:ying|ial of) {_THING}\b|den(?:y|ies|ied) {_THING}"
    r"(?=[.,;:’”\"')]|$| (?:to|for|by|in|on|at|and|or|but|because|after|before|when|while|as|from"
    r"|under|last|this)\b))",
    re.IGNORECASE,
)
"""What somebody is not given, which denies nothing: "denying him surgery", "was denied bail"."""
DENIAL = re.compile(rf"\b{_DENIALS}\b", re.IGNORECASE)
_ANAPHOR = re.compile(
    r"\W*(?:disagree[sd]?|(?:this|that|it|these|those|them|so)"
    r"|(?:the|this|that|these|those|such|his|her|their)(?: an?)? \w+)\W*",
    re.IGNORECASE,
)
"""What only stands for something said before."""
_CLAUSES = re.compile(
    r"[:;]|[.!?][”\"’']?\s+|, (?=not\b)"
    r"|,? and (?:that )?(?=(?:no one|nobody|nothing|there|not|never|I|we|you|he|she|they|it"
    rf"|{_ADDITION}|(?:the|an?|its|their|his|her|our|this|that) (?:[\w’'-]+ ){{1,3}}?"
    r"(?:is|are|was|were|has|have|had|will|would|could|did|does|do))\b)"
)
"""Where what is said goes on to something else: "we poisoned it, and no one was told"."""
_CONTRAST = re.compile(r"[,;–—]? (?:but|although|though|whereas|yet)\b|;", re.IGNORECASE)
_ASKING = re.compile(
    r"\b(?:ask|wonder|inquir|enquir|question)(?:s|e|es|ed|ing)?(?: by)?\W*$", re.IGNORECASE
)
_ASKED = re.compile(r"^\W*(?:[\w’'.-]+ ){0,5}?(?:whether|if)\b|\?\W*$", re.IGNORECASE)
_TAKEN_UP = re.compile(
    r"\b(?:it|its|this|that|these|those|they|them|their|he|she|him|her|his|so|such|there|any"
    r"|nothing|none|nobody|never|neither)\b",
    re.IGNORECASE,
)
_RULED_OUT = re.compile(r"\brul(?:e[sd]?|ing) out\b", re.IGNORECASE)
_HEARSAY = re.compile(
    r"\b(?:(?:false|baseless|unfounded|groundless|wild|untrue) )?(?:rumou?rs?|lies|hoax|myths?"
    r"|fictions?|nonsense|inventions?|fabrications?|(?<=false )\w+)\b",
    re.IGNORECASE,
)
"""What is denied, and denies nothing itself: "dismissed rumours that"."""
_NEXT = 4
"""Characters between the verb and what is said, and behind that, where it ends the sentence."""
_OWN = frozenset("i we our my us".split())


def whose(
    statements: Sequence[Statement], quote: tuple[int, int], answer: tuple[int, int] | None = None
) -> Statement | None:
    """The outermost statement that the short ``answer``, or most of the ``quote``, is in; None
    where the document says it itself. What somebody is said to want is the document's."""
    start, end = answer or quote
    best: tuple[bool, int, Statement] | None = None
    told: dict[tuple[int, int], tuple[set[int], set[int]]] = {}
    """By the words that name the speaker: which characters are said, as "…, she said, …" has
    two parts, and which only attribute them."""
    for statement in statements:
        if statement.nested or statement.speaker.mode == "attitude":
            continue
        inside = range(max(start, statement.start), min(end, statement.end))
        if not inside:
            continue
        speaker = statement.speaker
        words = speaker.start, speaker.end if speaker.name else speaker.cue_end
        said, named = told.setdefault(words, (set(), set()))
        said.update(inside)
        if answer is None:
            for first, last in (
                (speaker.start, speaker.end),
                (speaker.cue_start, speaker.cue_end),
            ):
                named.update(range(max(start, first), min(end, last)))
        behind = end - statement.end < _NEXT and 0 <= statement.start - speaker.cue_end < _NEXT
        opens = answer is None and speaker.mode == "direct" and (statement.start == start or behind)
        # "“…,” she said at the end of a long day in Norton": all of it is about her words.
        if (4 if opens else 2) * len(said) < (end - start) - len(named):
            continue
        key = speaker.name != "", len(said)
        if best is None or key > best[:2]:
            best = (*key, statement)
    if best is None:
        return None
    outer = best[2]
    if answer is not None and outer.denies and outer.speaker.mode == "indirect":
        # "The ministry refuted Ann Lee's claim that the bridge fell": it is her who says so.
        inner = [one for one in statements if one.nested and one.start <= start and end <= one.end]
        return min(inner, key=lambda one: one.end - one.start, default=None)
    return outer


def is_source(answer: tuple[int, int] | None, said: str, speaker: Speaker | None) -> bool:
    """Whether a short answer, whose words are ``said``, is the name of who says it, where the
    document names them as such."""
    if answer is None or speaker is None or not speaker.name:
        return False
    inside = max(answer[0], speaker.start) < min(answer[1], speaker.end)
    return inside and speaker.name.split()[-1].casefold() in said.casefold().split()


def voices(
    sentences: Sequence[tuple[int, int]], statements: Sequence[Statement]
) -> list[tuple[int, int]]:
    """Spans of the sentences, those joined that follow one another on the same speaker's word,
    or on nobody's."""
    found: list[tuple[int, int]] = []
    last: str | None = None
    for sentence in sentences:
        statement = whose(statements, sentence)
        name = statement.speaker.name.casefold() if statement else None
        if found and name == last:
            found[-1] = found[-1][0], sentence[1]
        else:
            found.append(sentence)
        last = name
    return found


ANAPHORIC = re.compile(r"\b(?:it|this|that|so|these|those|such)\b", re.IGNORECASE)
"""Takes up what was said before."""


def denial(
    text: str,
    statement: Statement,
    start: int,
    statements: Sequence[Statement] = (),
    bears: Callable[[str], float] | None = None,
    asked: frozenset[str] = frozenset(),
) -> bool:
    """Whether ``text``, a sentence at ``start`` in the document that ``statement`` attributes,
    says that something is not so. Two negations ("did not deny") make none; words of denial
    with one of the stems ``asked`` are what the question is about ("Did he lie?").

    What another one says within it, by the other ``statements``, does not count, unless it is
    a denial on the spot ("we deny", "the company rejects"). Of "I welcome it, but it is not
    enough" the half counts that ``bears`` most on the question, where that tells them apart.
    """
    speaker = statement.speaker
    end = start + len(text)
    this = denies_this(text, start, statements)
    if this is not None and this.speaker.name == speaker.name:
        return True  # "disputed this and said that its own samples …"
    inside = start <= speaker.cue_start and speaker.cue_end <= end
    cue = text[speaker.cue_start - start : speaker.cue_end - start] if inside else ""
    own = within(text, start, statement.start, statement.end)
    first = max(statement.start, start)
    for other in statements:
        told = (
            other.nested
            and other.speaker.name not in ("", speaker.name)
            and first <= other.start < other.end <= end
        )
        if told and not on_the_spot(other, text, start):
            verb = other.speaker.cue_start, other.speaker.cue_end
            for part in ((other.start, other.end), verb):
                own = own.replace(within(text, start, *part), " ", 1)
    halves = _CONTRAST.split(own)
    if bears is not None and len(halves) > 1:
        # What takes up the other half with a pronoun belongs to it: "but there is none".
        weights = [bears(half) for half in halves]
        most = weights.index(max(weights))
        others = [half for at, half in enumerate(halves) if at != most]
        if all(weights[most] > bears(half) and not _TAKEN_UP.search(half) for half in others):
            own = halves[most]
    parts = _CLAUSES.split(own)
    if bears is not None and any(map(bears, parts)):
        # "We know Acme: they do not keep any rules" says nothing of what was asked about Acme.
        own = ": ".join(part for part in parts if bears(part) or ANAPHORIC.search(part))
    own = _WITHHELD.sub(" ", _NOT_DENIED.sub(" ", _IF.sub(" ", own)))
    words = cue.lower().split()
    denying = (
        DENIAL.search(cue) is not None
        or cues.DISOWNS.search(cue) is not None
        or (bool(words) and words[-1] in cues.CUES and cues.CUES[words[-1]][0].denies)
        or (_RULED_OUT.search(cue) is not None and "rule" not in asked)
    )
    if denying:
        own = _HEARSAY.sub(" ", own)
    return denying != (negated(own) or not asked.issuperset(denials(own)))


def shared_denials(about: str, text: str, verb: str) -> frozenset[str]:
    """Stems of the words of denial in the question that stand in ``text``, too, but for those of
    the ``verb`` that attributes: "Did he lie?" "She said that he had lied" is no denial."""
    found = denials(about) & stems(text) - denials(verb)
    both = all(_RULED_OUT.search(one) for one in (about, text))
    return frozenset(found | {"rule"} if both else found)


def within(text: str, start: int, first: int, last: int) -> str:
    """What of ``text``, which begins at ``start`` in its document, stands from ``first`` to
    ``last`` there."""
    return text[max(0, first - start) : max(0, last - start)]


def denials(text: str) -> set[str]:
    """The stems of its words that say that something is not so, but for "not" and the like."""
    return {stem(found.group().lower()) for found in DENIAL.finditer(text)}


def only_asks(text: str, start: int, statement: Statement) -> bool:
    """Whether the sentence ``text``, at ``start`` in its document, tells that the speaker asks
    whether something is so, which takes no position."""
    cue = within(text, start, statement.speaker.cue_start, statement.speaker.cue_end)
    said = within(text, start, statement.start, statement.end)
    return _ASKING.search(cue) is not None and _ASKED.search(said) is not None


def does(speaker: Speaker, position: Position) -> str:
    """What a speaker does with what is asked, as a verb that agrees with their name: "denies it",
    but "officials deny it"."""
    word = head_of(speaker.name)
    plural = word.islower() and word.endswith("s") and not word.endswith(("ss", "'s", "’s", "ous"))
    # "Reporters", which only opened its sentence; but "Wolves"
    plural = plural or (word == speaker.name and word.endswith("s") and is_role(word[:-1]))
    several = plural or word.lower() in cues.PLURALS or word.lower() in ("they", "we", "others")
    if position == "denies":
        return "deny it" if several else "denies it"
    return "say" if several else "says"


def by_verb(statement: Statement) -> Position:
    """What its speaker does where it is not asked whether something is so, which a "not" could
    deny: only the verb can."""
    return "denies" if statement.denies else "says"


def denies_this(text: str, start: int, statements: Sequence[Statement]) -> Statement | None:
    """The statement in ``text``, which begins at ``start`` in its document, that denies what it
    only refers to: "disputed this", "rejected the claim"."""
    for one in statements:
        inside = start <= one.start and one.end <= start + len(text)
        what = text[one.start - start : one.end - start] if inside else ""
        if one.denies and not one.nested and _ANAPHOR.fullmatch(what):
            return one
    return None


def on_the_spot(statement: Statement, text: str, start: int) -> bool:
    """Whether a nested statement is its speaker's own: of "we", or in the present tense and of
    nobody in particular ("the company rejects it")."""
    speaker = statement.speaker
    source = within(text, start, speaker.start, speaker.end).lower().split()
    words = within(text, start, speaker.cue_start, speaker.cue_end)
    verbs = words.lower().split()
    form = cues.CUES[verbs[-1]][1] if verbs and verbs[-1] in cues.CUES else "past"
    return (bool(source) and source[0] in _OWN) or (
        form in ("s", "base") and not set(verbs) & cues.HAVING and speaker.role is None
    )


def negated(text: str) -> bool:
    """Whether something in it is not so, by a word like "not" or "never"."""
    return _NEGATION.search(_NO_NEGATION.sub("", text)) is not None
