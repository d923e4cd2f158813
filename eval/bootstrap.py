"""How sure a measured number is, and how sure a difference (Efron and Tibshirani 1993)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from eval.metrics import Floats

RESAMPLES = 1000
_SEED = 7


def interval(
    samples: Sequence[Floats], measure: Callable[..., float]
) -> tuple[float | None, float | None]:
    """The 95% percentile interval of ``measure(*samples)``, questions being drawn anew.

    ``samples`` are arrays over the same questions. None for fewer than two of them.
    """
    values = _resampled(samples, measure)
    return _bounds(values)


def paired_interval(
    one: Sequence[Floats], other: Sequence[Floats], measure: Callable[..., float]
) -> tuple[float | None, float | None]:
    """The same for ``measure(*other) - measure(*one)``, over the same questions in the same
    order: each draw takes the same questions of both."""
    samples = (*one, *other)
    width = len(one)

    def difference(*drawn: Floats) -> float:
        return float(measure(*drawn[width:]) - measure(*drawn[:width]))

    return _bounds(_resampled(samples, difference))


def mcnemar(one: Sequence[bool], other: Sequence[bool]) -> tuple[int, int, float]:
    """How many questions only ``one`` and only ``other`` gets right, and the two-sided p
    value of the exact test that both do equally well (McNemar 1947)."""
    from scipy.stats import binomtest

    only_one = sum(a and not b for a, b in zip(one, other, strict=True))
    only_other = sum(b and not a for a, b in zip(one, other, strict=True))
    if not only_one + only_other:
        return 0, 0, 1.0
    found = binomtest(only_one, only_one + only_other)
    return only_one, only_other, float(found.pvalue)


def _resampled(samples: Sequence[Floats], measure: Callable[..., float]) -> Floats:
    count = len(samples[0])
    if count < 2:
        return np.empty(0)
    generator = np.random.default_rng(_SEED)
    found = np.empty(RESAMPLES)
    for at in range(RESAMPLES):
        drawn = generator.integers(0, count, count)
        found[at] = measure(*(sample[drawn] for sample in samples))
    return found


def _bounds(values: Floats) -> tuple[float | None, float | None]:
    # A draw may lack right or wrong answers, which leaves AUROC undefined.
    known = values[~np.isnan(values)]
    if not len(known):
        return None, None
    low, high = np.quantile(known, [0.025, 0.975])
    return round(float(low), 6), round(float(high), 6)
