"""Conversations that are kept: with their sources, across threads, processes and rebuilds."""

from __future__ import annotations

import dataclasses
import re
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from rag.conversations import NAME, Conversations
from rag.errors import ConversationNotFound, StoreDamaged, StoreError, StoreMismatch
from rag.markdown import escaped, markdown
from rag.types import Answer, Citation, Claim, Document, Speaker
from tests.conftest import MakeAssistant
from tests.fakes import make_document

BRIDGE = make_document("The bridge is closed. It is not safe.", "bridge.txt")
LIBRARY = make_document("The library opens at nine.", "library.txt")


def answer(question: str = "Who?", *documents: Document) -> Answer:
    """One that cites the first sentence of each document."""
    claims = []
    for marker, document in enumerate(documents, start=1):
        end = document.text.index(".") + 1
        quote = document.text[:end]
        cited = Citation(marker, document.id, document.path, document.title, 0, end, quote)
        claims.append(Claim(quote, (cited,), 0.9, answer_span=(4, 10)))
    return Answer(question, question, "Yes [1]", tuple(claims), (), "answered", 0.9, {"read": 0.5})


@pytest.fixture
def documents() -> dict[str, Document]:
    return {document.id: document for document in (BRIDGE, LIBRARY)}


@pytest.fixture
def kept(tmp_path: Path, documents: dict[str, Document]) -> Iterator[Conversations]:
    made = Conversations(tmp_path, documents.__getitem__)
    yield made
    made.close()


def count(kept: Conversations, table: str) -> int:
    with sqlite3.connect(kept.file) as connection:
        found = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    connection.close()
    return int(found[0])


# --- Keeping --------------------------------------------------------------------------------


def test_turns_come_back_as_they_were_in_order(kept: Conversations) -> None:
    first, second = answer("Is it closed?", BRIDGE), answer("And the library?", LIBRARY, BRIDGE)
    id = kept.append(first)
    assert kept.append(second, id, speaker="Ann Lee") == id
    turns = kept.get(id)
    assert [turn.answer for turn in turns] == [first, second]
    assert [turn.speaker for turn in turns] == ["", "Ann Lee"]
    (about,) = kept.list()
    assert (about.id, about.title, about.turns) == (id, "Is it closed?", 2)
    assert about.created <= about.changed
    assert about.created.utcoffset() is not None


def test_the_one_that_changed_last_comes_first(kept: Conversations) -> None:
    one, other = kept.append(answer("One?")), kept.append(answer("Other?"))
    assert [c.id for c in kept.list()] == [other, one]
    kept.append(answer("More?"), one)
    assert [c.id for c in kept.list()] == [one, other]
    kept.rename(other, "  Named\n anew ")
    assert [c.title for c in kept.list()] == ["Named anew", "One?"]


def test_a_title_is_short_and_never_empty(kept: Conversations) -> None:
    id = kept.append(answer("word " * 100))
    assert len(kept.list()[0].title) <= 200
    assert kept.list()[0].title.endswith("word…")
    for nothing in ("", " \n"):
        with pytest.raises(ValueError, match="empty"):
            kept.rename(id, nothing)


def test_only_what_is_done_is_kept(kept: Conversations) -> None:
    with pytest.raises(ValueError, match="not done"):
        kept.append(replace(answer(), stage="reading"))
    assert kept.list() == ()


def test_text_that_is_no_unicode_is_kept_all_the_same(kept: Conversations) -> None:
    id = kept.append(answer("Who is \ud800?"), speaker="\udfff")
    assert kept.get(id)[0].answer.question == "Who is ??"
    assert kept.list()[0].title == "Who is ??"


@pytest.mark.parametrize("what", ["get", "delete", "export"])
def test_what_is_not_there_is_said(kept: Conversations, what: str) -> None:
    with pytest.raises(ConversationNotFound, match="sayso conversations"):
        getattr(kept, what)("no\ud800such")
    with pytest.raises(ConversationNotFound):
        kept.rename("nosuch", "x")
    with pytest.raises(ConversationNotFound):
        kept.append(answer(), "nosuch")
    assert kept.list() == ()


# --- Sources --------------------------------------------------------------------------------


def test_a_source_is_there_as_it_was_when_the_document_is_gone(
    kept: Conversations, documents: dict[str, Document]
) -> None:
    given = answer("Closed?", BRIDGE)
    kept.append(given)
    documents.clear()
    (citation,) = given.citations
    source = kept.source(citation)
    assert source.text == BRIDGE.text
    assert source.text[citation.start : citation.end] == citation.quote
    assert (source.id, source.path, source.title) == (BRIDGE.id, "bridge.txt", BRIDGE.title)


def test_a_text_is_kept_once_and_goes_with_its_last_citation(kept: Conversations) -> None:
    one = kept.append(answer("One?", BRIDGE))
    kept.append(answer("Two?", BRIDGE), one)
    other = kept.append(answer("Three?", BRIDGE, LIBRARY))
    assert count(kept, "sources") == 2
    kept.delete(other)
    assert count(kept, "sources") == 1
    kept.delete(one)
    assert [count(kept, t) for t in ("conversations", "turns", "cited", "sources")] == [0] * 4


def test_what_is_deleted_is_no_longer_in_the_file(kept: Conversations) -> None:
    secret = make_document("Xyzzyplugh is the password. Tell nobody.", "s.txt")
    kept._document = lambda id: secret
    kept.delete(kept.append(answer("What is xyzzyplugh?", secret)))
    kept.close()
    left = b"".join(file.read_bytes() for file in kept.file.parent.glob(f"{NAME}*"))
    assert b"yzzyplugh" not in left


def test_a_document_that_vanished_meanwhile_leaves_its_quote(
    kept: Conversations, documents: dict[str, Document]
) -> None:
    given = answer("Closed?", BRIDGE)
    documents.clear()
    id = kept.append(given)
    assert kept.get(id)[0].answer == given
    with pytest.raises(KeyError):
        kept.source(given.citations[0])


def test_conversations_outlive_a_rebuild_of_the_index(
    make_assistant: MakeAssistant, folder: Path
) -> None:
    assistant = make_assistant()
    given = assistant.ask("When was the bridge closed?")
    id = assistant.conversations.append(given)
    (folder / "bridge.txt").write_text("The bridge is open again.", "utf-8")
    assistant.close()
    anew = make_assistant(rebuild=True)
    assert [c.id for c in anew.conversations.list()] == [id]
    (turn,) = anew.conversations.get(id)
    assert turn.answer == given
    citation = turn.answer.citations[0]
    with pytest.raises(KeyError):
        anew.document(citation.document_id)
    source = anew.conversations.source(citation)
    assert source.text[citation.start : citation.end] == citation.quote
    again = anew.ask("And why?", [turn.answer])
    assert again.searched == "Why was the bridge closed?"


# --- At the same time -----------------------------------------------------------------------


def test_threads_keep_every_turn(kept: Conversations) -> None:
    id = kept.append(answer("First?", BRIDGE))
    threads = [
        threading.Thread(
            target=lambda n=n: [kept.append(answer(f"{n}-{m}?", BRIDGE), id) for m in range(5)]
        )
        for n in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    questions = [turn.answer.question for turn in kept.get(id)]
    assert sorted(questions[1:]) == sorted(f"{n}-{m}?" for n in range(4) for m in range(5))


PROCESS = """
import sys
from pathlib import Path
from rag.conversations import Conversations
from rag.types import Answer
kept = Conversations(Path(sys.argv[1]))
for n in range(10):
    kept.append(Answer(f"{sys.argv[3]}-{n}?", "?", "", (), (), "declined", 0.0, {}), sys.argv[2])
"""


def test_processes_keep_every_turn(kept: Conversations, tmp_path: Path) -> None:
    id = kept.append(answer("First?"))
    root = Path(__file__).parents[1]
    running = [
        subprocess.Popen([sys.executable, "-c", PROCESS, str(tmp_path), id, str(n)], cwd=root)
        for n in range(2)
    ]
    assert [process.wait() for process in running] == [0, 0]
    questions = [turn.answer.question for turn in kept.get(id)][1:]
    assert sorted(questions) == sorted(f"{n}-{m}?" for n in range(2) for m in range(10))


# --- When something is wrong ----------------------------------------------------------------


def test_another_layout_is_refused(kept: Conversations) -> None:
    kept.append(answer())
    kept.close()
    with sqlite3.connect(kept.file) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StoreMismatch, match=r"conversations\.sqlite have layout 99.*Move the file"):
        kept.list()


def test_a_damaged_file_is_said(kept: Conversations) -> None:
    kept.file.write_bytes(b"no database at all, whatever its name says" * 100)
    with pytest.raises(StoreDamaged, match="Move the file away"):
        kept.list()


def test_a_folder_that_cannot_be_written_to_is_said(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be used"):
        Conversations(tmp_path / "none").list()


def test_a_turn_that_is_no_answer_is_said(kept: Conversations) -> None:
    id = kept.append(answer())
    with sqlite3.connect(kept.file) as connection:
        connection.execute("UPDATE turns SET answer = '{\"question\": 3}'")
    connection.close()
    with pytest.raises(StoreDamaged, match="conversations delete"):
        kept.get(id)
    kept.delete(id)
    assert kept.list() == ()


# --- Answers to JSON and back ---------------------------------------------------------------

PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    str: st.text(st.characters(codec="utf-8"), max_size=9),
    int: st.integers(0, 2**40),
    float: st.floats(-1, 1),
    bool: st.booleans(),
    date: st.dates(),
    type(None): st.none(),
}


def anything(kind: Any) -> st.SearchStrategy[Any]:
    """Every value of a type, so that a field added later is tried as well."""
    if kind in PLAIN:
        return PLAIN[kind]
    if dataclasses.is_dataclass(kind):
        hints = get_type_hints(kind)
        fields = {field.name: anything(hints[field.name]) for field in dataclasses.fields(kind)}
        return st.builds(kind, **fields)
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Literal:
        return st.sampled_from(inner)
    if origin is tuple and inner[-1] is Ellipsis:
        return st.lists(anything(inner[0]), max_size=2).map(tuple)
    if origin is tuple:
        return st.tuples(*map(anything, inner))
    if origin is Mapping:
        return st.dictionaries(anything(inner[0]), anything(inner[1]), max_size=2)
    return st.one_of(*map(anything, inner))  # X | None


ANSWERS = anything(Answer)


@given(ANSWERS)
def test_an_answer_comes_back_from_json(given: Answer) -> None:
    assert Answer.from_json(given.to_json()) == given
    assert Answer.from_dict(given.to_dict()) == given


def test_what_has_a_default_may_be_missing() -> None:
    data = answer("Closed?", BRIDGE).to_dict()
    del data["dropped"], data["claims"][0]["dates"]
    assert Answer.from_dict(data) == answer("Closed?", BRIDGE)


@pytest.mark.parametrize("text", ["", "[]", '{"question": "?"}', '{"claims": 3}', "{"])
def test_what_is_no_answer_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        Answer.from_json(text)


# --- Markdown -------------------------------------------------------------------------------

HOSTILE = (
    "# Heading\n\n[link](https://example.com) ![image](x.png) <b>bold</b> <script>x</script>\n"
    "- item\n1. item\n> quote\n***\n    code\n`code` **bold** _it_ ~~gone~~ | a | b |\n"
    "&amp; https://example.com www.example.com \\[1\\]\n===\n<!-- -->\n[ref]: https://x.org\n```\n"
)


def tags(source: str) -> list[str]:
    """The elements that Markdown makes of a text, raw HTML allowed."""
    return re.findall(r"<(\w+)", MarkdownIt("commonmark", {"html": True}).render(source))


def seen(source: str) -> str:
    """The text that a reader sees."""
    import html

    rendered = MarkdownIt("commonmark", {"html": True}).render(source)
    return html.unescape(re.sub(r"<[^>]*>", "", rendered))


def test_an_export_holds_question_answer_and_citations(kept: Conversations) -> None:
    id = kept.append(answer("Is it closed?", BRIDGE, LIBRARY))
    kept.append(replace(answer("And?", BRIDGE), searched="Is it open?"), id)
    text = kept.export(id)
    lines = [line for line in seen(text).splitlines() if line]
    assert lines[0] == "Is it closed?"
    assert "1. Is it closed?" in lines
    assert "2. And?" in lines
    assert "Searched for: Is it open?" in lines
    assert "Answered, confidence 90%." in lines
    assert "Yes [1]" in lines
    assert "[2] The library opens at nine., library.txt, characters 0–26" in lines
    assert "The library opens at nine." in lines
    assert tags(text).count("blockquote") == 3


def test_nothing_in_a_document_acts_as_markdown(kept: Conversations) -> None:
    hostile = Document("ab" * 32, "[x](y)<i>.txt", HOSTILE, HOSTILE)
    cited = Citation(1, hostile.id, hostile.path, HOSTILE, 0, len(HOSTILE), HOSTILE)
    by = Speaker("<b>Ann</b>", "*mayor*", 0, 3)
    claim = Claim(HOSTILE, (cited,), 0.9, by, position="says")
    given = replace(answer(HOSTILE), searched="# x", text=HOSTILE, claims=(claim,))
    id = kept.append(given)
    text = kept.export(id)
    assert set(tags(text)) == {"h1", "h2", "p", "strong", "blockquote", "br"}
    assert tags(text).count("h1") == tags(text).count("h2") == tags(text).count("blockquote") == 1
    for words in (
        "[link](https://example.com)",
        "<script>x</script>",
        "&amp;",
        "1. item",
        "- item",
    ):
        assert words in seen(text)


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=60))
def test_any_text_is_shown_exactly(text: str) -> None:
    shown = seen(f"x {escaped(text)} y")
    assert " ".join(shown.split()) == " ".join(f"x {text} y".split())
    assert set(tags(f"> {escaped(text)}")) <= {"blockquote", "p"}


def test_an_empty_conversation_has_a_title() -> None:
    from datetime import UTC, datetime

    made = markdown("A *title*", datetime(2026, 1, 2, 3, 4, tzinfo=UTC), [])
    assert made == "# A \\*title\\*\n\nAsked with Sayso, 2026-01-02 03:04 UTC.\n"
