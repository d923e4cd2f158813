"""What a follow-up leaves out, put in out of the last question: "When?", "And in Armenia?"."""

from __future__ import annotations

import re

from rag.dialogue.frame import BE, DO, frame, things, tokens, with_object
from rag.dialogue.refer import Context, Turn
from rag.dialogue.verbs import base
from rag.speech.words import KINDS

_WHAT_ABOUT = re.compile(r"^(?:what|how) about (?P<what>.+?)[\s?.!]*$", re.IGNORECASE)
_BARE = re.compile(
    r"^(?P<lead>(?:(?:since|until|by|from|to|for|in|on|at|under|with|of|about|against) )?"
    r"(?:when|where|why|who|whom|how(?: (?:many|much|long|often|far|soon|so|exactly))?"
    r"|how (?:many|much) [\w-]+|(?:what|which|whose)(?: [\w-]+){0,2})(?: exactly)?|what for"
    r"|(?:according to|on) (?:whom|whose [\w-]+|which [\w-]+))[\s?.!]*$",
    re.IGNORECASE,
)
_WHY_NOT = re.compile(r"^why not\b.*$", re.IGNORECASE)
_MORE = re.compile(
    r"(?:please )?(?:(?:can|could|would) you )?(?:please )?"
    r"(?:(?:tell|give|show) (?:me|us) (?:a bit |a little |some )?more|say more|more|any more"
    r"|anything more|anything else|what else|go on|carry on|continue|and|elaborate"
    r"|explain(?: more| further)?|(?:in )?more detail|(?:some |any )?details)"
    r"(?: (?:details?|information))?(?: (?:about|on|of) (?:it|this|that))?"
    r"(?: (?:it|this|that))?(?: is there)?(?: please)?[\s?.!…]*$",
    re.IGNORECASE,
)
"""Asks for more of the same."""
_OF_THINGS = re.compile(r"(?:what|which|whose|who|whom|how many|how much)\b", re.IGNORECASE)
_TIME = re.compile(
    r"(?:(?:last|this|next|the) (?:year|month|week|decade|day|time)(?: before| after)?"
    r"|today|yesterday|tomorrow|now|earlier|later|before|afterwards)",
    re.IGNORECASE,
)
_NO_THING = frozenset("really seriously sure ok okay thanks please indeed yes no".split())
_WH = re.compile(r"(?:who|whom|whose|what|which|when|where|why|how)\b", re.IGNORECASE)


def filled(text: str, is_led: bool, context: Context) -> str | None:
    """The question that a fragment is short for; None where it is a whole question.

    ``is_led``: an "and" stood before it.
    """
    last = context.last
    if about := _WHAT_ABOUT.match(text):
        return _instead(about["what"], context)
    if _WHY_NOT.match(text):
        return bracketed(text, last)
    if _MORE.match(text):
        stated = last.stated()
        return f"Explain how {stated}?" if stated else last.question
    bare = _BARE.match(text)
    if bare and frame(text) is None:
        lead = bare["lead"]
        return _asking("For what" if lead.lower() == "what for" else lead, last)
    if _is_fragment(text, is_led):
        return _instead(text.rstrip(" ?!."), context)
    return None


def bracketed(text: str, last: Turn) -> str:
    """With what the last question is about in brackets, where there is no better way."""
    return f"{text.rstrip(' ?!.')} ({last.topic()})?"


def circumstances(text: str, last: Turn) -> str:
    """With what the last question takes for granted behind it: "… when Ann Lee said so"."""
    asked, stated = last.asked, last.stated()
    if asked and not asked.lead and stated:
        return f"{text.rstrip(' ?!.')} about whether {stated}?"
    if asked and not asked.lead:
        return f"{text.rstrip(' ?!.')}: {last.question[:1].lower()}{last.question[1:]}"
    if stated and asked and (asked.auxiliary in DO | BE or not asked.auxiliary):
        return f"{text.rstrip(' ?!.')} when {stated}?"
    return bracketed(text, last)


def meanwhile(text: str, last: Turn, pronoun: str) -> str:
    """The same, of the one that the question has named: "… when they invaded Ireland"."""
    asked = last.asked
    stated = last.stated()
    if (
        not asked
        or asked.auxiliary not in DO
        or asked.subject not in text
        or " " not in asked.rest
        or not (asked.is_adverbial or not asked.lead)
        or not stated.startswith(asked.subject)
    ):
        return text
    return f"{text.rstrip(' ?!.')} when {pronoun}{stated.removeprefix(asked.subject)}?"


def _is_fragment(text: str, is_led: bool) -> bool:
    """ "And in Armenia?", "Ann Lee?": no verb, and no question word."""
    found = tokens(text.rstrip(" ?!."))
    if not 0 < len(found) <= 6 or frame(text) is not None or _WH.match(text):
        return False
    kinds = [KINDS.get(token.lower, "") for token in found]
    if {"a", "v", "p"} & set(kinds):
        return False
    if found[0].lower in _NO_THING:
        return False
    is_short = len(found) <= 2 and text.rstrip().endswith("?")
    return is_led or is_short or (kinds[0] in ("P", "t") and len(found) <= 5)


def _instead(what: str, context: Context) -> str:
    """The last question with ``what`` in the place of what it is of the same kind with."""
    last = context.last
    question = last.question.rstrip(" ?!.")
    first, _, rest = what.partition(" ")
    if rest and KINDS.get(first.lower(), "") in ("P", "t"):
        return f"{_other_place(question, first.lower(), what)}?"
    if _TIME.fullmatch(what):
        return f"{question} {what}?"
    asked = last.asked
    if asked and last.is_definition and asked.word in ("who", "what"):
        return f"{asked.lead} {asked.auxiliary} {what}?"
    old = _like(what, context)
    if asked and not asked.auxiliary and what[0].isupper() and (not old or old.islower()):
        verb, _, others = asked.rest.partition(" ")
        if plain := base(verb):
            return f"Did {what} {plain} {others}?"
    if old is None:
        return bracketed(what, last)
    before, _, behind = question.rpartition(old)
    return f"{before}{what}{behind}?"


def _other_place(question: str, preposition: str, what: str) -> str:
    """With ``what`` in the place of what stands behind the same preposition, or at the end."""
    is_number = any(map(str.isdigit, what))
    for name, before in things(question):
        if before == preposition and is_number == any(map(str.isdigit, name)):
            return question.replace(f"{before} {name}", what, 1)
    number = re.search(rf"\b{re.escape(preposition)} \d+(?: [A-Z]\w+(?: \d+)?)?", question)
    if is_number and number:
        return f"{question[: number.start()]}{what}{question[number.end() :]}"
    return f"{question} {what}"


def _like(what: str, context: Context) -> str | None:
    """The part of the last question that ``what`` is of the same kind with."""
    asked = context.last.asked
    names = [name for name, _ in things(context.last.question)]
    if asked and len(names) > 1:
        names = [name for name in names if name not in asked.lead] or names
    if not names:
        return None
    speakers = {name.split()[-1].lower() for turn in context.turns for name, _ in turn.speakers()}
    end = what.split()[-1].lower()
    if end in speakers:
        for name in names:
            if name.split()[-1].lower() in speakers - {end}:
                return name
    article, _, bare = what.partition(" ")
    if article.lower() == "the" and bare:
        for name in names:
            parts = name.split()
            if parts[0].lower() != "the" or len(parts) < 2:
                continue
            if parts[1][0].isupper() == bare[0].isupper():
                is_adjective = bare[0].isupper() and " " not in bare
                return " ".join(parts[:2]) if is_adjective else name
    if what[0].isupper():
        capital = [name for name in names if any(word[0].isupper() for word in name.split())]
        if capital:
            of = re.search(r" of ([A-Z][\w-]*)$", capital[-1])
            return of[1] if of and " " not in what else capital[-1]
    return names[-1]


def _asking(lead: str, last: Turn) -> str:
    """Of what the last question takes for granted: ``lead`` is "when", "in what words"."""
    asked, short = last.asked, last.filler()
    counts = re.match(r"how (?:many|much) \S", lead, re.IGNORECASE)
    if counts and asked and asked.word == "how" and asked.noun:
        return f"{lead} {asked.auxiliary} {asked.subject} {asked.rest}?"
    if asked and last.is_definition and asked.word in ("who", "what"):
        return bracketed(lead, last)
    if asked is None or _OF_THINGS.match(lead) or any(map(_WH.fullmatch, asked.rest.split())):
        return bracketed(lead, last)
    if asked.auxiliary:
        rest = asked.rest
        if asked.lead and not asked.is_adverbial:
            rest = with_object(asked, short) if asked.auxiliary in DO else asked.rest or short
        return f"{lead} {asked.auxiliary} {asked.subject} {rest}?"
    who = asked.noun if asked.word == "how" and asked.noun else short or "somebody"
    verb, _, others = asked.rest.partition(" ")
    if verb in BE:
        return f"{lead} {verb} {who} {others}?"
    if plain := base(verb):
        return f"{lead} did {who} {plain} {others}?"
    return f"{lead} was it that {who} {asked.rest}?"
