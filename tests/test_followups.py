"""The conversations of the evaluation, and how they are counted."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from eval.datasets import Question, make_document
from eval.followups import ALONE, CASES, SEEDS, WAYS, Case, Found, Gold, cases, dragged, report
from rag.load import load

ROWS = [json.loads(line) for line in CASES.read_text("utf-8").splitlines()]


def test_the_set_has_both_halves_and_every_kind_in_them() -> None:
    assert len(ROWS) >= 100
    assert len({row["id"] for row in ROWS}) == len(ROWS)
    assert set(Counter(row["split"] for row in ROWS)) == {"dev", "test"}
    for split in ("dev", "test"):
        found = Counter(row["kind"] for row in ROWS if row["split"] == split)
        assert min(found.values()) >= 2
        assert len(found) == 8


def test_only_what_stands_alone_is_its_own_standalone_question() -> None:
    for row in ROWS:
        assert row["history"]
        assert (row["standalone"] == row["question"]) == (row["kind"] in ALONE), row["id"]


def test_gold_places_are_found_in_their_documents(tmp_path: Path) -> None:
    wanted = {
        f"{row['gold']['article'].replace('_', ' ')} {number + 1}"
        for row in ROWS
        if "article" in row["gold"]
        for number in row["gold"]["paragraphs"]
    }
    seeds = [load(SEEDS, file.name, max_file_mb=1) for file in SEEDS.iterdir()]
    made = [make_document(path, path, f"About {path}.") for path in sorted(wanted)]
    found = cases([*seeds, *made])
    assert [case.id for case in found] == [row["id"] for row in ROWS]
    texts = {document.id: document.text for document in seeds}
    for case, row in zip(found, ROWS, strict=True):
        if "path" in row["gold"]:
            quotes = [texts[gold.document][gold.start : gold.end] for gold in case.gold]
            assert quotes == row["gold"]["quotes"]


def test_a_place_is_hit_where_it_is_touched() -> None:
    gold = Gold("a", 10, 20)
    assert gold.holds("a", 0, 11)
    assert gold.holds("a", 19, 30)
    assert not gold.holds("a", 0, 10)
    assert not gold.holds("a", 20, 30)
    assert not gold.holds("b", 0, 99)
    assert Gold("a").holds("a", 500, 600)


def found(kind: str, rewritten: str, *ranks: int | None) -> Found:
    case = Case("x", "test", kind, ("Who?",), "Why?", "Why so?", (Gold("a"),))
    by_way = dict(zip(WAYS, ranks, strict=True))
    return Found(case, rewritten, by_way, {way: rank == 1 for way, rank in by_way.items()})


def test_shares_are_counted_by_kind_and_in_all() -> None:
    text = report(
        [
            found("pronoun", "Why did he?", None, 2, 1, 1),
            found("pronoun", "Why?", None, None, None, 1),
            found("when, why", "Why did it?", 1, 1, 1, 1),
            found("new topic", "Why?", 1, 1, 1, 1),
            found("stands alone", "Why so?", 1, 1, 1, 1),
        ]
    )
    rows = {
        cells[1].strip(): [cell.strip() for cell in cells[2:-1]]
        for cells in (line.split("|") for line in text.splitlines() if line.startswith("|"))
    }
    assert rows["pronoun"] == [
        "2",
        *"0.000 0.500 0.500 1.000".split(),
        *"0.000 0.000 0.500 1.000".split() * 2,
    ]
    assert rows["all follow-ups"] == [
        "3",
        *"0.333 0.667 0.667 1.000".split(),
        *"0.333 0.333 0.667 1.000".split() * 2,
    ]
    assert "converse reaches 0.667 of the recall" in text
    assert "left as they are: 1 of 2 questions that stand alone; rewritten: 2 of 3" in text


def test_a_question_that_points_back_is_dragged_along_and_others_are_not() -> None:
    texts = ("Who closed the old bridge?", "What did he say?", "When does the library open?")
    questions = [Question(str(n), text, group=str(n)) for n, text in enumerate(texts)]
    assert dragged(questions) == 1 / 3
    assert dragged([questions[0], questions[2]]) == 0
