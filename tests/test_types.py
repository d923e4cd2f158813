"""The types as people and other programs see them: JSON, text, and nothing to change."""

from __future__ import annotations

import dataclasses
import json
from datetime import date
from importlib.resources import files

import jsonschema
import pytest

from rag.types import Answer, Citation, Claim, Hit, Passage, Skipped, Speaker, SyncReport

TEXT = "It is not safe. “Ça suffit,” said Jana Novak."
QUOTE = "“Ça suffit,” said Jana Novak."


def citation(marker: int, published: date | None = None) -> Citation:
    return Citation(
        marker, "ab" * 32, f"notes/{marker}.txt", "The bridge", 16, 45, QUOTE, published
    )


@pytest.fixture
def answered() -> Answer:
    passage = Passage(7, "ab" * 32, 0, 45, TEXT, ((0, 15), (16, 45)))
    return Answer(
        question="Who said that it is enough?",
        searched="Bridge? Who said that it is enough?",
        text=f"“{QUOTE}” [1][2]",
        claims=(
            Claim(
                QUOTE,
                (citation(1, date(2025, 6, 27)), citation(2)),
                0.75,
                Speaker("Jana Novak", "town engineer", 34, 44, 29, 33, "direct"),
                (18, 28),
                ((1, 10),),
            ),
        ),
        hits=(
            Hit(passage, 0.9, 1, 1, None, 0.8, 0.7),
            Hit(dataclasses.replace(passage, id=9), 0.5, 2, None, 1, -0.1),
        ),
        outcome="answered",
        confidence=0.75,
        seconds={"retrieve": 0.01, "read": 0.02, "answer": 0.0},
        dropped=1,
    )


@pytest.fixture
def declined() -> Answer:
    return Answer("?", "?", "Nothing comes near.", (), (), "declined", 0.0, {})


def test_json_holds_every_field(answered: Answer) -> None:
    found = json.loads(answered.to_json())
    assert set(found) == {field.name for field in dataclasses.fields(Answer)}
    assert found["question"] == "Who said that it is enough?"
    assert found["searched"] == "Bridge? Who said that it is enough?"
    assert (found["outcome"], found["stage"], found["dropped"]) == ("answered", "done", 1)
    assert found["seconds"] == {"retrieve": 0.01, "read": 0.02, "answer": 0.0}
    (claim,) = found["claims"]
    assert claim["answer_span"] == [18, 28]
    assert claim["more_spans"] == [[1, 10]]
    assert claim["speaker"] == {
        "name": "Jana Novak",
        "role": "town engineer",
        "start": 34,
        "end": 44,
        "cue_start": 29,
        "cue_end": 33,
        "mode": "direct",
    }
    assert (claim["position"], claim["names_speaker"], claim["dates"]) == ("reporter", False, [])
    assert claim["citations"][0] == {
        "marker": 1,
        "document_id": "ab" * 32,
        "path": "notes/1.txt",
        "title": "The bridge",
        "start": 16,
        "end": 45,
        "quote": QUOTE,
        "published": "2025-06-27",
        "copy_of": None,
    }
    assert claim["citations"][1]["published"] is None
    assert found["hits"][0]["passage"]["sentences"] == [[0, 15], [16, 45]]
    assert [hit["text_rank"] for hit in found["hits"]] == [None, 1]
    assert [hit["relevance"] for hit in found["hits"]] == [0.7, None]


def test_json_is_for_people_too(answered: Answer) -> None:
    assert "Ça suffit" in answered.to_json()
    assert "\n" not in answered.to_json()
    assert answered.to_json(indent=2).count("\n") > 50
    assert json.loads(answered.to_json(indent=2)) == json.loads(answered.to_json())


def test_dict_is_what_the_json_says(answered: Answer, declined: Answer) -> None:
    for answer in (answered, declined):
        assert answer.to_dict() == json.loads(answer.to_json())


def test_json_follows_the_schema(answered: Answer, declined: Answer) -> None:
    file = files("rag").joinpath("answer.schema.json")
    schema = json.loads(file.read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    check = jsonschema.Draft202012Validator(
        schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )
    found = json.loads(answered.to_json())
    check.validate(found)
    check.validate(json.loads(declined.to_json()))
    for name in found:
        assert not check.is_valid({k: v for k, v in found.items() if k != name}), name
    for name, wrong in {"outcome": "maybe", "confidence": 1.5, "claims": None, "more": 1}.items():
        assert not check.is_valid(found | {name: wrong}), name


def test_an_answer_reads_well(answered: Answer, declined: Answer) -> None:
    assert str(answered).splitlines() == [
        f"“{QUOTE}” [1][2]",
        "",
        "[1] The bridge, 2025-06-27 (notes/1.txt, 16-45)",
        "[2] The bridge (notes/2.txt, 16-45)",
        "answered, confidence 75%",
    ]
    assert str(declined).splitlines() == ["Nothing comes near.", "", "declined, confidence 0%"]


def test_citations_come_in_the_order_of_their_markers(answered: Answer) -> None:
    (claim,) = answered.claims
    second = dataclasses.replace(claim, citations=(citation(3),))
    shuffled = dataclasses.replace(answered, claims=(second, claim))
    assert [found.marker for found in shuffled.citations] == [1, 2, 3]


def test_answers_come_in_the_order_in_which_they_stand(answered: Answer) -> None:
    (claim,) = answered.claims
    assert claim.answers == ("Ça suffit", "Jana Novak")
    assert dataclasses.replace(claim, more_spans=()).answers == ("Jana Novak",)
    assert dataclasses.replace(claim, more_spans=(), answer_span=None).answers == (QUOTE,)


def test_the_schema_is_made_from_the_types() -> None:
    from rag.schema import answer_schema

    shipped = json.loads(files("rag").joinpath("answer.schema.json").read_text("utf-8"))
    assert answer_schema() == shipped


def test_nothing_can_be_changed_or_added(answered: Answer) -> None:
    (claim,) = answered.claims
    (first, _) = answered.hits
    for thing in (answered, claim, claim.citations[0], claim.speaker, first, first.passage):
        assert thing is not None
        name = dataclasses.fields(thing)[0].name
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(thing, name, "other")
        assert not hasattr(thing, "__dict__")


def test_a_report_names_every_count() -> None:
    report = SyncReport(1, 2, 3, 4, (Skipped("a.bin", "unknown format"),), 56, 7.89)
    assert str(report) == (
        "1 added, 2 changed, 3 removed, 4 unchanged, 1 skipped; 56 passages, 7.9 s"
    )
