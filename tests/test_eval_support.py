"""How the checker is measured: fits, measures and the sets that nothing was trained on."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from eval import support
from eval.support import PASSES, Judged, fitted, measured
from eval.training.claims import HELD_ROWS, Claim
from rag.errors import SaysoError
from rag.support import Calibration
from tests.fakes import write_files


def claims(carried: list[bool]) -> list[Claim]:
    return [Claim("", "x", "", "x", one, "x", None, "x/y") for one in carried]


def test_the_threshold_lets_few_of_the_unsupported_pass() -> None:
    dice = np.random.default_rng(1)
    scores = np.concatenate([dice.normal(2, 1, 500), dice.normal(-2, 1, 1000)])
    truths = claims([True] * 500 + [False] * 1000)
    fit = fitted(scores[:, None], truths)
    assert fit.weights[0] > 0
    passing = np.array([fit.probability([one]) >= fit.threshold for one in scores])
    assert PASSES - 0.005 <= passing[500:].mean() <= PASSES
    assert passing[:500].mean() > 0.9
    # Those of which nothing can be told do not count.
    unknown = np.concatenate([scores, [np.nan] * 300])
    assert fitted(unknown[:, None], truths + claims([False] * 300)) == fit


def test_where_all_look_alike_none_passes() -> None:
    fit = fitted(np.array([[1.0], [1.0], [1.0], [0.0]]), claims([True, True, False, False]))
    assert fit.probability([1.0]) < fit.threshold <= 1


def test_measures_by_hand() -> None:
    four = claims([True, True, False, False])
    scores = dict(zip(map(id, four), np.array([[3.0], [-1.0], [1.0], [-2.0]]), strict=True))
    found = measured(Judged(Calibration((1.0,), 0.0, 0.9, ""), scores), four)
    assert found["AUROC"] == 0.75
    assert (found["P"], found["R"], found["F1"]) == (0.5, 0.5, 0.5)
    assert (found["recall"], found["pass"]) == (0.5, 0.0)
    nothing = dict.fromkeys(scores, np.array([np.nan]))
    assert measured(Judged(Calibration((1.0,), 0.0, 0.9, ""), nothing), four) == {}


def test_rows_held_out_are_halved_and_told_in_the_same_words(tmp_path: Path) -> None:
    row = {
        "knowledge": "The Oberoi Group is a hotel company based in Delhi.",
        "question": "In which city is the Oberoi Group based?",
        "right_answer": "Delhi",
        "hallucinated_answer": "The Oberoi Group is based in Mumbai.",
    }
    empty = json.dumps({"data": []})
    write_files(
        tmp_path,
        {
            "halueval_qa.jsonl": "\n".join([json.dumps(row)] * (HELD_ROWS + 40)),
            "qed_train.jsonl": "",
            "squadshifts_new_wiki.json": empty,
            "squadshifts_reddit.json": empty,
            "squadshifts_amazon_reviews.json": empty,
        },
    )
    sets = support.held(tmp_path)
    rows = {
        name: {int(claim.article.removeprefix("halueval/")) for claim in found}
        for name, found in sets.items()
    }
    assert rows["calibration"] | rows["halueval"] == set(range(HELD_ROWS, HELD_ROWS + 40))
    assert not rows["calibration"] & rows["halueval"]
    assert rows["halueval, same words"] == rows["halueval"]
    said = {(claim.sentence, claim.carried) for claim in sets["halueval"]}
    assert said == {("Delhi", True), ("The Oberoi Group is based in Mumbai.", False)}
    said = {(claim.sentence, claim.carried) for claim in sets["halueval, same words"]}
    assert said == {
        ("The Oberoi Group is based in Delhi.", True),
        ("The Oberoi Group is based in Mumbai.", False),
    }


def test_what_are_no_weights_is_named(tmp_path: Path) -> None:
    with pytest.raises(SaysoError, match="nothing"):
        support.run(tmp_path, tmp_path, tmp_path, tmp_path / "nothing", False)
    (tmp_path / "text").write_text("x")
    with pytest.raises(SaysoError, match="no weights"):
        support.run(tmp_path, tmp_path, tmp_path, tmp_path / "text", False)
