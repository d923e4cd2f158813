"""What answers are worth: by hand, for perfect and empty systems, and in any order."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.measures import METRICS
from eval.metrics import ndcg_at_10, ranking
from eval.scoring import Result, score, stages, summary
from eval.sets import Case, Quote
from rag.types import Answer, Citation, Claim, Document, Outcome, Sentence, Speaker
from tests.fakes import make_document

TEXT = "The bridge is shut. It was built in 1906, said Jana Novak. Lorries go round by the dam."
BRIDGE = make_document(TEXT, "bridge.txt")
OTHER = make_document("Apples ripen late.", "apples.txt")
DOCUMENTS = {document.id: document for document in (BRIDGE, OTHER)}
BUILT = (20, 58)
"""The second sentence."""


def claim(
    marker: int, span: tuple[int, int], short: str | None = None, document: Document = BRIDGE
) -> Claim:
    quote = document.text[slice(*span)]
    at = None if short is None else (quote.index(short), quote.index(short) + len(short))
    citation = Citation(marker, document.id, document.path, "Title", *span, quote)
    return Claim(quote, (citation,), 0.7, answer_span=at)


def answer(*claims: Claim, outcome: Outcome = "answered", confidence: float = 0.7) -> Answer:
    return Answer("?", "?", "", claims, (), outcome, confidence, {"retrieve": 0.1, "read": 0.2})


ASKED = Case(
    id="1",
    question="When was it built?",
    answerable=True,
    answers=("1906", "in 1906"),
    quotes=(Quote(path="bridge.txt", quote=TEXT[slice(*BUILT)]),),
    speaker="Jana Novak",
    documents={"bridge.txt": 1},
)
UNKNOWN = Case(id="2", question="Who built it?", answerable=False)
GOLD = [(BRIDGE.id, *BUILT)]


def scored(case: Case, given: Answer, ranked: tuple[str, ...] = (), **more: bool) -> Result:
    gold = GOLD if case.quotes else []
    return score(case, gold, given, ranked, DOCUMENTS.__getitem__, **more)


def test_a_right_answer() -> None:
    found = scored(ASKED, answer(claim(1, BUILT, "in 1906")), ("bridge.txt",))
    assert found.right is True
    assert found.short == "in 1906"
    assert found.scores == {
        **dict.fromkeys(("recall@5", "recall@10", "mrr@10", "ndcg@10"), 1),
        **dict.fromkeys(("exact_match", "token_f1"), 1),
        **dict.fromkeys(("exact_match_or_refusal", "token_f1_or_refusal"), 1),
        **dict.fromkeys(("first_citation", "any_citation", "quote_holds_answer"), 1),
        **dict.fromkeys(("citation_precision", "citation_recall", "verbatim"), 1),
        **dict.fromkeys(("answered", "answered_right", "correct"), 1),
        "attribution": 0,  # nobody was named
    }


def test_the_second_citation_is_right_and_half_of_what_is_cited() -> None:
    first, second = (0, 19), BUILT
    found = scored(ASKED, answer(claim(1, first), claim(2, second, "1906")))
    assert found.right is False
    assert [one["right"] for one in found.citations] == [False, True]
    assert found.scores["first_citation"] == 0
    assert found.scores["any_citation"] == 1
    assert found.scores["citation_recall"] == 1
    size = second[1] - second[0]
    assert found.scores["citation_precision"] == pytest.approx(size / (size + 19), abs=1e-6)
    assert found.scores["quote_holds_answer"] == 0
    # "The bridge is shut." and "1906" or "in 1906" have no word in common.
    assert found.scores["token_f1"] == 0
    assert found.scores["answered_right"] == 0


def test_half_of_a_gold_quote_is_right_and_less_is_not() -> None:
    start, end = BUILT
    half = (end - start) // 2
    assert scored(ASKED, answer(claim(1, (start, start + half)))).scores["first_citation"] == 1
    found = scored(ASKED, answer(claim(1, (start, start + half - 1))))
    assert found.scores["first_citation"] == 0
    assert found.scores["citation_recall"] == pytest.approx((half - 1) / (end - start), abs=1e-6)
    elsewhere = claim(1, (0, 18), document=OTHER)
    assert scored(ASKED, answer(elsewhere)).scores["citation_recall"] == 0


def test_what_is_cited_twice_counts_once() -> None:
    found = scored(ASKED, answer(claim(1, BUILT), claim(2, (30, 58)), claim(3, (0, 19))))
    assert found.scores["citation_recall"] == 1
    assert found.scores["citation_precision"] == pytest.approx(38 / 57, abs=1e-6)


def test_short_answers_decide_where_few_words_are_marked() -> None:
    few = ASKED.model_copy(update={"quotes": (Quote(path="bridge.txt", quote="1906"),)})
    gold = [(BRIDGE.id, 36, 40)]
    for short, right in (("1906", True), ("Jana Novak", False)):
        given = answer(claim(1, BUILT, short))
        found = score(few, gold, given, (), DOCUMENTS.__getitem__, statements=False)
        assert found.right is right
        assert found.scores["first_citation"] == 1
        assert "citation_precision" not in found.scores


def test_refusals() -> None:
    nothing = answer(outcome="declined", confidence=0.1)
    found = scored(ASKED, nothing)
    assert (found.right, found.short) == (False, "")
    for name in ("exact_match", "token_f1", "first_citation", "citation_precision", "correct"):
        assert found.scores[name] == 0, name
    assert found.scores["refusal_precision"] == 0
    assert "answered_right" not in found.scores
    assert "verbatim" not in found.scores
    found = scored(UNKNOWN, nothing)
    assert found.right is False
    assert found.scores == {
        **dict.fromkeys(("exact_match_or_refusal", "token_f1_or_refusal"), 1),
        **dict.fromkeys(("refusal_precision", "refusal_recall", "correct"), 1),
        "answered": 0,
    }
    # Showing what comes nearest is a refusal as well; answering is not.
    assert scored(UNKNOWN, answer(claim(1, BUILT), outcome="closest")).scores["correct"] == 1
    found = scored(UNKNOWN, answer(claim(1, BUILT, "1906")))
    assert (found.scores["correct"], found.scores["refusal_recall"]) == (0, 0)
    assert found.scores["exact_match_or_refusal"] == 0


def test_right_but_unsure_is_not_rightly_answered() -> None:
    found = scored(ASKED, answer(claim(1, BUILT, "1906"), outcome="closest", confidence=0.3))
    assert found.right is True
    assert found.scores["exact_match"] == 1
    assert found.scores["exact_match_or_refusal"] == 0
    assert found.scores["correct"] == 0


@pytest.mark.parametrize(
    ("named", "right"),
    [("Jana Novak", 1), ("Novak", 1), ("NOVAK", 1), ("Jana", 0), ("Ada Byron", 0), (None, 0)],
)
def test_speakers(named: str | None, right: int) -> None:
    speaker = None if named is None else Speaker(named, None, 0, 1)
    given = replace(claim(1, BUILT, "1906"), speaker=speaker)
    assert scored(ASKED, answer(given)).scores["attribution"] == right
    assert "attribution" not in scored(UNKNOWN, answer(given)).scores


def test_typographic_marks_are_no_difference_in_sets_of_ones_own() -> None:
    case = Case(id="5", question="?", answerable=True, answers=("an “old” bridge",))
    quote = 'It is an "old" bridge.'
    document = make_document(quote, "old.txt")
    given = answer(claim(1, (0, len(quote)), 'an "old" bridge', document))
    for statements, right in ((True, 1), (False, 0)):
        found = score(case, [], given, (), {document.id: document}.__getitem__, statements)
        assert found.scores["exact_match"] == right


def test_multiple_choice() -> None:
    case = Case(id="3", question="?", answerable=True, answers=("1906",), choices=("1904", "1906"))
    found = scored(case, answer(claim(1, BUILT, "1906, said Jana Novak")))
    assert (found.right, found.scores["multiple_choice"]) == (True, 1)
    assert scored(case, answer(claim(1, (0, 19)))).right is False


def test_a_quote_that_is_not_in_its_document() -> None:
    good = claim(1, BUILT)
    forged = replace(good, citations=(replace(good.citations[0], marker=2, quote="Not so."),))
    found = scored(ASKED, answer(good, forged))
    assert found.scores["verbatim"] == 0.5
    assert [one["verbatim"] for one in found.citations] == [True, False]


def test_nothing_is_known_of_a_set_that_tells_nothing() -> None:
    found = scored(Case(id="4", question="?"), answer(claim(1, BUILT)))
    assert found.right is None
    assert found.scores == {"verbatim": 1}


def test_the_context_marks_both() -> None:
    found = scored(ASKED, answer(claim(1, (0, 19))))
    (part,) = found.context
    assert (part["path"], part["start"], part["text"]) == ("bridge.txt", 0, TEXT)
    assert (part["gold"], part["cited"]) == ([BUILT], [(0, 19)])


def test_the_context_has_whole_words() -> None:
    long = make_document("word " * 200 + "Here it is. " + "more " * 200, "long.txt")
    start = long.text.index("Here")
    quote = Quote(path="long.txt", quote="Here it is.")
    case = Case(id="1", question="?", answerable=True, answers=("it",), quotes=(quote,))
    gold = [(long.id, start, start + 11)]
    found = score(case, gold, answer(outcome="declined"), (), {long.id: long}.__getitem__)
    (part,) = found.context
    assert part["text"].startswith("word word")
    assert part["text"].endswith("more more")
    assert 400 < len(part["text"]) < 520
    ((begin, end),) = part["gold"]
    assert part["text"][begin:end] == "Here it is."


def test_ranking_agrees_with_the_mean_over_a_collection() -> None:
    relevant = {"a": 2, "b": 1, "c": 1}
    ranked = ["x", "b", "y", "a", "z", "w"]
    found = ranking(relevant, ranked)
    assert found["recall@5"] == pytest.approx(2 / 3)
    assert found["mrr@10"] == pytest.approx(1 / 2)
    scores = {document: -float(rank) for rank, document in enumerate(ranked)}
    assert found["ndcg@10"] == pytest.approx(ndcg_at_10({"q": relevant}, {"q": scores}))
    assert set(ranking(relevant, []).values()) == {0.0}


# --- The whole set ------------------------------------------------------------------------


def test_a_perfect_system_has_every_best_value() -> None:
    named = replace(claim(1, BUILT, "1906"), speaker=Speaker("Jana Novak", None, 0, 1))
    results = [
        scored(ASKED, answer(named, confidence=1.0), ("bridge.txt",)),
        scored(UNKNOWN, answer(outcome="declined", confidence=0.0)),
    ]
    found = summary(results)
    for metric in METRICS:
        if metric.group != "speed" and metric.name in found and metric.better != "neither":
            # With one wrong first answer of two at no confidence, half of the curve is risk.
            best = {"aurc": 0.25, "ece": 0.0}.get(metric.name, 1.0)
            assert found[metric.name]["value"] == best, metric.name
    assert found["seconds"]["value"] == pytest.approx(0.3)


def test_an_empty_system_has_every_worst_value() -> None:
    nothing = answer(outcome="declined", confidence=0.0)
    found = summary([scored(ASKED, nothing), scored(UNKNOWN, nothing)])
    for metric in METRICS:
        if metric.group in ("retrieval", "answer", "citation", "attribution"):
            if metric.name.endswith("_or_refusal"):  # right on what has no answer
                assert found[metric.name]["value"] == 0.5
            elif metric.name in found:
                assert found[metric.name]["value"] == 0, metric.name
    assert found["answered"]["value"] == 0
    assert found["refusal_recall"]["value"] == 1
    assert found["refusal_precision"]["value"] == 0.5
    assert found["auroc"]["value"] is None  # nothing is right


def result(number: int, right: bool, confidence: float) -> Result:
    found = scored(ASKED if right else UNKNOWN, answer(claim(1, BUILT, "1906")))
    return replace(found, case=found.case | {"id": str(number)}, confidence=confidence)


@settings(max_examples=10)  # each draws thousands of samples for its intervals
@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1)), min_size=1, max_size=6), st.randoms())
def test_the_order_of_the_questions_does_not_matter(
    rows: list[tuple[bool, float]], shuffled: random.Random
) -> None:
    results = [result(number, *row) for number, row in enumerate(rows)]
    other = list(results)
    shuffled.shuffle(other)
    assert summary(results) == summary(other)


def test_the_time_of_each_stage() -> None:
    slow, fast = {"retrieve": 0.3, "read": 2.0}, {"retrieve": 0.1, "read": 1.0}
    results = [replace(result(1, True, 0.5), seconds=fast) for _ in range(20)]
    results.append(replace(result(2, True, 0.5), seconds=slow))
    failed = Result(case={"id": "9"}, error="no")
    assert stages([*results, failed]) == {
        "retrieve": {"median": 0.1, "p95": 0.1},
        "read": {"median": 1.0, "p95": 1.0},
    }
    assert stages(results[-3:])["read"] == {"median": 1.0, "p95": pytest.approx(1.9)}
    assert stages([failed]) == {}


def test_failures_are_in_no_mean() -> None:
    good = result(1, True, 0.9)
    failed = Result(case={"id": "9", "question": "?"}, error="ValueError: no")
    assert summary([good, failed]) == summary([good])
    assert summary([failed]) == {}


def test_intervals_hold_the_value_and_shrink_with_more_questions() -> None:
    few, many = (
        summary([result(number, number % 2 == 0, 0.5) for number in range(count)])["correct"]
        for count in (10, 200)
    )
    for found in (few, many):
        assert found["low"] <= found["value"] <= found["high"]
    assert many["high"] - many["low"] < few["high"] - few["low"]
    # Of 200 halves, ±1.96 standard errors of 0.035.
    assert many["high"] - many["low"] == pytest.approx(2 * 1.96 * 0.0354, abs=0.03)
    alone = summary([result(1, True, 0.5)])["correct"]
    assert (alone["n"], alone["low"], alone["high"]) == (1, None, None)


def test_sentences_of_a_model_are_counted_as_they_stand() -> None:
    said = Sentence("The mill is open.", "supported")
    moved = Sentence("It is open.", "moved")
    gone = Sentence("Elves opened it.", "unsupported", "says more than the passage")
    plain = claim(1, BUILT)
    given = replace(
        answer(replace(plain, written=said), replace(plain, written=moved), plain),
        removed=(gone, gone),
    )
    found = scored(UNKNOWN, given)
    assert found.scores["proved"] == 0.5
    assert found.scores["moved"] == 0.5
    assert found.short == "The mill is open."
    assert "proved" not in scored(UNKNOWN, answer(plain)).scores
