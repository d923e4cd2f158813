"""How sure Sayso must be to answer, without a browser."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from eval.sets import Case, read_set
from rag.assistant import Assistant
from rag.compose import UNSURE, decided
from rag.settings import Settings
from rag.types import Answer
from tests.fakes import WordEmbedder, write_files
from tests.test_eval import SQUAD
from tests.ui.test_render import QUOTE, answer, citation, claim
from ui.desk import Desk
from ui.render import Turn


def test_another_least_confidence_changes_the_outcome_and_the_text() -> None:
    given = answer(claims=[claim(citation(), answer_span=(20, 32))], text="", confidence=0.5)
    words = f"green cheese: “{QUOTE}” [1]"
    closest = decided(given, 0.51)
    assert (closest.outcome, closest.text) == ("closest", f"{UNSURE}\n{words}")
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


def said(**detail: object) -> gr.EventData:
    return gr.EventData(None, detail)


def kept(assistant: Assistant) -> list[Case]:
    file = assistant.store_folder / "feedback.jsonl"
    return list(read_set(str(file), file).cases) if file.exists() else []


def test_what_is_said_of_answers_grows_a_set(assistant: Assistant) -> None:
    desk = Desk(assistant)
    turns = (turn(0.9), Turn("Who?", answer("declined", confidence=0.01)), turn(0.2))
    for number, right, correction in ((0, 1, ""), (1, 1, ""), (2, 0, " green <b>cheese ")):
        event = said(turn=number, right=right, correction=correction)
        turns, html = desk.judge(turns, 50, event)
    assert html.count("Noted, thank you.") == 3
    first, second, third = kept(assistant)
    assert (first.question, first.answerable) == (turns[0].answer.question, True)
    assert [quote.quote for quote in first.quotes] == [QUOTE]
    assert (second.answerable, second.answers, second.history) == (False, (), ("q",))
    assert (third.answerable, third.answers, third.quotes) == (True, ("green <b>cheese",), ())
    assert third.history == ("q", "Who?")
    assert len({case.id for case in kept(assistant)}) == 3


def test_what_is_wrong_without_a_correction_tells_no_answer(assistant: Assistant) -> None:
    Desk(assistant).judge((turn(0.9),), 50, said(turn=0, right=0, correction=" "))
    (case,) = kept(assistant)
    assert (case.answerable, case.answers, case.quotes) == (None, (), ())
    assert "said to be wrong" in case.tags


@pytest.mark.parametrize(
    "detail", [{}, {"turn": 3, "right": 1}, {"turn": -1, "right": 1}, {"turn": "x", "right": 1}]
)
def test_nonsense_is_not_noted(assistant: Assistant, detail: dict[str, object]) -> None:
    skipped = (gr.skip(), gr.skip())
    assert Desk(assistant).judge((turn(0.9),), 50, said(**detail)) == skipped
    open_turn = (Turn("q"),)
    assert Desk(assistant).judge(open_turn, 50, said(turn=0, right=1)) == skipped
    assert kept(assistant) == []


def test_an_answer_is_judged_once(assistant: Assistant) -> None:
    desk = Desk(assistant)
    turns, _ = desk.judge((turn(0.9),), 50, said(turn=0, right=1))
    desk.judge(turns, 50, said(turn=0, right=0))
    assert len(kept(assistant)) == 1


def test_what_cannot_be_noted_is_said_and_the_answer_stays(assistant: Assistant) -> None:
    (assistant.store_folder / "feedback.jsonl").mkdir()
    turns, html = Desk(assistant).judge((turn(0.9),), 50, said(turn=0, right=1))
    assert "This could not be noted" in html
    assert turns[0].answer is not None


def shown_by(events: Iterator[Any]) -> tuple[list[str], str]:
    """What is told along the way, and the report in the end."""
    values = list(events)
    return [str(told) for _, told, _ in values], str(values[-1][2])


def test_a_set_is_asked_and_its_report_shown(assistant: Assistant, tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    file.write_text("question,answer\nWhat is closed?,the bridge\nWho won?,\n", "utf-8")
    told, report = shown_by(Desk(assistant).evaluate(str(file)))
    assert "2 questions asked" in told[-1]
    assert "What is closed?" in report
    assert "&quot;expected&quot;:&quot;the bridge&quot;" in report
    assert not file.exists()
    kept = json.loads((assistant.store_folder / "evaluation" / "results.json").read_text("utf-8"))
    assert [case["case"]["question"] for case in kept["cases"]] == ["What is closed?", "Who won?"]


def test_what_was_judged_can_be_asked_again(assistant: Assistant) -> None:
    desk = Desk(assistant)
    told, report = shown_by(desk.evaluate_feedback())
    assert "Nothing has been said" in told[-1]
    assert report == ""
    desk.judge((Turn("q", answer("declined", confidence=0.01)),), 50, said(turn=0, right=1))
    told, report = shown_by(desk.evaluate_feedback())
    assert "1 question asked" in told[-1]
    assert "said to be right" in report


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("mine.csv", "asked,told\na,b\n", "question"),
        ("mine.jsonl", "{", "line 1"),
        ("mine.json", json.dumps(SQUAD), "documents of its own"),
    ],
)
def test_a_set_that_does_not_fit_is_refused(
    assistant: Assistant, tmp_path: Path, name: str, content: str, message: str
) -> None:
    file = tmp_path / name
    file.write_text(content, "utf-8")
    told, report = shown_by(Desk(assistant).evaluate(str(file)))
    assert message in told[-1]
    assert "notice bad" in told[-1]
    assert report == ""


def test_one_evaluation_at_a_time(assistant: Assistant, tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    file.write_text("question,answer\nWhat is closed?,the bridge\n", "utf-8")
    desk = Desk(assistant)
    with desk._evaluating:
        told, _ = shown_by(desk.evaluate(str(file)))
    assert "Another evaluation is running" in told[-1]


def test_without_a_file_nothing_is_asked(assistant: Assistant) -> None:
    assert list(Desk(assistant).evaluate(None)) == [(gr.skip(), gr.skip(), gr.skip())]


def test_before_a_question_there_is_nothing_to_decide(assistant: Assistant) -> None:
    assert Desk(assistant).decide((), 10) == gr.skip()


# --- Whose words are asked for --------------------------------------------------------------


def test_a_chosen_speaker_is_asked_alone(assistant: Assistant) -> None:
    write_files(
        assistant.settings.documents,
        {"b.txt": "Mayor Ann Lee said that the mill is shut. Bo Day said that the mill is open."},
    )
    assistant.sync()
    desk = Desk(assistant)
    speaker, chip = desk.only(said(speaker="Ann Lee"))
    assert speaker == "Ann Lee"
    assert "Only what <bdi>Ann Lee</bdi> says" in chip
    turns, _, _ = desk.begin("Is the mill open?", (), 0, speaker)
    *_, (turns, html, _, _, _) = desk.answer(turns, 0)
    assert turns[0].speaker == "Ann Lee"
    named = {claim.speaker.name for claim in turns[0].answer.claims if claim.speaker}
    assert named <= {"Ann Lee"}
    assert "Only what <bdi>Ann Lee</bdi> says" in html


@pytest.mark.parametrize("detail", [{}, {"speaker": ""}, {"speaker": "  "}])
def test_no_speaker_is_everybody(assistant: Assistant, detail: dict[str, object]) -> None:
    assert Desk(assistant).only(said(**detail)) == ("", "")


def test_a_new_conversation_is_about_everybody(assistant: Assistant) -> None:
    turns, _, _, current, _, speaker, chip = Desk(assistant).clear()
    assert (turns, current, speaker, chip) == ((), "", "", "")


@pytest.mark.parametrize(("start", "end"), [(4, 10), (-5, 10**9), (10, 4), ("x", 1)])
def test_a_statement_is_shown_within_its_document(
    assistant: Assistant, start: object, end: object
) -> None:
    (entry,) = assistant.documents()
    html = Desk(assistant).show((), said(document=entry.id, **{"from": start, "to": end}))
    assert html.count("<mark") == (start in (4, -5))


def test_after_an_answer_without_a_quote_no_source_is_shown(assistant: Assistant) -> None:
    desk = Desk(assistant)
    turns, _, _ = desk.begin("Zebra?", (), 0)
    *_, (turns, _, panel, _, _) = desk.answer(turns, 0)
    assert turns[0].answer.claims == ()
    assert 'class="source none"' in panel


# --- Conversations that are kept ------------------------------------------------------------


def asked(desk: Desk, question: str, turns: Any = (), current: str = "") -> tuple[Any, str, str]:
    """Turns, conversation and list after a question."""
    turns, _, _ = desk.begin(question, turns, 0)
    *_, (turns, _, _, current, listed) = desk.answer(turns, 0, current)
    return turns, current, listed


def test_turns_are_kept_in_one_conversation_that_can_be_opened_again(assistant: Assistant) -> None:
    desk = Desk(assistant)
    turns, current, _ = asked(desk, "Is the bridge closed?")
    turns, same, listed = asked(desk, "Why?", turns, current)
    assert same == current
    assert "2 questions" in listed
    opened, html, panel, id, _ = desk.kept.open((), 0, "", said(conversation=current))
    assert id == current
    assert [turn.answer for turn in opened] == [turn.answer for turn in turns]
    assert "Why is the bridge closed?" in html
    assert "The bridge is closed." in panel
    _, other, listed = asked(desk, "Another?")
    assert other != current
    assert "2 conversations" in listed


def test_a_source_that_changed_or_went_shows_what_it_was(assistant: Assistant) -> None:
    desk = Desk(assistant)
    _, current, _ = asked(desk, "Is the bridge closed?")
    file = assistant.settings.documents / "a.txt"
    file.write_text("The bridge is open again.", "utf-8")
    assistant.sync()
    opened, _, panel, _, _ = desk.kept.open((), 0, "", said(conversation=current))
    assert "This document has changed since. This is the text as it was cited." in panel
    assert ">The bridge is closed.</mark>" in panel.replace("<em>", "").replace("</em>", "")
    file.unlink()
    assistant.sync()
    shown = desk.show(opened, said(turn=0, marker=1))
    assert "This document is gone by now." in shown


def test_a_correction_asks_the_same_question_with_another_search(assistant: Assistant) -> None:
    desk = Desk(assistant)
    turns, current, _ = asked(desk, "Is the bridge closed?")
    turns, current, _ = asked(desk, "Why?", turns, current)
    turns, _, html = desk.correct(turns, 0, said(turn=1, correction=" Who closed the bridge? "))
    assert "Searching the documents" in html
    *_, (turns, html, _, _, _) = desk.answer(turns, 0, current)
    last = turns[-1].answer
    assert (last.question, last.searched) == ("Why?", "Who closed the bridge?")
    assert "Searched for: <q" in html
    assert len(assistant.conversations.get(current)) == 3


@pytest.mark.parametrize(
    "detail", [{}, {"turn": 9, "correction": "x"}, {"turn": 0, "correction": " "}, {"turn": "x"}]
)
def test_no_correction_asks_nothing(assistant: Assistant, detail: dict[str, object]) -> None:
    assert Desk(assistant).correct((turn(0.9),), 0, said(**detail)) == (gr.skip(),) * 3


def test_renaming_exporting_and_deleting(assistant: Assistant) -> None:
    desk = Desk(assistant)
    _, current, _ = asked(desk, "Is the bridge closed?")
    assert "<bdi>&lt;b&gt;Mine</bdi>" in desk.kept.rename(
        "", said(conversation=current, correction="<b>Mine")
    )
    assert "<bdi>&lt;b&gt;Mine</bdi>" in desk.kept.rename(
        "", said(conversation=current, correction=" ")
    )
    link, _ = desk.kept.export("", said(conversation=current))
    assert f'download="conversation-{current}.md"' in link
    assert "data:text/markdown;charset=utf-8,%23%20" in link
    _, other, _ = asked(desk, "Another?")
    skipped = desk.kept.delete((), other, said(conversation=current))
    assert skipped[:3] == (gr.skip(),) * 3
    assert skipped[3] == other
    turns, html, _, left, listed = desk.kept.delete((), other, said(conversation=other))
    assert (turns, left) == ((), "")
    assert "Ask your documents" in html
    assert "None yet." in listed


def test_what_is_being_answered_is_not_deleted_and_never_stays_open(assistant: Assistant) -> None:
    desk = Desk(assistant)
    turns, current, _ = asked(desk, "Is the bridge closed?")
    _, other, _ = asked(desk, "Another?")
    turns, _, _ = desk.begin("Why?", turns, 0)
    assert turns[-1].is_open
    *kept, listed = desk.kept.delete(turns, current, said(conversation=current))
    assert kept == [gr.skip()] * 3 + [current]
    assert "Stop it first" in listed
    assert "2 conversations" in listed
    *kept, listed = desk.kept.delete(turns, current, said(conversation=other))
    assert kept == [gr.skip()] * 3 + [current]  # the answer goes on
    assert "2 conversations" not in listed
    stopped, html, _, same, told = desk.kept.open(turns, 0, current, said(conversation=other))
    assert f"There is no conversation {other}" in told
    assert (same, stopped[-1].is_open, stopped[:-1]) == (current, False, turns[:-1])
    assert "It was stopped before it was done." in html


def test_what_is_gone_is_said_and_nothing_is_lost(assistant: Assistant) -> None:
    desk = Desk(assistant)
    turns, current, _ = asked(desk, "Is the bridge closed?")
    assistant.conversations.delete(current)  # in another window
    for told in (
        desk.kept.open((), 0, "", said(conversation=current))[-1],
        desk.kept.rename("", said(conversation=current, correction="x")),
        desk.kept.delete((), "", said(conversation=current))[-1],
        desk.kept.export("", said(conversation=current))[-1],
    ):
        assert f"There is no conversation {current}" in told
    _, anew, listed = asked(desk, "Why?", turns, current)
    assert anew not in ("", current)
    assert "1 conversation kept" in listed


def test_what_cannot_be_kept_is_answered_all_the_same(assistant: Assistant) -> None:
    (assistant.store_folder / "conversations.sqlite").write_bytes(b"no database" * 500)
    desk = Desk(assistant)
    turns, _, _ = desk.begin("Is the bridge closed?", (), 0)
    *_, (turns, html, _, current, _) = desk.answer(turns, 0, "")
    assert current == ""
    assert "The bridge is" in html
    assert "This turn could not be kept: The conversations in" in html
    assert "Move the file away" in desk.kept.listed("")
