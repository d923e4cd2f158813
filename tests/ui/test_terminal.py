"""The answer on a terminal."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rag.cli import _show
from rag.types import Answer, Sentence, Speaker
from tests.ui.test_render import QUOTE, answer, citation, claim

SHORT = (20, 32)
"""Where "green cheese" stands in ``QUOTE``."""
BOLD, DIM, PLAIN = "\x1b[1m", "\x1b[2m", "\x1b[0m"


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in (("FORCE_COLOR", "1"), ("TERM", "xterm-256color"), ("COLUMNS", "200")):
        monkeypatch.setenv(name, value)


def lines(given: Answer, capsys: pytest.CaptureFixture[str], *, removed: bool = False) -> list[str]:
    _show(given, removed=removed)
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


# -- what a language model wrote -------------------------------------------------------------

SAYS = "Cheese is what the moon is made of."


def prose(**given: object) -> Answer:
    """An answer in two written sentences, of which one is somebody's word."""
    told = Sentence(SAYS, "supported", cited=(1,))
    other = Sentence("Poe says that it is green.", "moved", cited=(2,), told=True)
    poe = Speaker("Edgar Poe", "poet", 0, 0)
    claims = [
        claim(citation(1), written=told),
        claim(citation(2), written=other, speaker=poe, position="says"),
    ]
    return answer(claims=claims, written_by="tiny", **given)


@pytest.mark.usefixtures("terminal")
def test_a_written_sentence_comes_with_the_words_that_it_stands_on(
    capsys: pytest.CaptureFixture[str],
) -> None:
    shown = lines(prose(), capsys)
    assert shown[2].startswith(f"{BOLD}{SAYS}{PLAIN} ")
    assert "[1]" in shown[2]
    assert shown[3] == f"    {DIM}“{QUOTE}”{PLAIN}"
    assert shown[5].startswith(f"{BOLD}Poe says that it is green.{PLAIN} ")
    assert shown[6] == f"    {DIM}Edgar Poe, poet: “{QUOTE}”{PLAIN}"
    assert "or, 80%" not in "".join(shown)  # they do not compete
    assert shown[-1] == f"{DIM}written by tiny, from these words{PLAIN}"


@pytest.mark.usefixtures("terminal")
def test_a_sentence_that_hides_whose_word_it_is_is_told_so(
    capsys: pytest.CaptureFixture[str],
) -> None:
    given = prose()
    second = given.claims[1]
    assert second.written is not None
    hidden = replace(second, written=replace(second.written, told=False))
    shown = lines(replace(given, claims=(given.claims[0], hidden)), capsys)
    assert "According to Edgar Poe, poet: " in shown[5]


@pytest.mark.usefixtures("terminal")
def test_what_was_removed_is_counted_and_listed_on_demand(
    capsys: pytest.CaptureFixture[str],
) -> None:
    gone = Sentence("The moon is \x1b[31mred.", "unsupported", "red is not in the passage")
    given = prose(removed=(gone, gone), note="The language model tiny did not answer: \x07.")
    counted = lines(given, capsys)
    assert "2 sentences removed, which no passage carries; --removed lists what" in counted[-1]
    assert "did not answer: \ufffd." in counted[-2]
    listed = lines(given, capsys, removed=True)
    assert "2 sentences removed, which no passage carries:" in listed[-3]
    assert "The moon is \ufffd[31mred." in listed[-1]
    assert "(red is not in the passage)" in listed[-1]


@pytest.mark.usefixtures("terminal")
def test_without_a_model_nothing_is_said_of_one(capsys: pytest.CaptureFixture[str]) -> None:
    shown = "".join(lines(answer(claims=[claim(citation(1))]), capsys))
    assert "written" not in shown
    assert "removed" not in shown
