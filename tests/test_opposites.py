"""Texts that say the opposite of what a question takes for granted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.opposites import ANTONYMS, antonyms, opposed


@pytest.mark.parametrize(
    ("question", "text"),
    [
        # A negation that the text has not.
        ("What did Britain not do?", "Britain floated the pound."),
        ("Who wasn’t hurt?", "Ann Lee was hurt."),
        ("Which ship never sailed?", "The ship Vega sailed in May."),
        # A word whose opposite stands in its place.
        ("Who accepted the plan?", "The court rejected the plan."),
        ("Who came FIRST?", "Last came Ann."),
        ("What is public about the road?", "The road is private."),
        # A prefix, on either side.
        ("Why is the bridge safe?", "It is unsafe."),
        ("Which regions have non-temperate climates?", "It is a temperate climate."),
        ("What do unstable isotopes show?", "Stable isotopes show the age."),
        ("Who was dishonest?", "She was honest."),
        # Another one's.
        (
            "Who is the ambassador to Norland?",
            "Norland rebuked the ambassador to Sudland, Ann Lee.",
        ),
        ("How many were killed in Oslo?", "Forty were killed in Bergen."),
    ],
)
def test_opposed(question: str, text: str) -> None:
    assert opposed(question, text)


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("What did Britain do?", "Britain floated the pound."),
        # A negation in the text alone, or in both.
        ("Who was hurt?", "Nobody was hurt."),
        ("What did she not allow?", "She did not allow the sale."),
        ("Who came in no longer than an hour?", "Ann came in half an hour."),
        # Both of the pair, on one of the sides.
        ("Who came first?", "First came Ann, last came Ben."),
        ("Did it rise or fall?", "It will fall."),
        ("Was it legal or illegal?", "It was illegal."),
        # The other side of one story.
        ("Who bought the ship?", "Ann sold the ship to Ben."),
        # No prefixes: too short a word, or a word of its own.
        ("What runs to the river?", "The road runs into the river."),
        ("What is able to burn?", "What stands on the table."),
        # One place by two names, one of the places, and a place that the text names elsewhere.
        ("Who drew up the law of the EU?", "Ann Lee drew up the law of the European Union."),
        ("Who is the mayor of Oslo?", "The mayor of Oslo met the mayor of Bergen."),
        ("How many were killed in Oslo?", "Oslo mourns forty killed in Norway."),
        ("", ""),
    ],
)
def test_not_opposed(question: str, text: str) -> None:
    assert not opposed(question, text)


def test_opposites_are_mutual() -> None:
    assert antonyms("hot cold; hot cool") == {
        "hot": ["cold", "cool"],
        "cold": ["hot"],
        "cool": ["hot"],
    }
    assert all(word in ANTONYMS[other] for word, others in ANTONYMS.items() for other in others)
    assert all(word == word.casefold() for word in ANTONYMS)


@given(st.text())
def test_a_text_is_not_the_opposite_of_itself(text: str) -> None:
    assert not opposed(text, text)
