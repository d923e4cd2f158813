"""Which spans are proposed, which passages are read, and what becomes of the ranking."""

from __future__ import annotations

import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.judge import FEATURES, JUDGED, Parameters
from rag.question import wants_explanation, wants_several
from rag.read import (
    LEAST_PASSAGES,
    READER_WEIGHT,
    Span,
    SpanReader,
    judge,
    rerank,
)
from rag.split import sentences
from rag.types import Hit
from tests.fakes import PhraseModel, WordsModel, make_document, make_hit

QUESTION = "When was the bridge closed?"
TEXT = "The bridge was closed on Monday. “It is not safe,” said Jana Novak. It rained."
SENTENCES = ((0, 32), (33, 67), (68, 78))
BY_SPAN = Parameters(
    rank=(1.0, *[0.0] * (len(FEATURES) - 1)),
    probability=(1.0, *[0.0] * (len(FEATURES) + 1)),
    intercept=0.0,
    seen=((-10.0, 10.0),) * len(FEATURES),
    answered=0.5,
    closest=0.1,
)
"""The model's score alone orders, and its logistic function is the probability."""


SEEN = tuple(
    {"share": (-300.0, 0.0), "kind": (-1.0, 1.0), "words": (0.0, 3.0)}.get(name, (-10.0, 10.0))
    for name in FEATURES
)
"""What the fakes' features can be."""


def weighing(**weights: float) -> tuple[float, ...]:
    """Weights of ``FEATURES`` by name, 0 for the others."""
    return tuple(weights.get(name, 0.0) for name in FEATURES)


def reader(
    phrases: dict[str, float] | PhraseModel,
    parameters: Parameters = BY_SPAN,
    budget: int = 10**6,
    title: str = "",
) -> SpanReader:
    model = phrases if isinstance(phrases, PhraseModel) else PhraseModel(phrases)
    return SpanReader(
        model, lambda ids: dict.fromkeys(ids, title), lambda word: 0.5, budget, parameters
    )


def bridge(**more: float) -> Hit:
    return make_hit(make_document(TEXT), sentences=SENTENCES, **more)  # type: ignore[arg-type]


def many(count: int) -> list[Hit]:
    """Passages "Case n is thing_n.", ever less like the question."""
    return [
        make_hit(make_document(f"Case {n} is thing{n:02}.", f"{n}.txt"), rank=n, score=1 - n / 100)
        for n in range(1, count + 1)
    ]


def logistic(value: float) -> float:
    return 1 / (1 + math.exp(-value))


# --- One passage --------------------------------------------------------------------------


def test_a_short_answer_comes_with_its_whole_sentence() -> None:
    (best, *_) = reader({"Monday": 3.0}).read(QUESTION, [bridge()])
    assert (best.said, best.answer) == ("Monday", (25, 31))
    assert best.text == "The bridge was closed on Monday."
    assert (best.start, best.end) == SENTENCES[0]
    assert best.probability == round(logistic(3), 4)
    assert best.same == ()


def test_answers_come_in_the_order_of_their_scores() -> None:
    found = reader({"Jana Novak": 4.0, "Monday": 3.0, "rained": -1.0}).read(QUESTION, [bridge()])
    assert [span.said for span in found] == ["Jana Novak", "Monday", "rained"]
    assert [span.text for span in found] == [
        "“It is not safe,” said Jana Novak.",
        "The bridge was closed on Monday.",
        "It rained.",
    ]


def test_sentences_are_weighed_by_what_answers_in_them() -> None:
    first, second, third = (Span(bridge(), start, end) for start, end in SENTENCES)
    model = PhraseModel({"Monday": 3.0, "Jana Novak": 5.0, "closed": 1.0})
    weighed = reader(model).weigh(QUESTION, [second, first, third])
    assert weighed[:2] == [5.0, 3.0]
    assert weighed[2] < 0
    assert len(model.read) == 1  # the passage is read once


def test_what_the_budget_does_not_allow_is_not_weighed() -> None:
    hits = many(LEAST_PASSAGES + 2)
    spans = [Span(hit, hit.passage.start, hit.passage.end) for hit in hits]
    model = PhraseModel({"Case": 1.0})
    weighed = reader(model, budget=1).weigh(QUESTION, spans)
    assert weighed == [1.0] * LEAST_PASSAGES + [-math.inf] * 2
    assert len(model.read) == LEAST_PASSAGES
    assert reader(model).weigh(QUESTION, []) == []


def test_an_answer_across_sentences_comes_with_all_of_them() -> None:
    (best, *_) = reader({"Monday. “It": 3.0}).read(QUESTION, [bridge()])
    assert (best.start, best.end) == (0, 67)


def test_spans_count_from_the_documents_start() -> None:
    document = make_document("Before. Closed on Monday. After Monday.")
    hit = make_hit(document, start=8, end=25)
    (best, *_) = reader({"Monday": 3.0}).read(QUESTION, [hit])
    assert best.answer == (18, 24)
    assert document.text[18:24] == best.said == "Monday"
    assert (best.start, best.end, best.text) == (8, 25, "Closed on Monday.")


def test_what_stands_between_the_sentences_is_not_quoted() -> None:
    hit = make_hit(make_document("Closed. * Monday * Open."), sentences=[(0, 7), (19, 24)])
    assert "Monday" not in [span.said for span in reader({"Monday": 3.0}).read(QUESTION, [hit])]


def test_marks_are_no_answer() -> None:
    assert reader({"…": 9.0}).read(QUESTION, [make_hit(make_document("… — !\n1"), end=5)]) == []


@pytest.mark.parametrize(
    ("question", "line", "phrase", "kept"),
    [
        ("What is the WiFi code?", "WiFi code", "WiFi code", False),
        ("When does it open?", "When does it open?", "When does it open", False),
        ("Is the bridge closed?", "The bridge is closed.", "The bridge is closed", True),
        ("When will it reopen?", "12 February 2025", "12 February 2025", False),
        ("Who runs it?", "By Ann Lee | 5 March 2025", "Ann Lee", False),
        ("Who wrote it?", "By Ann Lee | 5 March 2025", "Ann Lee", True),
        ("When did it fall?", "It fell on 5 March 2025.", "5 March 2025", True),
        ("When was it updated?", "Last updated: 4 March 2025", "4 March 2025", True),
        ("When does it apply?", "Effective from: 1 April 2025", "1 April 2025", True),
        ("When was it seen?", "Date of inspection | 8 May 2024", "8 May 2024", True),
        ("When does it apply?", "Issued on 1 April 2025", "1 April 2025", False),
        ("When is the meeting?", "Annual Meeting – 14 January 2025", "14 January 2025", True),
        ("Is the mayor Ann Lee or Bo Day?", "Ann Lee", "Ann Lee", True),
        ("Who attended?", "All", "All", True),
    ],
)
def test_headings_and_date_lines_answer_nothing_else(
    question: str, line: str, phrase: str, kept: bool
) -> None:
    spans, _ = reader({phrase: 5.0}).candidates(question, [make_hit(make_document(line))])
    assert (phrase in [span.said for span in spans]) is kept


def test_nothing_to_read() -> None:
    assert reader({}).read(QUESTION, []) == []
    spans, features = reader({}).candidates(QUESTION, [])
    assert spans == []
    assert features.shape == (0, len(FEATURES))
    assert judge(QUESTION, [], features, BY_SPAN) == []


def test_features_by_hand() -> None:
    hit = bridge(score=0.7, cosine=0.6)
    rarity = {"bridge": 0.2, "opened": 0.7, "closed": 0.1}
    model = PhraseModel({"Jana Novak": 2.0, "Monday": 1.0})
    titled = SpanReader(model, lambda ids: {}, lambda word: rarity.get(word, 1), 100, BY_SPAN)
    spans, features = titled.candidates("Was the bridge closed or opened?", [hit])
    assert [span.said for span in spans[:2]] == ["Jana Novak", "Monday"]
    assert features.shape == (len(spans), len(FEATURES))
    table = dict(zip(FEATURES, features[:2].T.tolist(), strict=True))
    # Beside the two only "Monday … Novak" counts, which begins as one and ends as the other.
    shared = math.log(1 + math.exp(-1) + math.exp(-0.5))
    assert table == {
        "span": [2, 1],
        "answers": [2, 2],
        "retrieval": [0.7, 0.7],
        "cosine": [0.6, 0.6],
        "coverage": pytest.approx([(0.21 + 0.11) / (0.21 + 0.11 + 0.71)] * 2),
        "missing": pytest.approx([0.71] * 2),
        "words": pytest.approx([math.log(2), 0]),
        "share": pytest.approx([-shared, -shared - 1]),
        # "It is not safe," said Jana Novak. — The bridge was closed on Monday.
        "nearby": pytest.approx([0, (0.21 + 0.11) / (0.21 + 0.11 + 0.71)]),
        "kind": [0, 0],
        "lacking": pytest.approx([math.log(4), math.log(1 + 3 * 0.71 / (0.21 + 0.11 + 0.71))]),
        "opposed": [0, 0],
    }
    _, features = titled.candidates("When was the bridge not closed?", [hit])
    # "Not" stands in the sentence of the first alone.
    assert features[:2, FEATURES.index("opposed")].tolist() == [0, 1]


def test_the_title_is_read_and_counts_but_is_never_quoted() -> None:
    model = PhraseModel({"Novak": 5.0, "Monday": 1.0})
    titled = reader(model, title="Novak opened it")
    spans, features = titled.candidates(
        "Who opened the bridge?", [make_hit(make_document(TEXT[:32]))]
    )
    assert model.read == [("Novak opened it", TEXT[:32])]
    assert spans[0].said == "Monday"
    assert features[0, FEATURES.index("coverage")] == 1


def test_of_one_passage_three_spans_are_kept_or_six_of_a_list() -> None:
    names = [f"name{n}" for n in range(8)]
    hit = make_hit(make_document(" and ".join(names) + "."))
    model = PhraseModel({name: 8.0 - n for n, name in enumerate(names)})
    for question, count in (("Who came?", 3), ("Which guests came?", 6)):
        spans, _ = reader(model).candidates(question, [hit])
        assert [span.said for span in spans] == names[:count]


def test_long_passages_are_read_to_their_end_and_nothing_twice() -> None:
    text = "word " * 700 + "Monday " + "word " * 50 + "Tuesday."
    hit = make_hit(make_document(text))
    spans, _ = reader({"Monday": 3.0, "Tuesday": 5.0}).candidates(QUESTION, [hit])
    assert [span.said for span in spans[:2]] == ["Tuesday", "Monday"]
    assert {text[slice(*span.answer)] for span in spans[:2] if span.answer} == {"Tuesday", "Monday"}
    places = sorted(span.answer for span in spans if span.answer)
    assert all(one[1] <= other[0] for one, other in pairwise(places))


phrases = st.dictionaries(
    st.sampled_from("Monday,Novak,Jana Novak,closed on,not safe,“It,rained,. It".split(",")),
    st.integers(-8, 8).map(float),
    max_size=5,
)


@given(
    phrases,
    st.lists(
        st.tuples(st.sampled_from([TEXT, f"𝔘é e\u0301. {TEXT}"]), st.integers(0, 20)), max_size=7
    ),
    st.sampled_from([QUESTION, "Why?", "Which bridges were closed?", ""]),
)
def test_whatever_the_model_says_quotes_are_whole_sentences_of_their_passage(
    known: dict[str, float], texts: list[tuple[str, int]], question: str
) -> None:
    hits = []
    for rank, (text, begin) in enumerate(texts, start=1):
        shift = text.index(TEXT)
        sentences = [(s + shift, e + shift) for s, e in SENTENCES if e + shift > begin]
        sentences[0] = (max(begin, sentences[0][0]), sentences[0][1])
        document = make_document(text, f"{rank}.txt")
        hits.append(make_hit(document, start=begin, sentences=sentences, rank=rank))
    found = reader(known).read(question, hits)
    assert found == reader(known).read(question, hits)
    assert [one.probability for one in found] == sorted(
        (one.probability for one in found), reverse=True
    )
    for span in (span for one in found for span in (one, *one.same)):
        passage = span.hit.passage
        whole = texts[span.hit.rank - 1][0]
        assert span.hit in hits
        assert passage.start <= span.start < span.end <= passage.end
        assert span.text == whole[span.start : span.end]
        assert span.start in {s for s, _ in passage.sentences}
        assert span.end in {e for _, e in passage.sentences}
        if span.answer is not None:
            assert span.start <= span.answer[0] < span.answer[1] <= span.end
            assert span.said == whole[slice(*span.answer)]
            assert any(map(str.isalnum, span.said))


# --- Several passages ---------------------------------------------------------------------


def test_passages_that_say_the_same_are_one_answer() -> None:
    hits = [
        make_hit(make_document("It was shut on Monday, as is known.", "a.txt"), rank=1),
        make_hit(make_document("Tuesday it was.", "b.txt"), rank=2),
        make_hit(make_document("The closing day: Monday.", "c.txt"), rank=3),
    ]
    found = reader({"Monday": 3.0, "Tuesday": 2.0}).read(QUESTION, hits)
    assert [(one.said, one.hit.rank) for one in found[:2]] == [("Monday", 1), ("Tuesday", 2)]
    assert [(one.said, one.hit.rank, one.text) for one in found[0].same] == [
        ("Monday", 3, "The closing day: Monday.")
    ]


@pytest.mark.parametrize(
    ("texts", "answers"),
    [
        (["Staff work at home up to two days.", "Ask two weeks ahead."], 2),
        (["Staff work at home two days.", "Two days are spent at home."], 1),
        (["It took two men.", "There were two women."], 1),  # no units: the same number
        (["It rose by two per cent.", "It rose by two points."], 2),
    ],
)
def test_numbers_of_different_units_do_not_agree(texts: list[str], answers: int) -> None:
    hits = [make_hit(make_document(text, f"{n}.txt")) for n, text in enumerate(texts)]
    spans = reader({"two": 3.0, "Two": 3.0}).read("How many?", hits)
    assert sum(span.probability > 0 for span in spans) == answers


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2. Injuries", []),
        ("2.1 The rules", []),
        ("2.1. Two days", []),
        ("2 men were hurt", ["2"]),
        ("Men: 2. It rained", ["2"]),
    ],
)
def test_the_number_of_a_clause_is_no_answer(text: str, found: list[str]) -> None:
    document = make_document(text)
    hit = make_hit(document, sentences=tuple(sentences(text)))
    spans = reader({"2.1.": 3.0, "2.1": 3.0, "2": 3.0}).read("How many?", [hit])
    assert [span.said for span in spans if span.probability > 0] == found


def test_agreement_makes_surer() -> None:
    surer = replace(
        BY_SPAN,
        probability=tuple(float(name in ("span", "agreement")) for name in JUDGED),
    )
    one = make_hit(make_document("Closed on Monday.", "a.txt"), rank=1)
    other = make_hit(make_document("It was Monday.", "b.txt"), rank=2)
    alone, both = (
        reader({"Monday": 1.0}, surer).read(QUESTION, hits)[0] for hits in ([one], [one, other])
    )
    assert alone.probability == round(logistic(1), 4)
    assert both.probability == round(logistic(1 + math.log1p(1)), 4)


def test_equals_keep_the_order_of_the_hits() -> None:
    found = reader({f"thing{n:02}": 2.0 for n in range(1, 5)}).read(QUESTION, many(4))
    assert [span.hit.rank for span in found[:4]] == [1, 2, 3, 4]


def test_an_explanation_is_whole_sentences() -> None:
    known = {"Monday": 3.0, "Jana Novak": 1.0, "rained": -2.0}
    found = reader(known).read("Why was it closed?", [bridge()])
    assert [span.answer for span in found] == [None, None, None]
    assert [span.said for span in found] == [TEXT[s:e] for s, e in SENTENCES]
    assert found[0].probability == round(logistic(3), 4)


def test_an_explanation_takes_sentences_beside_it_that_are_about_as_good() -> None:
    known = {"Monday": 3.0, "Jana Novak": 1.6, "rained": 1.7}
    (found,) = reader(known).read("Why was it closed?", [bridge()])
    assert (found.start, found.end, found.answer) == (0, 78, None)
    assert found.probability == round(logistic(3), 4)


def test_an_explanation_is_no_longer_than_three_sentences() -> None:
    text = "One. Two. Three. Four."
    sentences = [(0, 4), (5, 9), (10, 16), (17, 22)]
    known = {"One": 3.0, "Two": 2.9, "Four": 2.8}
    found = reader(known).read("Why?", [make_hit(make_document(text), sentences=sentences)])
    assert [span.text for span in found] == ["One. Two.", "Four."]


def test_what_was_read_before_changes_nothing() -> None:
    used = reader(WordsModel())
    for question in ("Pears?", "When?", "Who fell in June?"):
        used.read(question, [bridge(), *many(3)])
    assert used.read(QUESTION, [bridge()]) == reader(WordsModel()).read(QUESTION, [bridge()])


def test_several_threads_may_read() -> None:
    shared = reader(WordsModel())
    hits = many(8)
    questions = [f"Is thing{n:02} case {n}?" for n in range(8)] * 4
    alone = [reader(WordsModel()).read(question, hits) for question in questions]
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(lambda question: shared.read(question, hits), questions)) == alone


# --- How much is read ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("budget", "read"),
    # Each of the passages has 5 tokens.
    [(1, LEAST_PASSAGES), (20, 4), (24, 4), (25, 5), (29, 5), (50, 10), (10**6, 12)],
)
def test_the_budget_is_in_tokens_and_four_passages_are_always_read(budget: int, read: int) -> None:
    model = PhraseModel({})
    reader(model, budget=budget).read(QUESTION, many(12))
    assert [text for _, text in model.read] == [hit.passage.text for hit in many(12)[:read]]


def test_a_few_passages_are_all_read() -> None:
    model = PhraseModel({})
    reader(model, budget=1).read(QUESTION, many(3))
    assert len(model.read) == 3


def test_reading_stops_when_the_rest_cannot_win() -> None:
    by_retrieval = replace(BY_SPAN, rank=weighing(span=1.0, retrieval=100.0))
    # The best so far has 5 + 99. The sixth might reach 10 + 94: the same, so it is read.
    model = PhraseModel({"thing01": 5.0})
    reader(model, by_retrieval).read(QUESTION, many(12))
    assert len(model.read) == 10
    model = PhraseModel({"thing01": 5.1})
    found = reader(model, by_retrieval).read(QUESTION, many(12))
    assert len(model.read) == 5
    assert found[0].said == "thing01"
    model = PhraseModel({"thing01": 5.1})
    reader(model, by_retrieval).candidates(QUESTION, many(12), stop_early=False)
    assert len(model.read) == 12


weights = st.fixed_dictionaries(
    {name: st.integers(-4, 4).map(float) for name in FEATURES} | {"span": st.integers(0, 4)}
)


@given(
    weights,
    st.lists(
        st.tuples(st.integers(-10, 10), st.integers(0, 10), st.integers(-10, 10)),
        min_size=5,
        max_size=13,
    ),
)
def test_stopping_early_never_changes_the_first_answer(
    rank: dict[str, float], passages: list[tuple[int, int, int]]
) -> None:
    hits = [
        replace(hit, score=score / 10, cosine=cosine / 10)
        for hit, (_, score, cosine) in zip(many(len(passages)), passages, strict=True)
    ]
    model = PhraseModel({f"thing{n:02}": float(p[0]) for n, p in enumerate(passages, start=1)})
    parameters = replace(BY_SPAN, rank=weighing(**rank), seen=SEEN)
    one = reader(model, parameters)
    early, whole = (
        judge(QUESTION, *one.candidates(QUESTION, hits, stop_early=stop), parameters)
        for stop in (True, False)
    )
    assert (early[0].hit, early[0].answer) == (whole[0].hit, whole[0].answer)


def test_stopping_early_reckons_with_long_answers() -> None:
    hits = many(5)
    hits.append(make_hit(make_document("One two three four five six.", "z.txt"), rank=6))
    model = PhraseModel({"is thing01": 10.0, "One two three four five six": 9.9})
    by_words = replace(BY_SPAN, rank=weighing(span=1.0, words=1.0))
    one = reader(model, by_words)
    early, whole = (
        judge(QUESTION, *one.candidates(QUESTION, hits, stop_early=stop), by_words)
        for stop in (True, False)
    )
    assert early[0].said == whole[0].said


def test_a_headline_has_its_answer_from_the_text_below() -> None:
    text = "Flood kills 12 in Hale\n\nTwelve people died in Hale, the governor said.\n"
    hit = make_hit(make_document(text, "flood.txt"), sentences=tuple(sentences(text)))
    found = reader({"12": 3.0, "Twelve": 1.0}).read("How many died?", [hit])
    assert found[0].said == "Twelve"
    assert [span.said for span in found[0].same] == ["12"]


def test_no_short_answer_runs_from_a_headline_into_the_text() -> None:
    text = "Norland buries its dead\n\nNorton is in mourning.\n"
    hit = make_hit(make_document(text, "a.txt"), sentences=tuple(sentences(text)))
    found = reader({"dead\n\nNorton": 3.0, "mourning": 1.0}).read("What is it?", [hit])
    assert found[0].said == "mourning"
    assert not any("\n" in span.said for span in found)


def test_a_short_answer_ends_with_its_row() -> None:
    text = "Costs\nSlate: £14,600\nTin: £9,100\nWe take slate.\n\nOak | £5\nElm | £7\n"
    hit = make_hit(make_document(text, "a.txt"), sentences=tuple(sentences(text)))
    found = reader({"£14,600\nTin: £9,100": 3.0, "£5\nElm": 1.0}).read("What is it?", [hit])
    assert [(span.said, span.text) for span in found[:2]] == [
        ("£14,600", "Slate: £14,600"),
        ("£5", "Oak | £5"),
    ]


# --- The ranking of passages --------------------------------------------------------------


def read_as(hit: Hit, probability: float, same: Sequence[Span] = ()) -> Span:
    return Span(hit, 0, 1, probability, same=tuple(same))


def test_reranking_by_hand() -> None:
    one, two, three, four = many(4)  # scores 0.99, 0.98, 0.97, 0.96
    spans = [read_as(three, 0.9, [read_as(two, 0.0)]), read_as(one, 0.1234), read_as(one, 0.1)]
    found = rerank([one, two, three, four], spans, weight=0.5)
    assert [hit.passage.id for hit in found] == [2, 3, 1, 4]
    assert [hit.rank for hit in found] == [1, 2, 3, 4]
    assert [hit.relevance for hit in found] == [0.9, 0.9, 0.1234, None]
    assert [hit.score for hit in found] == [0.98, 0.97, 0.99, 0.96]


def test_the_weight_is_the_readers() -> None:
    hits = many(2)
    spans = [read_as(hits[0], 0.0), read_as(hits[1], 1.0)]
    assert [hit.passage.id for hit in rerank(hits, spans, weight=0)] == [1, 2]
    assert [hit.passage.id for hit in rerank(hits, spans, weight=1)] == [2, 1]
    assert 0 < READER_WEIGHT < 1


def test_without_reading_nothing_moves() -> None:
    assert rerank(many(3), []) == many(3)
    assert rerank([], []) == []


def test_equals_keep_their_places() -> None:
    hits = [replace(hit, score=0.5) for hit in many(3)]
    spans = [read_as(hit, 0.5) for hit in reversed(hits)]
    assert [hit.passage.id for hit in rerank(hits, spans)] == [1, 2, 3]


@given(st.lists(st.none() | st.integers(0, 5).map(lambda n: n / 5), max_size=8), st.floats(0, 1))
def test_every_passage_stays_and_those_not_read_come_last(
    relevances: list[float | None], weight: float
) -> None:
    hits = many(len(relevances))
    spans = [
        read_as(hit, relevance)
        for hit, relevance in zip(hits, relevances, strict=True)
        if relevance is not None
    ]
    found = rerank(hits, spans, weight)
    assert sorted(hit.passage.id for hit in found) == [hit.passage.id for hit in hits]
    assert [hit.rank for hit in found] == list(range(1, len(hits) + 1))
    unread = [hit.relevance is None for hit in found]
    assert unread == sorted(unread)
    last = [hit.passage.id for hit in found if hit.relevance is None]
    assert last == sorted(last)


@pytest.mark.parametrize(
    "question",
    [QUESTION, "Why was the bridge closed?"],
)
def test_a_passage_that_agrees_was_read_too(question: str) -> None:
    hits = [
        make_hit(make_document(text, f"{rank}.txt"), rank=rank)
        for rank, text in enumerate(["Rust.", "The rust.", "A rust."], start=1)
    ]
    spans = reader({"Rust": 3.0, "The rust": 2.0, "A rust": 1.0}).read(question, hits)
    assert [hit.relevance is None for hit in rerank(hits, spans)] == [False, False, False]


def test_a_passage_that_was_read_in_vain_was_read_too() -> None:
    hits = [
        make_hit(make_document("Monday.", "a.txt"), rank=1),
        make_hit(make_document("MONDAY.", "b.txt"), rank=2),
    ]
    spans = reader({"Monday": 3.0, "MONDAY": -9.0}).read(QUESTION, hits)
    assert [hit.relevance is None for hit in rerank(hits, spans)] == [False, False]


# --- What a question asks for -------------------------------------------------------------


@pytest.mark.parametrize(
    "question",
    [
        "Why was the bridge closed?",
        "and why?",
        "How did the minister react?",
        "How is the bridge closed?",
        "Explain the closing.",
        "Describe the bridge.",
        "In what way is it unsafe?",
        "What did the minister say about the bridge?",
        "What does the report claim?",
        "What was the reason for the closing?",
        "What are the reasons?",
        "  “Why?”",
    ],
)
def test_questions_that_a_few_words_cannot_answer(question: str) -> None:
    assert wants_explanation(question)


@pytest.mark.parametrize(
    "question",
    [
        "How many lorries?",
        "How much did it cost?",
        "How long is the bridge?",
        "How old is he?",
        "Who said that the bridge is not safe?",
        "What did the repairs cost?",
        "Whyte was elected when?",
        "When did he say that?",
        "",
    ],
)
def test_questions_that_a_few_words_can_answer(question: str) -> None:
    assert not wants_explanation(question)


@pytest.mark.parametrize(
    "question",
    [
        "Which bridges were closed?",
        "What countries have signed the treaty?",
        "Which three Czech towns are meant?",
        "Who were the engineers?",
        "Who are they?",
        "List all of them.",
        "Name two of the towns.",
        "What else was closed?",
    ],
)
def test_questions_that_ask_for_several_things(question: str) -> None:
    assert wants_several(question)


@pytest.mark.parametrize(
    "question",
    [
        "Which bridge was closed?",
        "Who closed the bridge?",
        "When was it closed?",
        "Which bus was late?",
        "What process is meant?",
        "What does the bridge cost?",
        "What happens on Monday?",
        "Which city hosts the games?",
        "",
    ],
)
def test_questions_that_ask_for_one_thing(question: str) -> None:
    assert not wants_several(question)


def test_spans_are_plain_values() -> None:
    hit = bridge()
    assert Span(hit, 0, 32) == Span(hit, 0, 32)
    plain = Span(hit, 0, 32)
    assert (plain.probability, plain.answer, plain.same) == (0, None, ())
    assert plain.said == plain.text == "The bridge was closed on Monday."
    assert replace(plain, answer=(25, 31)).said == "Monday"
