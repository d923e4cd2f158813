"""The list of given names: what is made of counts, and what is shipped."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eval import given_names
from rag.errors import SaysoError
from rag.speech import given


def test_names_that_nearly_all_bearers_of_one_gender_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = {
        "rita": [20, 5000, 0.999, 3],
        "paul": [20, 5000, 0.001, 3],
        "robin": [20, 5000, 0.4, [0, 2]],
        "rare": [20, 5, 1.0, 3],  # too few bearers
        "seldom": [2, 5000, 1.0, 3],  # of too few sources
        "rita-ann": [20, 5000, 1.0, 3],  # not one word
    }
    source, target = tmp_path / "name_data.json", tmp_path / "given.json"
    source.write_text(json.dumps(counts), "utf-8")
    monkeypatch.setattr(given_names, "_counts", lambda: source)
    monkeypatch.setattr(given_names, "FILE", target)
    assert given_names.run() == 0
    assert json.loads(target.read_text("utf-8")) == {
        "he": "paul",
        "she": "rita",
        "either": "robin",
    }


def test_a_missing_package_is_named_with_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(given_names, "_PACKAGE", "no-such-package-for-sayso")
    with pytest.raises(SaysoError, match=r"no-such-package-for-sayso .* 'sayso\[names\]'"):
        given_names.run()


def test_no_name_is_in_two_lists() -> None:
    found = json.loads(given.FILE.read_text("utf-8"))
    lists = [found[key].split() for key in ("he", "she", "either")]
    assert sum(map(len, lists)) == len({name for names in lists for name in names}) > 20_000
