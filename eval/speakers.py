"""``python -m eval speakers``: who says what, on the attributions of PolNeAR (Newell et al. 2018).

Ways compared: ``rules`` (what Sayso does), ``nearest`` (a verb of saying and the nearest name
before or behind it; quotations go to the last name), ``reader`` (the trained reader is asked
"Who said that?" of each sentence in its paragraph), and ``both`` (rules, and the reader where
they name nobody).
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.table import table
from rag.embed import load_embedder
from rag.ingest import Indexer
from rag.pairs import best_spans
from rag.reader_model import PACKAGED_READER, load_reader
from rag.settings import Settings
from rag.speaker import statements
from rag.speech.attribution import attributions
from rag.speech.quotes import paragraphs
from rag.split import sentences
from rag.types import Document

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Said:
    """A statement with its source, as spans of the text; each may have gaps."""

    content: tuple[Span, ...]
    source: tuple[Span, ...]
    cue: tuple[Span, ...] = ()
    direct: bool = False


@dataclass(frozen=True, slots=True)
class Article:
    text: str
    sentences: list[Span]
    said: list[Said]


Way = Callable[[Article], list[Said]]


def run(data: Path, output: Path) -> int:
    """Print and write the table; 2 when the set is not there."""
    articles = [
        _article(json.loads(line)) for line in (data / "polnear_dev.jsonl").open(encoding="utf-8")
    ]
    reader = _Reader()
    ways: dict[str, Way] = {
        "rules": _rules,
        "nearest": _nearest,
        "reader": reader.alone,
        "both": reader.both,
    }
    rows = [_row(name, way, articles) for name, way in ways.items()]
    head = ("way", "P", "R", "F1", "overlap", "exact", "direct", "source P", "source F1")
    text = f"{table(head, rows)}\n\n{_cost(articles)}"
    print(text)
    output.mkdir(parents=True, exist_ok=True)
    (output / "speakers.md").write_text(text + "\n", "utf-8")
    return 0


def _cost(articles: Sequence[Article]) -> str:
    """How much longer indexing takes with attribution than without, on the same articles."""
    documents = [
        Document(str(number), f"{number}.txt", str(number), article.text)
        for number, article in enumerate(articles)
    ]
    settings = Settings()
    embedder = load_embedder(settings.embedding_model)
    indexer = Indexer(embedder, settings.passage_tokens)
    indexer.index(documents[:2])  # loads what is loaded once
    began = time.perf_counter()
    indexed = indexer.index(documents)
    whole = time.perf_counter() - began
    began = time.perf_counter()
    for one in indexed:
        statements(one.document.text, [s for p in one.passages for s in p.sentences])
    attributing = time.perf_counter() - began
    return f"Indexing takes {whole / (whole - attributing):.3f} times as long as without speakers."


def _article(row: dict[str, Any]) -> Article:
    text = str(row["text"])
    said = []
    for one in row["attributions"]:
        content, source, cue = (_spans(one[part]) for part in ("content", "source", "cue"))
        if content:
            first = content[0][0]
            quoted = text[first] in '“"‘' or text[first - 1 : first] in ("“", '"', "‘")
            said.append(Said(content, source, cue, quoted))
    return Article(text, list(sentences(text)), said)


def _spans(parts: Sequence[dict[str, list[list[int]]]]) -> tuple[Span, ...]:
    return tuple((start, end) for part in parts for start, end in part["spans"])


def _row(name: str, way: Way, articles: Sequence[Article]) -> list[str]:
    """Precision, recall and F1 of "this sentence is somebody's statement"; the share of gold
    attributions with a source whose source is found, overlapping and exact, and of those that
    open with a quotation mark; precision and F1 of the sources proposed (overlap)."""
    hit = wrong = missed = 0
    named = overlapping = exact = quoted = quoted_right = proposed = right = 0
    for article in articles:
        found = way(article)
        for sentence in article.sentences:
            gold = any(_common([sentence], said.content) for said in article.said)
            mine = any(_common([sentence], said.content) for said in found)
            hit, wrong, missed = (
                hit + (gold and mine),
                wrong + (mine and not gold),
                missed + (gold and not mine),
            )
        for said in article.said:
            if not said.source:
                continue
            best = _best(said, found)
            touches = best is not None and _common(best.source, said.source) > 0
            named += 1
            overlapping += touches
            exact += best is not None and best.source == said.source
            quoted += said.direct
            quoted_right += said.direct and touches
        for one in found:
            if one.source:
                proposed += 1
                right += any(
                    _common(one.content, said.content) and _common(one.source, said.source)
                    for said in article.said
                )
    precision, recall = hit / max(1, hit + wrong), hit / max(1, hit + missed)
    source_precision, source_recall = right / max(1, proposed), overlapping / max(1, named)
    numbers = (
        precision,
        recall,
        _f1(precision, recall),
        source_recall,
        exact / max(1, named),
        quoted_right / max(1, quoted),
        source_precision,
        _f1(source_precision, source_recall),
    )
    return [name, *(f"{number:.3f}" for number in numbers)]


def _f1(one: float, other: float) -> float:
    return 2 * one * other / (one + other) if one + other else 0.0


def _common(one: Sequence[Span], other: Sequence[Span]) -> int:
    return sum(max(0, min(a[1], b[1]) - max(a[0], b[0])) for a in one for b in other)


def _size(spans: Sequence[Span]) -> int:
    return sum(end - start for start, end in spans)


def _best(gold: Said, found: Sequence[Said]) -> Said | None:
    """What was found for a gold attribution: the same cue if any, and the most like content."""
    touching = [one for one in found if _common(one.content, gold.content)]
    return max(
        touching,
        key=lambda one: (
            min(1, _common(one.cue, gold.cue)),
            _common(one.content, gold.content) / (_size(one.content) + _size(gold.content)),
        ),
        default=None,
    )


def _rules(article: Article) -> list[Said]:
    return [
        Said((one.content,), (one.source,) if one.source else (), (one.cue,))
        for one in attributions(article.text, article.sentences)
    ]


_SAYS = re.compile(r"\b(?:said|says|say|told|tells|according to|added|wrote|argued|claimed)\b")
_NAME = re.compile(r"\b(?:[A-Z][\w.-]+(?: [A-Z][\w.-]+)*|[Hh]e|[Ss]he|[Tt]hey)\b")


def _nearest(article: Article) -> list[Said]:
    found, last = [], None
    for start, end in article.sentences:
        text = article.text[start:end]
        cue = _SAYS.search(text)
        names = [(m.start() + start, m.end() + start) for m in _NAME.finditer(text)]
        if cue and names:
            at = start + cue.start()
            last = min(names, key=lambda name: min(abs(name[1] - at), abs(name[0] - at)))
            found.append(Said(((start, end),), (last,), ((at, start + cue.end()),)))
        elif re.search('[“"‘]', text):
            found.append(Said(((start, end),), (last,) if last else ()))
    return found


class _Reader:
    """The trained reader asked for the source of each sentence."""

    def __init__(self) -> None:
        self._model = load_reader(PACKAGED_READER)

    def alone(self, article: Article) -> list[Said]:
        blocks = paragraphs(article.text)
        asked, pairs = [], []
        for sentence in article.sentences:
            block = next((b for b in blocks if b[0] <= sentence[0] < b[1]), sentence)
            block = block[0], max(block[1], sentence[1])
            words = article.text[slice(*sentence)]
            asked.append((sentence, block))
            pairs.append((f"Who said: {words[:300]}", article.text[slice(*block)]))
        found = []
        for (sentence, block), (question, text) in zip(asked, pairs, strict=True):
            windows = self._model.score(question, [("", text)])[0]
            best = max(
                (one for window in windows for one in best_spans(window, 1)),
                key=lambda one: one.score,
                default=None,
            )
            if best is not None and best.score > 0:
                span = block[0] + best.start, block[0] + best.end
                found.append(Said((sentence,), (span,)))
        return found

    def both(self, article: Article) -> list[Said]:
        mine = _rules(article)
        asked = self.alone(article)
        held = [one for one in mine if one.source]
        return held + [
            one
            for one in (*asked, *(said for said in mine if not said.source))
            if not any(_common(one.content, other.content) for other in held)
        ]
