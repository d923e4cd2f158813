"""Conversations as they are written down: each turn behind the name of who speaks and a colon."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace

from rag.speech.capitals import capitals
from rag.speech.given import gender_of
from rag.speech.quotes import Span, paragraphs
from rag.speech.words import KINDS

_NAME = capitals(r"[A-Z][\w.'’-]*(?:(?: [a-z][\w'’-]*){0,3} [A-Z][\w.'’-]*){0,4}")
"""Also with what somebody is before it: "Plant manager Ann Lee"."""
_TIME = (
    r"[\[(]?(?:\d{1,4}[-/.]\d\d?[-/.]\d{1,4},?[ T])?\d[\d:.,]*(?: \d[\d:.,]*)?"
    r"(?: ?[AaPp]\.?[Mm]\.?)?[\])]?(?:[ \t]{1,4}[-–])?[ \t]{1,4}"
)
_TURN = re.compile(
    rf"^[ \t]*(?:[-+•–][ \t]+|\*[ \t]+)?(?:\*\*)?(?P<time>{_TIME})?(?P<bold>\*\*)?[\"“]?"
    rf"(?:The (?:[\w’',-]+ ){{1,10}}\((?=[^()\n]*\):))?(?P<name>{_NAME})\)?"
    r"(?:[ ][(\[][^()\[\]\n]{1,40}[)\]]|, [a-z][\w’' -]{1,40})?"
    r"(?:(?:\*\*)?(?P<colon>:)(?:\*\*)?|(?(bold)\*\*[ \t]+(?P<dash>[–—-])|(?!)))"
    r"[ \t]+(?:\*\*[ \t]*)?(?=[^\s*])",
    re.MULTILINE,
)
"""Also as an item of a list, behind a time ("[00:12]"), with an aside ("(laughs)") or what they are
(", treasurer"), in Markdown's bold, which a dash may follow as well, and in brackets behind an
office ("The Minister for the Coast (Ann Lee):")."""
_HEADLINE = re.compile(rf"[\"“'‘]?({_NAME})(:)\s+(?=\S)")
_NO_NAMES = frozenset(
    """note notes update updated latest photo related read watch video correction source sources
    more also editor contact summary introduction background conclusion abstract methods results
    name date time place present apologies subject from to cc re agenda item title author
    tags finding findings action actions decision decisions result outcome cost costs benefit
    risk risks recommendation recommendations issue issues status owner due deadline motion
    resolved context problem solution step example sent where when what who why how which""".split()
)
"""Words of labels that name no speaker."""
_FEWEST = 3
"""Turns of a conversation, two of them of the same speaker."""
_SENTENCE = re.compile(r"[.!?…)\]”\"’'—–-][*_]*$")
_SPOKEN = 0.7
"""Share of the turns that end as sentences do, where names are written like any others: a
list of facts ("Place: Oslo") is no conversation."""
_GUEST = re.compile(
    rf"\b(?:[Ii]nterview(?:s|ed|ing)?(?: with)?|(?:[Qq]uestions|[Cc]onversation|[Qq] ?& ?[Aa]) "
    rf"(?:with|for|to)) ({_NAME})"
)
"""Who answers, where the turns are only "Q:" and "A:"."""
_TOP = 400
"""Characters of a text in which its title and lead stand."""
_BULLET = re.compile(r"[-+•–*][ \t]")
_NEAR = 0.25
"""Share of the paragraphs that open turns, at least."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What one speaker says until the next one does, as spans of the text."""

    name: Span | None
    """None where it does not tell whose it is."""
    colon: Span
    content: Span
    headline: bool = False
    alone: bool = False
    """As an item of a list, behind which somebody else goes on."""


def turns(text: str) -> tuple[list[Span], dict[int, Turn]]:
    """The paragraphs of ``text``, and which of them open turns, by index.

    Each turn begins a paragraph, whether an empty line precedes it or not. The first one may
    also be a headline that names its speaker ("Mayor Lee: the vote was fair").
    """
    blocks = paragraphs(text)
    found: dict[int, Turn] = {}
    matches = [match for match in _TURN.finditer(text) if _may_speak(match["name"])]
    count = Counter(match["name"] for match in matches)
    capitals = [match for match in matches if match["name"].isupper()]
    for possible in (capitals, matches):
        if _is_conversation(text, possible, count, len(blocks), named=possible is not capitals):
            blocks, found = _cut(text, blocks, possible)
            if count.keys() == {"Q", "A"}:
                found = _interview(text, found)
            break
    if blocks and 0 not in found:
        start, end = blocks[0]
        match = _HEADLINE.match(text, start, min(end, start + 80))
        if (
            match
            and "\n" not in text[start:end]
            and _may_speak(match[1])
            and text.count(match[1].split()[-1]) > 1
        ):
            found[0] = Turn(match.span(1), match.span(2), (match.end(), end), headline=True)
    return blocks, found


def _may_speak(name: str) -> bool:
    return _NO_NAMES.isdisjoint(re.sub(r"[’']s\b", "", name.lower()).split())


def _is_conversation(
    text: str, matches: list[re.Match[str]], count: Counter[str], blocks: int, *, named: bool
) -> bool:
    if len(matches) < _FEWEST or max(count[match["name"]] for match in matches) < 2:
        return False
    if not named:
        return True
    ends = [text.find("\n", match.end()) for match in matches]
    lines = [
        text[match.end() : end if end > 0 else len(text)].rstrip()
        for match, end in zip(matches, ends, strict=True)
    ]
    timed = all(match["time"] for match in matches)
    listed = timed or any(
        match["dash"] or _BULLET.match(match.group().lstrip()) for match in matches
    )
    names = {match["name"] for match in matches}
    if listed and 2 * sum(map(_is_personal, names)) < len(names):
        return False  # "15:00 Leeds: …", "- **Battery** – …"
    spoken = sum(_SENTENCE.search(line) is not None for line in lines)
    ends_well = timed or spoken >= _SPOKEN * len(lines)
    return len(names) > 1 and ends_well and len(matches) >= _NEAR * blocks


def _is_personal(name: str) -> bool:
    """Whether it looks like somebody's: of several words, or a given name."""
    first, *others = name.split()
    return first.lower() not in KINDS and (bool(others) or gender_of(first) is not None)


def _cut(
    text: str, blocks: list[Span], matches: list[re.Match[str]]
) -> tuple[list[Span], dict[int, Turn]]:
    """The paragraphs, cut where turns begin."""
    cut: list[Span] = []
    found: dict[int, Turn] = {}
    rest = iter(matches)
    match = next(rest, None)
    for start, end in blocks:
        while match and match.end() <= start:
            match = next(rest, None)
        while match and match.end() < end:
            begins = match.start() + len(match.group()) - len(match.group().lstrip())
            if begins > start:
                cut.append((start, start + len(text[start:begins].rstrip())))
            start = max(start, begins)
            following = next(rest, None)
            stop = end
            if following and following.end() < end:
                stop = start + len(text[start : following.start()].rstrip())
            found[len(cut)] = Turn(
                match.span("name"),
                match.span("colon" if match["colon"] else "dash"),
                (match.end(), stop),
                alone=_BULLET.match(text, begins) is not None,
            )
            match = following
            if stop < end:
                cut.append((start, stop))
                start = match.start() if match else end
        if start < end:
            cut.append((start, end))
    return cut, found


def _interview(text: str, found: dict[int, Turn]) -> dict[int, Turn]:
    """The turns of "Q:" and "A:", with whom they are of: the answers of whom the title names, the
    questions of nobody. None where it names nobody, as in what is often asked."""
    guest = _GUEST.search(text, 0, _TOP)
    if not guest or not _is_personal(guest[1]):
        return {}
    return {
        at: replace(turn, name=guest.span(1) if turn.name and text[turn.name[0]] == "A" else None)
        for at, turn in found.items()
    }
