"""Which sentence answers which: a denial of what was said right before it, and what it denies.

"Greenwave disputed this" holds no word of a question about the air, and belongs beside what it
disputes all the same. So where the sentence that comes closest to a question is denied by the next
one, or denies the one before, both are laid out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.position import negated
from rag.read import Span
from rag.types import Position, Statement

_DENY = (
    r"(?:den(?:y|ies|ied|ying)|(?:refut|disput)(?:es?|ed|ing)|dismiss(?:es|ed|ing)?"
    r"|(?:reject|contest|contradict|doubt|rebut)(?:s|t?ed|t?ing)?)"
)
REFERS = re.compile(
    r"\b(?:that|this|these|it)(?:[’']s| is| are| was| were| isn| wasn| has| did(?:n| not)| never)\b"
    r"|\b(?:that|this|it|so)(?=[.,;!?”\"’]|$)"
    r"|\b(?:th(?:e|is|at|ese|ose)|such|his|her|their|its) (?:\w+ )?(?:reports?|claims?|story"
    r"|stories|allegations?|charges?|complaints?|findings?|accounts?|rumours?|rumors?|suggestions?"
    r"|accusations?|comments?|insinuations?|accusation)\b(?! that\b)"
    r"|[’']s (?:claim|report|account|story|version)\b|\bdisagree[sd]?\b"
    rf"|\b{_DENY}"
    r" (?:(?:th(?:is|ese|ose)|such|having (?:\w+ )?such)\b"
    r"|(?:that|this|it|them|so)(?=\W*$|[.,;!?”\"’]| (?:and|but|as|on|in|at|when)\b))",
    re.IGNORECASE,
)
"""Words that stand for what was said before."""
NEAR = 40
"""Characters between two sentences at most; with more, something was left out."""
_FARTHEST = 6
"""Sentences behind one in which its denial is looked for."""
_BEHIND = 2
"""Those among them that are not of the same speaker."""
_BEFORE = 3
"""Sentences before a denial in which what it denies may stand."""

_OF_THAT = re.compile(
    rf"\b{_DENY} (?:this|that|it)\b|\bdisagree[sd]?\b",
    re.IGNORECASE,
)
"""Denies what was just said. "Rejected the claim" may go along with another denial."""
_TAKES_BACK = re.compile(r"\W*(?:it|that|this|they|he|she|there|not)\b", re.IGNORECASE)
_SHORT = 60
"""Characters of a sentence that does no more than deny something or take it back."""
_MORE = 2
"""Sentences that are quoted with it."""

Told = tuple[Span, Statement | None]


@dataclass(frozen=True, slots=True)
class Reply:
    """Two sentences of which one denies the other, as positions in what was told."""

    first: int
    """The one that comes closest to the question."""
    other: int
    """With it, what the same speaker goes on to say up to ``last``."""
    last: int
    denies: bool
    """The other one is the denial."""
    of_that: bool = False
    """And denies what the first one says, be that a denial itself."""

    def position(self, at: int, own: Position, first: Position, denial: bool) -> Position:
        """What the one ``at`` does with what is asked, ``own`` by its words alone and ``first``
        by those of the first; with ``denial`` it is asked whether anybody denies it."""
        if at == self.first:
            return "says" if denial and self.denies else own
        if denial:
            return "denies" if self.denies else "says"
        if self.denies and not self.of_that and first == "denies":
            return own
        return "says" if first == "denies" else "denies"


def reply(
    told: Sequence[Told], denying: NDArray[np.bool_], chances: NDArray[np.float64]
) -> Reply | None:
    """What denies the likeliest of the sentences, or what that one denies; None where neither
    stands beside it, or it is the same speaker's.

    ``denying`` are the sentences of ``told`` that deny what they only refer to.
    """
    if not denying.any():
        return None
    first = int(np.argmax(chances))
    order = sorted(range(len(told)), key=lambda at: (_document(told[at]), told[at][0].start))
    rank = order.index(first)
    for at in _run(first, order[rank + 1 : rank + 1 + _FARTHEST], told)[:_BEHIND]:
        if denying[at]:
            of_that = _OF_THAT.search(told[at][0].text) is not None
            return Reply(first, at, _end(at, order, told), True, of_that)
    before = _run(first, order[max(0, rank - _BEFORE) : rank][::-1], told)
    said = [at for at in before if told[at][1] and _name(told[at]) == _name(told[before[0]])]
    if denying[first] and said:
        last = told[said[0]][0]
        whole = [at for at in said if told[at][0].hit.passage.id == last.hit.passage.id]
        return Reply(first, whole[-1], whole[0], False)
    return None


def _end(at: int, order: Sequence[int], told: Sequence[Told]) -> int:
    """The last sentence that is quoted with a bare denial, as in "Lee disagreed. “It is,” she
    said"; the denial itself where it is more than that."""
    last = at
    rank = order.index(at)
    for other in order[rank + 1 : rank + 1 + _MORE]:
        if len(told[at][0].text) > _SHORT or not _follows(told[last], told[other]):
            break
        last = other
    return last


def goes_on(one: Told, other: Told) -> bool:
    """Whether ``other`` takes back what ``one`` says, right behind it and by the same speaker:
    "We used to think that it was. It is not."."""
    text = other[0].text
    return (
        _follows(one, other)
        and _TAKES_BACK.match(text) is not None
        and len(text) <= _SHORT
        and negated(text)
    )


def _follows(one: Told, other: Told) -> bool:
    """Whether ``other`` stands right behind ``one`` in its passage, and is the same speaker's."""
    return (
        one[0].hit.passage.id == other[0].hit.passage.id
        and 0 <= other[0].start - one[0].end <= NEAR
        and _name(one) == _name(other)
    )


def _run(first: int, rest: Sequence[int], told: Sequence[Told]) -> list[int]:
    """Those of the ``rest`` that another speaker says, as long as each stands right beside the
    one before."""
    found: list[int] = []
    last = first
    for at in rest:
        one, other = sorted((told[last][0], told[at][0]), key=lambda span: span.start)
        if _document(told[last]) != _document(told[at]) or other.start - one.end > NEAR:
            break
        if _name(told[at]) != _name(told[first]):
            found.append(at)
        last = at
    return found


def _document(one: Told) -> str:
    return one[0].hit.passage.document_id


def _name(one: Told) -> str:
    return one[1].speaker.name.casefold() if one[1] else ""
