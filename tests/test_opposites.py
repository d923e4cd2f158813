"""Texts that say the opposite of what a question takes for granted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.opposites import ANTONYMS, antonyms, opposed, taken_back, turns_round


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
        ("Who is president of France?", "Ann Lee is president of the Republic of France."),
        ("Who is king of Britain?", "Bo Day is king of the United Kingdom."),
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


@pytest.mark.parametrize(
    ("question", "text", "said", "back"),
    [
        ("Who will pay?", "He said the town would not pay for it.", "the town", True),
        ("Who approved it?", "The trustees never approved the sale.", "The trustees", True),
        ("Who came?", "Neither Ann Lee nor Bo Day came.", "Neither Ann Lee nor Bo Day", True),
        ("When was it sold?", "Had they sold it in 2019, it would have been cheap.", "2019", True),
        ("How many sank?", "If it had hit, forty boats would have sunk.", "forty", True),
        ("What would it have cost?", "Had they sold it, it would have cost 2.", "2", False),
        ("Who was hurt?", "No one was hurt.", "No one", False),
        ("Who did not come?", "Ann Lee did not come.", "Ann Lee", False),
        ("Who came?", "Not only Ann Lee came; Bo Day came, too.", "Ann Lee", False),
        ("Who paid?", "Ann Lee paid, which nobody knew.", "Ann Lee", False),
        ("How many were hurt?", "In 2012 it did not close, but 12 were hurt.", "12", False),
        ("Who refused to pay?", "The town would not pay.", "The town", False),
        ("Where is it?", "The museum in Oslo is not open on Mondays.", "Oslo", False),
        ("Who died?", "Ann Lee wrote that if she had stayed she would have won.", "Ann Lee", False),
    ],
)
def test_what_the_text_denies_of_an_answer_takes_it_back(
    question: str, text: str, said: str, back: bool
) -> None:
    start = text.rindex(said)
    assert taken_back(question, text, start, start + len(said)) is back


@pytest.mark.parametrize("piece", ["if x had ", "If had ", "Had a if had ", "a-", "to the A of "])
def test_no_text_takes_long(piece: str) -> None:
    text = (piece * 20_000)[:20_000] + " would have"
    taken_back("Who came?", text, 3, 5)
    assert not opposed("Who came to A?", text)


@pytest.mark.parametrize(
    ("question", "text", "turned"),
    [
        ("Is it safe?", "It is unsafe.", True),
        ("Did prices rise?", "Prices have fallen.", True),
        ("Did Acme expand abroad?", "Acme had a contract to grow abroad.", False),
        ("Did it know of the fire?", "It hired inspectors and knew.", False),
        ("Will they come?", "Their income rose.", False),
        ("Does it pose a risk?", "They impose rules for the risk.", False),
    ],
)
def test_what_cannot_be_so_at_once(question: str, text: str, turned: bool) -> None:
    assert turns_round(question, text) is turned
