"""The evaluation of the proof: what it counts, by hand."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace

from eval import proof
from eval.proof import Judged, in_test, name_of, read_labels

ONE = Judged("squad", True, True, "supported", "", 0.9)
SENTENCES = [
    ONE,
    replace(ONE, proof="moved"),
    replace(ONE, carried=False),
    replace(ONE, proof="unsupported", reason="x"),
    replace(ONE, carried=False, proof="unsupported", reason="x"),
    replace(ONE, carried=None),
]


def test_a_row_counts_what_people_have_judged() -> None:
    name, n, raw, shown, bad, wrong, carried, kept, moved = proof._row("all", SENTENCES)
    assert (name, n, shown, wrong, carried, moved) == ("all", "5", "3", "1", "3", "1")
    assert (raw, bad, kept) == ("0.400", "0.333", "0.667")


def test_nothing_is_no_error() -> None:
    assert proof._row("none", [])[1:] == ["0", "1.000", "0", "0.000", "0", "0", "0.000", "0"]


def test_reasons_are_counted_without_what_they_name() -> None:
    reasons = Counter(
        {
            "the number 5 is not in the passage": 2,
            "Ann Lee is not in the passage": 1,
            "Tom Ross is not in the passage": 1,
            "Ann Lee stands elsewhere in the passage": 1,
            "is a question": 4,
        }
    )
    assert proof._grouped(reasons) == [
        ("is a question", 4),
        ("a number is not in the passage", 2),
        ("a name is not in the passage", 2),
        ("a name stands elsewhere in the passage", 1),
    ]


def test_the_judged_sentences_are_of_both_halves_and_named_once() -> None:
    lines = [json.loads(line) for line in proof.LABELS.read_text("utf-8").splitlines()]
    assert len({line["sentence"] for line in lines}) == len(lines) == len(read_labels())
    halves = Counter(in_test(line["question"]) for line in lines)
    assert min(halves.values()) > 300
    assert {line["carried"] for line in lines} == {True, False}


def test_a_sentence_is_named_by_its_question_too() -> None:
    assert name_of("a", "It rained.") != name_of("b", "It rained.")
    assert len(name_of("a", "It rained.")) == 16
