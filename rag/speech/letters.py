"""Letters and e-mails: what stands below "From: Ann Lee" and "Subject: The mill" is hers, but for
what she quotes behind ">"."""

from __future__ import annotations

import re

from rag.speech.capitals import capitals
from rag.speech.dialogue import Turn
from rag.speech.quotes import Span, paragraphs

_FIELD = r"\**(?:From|Sent|To|Cc|Bcc|Date|Subject|Re|Reply-To)\**:"
_HEAD = re.compile(
    rf"^(?P<depth>[> \t]*){_FIELD}\**[ \t]+\S[^\n]*"
    rf"(?:\n(?P=depth){_FIELD}[^\n]*|\n[ \t]+\S[^\n]*)+",
    re.MULTILINE,
)
"""Of a letter: its head's lines, those of wide ones with their rest."""
_FROM = re.compile(
    r"^[> \t]*\**From\**(?P<colon>:)\**[ \t]+[\"“]?(?P<name>[^\s<\"”,;][^<\n\"”,;]*)",
    re.MULTILINE,
)
_SENT = re.compile(r"^\**(?:Sent|Date|Subject)\**:|@", re.MULTILINE)
_WROTE = re.compile(
    capitals(r"^(?P<depth>[> \t]*)(?:On [^\n]{6,60}?[,\d] )?(?P<name>[A-Z][^\n<>,:]{1,50}?)")
    + r"(?: <[^>\n]*>)? (?P<cue>wrote|schrieb):[ \t]*$",
    re.MULTILINE,
)
"""Before what is quoted of a letter."""
_QUOTED = re.compile(r"(?:[ \t]?>)+")
_MARKS = re.compile(r"[>\s]*")
_RULE = re.compile(r"[-_*=]{3,}[^\n]*")
"""Between letters: "-----Original Message-----"."""


def letter(text: str) -> tuple[list[Span], dict[int, Turn]] | None:
    """The paragraphs of a letter, cut where what it quotes begins or ends, and whose they are, by
    index: of whom the head above them is from, and those behind ">" of who "wrote:" it.

    None where ``text`` does not begin with the head of one.
    """
    top = _HEAD.match(text, text.rfind("\n", 0, len(text) - len(text.lstrip())) + 1)
    if not top or not _FROM.search(top.group()) or not _SENT.search(top.group()):
        return None
    marks: list[tuple[int, int, int, Span, Span]] = []
    """Where a head, or "Ann Lee wrote:", begins and ends, how often what is below it is quoted, the
    name and what attributes."""
    for head in _HEAD.finditer(text):
        if sender := _FROM.search(text, *head.span()):
            name = sender.start("name"), sender.start("name") + len(sender["name"].rstrip())
            depth = _depth(text, head.start())
            marks.append((*head.span(), depth, name, sender.span("colon")))
    for one in _WROTE.finditer(text):
        below = _MARKS.match(text, one.end())
        depth = _depth(text, text.rfind("\n", 0, below.end()) + 1) if below else 0
        if depth > 0:  # not of a poet: "As John Day wrote:"
            marks.append((*one.span(), depth, one.span("name"), one.span("cue")))
    marks.sort()
    cut: list[Span] = []
    found: dict[int, Turn] = {}
    writers: dict[int, tuple[Span, Span]] = {}
    """By how often what they wrote is quoted."""

    def add(start: int, end: int, depth: int) -> None:
        end = start + len(text[start:end].rstrip("> \t\n"))
        if start >= end:
            return
        lead = _MARKS.match(text, start, end)
        begin = lead.end() if lead else start
        name, cue = writers.get(depth, (None, (start, start)))
        if not writers or _RULE.fullmatch(text, begin, end):
            # Nobody's, and no more of whoever wrote what is above it.
            name, begin = None, end
        found[len(cut)] = Turn(name, cue, (begin, end))
        cut.append((start, end))

    rest = iter(marks)
    mark = next(rest, None)
    for block in paragraphs(text):
        for start, end in _of_one_depth(text, block):
            depth = _depth(text, start)
            while mark and mark[0] < start:
                mark = next(rest, None)
            while mark and start <= mark[0] < end:
                add(start, mark[0], depth)
                writers = {at: who for at, who in writers.items() if at < mark[2]}
                writers[mark[2]] = mark[3:]
                found[len(cut)] = Turn(None, (mark[0], mark[0]), (mark[0], mark[0]))
                cut.append(mark[:2])
                start = mark[1]
                while start < end and text[start].isspace():
                    start += 1
                mark = next(rest, None)
            add(start, end, depth)
    return cut, found


def _of_one_depth(text: str, block: Span) -> list[Span]:
    """The lines of a paragraph, those together that are quoted as often."""
    found: list[Span] = []
    depth = -1
    for line in re.finditer(r"\S[^\n]*", text[slice(*block)]):
        start, end = block[0] + line.start(), block[0] + line.end()
        own = _depth(text, start)
        if own == depth:
            found[-1] = found[-1][0], end
        else:
            found.append((start, end))
        depth = own
    return found


def _depth(text: str, at: int) -> int:
    match = _QUOTED.match(text, at)
    return match.group().count(">") if match else 0
