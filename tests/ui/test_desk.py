"""How sure Sayso must be to answer, without a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import gradio as gr
import pytest

from rag.assistant import Assistant
from rag.compose import NOT_SAID, decided
from rag.settings import Settings
from rag.types import Answer
from tests.fakes import WordEmbedder, write_files
from tests.ui.test_render import QUOTE, answer, citation, claim
from ui.desk import Desk
from ui.render import Turn


def test_another_least_confidence_changes_the_outcome_and_the_text() -> None:
    given = answer(claims=[claim(citation(), answer_span=(20, 32))], text="", confidence=0.5)
    words = f"green cheese: “{QUOTE}” [1]"
    closest = decided(given, 0.51)
    assert (closest.outcome, closest.text) == ("closest", f"{NOT_SAID}\n{words}")
    for least in (0.0, 0.5):
        answered = decided(closest, least)
        assert (answered.outcome, answered.text) == ("answered", words)
        assert (answered.claims, answered.confidence) == (given.claims, 0.5)


def test_without_a_quote_it_stays_declined() -> None:
    given = answer("declined", confidence=0.05)
    assert decided(given, 0.0) == given
    searching = answer("declined", stage="searching")
    assert decided(searching, 0.0) == searching


@pytest.fixture
def assistant(tmp_path: Path) -> Iterator[Assistant]:
    folder = write_files(tmp_path / "documents", {"a.txt": "The bridge is closed."})
    settings = Settings(documents=folder, store=tmp_path / "store", answer_threshold=0.504)
    with Assistant.open(settings=settings, embedder=WordEmbedder()) as opened:
        yield opened


def outcomes(desk: Desk, turns: tuple[Turn, ...], sure: object) -> list[str]:
    html = str(desk.decide(turns, sure))
    return [part.split('"')[0] for part in html.split('<div class="answer ')[1:]]


def turn(confidence: float) -> Turn:
    made: Answer = answer(claims=[claim(citation())], confidence=confidence)
    return Turn("q", made)


def test_until_somebody_changes_it_exactly_what_is_set_holds(assistant: Assistant) -> None:
    desk = Desk(assistant)
    assert desk.sure == 50
    turns = (turn(0.502), turn(0.504), turn(0.51))
    assert outcomes(desk, turns, 50) == ["closest", "answered", "answered"]
    assert outcomes(desk, turns, 51) == ["closest", "closest", "answered"]
    assert outcomes(desk, turns, 49) == ["answered"] * 3
    assert outcomes(desk, turns, 0) == ["answered"] * 3
    assert outcomes(desk, turns, 100) == ["closest"] * 3


@pytest.mark.parametrize("nonsense", [None, "99", -1, 101, float("nan"), {}])
def test_what_is_no_percentage_counts_as_what_is_set(
    assistant: Assistant, nonsense: object
) -> None:
    assert outcomes(Desk(assistant), (turn(0.502), turn(0.504)), nonsense) == [
        "closest",
        "answered",
    ]


def test_errors_and_open_turns_stay_as_they_are(assistant: Assistant) -> None:
    html = Desk(assistant).decide((Turn("q", error="It broke."), turn(0.9), Turn("r")), 95)
    assert "It broke." in html
    assert 'class="answer closest"' in html
    assert "Searching the documents" in html


def test_before_a_question_there_is_nothing_to_decide(assistant: Assistant) -> None:
    assert Desk(assistant).decide((), 10) == gr.skip()
