"""Verbs that can say something, and here only tell what somebody does: "called her parents"."""

from __future__ import annotations

from rag.speech import cues
from rag.speech.contents import Contents
from rag.speech.cues import Cue
from rag.speech.phrases import Phrase, phrase_after
from rag.speech.words import Words

_CLAIMED = frozenset(
    """life lives victory victories win wins title titles gold silver bronze medal medals prize
    point points wicket wickets asylum benefits""".split()
)
"""What is claimed without a word."""
_DEFENDED = frozenset("title titles crown championship trophy cross lead record".split())
"""What is defended without a word."""

_STORIES = frozenset("story stories tale tales".split())
"""What things tell without a word."""
_OFFERED = frozenset("reward rewards prize prizes discount discounts deal job".split())
"""What is offered as a thing."""
_ATTACKED = frozenset(
    """headquarters building base city town village troops soldiers police army team bus
    synagogue church mosque school hospital embassy convoy ship people civilians woman women man
    men girl girls boy boys tissue""".split()
)
"""What is attacked with more than words."""
_MANY = frozenset("two three four dozens hundreds thousands million millions".split())
"""Of whom or what something is called or welcomed in numbers."""
_WITNESSES = frozenset("witness witnesses".split())
"""What is called without a name."""
_THEMSELVES = [["himself"], ["herself"], ["itself"], ["themselves"]]


def is_deed(w: Words, at: int, source: Phrase, verb: Cue) -> bool:
    """Whether the verb at ``at``, whose subject is ``source``, tells a deed."""
    following = w.words[at + 1 : at + 2]
    kind, after = w.kind(at + 1), w.kind(at + 2)
    match verb.base:
        case "hear":
            return w.words[source[1]] not in cues.HEARERS
        case "learn":  # "the Post has learned that"
            return cues.HAVING.isdisjoint(w.words[w.group(at) : at])
        case "plead":
            return not {"guilty", "not", "innocent", "no"}.isdisjoint(following)
        case "deny" | "offer":  # "denied him a visa", "offers the team the chance"
            second = phrase_after(w, at + 1)
            twice = second > at + 1 and w.kind(second) == "d" and following[0][-3:] != "ing"
            if verb.base == "offer" and not _OFFERED.isdisjoint(w.words[at + 1 : second]):
                return True
            return (kind == "o" and after in "d#n") or twice
        case "attack":
            return not _ATTACKED.isdisjoint(w.words[at + 1 : phrase_after(w, at + 1)])
        case "portray" | "discuss" | "debate":  # "put on a coat to portray the king"
            return w.kind(at - 1) == "t" and w.words[at - 2 : at - 1] != ["on"]
        case "push" | "campaign":
            return w.words[w.skip(at + 1, "x")] != "for"
        case "file":
            return True
        case "feel":
            if w.words[at + 1 : at + 3] == ["as", "if"]:  # "his leg felt as if"
                return True
            thing, parts = w.skip(at + 1, "xy"), Contents(w)  # "felt dizzy"
            clause = parts.opens_clause(thing) or w.words[thing : thing + 1] in (["that"], ["like"])
            return not clause and "Q" not in w.kinds[thing : thing + 2]
        case "welcome":
            near = w.words[at + 1 : at + 4]
            return not _MANY.isdisjoint(near) or "#" in w.kinds[at + 1 : at + 4]
        case "find":  # "found the driver guilty"
            return "guilty" in w.words[at + 1 : at + 10]
        case "tell":  # "the figures tell a different story"
            near = w.words[at + 1 : at + 5]
            return near[-1:] == ["."] and not _STORIES.isdisjoint(near)
        case "link":  # "a bridge linking the towns of Olm and Norton"
            return {"to", "with"}.isdisjoint(w.words[at + 1 : at + 9])
        case "conclude":
            return following == ["with"]
        case "rule":
            return following == ["out"] and after in "P."
        case "claim":
            return not _CLAIMED.isdisjoint(w.words[at + 1 : at + 5])
        case "ask":
            return w.words[at + 1 : at + 3] == ["too", "much"]
        case "post":  # "posted pictures of the mill"
            thing = w.skip(at + 1, "xy")
            parts = Contents(w)
            return w.kind(thing) in "ndm#" and not parts.opens_clause(thing)
        case "defend":
            return not _DEFENDED.isdisjoint(w.words[at + 1 : at + 6])
        case "add" | "repeat" | "accept" | "maintain" | "observe" | "boast" | "write":
            # "adds 12 states"
            thing = w.skip(at + 1, "xy")
            parts = Contents(w)
            end = parts.end(thing)
            said = "Q" in w.kinds[thing : end + 2] or parts.is_clause(thing, end)
            plain = w.kind(thing) == "n" and w.kind(thing + 1) not in "TQ:"
            plain = plain and not parts.opens_clause(thing)
            return w.kind(thing) == "#" or (w.kind(thing) in "dm" and not said) or plain
        case "call":
            end = phrase_after(w, at + 1)
            court = not _WITNESSES.isdisjoint(w.words[at + 1 : at + 6])
            rung = w.words[end : end + 1] == ["on"] and w.kind(end + 1) == "#"  # "call us on 101"
            many = not _MANY.isdisjoint(following)  # "calls thousands every month"
            alone = rung or many or court or following == ["police"] or following in _THEMSELVES
            return alone or kind == "#" or _is_called(w, at, source)
    return False


def _is_called(w: Words, at: int, source: Phrase) -> bool:
    """Whether somebody is rung up, or called to come."""
    if w.words[source[0]] in ("a", "an") and w.kind(source[0] - 1) == ",":
        return True  # "Ann Lee, an expert called for the court, came"
    end = phrase_after(w, at + 1)
    alone = end > at + 1 and w.kind(end) in ".,;CBty" and "d" not in w.kinds[at + 2 : end]
    return w.kind(at + 1) == "m" and alone
