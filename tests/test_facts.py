"""What can be looked up word for word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.facts import Name, hedged, names, numbers, phrases, plain


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1,500 of 2.50 on the 3rd", {"1500", "2.5", "3"}),
        ("three drones and a dozen boats", {"3", "12"}),
        ("one of them, at first", set()),
        ("07 and 7.0", {"7"}),
        ("In 1973, 12 states", {"1973", "12"}),
        ("no number", set()),
    ],
)
def test_numbers_as_digits(text: str, expected: set[str]) -> None:
    assert numbers(text) == expected


@given(st.integers(0, 10**9))
def test_separators_do_not_matter(number: int) -> None:
    assert numbers(f"{number:,} men") == numbers(f"{number} men") == {str(number)}


def test_bounds_and_estimates() -> None:
    assert hedged("at least two arms, about 1,500 men, and 7 boats") == {"2", "1500"}
    assert hedged("more than $3 each, some of them") == {"3"}


def test_phrases_in_all_marks() -> None:
    text = "‘An open provocation’, he said; “it isn't so”, \"no\" — the men's boat"
    assert phrases(text) == ["An open provocation", "it isn't so", "no"]


def test_plain_compares_whole_words() -> None:
    assert plain("the cat") in plain("See the CAT, now.")
    assert plain("the cat") not in plain("See the cats.")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Drones were seen.", []),
        ("Drones were seen by Ann Lee.", ["Ann Lee"]),
        ("Ann Lee saw them.", ["Ann Lee"]),
        ("Iran's envoy saw Mr Ross of NATO.", ["Iran's", "Mr Ross", "NATO"]),
        ("NATO saw it.", ["NATO"]),
        ("On Friday he left.", ["Friday"]),
    ],
)
def test_names_are_capitals_that_mean_something(text: str, expected: list[str]) -> None:
    assert [name.text for name in names(text)] == expected


@pytest.mark.parametrize(
    ("name", "text", "within"),
    [
        ("Mehdi Sobhani", "the envoy Mehdi Sobhani said", True),
        ("Mehdi Hajizada", "Mehdi Sobhani and Aykhan Hajizada", False),
        ("Sobhani Mehdi", "Mehdi Sobhani", False),
        ("Iranian", "in Iran", True),
        ("Iran", "Iraqi soldiers", False),
        ("Foreign Ministry", "the Foreign Ministry", True),
        ("Turkey", "in Armenia", False),
        ("Ambassador Mehdi Sobhani", "Mehdi Sobhani, ambassador to Armenia", True),
        ("José", "Jose came", True),
    ],
)
def test_a_name_has_all_its_words_next_to_each_other(name: str, text: str, within: bool) -> None:
    assert Name(tuple(name.split())).within(text) is within
