"""``python -m eval sides``: positions in disputes, fitted on the development half of our own
cases (``eval/disputes.jsonl``) and measured on the other.

All articles of the cases lie in one store. Each question is asked over all of them, and again
over all but its own, where nothing bears on it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eval.index import indexed
from eval.metrics import auroc
from eval.table import table
from rag.bearing import FEATURES, PARAMETERS, Sentences, Weights
from rag.embed import load_embedder
from rag.judge import Parameters
from rag.load import parse
from rag.question import asked
from rag.read import SpanReader
from rag.reader_model import load_reader
from rag.retrieve import Retriever
from rag.settings import Settings
from rag.sides import Side, Sides
from rag.types import Document, Hit

CASES = Path(__file__).with_name("disputes.jsonl")
_HARD = frozenset("agreement correction declined irony other repetition".split())
"""Kinds of cases without a denial of what is asked, though something looks like one."""
_FREE = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
"""Tried for the inverse strength of the penalty on weights, the strongest one first."""
_FOLDS = 5
_SHARES = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5)
"""Tried for ``Weights.share``."""


@dataclass(frozen=True, slots=True)
class Stand:
    """Somebody's position on a question."""

    speaker: str | None
    position: str
    quote: str


@dataclass(frozen=True, slots=True)
class Case:
    """A question over a made-up article, and the positions that a fair reader lays out."""

    id: str
    split: str
    kind: str
    question: str
    wording: str
    """"near" to the article's, or "far" from it."""
    document: Document
    positions: tuple[Stand, ...]


def cases(file: Path = CASES) -> list[Case]:
    """All cases, in the order of the file."""
    found = []
    for line in file.read_text("utf-8").splitlines():
        row = json.loads(line)
        text = f"{row['title']}\n\n{row['document']}"
        document = parse(text.encode(), f"{row['title'][:40].replace('/', '-')}.txt")
        found.append(
            Case(
                row["id"],
                row["split"],
                row["kind"],
                row["question"],
                row["wording"],
                document,
                tuple(
                    Stand(one["speaker"], one["position"], one["quote"]) for one in row["positions"]
                ),
            )
        )
    return found


def run(write: bool, output: Path) -> int:
    """Print the tables; with ``write`` also fit and store the parameters."""
    every = cases()
    settings = Settings()
    embedder = load_embedder(settings.embedding_model)
    documents = {case.document.id: case.document for case in every}
    store = indexed("disputes", list(documents.values()), embedder, settings.passage_tokens)
    retriever = Retriever(store, embedder)
    model = load_reader(settings.reader_model)
    reading = SpanReader(model, store.titles, store.rarity, settings.read_tokens)

    def found(case: Case, own: bool) -> list[Hit]:
        within = None if own else [id for id in documents if id != case.document.id]
        return retriever.retrieve(case.question, settings.top_k, within)

    def sides(weights: Weights | None) -> Sides:
        return Sides(embedder, store.rarity, store.statements, store.titles, reading, weights)

    if write:
        sentences = Sentences(embedder, store.rarity, store.statements, store.titles, reading)
        dev = [case for case in every if case.split == "dev"]
        weights = _fit(dev, found, sentences, sides)
        PARAMETERS.write_text(
            json.dumps(
                {
                    "weights": dict(zip(FEATURES, weights.weights, strict=True)),
                    "intercept": weights.intercept,
                    "share": weights.share,
                    "theirs": weights.theirs,
                },
                indent=2,
            )
            + "\n"
        )
    weights = weights if write else Weights.load()
    reader = sides(weights)
    parts = []
    for split in ("dev", "test"):
        chosen = [case for case in every if case.split == split]
        parts.append(
            f"{split}, {len(chosen)} questions\n\n{_report(chosen, found, reader, weights.share)}"
        )
    text = "\n\n".join(parts)
    print(text)
    output.mkdir(parents=True, exist_ok=True)
    (output / "sides.md").write_text(text + "\n", "utf-8")
    store.close()
    return 0


Find = Callable[[Case, bool], list[Hit]]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question of a case about an article, and the sentences found for it."""

    document: str
    features: NDArray[np.float64]
    right: NDArray[np.bool_]
    theirs: NDArray[np.bool_]
    """Which are by somebody of whom one is right."""


def _logistic(asked_of: Sequence[_Asked], free: float) -> Weights:
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    # Held back, as there are few cases: log odds and cosines alike, so in their own spread.
    scaler, model = StandardScaler(), LogisticRegression(C=free, max_iter=5000)
    features = scaler.fit_transform(np.concatenate([one.features for one in asked_of]))
    model.fit(features, np.concatenate([one.right for one in asked_of]))
    slopes = model.coef_[0] / scaler.scale_
    return Weights(
        tuple(round(float(weight), 3) for weight in slopes),
        round(float(model.intercept_[0] - slopes @ scaler.mean_), 3),
        0.0,
    )


def _sure(weights: Weights, asked_of: Sequence[_Asked]) -> Weights:
    """Scaled so that the probability of the best sentence of a question is how often it is right
    (Platt 1999)."""
    from sklearn.linear_model import LogisticRegression

    odds, right = [], []
    for one in asked_of:
        if len(one.right):
            every = weights.log_odds(one.features)
            odds.append([every.max()])
            right.append(one.right[every.argmax()])
    model = LogisticRegression(C=100.0).fit(odds, right)
    slope = float(model.coef_[0, 0])
    return replace(
        weights,
        weights=tuple(round(slope * weight, 3) for weight in weights.weights),
        intercept=round(slope * weights.intercept + float(model.intercept_[0]), 3),
    )


def _fit(
    chosen: Sequence[Case],
    found: Find,
    sentences: Sentences,
    sides: Callable[[Weights | None], Sides],
) -> Weights:
    """Logistic weights over all sentences of the passages, with the penalty that puts the most
    right sentences first in articles that they are not fitted on, and of several such the
    strongest; scaled so that the first one is as often
    right as is likely; then what is added for those by somebody who says something on it,
    by the same token; then the share of the best probability from which positions are shown."""
    from scipy.optimize import brentq

    asked_of: list[_Asked] = []
    for case in chosen:
        for own in (True, False):
            spans, features = sentences.candidates(case.question, found(case, own))
            bears = [_bears(case, span.hit.passage.document_id, span.text) for span, _ in spans]
            names = [one.speaker.name if one else "" for _, one in spans]
            who = {name for name, is_right in zip(names, bears, strict=True) if name and is_right}
            theirs = np.array([name in who for name in names], bool)
            asked_of.append(_Asked(case.document.id, features, np.array(bears, bool), theirs))
    documents = list(dict.fromkeys(one.document for one in asked_of))

    def firsts(free: float) -> int:
        right = 0
        for fold in range(_FOLDS):
            kept = set(documents[fold::_FOLDS])
            weights = _logistic([one for one in asked_of if one.document not in kept], free)
            for one in asked_of:
                if one.document in kept and one.right.any():
                    right += bool(one.right[weights.log_odds(one.features).argmax()])
        return right

    counts = {free: firsts(free) for free in _FREE}
    wanted = sum(bool(one.right.any()) for one in asked_of)
    free = max(_FREE, key=counts.__getitem__)
    print(f"Right first sentences of {wanted} in other articles: {counts}; {free}", flush=True)
    weights = _sure(_logistic(asked_of, free), asked_of)
    said = np.concatenate([one.features[one.theirs] for one in asked_of])
    share = np.concatenate([one.right[one.theirs] for one in asked_of]).mean()

    def excess(more: float) -> float:
        chances = replace(weights, theirs=more).probabilities(said, theirs=True)
        return float(chances.mean() - share)

    weights = replace(weights, theirs=round(brentq(excess, -10.0, 10.0), 3))
    fitted = sides(weights)
    read = [(case, fitted.read(case.question, found(case, True))) for case in chosen]

    def f2(share: float) -> float:
        """As a side left out does more harm than one too many."""
        shown = [(case, _shown(all_sides, share)) for case, all_sides in read]
        right = sum(len(list(_matched(case, some))) for case, some in shown)
        wanted = sum(len(case.positions) for case in chosen)
        return 5 * right / (4 * wanted + sum(len(some) for _, some in shown))

    return replace(weights, share=max(_SHARES, key=f2))


def _shown(sides: Sequence[Side], share: float) -> list[Side]:
    """Those near enough to the best one."""
    return [side for side in sides if side.span.probability >= share * sides[0].span.probability]


def _bears(case: Case, document: str, text: str) -> bool:
    return document == case.document.id and any(
        _same_words(stand.quote, text) for stand in case.positions
    )


def _same_words(quote: str, text: str) -> bool:
    """Whether one is inside the other, but for marks at its ends."""
    one, other = (part.strip(" \n.,;:'\"“”‘’") for part in (quote, text))
    return bool(one and other) and (one in other or other in one)


def _matched(case: Case, sides: Sequence[Side]) -> Iterator[tuple[Stand, Side]]:
    """Each position that is right to show with the side that shows it."""
    for stand in case.positions:
        for side in sides:
            if side.span.hit.passage.document_id == case.document.id and _is_by(stand, side):
                yield stand, side
                break


def _is_by(stand: Stand, side: Side) -> bool:
    if stand.speaker is None or side.speaker is None:
        return stand.speaker is None and side.speaker is None
    wanted, named = (
        set(name.casefold().replace("’", "'").split()) - {"the", "a"}
        for name in (stand.speaker, side.speaker.name)
    )
    return bool(wanted & named) and (wanted <= named or named <= wanted)


def _report(chosen: Sequence[Case], found: Find, reader: Sides, share: float) -> str:
    """By kind: is the first sentence one that bears on the question, whose is it, and is what
    is shown of each speaker right (where nobody says anything on it: is nothing answered with);
    then the detection of denials, and of questions that
    nothing bears on."""
    counts: dict[str, Counter[str]] = {}
    hit = wrong = missed = 0
    confidence: list[float] = []
    answerable: list[bool] = []
    for case in chosen:
        sides = reader.read(case.question, found(case, True))
        others = reader.read(case.question, found(case, False))
        confidence += [side[0].span.probability if side else 0.0 for side in (sides, others)]
        answerable += [True, False]
        matched = list(_matched(case, sides))
        shown = _shown(sides, share)
        names = [case.kind, "all", f"worded {case.wording}"]
        names += ["hard negatives"] if case.kind in _HARD else []
        for counter in (counts.setdefault(name, Counter()) for name in names):
            counter["n"] += 1
            first = sides[0] if sides else None
            if not case.positions:
                nothing = first is None or first.span.probability < Parameters.load().answered
                counter["first"] += nothing
                counter["speaker"] += nothing
            elif first is not None:
                counter["first"] += _bears(
                    case, first.span.hit.passage.document_id, first.span.text
                )
                counter["speaker"] += any(_is_by(stand, first) for stand in case.positions)
            counter["positions"] += len(case.positions)
            counter["found"] += sum(side in shown for _, side in matched)
            counter["right"] += sum(
                side in shown and side.position == stand.position for stand, side in matched
            )
        for stand, side in matched:
            gold, mine = stand.position == "denies", side.position == "denies"
            hit += gold and mine
            wrong += mine and not gold
            missed += gold and not mine
    rows = [
        [
            kind,
            str(counter["n"]),
            *(f"{counter[name] / counter['n']:.3f}" for name in ("first", "speaker")),
            f"{counter['found'] / max(1, counter['positions']):.3f}",
            f"{counter['right'] / max(1, counter['found']):.3f}",
        ]
        for kind, counter in counts.items()
    ]
    precision, recall = hit / max(1, hit + wrong), hit / max(1, hit + missed)
    knowing = auroc(np.array(confidence), np.array(answerable))
    return (
        table(("kind", "n", "first", "speaker", "found", "position"), rows)
        + f"\n\ndenials among the positions found: precision {precision:.3f}, recall {recall:.3f}; "
        f"nothing bears on it, AUROC {knowing:.3f}; "
        f"{sum(asked(case.question) == 'what' for case in chosen)} not seen as such a question"
    )
