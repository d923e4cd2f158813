"""The main path, end to end, with the fake embedder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import rag
from rag import Answer, Assistant, Settings
from rag.compose import NO_QUESTION, NOBODY
from rag.errors import (
    DocumentError,
    DocumentsNotFound,
    SaysoError,
    SettingsError,
    StoreDamaged,
    StoreError,
    StoreMismatch,
)
from tests.conftest import MakeAssistant
from tests.fakes import WordEmbedder, WordsModel, write_files

ROOT = Path(__file__).parents[1]
QUESTION = "Is it for lorries or cars that Jana Novak calls it not safe?"


def without_seconds(answer: Answer) -> str:
    return replace(answer, seconds={}).to_json()


def titles(assistant: Assistant) -> list[tuple[str, ...]]:
    return [entry.paths for entry in assistant.documents()]


def python(code: str, *arguments: str) -> str:
    """What a fresh Python prints."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


# --- Asking -------------------------------------------------------------------------------


def test_an_answer_quotes_the_documents(make_assistant: MakeAssistant) -> None:
    assistant = make_assistant(answer_threshold=0.01, decline_threshold=0.0)
    answer = assistant.ask(QUESTION)
    assert answer.outcome == "answered"
    assert answer.question == answer.searched == QUESTION
    assert answer.claims[0].text == (
        "“It is not safe for lorries,” said Jana Novak, the town engineer."
    )
    assert answer.citations[0].path == "bridge.txt"
    assert answer.citations[0].title == "The bridge"
    for citation in answer.citations:
        document = assistant.document(citation.document_id)
        assert document.text[citation.start : citation.end] == citation.quote
        assert f"[{citation.marker}]" in answer.text
    assert set(answer.seconds) == {"retrieve", "read", "answer"}
    assert answer.dropped == 0
    assert [hit.rank for hit in answer.hits] == list(range(1, len(answer.hits) + 1))
    assert answer.confidence == answer.claims[0].probability
    (short, *_) = answer.claims[0].answers
    assert short in answer.claims[0].text
    whose = "according to Jana Novak, town engineer"
    assert answer.text.startswith(f"{short}, {whose}: {answer.claims[0].text} [1]")


@pytest.mark.parametrize("text", ["", "?", "Hello!", "thanks a lot"])
def test_what_is_no_question_is_not_searched_for(make_assistant: MakeAssistant, text: str) -> None:
    assistant = make_assistant(answer_threshold=0.0, decline_threshold=0.0)
    answer = assistant.ask(text, [assistant.ask(QUESTION)])
    assert (answer.outcome, answer.claims, answer.hits) == ("declined", (), ())
    assert (answer.text, answer.stage) == (NO_QUESTION, "done")


def test_words_around_a_question_change_nothing(make_assistant: MakeAssistant) -> None:
    assistant = make_assistant()
    answer = assistant.ask("Can you please tell me when the bridge was closed?")
    assert answer.searched == "When the bridge was closed?"
    assert answer.asked == "what"


def test_a_filter_that_nobody_fits_says_so(make_assistant: MakeAssistant) -> None:
    answer = make_assistant().ask(QUESTION, speaker="Nobody")
    assert (answer.outcome, answer.text) == ("declined", NOBODY)


def test_thresholds_that_cross_are_an_error(make_assistant: MakeAssistant) -> None:
    with pytest.raises(SettingsError, match=r"'decline_threshold': 0\.9 is above"):
        make_assistant(answer_threshold=0.1, decline_threshold=0.9)


def test_an_explanation_is_quoted_without_a_short_answer(make_assistant: MakeAssistant) -> None:
    assistant = make_assistant(answer_threshold=0.0, decline_threshold=0.0)
    (claim, *_) = assistant.ask("Why did apples ripen late?").claims
    assert (claim.answer_span, claim.more_spans) == (None, ())
    assert claim.answers == (claim.text,)


def test_what_is_read_has_its_title_and_its_limit(
    make_assistant: MakeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    models: list[WordsModel] = []

    def load_reader(name: str) -> WordsModel:
        assert name == "mine"
        models.append(WordsModel())
        return models[-1]

    assistant = make_assistant(passage_tokens=16)
    count = len(assistant.ask(QUESTION).hits)
    assert count > 4
    assistant.close()
    monkeypatch.setattr("rag.assistant.load_reader", load_reader)
    assistant = Assistant.open(
        settings=assistant.settings.model_copy(update={"reader_model": "mine", "read_tokens": 1}),
        embedder=WordEmbedder(),
    )
    with assistant:
        assistant.ask(QUESTION)
        (model,) = models
        assert len(model.read) == 4
        texts = {
            assistant.document(e.id).title: assistant.document(e.id).text
            for e in assistant.documents()
        }
        assert all(text in texts[title] for title, text in model.read)
        assert "The bridge" in {title for title, _ in model.read}


def test_citations_carry_what_the_document_states(make_assistant: MakeAssistant) -> None:
    assistant = make_assistant(answer_threshold=0.0, decline_threshold=0.0)
    citation = assistant.ask("Why did apples ripen late?").citations[0]
    assert (citation.title, str(citation.published)) == ("A late harvest", "2025-09-30")
    assert citation.path == "notes/harvest.md"


def test_stream_goes_through_its_stages(make_assistant: MakeAssistant) -> None:
    assistant = make_assistant(answer_threshold=0.0, decline_threshold=0.0)
    searching, reading, done = assistant.stream(QUESTION)
    assert [one.stage for one in (searching, reading, done)] == ["searching", "reading", "done"]
    assert (searching.hits, searching.claims, searching.text) == ((), (), "")
    assert reading.claims == ()
    # Reading puts the passages into an order of its own, and says how relevant each is.
    found = {hit.passage.id: hit for hit in reading.hits}
    assert {hit.passage.id for hit in done.hits} == set(found)
    assert [hit.relevance for hit in reading.hits] == [None] * len(found)
    assert done.hits[0].relevance is not None
    for hit in done.hits:
        assert replace(hit, rank=0, relevance=None) == replace(found[hit.passage.id], rank=0)
    assert {one.question for one in (searching, reading, done)} == {QUESTION}
    assert without_seconds(done) == without_seconds(assistant.ask(QUESTION))


def test_the_same_question_gets_the_same_bytes(make_assistant: MakeAssistant) -> None:
    first = make_assistant()
    before = [without_seconds(first.ask(question)) for question in (QUESTION, "Apples?", "???")]
    assert [
        without_seconds(first.ask(question)) for question in (QUESTION, "Apples?", "???")
    ] == before
    first.close()
    again = make_assistant()
    assert [
        without_seconds(again.ask(question)) for question in reversed((QUESTION, "Apples?", "???"))
    ] == before[::-1]


@pytest.mark.parametrize(
    "question",
    ["", " ", "???", "\0", "\n", "👩‍👩‍👧", '"AND" OR (', "bridge " * 2000, "e\u0301", "x" * 5000],
)
def test_any_question_gets_an_answer(make_assistant: MakeAssistant, question: str) -> None:
    answer = make_assistant().ask(question)
    assert answer.question == question
    assert answer.stage == "done"
    json.loads(answer.to_json())


def test_settings_decide(make_assistant: MakeAssistant) -> None:
    high = make_assistant(answer_threshold=1.0, decline_threshold=1.0)
    assert high.ask("Is it?").outcome == "declined"
    low = make_assistant(answer_threshold=1.0, decline_threshold=0.0, top_k=1, max_claims=1)
    answer = low.ask(QUESTION)
    assert answer.outcome == "closest"
    assert len(answer.hits) == len(answer.claims) == 1


def test_no_documents_no_answer(make_assistant: MakeAssistant, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    answer = make_assistant(documents=tmp_path / "empty").ask(QUESTION)
    assert (answer.outcome, answer.claims, answer.hits) == ("declined", (), ())
    assert answer.confidence == 0
    assert answer.text


class Liar:
    """A reader whose quotes are not in the documents."""

    def read(self, question: str, hits: Sequence[rag.Hit]) -> list[Any]:
        from rag.read import Span

        return [
            Span(
                replace(hit, passage=replace(hit.passage, text="x" * len(hit.passage.text))), *at, 1
            )
            for hit in hits
            for at in hit.passage.sentences
        ]


def test_a_reader_cannot_make_up_a_quote(make_assistant: MakeAssistant) -> None:
    answer = make_assistant(reader=Liar()).ask(QUESTION)
    assert (answer.outcome, answer.claims) == ("declined", ())
    assert answer.dropped > 0
    assert "xxx" not in answer.text


# --- Follow-up questions ------------------------------------------------------------------


def test_a_follow_up_is_searched_with_its_context(make_assistant: MakeAssistant) -> None:
    assistant = make_assistant()
    first = assistant.ask("When was the bridge closed?")
    second = assistant.ask("And why?", [first])
    assert second.question == "And why?"
    assert second.searched == "Why was the bridge closed?"
    assert assistant.document(second.hits[0].passage.document_id).path == "bridge.txt"
    third = assistant.ask("When does the library open?", [first, second])
    assert third.searched == third.question


def test_a_correction_is_searched_for_in_place_of_what_is_made(
    make_assistant: MakeAssistant,
) -> None:
    assistant = make_assistant()
    first = assistant.ask("When was the bridge closed?")
    second = assistant.ask("And why?", [first], searched=" Who wants Sundays? ")
    assert (second.question, second.searched) == ("And why?", "Who wants Sundays?")
    assert assistant.document(second.hits[0].passage.document_id).path == "library.txt"
    assert assistant.ask("And why?", [first], searched="  ").searched != "  "


def test_what_is_asked_for_is_told_by_the_standalone_question(
    make_assistant: MakeAssistant,
) -> None:
    assistant = make_assistant()
    first = assistant.ask("Did Jana Novak close the old bridge?")
    assert first.asked == "whether"
    assert assistant.ask("And the library?", [first]).asked == "whether"


# --- Opening and closing ------------------------------------------------------------------


def test_opening_indexes_once(make_assistant: MakeAssistant, embedder: WordEmbedder) -> None:
    first = make_assistant()
    assert (first.last_sync.added, first.last_sync.unchanged) == (3, 0)
    assert titles(first) == [("bridge.txt",), ("library.txt",), ("notes/harvest.md",)]
    count = len(embedder.embedded)
    assert count == first.last_sync.passages > 0
    second = make_assistant()
    assert (second.last_sync.added, second.last_sync.unchanged) == (0, 3)
    assert len(embedder.embedded) == count


def test_sync_notices_changes(make_assistant: MakeAssistant, folder: Path) -> None:
    assistant = make_assistant()
    write_files(folder, {"new.txt": "Storks nest on the tower."})
    report = assistant.sync()
    assert (report.added, report.unchanged) == (1, 3)
    assert assistant.last_sync is report
    assert "Storks" in assistant.ask("Where do storks nest?").hits[0].passage.text


def test_open_takes_a_folder_and_settings(
    folder: Path, tmp_path: Path, embedder: WordEmbedder
) -> None:
    settings = Settings.load(documents=tmp_path / "nowhere", store=tmp_path / "store", top_k=1)
    told: list[str] = []
    with Assistant.open(
        str(folder),
        settings,
        embedder=embedder,
        progress=lambda done, total, path: told.append(path),
    ) as assistant:
        assert assistant.settings.documents == folder
        assert len(assistant.ask(QUESTION).hits) == 1
    assert told == ["bridge.txt", "library.txt", "notes/harvest.md", ""]


def test_a_missing_folder_is_named_and_leaves_no_store(
    make_assistant: MakeAssistant, tmp_path: Path
) -> None:
    with pytest.raises(DocumentsNotFound, match="nowhere"):
        make_assistant(documents=tmp_path / "nowhere")
    assert not (tmp_path / "store").exists()


def test_passages_too_long_for_the_model_are_refused(make_assistant: MakeAssistant) -> None:
    """And the mistake leaves nothing behind that the right setting would not fit to."""
    with pytest.raises(SettingsError, match="passage_tokens"):
        make_assistant(passage_tokens=300)
    assert make_assistant(passage_tokens=256).last_sync.added == 3


def test_a_store_that_is_a_file_is_an_error_that_names_it(
    make_assistant: MakeAssistant, tmp_path: Path
) -> None:
    for wrong in ("occupied", "occupied/below"):
        (tmp_path / "occupied").write_text("Something else.")
        with pytest.raises(SaysoError, match="occupied"):
            make_assistant(store=tmp_path / wrong)


def test_another_language_splits_otherwise_and_is_not_mixed_in(
    make_assistant: MakeAssistant, folder: Path
) -> None:
    """As with another passage size: an old index in the old language would stay half so."""
    write_files(folder, {"brief.txt": "Prof. Müller kommt am 3. Mai. Er bleibt."})
    make_assistant(language="en").close()
    with pytest.raises(StoreMismatch, match="language"):
        make_assistant(language="de")
    german = make_assistant(language="de", rebuild=True)
    (hit,) = [hit for hit in german.ask("Wann kommt Müller?").hits if "Müller" in hit.passage.text]
    assert len(hit.passage.sentences) == 2


def test_another_model_needs_a_rebuild(make_assistant: MakeAssistant, tmp_path: Path) -> None:
    first = make_assistant()
    note = tmp_path / "mine.txt"
    note.write_text("Storks nest on the tower.")
    first.add([note])
    first.close()
    other = WordEmbedder(32, name="fewer words")
    with pytest.raises(StoreMismatch, match="sayso index --rebuild"):
        make_assistant(embedder=other)
    assert make_assistant().last_sync.unchanged == 4  # nothing was lost
    rebuilt = make_assistant(embedder=other, rebuild=True)
    assert rebuilt.last_sync.added == 4
    assert (".dropped/mine.txt",) in titles(rebuilt)
    assert make_assistant(embedder=other).last_sync.unchanged == 4


def test_a_damaged_store_can_be_rebuilt(make_assistant: MakeAssistant, tmp_path: Path) -> None:
    make_assistant().close()
    (tmp_path / "store" / "sayso.sqlite").write_bytes(b"no database " * 1000)
    with pytest.raises(StoreDamaged, match="rebuild"):
        make_assistant()
    assert make_assistant(rebuild=True).last_sync.added == 3


def test_a_closed_assistant_says_so(make_assistant: MakeAssistant) -> None:
    assistant = make_assistant()
    with assistant:
        assistant.ask(QUESTION)
    assistant.close()  # twice is fine
    with pytest.raises(StoreError) as caught:
        assistant.ask(QUESTION)
    assert not isinstance(caught.value, StoreDamaged)  # nothing is damaged, nothing to rebuild
    assert "closed" in str(caught.value)


# --- Dropped-in files ---------------------------------------------------------------------


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    """Where files are dropped in from."""
    return write_files(
        tmp_path / "inbox",
        {
            "storks.txt": "Storks nest on the tower.",
            "other/storks.txt": "Storks left for the south.",
            "other/same/storks.txt": "Storks nest on the tower.",
            "broken.pdf": b"%PDF-1.4 broken",
            "empty.txt": b"",
            ".hidden.txt": "Hidden words.",
            "~$lock.docx": b"?",
        },
    )


def test_a_dropped_in_file_is_indexed_and_stays(
    make_assistant: MakeAssistant, inbox: Path, folder: Path
) -> None:
    assistant = make_assistant()
    report = assistant.add([inbox / "storks.txt"])
    assert (report.added, report.unchanged, report.skipped) == (1, 3, ())
    assert titles(assistant)[0] == (".dropped/storks.txt",)
    assert assistant.ask("Where do storks nest?").hits[0].passage.text == (
        "Storks nest on the tower."
    )
    assert {file.name for file in folder.iterdir()} == {"bridge.txt", "library.txt", "notes"}
    (inbox / "storks.txt").unlink()
    assistant.close()
    again = make_assistant()
    assert again.last_sync.unchanged == 4
    assert titles(again)[0] == (".dropped/storks.txt",)


def test_a_name_that_is_taken_gets_a_number(make_assistant: MakeAssistant, inbox: Path) -> None:
    assistant = make_assistant()
    assistant.add([inbox / "storks.txt"])
    report = assistant.add([inbox / "other" / "storks.txt"])
    assert report.added == 1
    dropped = [path for paths in titles(assistant) for path in paths if "storks" in path]
    assert sorted(dropped) == [".dropped/storks (2).txt", ".dropped/storks.txt"]
    texts = {entry.paths[0]: assistant.document(entry.id).text for entry in assistant.documents()}
    assert texts[".dropped/storks.txt"] == "Storks nest on the tower."
    assert texts[".dropped/storks (2).txt"] == "Storks left for the south."
    # The same content again, under its first name or its second, is nothing new.
    again = assistant.add([inbox / "other" / "same" / "storks.txt", inbox / "other" / "storks.txt"])
    assert (again.added, again.changed, again.unchanged) == (0, 0, 5)


def test_several_at_once_even_of_one_name(make_assistant: MakeAssistant, inbox: Path) -> None:
    assistant = make_assistant()
    report = assistant.add([inbox / "storks.txt", inbox / "other" / "storks.txt"])
    assert report.added == 2


@pytest.mark.parametrize(
    "name", ["broken.pdf", "empty.txt", "nowhere.txt", "other", ".hidden.txt", "~$lock.docx"]
)
def test_what_cannot_be_indexed_is_reported_and_not_kept(
    make_assistant: MakeAssistant, inbox: Path, tmp_path: Path, name: str
) -> None:
    assistant = make_assistant()
    report = assistant.add([inbox / name, inbox / "storks.txt"])
    assert report.added == 1
    (skipped,) = report.skipped
    assert skipped.path == name
    assert skipped.reason
    kept = {file.name for file in (tmp_path / "store" / "dropped").iterdir()}
    assert kept == {"storks.txt"}


def test_a_name_as_long_as_names_may_be(make_assistant: MakeAssistant, inbox: Path) -> None:
    name = "n" * 251 + ".txt"
    (inbox / name).write_text("Long names are allowed.")
    assistant = make_assistant()
    report = assistant.add([inbox / name, inbox / "storks.txt"])
    assert report.added + len(report.skipped) == 2
    assert (".dropped/storks.txt",) in titles(assistant)


def test_a_file_that_is_too_large_is_not_kept(
    make_assistant: MakeAssistant, inbox: Path, tmp_path: Path
) -> None:
    (inbox / "large.txt").write_text("words " * 2000)
    report = make_assistant(max_file_mb=0.01).add([inbox / "large.txt"])
    assert [skipped.path for skipped in report.skipped] == ["large.txt"]
    assert not list((tmp_path / "store" / "dropped").iterdir())


def test_a_dropped_in_file_can_be_removed(
    make_assistant: MakeAssistant, inbox: Path, tmp_path: Path
) -> None:
    assistant = make_assistant()
    assistant.add([inbox / "storks.txt"])
    report = assistant.remove(".dropped/storks.txt")
    assert (report.removed, report.unchanged) == (1, 3)
    assert not list((tmp_path / "store" / "dropped").iterdir())
    assert all(".dropped" not in path for paths in titles(assistant) for path in paths)
    assert all("Storks" not in hit.passage.text for hit in assistant.ask("storks").hits)
    assert (inbox / "storks.txt").exists()


@pytest.mark.parametrize(
    "path",
    [
        "bridge.txt",
        "notes/harvest.md",
        ".dropped/bridge.txt",
        ".dropped/../sayso.sqlite",
        ".dropped/../../documents/bridge.txt",
        ".dropped/..",
        ".dropped/.",
        ".dropped/",
        ".dropped//storks.txt",
        ".dropped/./storks.txt",
        ".dropped/.dropped/storks.txt",
        "storks.txt",
        "",
        ".dropped/\0",
        ".dropped/" + "n" * 300,
    ],
)
def test_nothing_else_can_be_removed(
    make_assistant: MakeAssistant, inbox: Path, folder: Path, tmp_path: Path, path: str
) -> None:
    assistant = make_assistant()
    assistant.add([inbox / "storks.txt"])
    before = sorted(file for file in tmp_path.rglob("*") if file.is_file())
    with pytest.raises(DocumentError):
        assistant.remove(path)
    with pytest.raises(DocumentError):
        assistant.remove(str(folder / "bridge.txt"))
    assert sorted(file for file in tmp_path.rglob("*") if file.is_file()) == before
    assert len(assistant.documents()) == 4


# --- Several threads ----------------------------------------------------------------------


def test_many_ask_while_another_adds_and_removes(
    make_assistant: MakeAssistant, tmp_path: Path
) -> None:
    assistant = make_assistant(answer_threshold=0.0, decline_threshold=0.0)
    expected = assistant.ask(QUESTION).claims[0].text
    done = threading.Event()

    def ask() -> int:
        times = 0
        while not done.is_set() or not times:
            times += 1
            answer = assistant.ask(QUESTION)
            assert answer.claims[0].text == expected
            for claim in answer.claims:
                assert claim.text in {claim.citations[0].quote}
            assistant.documents()
        return times

    with ThreadPoolExecutor(5) as threads:
        asking = [threads.submit(ask) for _ in range(4)]
        try:
            for number in range(6):
                file = tmp_path / f"new{number}.txt"
                file.write_text(f"Storks number {number} nest on the tower and the bridge.")
                assert assistant.add([file]).added == 1
                if number % 2:
                    assistant.remove(f".dropped/{file.name}")
        finally:
            done.set()
        assert all(one.result(60) for one in asking)
    assert len(assistant.documents()) == 6


def test_two_may_add_at_once(make_assistant: MakeAssistant, tmp_path: Path) -> None:
    assistant = make_assistant()
    files = write_files(
        tmp_path / "many", {f"{n}.txt": f"Storks number {n} nest here." for n in range(8)}
    )
    start = threading.Barrier(8)

    def add(number: int) -> None:
        start.wait()
        assistant.add([files / f"{number}.txt"])

    with ThreadPoolExecutor(8) as threads:
        for one in [threads.submit(add, number) for number in range(8)]:
            one.result(60)
    assert len(assistant.documents()) == 11


def test_two_may_add_files_of_one_name_at_once(
    make_assistant: MakeAssistant, tmp_path: Path
) -> None:
    assistant = make_assistant()
    files = [
        write_files(tmp_path / str(n), {"a.txt": f"Storks {n} nest here."}) / "a.txt"
        for n in range(6)
    ]
    start = threading.Barrier(6)

    def add(file: Path) -> None:
        start.wait()
        assistant.add([file])

    with ThreadPoolExecutor(6) as threads:
        for one in [threads.submit(add, file) for file in files]:
            one.result(60)
    texts = {assistant.document(entry.id).text for entry in assistant.documents()}
    assert {f"Storks {n} nest here." for n in range(6)} <= texts


# --- The package --------------------------------------------------------------------------


def test_all_names_are_there() -> None:
    assert sorted(rag.__all__) == rag.__all__
    for name in rag.__all__:
        assert getattr(rag, name).__name__ == name
    with pytest.raises(AttributeError, match="nothing"):
        rag.nothing  # noqa: B018
    names: dict[str, object] = {}
    exec("from rag import *", names)
    assert set(rag.__all__) == names.keys() - {"__builtins__"}


def modules() -> Iterator[str]:
    for file in sorted((ROOT / "rag").glob("*.py")):
        if not file.stem.startswith("__"):
            yield f"rag.{file.stem}"


def test_names_are_callable_after_all_modules_were_imported() -> None:
    python(
        "import importlib, sys\n"
        "for name in sys.argv[1:]: importlib.import_module(name)\n"
        "from rag import *\n"
        "from rag import answer, Assistant\n"
        "import rag\n"
        "assert callable(answer) and callable(Assistant.open)\n"
        "assert all(callable(getattr(rag, name)) for name in rag.__all__)\n",
        *modules(),
    )


@pytest.mark.parametrize("name", ["rag", "rag.assistant", "rag.cli"])
def test_importing_is_light(name: str) -> None:
    loaded = python(
        "import importlib, json, sys\n"
        "importlib.import_module(sys.argv[1])\n"
        "if sys.argv[1] == 'rag': from rag import Assistant, answer\n"
        "print(json.dumps(sorted(sys.modules)))",
        name,
    )
    heavy = {
        "torch",
        "onnxruntime",
        "tokenizers",
        "faiss",
        "gradio",
        "llama_index",
        "transformers",
        "sentence_transformers",
        "huggingface_hub",
        "sklearn",
        "scipy",
        "pandas",
    }
    assert not heavy & set(json.loads(loaded))


def test_the_switches_are_set_and_people_are_obeyed() -> None:
    found = python(
        "import json, os\n"
        "from rag.offline import SWITCHES, go_offline\n"
        "for name in SWITCHES: os.environ.pop(name, None)\n"
        "os.environ['HF_HUB_OFFLINE'] = '0'\n"
        "go_offline()\n"
        "print(json.dumps([SWITCHES, {name: os.environ.get(name) for name in SWITCHES}]))"
    )
    switches, environment = json.loads(found)
    assert {"HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "GRADIO_ANALYTICS_ENABLED"} <= set(switches)
    assert environment == switches | {"HF_HUB_OFFLINE": "0"}
    assert switches["HF_HUB_OFFLINE"] == "1"


@pytest.mark.model
def test_one_question_in_one_call(folder: Path, tmp_path: Path) -> None:
    settings = Settings.load(store=tmp_path / "store")
    answer = rag.answer("Who said that the bridge is not safe?", folder, settings=settings)
    assert answer.citations[0].path == "bridge.txt"
    assert "Jana Novak" in answer.claims[0].text
    follow_up = rag.answer("And what will it cost?", folder, [answer], settings)
    assert follow_up.searched == "What will the bridge cost?"


@pytest.mark.model
@pytest.mark.parametrize("question", ["caf\udce9?", "\ud800", "\0", ""])
def test_any_question_can_be_put_to_the_real_model(
    folder: Path, tmp_path: Path, question: str
) -> None:
    """A terminal that is not set to UTF-8 gives Python lone surrogates."""
    settings = Settings.load(store=tmp_path / "store")
    with Assistant.open(folder, settings) as assistant:
        assert assistant.ask(question).stage == "done"


@pytest.mark.model
def test_the_same_bytes_whatever_was_asked_before(tmp_path: Path) -> None:
    """Passages are read in batches with others; it must not show."""
    settings = Settings.load(store=tmp_path / "store", documents=ROOT / "seeds")
    questions = [
        "Who called the comments an open provocation?",
        "What did the ministry say about the talks?",
        "How many people were killed?",
        "When will the elections take place?",
        "Why was the agreement signed?",
        "Who is the president?",
    ]
    with Assistant.open(settings=settings) as assistant:
        one = {question: without_seconds(assistant.ask(question)) for question in questions}
    with Assistant.open(settings=settings) as assistant:
        other = {question: without_seconds(assistant.ask(question)) for question in questions[::-1]}
    assert one == other


def test_tests_are_kept_from_the_users_settings() -> None:
    assert not [name for name in os.environ if name.startswith("SAYSO_")]
    assert not Path("sayso.toml").exists()
