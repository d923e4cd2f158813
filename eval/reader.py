"""``python -m eval reader``: how well the reading model reads, given the paragraph or not.

SQuAD 2.0, half of its development set. References are those of a prototype on the whole
of it: the same encoder, one pass over 73,000 pairs without made unanswerables.
"""

from __future__ import annotations

import json
import random
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean, median

import numpy as np
from numpy.typing import NDArray

from eval.datasets import Collection, Question, collection, every
from eval.index import indexed
from eval.metrics import auroc, exact_match, token_f1
from eval.table import table
from rag.embed import Floats, Identity
from rag.errors import SaysoError
from rag.judge import sentences_of
from rag.opposites import opposed
from rag.pairs import Scored, best_spans
from rag.read import ReadingModel
from rag.reader_model import MiniLMReader, load_reader
from rag.retrieve import Fusion, full_text_query
from rag.settings import Settings
from rag.split import sentences
from rag.store import Store
from rag.types import Document

_READ = 5
"""Paragraphs that are read in open mode."""
_LEAST = 50
"""Questions that a sample needs, so that every row has something to count."""

_NONE = (0, 0, -np.inf)
"""The best span where there is none."""

Documents = Mapping[str, Document]


@dataclass(frozen=True, slots=True)
class Best:
    """The best span of one passage."""

    text: str
    score: float
    """Less that of "no answer"."""
    answers: float
    place: tuple[int, int] = (0, 0)
    """Characters of the passage, half open."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table."""

    name: str
    value: float
    """Percent where ``digits`` is 1; the time in milliseconds."""
    reference: str
    digits: int
    kept: bool = True
    """In the results' file too; a time is not, as it is another one on every machine."""


class WholeParagraphs:
    """Stands where the store wants an embedding model: any paragraph is one passage.

    The packaged model takes 256 tokens, for which a ninth of the paragraphs are too long.
    Open mode searches by full text only, so no vector is ever looked at.
    """

    identity = Identity("none", 1, "0" * 64)
    max_tokens = 8192

    def token_spans(self, text: str, /) -> Sequence[tuple[int, int]]:
        return [match.span() for match in re.finditer(r"\S+", text)]

    def embed_documents(self, texts: Sequence[str]) -> Floats:
        return np.ones((len(texts), 1), np.float32)

    embed_queries = embed_documents


def run(data: Path, output: Path, sample: int | None, weights: Path | None) -> int:
    """Print the table and write it as JSON.

    ``sample`` questions are asked, all when None; ``weights`` are read with instead of
    the packaged ones. Raises ``SaysoError`` when there are too few of the one, or the
    other are none.
    """
    model = _model(weights)
    squad = collection("squad", data)
    asked = every(squad.questions, sample)
    if len(asked) < _LEAST:
        raise SaysoError(f"{len(asked)} questions are too few. Ask {_LEAST} at least (--sample).")
    documents = {document.id: document for document in squad.documents}
    rows = given(model, asked, documents)
    rows.append(elsewhere(model, asked, documents))
    with_answers = [question for question in asked if question.answers]
    store = paragraphs(squad)
    rows += searched(model, with_answers, documents, store)
    store.close()
    head = [f"SQuAD 2.0 half dev, {len(asked)} questions", "value", "prototype"]
    print(table(head, [[row.name, f"{row.value:.{row.digits}f}", row.reference] for row in rows]))
    output.parent.mkdir(parents=True, exist_ok=True)
    results = {row.name: round(row.value, 4) for row in rows if row.kept}
    output.write_text(json.dumps({"questions": len(asked), **results}, indent=1) + "\n", "utf-8")
    return 0


def _model(weights: Path | None) -> ReadingModel:
    if weights is None:
        return load_reader(Settings().reader_model)
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        return MiniLMReader(load_file(weights))
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        raise SaysoError(f"{weights} holds no weights of the reader: {error}.") from error


def paragraphs(squad: Collection) -> Store:
    """Every paragraph as one passage."""
    whole = WholeParagraphs()
    return indexed("squad-paragraphs", squad.documents, whole, whole.max_tokens)


def read(model: ReadingModel, question: str, passages: Sequence[tuple[str, str]]) -> list[Best]:
    """The best span of each ``(title, text)``, over all its windows."""
    found = []
    for (_, text), windows in zip(passages, model.score(question, passages), strict=True):
        start, end, score = max(map(_best, windows), key=lambda one: one[2], default=_NONE)
        answers = max((scored.answers for scored in windows), default=-np.inf)
        found.append(Best(text[start:end], score, answers, (start, end)))
    return found


def says_opposite(question: str, passage: str, best: Best) -> bool:
    """Whether the sentences of the span do, of what the question takes for granted."""
    around = sentences_of(sentences(passage), *best.place) or best.place
    return opposed(question, passage[slice(*around)])


def _best(scored: Scored) -> tuple[int, int, float]:
    spans = best_spans(scored, 1)
    return (spans[0].start, spans[0].end, spans[0].score) if spans else _NONE


def given(model: ReadingModel, asked: Sequence[Question], documents: Documents) -> list[Row]:
    """Every question with its own paragraph."""
    found = []
    for question in asked:
        document = documents[question.document]
        found += read(model, question.text, [(document.title, document.text)])
    pairs = [(one.text, q.answers) for one, q in zip(found, asked, strict=True) if q.answers]
    truths = [bool(question.answers) for question in asked]
    spans, answers = [one.score for one in found], [one.answers for one in found]
    groups = [question.group for question in asked]
    opposite = [
        says_opposite(question.text, documents[question.document].text, one)
        for question, one in zip(asked, found, strict=True)
    ]
    features = np.array([spans, answers, opposite]).T
    both = judged_by_halves(features[:, :2], truths, groups)
    with_opposites = judged_by_halves(features, truths, groups)
    against = "unanswerable: AUROC of"
    return [
        Row("paragraph given, answerable: exact match", _percent(exact_match, pairs), "60.7", 1),
        Row("paragraph given, answerable: F1", _percent(token_f1, pairs), "72.8", 1),
        Row(f"{against} span less null", auroc(spans, truths), "0.63", 3),
        Row(f"{against} “answers”", auroc(answers, truths), "–", 3),
        Row(f"{against} both, mean of two halves", _mean_auroc(both, truths), "–", 3),
        Row(f"{against} both and opposites", _mean_auroc(with_opposites, truths), "–", 3),
        Row("whole set, best threshold: F1", 100 * best_f1(found, asked), "55.3", 1),
        Row(
            "whole set, by both and opposites: F1",
            100 * fmean(_rescored(found, asked, with_opposites)),
            "–",
            1,
        ),
    ]


def _percent(
    metric: Callable[[str, Sequence[str]], float], pairs: Sequence[tuple[str, tuple[str, ...]]]
) -> float:
    return 100 * fmean(metric(*pair) for pair in pairs)


Half = tuple[list[int], list[float]]
"""Positions of questions, and what they score."""


def judged_by_halves(
    features: NDArray[np.float64], truths: Sequence[bool], groups: Sequence[str]
) -> list[Half]:
    """Log odds by a logistic regression, of each half of the groups fitted on the other.

    Those of two fits are not of one scale: each half has to be looked at by itself.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GroupKFold

    labels, found = np.array(truths), []
    for train, test in GroupKFold(2).split(features, groups=groups):
        fitted = LogisticRegression().fit(features[train], labels[train])
        found.append((test.tolist(), fitted.decision_function(features[test]).tolist()))
    return found


def _mean_auroc(halves: Sequence[Half], truths: Sequence[bool]) -> float:
    return fmean(auroc(scores, [truths[at] for at in half]) for half, scores in halves)


def _rescored(
    found: Sequence[Best], asked: Sequence[Question], halves: Sequence[Half]
) -> Iterator[float]:
    """``best_f1`` of each half, with its threshold."""
    for half, scores in halves:
        best = [replace(found[at], score=score) for at, score in zip(half, scores, strict=True)]
        yield best_f1(best, [asked[at] for at in half])


def best_f1(found: Sequence[Best], asked: Sequence[Question]) -> float:
    """F1 over all questions where spans below the best threshold become "no answer", as in
    the script published with SQuAD 2.0 (Rajpurkar et al. 2018)."""
    order = sorted(range(len(found)), key=lambda at: -found[at].score)
    best = current = float(sum(not question.answers for question in asked))
    for at in order:
        answers = asked[at].answers
        current += token_f1(found[at].text, answers) if answers else -1.0
        best = max(best, current)
    return best / len(asked)


def elsewhere(model: ReadingModel, asked: Sequence[Question], documents: Documents) -> Row:
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
    return Row("random other paragraph: AUROC", auroc(scores, truths), "0.998", 3)


def searched(
    model: ReadingModel, asked: Sequence[Question], documents: Documents, store: Store
) -> list[Row]:
    """Answerable questions with the paragraphs that full-text search finds for them."""
    top, among, right, spent = [], [], [], []
    pairs = []
    home = store.home()
    for question in asked:
        match = full_text_query(question.text)
        ids = [id for id, _ in store.search_text(match, _READ, Fusion().title_weight)]
        passages, homes = store.passages(ids), [home[id] for id in ids]
        texts = [(documents[home[id]].title, passages[id].text) for id in ids]
        begin = time.perf_counter()
        found = read(model, question.text, texts)
        spent.append(time.perf_counter() - begin)
        best = max(range(len(found)), key=lambda at: found[at].score, default=None)
        pairs.append(("" if best is None else found[best].text, question.answers))
        top.append(homes[:1] == [question.document])
        among.append(question.document in homes)
        right.append(best is not None and homes[best] == question.document)
    return [
        Row("open, top 5 by full text: exact match", _percent(exact_match, pairs), "54.7", 1),
        Row("open, top 5 by full text: F1", _percent(token_f1, pairs), "65.7", 1),
        Row("paragraph of the best span right", fmean(right), "0.87", 3),
        Row("paragraph right, full text alone", fmean(top), "0.81", 3),
        Row("paragraph in its top 5", fmean(among), "0.94", 3),
        Row("reading five paragraphs, median ms", 1000 * median(spent), "55", 0, kept=False),
    ]
