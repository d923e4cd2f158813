"""Metrics on cases computed by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.metrics import aurc, auroc, calibration_error, ndcg_at_10, overlap, risk_coverage
from eval.table import table


def test_ndcg_counts_grades_places_and_empty_results() -> None:
    relevant = {"q1": {"a": 1, "b": 1}, "q2": {"c": 1}, "q3": {"d": 1}}
    run = {"q1": {"a": 3.0, "x": 2.0, "b": 1.0}, "q2": {"x": 2.0, "c": 1.0}}
    first = (1 + 1 / math.log2(4)) / (1 + 1 / math.log2(3))
    second = 1 / math.log2(3)
    assert ndcg_at_10(relevant, run) == pytest.approx((first + second + 0) / 3)


def test_ndcg_looks_at_ten() -> None:
    run = {"q": {f"x{rank}": 20.0 - rank for rank in range(10)} | {"a": 1.0}}
    assert ndcg_at_10({"q": {"a": 1}}, run) == 0


def test_risk_coverage_takes_ties_together() -> None:
    coverage, risk = risk_coverage([0.9, 0.5, 0.5, 0.1], [True, False, True, False])
    assert coverage.tolist() == [0.25, 0.75, 1.0]
    assert risk.tolist() == pytest.approx([0, 1 / 3, 1 / 2])


def test_aurc() -> None:
    # Risks 0, 1/3 and 1/2 over steps of coverage of 0.25, 0.5 and 0.25.
    expected = 0 * 0.25 + (1 / 3) * 0.5 + 0.5 * 0.25
    assert aurc([0.9, 0.5, 0.5, 0.1], [True, False, True, False]) == pytest.approx(expected)


def test_auroc() -> None:
    # Pairs (right, wrong): 0.9 beats both, 0.5 ties with one and beats the other.
    assert auroc([0.9, 0.5, 0.5, 0.1], [True, False, True, False]) == pytest.approx(3.5 / 4)
    assert math.isnan(auroc([0.9], [True]))


def test_calibration_error() -> None:
    # Bin 0.9-1.0: confidence 0.95, half right; bin 0.2-0.3: confidence 0.2, none right.
    found = calibration_error([0.95, 0.95, 0.2, 0.2], [True, False, False, False])
    assert found == pytest.approx(0.5 * 0.45 + 0.5 * 0.2)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60))
def test_risk_at_full_coverage_is_the_share_of_wrong_answers(
    cases: list[tuple[float, bool]],
) -> None:
    confidence, right = zip(*cases, strict=True)
    coverage, risk = risk_coverage(confidence, right)
    assert coverage[-1] == 1
    assert risk[-1] == pytest.approx(1 - np.mean(right))
    assert 0 <= aurc(confidence, right) <= 1
    assert 0 <= calibration_error(confidence, right) <= 1


def test_overlap() -> None:
    assert overlap((0, 5), (3, 9)) == 2
    assert overlap((0, 3), (3, 9)) == 0
    assert overlap((2, 4), (0, 9)) == 2


def test_table() -> None:
    assert table(["name", "n"], [["a", "10"], ["long name", "5"]]).splitlines() == [
        "| name      |  n |",
        "| --------- | -: |",
        "| a         | 10 |",
        "| long name |  5 |",
    ]
