"""A conversation as Markdown (CommonMark) that shows every text exactly, and obeys none.

Questions, quotes, titles and paths are data: each character that can mean something in
Markdown or HTML is escaped, so no link, image, heading or tag comes out of a document.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from rag.types import Answer, Citation, Claim

_SPECIAL = re.compile(r"[\\`*_{}\[\]<>#|~&$^@]|:(?=//)|^[+=-]", re.MULTILINE)
_LEADING = re.compile(r"^[ \t]+", re.MULTILINE)
_NUMBERED = re.compile(r"^(\d+)([.)])", re.MULTILINE)
_OUTCOMES = {
    "answered": "Answered",
    "closest": "Not sure that the documents answer this",
    "declined": "Not in the documents",
}


def escaped(text: str) -> str:
    """``text`` as Markdown that shows exactly it, inside a line or at its beginning.

    Line breaks become those of Markdown; control characters become U+FFFD, as they are
    nothing to be seen.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]", "\ufffd", text)
    text = _NUMBERED.sub(r"\1\\\2", text).replace("\\.", "\x00")
    text = _SPECIAL.sub(lambda match: f"\\{match.group()}", text).replace("\x00", "\\.")
    text = text.replace("www.", "www\\.")
    return _LEADING.sub(lambda match: "&#32;" * len(match.group()), text)


def inline(text: str) -> str:
    """The same on one line."""
    return escaped(" ".join(text.split()))


def markdown(title: str, created: datetime, answers: Sequence[Answer]) -> str:
    """A conversation with every answer, its quotes, and where each of them stands."""
    parts = [f"# {inline(title)}", f"Asked with Sayso, {created:%Y-%m-%d %H:%M} UTC."]
    for number, answer in enumerate(answers, start=1):
        parts += [f"## {number}. {inline(answer.question)}", *_turn(answer)]
    return "\n\n".join(parts) + "\n"


def _turn(answer: Answer) -> Iterator[str]:
    if answer.searched != answer.question:
        yield f"Searched for: {inline(answer.searched)}"
    yield f"**{_OUTCOMES[answer.outcome]}**, confidence {answer.confidence:.0%}."
    if answer.text:
        yield inline(answer.text)
    citations = [(citation, claim) for claim in answer.claims for citation in claim.citations]
    for citation, claim in sorted(citations, key=lambda pair: pair[0].marker):
        yield _citation(citation, claim)


def _citation(citation: Citation, claim: Claim) -> str:
    when = f", {citation.published.isoformat()}" if citation.published else ""
    speaker = claim.speaker
    who = f"{speaker.name}, {speaker.role}" if speaker and speaker.role else ""
    who = who or (speaker.name if speaker else "")
    said = f"; said by {inline(who)}" if who else ""
    quote = "\\\n".join(
        f"> {line}" if line else ">" for line in escaped(citation.quote).split("\n")
    )
    quote = re.sub(r"^>\\$", ">", re.sub(r"\\\n>(?=\\|\n|$)", "\n>", quote), flags=re.MULTILINE)
    return (
        f"\\[{citation.marker}\\] {inline(citation.title)}{when}, {inline(citation.path)}, "
        f"characters {citation.start}–{citation.end}{said}\n\n{quote}"
    )
