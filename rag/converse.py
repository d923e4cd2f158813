"""A follow-up as a question that stands alone: "And when?", "What did he reply?", "Why?".

``standalone`` is what is searched for and shown. Rules make it: what is left out is put in
out of the last question (``dialogue/ellipsis.py``), and pronouns, "the ministry" and "that"
are put into words (``dialogue/pronouns.py``). With a language model its form is taken
instead, where it says nothing that was not said in the conversation. A question that needs
nothing of what came before, as on a new topic, is left byte for byte.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from rag.dialogue.ellipsis import bracketed, circumstances, filled, meanwhile
from rag.dialogue.frame import BE, frame
from rag.dialogue.pronouns import described, names, pointed, resolved
from rag.dialogue.refer import Context
from rag.dialogue.rewrite import rewritten
from rag.errors import SaysoError
from rag.retrieve import content_words
from rag.types import Answer

_LEAD_IN = re.compile(
    r"^(?:(?:and|but|so|or|then|ok|okay|well|also|now)\b[,\s]+)+(?=\S)", re.IGNORECASE
)
_SAYS_WHO = re.compile(
    r"(?:(?:what(?:[’']s| is) your )?sources?|says who"
    r"|where (?:did|do) you get (?:it|this|that) from"
    r"|on whose (?:word|say-?so|authority))[\s?.!]*$",
    re.IGNORECASE,
)
_GENERIC = frozenset(
    """people person persons men women soldiers many much long far often old big large high exactly
    happened happen happens mean means meant else happening really first last other others way ways
    reason reasons thing things there next actually one ones say says said think thinks thought
    reply replied replies respond responds responded answer answered react reacted explain go went
    come came get got""".split()
)
"""Words that do not tell what a question is about."""
_OPEN_END = re.compile(
    r"\b(?:say|think|reply|respond|answer|claim|argue|react|comment|explain|believe|agree"
    r"|disagree|object)(?: exactly| then)?[\s?.!]*$",
    re.IGNORECASE,
)
"""Ends that leave out what is said, or answered."""
_THEN = re.compile(r"\b(?:then|afterwards|after that)\b[\s?.!]*$", re.IGNORECASE)


_LONGEST = 500
"""Characters. What is longer tells by itself what it is about."""


def standalone(
    question: str, history: Sequence[Answer], write: Callable[[str], str] | None = None
) -> str:
    """``question`` as it would be asked without the conversation in ``history``.

    The very same string where it stands alone. ``write`` sends a prompt to a language model
    and returns its text; a ``SaysoError`` of it, and a text that is not one short question in
    the conversation's own words, leave the form that the rules make.
    """
    if not history or not re.search(r"\w", question) or len(question) > _LONGEST:
        return question
    plain = _by_rules(question, Context(history))
    if write is None or plain == question:
        return plain
    try:
        return rewritten(question, history, write) or plain
    except SaysoError:
        return plain


def _by_rules(question: str, context: Context) -> str:
    lead = _LEAD_IN.match(question.strip())
    text = question.strip()[lead.end() if lead else 0 :]
    text = "Who said that?" if _SAYS_WHO.match(text) else text
    made = filled(text, lead is not None, context)
    made = resolved(made, context).text if made else _in_words(text, context)
    return question if made is None else _as_question(made)


def _in_words(text: str, context: Context) -> str | None:
    """A whole question with what it points at put into words, and what it leaves open; None
    where it stands alone."""
    last = context.last
    named = described(text, context)
    if there := pointed(named, context):
        return there
    found = resolved(named, context)
    if found.is_missing:
        return bracketed(found.text, last)
    own = [word for word in content_words(text) if word not in _GENERIC]
    changed = found.text != text
    if then := _THEN.search(found.text):
        return circumstances(found.text[: then.start()], last)
    if _OPEN_END.search(found.text) and len(own) <= 2:
        return circumstances(found.text, last)
    if found.pronoun and len(own) <= 1 and not names(text):
        return meanwhile(found.text, last, found.pronoun)
    if changed:
        return found.text
    return circumstances(text, last) if len(own) < 2 and not _is_whole(text) else None


def _is_whole(text: str) -> bool:
    """Whether few words are enough: with a name, or as what asks what something is."""
    asked = frame(text)
    asks_what = (
        asked is not None
        and asked.auxiliary in BE
        and not asked.rest
        and asked.word in ("who", "what")
        and not asked.subject.lower().startswith("the ")
    )
    return asks_what or bool(names(text))


def _as_question(text: str) -> str:
    text = re.sub(r"\s+", " ", text).replace(" ?", "?").strip()
    return f"{text[:1].upper()}{text[1:].rstrip(' ?!.')}?"
