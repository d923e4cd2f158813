"""What kind of answer a question asks for."""

from __future__ import annotations

import pytest

from rag.question import fits, is_question, plainly, rules_out, wants_several


@pytest.mark.parametrize(
    ("question", "said", "expected"),
    [
        ("How many bridges were closed?", "12", 1),
        ("How many bridges were closed?", "a dozen", 1),
        ("How many bridges were closed?", "the old bridges", -1),
        ("What percentage of the votes was counted?", "81%", 1),
        ("When was the bridge closed?", "on Monday", 1),
        ("When was the bridge closed?", "in 1963", 1),
        ("When was the bridge closed?", "the mayor", -1),
        ("When was the bridge closed?", "£21,950", -1),
        ("When was the bridge closed?", "6.30pm", 1),
        ("When was the bridge closed?", "12.5.1999", 1),
        ("When was the bridge closed?", "40%", -1),
        ("When was the bridge closed?", "300 people", -1),
        ("In which year did it open?", "27 June", 1),
        ("Who closed the bridge?", "Jana Novak", 1),
        ("Who closed the bridge?", "small number", -1),
        ("Where is the bridge?", "Prague", 1),
        ("Which city has the bridge?", "the river", -1),
        ("What was closed?", "the bridge", 0),
        ("Why was it closed when it rained?", "it leaked", -1),  # nothing tells that it is why
        ("", "anything", 0),
        ("Who?", "", -1),
        ("Why did she leave?", "because it rained", 1),
        ("what was the reason for it", "to avoid the rain", 1),
        ("Why did she leave?", "the mayor of Norton", -1),
    ],
)
def test_an_answer_is_of_the_kind_asked_for_or_not(
    question: str, said: str, expected: float
) -> None:
    assert fits(question, said) == expected


@pytest.mark.parametrize(
    ("question", "said", "vague"),
    [
        ("In which year did it open?", "27 June", True),
        ("In which year did it open?", "27 June 1963", False),
        ("What year was it?", "in the same year", False),
        ("What year was it?", "79 AD", False),
        ("Exactly how many boats sank?", "zero", False),
        ("When did it open?", "27 June", False),
        ("What was the exact number of boats?", "a small number", True),
        ("Exactly how many boats sank?", "some", True),
        ("Exactly how many boats sank?", "twenty-one", False),
        ("How many boats sank?", "a small number", False),
    ],
)
def test_what_is_too_vague_for_a_question(question: str, said: str, vague: bool) -> None:
    assert rules_out(question, said) is vague


@pytest.mark.parametrize(
    ("question", "plain"),
    [
        ("Can you tell me who the captain is?", "Who the captain is?"),
        ("Hello, could you please tell me when it opened?", "When it opened?"),
        ("Do you know how many sank?", "How many sank?"),
        ("I'd like to know why it sank.", "Why it sank."),
        ("Does anyone know whether it sank?", "Does anyone know whether it sank?"),
        ("Did Lee tell him who sank it?", "Did Lee tell him who sank it?"),
        ("Who sank it?", "Who sank it?"),
        ("", ""),
    ],
)
def test_words_around_a_question_are_left_out(question: str, plain: str) -> None:
    assert plainly(question) == plain


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("Hello!", False),
        ("thanks a lot", False),
        ("Good morning, everyone", False),
        ("?", False),
        (" ", False),
        ("why?", True),
        ("Hello, who is the mayor?", True),
        ("the fire", True),
        ("No", True),
    ],
)
def test_a_greeting_is_no_question(text: str, asks: bool) -> None:
    assert is_question(text) is asks


def test_who_attended_asks_for_several() -> None:
    assert wants_several("Who attended the opening?")
    assert not wants_several("Who opened it?")
