"""No quote that is not there, no claim that is not backed, no outcome without its reason."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.compose import (
    NO_DOCUMENTS,
    NOTHING_NEAR,
    UNNAMED,
    UNSURE,
    Attribute,
    Thresholds,
    by,
    compose,
    name_of,
    quoted,
)
from rag.read import Span
from rag.types import Answer, Asked, Document, Position, Speaker
from tests.fakes import make_document, make_hit

THRESHOLDS = Thresholds(answered=0.5, closest=0.1)


def span(document: Document, quote: str | None = None, probability: float = 0.9) -> Span:
    start = 0 if quote is None else document.text.index(quote)
    end = len(document.text) if quote is None else start + len(quote)
    return Span(make_hit(document), start, end, probability)


def library(spans: Sequence[Span], *documents: Document) -> Callable[[str], Document]:
    """Looks up documents as a store does."""
    return {document.id: document for document in documents}.__getitem__


def reported(_: Span) -> tuple[None, Position]:
    """As where nobody is quoted."""
    return None, "reporter"


def answer(
    spans: Sequence[Span],
    *documents: Document,
    searched: str = "Before? Q?",
    thresholds: Thresholds = THRESHOLDS,
    max_claims: int = 3,
    seconds: Mapping[str, float] | None = None,
    attribute: Attribute = reported,
    asked: Asked = "what",
) -> Answer:
    return compose(
        "Q?",
        searched,
        [span.hit for span in spans],
        spans,
        library(spans, *documents),
        attribute,
        thresholds,
        max_claims,
        seconds or {},
        asked,
    )


BRIDGE = replace(
    make_document("The bridge is closed. It is not safe.", "bridge.txt"),
    title="On bridges",
    published=date(2025, 6, 27),
)
APPLES = make_document("Apples ripened late.", "apples.txt")


def test_a_quote_with_marks_of_its_own_gets_no_others() -> None:
    assert quoted("It is safe.") == "“It is safe.”"
    assert quoted("“It is safe,” she said.") == "“It is safe,” she said."
    assert quoted("‘It is Ann’s mill,’ she said.") == "‘It is Ann’s mill,’ she said."
    # The quotation goes on behind the quote.
    assert quoted("‘It is Ann’s mill.") == "“‘It is Ann’s mill.”"


def test_an_answer_holds_what_was_asked_and_found() -> None:
    spans = [span(BRIDGE, "It is not safe.", 0.8)]
    found = answer(spans, BRIDGE, seconds={"read": 1.5})
    assert (found.question, found.searched) == ("Q?", "Before? Q?")
    assert found.hits == (spans[0].hit,)
    assert found.seconds == {"read": 1.5}
    assert (found.outcome, found.confidence, found.stage) == ("answered", 0.8, "done")
    (claim,) = found.claims
    assert (claim.text, claim.probability) == ("It is not safe.", 0.8)
    assert claim.speaker is None
    assert claim.answer_span is None
    (citation,) = claim.citations
    assert (citation.marker, citation.document_id) == (1, BRIDGE.id)
    assert (citation.path, citation.title) == ("bridge.txt", "On bridges")
    assert (citation.start, citation.end, citation.quote) == (22, 37, "It is not safe.")
    assert citation.published == date(2025, 6, 27)
    assert found.text == "“It is not safe.” [1]"


OLD = replace(
    make_document("12 people died in the flood near Hale on Sunday.", "old.txt"),
    published=date(2025, 3, 4),
)


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("The toll of the flood near Hale on Sunday has climbed to 15.", ["new.txt", "old.txt"]),
        ("The number of ducks in the park has climbed to 15.", ["old.txt"]),
        ("The flood near Hale on Sunday had 15 causes.", ["old.txt"]),
        (
            "The toll of the flood near Hale on Sunday climbed from 12 to 15.",
            ["new.txt", "old.txt"],
        ),
        ("In the flood near Hale on Sunday the number of the hurt climbed to 15.", ["old.txt"]),
        (
            "The flood near Hale, whose waters rose, was on Sunday the 15th, the toll high.",
            ["old.txt"],
        ),
    ],
)
def test_a_number_that_has_become_another_one_comes_first(text: str, paths: list[str]) -> None:
    new = replace(make_document(text, "new.txt"), published=date(2025, 3, 9))
    at = text.index("15")
    spans = [
        replace(span(OLD, probability=0.8), answer=(0, 2)),
        replace(span(new, probability=0.1), answer=(at, at + 2)),
    ]
    found = answer(spans, OLD, new, searched="How many people died in the flood?")
    assert [claim.citations[0].path for claim in found.claims] == paths
    assert found.confidence == 0.8


def test_a_short_answer_that_is_broken_over_two_lines_stands_on_one() -> None:
    wrapped = make_document("Work at home is limited to one\n  day a week.", "home.txt")
    found = answer([short(wrapped, "one\n  day")], wrapped)
    assert found.text == "one day: “Work at home is limited to one\n  day a week.” [1]"
    assert found.claims[0].answers == ("one\n  day",)


def test_the_short_answer_counts_from_the_quotes_start() -> None:
    spans = [replace(span(BRIDGE, "It is not safe."), answer=(28, 36))]
    (claim,) = answer(spans, BRIDGE).claims
    assert claim.answer_span == (6, 14)
    assert claim.text[6:14] == "not safe"
    assert claim.answers == ("not safe",)


# --- Short answers ------------------------------------------------------------------------

TOWNS = make_document("Brno, Zlin and Olomouc are towns. Prague is too.", "towns.txt")
SEVERAL = "Which towns are there?"


def short(document: Document, words: str, probability: float = 0.9) -> Span:
    """A short answer in the sentence that it stands in."""
    at = document.text.index(words)
    start = document.text.rfind(". ", 0, at) + 2 if ". " in document.text[:at] else 0
    end = document.text.index(".", at) + 1
    return Span(make_hit(document), start, end, probability, (at, at + len(words)))


def test_the_short_answer_comes_before_the_quote() -> None:
    found = answer([short(BRIDGE, "not safe")], BRIDGE)
    assert found.text == "not safe: “It is not safe.” [1]"
    low = answer([short(BRIDGE, "not safe", 0.2)], BRIDGE)
    assert low.text == f"{UNSURE}\nnot safe: “It is not safe.” [1]"


def test_places_that_say_the_same_are_further_citations() -> None:
    second = make_document("As known, it is not safe to use.", "b.txt")
    same = (short(second, "not safe", 0.0), short(BRIDGE, "not safe", 0.0))
    spans = [
        replace(short(BRIDGE, "not safe"), same=same),
        short(TOWNS, "Prague", 0.8),
    ]
    found = answer(spans, BRIDGE, second, TOWNS)
    safe, prague = found.claims
    assert [(c.marker, c.path, c.quote) for c in safe.citations] == [
        (1, "bridge.txt", "It is not safe."),  # and not twice
        (2, "b.txt", "As known, it is not safe to use."),
    ]
    assert (safe.probability, safe.answers) == (0.9, ("not safe",))
    assert [c.marker for c in prague.citations] == [3]
    assert found.text == ("not safe: “It is not safe.” [1][2]\nPrague: “Prague is too.” [3]")


def test_where_the_best_place_is_gone_the_next_one_is_quoted() -> None:
    second = make_document("As known, it is not safe to use.", "b.txt")
    spans = [replace(short(BRIDGE, "not safe"), same=(short(second, "not safe", 0.0),))]
    found = answer(spans, second)
    (claim,) = found.claims
    assert (claim.text, claim.probability) == ("As known, it is not safe to use.", 0.9)
    assert claim.answers == ("not safe",)
    assert found.text == "not safe: “As known, it is not safe to use.” [1]"
    assert found.dropped == 1


def test_another_answer_in_the_same_sentence_is_left_out() -> None:
    spans = [short(TOWNS, "Zlin"), short(TOWNS, "Brno", 0.8), short(TOWNS, "Prague", 0.7)]
    found = answer(spans, TOWNS, searched="Which town is it?")
    assert [claim.answers for claim in found.claims] == [("Zlin",), ("Prague",)]
    assert [claim.more_spans for claim in found.claims] == [(), ()]
    assert found.text.startswith("Zlin: “Brno, Zlin and Olomouc are towns.” [1]\n")
    assert found.dropped == 0


def test_places_of_another_answer_in_the_same_sentence_are_not_cited() -> None:
    policy = make_document("A mile is paid at 45p by the firm.", "policy.txt")
    old = make_document("Your own car is paid at 40p a mile.", "old.txt")
    spans = [short(old, "40p"), replace(short(old, "mile", 0.8), same=(short(policy, "mile"),))]
    (claim,) = answer(spans, old, policy, searched="What is paid?").claims
    assert [citation.path for citation in claim.citations] == ["old.txt"]
    town = make_document("In Oslo Ann Lee opened it.", "town.txt")
    speech = make_document("It was Ann Lee who spoke.", "speech.txt")
    longer = replace(short(town, "Oslo Ann Lee", 0.8), same=(short(speech, "Ann Lee"),))
    (claim,) = answer([short(town, "Ann Lee"), longer], town, speech, searched="Who is it?").claims
    assert [citation.path for citation in claim.citations] == ["town.txt", "speech.txt"]


CAR = "How much a mile is paid for a car?"


@pytest.mark.parametrize(
    ("question", "old", "new", "paths"),
    [
        (
            CAR,
            ("A mile in your own car is paid at 40p.", "40p"),
            ("Staff who use their own car are paid 45p a mile.", "45p"),
            ["new.txt", "old.txt"],
        ),
        (
            CAR,
            ("Mileage in your own car is paid at 40p a mile.", "40p a mile"),
            ("Staff who use their own car are paid 45p a mile.", "45p"),
            ["new.txt", "old.txt"],
        ),
        (
            CAR,
            ("A mile in your own car is paid at 40p.", "40p"),
            ("A mile in your own boat is paid at 45p by the firm.", "45p"),
            ["old.txt"],
        ),
        (
            CAR,
            ("A mile in your own car is paid at 40p.", "40p"),
            ("Staff who use their own car a mile away are paid £45.", "£45"),
            ["old.txt"],
        ),
        (
            "When does the order system go live?",
            ("She said that the order system would go live on 2 June.", "2 June"),
            ("The go-live date has been moved from 2 June to 1 September.", "1 September"),
            ["new.txt", "old.txt"],
        ),
        (
            "When does the order system go live?",
            ("She said that the order system would go live on 2 June.", "2 June"),
            ("The party has been moved from 3 June to 1 September.", "1 September"),
            ["old.txt"],
        ),
    ],
)
def test_a_newer_answer_in_other_words_comes_first(
    question: str, old: tuple[str, str], new: tuple[str, str], paths: list[str]
) -> None:
    one = replace(make_document(old[0], "old.txt"), published=date(2024, 3, 4))
    other = replace(make_document(new[0], "new.txt"), published=date(2025, 3, 4))
    spans = [short(one, old[1], 0.8), short(other, new[1], 0.1)]
    found = answer(spans, one, other, searched=question)
    assert [claim.citations[0].path for claim in found.claims] == paths


def test_of_a_question_for_several_things_all_in_the_sentence_are_answers() -> None:
    spans = [
        short(TOWNS, "Zlin"),
        short(TOWNS, "Prague", 0.85),
        short(TOWNS, "Olomouc", 0.8),
        short(TOWNS, "Brno", 0.7),
    ]
    found = answer(spans, TOWNS, searched=SEVERAL)
    many, one = found.claims
    assert (many.answer_span, many.more_spans) == ((6, 10), ((0, 4), (15, 22)))
    assert many.answers == ("Brno", "Zlin", "Olomouc")
    assert (one.answers, one.more_spans) == (("Prague",), ())
    assert found.text == (
        "Brno, Zlin, Olomouc: “Brno, Zlin and Olomouc are towns.” [1]\nPrague: “Prague is too.” [2]"
    )
    assert [citation.marker for citation in found.citations] == [1, 2]


def test_a_further_answer_needs_its_share_of_the_first_too() -> None:
    spans = [short(TOWNS, "Zlin", 0.8), short(TOWNS, "Brno", 0.39)]
    (claim,) = answer(spans, TOWNS, searched=SEVERAL).claims
    assert claim.answers == ("Zlin",)


def test_a_further_answer_counts_even_when_there_are_claims_enough() -> None:
    spans = [short(TOWNS, "Zlin"), short(TOWNS, "Prague", 0.8), short(TOWNS, "Brno", 0.7)]
    (claim,) = answer(spans, TOWNS, searched=SEVERAL, max_claims=1).claims
    assert claim.answers == ("Brno", "Zlin")


def test_a_whole_quote_is_its_own_answer() -> None:
    (claim,) = answer([span(BRIDGE, "It is not safe.")], BRIDGE).claims
    assert (claim.answer_span, claim.answers) == (None, ("It is not safe.",))


# --- Outcomes -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("probability", "outcome", "begins"),
    [
        (1.0, "answered", "“Apples"),
        (0.5, "answered", "“Apples"),
        (0.4999, "closest", UNSURE),
        (0.1, "closest", UNSURE),
        (0.0999, "declined", NOTHING_NEAR),
        (0.0, "declined", NOTHING_NEAR),
    ],
)
def test_outcomes_begin_at_their_thresholds(probability: float, outcome: str, begins: str) -> None:
    found = answer([span(APPLES, probability=probability)], APPLES)
    assert found.outcome == outcome
    assert found.text.startswith(begins)
    assert found.confidence == probability
    assert bool(found.claims) == (outcome != "declined")
    assert found.text.endswith("“Apples ripened late.” [1]") == bool(found.claims)


def test_below_the_lower_threshold_nothing_is_quoted_however_low_the_upper() -> None:
    found = answer(
        [span(APPLES, probability=0.3)], APPLES, thresholds=Thresholds(answered=0.2, closest=0.4)
    )
    assert (found.outcome, found.claims) == ("declined", ())


def test_without_hits_there_are_no_documents() -> None:
    found = answer([])
    assert (found.outcome, found.text, found.confidence) == ("declined", NO_DOCUMENTS, 0.0)


def test_hits_without_a_span_are_not_near() -> None:
    hits = [make_hit(APPLES)]
    found = compose("Q?", "Q?", hits, [], library([], APPLES), reported, THRESHOLDS, 3, {})
    assert (found.outcome, found.text) == ("declined", NOTHING_NEAR)
    assert found.hits == tuple(hits)


# --- Which quotes, and how many -----------------------------------------------------------


def other(number: int) -> Document:
    words = "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu".split()
    return make_document(f"The {words[number]} is a letter.", f"{number}.txt")


@pytest.mark.parametrize("most", [1, 2, 5])
def test_at_most_so_many_claims(most: int) -> None:
    documents = [other(number) for number in range(8)]
    spans = [span(document, probability=0.9) for document in documents]
    found = answer(spans, *documents, max_claims=most)
    assert [claim.text for claim in found.claims] == [
        document.text for document in documents[:most]
    ]
    assert re.findall(r"\[(\d+)\]", found.text) == [str(n + 1) for n in range(most)]


def test_a_further_quote_needs_its_share_of_the_first() -> None:
    documents = [other(number) for number in range(3)]
    spans = [
        span(document, probability=p)
        for document, p in zip(documents, (0.8, 0.4, 0.3999), strict=True)
    ]
    found = answer(spans, *documents)
    assert [claim.probability for claim in found.claims] == [0.8, 0.4]


@pytest.mark.parametrize(
    "copy",
    [
        "The old bridge over the river was closed on Monday by the town.",
        "THE OLD BRIDGE over the river was closed on Monday by the town!",
        "The old bridge over the river  was closed, on Monday, by the town",
        "“The old bridge over the river was closed on Monday by the town.”",
        "The old bridge over the river was closed on Monday by the town council.",
    ],
)
def test_the_same_from_two_documents_is_one_claim(copy: str) -> None:
    first = make_document("The old bridge over the river was closed on Monday by the town.")
    second = make_document(copy + "\nAnd more.", "b.txt")
    spans = [span(first), span(second, copy, 0.8), span(APPLES, probability=0.7)]
    found = answer(spans, first, second, APPLES)
    same, apples = found.claims
    assert (same.text, same.probability) == (first.text, 0.9)
    assert [(c.marker, c.document_id, c.quote) for c in same.citations] == [
        (1, first.id, first.text),
        (2, second.id, copy),
    ]
    assert [c.marker for c in apples.citations] == [3]
    assert found.text == f"“{first.text}” [1][2]\n“Apples ripened late.” [3]"
    assert [c.marker for c in found.citations] == [1, 2, 3]


SAID = (
    "The minister said on Tuesday that the government would {}close the old bridge over the river."
)


@pytest.mark.parametrize(
    ("one", "another"),
    [
        (SAID.format(""), SAID.format("not ")),
        (SAID.format(""), SAID.format("never ")),
        (
            "On 3 May the ministry of health in the capital said that in all 12 people had died "
            "of the fever in the towns along the southern coast since it broke out last winter.",
            "On 3 May the ministry of health in the capital said that in all 90 people had died "
            "of the fever in the towns along the southern coast since it broke out last winter.",
        ),
        ("Anna accused Boris of lying to the court.", "Boris accused Anna of lying to the court."),
    ],
    ids=["not", "never", "another number", "the other way round"],
)
def test_what_says_something_else_is_another_claim(one: str, another: str) -> None:
    """A claim lists every place that says *the same*: these say the contrary."""
    documents = [make_document(one, "a.txt"), make_document(another, "b.txt")]
    found = answer([span(document) for document in documents], *documents)
    assert [claim.text for claim in found.claims] == [one, another]


def test_a_claim_has_no_more_than_ten_citations() -> None:
    documents = [make_document(f"Closed on Monday{' ' * n}.", f"{n}.txt") for n in range(15)]
    found = answer([span(document) for document in documents], *documents)
    (claim,) = found.claims
    assert [citation.marker for citation in claim.citations] == list(range(1, 11))


# --- The verbatim check -------------------------------------------------------------------


def test_a_document_that_is_gone_is_not_quoted() -> None:
    spans = [span(BRIDGE, "The bridge is closed."), span(APPLES, probability=0.8)]
    found = answer(spans, APPLES)
    assert [claim.text for claim in found.claims] == ["Apples ripened late."]
    assert found.dropped == 1
    assert "bridge" not in found.text
    assert [citation.marker for citation in found.citations] == [1]


def test_a_document_with_other_words_is_not_quoted() -> None:
    changed = replace(BRIDGE, text=BRIDGE.text.replace("not safe", "now safe"))
    spans = [span(BRIDGE, "It is not safe.", 0.9), span(APPLES, probability=0.8)]
    found = answer(spans, changed, APPLES)
    assert [claim.text for claim in found.claims] == ["Apples ripened late."]
    assert found.dropped == 1


def test_confidence_is_of_the_first_claim_that_is_shown() -> None:
    spans = [span(BRIDGE, "The bridge is closed.", 0.9), span(APPLES, probability=0.48)]
    found = answer(spans, APPLES)
    assert found.dropped == 1
    assert [claim.probability for claim in found.claims] == [0.48]
    assert found.confidence == 0.48
    assert found.outcome == "closest"
    assert found.text.startswith(UNSURE)


def test_when_all_are_dropped_nothing_is_claimed() -> None:
    found = answer([span(BRIDGE, "The bridge is closed.", 0.9)])
    assert (found.outcome, found.claims, found.dropped) == ("declined", (), 1)
    assert found.text == NOTHING_NEAR
    assert found.confidence < THRESHOLDS.answered


words = st.sampled_from("the old bridge closed not on Monday é 𝔘 “said” 12 …".split())
documents = st.lists(words, min_size=1, max_size=12).map(lambda parts: " ".join(parts) + ".")


@st.composite
def situations(draw: st.DrawFn) -> dict[str, Any]:
    """Documents, some of which are gone or changed, and spans, some of them wrong."""
    texts = draw(st.lists(documents, min_size=1, max_size=5, unique=True))
    read = [make_document(text, f"{n}.txt") for n, text in enumerate(texts)]
    now = []
    for document in read:
        fate = draw(st.sampled_from(["same", "same", "same", "gone", "changed"]))
        if fate == "same":
            now.append(document)
        elif fate == "changed":
            cut = draw(st.integers(0, len(document.text)))
            now.append(replace(document, text=document.text[:cut] + "#" + document.text[cut:]))
    spans = []
    for _ in range(draw(st.integers(0, 8))):
        document = draw(st.sampled_from(read))
        size = len(document.text)
        start = draw(st.integers(-3, size + 3))
        end = draw(st.integers(start - 2, size + 5))
        inside = sorted(draw(st.tuples(st.integers(0, size), st.integers(0, size))))
        passage = draw(st.sampled_from([(0, size), tuple(inside)]))
        hit = make_hit(document, start=passage[0], end=passage[1])
        middle = draw(st.none() | st.integers(start, max(start, end - 1)))
        short = None if middle is None else (middle, max(middle + 1, end))
        spans.append(Span(hit, start, end, draw(st.floats(0, 1)), short))
    spans.sort(key=lambda span: -span.probability)
    for _ in range(draw(st.integers(0, min(2, len(spans) // 2)))):
        last = spans.pop()
        at = draw(st.integers(0, len(spans) - 1))
        spans[at] = replace(spans[at], same=(*spans[at].same, last))
    return {
        "spans": spans,
        "documents": now,
        "max_claims": draw(st.integers(1, 4)),
        "searched": draw(st.sampled_from(["Q?", SEVERAL])),
    }


@given(situations())
def test_every_quote_stands_in_its_document(situation: dict[str, Any]) -> None:
    now = situation["documents"]
    found = answer(
        situation["spans"],
        *now,
        max_claims=situation["max_claims"],
        searched=situation["searched"],
    )
    spans = [place for one in situation["spans"] for place in (one, *one.same)]
    by_id = {document.id: document for document in now}
    assert len(found.claims) <= situation["max_claims"]
    assert (found.outcome == "declined") == (not found.claims)
    for claim in found.claims:
        assert claim.citations
        assert claim.text == claim.citations[0].quote
        if claim.answer_span is None:
            assert claim.answers == (claim.text,)
            assert not claim.more_spans
        else:
            assert all(short and short in claim.text for short in claim.answers)
            assert len(claim.answers) == 1 + len(claim.more_spans)
    for citation in found.citations:
        text = by_id[citation.document_id].text
        assert 0 <= citation.start < citation.end <= len(text)
        assert text[citation.start : citation.end] == citation.quote
        assert any(
            (span.start, span.end, span.hit.passage.document_id)
            == (citation.start, citation.end, citation.document_id)
            for span in spans
        )
    markers = [int(marker) for marker in re.findall(r"\[(\d+)\]", found.text)]
    assert markers == [citation.marker for citation in found.citations]
    assert markers == list(range(1, len(markers) + 1))
    lines = found.text.splitlines()[-len(found.claims) :] if found.claims else []
    for claim, line in zip(found.claims, lines, strict=True):
        said = "" if claim.answer_span is None else f"{', '.join(claim.answers)}: "
        markers = "".join(f"[{citation.marker}]" for citation in claim.citations)
        assert line == f"{said}{quoted(claim.text)} {markers}"
    assert 0 <= found.dropped <= len(spans)
    assert len(found.citations) + found.dropped <= len(spans)
    if found.claims:
        assert found.confidence == found.claims[0].probability


@pytest.mark.parametrize(
    ("name", "behind", "first"),
    [
        ("Ann Lee", "Ann Lee", "Ann Lee"),
        ("The union", "the union", "The union"),
        ("the company", "the company", "The company"),
        ("He", "“he”", "“He”"),
        ("they", "“they”", "“They”"),
        ("I", "“I”", "“I”"),
        ("", UNNAMED, UNNAMED[0].upper() + UNNAMED[1:]),
    ],
)
def test_a_name_in_a_sentence_and_at_its_beginning(name: str, behind: str, first: str) -> None:
    speaker = Speaker(name, None, 0, 1)
    assert (name_of(speaker), name_of(speaker, opens=True)) == (behind, first)
    assert by(replace(speaker, role="a  baker")) == f"{behind}, a baker"
