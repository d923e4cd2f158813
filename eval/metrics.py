"""Each metric, defined once.

Ranking metrics come from ir-measures, the field's reference implementation.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from rag.judge import stem
from rag.numerals import DIGITS, UNITS
from rag.types import Answer

Floats = NDArray[np.float64]
Numbers = Sequence[float] | Floats
Truths = Sequence[bool] | NDArray[np.bool_]


def ndcg_at_10(
    relevant: Mapping[str, Mapping[str, int]], run: Mapping[str, Mapping[str, float]]
) -> float:
    """Mean nDCG@10 (Järvelin and Kekäläinen 2002) over the questions of ``relevant``.

    ``run`` maps question to document to score; a question without results counts 0.
    """
    import ir_measures
    from ir_measures import nDCG

    filled = {question: dict(run.get(question, {})) for question in relevant}
    found = ir_measures.calc_aggregate([nDCG @ 10], relevant, filled)
    return float(found[nDCG @ 10])


def ranking(relevant: Mapping[str, int], ranked: Sequence[str]) -> dict[str, float]:
    """Of one question, recall@5, recall@10, MRR@10 and nDCG@10.

    ``relevant`` gives the grades of documents, ``ranked`` what was found, best first.
    """
    import ir_measures
    from ir_measures import RR, R, nDCG

    run = {"q": {document: -float(rank) for rank, document in enumerate(ranked)}}
    names = {R @ 5: "recall@5", R @ 10: "recall@10", RR @ 10: "mrr@10", nDCG @ 10: "ndcg@10"}
    if not ranked:
        return dict.fromkeys(names.values(), 0.0)
    found = ir_measures.iter_calc(list(names), {"q": dict(relevant)}, run)
    return {names[one.measure]: float(one.value) for one in found}


def risk_coverage(confidences: Numbers, right: Truths) -> tuple[Floats, Floats]:
    """Coverage and selective risk as the threshold on confidence falls.

    Coverage is the share of questions answered, risk the share of wrong ones among them
    (El-Yaniv and Wiener 2010). Questions of equal confidence enter together.
    """
    confidence = np.asarray(confidences, np.float64)
    order = np.argsort(-confidence, kind="stable")
    wrong = np.cumsum(~np.asarray(right, bool)[order])
    count = np.arange(1, len(order) + 1)
    ends = np.append(np.diff(confidence[order]) != 0, True)
    return count[ends] / len(order), wrong[ends] / count[ends]


def aurc(confidences: Numbers, right: Truths) -> float:
    """Area under the risk-coverage curve (Geifman et al. 2019), 0 is best."""
    coverage, risk = risk_coverage(confidences, right)
    return float(np.sum(risk * np.diff(coverage, prepend=0.0)))


def auroc(confidences: Numbers, right: Truths) -> float:
    """Probability that a right answer has more confidence than a wrong one; ties half."""
    confidence, truth = np.asarray(confidences), np.asarray(right, bool)
    good, bad = confidence[truth], np.sort(confidence[~truth])
    if not len(good) or not len(bad):
        return float("nan")
    below = np.searchsorted(bad, good, "left") + np.searchsorted(bad, good, "right")
    return float(below.mean() / (2 * len(bad)))


def calibration_error(confidences: Numbers, right: Truths, bins: int = 10) -> float:
    """Expected calibration error over equal-width bins (Guo et al. 2017), 0 is best."""
    found = reliability(confidences, right, bins)
    total = sum(count for _, _, count in found)
    return sum(count / total * abs(sure - share) for sure, share, count in found)


def reliability(
    confidences: Numbers, right: Truths, bins: int = 10
) -> list[tuple[float, float, int]]:
    """Mean confidence, share of right answers and their number, of each bin of equal width
    that holds any."""
    confidence, truth = np.asarray(confidences, np.float64), np.asarray(right, np.float64)
    bin_of = np.minimum((confidence * bins).astype(int), bins - 1)
    return [
        (float(confidence[inside].mean()), float(truth[inside].mean()), int(inside.sum()))
        for inside in (bin_of == number for number in range(bins))
        if inside.any()
    ]


def exact_match(given: str, accepted: Sequence[str]) -> float:
    """1 if ``given`` is one of the accepted answers, else 0, as SQuAD's script compares them.

    An empty ``given`` stands for "no answer", right where nothing is accepted (Rajpurkar et
    al. 2018).
    """
    return float(any(_words(given) == _words(answer) for answer in accepted or ("",)))


def token_f1(given: str, accepted: Sequence[str]) -> float:
    """Harmonic mean of precision and recall of words, by the best of the accepted answers
    (Rajpurkar et al. 2016)."""
    return max(_f1(_words(given), _words(answer)) for answer in accepted or ("",))


def _f1(given: Sequence[str], accepted: Sequence[str]) -> float:
    if not given or not accepted:
        return float(given == accepted)
    common = sum((Counter(given) & Counter(accepted)).values())
    return 2 * common / (len(given) + len(accepted))


def _words(text: str) -> list[str]:
    """Lower-case words without punctuation and articles."""
    bare = "".join(letter for letter in text.lower() if letter not in string.punctuation)
    return re.sub(r"\b(?:a|an|the)\b", " ", bare).split()


_RIGHT = 0.5
"""Token F1 with an accepted answer from which a short answer counts as right."""


def is_right(given: str, accepted: Sequence[str]) -> bool:
    """Whether a short answer counts as right: a token F1 of 0.5 at least with an accepted one.

    SQuAD's script takes "three bananas" for another thing than "3 banana", and “Grease” for
    another than Grease (answer equivalence, Bulian et al. 2022). Words are compared by stem
    here, number words up to twenty as digits, and quotation marks not at all. False for an
    empty answer, and where nothing is accepted.
    """
    said = _alike(given)
    return bool(given.strip()) and any(_f1(said, _alike(answer)) >= _RIGHT for answer in accepted)


def _alike(text: str) -> list[str]:
    return [_NUMBERS.get(word) or stem(word) for word in _words(folded(text))]


_NUMBERS = {word: DIGITS[word] for word in (*UNITS, "twenty")}


def overlap(one: tuple[int, int], other: tuple[int, int]) -> int:
    """Characters that two half-open spans have in common."""
    return max(0, min(one[1], other[1]) - max(one[0], other[0]))


def straight(text: str) -> str:
    """With straight quotation marks for typographic ones."""
    return text.translate(_STRAIGHT)


_STRAIGHT = str.maketrans("‘’“”„«»", "''" + 5 * '"')


def folded(text: str) -> str:
    """For comparing: one case, straight quotation marks, compatible characters alike."""
    return unicodedata.normalize("NFKC", straight(text)).casefold()


def nearest_choice(answer: Answer, choices: Sequence[str]) -> str | None:
    """The choice that the answer amounts to; None when it shares no word with any.

    The first claim that shares words with a choice decides: by the best token F1 of the
    choice with its short answers or its quote. Of equal choices it is the one that the
    quote names first, then the first one.
    """
    for claim in answer.claims:
        scores = {
            choice: max(token_f1(said, [choice]) for said in (*claim.answers, claim.text))
            for choice in choices
        }
        best = max(scores.values(), default=0.0)
        if best > 0:
            equal = [choice for choice in choices if scores[choice] == best]
            return min(equal, key=lambda choice: _place(choice, claim.text))
    return None


def _place(choice: str, quote: str) -> int:
    """Where the quote names it, in characters; its length where it does not."""
    place = quote.casefold().find(choice.casefold())
    return place if place >= 0 else len(quote)
