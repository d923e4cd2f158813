"""``python -m eval reader``: how well the reading model reads, given the paragraph or not.

SQuAD 2.0, half of its development set. References are those of a prototype on the whole
of it: the same encoder, one pass over 73,000 pairs without made unanswerables.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median

import numpy as np

from eval.datasets import Question, collection
from eval.index import indexed
from eval.metrics import auroc, exact_match, token_f1
from eval.table import table
from rag.embed import load_embedder
from rag.pairs import Scored, best_spans
from rag.read import ReadingModel
from rag.reader_model import load_reader
from rag.retrieve import Fusion, full_text_query
from rag.settings import Settings
from rag.types import Document

_READ = 5
"""Paragraphs that are read in open mode."""
_PARAGRAPH_TOKENS = 256
"""Largest passage in open mode: all but a few paragraphs whole."""


@dataclass(frozen=True, slots=True)
class Best:
    """The best span of one passage."""

    text: str
    score: float
    """Less that of "no answer"."""
    answers: float


def run(data: Path, output: Path, sample: int) -> int:
    """Print the table and write it as JSON; at most ``sample`` questions are asked."""
    settings = Settings()
    model = load_reader(settings.reader_model)
    squad = collection("squad", data)
    documents = {document.id: document for document in squad.documents}
    step = max(1, len(squad.questions) // sample)
    asked = squad.questions[::step]
    rows: list[tuple[str, float, str]] = []
    rows += _given(model, asked, documents)
    rows += _elsewhere(model, asked, documents)
    store = indexed(
        f"squad-paragraphs-{_PARAGRAPH_TOKENS}",
        squad.documents,
        load_embedder(settings.embedding_model),
        _PARAGRAPH_TOKENS - 2,
    )
    top, among, right, f1, em, spent = [], [], [], [], [], []
    home = store.home()
    for question in asked:
        if not question.answers:
            continue
        match = full_text_query(question.text)
        ids = [id for id, _ in store.search_text(match, _READ, Fusion().title_weight)]
        passages = store.passages(ids)
        homes = [home[id] for id in ids]
        begin = time.perf_counter()
        found = read(
            model,
            question.text,
            [(documents[home[id]].title, passages[id].text) for id in ids],
        )
        spent.append(time.perf_counter() - begin)
        best = max(range(len(found)), key=lambda at: found[at].score, default=None)
        text = found[best].text if best is not None else ""
        top.append(homes[:1] == [question.document])
        among.append(question.document in homes)
        right.append(best is not None and homes[best] == question.document)
        em.append(exact_match(text, question.answers))
        f1.append(token_f1(text, question.answers))
    store.close()
    rows += [
        ("open, top 5 by full text: exact match", 100 * fmean(em), "54.7"),
        ("open, top 5 by full text: F1", 100 * fmean(f1), "65.7"),
        ("paragraph of the best span right", fmean(right), "0.87"),
        ("paragraph right, full text alone", fmean(top), "0.81"),
        ("paragraph in its top 5", fmean(among), "0.94"),
        ("reading five paragraphs, median ms", 1000 * median(spent), "55"),
    ]
    shown = [[name, f"{v:.1f}" if v > 2 else f"{v:.3f}", reference] for name, v, reference in rows]
    print(table([f"SQuAD 2.0 half dev, {len(asked)} questions", "value", "prototype"], shown))
    output.parent.mkdir(parents=True, exist_ok=True)
    results = {name: round(value, 4) for name, value, _ in rows if "ms" not in name}
    output.write_text(json.dumps(results, indent=1) + "\n", "utf-8")
    return 0


def read(model: ReadingModel, question: str, passages: Sequence[tuple[str, str]]) -> list[Best]:
    """The best span of each ``(title, text)``, over all its windows."""
    found = []
    for (_, text), windows in zip(passages, model.score(question, passages), strict=True):
        best = max(map(_best, windows), key=lambda one: one[2], default=(0, 0, -np.inf))
        answers = max((scored.answers for scored in windows), default=-np.inf)
        found.append(Best(text[best[0] : best[1]], best[2], answers))
    return found


def _best(scored: Scored) -> tuple[int, int, float]:
    spans = best_spans(scored, 1)
    return (spans[0].start, spans[0].end, spans[0].score) if spans else (0, 0, -np.inf)


def _given(
    model: ReadingModel, asked: Sequence[Question], documents: dict[str, Document]
) -> list[tuple[str, float, str]]:
    """The question with its own paragraph."""
    found = []
    for question in asked:
        document = documents[question.document]
        found += read(model, question.text, [(document.title, document.text)])
    pairs = [(one.text, q.answers) for one, q in zip(found, asked, strict=True) if q.answers]
    truths = [bool(question.answers) for question in asked]
    return [
        ("paragraph given, answerable: exact match", 100 * _mean(exact_match, pairs), "60.7"),
        ("paragraph given, answerable: F1", 100 * _mean(token_f1, pairs), "72.8"),
        ("unanswerable: AUROC of span less null", auroc([b.score for b in found], truths), "0.63"),
        ("unanswerable: AUROC of “answers”", auroc([b.answers for b in found], truths), "–"),
        ("whole set, best threshold: F1", 100 * _best_f1(found, asked), "55.3"),
    ]


def _mean(metric: object, pairs: Sequence[tuple[str, tuple[str, ...]]]) -> float:
    assert callable(metric)
    return fmean(metric(*pair) for pair in pairs)


def _best_f1(found: Sequence[Best], asked: Sequence[Question]) -> float:
    """F1 over all questions where spans below the best threshold become "no answer"."""
    order = sorted(range(len(found)), key=lambda at: -found[at].score)
    total = sum(not question.answers for question in asked)  # nothing is answered
    best = float(total)
    current = best
    for at in order:
        answers = asked[at].answers
        current += token_f1(found[at].text, answers) if answers else -1.0
        best = max(best, current)
    return best / len(asked)


def _elsewhere(
    model: ReadingModel, asked: Sequence[Question], documents: dict[str, Document]
) -> list[tuple[str, float, str]]:
    """Answerable questions with their own paragraph and with one of another article."""
    dice = random.Random(1)
    everything = sorted(documents.values(), key=lambda document: document.path)
    scores, truths = [], []
    for question in asked:
        if not question.answers:
            continue
        own = documents[question.document]
        other = dice.choice([one for one in everything if one.title != own.title])
        pair = [(own.title, own.text), (other.title, other.text)]
        scores += [one.score for one in read(model, question.text, pair)]
        truths += [True, False]
    return [("random other paragraph: AUROC", auroc(scores, truths), "0.998")]
