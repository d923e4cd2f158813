"""Passages point exactly into their document, whatever it holds, and none is too long."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rag.embed import PACKAGED, load_embedder
from rag.split import sentences, split
from rag.types import Document, Passage
from tests.fakes import WordEmbedder

TokenSpans = Callable[[str], Sequence[tuple[int, int]]]

ODD = [
    "He said: “It is over. We go home.” ",
    "“Never closed, said no one. ",
    "(An aside. With two sentences.) ",
    "The same sentence again. ",
    "Dr. Smith et al. paid 3.5 million, i.e. too much... ",
    "\r\n",
    "\r",
    "\n\n",
    "\t",
    "\u200b",  # zero width
    "\u2028",
    "\u00a0",
    "\u3000",
    "\u00ad",  # soft hyphen
    "\ufeff",
    "e\u0301\u0302\u0303",  # combining marks
    "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 ",  # astral
    "👩‍👩‍👧‍👦🇺🇳 ",
    "שלום עולם. ",
    "مرحبا بالعالم؟ ",
    "今日は良い天気です。明日も。",
    "สวัสดีชาวโลก",
    "ǅſﬁ㎏İıß ",  # characters that change length in lower case or when normalised
    "x" * 130,
    "q7z" * 40,
    "a" * 99 + "b ",
    "-" * 70,
    "...!?!?",
    " ",
]
texts = st.lists(
    st.one_of(
        st.sampled_from(ODD),
        st.text(max_size=12),
        st.text("abc ", max_size=40),
        st.text("abcdefgh'", min_size=20, max_size=260),
    ),
    max_size=30,
).map(lambda parts: "".join(parts).replace("\0", ""))


MARKS = re.compile(r"[\s|*_#=~+<>•·:-]*")
"""Marks of items, headings and rows, and lines of nothing but marks: no part of a sentence."""


def check(
    text: str, spans: TokenSpans, max_tokens: int, language: str = "en", *, counted: bool = True
) -> list[Passage]:
    document = Document("0" * 64, "a.txt", "A", text)
    passages = split(document, spans, max_tokens=max_tokens, language=language)
    at = 0
    for passage in passages:
        assert (passage.id, passage.document_id) == (0, document.id)
        assert at <= passage.start < passage.end <= len(text)
        assert MARKS.fullmatch(text, at, passage.start)
        assert text[passage.start : passage.end] == passage.text
        assert passage.text.strip() == passage.text
        assert passage.sentences
        inside = passage.start
        for start, end in passage.sentences:
            assert inside <= start < end <= passage.end
            assert MARKS.fullmatch(text, inside, start)
            assert text[start:end].strip() == text[start:end]
            inside = end
        assert inside == passage.end
        if counted:
            assert len(spans(passage.text)) <= max_tokens
        at = passage.end
    assert MARKS.fullmatch(text, at)
    return passages


@given(
    st.lists(st.sampled_from([*"-*+|#•.:", " ", "\n", "Ann", "rain", "2.", "10:32"])),
    st.integers(16, 60),
)
def test_lists_and_tables_are_split_exactly(parts: list[str], max_tokens: int) -> None:
    check("".join(parts), WordEmbedder().token_spans, max_tokens)


@given(texts, st.integers(16, 60))
def test_passages_are_exact_and_small_enough(text: str, max_tokens: int) -> None:
    check(text, WordEmbedder().token_spans, max_tokens)


@given(texts, st.sampled_from(["de", "zh", "ar", "xx"]))
def test_passages_are_exact_in_any_language(text: str, language: str) -> None:
    check(text, WordEmbedder().token_spans, 16, language)


@pytest.mark.model
@given(texts, st.integers(16, 60))
@example("x" * 300, 16)
@example("q7z" * 400 + " " + "one two " * 100, 128)
def test_passages_are_exact_by_the_models_own_tokens(text: str, max_tokens: int) -> None:
    check(text, load_embedder(PACKAGED).token_spans, max_tokens, counted=False)


@pytest.mark.model
@given(texts, st.integers(16, 60))
@example("x" * 300, 16)
@example("q7z" * 400 + " " + "one two " * 100, 128)
def test_passages_are_small_enough_by_the_models_own_count(text: str, max_tokens: int) -> None:
    check(text, load_embedder(PACKAGED).token_spans, max_tokens)


@pytest.mark.model
@pytest.mark.parametrize("text", ["q7z" * 33_334, "word " * 20_000, "北京" * 20_000, "é" * 50_000])
def test_a_very_long_line_is_cut_small_enough_for_the_model(text: str) -> None:
    passages = check(text, load_embedder(PACKAGED).token_spans, 128)
    assert len(passages) > 20


@pytest.mark.parametrize("text", ["", " ", "\n\r\n\t\u00a0"])
def test_no_text_no_passage(text: str) -> None:
    assert check(text, WordEmbedder().token_spans, 16) == []


def test_a_line_of_100_000_characters_without_spaces() -> None:
    passages = check("x" * 100_000, WordEmbedder().token_spans, 128)
    # One "word" of the tokenizer must not pass for one token.
    assert max(len(passage.text) for passage in passages) <= 128 * 16
    assert len(passages) == 49


def test_a_line_of_100_000_characters_is_cut_between_words() -> None:
    text = "lorem " * 16_667
    passages = check(text, WordEmbedder().token_spans, 128)
    assert len(passages) == 131
    assert {word for passage in passages for word in passage.text.split()} == {"lorem"}


def test_each_copy_of_a_repeated_sentence_has_its_own_place() -> None:
    sentence = "We said it before. "
    passages = check(sentence * 500, WordEmbedder().token_spans, 50)
    spans = [span for passage in passages for span in passage.sentences]
    width = len(sentence)
    assert spans == [(n * width, n * width + width - 1) for n in range(500)]
    assert all(len(passage.sentences) == 10 for passage in passages)


def test_windows_line_ends_count() -> None:
    text = "First line.\r\nSecond line.\r\n\r\nThird.\r\n"
    (passage,) = check(text, WordEmbedder().token_spans, 50)
    assert [text[start:end] for start, end in passage.sentences] == [
        "First line.",
        "Second line.",
        "Third.",
    ]
    assert passage.text == "First line.\r\nSecond line.\r\n\r\nThird."


def test_a_quotation_stays_with_its_speaker() -> None:
    said = "“It is not safe. It never was,” said Jana Novak, the town engineer."
    text = f"The bridge is closed. {said} Repairs take a year."
    assert [text[start:end] for start, end in sentences(text)] == [
        "The bridge is closed.",
        said,
        "Repairs take a year.",
    ]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        # A headline and a byline above the text, without an empty line.
        (
            "Storm hits the coast\nBy Ann Lee\nLONDON, 3 May — A storm hit the coast on Monday.",
            ["Storm hits the coast", "By Ann Lee"],
        ),
        # Lines that were filled up to a width.
        (
            "The storm that hit the coast on Monday tore the\nroof off the Old Mill in Leeds and "
            "flooded the\nMarket Square.",
            [],
        ),
        ("Ann Lee\nMill Road 1\nLeeds", []),
        ("The fee will rise from 1 May. Day boats remain free.", ["The fee will rise from 1 May."]),
        ("He may. Day by day it rains.", ["He may."]),
    ],
)
def test_a_line_that_was_ended_on_purpose_ends_a_sentence(text: str, parts: list[str]) -> None:
    found = [text[start:end] for start, end in sentences(text)]
    assert found[:-1] == parts


def test_a_passage_ends_where_the_next_sentence_would_not_fit() -> None:
    text = "One two three four five. " * 5  # six tokens each, the full stop included
    passages = check(text, WordEmbedder().token_spans, 18)
    assert [len(passage.sentences) for passage in passages] == [3, 2]
    passages = check(text, WordEmbedder().token_spans, 17)
    assert [len(passage.sentences) for passage in passages] == [2, 2, 1]


def test_the_seeds_are_split_exactly() -> None:
    text = "\n".join(
        file.read_text("utf-8")
        for file in sorted((Path(__file__).parents[1] / "seeds").glob("*.txt"))
    )
    assert text
    check(text, WordEmbedder().token_spans, 128)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "Notes.\n\n* One alleged it. Ann Lee denied it.\n* It closed. It rained\n* apples\n",
            [
                "Notes.",
                "One alleged it.",
                "Ann Lee denied it.",
                "It closed.",
                "It rained",
                "apples",
            ],
        ),
        ("1. It fell. It broke.\n2. It rained.", ["1. It fell.", "It broke.", "2. It rained."]),
        (
            "| Ann | It leaks |\n|---|---|\n| Bo | no |\nMore.",
            ["Ann | It leaks", "Bo | no", "More."],
        ),
        ("10:32 Ann: it is down\n10:33 Bo: sure", ["10:32 Ann: it is down", "10:33 Bo: sure"]),
        (
            "Costs were these:\nItem | Cost\nBridge | £61,000\nThe rest is ours.",
            ["Costs were these:", "Item | Cost", "Bridge | £61,000", "The rest is ours."],
        ),
        (
            "2.1. It stays. It must.\n2.2 May it?\n\n1. **A risk.** It is late.\n",
            ["2.1. It stays.", "It must.", "2.2 May it?", "1. **A risk.**", "It is late."],
        ),
        (
            "Travel policy\nFrom: 1 May\nOwner: Ann Lee, director of the company and its deputy",
            [
                "Travel policy",
                "From: 1 May",
                "Owner: Ann Lee, director of the company and its deputy",
            ],
        ),
        (
            "He paid approx. 21 euros to Cllr. Bell, $3.5 bn. in cash. It rained.",
            ["He paid approx. 21 euros to Cllr. Bell, $3.5 bn. in cash.", "It rained."],
        ),
        (
            "Name ..... Ann\nPost ..... Clerk\nBerth\tVessel\n2\tOak is here. Now.",
            ["Name ..... Ann\nPost ..... Clerk", "Berth\tVessel", "2\tOak is here. Now."],
        ),
        (
            "He did it.1 He added it.[2][3] Then No.5 Squad came.",
            ["He did it.1", "He added it.[2][3]", "Then No.5 Squad came."],
        ),
        (
            "Adults      £6.00\nChildren    £3.50\nIt",
            ["Adults      £6.00", "Children    £3.50", "It"],
        ),
        ("Is it safe? | Yes, it is.\nNo. | No.", ["Is it safe? | Yes, it is.", "No. | No."]),
        (
            "Ann wrote:\n> Did it fall\n> twice?\nNo",
            ["Ann wrote:", "> Did it fall\n> twice?", "No"],
        ),
        (
            "[14:02] Bo: bring\nit\n[14:03] Kit: I will",
            ["[14:02] Bo: bring\nit", "[14:03] Kit: I will"],
        ),
        ("Published 9 May\n1. The year\n\n* * *\n", ["Published 9 May", "1. The year"]),
        (
            "We took 48 samples from the bed of the sea for the lab\nand saw the\nKelby harbour.",
            ["We took 48 samples from the bed of the sea for the lab\nand saw the\nKelby harbour."],
        ),
        ("He gave a\nWarning: it leaks.", ["He gave a\nWarning: it leaks."]),
        ("The plan\n- which failed - was from\n5. And so on.", None),
    ],
)
def test_items_rows_and_lines_of_a_chat_are_sentences_of_their_own(
    text: str, found: list[str] | None
) -> None:
    spans = [text[start:end] for start, end in sentences(text)]
    assert spans == found if found else spans[0].startswith("The plan\n- which failed - was from")
