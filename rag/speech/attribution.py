"""What a document says on whose behalf: every statement with the words that name its source.

Sentence by sentence (``rag/speech/statements.py``), and then for the quotations that stand alone:
the rest of what somebody said, in the same paragraph or in those that follow.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rag.speech.capitals import capitals
from rag.speech.dialogue import turns
from rag.speech.letters import letter
from rag.speech.phrases import apposition, main_subject
from rag.speech.quotes import Quotation, Span, quotations
from rag.speech.statements import THAT_IS, statements
from rag.speech.words import ABBREVIATED, Words
from rag.split import sentences as sentences_of
from rag.types import Mode


@dataclass(frozen=True, slots=True)
class Attribution:
    """A part of a document that tells what somebody says, thinks or wants.

    All spans are offsets into the document's text.
    """

    content: Span
    """What is said; a quotation with its marks."""
    source: Span | None
    """The words that name the source, as they stand: "Hajizada", "the ministry", "he". None
    where nobody is named ("reportedly"), or a quotation does not tell whose it is."""
    cue: Span
    """The words that attribute: "said", "has refuted", "according to", or a mark."""
    mode: Mode
    denies: bool
    """The source says that the content is not so, or the content says that of something."""
    nested: bool
    """It stands within what another attribution says."""


_MOST_WORDS = 300
"""A longer sentence is read in pieces, so that time is linear in any text's length."""
_DEEPEST = 25
"""Characters. In a shorter quotation nobody else is quoted."""
_DATELINE = re.compile(
    r"(?:[A-Z][^()\n“\"]{0,50})?\([A-Z][\w ]{1,14}\)(?:(?=[A-Z])|\s*(?:--|[—–-])\s*(?=[A-Z]))"
)
"""Where and by whom a report is: "Oslo (CBN)A judge", "Oslo (Reuters) - A judge"."""
_QUOTED = frozenset("sentence passage phrase slogan headline caption word words".split())
"""What is quoted, and not who says it: "The sentence: “…”"."""
_SIGNED = re.compile(capitals(r"\s*([—–―]|--)\s*([A-Z][^\n.,;:]{1,60})"))
_BEHIND = re.compile(
    r"\s*(?:(?:That|This|Those|These|Such) (?:was|were|is|are)|So (?:ran|went|read|said))\b"
    r"(?P<what> (?:[\w’'-]+ ){0,4}?(?:verdict|view|message|words?|reply|response|answer|warning"
    r"|assessment|conclusion|opinion|reaction|claim|question|plea|sentiment|advice|appeal)s?\b)?"
    r"(?: (?:of|from|by)(?P<who> [^.;:“”\"]+?)"
    r"(?=, wh(?:o|ich)\b|[.;]| (?:on|in|at|after|when) |$))?",
    re.MULTILINE,
)
"""Tells of the quotation in the paragraph before: "That was the verdict of the auditor"."""
_DENYING = re.compile(
    r"\b(?:baseless|unfounded|groundless|untrue|fabricated|not true|no truth|not the case"
    r"|(?:is|are|was|were|as|called|completely|totally|simply|absolutely) (?:false|a lie|lies"
    r"|nonsense|fake|wrong))\b"
)
_DENIAL_WITHIN = 250
"""Characters. What is longer says more than that something is not true."""


def attributions(text: str, sentences: Sequence[Span] | None = None) -> tuple[Attribution, ...]:
    """Every attribution of ``text``, by where its content begins.

    ``sentences`` are those of ``rag.split.sentences``; they are found where not given.
    """
    reader = _Reader(text, list(sentences_of(text)) if sentences is None else sentences, False)
    found = dict.fromkeys(one for one in reader.read() if one.content[0] < one.content[1])
    return tuple(sorted(found, key=lambda one: (one.content, one.cue)))


class _Reader:
    """Reads one text; ``nested`` where it is a quotation in another."""

    def __init__(self, text: str, sentences: Sequence[Span], nested: bool) -> None:
        self.text = text
        self.sentences = sentences
        self.ends = [end for _, end in sentences]
        self.nested = nested
        self.last: Attribution | None = None
        """The last that the paragraph before tells of what somebody said."""

    def read(self) -> Iterator[Attribution]:
        blocks, labels = letter(self.text) or turns(self.text)
        last_label = max(labels, default=-1)
        label: Attribution | None = None
        for at, (block, inside) in enumerate(
            zip(blocks, quotations(self.text, blocks), strict=True)
        ):
            if at in labels:
                turn = labels[at]
                mode: Mode = "indirect" if turn.headline else "direct"
                yield self.made(turn.content, turn.name, turn.colon, mode)
                yield from self.within(turn.content)
                if not turn.headline:
                    goes_on = self.made(block, turn.name, turn.colon, mode)
                    label = None if turn.alone else goes_on
                self.last = None
            elif label is not None and at < last_label and self.text[block[0]] != "#":
                if self.text[block[0]] != "(":
                    yield replace(label, content=block)
                    yield from self.within(block)
            else:
                label = None  # a heading ends a conversation's part
                yield from self.paragraph(block, inside)

    def made(
        self,
        content: Span,
        source: Span | None,
        cue: Span,
        mode: Mode = "direct",
        denies: bool = False,
        nested: bool = False,
    ) -> Attribution:
        if not denies and mode != "attitude" and content[1] - content[0] < _DENIAL_WITHIN:
            denies = _DENYING.search(self.text, *content) is not None
        return Attribution(content, source, cue, mode, denies, nested or self.nested)

    # Paragraphs ---------------------------------------------------------------------

    def paragraph(self, block: Span, inside: Sequence[Quotation]) -> Iterator[Attribution]:
        start, end = block
        says = [_says(self.text, quotation, start) for quotation in inside]
        utterances = [q for q, is_one in zip(inside, says, strict=True) if is_one]
        fragments = [q for q, is_one in zip(inside, says, strict=True) if not is_one]
        events: list[Attribution | Quotation | None] = []
        colon: Attribution | None = None
        before: Span | None = None
        first = 0
        for unit in self.units(block, inside):
            while first < len(utterances) and utterances[first].end <= unit[0]:
                first += 1
            last = first
            while last < len(utterances) and utterances[last].end <= unit[1]:
                last += 1
            dateline = _DATELINE.match(self.text, unit[0], unit[1]) if unit[0] == start else None
            begins = dateline.end() if dateline else unit[0]
            w = Words(self.text, begins, unit[1], utterances[first:last], fragments)
            here = list(self.sentence(w, fragments))
            yield from here
            alone = self.alone(w, here)
            yield from (event for event in alone if isinstance(event, Attribution))
            that = w.words[:2] in THAT_IS and w.words[2:4] == ["according", "to"]
            if before and that and (found := main_subject(w, 4, len(w))):
                source = w.starts[found[0]], w.ends[found[1]]
                yield self.made(before, source, (w.starts[2], w.ends[3]), "indirect")
            before = None if here or alone else unit
            told = [one for one in here if one.source and not one.nested and one.mode != "attitude"]
            direct = [one for one in told if one.mode == "direct"]
            if told or alone:
                ordered = sorted([*alone, *(direct or told)[-1:]], key=_begin)
                events += ordered
            elif set(w.kinds) - {"Q", "."}:
                events.append(None)
            if unit[1] == end and w.kind(len(w) - 1) == ":":
                colon = self.introduced(w, len(w) - 1, (end - 1, end))
        behind = _BEHIND.match(self.text, end) if events and not _attributed(events) else None
        if behind and (behind["what"] or behind.group().lstrip().startswith("So ")):
            # Not whose the words before were.
            self.last = None
            if behind["who"]:
                source = behind.start("who") + 1, behind.end("who")
                begins = end + len(behind.group()) - len(behind.group().lstrip())
                cue = behind.span("what") if behind["what"] else (begins, behind.start("who"))
                self.last = self.made((start, end), source, cue)
        yield from self.spoken(events)
        told_here = [event for event in events if isinstance(event, Attribution)]
        if colon:
            self.last = colon
        elif told_here:
            direct = [one for one in told_here if one.mode == "direct"]
            self.last = (direct or told_here)[-1]
        elif not utterances:
            self.last = None
        if not self.nested:
            for quotation in utterances:
                yield from self.within(quotation.inner)

    def within(self, inner: Span) -> Iterator[Attribution]:
        """What is attributed in the words of a quotation, or of a turn in a conversation."""
        start, end = inner
        if end - start < _DEEPEST:
            return
        words = self.text[start:end]
        for one in _Reader(words, list(sentences_of(words)), True).read():
            yield replace(
                one,
                content=_moved(one.content, start),
                source=_moved(one.source, start) if one.source else None,
                cue=_moved(one.cue, start),
            )

    def units(self, block: Span, inside: Sequence[Quotation]) -> Iterator[Span]:
        """The sentences of a paragraph, those joined that a quotation runs through."""
        text = self.text
        at = bisect_right(self.ends, block[0])
        quotation = 0
        held: Span | None = None
        words = 0
        while at < len(self.sentences) and self.sentences[at][0] < block[1]:
            start, end = self.sentences[at]
            start, end = max(start, block[0]), min(end, block[1])
            held = (held[0], end) if held else (start, end)
            at += 1
            words += text.count(" ", start, end)
            more = at < len(self.sentences) and self.sentences[at][0] < block[1]
            while quotation < len(inside) and inside[quotation].end < end:
                quotation += 1
            if more and quotation < len(inside):
                found = inside[quotation]
                if found.start < end < found.end:
                    continue
                # "“Why?” she asked."
                if (found.start, found.end) == held and text[self.sentences[at][0]] not in "“\"‘'«":
                    continue
            if more and ABBREVIATED.search(text, max(held[0], end - 8), end):
                continue
            yield from self.pieces(held, words, inside)
            held, words = None, 0
        if held:
            yield from self.pieces(held, words, inside)

    def pieces(self, unit: Span, words: int, inside: Sequence[Quotation]) -> Iterator[Span]:
        """``unit``, cut where it has more words than are read at once."""
        if words <= _MOST_WORDS:
            yield unit
            return
        start = unit[0]
        edges = [q.end for q in inside if unit[0] < q.end < unit[1]]
        spaces = [match.start() for match in re.finditer(r"\s+", self.text[slice(*unit)])]
        cuts = sorted({unit[0] + at for at in spaces[_MOST_WORDS::_MOST_WORDS]} | set(edges))
        covered = iter(inside)
        quotation = next(covered, None)
        for cut in cuts:
            while quotation and quotation.end <= cut:
                quotation = next(covered, None)
            if cut > start and not (quotation and quotation.start < cut < quotation.end):
                yield start, cut
                start = cut
        yield start, unit[1]

    # Sentences ----------------------------------------------------------------------

    def sentence(self, w: Words, fragments: Sequence[Quotation]) -> Iterator[Attribution]:
        for one in statements(w):
            source = (w.starts[one.source[0]], w.ends[one.source[1]]) if one.source else None
            cue = w.starts[one.cue[0]], w.ends[one.cue[1]]
            for first, last in one.contents:
                whole = first == last and first in w.quotations
                mode: Mode = "direct" if whole else "attitude" if one.attitude else "indirect"
                content = self.marked((w.starts[first], w.ends[last]), fragments)
                yield self.made(content, source, cue, mode, one.denies, one.nested)
                if whole:
                    continue
                for at in range(first, last + 1):
                    if at in w.quotations:
                        content = w.starts[at], w.ends[at]
                        yield self.made(content, source, cue, "direct", one.denies, one.nested)

    def marked(self, content: Span, fragments: Sequence[Quotation]) -> Span:
        """``content`` with the quotation marks that it begins or ends at."""
        start, end = content
        for quotation in fragments:
            if quotation.end < start or quotation.start > end:
                continue
            if quotation.start < start and not _says_something(self.text[quotation.start : start]):
                start = quotation.start
            if quotation.start < end < quotation.end and not _says_something(
                self.text[end : quotation.end]
            ):
                end = quotation.end
        return start, end

    def introduced(self, w: Words, colon: int, cue: Span) -> Attribution | None:
        """Who speaks behind a colon that no verb goes with: the subject before it."""
        first = colon
        while first > 0 and w.kinds[first - 1] != ".":
            first -= 1
        found = main_subject(w, first, colon)
        if found is None or w.words[found[1]] in _QUOTED:
            return None
        return self.made(cue, (w.starts[found[0]], w.ends[found[1]]), cue)

    # Quotations that no verb stands with --------------------------------------------

    def alone(self, w: Words, here: Sequence[Attribution]) -> list[Attribution | Quotation]:
        """The quotations of a sentence that it does not attribute, or how it does after all."""
        events: list[Attribution | Quotation] = []
        for at, quotation in w.quotations.items():
            content = quotation.start, quotation.end
            if any(one.content[0] <= content[0] and content[1] <= one.content[1] for one in here):
                continue
            signed = _SIGNED.match(self.text, quotation.end)
            if signed and len(signed[2].split()) <= 8:
                start = signed.start(2)
                source = start, start + len(signed[2].rstrip())
                events.append(self.made(content, source, signed.span(1)))
            elif w.kind(at - 1) == ":" and at > 0:
                cue = w.starts[at - 1], w.ends[at - 1]
                one = self.introduced(w, at - 1, cue)
                events.append(replace(one, content=content) if one else quotation)
            elif w.kind(at - 1) in ".Q" and w.kind(at + 1) in ".Q":
                if not _is_title(self.text[slice(*quotation.inner)]):
                    events.append(quotation)
            elif w.kind(at - 1) == "." and (found := main_subject(w, at + 1, len(w))):
                heard = w.words[found[1] + 1 : found[1] + 3]
                if heard in (["was", "told"], ["were", "told"]):  # "“…,” the Post was told"
                    cue = w.starts[found[1] + 1], w.ends[found[1] + 2]
                    events.append(self.made(content, None, cue))
                    continue
                # "“…,” she smiled"
                source = w.starts[found[0]], w.ends[found[1]]
                behind = min(found[1] + 1, len(w) - 1)
                ends = self.text[quotation.start : source[0]].rstrip("”\"’' ")[-1:]
                if ends in "?!" and w.kind(apposition(w, behind) + 1) == "a":
                    events.append(quotation)  # "“Why?” Ann Lee, a nurse, is out": another matter
                elif source[0] - quotation.end < 3 and ends in ",?!":
                    events.append(self.made(content, source, (w.starts[behind], w.ends[behind])))
        return events

    def spoken(self, events: Sequence[Attribution | Quotation | None]) -> Iterator[Attribution]:
        """Whose the quotations are that stand alone, from what stands around them."""
        speaker = self.last
        near = speaker is not None
        for at, event in enumerate(events):
            if event is None:
                near = False
            elif isinstance(event, Attribution):
                speaker, near = event, True
            else:
                found = speaker if near else self.later(events, at, speaker)
                content = event.start, event.end
                if found:
                    yield self.made(content, found.source, found.cue)
                    near = True
                else:
                    yield self.made(content, None, (event.start, event.inner[0]))

    def later(
        self,
        events: Sequence[Attribution | Quotation | None],
        at: int,
        speaker: Attribution | None,
    ) -> Attribution | None:
        """Who says a quotation that does not follow on what is attributed.

        Who says the next one, where nothing stands between, or where the one before is also
        theirs.
        """
        between = False
        for event in events[at + 1 : at + 12]:
            if event is None:
                between = True
            elif isinstance(event, Attribution) and event.mode == "direct":
                if not between or (speaker and self.same(event, speaker)):
                    return event
                return None
        return None

    def same(self, one: Attribution, other: Attribution) -> bool:
        if not (one.source and other.source):
            return False
        return (
            self.text[slice(*one.source)].split()[-1:]
            == (self.text[slice(*other.source)].split()[-1:])
        )


def _attributed(events: Sequence[Attribution | Quotation | None]) -> bool:
    return any(not isinstance(event, Quotation) for event in events)


def _begin(event: Attribution | Quotation) -> int:
    return event.start if isinstance(event, Quotation) else event.content[0]


def _says(text: str, quotation: Quotation, start: int) -> bool:
    """Whether somebody says what stands in the marks; else they set off a word or a title."""
    inner = text[slice(*quotation.inner)].strip()
    if not inner:
        return False
    before = text[start : quotation.start].rstrip()[-1:]
    introduced = not before or before in ",:.?!”’\"'"
    if len(inner.split(None, 4)) >= 4:
        return introduced or inner[-1] in ",?!" or not _is_title(inner)
    if introduced:
        return inner[-1] in ",?!" or inner[0].isupper()
    # "on “Coast Radio Today,” she said"
    return inner[-1] in "?!" or (inner[-1] == "," and not _is_title(inner))


def _is_title(text: str) -> bool:
    words = text.split(None, 9)
    capitals = sum(word[0].isupper() for word in words)
    return (
        1 < len(words) < 9
        and 2 * capitals >= len(words)
        and all(word[0].isupper() or len(word) < 5 for word in words)
    )


def _says_something(text: str) -> bool:
    return any(map(str.isalnum, text))


def _moved(span: Span, by: int) -> Span:
    return span[0] + by, span[1] + by
