"""Conversations as they are written down: each turn behind the name of who speaks and a colon."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from rag.speech.quotes import Span, paragraphs

_NAME = r"[A-Z][\w.'’-]*(?:(?: [a-z][\w'’-]*){0,3} [A-Z][\w.'’-]*){0,4}"
"""Also with what somebody is before it: "Plant manager Ann Lee"."""
_TURN = re.compile(
    rf"^[ \t]*(?:\*\*)?(?:[\[(]?\d[\d:., ]*[\])]?[ \t]+)?(?:\*\*)?[\"“]?"
    rf"(?:The (?:[\w’',-]+ ){{1,10}}\((?=[^()\n]*\):))?(?P<name>{_NAME})\)?"
    r"(?:[ ][(\[][^()\[\]\n]{1,40}[)\]])?(?P<colon>:)(?:\*\*)?[ \t]+(?:\*\*[ \t]*)?(?=[^\s*])",
    re.MULTILINE,
)
"""Also behind a time ("[00:12]"), with an aside ("(laughs)"), in Markdown's bold, and in brackets
behind an office ("The Minister for the Coast (Ann Lee):")."""
_HEADLINE = re.compile(rf"[\"“'‘]?({_NAME})(:)\s+(?=\S)")
_NO_NAMES = frozenset(
    """note notes update updated latest photo related read watch video correction source sources
    more also editor contact summary introduction background conclusion abstract methods results
    name date time place present apologies subject from to cc re agenda item title author
    tags""".split()
)
"""Words of labels that name no speaker."""
_FEWEST = 3
"""Turns of a conversation, two of them of the same speaker."""
_SENTENCE = re.compile(r"[.!?…)\]”\"’'—–-][*_]*$")
_SPOKEN = 0.7
"""Share of the turns that end as sentences do, where names are written like any others: a
list of facts ("Place: Oslo") is no conversation."""
_NEAR = 0.25
"""Share of the paragraphs that open turns, at least."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What one speaker says until the next one does, as spans of the text."""

    name: Span
    colon: Span
    content: Span
    headline: bool = False


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
    spoken = sum(_SENTENCE.search(line) is not None for line in lines)
    speakers = len({match["name"] for match in matches})
    return speakers > 1 and spoken >= _SPOKEN * len(lines) and len(matches) >= _NEAR * blocks


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
            found[len(cut)] = Turn(match.span("name"), match.span("colon"), (match.end(), stop))
            match = following
            if stop < end:
                cut.append((start, stop))
                start = match.start() if match else end
        if start < end:
            cut.append((start, end))
    return cut, found
