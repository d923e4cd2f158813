"""``python -m eval calibrate``: fit how spans are ranked, their probabilities, the thresholds.

The development mix: SQuAD 2.0 (half of its development set, about half of the questions
unanswerable on purpose) over all its paragraphs and over single articles, since a folder
may hold ten thousand documents or ten; RealtimeQA 2020-2022 over all its evidence; the
seeds. What is reported is cross-fitted: each half of the mix, divided by articles, is
judged with parameters fitted on the other. What is written to ``reader.json`` is fitted
on all of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eval.datasets import Collection, Question, collection, every
from eval.index import RUNS, indexed
from eval.metrics import (
    Floats,
    aurc,
    auroc,
    calibration_error,
    exact_match,
    is_right,
    risk_coverage,
    token_f1,
)
from eval.plots import plotted
from eval.sets import read_set
from eval.table import table
from rag.embed import load_embedder
from rag.judge import FEATURES, JUDGED, Judged, Parameters, group, probabilities
from rag.load import find_files, load
from rag.question import wants_explanation
from rag.read import Span, SpanReader
from rag.reader_model import load_reader
from rag.retrieve import Retriever
from rag.settings import Settings
from rag.types import Document

SETS = ("squad", "articles", "realtimeqa", "seeds")
_OWN = ("squad", "articles")
"""Those whose questions are each written for one paragraph: where another one has the same
words, they are seldom an answer there, and would be cited wrongly."""
_STRANGERS = "strangers"
"""Questions that the documents cannot know anything of; reported, not fitted."""
_ANSWERED = 0.5
"""Probability from which a question is ``answered``: rather right than wrong. Asking for
nine right ones of ten would leave one question of a hundred answered, with this model."""
_KEPT = 0.99
"""Share of the right ones that is not ``declined``, at least."""

_FORMAT = 4
"""Of what a run has read and keeps; raised when a feature, or what is right, changes."""

_UNFITTED = Parameters(
    rank=(0.0,) * len(FEATURES),
    probability=(0.0,) * len(JUDGED),
    intercept=0.0,
    seen=((0.0, 0.0),) * len(FEATURES),
    answered=1.0,
    closest=1.0,
)
"""Nothing is judged by them: what is shipped may lack a feature that is about to be fitted."""


@dataclass(frozen=True, slots=True)
class Case:
    """One question with all spans that were read for it."""

    set: str
    group: str
    features: Floats
    """Shape ``(spans, len(FEATURES))``, as ``SpanReader.candidates``."""
    said: tuple[str, ...]
    passages: tuple[int, ...]
    right: NDArray[np.bool_]
    """Which of the spans are right; none for an unanswerable question."""
    answerable: bool
    worth: Floats
    """Shape ``(spans, 3)``: exact match and token F1 of each span, and whether it is of the
    document that the question was written for; 0 where nothing is known of it."""

    @property
    def first(self) -> NDArray[np.bool_]:
        """Which of the spans should be first: those that are right and rightly cited."""
        return self.right & (self.worth[:, 2] > 0) if self.set in _OWN else self.right


@dataclass(frozen=True, slots=True)
class Predicted:
    """What the best answers of some questions amount to, each shape ``(questions,)``."""

    confidence: Floats
    right: NDArray[np.bool_]
    worth: Floats
    """Shape ``(questions, 3)``, as ``Case.worth``."""


def run(data: Path, output: Path, write: bool, reuse: bool, sample: int) -> int:
    """Print the tables; write parameters to the package when ``write``.

    ``sample`` questions of each set are used at most; ``reuse`` takes what the last run
    read.
    """
    settings = Settings()
    cases = [case for name in SETS for case in _cases(name, data, settings, reuse, sample)]
    strangers = _cases(_STRANGERS, data, settings, reuse, sample // 4)
    found = _cross_fitted(cases)
    parameters = replace(_fit(cases), closest=_decline_threshold(found.confidence, found.right))
    _report(cases, strangers, found, parameters, output)
    if write:
        target = Path(__file__).parent.parent / "rag" / "reader.json"
        target.write_text(parameters.to_json(), "utf-8")
        print(f"Written to {target.name}.")
    return 0


def _sources(name: str, data: Path, sample: int) -> Iterator[tuple[str, Collection]]:
    """The stores to make for a set, with their questions."""
    if name == "articles":
        squad = collection("squad", data)
        homes = {q.document: q.group for q in squad.questions}
        for title in sorted(set(homes.values())):
            documents = tuple(d for d in squad.documents if homes.get(d.id) == title)
            asked = tuple(q for q in squad.questions if q.group == title)
            part = every(asked, sample // 36)
            yield f"squad-{title}", replace(squad, documents=documents, questions=part)
    elif name == _STRANGERS:
        asked = every(collection("squad", data).questions, sample)
        strange = tuple(replace(question, answers=()) for question in asked)
        yield "time", replace(collection("time", data), questions=strange)
    else:
        found = seeds() if name == "seeds" else collection(name, data)
        yield name, replace(found, questions=every(found.questions, sample))


def seeds() -> Collection:
    """The questions about the seeds that stand alone, and the seeds."""
    folder = Path("seeds")
    documents: dict[str, Document] = {}
    for file in find_files(folder):
        document = load(folder, file, max_file_mb=Settings().max_file_mb)
        documents.setdefault(document.id, document)
    cases = read_set(str(Path(__file__).with_name("seeds.jsonl")), folder).cases
    questions = tuple(
        Question(case.id, case.question, case.answers) for case in cases if not case.history
    )
    return Collection("seeds", tuple(documents.values()), questions, {})


def _cases(name: str, data: Path, settings: Settings, reuse: bool, sample: int) -> list[Case]:
    """The questions of a set over its documents, or those of the last run."""
    file = RUNS / "calibrate" / f"{name}-{_FORMAT}.npz"
    if not (reuse and file.exists()):
        _save(file, _read(name, data, settings, sample))
    return _load(file, name)


def _read(name: str, data: Path, settings: Settings, sample: int) -> list[Case]:
    embedder = load_embedder(settings.embedding_model)
    model = load_reader(settings.reader_model)
    found: list[Case] = []
    for store_name, part in _sources(name, data, sample):
        store = indexed(store_name, part.documents, embedder, settings.passage_tokens)
        retriever = Retriever(store, embedder)
        reader = SpanReader(model, store.titles, store.rarity, settings.read_tokens, _UNFITTED)
        for question in part.questions:
            hits = retriever.retrieve(question.text, settings.top_k)
            spans, features = reader.candidates(question.text, hits, stop_early=False)
            found.append(
                Case(
                    name,
                    question.group or question.id,
                    features,
                    tuple(span.said for span in spans),
                    tuple(span.hit.passage.id for span in spans),
                    np.array([_is_right(question, span) for span in spans], bool),
                    bool(question.answers),
                    _worth(question, spans),
                )
            )
            if len(found) % 250 == 0:
                print(f"{name}: {len(found)} questions", flush=True)
        store.close()
    return found


def _is_right(question: Question, span: Span) -> bool:
    if not question.answers:
        return False
    if wants_explanation(question.text) and any(a in span.text for a in question.answers):
        return True
    return is_right(span.said, question.answers)


def _worth(question: Question, spans: Sequence[Span]) -> Floats:
    rows = [
        (
            exact_match(span.said, question.answers) if question.answers else 0.0,
            token_f1(span.said, question.answers) if question.answers else 0.0,
            float(span.hit.passage.document_id == question.document),
        )
        for span in spans
    ]
    return np.array(rows, np.float64).reshape(-1, 3)


def _save(file: Path, cases: Sequence[Case]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_suffix(".partial.npz")
    np.savez_compressed(
        partial,
        sizes=np.array([len(case.said) for case in cases]),
        features=np.concatenate([case.features for case in cases]),
        said=np.array([text for case in cases for text in case.said], np.str_),
        passages=np.array([id for case in cases for id in case.passages]),
        right=np.concatenate([case.right for case in cases]),
        worth=np.concatenate([case.worth for case in cases]),
        groups=np.array([case.group for case in cases], np.str_),
        answerable=np.array([case.answerable for case in cases]),
    )
    partial.replace(file)


def _load(file: Path, name: str) -> list[Case]:
    with np.load(file) as kept:
        ends = np.cumsum(kept["sizes"])[:-1]
        keys = ("features", "said", "passages", "right", "worth")
        parts = [np.split(kept[key], ends) for key in keys]
        return [
            Case(
                name,
                str(group),
                features,
                tuple(map(str, said)),
                tuple(map(int, passages)),
                right,
                bool(answerable),
                worth,
            )
            for group, answerable, features, said, passages, right, worth in zip(
                kept["groups"], kept["answerable"], *parts, strict=True
            )
        ]


def _fit(cases: Sequence[Case]) -> Parameters:
    """Weights of the features, then the probability of the best answer."""
    from sklearn.linear_model import LogisticRegression

    rank = _fit_rank(cases)
    tops = [(_groups(case, rank)[0], case) for case in cases if case.said]
    scale = LogisticRegression(C=100.0, max_iter=5000)
    scale.fit(
        np.array([top.features for top, _ in tops]),
        np.array([case.right[top.members[0]] for top, case in tops]),
    )
    seen = np.concatenate([case.features for case in cases])
    return Parameters(
        rank=tuple(rank.tolist()),
        probability=tuple(np.round(scale.coef_[0], 4).tolist()),
        intercept=round(float(scale.intercept_[0]), 4),
        seen=tuple(
            (np.floor(10 * float(least)) / 10, np.ceil(10 * float(most)) / 10)
            for least, most in zip(seen.min(axis=0), seen.max(axis=0), strict=True)
        ),
        answered=_ANSWERED,
        closest=0.0,
    )


def _fit_rank(cases: Sequence[Case]) -> Floats:
    """Weights that put first what should be: the greatest mean logarithm of the share that a
    question's spans of that kind have of the softmax over all of its spans (as in ListNet's
    top-one probability, Cao et al. 2007), where there is something to find."""
    from scipy.optimize import minimize

    found = [case for case in cases if case.first.any()]
    features = np.concatenate([case.features for case in found])
    right = np.concatenate([case.first for case in found]).astype(np.float64)
    sizes = [len(case.first) for case in found]
    begins = np.cumsum([0, *sizes[:-1]])
    scale = features.std(axis=0) + 1e-9
    scaled = features / scale

    def loss(weights: Floats) -> tuple[float, Floats]:
        scores = scaled @ weights
        scores = np.exp(scores - np.repeat(np.maximum.reduceat(scores, begins), sizes))
        shares = scores / np.repeat(np.add.reduceat(scores, begins), sizes)
        held = np.add.reduceat(shares * right, begins)
        pull = shares * (right / np.repeat(held, sizes) - 1)
        regular = 1e-3 * weights
        value = -np.log(held).mean() + float(weights @ regular) / 2
        return float(value), regular - scaled.T @ pull / len(found)

    fitted = minimize(loss, np.zeros(features.shape[1]), jac=True, method="L-BFGS-B")
    rank: Floats = np.round(fitted.x / scale, 4)
    return rank


def _groups(case: Case, rank: Floats) -> list[Judged]:
    return group(case.features, case.said, case.passages, rank)


def _predict(cases: Sequence[Case], parameters: Parameters) -> Predicted:
    confidence, right = np.zeros(len(cases)), np.zeros(len(cases), bool)
    worth = np.zeros((len(cases), 3))
    for at, case in enumerate(cases):
        if case.said:
            top = _groups(case, np.array(parameters.rank))[0]
            confidence[at] = probabilities([top], parameters)[0]
            right[at] = case.right[top.members[0]]
            worth[at] = case.worth[top.members[0]]
    return Predicted(confidence, right, worth)


def _cross_fitted(cases: Sequence[Case]) -> Predicted:
    from sklearn.model_selection import GroupKFold

    found = Predicted(np.zeros(len(cases)), np.zeros(len(cases), bool), np.zeros((len(cases), 3)))
    groups = [case.group for case in cases]
    for train, test in GroupKFold(2).split(np.zeros(len(cases)), groups=groups):
        fitted = _fit([cases[at] for at in train])
        part = _predict([cases[at] for at in test], fitted)
        found.confidence[test], found.right[test] = part.confidence, part.right
        found.worth[test] = part.worth
    return found


def _decline_threshold(confidence: Floats, right: NDArray[np.bool_]) -> float:
    """The highest that keeps ``_KEPT`` of the questions whose first answer is right.

    Showing the closest passages in vain costs little; hiding the right one costs all.
    """
    return float(np.floor(np.quantile(confidence[right], 1 - _KEPT) * 100) / 100)


def _report(
    cases: Sequence[Case],
    strangers: Sequence[Case],
    found: Predicted,
    parameters: Parameters,
    output: Path,
) -> None:
    confidence, right = found.confidence, found.right
    answerable = np.array([case.answerable for case in cases])
    of = np.array([case.set for case in cases])
    stranger_confidence = _predict(strangers, parameters).confidence
    rows, results = [], {}
    chosen: list[tuple[str, Callable[[str], bool]]] = [(name, name.__eq__) for name in SETS]
    for name, belongs in [*chosen, ("all", lambda _: True)]:
        inside = np.array([belongs(set) for set in of])
        c, r, a = confidence[inside], right[inside], answerable[inside]
        worth = found.worth[inside]
        above = c >= parameters.answered
        values = {
            "questions": int(inside.sum()),
            "answerable": float(a.mean()),
            "first_right": float(r[a].mean()),
            "exact_match": float(worth[a, 0].mean()),
            "f1": float(worth[a, 1].mean()),
            "own_document": float(worth[a, 2].mean()),
            "auroc": auroc(c, r),
            "aurc": aurc(c, r),
            "calibration_error": calibration_error(c, r),
            "answered": float(above.mean()),
            "answered_right": float(r[above].mean()) if above.any() else float("nan"),
            "declined": float((c < parameters.closest).mean()),
        }
        results[name] = values
        rows.append([name, str(values["questions"]), *(f"{v:.3f}" for v in [*values.values()][1:])])
    print(
        table(
            [
                "cross-fitted",
                "n",
                "answerable",
                "first right (of those)",
                "EM",
                "F1",
                "of its document",
                "AUROC",
                "AURC",
                "ECE",
                "answered",
                "right of answered",
                "declined",
            ],
            rows,
        )
    )
    print(f"\nThresholds: answered {parameters.answered}, closest {parameters.closest}\n")
    rows = []
    for name, given in (
        ("answerable", confidence[answerable]),
        ("unanswerable, on topic", confidence[~answerable]),
        ("off topic (asked of time)", stranger_confidence),
    ):
        answered = float((given >= parameters.answered).mean())
        declined = float((given < parameters.closest).mean())
        rows.append([name, f"{answered:.3f}", f"{1 - answered - declined:.3f}", f"{declined:.3f}"])
    print(table(["outcome by kind of question", "answered", "closest", "declined"], rows))
    rows = []
    for threshold in (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9):
        above = confidence >= threshold
        share = f"{right[above].mean():.3f}" if above.any() else "–"
        rows.append([f"{threshold:g}", f"{above.mean():.3f}", share])
    print("\n" + table(["answered from", "share answered", "right of those"], rows))
    coverage, risk = risk_coverage(confidence, right)
    ranks = dict(zip(FEATURES, parameters.rank, strict=True))
    rows = [
        [name, f"{ranks.get(name, 0.0):.2f}", f"{weight:.2f}"]
        for name, weight in zip(JUDGED, parameters.probability, strict=True)
    ]
    print("\n" + table(["feature", "rank", "probability"], rows))
    output.parent.mkdir(parents=True, exist_ok=True)
    _plot(coverage, risk, float((confidence >= parameters.answered).mean()), output)
    step = max(1, len(coverage) // 100)
    curve = {"coverage": coverage[::step], "risk": risk[::step]}
    output.write_text(
        json.dumps(
            {
                "thresholds": [parameters.answered, parameters.closest],
                "sets": {
                    name: {key: round(value, 4) for key, value in values.items()}
                    for name, values in results.items()
                },
                **{key: [round(float(v), 4) for v in values] for key, values in curve.items()},
            },
            indent=1,
        )
        + "\n",
        "utf-8",
    )


def _plot(coverage: Floats, risk: Floats, answered: float, output: Path) -> None:
    """The risk-coverage curve, beside ``output`` as ``risk-coverage.svg``."""
    with plotted(output.with_name("risk-coverage.svg"), 5, 3) as axes:
        axes.plot(coverage, risk, color="#1f5f8b")
        axes.axvline(answered, color="#777777", linestyle=":")
        axes.annotate("answered by default", (answered, 0.02), rotation=90, ha="right")
        axes.set(
            xlabel="coverage: share of questions answered",
            ylabel="risk: share of wrong ones among them",
            xlim=(0, 1),
            ylim=(0, max(0.7, float(risk.max()))),
        )
