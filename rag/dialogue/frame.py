"""How a question is built: "When did | Ann Lee | open | the new bridge?", and what follows.

There is no parser here: a question's beginning has few forms, and a phrase ends where a
function word stands. Enough to say a question as a statement ("Ann Lee opened the new
bridge"), to ask something else of it, and to find the phrases a pronoun can stand for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rag.dialogue.verbs import VERBS, is_finite, is_participle, past, present
from rag.speech import cues
from rag.speech.words import KINDS

_TOKEN = re.compile(
    r"\b(?:Mr|Mrs|Ms|Dr|St|Gen|Gov|Sen)\.|[\w$%&@#£€]+(?:[-.,’'][^\W_]+)*(?:[’'](?!\w))?|[^\w\s]"
)
_WH = frozenset("who whom whose what which when where why how".split())
DO = frozenset("do does did".split())
BE = frozenset("is are was were".split())
_MODAL = frozenset(
    "has have had can could will would shall should may might must isn't aren't wasn't weren't "
    "doesn't don't didn't hasn't haven't hadn't can't couldn't won't wouldn't shouldn't".split()
)
_AUX = DO | BE | _MODAL
ORDERS = frozenset(
    "tell give show list name describe explain summarise summarize compare find please".split()
)
_HEADS = frozenset(
    "time year day month date place people person much many long far large big old often tall high "
    "fast deep wide heavy accurate".split()
)


@dataclass(frozen=True, slots=True)
class Token:
    text: str
    start: int
    end: int

    @property
    def lower(self) -> str:
        return self.text.lower().replace("’", "'")


def tokens(text: str) -> list[Token]:
    return [Token(m.group(), *m.span()) for m in _TOKEN.finditer(text)]


@dataclass(frozen=True, slots=True)
class Frame:
    """A question's parts; joined by spaces they are the question without its mark."""

    lead: str
    """What is asked for: "when", "in which year", "how many people"; empty for yes or no."""
    auxiliary: str
    """Empty where what is asked for is the subject: "Who opened the bridge?"."""
    subject: str
    """Empty then, too."""
    rest: str
    """From the verb on."""

    @property
    def word(self) -> str:
        """The question word: "which" of "in which year"; empty for yes or no."""
        return next((w for w in self.lead.lower().split() if w in _WH), "")

    @property
    def is_adverbial(self) -> bool:
        """Whether it asks when, where, why or how, so that the rest says all else."""
        words = self.lead.lower().split()
        if words and KINDS.get(words[0], "") in ("P", "t"):
            return True  # "in what words", "for how long"
        return self.word in ("when", "where", "why", "how") and (
            len(words) == 1 or words[1] not in ("many", "much")
        )

    @property
    def noun(self) -> str:
        """What is asked for by name: "media outlet" of "which media outlet"."""
        words = self.lead.split()
        at = next((n for n, w in enumerate(words) if w.lower() in _WH), len(words))
        return " ".join(w for w in words[at + 1 :] if w.lower() not in _HEADS)


def frame(question: str) -> Frame | None:
    """The parts of a question; None where it has another form."""
    text = question.strip().rstrip("?!. ")
    found = tokens(text)
    if not found:
        return None
    at = next((n for n, t in enumerate(found[:9]) if t.lower in _AUX), None)
    first = found[0].lower
    wh = next((n for n, t in enumerate(found[:3]) if t.lower in _WH), None)
    if wh is None and at != 0:
        return None
    if first == "who" and at != 1:
        at = None
    if at is not None and wh is not None:
        if at < wh:
            return None
        between = [token for token in found[wh + 1 : at] if token.lower not in ("many", "much")]
        if any(KINDS.get(t.lower, "") in ("P", "d", "r", "T") for t in between) or (
            between and is_finite(between[-1].lower) and found[wh].lower != "how"
        ):
            at = None
    if at is None:
        return _asks_for_subject(text, found, wh or 0)
    end = _subject_end(found, at + 1, found[at].lower)
    if end == at + 1:
        return None
    return Frame(
        text[: found[at].start].strip(),
        found[at].text.lower(),
        text[found[at + 1].start : found[end - 1].end],
        text[found[end - 1].end :].strip(),
    )


def _asks_for_subject(text: str, found: list[Token], wh: int) -> Frame | None:
    """ "Who opened the bridge", "Which media outlet criticised the mayor"."""
    word, end = found[wh].lower, wh + 1
    if word in ("which", "what", "how", "whose"):
        counts = found[end : end + 1] != [] and found[end].lower in ("many", "much")
        end += counts
        first = end
        while end < len(found) and not (
            (is_finite(found[end].lower) and (end > first or not counts))
            or (end > first and _is_present(found, end))
        ):
            end += 1
    elif word != "who":
        return None
    if end >= len(found) or KINDS.get(found[end].lower, "") in ("P", "d", "p", "m"):
        return None
    return Frame(text[: found[end - 1].end], "", "", text[found[end].start :])


def _is_present(found: list[Token], at: int) -> bool:
    """Whether it is "owns" of "which company owns it", and not a plural before its verb."""
    word = found[at]
    behind = found[at + 1].lower if at + 1 < len(found) else ""
    return word.lower.endswith("s") and word.text.islower() and not is_finite(behind)


def _subject_end(found: list[Token], start: int, auxiliary: str) -> int:
    """Where the noun phrase behind an auxiliary ends."""
    end = phrase_end(found, start)
    lowers = [n for n in range(start, end) if _is_common(found[n])]
    if auxiliary in BE:
        verb = next((n for n in range(start + 1, len(found)) if is_participle(found[n].lower)), 0)
        between = {KINDS.get(token.lower, "") for token in found[end:verb]}
        if start < verb < end and lowers and verb == lowers[-1] and verb == end - 1:
            return verb  # "the bridge | closed"
        if end < verb and between <= {"", "P", "d", "k", "t"}:
            return verb  # "the festival in Oslo | cancelled", "Greek land | used"
        return end
    named = any(found[n].text[0].isupper() for n in range(start, end))
    if named and not lowers:
        more = found[end : end + 2]
        if len(more) > 1 and all(map(_is_common, more)) and re.search(r"[^s]s$", more[0].text):
            return end + 1  # "Huguenot numbers peak"
    known = [n for n in lowers if n > start and found[n].lower in VERBS]
    if known:
        return known[0]
    run = [n for at, n in enumerate(lowers) if n == lowers[0] + at]
    if len(run) > 1 or (named and run):
        return run[-1]  # the last small letters are the verb's
    return end


def _is_common(token: Token) -> bool:
    return token.text[0].islower() and KINDS.get(token.lower, "") not in ("d", "m", "s", "P")


def phrase_end(found: list[Token], start: int) -> int:
    """Where the noun phrase ends that begins at a token; ``start`` where none does.

    It goes on over "of" and what stands behind that, and over "and" between names.
    """
    at = start
    if at < len(found) and (
        found[at].lower in cues.DETERMINERS | cues.POSSESSIVES or found[at].lower == "such"
    ):
        at += 1
    begun = at
    while at < len(found):
        token = found[at]
        kind = KINDS.get(token.lower, "")
        if token.text in ("‘", "’", "“", "”", "'", '"'):
            at += 1
        elif not (token.text[0].isalnum() or token.text[0] in "$£€#@"):
            break
        elif token.text[0].isupper() or token.text[0].isdigit() or _joins(found, begun, at):
            at += 1
        elif token.lower == "of" and begun < at and _nouns(found, at + 1) > at + 1:
            at = _nouns(found, at + 1)
        elif kind in ("", "k", "v", "x") and token.lower not in _AUX | _WH | {"not"}:
            if kind in ("v", "x") and begun == at == start:
                break
            if found[at - 1].text[0].isupper() and begun < at and not _owned(found, start, at):
                break  # a name without an article ends where small letters begin
            at += 1
        else:
            break
    return at if at > begun else start


def _joins(found: list[Token], begun: int, at: int) -> bool:
    """Whether a small word stands inside of a name: "Edict of the Tower", "French and Indian"."""
    word = found[at].lower
    return (
        word in ("and", "of", "the", "&")
        and begun < at < len(found) - 1
        and (found[at + 1].text[0].isupper() or found[at + 1].lower == "the")
        and (word != "and" or found[at - 1].text[0].isupper())
    )


def _nouns(found: list[Token], at: int) -> int:
    """Behind "of": an article and lower-case words."""
    if at < len(found) and found[at].lower in cues.DETERMINERS | cues.POSSESSIVES:
        at += 1
    if at < len(found) and found[at].text.isalpha() and KINDS.get(found[at].lower, "") in "k":
        return at + 1
    return at


def _owned(found: list[Token], start: int, at: int) -> bool:
    """Whether an article or a possessive lets a name go on: "the Mongol capital"."""
    return found[start].lower in cues.DETERMINERS | cues.POSSESSIVES or bool(
        re.search(r"(?:[’']s|s[’'])$", found[at - 1].text)
    )


def phrases(text: str) -> Iterator[tuple[str, str]]:
    """Every noun phrase with an article or a name, and the preposition before it."""
    found = tokens(text)
    at = 0
    while at < len(found):
        token = found[at]
        is_start = (
            token.lower in ("the", "a", "an", "such") or token.lower in cues.POSSESSIVES - {"whose"}
        ) or (
            token.text[0].isupper()
            and (at > 0 or (KINDS.get(token.lower, "") == "" and token.lower not in ORDERS))
        )
        end = phrase_end(found, at) if is_start else at
        if end > at:
            before = found[at - 1].lower if at else ""
            yield text[token.start : found[end - 1].end], before
            at = end
        else:
            at += 1


def things(question: str) -> list[tuple[str, str]]:
    """The noun phrases of a question, its subject first, each with the preposition before."""
    asked = frame(question)
    if asked is None:
        return list(phrases(question))
    found = [(asked.subject, "")] if asked.subject else []
    found += phrases(asked.rest)
    found += [(name, before) for name, before in phrases(asked.lead) if before not in _WH]
    return found


def stated(asked: Frame, answer: str = "") -> str:
    """What a question takes for granted, as a statement without a mark; empty where it takes
    nothing. ``answer`` is put in the place of what is asked for, else "somebody" or
    "something" is."""
    if any(token.lower in _WH for token in tokens(asked.rest)):
        return ""
    if not asked.auxiliary:
        if asked.word == "how":
            return f"{asked.noun} {asked.rest}" if asked.noun else ""
        who = "somebody" if asked.word == "who" else f"some {asked.noun}" if asked.noun else ""
        return f"{answer or who} {asked.rest}" if who else ""
    verb, _, others = asked.rest.partition(" ")
    takes = asked.lead and not asked.is_adverbial and asked.word != "how"
    thing = ("somebody" if asked.word in ("who", "whom") else "something") if takes else ""
    if asked.auxiliary in DO:
        if not verb.isalpha() or not verb.islower() or verb == "do":
            return ""
        said = past(verb) if asked.auxiliary == "did" else present(verb, asked.auxiliary)
        thing = answer if takes and answer else thing
        return " ".join(filter(None, (asked.subject, said, _placed(others, thing))))
    if asked.word in ("who", "what", "which", "how") or not asked.rest:
        return ""
    return f"{asked.subject} {asked.auxiliary} {asked.rest}"


def with_object(asked: Frame, answer: str) -> str:
    """The rest of a question for an object, with its answer, or what stands for it, put in."""
    verb, _, others = asked.rest.partition(" ")
    unknown = "somebody" if asked.word in ("who", "whom") else "that"
    unknown = f"the {asked.noun}" if asked.noun else unknown
    return f"{verb} {_placed(others, answer or unknown)}"


def _placed(others: str, thing: str) -> str:
    """The object before a prepositional phrase, and behind all else."""
    follows = KINDS.get(others.partition(" ")[0].lower(), "") in ("P", "t")
    pair = (thing, others) if follows and " " in others else (others, thing)
    return " ".join(filter(None, pair))
