"""``python -m eval support``: whether a passage carries a sentence, beside simple ways.

Held out of training: the last 1,000 rows of HaluEval, and every sixteenth article of the
other training sets. On the one half of them the probability and its threshold are fitted,
for each way in the same manner; the other half is the test. RealtimeQA's choices with its
evidence, and SciFact's claims with the abstracts that they cite, are other people's data that
nothing was fitted to.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eval.datasets import collection, every
from eval.metrics import auroc, calibration_error
from eval.reader import read
from eval.table import table
from eval.training.checker import for_calibration, made_once
from eval.training.claims import Claim, held_out
from eval.training.data import Row, halueval_rows, load
from eval.training.phrasings import mended
from rag.embed import load_embedder
from rag.errors import SaysoError
from rag.judge import Overlap
from rag.reader_model import PACKAGED_READER, MiniLM, load_reader
from rag.settings import Settings
from rag.support import FEATURES, Calibration, MiniLMSupport

PACKAGE = Path(__file__).parents[1] / "rag"
PASSES = 0.02
"""Share of the unsupported sentences that may pass, of those that the threshold is set on."""

_ASKED = 200
"""Questions of RealtimeQA, evenly spread; four choices each."""

Floats = NDArray[np.float64]
Way = Callable[[Sequence[Claim]], Floats]
"""Claims → features, shape ``(claims, any)``; not a number where it cannot tell."""


def run(train: Path, data: Path, output: Path, weights: Path | None, write: bool) -> int:
    """Print the tables and write them; with ``write`` also store weights and calibration."""
    raw = _bytes(weights or PACKAGE / "support.safetensors")
    checker = _checker(raw)
    sets = held(train)
    fitting, tests = sets.pop("calibration"), {**sets, **others(data)}
    tested = [claim for claims in tests.values() for claim in claims]
    judged: dict[str, Judged] = {}
    for name, way in ways(checker).items():
        fit = fitted(way(fitting), fitting)
        judged[name] = Judged(fit, dict(zip(map(id, tested), way(tested), strict=True)))
        print(f"{name}: done", flush=True)
    results, text = report(judged, tests)
    print(text)
    output.mkdir(parents=True, exist_ok=True)
    (output / "support.json").write_text(json.dumps(results, indent=1) + "\n", "utf-8")
    (output / "support.md").write_text(text + "\n", "utf-8")
    if write:
        calibration = replace(judged["checker"].fit, sha256=hashlib.sha256(raw).hexdigest())
        (PACKAGE / "support.json").write_text(calibration.to_json(), "utf-8")
        (PACKAGE / "support.safetensors").write_bytes(raw)
    return 0


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SaysoError(f"{path} cannot be read: {error}. Train it, or name another.") from error


def _checker(raw: bytes) -> MiniLMSupport:
    from safetensors import SafetensorError
    from safetensors.numpy import load as tensors

    try:
        return MiniLMSupport(MiniLM(tensors(raw)), Calibration((), 0.0, 0.5, ""))
    except (SafetensorError, KeyError, ValueError) as error:
        raise SaysoError(f"These are no weights of the checker: {error}.") from error


# --- Claims -------------------------------------------------------------------------------


def held(train: Path) -> dict[str, list[Claim]]:
    """What is held out: ``calibration``, and the tests."""
    examples = [example for example in load(train) if held_out(example)]
    rows = [row for row in halueval_rows(train) if held_out(row)]
    found: dict[str, list[Claim]] = {}
    for calibrates in (True, False):
        answered = [
            _claim(row.question, said, "", row.passage, carried, kind, row.article)
            for row in rows
            if for_calibration(row) == calibrates
            for said, carried, kind in (
                (row.answer, True, "right answer"),
                (row.invented, False, "hallucinated answer"),
            )
        ]
        made = made_once(
            [e for e in examples if e.source != "halueval" and for_calibration(e) == calibrates]
        )
        if calibrates:
            found["calibration"] = answered + made
        else:
            found |= {"halueval": answered, "halueval, same words": _alike(rows), "made": made}
    return found


def _alike(rows: Sequence[Row]) -> list[Claim]:
    """Hallucinated answers of the test, and the same with what is wrong in them put right: of
    the others the right one is two words and the hallucinated one a sentence, which tells
    them apart without a passage."""
    found = []
    for row in rows:
        right = mended(row.question, row.invented, row.answer, row.passage) if row.answer else None
        if right is not None and not for_calibration(row):
            for said, carried in ((right, True), (row.invented, False)):
                kind = "mended" if carried else "hallucinated answer"
                found.append(
                    _claim(row.question, said, "", row.passage, carried, kind, row.article)
                )
    return found


def others(data: Path) -> dict[str, list[Claim]]:
    """RealtimeQA and SciFact."""
    realtime = collection("realtimeqa", data)
    evidence = {document.id: document.text for document in realtime.documents}
    choices = [
        _claim(q.text, choice, "", evidence[q.document], choice in q.answers, "choice", q.id)
        for q in every(realtime.questions, _ASKED)
        for choice in q.choices
    ]
    return {"realtimeqa": choices, "scifact": list(_scifact(data / "scifact"))}


def _scifact(folder: Path) -> Iterator[Claim]:
    corpus = {}
    for line in (folder / "corpus.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        corpus[str(row["_id"])] = row
    for line in (folder / "claims_dev.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        labels = {str(one["doc_id"]): one["label"] for one in row["evidence"]}
        for cited in map(str, row["cited"]):
            if cited in corpus:
                label = labels.get(cited, "not enough")
                title, text = corpus[cited]["title"], corpus[cited]["text"]
                yield _claim("", row["text"], title, text, label == "SUPPORT", label, cited)


def _claim(
    question: str, said: str, title: str, passage: str, carried: bool, kind: str, article: str
) -> Claim:
    return Claim(question, said, title, passage, carried, kind, None, article)


# --- Ways ---------------------------------------------------------------------------------


def ways(checker: MiniLMSupport) -> dict[str, Way]:
    """The checker and what it is measured against."""
    embedder = load_embedder(Settings().embedding_model)
    reader = load_reader(PACKAGED_READER)

    @lru_cache(maxsize=20_000)
    def features(claim: Claim) -> tuple[float, ...]:
        passage = (claim.title, claim.passage)
        found = checker.features(claim.question, claim.sentence, [passage])
        return found[0] if found else (np.nan,) * len(FEATURES)

    @lru_cache(maxsize=20_000)
    def best(question: str, title: str, passage: str) -> str:
        return read(reader, question, [(title, passage)])[0].text

    def checked(claims: Sequence[Claim]) -> Floats:
        return np.array([features(claim) for claim in claims])

    def words(claims: Sequence[Claim]) -> Floats:
        """Share of the sentence's content words that the passage holds."""
        return _column(
            Overlap(c.sentence, lambda _: 1.0).of(f"{c.title} {c.passage}")[0] for c in claims
        )

    def cosine(claims: Sequence[Claim]) -> Floats:
        pairs = [(f"{c.question} {c.sentence}".strip(), c.passage) for c in claims]
        texts = list(dict.fromkeys(text for pair in pairs for text in pair))
        vectors = dict(zip(texts, embedder.embed_documents(texts), strict=True))
        return _column(float(vectors[one] @ vectors[other]) for one, other in pairs)

    def agreement(claims: Sequence[Claim]) -> Floats:
        """How much of the reader's own answer the sentence holds; nothing without a question."""
        found = []
        for c in claims:
            if c.question:
                answer = best(c.question, c.title, c.passage)
                held, _ = Overlap(answer, lambda _: 1.0).of(c.sentence)
                found.append(held)
            else:
                found.append(np.nan)
        return _column(found)

    def short(claims: Sequence[Claim]) -> Floats:
        """Looks at no passage: what the sentence's length alone gives away."""
        return _column(-len(c.sentence.split()) for c in claims)

    return {
        "checker": checked,
        "its model alone": lambda claims: checked(claims)[:, :1],
        "words": words,
        "cosine": cosine,
        "reader": agreement,
        "shortness": short,
    }


def _column(values: Iterable[float]) -> Floats:
    return np.array(list(values), np.float64)[:, None]


def fitted(features: Floats, claims: Sequence[Claim]) -> Calibration:
    """The logistic function, and the least threshold that ``PASSES`` at most."""
    from sklearn.linear_model import LogisticRegression

    known = np.isfinite(features).all(1)
    truths = np.array([claim.carried for claim in claims])[known]
    model = LogisticRegression(C=1e6, max_iter=1000).fit(features[known], truths)
    weights = tuple(round(float(weight), 4) for weight in model.coef_[0])
    fit = Calibration(weights, round(float(model.intercept_[0]), 4), 0.0, "")
    wrong = np.sort([fit.probability(one) for one in features[known][~truths]])
    highest = wrong[len(wrong) - 1 - int(PASSES * len(wrong))]
    return replace(fit, threshold=round(min(1.0, float(highest) + 0.0001), 4))


@dataclass(frozen=True, slots=True)
class Judged:
    """What a way makes of the tests."""

    fit: Calibration
    features: Mapping[int, Floats]
    """By the claim's identity."""

    def of(self, claims: Sequence[Claim]) -> Floats:
        """Probabilities of those that it can tell of, else not a number."""
        found = [self.features[id(claim)] for claim in claims]
        return np.array(
            [self.fit.probability(f.tolist()) if np.isfinite(f).all() else np.nan for f in found]
        )


# --- Tables -------------------------------------------------------------------------------


def report(
    judged: Mapping[str, Judged], tests: Mapping[str, Sequence[Claim]]
) -> tuple[dict[str, object], str]:
    """All numbers, and the tables of the most telling."""
    results: dict[str, object] = {"threshold": judged["checker"].fit.threshold}
    parts = []
    for name, claims in tests.items():
        carried = sum(claim.carried for claim in claims)
        rows = []
        for way, one in judged.items():
            found = measured(one, claims)
            if found:
                results[f"{name}: {way}"] = found
                rows.append([way, *(f"{value:.3f}" for value in found.values())])
        head = [f"{name}: {len(claims)} pairs, {carried} carried", *_MEASURES]
        parts.append(table(head, rows))
    parts.append(_by_kind(judged, tests["made"], results))
    return results, "\n\n".join(parts)


_MEASURES = ("AUROC", "P", "R", "F1", "ECE", "recall", "pass")


def measured(one: Judged, claims: Sequence[Claim]) -> dict[str, float]:
    """AUROC; precision, recall and F1 from 0.5 on; calibration error; share of the carried and
    of the others that pass the threshold. Empty where the way can tell nothing."""
    found = one.of(claims)
    known = np.isfinite(found)
    if not known.any():
        return {}
    chance, truth = found[known], np.array([claim.carried for claim in claims])[known]
    said = chance >= 0.5
    right = float((said & truth).sum())
    precision = right / max(1, int(said.sum()))
    recall = right / max(1, int(truth.sum()))
    passing = chance >= one.fit.threshold
    values = (
        auroc(chance, truth),
        precision,
        recall,
        2 * precision * recall / max(1e-9, precision + recall),
        calibration_error(chance, truth),
        float(passing[truth].mean()),
        float(passing[~truth].mean()),
    )
    return {name: round(value, 4) for name, value in zip(_MEASURES, values, strict=True)}


def _by_kind(
    judged: Mapping[str, Judged], claims: Sequence[Claim], results: dict[str, object]
) -> str:
    """Each kind of what is not carried against all that is, then the kinds of what is."""
    checker = judged["checker"]
    good = [claim for claim in claims if claim.carried]
    rows = []
    for carried in (False, True):
        for kind in sorted({c.kind for c in claims if c.carried == carried}):
            chosen = [c for c in claims if c.carried == carried and c.kind == kind]
            passing = float((checker.of(chosen) >= checker.fit.threshold).mean())
            cells = [f"{'carried' if carried else 'not'}: {kind}", str(len(chosen))]
            for one in judged.values():
                both = np.concatenate([one.of(good), one.of(chosen)])
                truths = np.arange(len(both)) < len(good)
                known = np.isfinite(both)
                value = auroc(both[known], truths[known])
                cells.append("–" if carried or value != value else f"{value:.3f}")
            rows.append([*cells, f"{passing:.3f}"])
            results[f"made: {cells[0]}"] = {
                "n": len(chosen),
                "AUROC": None if carried else float(cells[2]),
                "pass": round(passing, 4),
            }
    return table(["made on held-out articles, AUROC", "n", *judged, "pass"], rows)
