"""Who says it: the statements of a document, each with its source.

By rules on the words themselves, so that they cost little beside embedding: quotation marks
(``rag/quotes.py``), verbs and nouns that attribute (``rag/cues.py``), and the phrases around
them (``rag/phrases.py``).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from rag.phrases import main_subject
from rag.quotes import Quotation, Span, paragraphs, quotations
from rag.split import sentences as split_sentences
from rag.statements import statements
from rag.words import Words

Mode = Literal["direct", "indirect", "attitude"]


@dataclass(frozen=True, slots=True)
class Attribution:
    """A part of the document that says what somebody says, thinks or wants."""

    content: Span
    """What is said."""
    source: Span | None
    """The words that name who says it, as they stand; None where nobody is named."""
    cue: Span
    """The words that attribute, e.g. "said", or the colon or dash that does."""
    mode: Mode
    denies: bool
    nested: bool
    """It stands within what another attribution says."""


_MOST_WORDS = 300
_LABEL = re.compile(r"[\"“'‘]?((?:[A-Z][\w.'’-]*\.?)(?: [A-Z][\w.'’-]*){0,4})(:)\s+(?=\S)")
_NO_NAMES = frozenset(
    "note update updated latest photo related read watch video correction source more also "
    "editor contact summary introduction background conclusion abstract methods results".split()
)
_ABBREVIATED = re.compile(r"(?<!\w)(?:Mrs?|Ms|Dr|Sens?|Reps?|Gov|Gen|Lt|Col|Sgt|Rev|Hon|Prof|St)\.$")
_SIGNED = re.compile(r"\s*([—–―]|--)\s*([A-Z][^\n.,;:]{1,60})")


def attributions(
    text: str, sentences: Sequence[Span] | None = None
) -> tuple[Attribution, ...]:
    """Every attribution of ``text``, by where its content begins.

    ``sentences`` are those of ``rag.split.sentences``, found again where not given.
    """
    if sentences is None:
        sentences = list(split_sentences(text))
    found = list(_attributions(text, sentences, nested=False))
    found.sort(key=lambda one: (one.content, one.cue))
    return tuple(found)


def _attributions(text: str, sentences: Sequence[Span], nested: bool) -> Iterator[Attribution]:
    blocks = paragraphs(text)
    starts = [start for start, _ in sentences]
    labels = _labels(text, blocks)
    last: Attribution | None = None
    label: Attribution | None = None
    for at, (block, inside) in enumerate(zip(blocks, quotations(text, blocks), strict=True)):
        start, end = block
        if at in labels:
            name, colon, first = labels[at]
            label = Attribution((first, end), name, colon, "direct" if at else "indirect", False, nested)
            yield label
            if at == 0:
                label = None
            last = None
            continue
        if label is not None:
            if any(later > at for later in labels) and text[start] != "(":
                yield replace(label, content=block)
                continue
            label = None
        found, colon_ = _of_paragraph(text, block, inside, starts, sentences, last)
        here = [a for a in found if a.source and not a.nested and a.mode != "attitude"]
        direct = [a for a in here if a.mode == "direct"]
        if colon_:
            last = colon_
        elif here:
            last = (direct or here)[-1]
        elif not any(q.end - q.start > 20 for q in inside):
            last = None
        for a in found:
            yield replace(a, nested=True) if nested else a
        if not nested:
            for q in inside:
                if q.end - q.start < 25:
                    continue
                inner = text[q.inner[0] : q.inner[1]]
                o = q.inner[0]
                for a in _attributions(inner, list(split_sentences(inner)), True):
                    yield Attribution(
                        _moved(a.content, o), _moved(a.source, o) if a.source else None,
                        _moved(a.cue, o), a.mode, a.denies, True)


def _moved(span: Span, by: int) -> Span:
    return span[0] + by, span[1] + by


def _labels(text: str, blocks: Sequence[Span]) -> dict[int, tuple[Span, Span, int]]:
    """Paragraphs that begin with a name and a colon: index to name, colon and content."""
    found: dict[int, tuple[Span, Span, int]] = {}
    count: Counter[str] = Counter()
    for at, (start, end) in enumerate(blocks):
        m = _LABEL.match(text, start, min(end, start + 80))
        if not m:
            continue
        name = m.group(1)
        words = name.lower().replace("’", "'").split()
        if any(word.removesuffix("'s") in _NO_NAMES for word in words):
            continue
        if name.isupper() or at == 0:
            found[at] = m.span(1), m.span(2), m.end()
            count[name] += 1
    return {
        at: one
        for at, one in found.items()
        if (count[text[one[0][0] : one[0][1]]] > 1 and len(found) > 2)
        or (at == 0 and text.count(text[one[0][0] : one[0][1]].split()[-1]) > 1)
    }


def _of_paragraph(
    text: str, block: Span, inside: Sequence[Quotation], starts: Sequence[int],
    sentences: Sequence[Span], last: Attribution | None,
) -> tuple[list[Attribution], Attribution | None]:
    start, end = block
    utterances = [q for q in inside if _is_utterance(text, q, start)]
    fragments = [q for q in inside if q not in utterances] if len(utterances) < len(inside) else []
    found: list[Attribution] = []
    colon: Attribution | None = None
    for unit in _units(text, starts, sentences, start, end, inside):
        these = [q for q in utterances if unit[0] <= q.start and q.end <= unit[1]]
        w = Words(text, *unit, these, fragments)
        found += _in_sentence(w)
        if len(w) and w.kinds[-1] == ":" and unit[1] == end:
            subject = main_subject(w, 0, len(w) - 1)
            said = [a for a in found if a.source and a.content[0] >= unit[0] and not a.nested]
            if subject:
                source = (w.starts[subject[0]], w.ends[subject[1]])
                cue = (end - 1, end)
                colon = Attribution((end - 1, end), source, cue, "direct", False, False)
    free: list[Quotation] = []
    for q in utterances:
        if any(a.content[0] <= q.start and q.end <= a.content[1] for a in found):
            continue
        signed = _SIGNED.match(text, q.end, end)
        if signed and len(signed.group(2).split()) <= 8:
            name = signed.group(2).rstrip()
            found.append(Attribution((q.start, q.end), (signed.start(2), signed.start(2) + len(name)), signed.span(1), "direct", False, False))
            continue
        before = text[start : q.start].rstrip()
        if not before or before[-1] in ".?!”’\"'":
            free.append(q)
        elif before[-1] == ":":
            w = Words(text, start, q.start, [x for x in utterances if x.end <= q.start])
            s = 0
            for k in range(len(w) - 2, -1, -1):
                if w.kinds[k] == ".":
                    s = k + 1
                    break
            subject = main_subject(w, s, len(w) - 1)
            if subject:
                found.append(Attribution((q.start, q.end), (w.starts[subject[0]], w.ends[subject[1]]), (w.starts[-1], w.ends[-1]), "direct", False, False))
    direct = [a for a in found if a.mode == "direct" and a.source and not a.nested]
    for q in free:
        if _is_title(text[q.inner[0] : q.inner[1]]):
            continue
        before_it = [a for a in direct if a.content[1] <= q.start]
        after_it = [a for a in direct if a.content[0] >= q.end]
        by = before_it[-1] if before_it else after_it[0] if after_it else last
        if by:
            found.append(replace(by, content=(q.start, q.end), mode="direct", nested=False))
    return found, colon


def _is_utterance(text: str, q: Quotation, start: int) -> bool:
    """Whether somebody says what stands in the marks; else they set off a word or a title."""
    inner = text[q.inner[0] : q.inner[1]].strip()
    if not inner:
        return False
    words = inner.split(None, 9)
    before = text[start : q.start].rstrip()[-1:]
    introduced = before in ",:.?!”’\"" or not before
    if len(words) >= 4:
        return introduced or inner[-1] in ",?!" or not _is_title(inner)
    return inner[-1] in ",?!" or (introduced and inner[:1].isupper())


def _is_title(text: str) -> bool:
    words = text.split(None, 9)
    return 1 < len(words) < 9 and all(w[:1].isupper() or len(w) < 5 for w in words)


def _units(
    text: str, starts: Sequence[int], sentences: Sequence[Span], start: int, end: int,
    inside: Sequence[Quotation],
) -> Iterator[Span]:
    at = max(0, bisect_left(starts, start))
    if at > 0 and sentences[at - 1][1] > start:
        at -= 1
    held: Span | None = None
    q = 0
    while at < len(sentences) and sentences[at][0] < end:
        s, e = max(start, sentences[at][0]), min(end, sentences[at][1])
        held = (held[0], e) if held else (s, e)
        at += 1
        if _ABBREVIATED.search(text, max(held[0], e - 8), e) and at < len(sentences):
            continue  # "Ms." is no sentence's end
        while q < len(inside) and inside[q].end < held[1]:
            q += 1
        if q < len(inside) and inside[q].start < held[1] < inside[q].end:
            continue
        if q < len(inside) and (inside[q].start, inside[q].end) == held and at < len(sentences) and sentences[at][0] < end:
            if text[sentences[at][0]] not in "“\"‘'«„":
                continue
        yield held
        held = None
    if held:
        yield held


def _in_sentence(w: Words) -> Iterator[Attribution]:
    for one in statements(w):
        source = (w.starts[one.source[0]], w.ends[one.source[1]]) if one.source else None
        cue = w.starts[one.cue[0]], w.ends[one.cue[1]]
        for first, last in one.contents:
            said = w.starts[first], w.ends[last]
            whole = first == last and first in w.quotations
            mode: Mode = "direct" if whole else "attitude" if one.attitude else "indirect"
            yield Attribution(said, source, cue, mode, one.denies, one.nested)
            if not whole:
                for at in range(first, last + 1):
                    if at in w.quotations:
                        q = w.quotations[at]
                        yield Attribution((q.start, q.end), source, cue, "direct", one.denies, one.nested)
