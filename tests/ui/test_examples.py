"""Examples are made of the documents' words, and each is one that gets an answer."""

from __future__ import annotations

import pytest

from rag.types import Answer, Citation, Claim, Document, DocumentEntry
from ui.examples import candidates, examples, names

NEWS = (
    "Baku replied at once, with spokesperson Aykhan Hajizada calling the claim an ‘open "
    "provocation’. On Monday, Ann Lee said it would pass over Mount Doom.\n"
    "The Black Tower is a fortress in the north. Nobody has seen it since."
)


class Library:
    """Answers a question with the first sentence that holds its last word."""

    def __init__(self, *texts: str, knows: bool = True) -> None:
        self._texts = texts
        self._knows = knows
        self.asked: list[str] = []

    def documents(self) -> list[DocumentEntry]:
        return [
            DocumentEntry(str(n), (f"{n}.txt",), "T", None, len(text), 1)
            for n, text in enumerate(self._texts)
        ]

    def document(self, document_id: str) -> Document:
        text = self._texts[int(document_id)]
        return Document(document_id, f"{document_id}.txt", "T", text)

    def ask(self, question: str, *, quotes_only: bool = False) -> Answer:
        assert quotes_only  # nobody has asked: no language model is sent anything
        self.asked.append(question)
        text = " ".join(self._texts)
        claim = Claim(text, (Citation(1, "0", "0.txt", "T", 0, len(text), text),), 0.9)
        return Answer(
            question,
            question,
            text,
            (claim,),
            (),
            "answered" if self._knows else "closest",
            0.9,
            {},
        )


def found(text: str) -> list[str]:
    return [text[start:end] for start, end in names(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Yesterday the ship left New York for Cape Town.", ["New York", "Cape Town"]),
        ("Ann Lee spoke.", ["Ann Lee"]),
        ("Contestants said so.", []),
        ("the Ambassador’s Élan Vital team", ["Ambassador", "Élan Vital"]),
        ("on Monday in March", []),
        ("no names at all", []),
        ("", []),
    ],
)
def test_names(text: str, expected: list[str]) -> None:
    assert found(text) == expected


def test_questions_of_each_kind() -> None:
    assert [candidate.question for candidate in candidates(NEWS)] == [
        "What did Ann Lee say about Mount Doom?",
        "Who is Aykhan Hajizada?",
        "Who called the claim an “open provocation”?",
        "What is the Black Tower?",
        "What is said about Mount Doom?",
        "What is said about the Black Tower?",
    ]


def test_what_a_question_is_about_stands_in_the_text() -> None:
    assert all(candidate.about in NEWS for candidate in candidates(NEWS))


def test_examples_are_few_and_the_same_each_time() -> None:
    once = examples(Library(NEWS))
    assert len(once) == 4
    assert once == examples(Library(NEWS))


def test_documents_take_turns() -> None:
    other = "In May the writer Bob Ray went to Old Town."
    assert examples(Library(NEWS, other))[:2] == [
        "What did Ann Lee say about Mount Doom?",
        "Who is Bob Ray?",
    ]


def test_what_is_not_answered_is_not_offered() -> None:
    library = Library(NEWS * 50, knows=False)
    assert examples(library) == []
    assert len(library.asked) <= 24


@pytest.mark.parametrize(
    "text", ["", "no capitals here", "漢字の文書です。", "<b>X</b> & \u202e", "A" * 9000]
)
def test_any_text_will_do(text: str) -> None:
    assert isinstance(examples(Library(text)), list)


def test_no_documents() -> None:
    assert examples(Library()) == []
