"""``python -m eval calibrate``: fit the reader's weights, probabilities and thresholds.

On SQuAD 2.0 (half of its development set) in open mode: all paragraphs are the documents,
the question alone is given, about half of the questions have no answer on purpose. What
is reported comes from cross-validation over articles; what is written to ``reader.json``
is fitted on all of them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eval.datasets import Collection, collection
from eval.index import RUNS, indexed
from eval.metrics import aurc, auroc, calibration_error, risk_coverage
from eval.table import table
from rag.embed import Embedder, load_embedder
from rag.read import FEATURES, Parameters, SentenceReader, candidates, lead
from rag.retrieve import Retriever
from rag.settings import Settings
from rag.store import Store

Floats = NDArray[np.float64]

_FOLDS = 5
_ELSEWHERE = ("time", 500)
"""The collection that is asked questions it cannot know anything of, and how many."""


@dataclass(frozen=True, slots=True)
class Case:
    """One question with all its candidate sentences."""

    group: str
    features: Floats
    """Shape ``(sentences, len(FEATURES) - 1)``, as ``SentenceReader.features``."""
    right: NDArray[np.bool_]
    """Which of the sentences hold the answer; none for an unanswerable question."""
    answerable: bool


def run(data: Path, output: Path, write: bool, reuse: bool) -> int:
    """Print the tables; write parameters to the package when ``write``."""
    settings = Settings()
    embedder = load_embedder(settings.embedding_model)
    squad = collection("squad", data)
    cases = _cases(squad, squad, embedder, settings, reuse)
    other, count = _ELSEWHERE
    strangers = _cases(
        collection(other, data),
        replace(squad, questions=squad.questions[::12][:count]),
        embedder,
        settings,
        reuse,
    )
    confidence, right = _cross_validated(cases)
    parameters = _fit(cases)
    answered = _least_threshold(confidence, right)
    closest = _decline_threshold(confidence, right)
    parameters = replace(parameters, answered=answered, closest=closest)
    _report(cases, strangers, confidence, right, parameters, output)
    if write:
        target = Path(__file__).parent.parent / "rag" / "reader.json"
        target.write_text(parameters.to_json(), "utf-8")
        print(f"Written to {target.name}.")
    return 0


def _cases(
    documents: Collection, asked: Collection, embedder: Embedder, settings: Settings, reuse: bool
) -> list[Case]:
    """The questions of ``asked`` over the documents, or those of the last run."""
    file = RUNS / "calibrate" / f"{documents.name}-{asked.name}.npz"
    if not (reuse and file.exists()):
        store = indexed(documents.name, documents.documents, embedder, settings.passage_tokens)
        _compute(store, asked, embedder, settings.top_k, file)
        store.close()
    with np.load(file) as kept:
        ends = np.cumsum(kept["sizes"])
        return [
            Case(str(group), features.astype(np.float64), right, bool(answerable))
            for group, features, right, answerable in zip(
                kept["groups"],
                np.split(kept["features"], ends[:-1]),
                np.split(kept["right"], ends[:-1]),
                kept["answerable"],
                strict=True,
            )
        ]


def _compute(store: Store, asked: Collection, embedder: Embedder, top_k: int, file: Path) -> None:
    retriever = Retriever(store, embedder)
    reader = SentenceReader(embedder, store.rarity)
    features, right, sizes, groups = [], [], [], []
    for number, question in enumerate(asked.questions, start=1):
        spans = candidates(retriever.retrieve(question.text, top_k))
        gold = asked.relevant.get(question.id, {})
        if spans:
            features.append(reader.features(question.text, spans))
        right += [
            span.hit.passage.document_id in gold
            and any(answer in span.text for answer in question.answers)
            for span in spans
        ]
        sizes.append(len(spans))
        groups.append(question.group)
        if number % 500 == 0:
            print(f"{asked.name} over {file.stem.split('-')[0]}: {number} questions", flush=True)
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_suffix(".partial.npz")
    np.savez_compressed(
        partial,
        features=np.concatenate(features).astype(np.float32),
        right=np.array(right),
        sizes=np.array(sizes),
        groups=np.array(groups),
        answerable=np.array([bool(question.answers) for question in asked.questions]),
    )
    partial.replace(file)


def _fit(cases: Sequence[Case]) -> Parameters:
    """Weights of the features, then the probability of the best sentence."""
    from sklearn.linear_model import LogisticRegression

    # Ranking is learned where there is something to find.
    found = [case for case in cases if case.right.any()]
    ranker = LogisticRegression(C=100.0, max_iter=1000)
    ranker.fit(
        np.concatenate([case.features for case in found]),
        np.concatenate([case.right for case in found]),
    )
    rank = np.round(ranker.coef_[0], 4)
    # The probability is fitted on what will be the first quote, with its lead.
    known = [case for case in cases if len(case.features)]
    tops = []
    for case in known:
        scores = case.features @ rank
        order = np.argsort(-scores, kind="stable")
        best = order[0]
        tops.append((*case.features[best], lead(scores, order)[best], case.right[best]))
    table_of_tops = np.array(tops)
    scale = LogisticRegression(C=100.0, max_iter=5000)
    scale.fit(table_of_tops[:, :-1], table_of_tops[:, -1] > 0)
    return Parameters(
        rank=tuple(rank.tolist()),
        probability=tuple(np.round(scale.coef_[0], 4).tolist()),
        intercept=round(float(scale.intercept_[0]), 4),
        answered=0.5,
        closest=0.1,
    )


def _predict(cases: Sequence[Case], parameters: Parameters) -> tuple[Floats, NDArray[np.bool_]]:
    """Confidence of the best sentence and whether it is right, per question."""
    confidence, right = np.zeros(len(cases)), np.zeros(len(cases), bool)
    for at, case in enumerate(cases):
        if len(case.features):
            order, probabilities = parameters.judge(case.features)
            confidence[at], right[at] = probabilities[order[0]], case.right[order[0]]
    return confidence, right


def _cross_validated(cases: Sequence[Case]) -> tuple[Floats, NDArray[np.bool_]]:
    from sklearn.model_selection import GroupKFold

    confidence, right = np.zeros(len(cases)), np.zeros(len(cases), bool)
    groups = [case.group for case in cases]
    for train, test in GroupKFold(_FOLDS).split(np.zeros(len(cases)), groups=groups):
        fitted = _fit([cases[at] for at in train])
        confidence[test], right[test] = _predict([cases[at] for at in test], fitted)
    return confidence, right


def _least_threshold(confidence: Floats, right: NDArray[np.bool_]) -> float:
    """Where answering gains most, a wrong answer costing half of what a right one gives.

    A quote that is not the answer is still a true quote with its place, and costs the
    reader a look; with equal costs a reader this simple would hardly ever answer.
    """
    thresholds = np.round(np.arange(0.05, 0.95, 0.01), 2)
    gains = [
        (right[confidence >= t]).sum() - 0.5 * (~right[confidence >= t]).sum() for t in thresholds
    ]
    return float(thresholds[int(np.argmax(gains))])


def _decline_threshold(confidence: Floats, right: NDArray[np.bool_]) -> float:
    """The highest that keeps 99.5% of the questions whose first quote is right.

    Showing the closest passages in vain costs little; hiding the right one costs all.
    """
    return float(np.floor(np.quantile(confidence[right], 0.005) * 100) / 100)


def _report(
    cases: Sequence[Case],
    strangers: Sequence[Case],
    confidence: Floats,
    right: NDArray[np.bool_],
    parameters: Parameters,
    output: Path,
) -> None:
    answerable = np.array([case.answerable for case in cases])
    within = np.array([case.right.any() for case in cases])
    print(
        table(
            ["SQuAD 2.0 half dev, open mode, cross-validated", "value"],
            [
                ["questions", str(len(cases))],
                ["answerable", str(int(answerable.sum()))],
                [
                    "answer among the candidate sentences (of answerable)",
                    f"{within[answerable].mean():.3f}",
                ],
                ["first sentence right (of answerable)", f"{right[answerable].mean():.3f}"],
                ["AUROC of confidence", f"{auroc(confidence, right):.3f}"],
                ["AURC", f"{aurc(confidence, right):.3f}"],
                ["expected calibration error", f"{calibration_error(confidence, right):.3f}"],
            ],
        )
    )
    stranger_confidence, _ = _predict(strangers, parameters)
    rows = []
    groups = {
        "answerable": confidence[answerable],
        "unanswerable, on topic": confidence[~answerable],
        "off topic (asked of time)": stranger_confidence,
    }
    for name, values in groups.items():
        answered = (values >= parameters.answered).mean()
        declined = (values < parameters.closest).mean()
        rows.append([name, f"{answered:.3f}", f"{1 - answered - declined:.3f}", f"{declined:.3f}"])
    print(f"\nThresholds: answered {parameters.answered}, closest {parameters.closest}\n")
    print(table(["outcome by kind of question", "answered", "closest", "declined"], rows))
    coverage, risk = risk_coverage(confidence, right)
    marks = (0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0)
    points = [int(np.searchsorted(coverage, mark)) for mark in marks]
    ordered = -np.sort(-confidence)
    print()
    print(
        table(
            ["coverage", "risk", "least confidence"],
            [
                [
                    f"{coverage[at]:.2f}",
                    f"{risk[at]:.3f}",
                    f"{ordered[min(len(ordered) - 1, round(coverage[at] * len(ordered)) - 1)]:.2f}",
                ]
                for at in points
            ],
        )
    )
    rows = [
        [name, f"{rank:.2f}", f"{probability:.2f}"]
        for name, rank, probability in zip(
            FEATURES, [*parameters.rank, 0.0], parameters.probability, strict=True
        )
    ]
    print("\n" + table(["feature", "rank", "probability"], rows))
    output.parent.mkdir(parents=True, exist_ok=True)
    _plot(coverage, risk, float((confidence >= parameters.answered).mean()), output)
    output.write_text(
        json.dumps(
            {
                "thresholds": [parameters.answered, parameters.closest],
                "auroc": auroc(confidence, right),
                "aurc": aurc(confidence, right),
                "calibration_error": calibration_error(confidence, right),
                "coverage": [round(float(v), 4) for v in coverage[:: max(1, len(coverage) // 100)]],
                "risk": [round(float(v), 4) for v in risk[:: max(1, len(risk) // 100)]],
            },
            indent=1,
        )
        + "\n",
        "utf-8",
    )


def _plot(coverage: Floats, risk: Floats, answered: float, output: Path) -> None:
    """The risk-coverage curve, beside ``output`` as ``risk-coverage.svg``."""
    import matplotlib as mpl

    mpl.use("svg")
    from matplotlib import pyplot

    # The same bytes for the same curve: no date, no random ids.
    with mpl.rc_context({"svg.hashsalt": "sayso", "font.size": 9}):
        figure, axes = pyplot.subplots(figsize=(5, 3), layout="constrained")
        axes.plot(coverage, risk, color="#1f5f8b")
        axes.axvline(answered, color="#777777", linestyle=":")
        axes.annotate("answered by default", (answered, 0.02), rotation=90, ha="right")
        axes.set(
            xlabel="coverage: share of questions answered",
            ylabel="risk: share of wrong ones among them",
            xlim=(0, 1),
            ylim=(0, max(0.7, float(risk.max()))),
        )
        figure.savefig(output.with_name("risk-coverage.svg"), metadata={"Date": None})
        pyplot.close(figure)
