"""The answer on a terminal."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rag.cli import _show
from rag.types import Answer
from tests.ui.test_render import QUOTE, answer, citation, claim

SHORT = (20, 32)
"""Where "green cheese" stands in ``QUOTE``."""
BOLD, DIM, PLAIN = "\x1b[1m", "\x1b[2m", "\x1b[0m"


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in (("FORCE_COLOR", "1"), ("TERM", "xterm-256color"), ("COLUMNS", "200")):
        monkeypatch.setenv(name, value)


def lines(given: Answer, capsys: pytest.CaptureFixture[str]) -> list[str]:
    _show(given)
    return capsys.readouterr().out.splitlines()


@pytest.mark.usefixtures("terminal")
def test_the_short_answer_is_bold_and_first(capsys: pytest.CaptureFixture[str]) -> None:
    first = claim(citation(1), answer_span=SHORT)
    other = replace(claim(citation(2), answer_span=(4, 8)), probability=0.12)
    shown = lines(answer(claims=[first, other]), capsys)
    assert shown[2] == f"{BOLD}green cheese{PLAIN}"
    assert shown[3].startswith(f"“{QUOTE}” ")
    assert shown[5] == f"{DIM}or, 12%: {PLAIN}{DIM}moon{PLAIN}"
    assert shown[6].startswith(f"{DIM}“{QUOTE}” {PLAIN}")


@pytest.mark.usefixtures("terminal")
def test_what_only_comes_nearest_is_not_bold(capsys: pytest.CaptureFixture[str]) -> None:
    shown = lines(answer("closest", [claim(citation(), answer_span=SHORT)]), capsys)
    assert shown[2] == f"{DIM}comes nearest: {PLAIN}green cheese"


@pytest.mark.usefixtures("terminal")
def test_items_of_a_list_are_all_bold(capsys: pytest.CaptureFixture[str]) -> None:
    asked = "Which countries were attacked?"
    first = claim(citation(1), answer_span=SHORT, more_spans=((4, 8),))
    other = claim(citation(2), answer_span=(4, 8))
    shown = lines(answer(claims=[first, other], searched=asked), capsys)
    assert shown[2] == f"{BOLD}moon, green cheese{PLAIN}"
    assert shown[5] == f"{BOLD}moon{PLAIN}"


@pytest.mark.usefixtures("terminal")
def test_a_quote_without_a_short_answer_stands_alone(capsys: pytest.CaptureFixture[str]) -> None:
    other = replace(claim(citation(2)), probability=0.12)
    shown = lines(answer(claims=[claim(citation(1)), other]), capsys)
    assert shown[2].startswith(f"“{QUOTE}” ")
    assert shown[4] == f"{DIM}or, 12%: {PLAIN}"
    assert shown[5].startswith(f"{DIM}“{QUOTE}” {PLAIN}")


@pytest.mark.usefixtures("terminal")
def test_a_document_cannot_drive_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    said = claim(citation(quote="It is \x1b[31mred\x07."), answer_span=(6, 15))
    _show(answer(claims=[said]))
    out = capsys.readouterr().out
    assert "\x1b[31m" not in out
    assert "\x07" not in out
    assert "It is \ufffd[31mred\ufffd." in out
