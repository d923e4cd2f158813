"""A sync makes the store say what the folder says, whatever happened before or meanwhile."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import rag.ingest
from rag.errors import DocumentsNotFound, SettingsError
from rag.ingest import Indexer, sync
from rag.load import parse, read_bytes
from rag.retrieve import Retriever
from rag.store import Store
from rag.types import Document, SyncReport
from rag.writer import File
from tests.fakes import WordEmbedder, make_document, write_files

ROOT = Path(__file__).parents[1]
TOKENS = 32

BRIDGE = "The bridge\n\nThe old bridge was closed on Monday. Lorries must go round by the dam."
APPLES = "Apples ripened late. Farmers blame the cold spring."
LONG = (
    "This sentence is the first line of its file and has so many words that nobody would "
    "take it for a title, as it goes on about the bridge and the apples for quite a while. "
    "After it comes a second sentence, which is about lorries and the cold spring."
)


def stating(title: str, text: str = LONG) -> str:
    """Markdown that holds ``text`` and states a title, an author and a date besides."""
    return f"---\ntitle: {title}\nauthor: {title}\ndate: 2025-03-0{len(title) % 9 + 1}\n---\n{text}"


class Place:
    """A folder, dropped-in files and a store, synced with one embedder."""

    def __init__(self, base: Path) -> None:
        self.folder = base / "documents"
        self.dropped = base / "dropped"
        self.folder.mkdir(parents=True)
        self.dropped.mkdir()
        self.embedder = WordEmbedder()
        self.store = Store(base / "store", self.embedder.identity, TOKENS)

    def write(self, **files: str | bytes) -> None:
        """Texts in ``.txt`` files; those with front matter in ``.md`` files."""
        for name, text in files.items():
            suffix = ".md" if str(text).startswith("---") else ".txt"
            write_files(self.folder, {name + suffix: text})

    def sync(self, embedder: WordEmbedder | None = None, **more: Any) -> SyncReport:
        return sync(
            self.store,
            self.folder,
            Indexer(embedder or self.embedder, TOKENS),
            **{"max_file_mb": 1, "dropped": self.dropped} | more,
        )

    def texts(self) -> dict[str, str]:
        return {
            path: self.store.document(document).text
            for path, (_, document) in self.store.files().items()
        }

    def close(self) -> None:
        self.store.close()


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path / "place")
    yield made
    made.close()


def counts(report: SyncReport) -> tuple[int, int, int, int, int]:
    return report.added, report.changed, report.removed, report.unchanged, len(report.skipped)


QUERIES = ("Why is the bridge closed?", "late apples", "lorries in the cold spring", "???")


def content(store: Store) -> Any:
    """All that an answer can depend on, without row ids, which depend on history."""
    retriever = Retriever(store, WordEmbedder())
    documents = [store.document(entry.id) for entry in store.entries()]
    return (
        store.entries(),
        documents,
        store.files(),
        store.count(),
        {
            question: [
                (
                    hit.passage.document_id,
                    hit.passage.start,
                    hit.passage.end,
                    hit.passage.text,
                    hit.passage.sentences,
                    hit.score,
                    hit.rank,
                    hit.dense_rank,
                    hit.text_rank,
                    hit.cosine,
                )
                for hit in retriever.retrieve(question, 5)
            ]
            for question in QUERIES
        },
    )


def from_scratch(folder: Path, dropped: Path | None = None) -> Any:
    with tempfile.TemporaryDirectory() as base:
        fresh = Place(Path(base))
        sync(fresh.store, folder, Indexer(fresh.embedder, TOKENS), max_file_mb=1, dropped=dropped)
        found = content(fresh.store)
        fresh.close()
        return found


def assert_as_from_scratch(place: Place) -> None:
    assert content(place.store) == from_scratch(place.folder, place.dropped)


# --- What is counted ----------------------------------------------------------------------


def test_counts(place: Place) -> None:
    place.write(a=BRIDGE, b=APPLES, c=LONG)
    write_files(place.folder, {"d.bin": b"\0\1", "e.txt": b""})
    report = place.sync()
    assert counts(report) == (3, 0, 0, 0, 2)
    assert report.passages == place.store.count() == len(place.embedder.embedded) > 3
    assert [skipped.path for skipped in report.skipped] == ["d.bin", "e.txt"]

    place.write(a=BRIDGE + " More.", f="Something new.")
    (place.folder / "c.txt").unlink()
    (place.folder / "d.bin").unlink()
    assert counts(place.sync()) == (1, 1, 1, 1, 1)
    assert place.texts() == {
        "a.txt": BRIDGE + " More.",
        "b.txt": APPLES,
        "f.txt": "Something new.",
    }
    assert_as_from_scratch(place)


def test_what_is_unchanged_costs_no_embedding(place: Place) -> None:
    place.write(a=BRIDGE, b=APPLES)
    place.sync()
    before = content(place.store)
    place.embedder.embedded.clear()
    assert counts(place.sync()) == (0, 0, 0, 2, 0)
    place.write(a=BRIDGE)  # written again, with the same words
    assert counts(place.sync()) == (0, 0, 0, 2, 0)
    assert place.embedder.embedded == []
    assert content(place.store) == before


def test_only_what_changed_is_embedded(place: Place) -> None:
    place.write(a=BRIDGE, b=APPLES)
    place.sync()
    place.embedder.embedded.clear()
    place.write(b="Pears.")
    place.sync()
    assert place.embedder.embedded == ["Pears."]


def test_renaming_costs_no_embedding(place: Place) -> None:
    place.write(a=BRIDGE, b=APPLES)
    place.sync()
    place.embedder.embedded.clear()
    (place.folder / "a.txt").rename(place.folder / "z.txt")
    assert counts(place.sync()) == (1, 0, 1, 1, 0)
    assert place.embedder.embedded == []
    assert place.texts() == {"z.txt": BRIDGE, "b.txt": APPLES}
    assert_as_from_scratch(place)


def test_the_same_text_is_stored_once(place: Place) -> None:
    place.write(a=BRIDGE, b=BRIDGE)
    assert counts(place.sync()) == (2, 0, 0, 0, 0)
    (entry,) = place.store.entries()
    assert entry.paths == ("a.txt", "b.txt")
    assert len(place.embedder.embedded) == entry.passages == place.store.count()

    (place.folder / "a.txt").unlink()
    assert counts(place.sync()) == (0, 0, 1, 1, 0)
    (left,) = place.store.entries()
    assert left.paths == ("b.txt",)
    (place.folder / "b.txt").unlink()
    place.sync()
    assert place.store.entries() == []
    assert place.store.count() == 0


def test_a_copy_that_comes_later_is_stored_once(place: Place) -> None:
    place.write(b=BRIDGE)
    place.sync()
    place.embedder.embedded.clear()
    place.write(a=BRIDGE, c=BRIDGE)
    assert counts(place.sync()) == (2, 0, 0, 1, 0)
    (entry,) = place.store.entries()
    assert entry.paths == ("a.txt", "b.txt", "c.txt")
    assert place.embedder.embedded == []


def test_texts_change_places(place: Place) -> None:
    place.write(a=BRIDGE, b=APPLES)
    place.sync()
    place.embedder.embedded.clear()
    place.write(a=APPLES, b=BRIDGE)
    assert counts(place.sync()) == (0, 2, 0, 0, 0)
    assert place.texts() == {"a.txt": APPLES, "b.txt": BRIDGE}
    assert place.embedder.embedded == []
    assert_as_from_scratch(place)


@pytest.mark.parametrize("batch", [1, 400_000])
@pytest.mark.parametrize("text", [BRIDGE, LONG])
@pytest.mark.parametrize(("old", "new"), [("a", "z"), ("z", "a")])
def test_a_text_moves_on_and_another_takes_its_path(
    place: Place, monkeypatch: pytest.MonkeyPatch, text: str, old: str, new: str, batch: int
) -> None:
    """As when ``log`` becomes ``log.1`` and a new ``log`` is begun."""
    monkeypatch.setattr(rag.ingest, "_BATCH_CHARACTERS", batch)
    place.write(**{old: text, "m": "Pears."})
    place.sync()
    place.write(**{old: APPLES, new: text})
    assert counts(place.sync()) == (1, 1, 0, 1, 0)
    assert place.texts() == {f"{old}.txt": APPLES, f"{new}.txt": text, "m.txt": "Pears."}
    assert_as_from_scratch(place)


@pytest.mark.parametrize("batch", [1, 400_000])
def test_a_file_takes_the_text_of_another(
    place: Place, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr(rag.ingest, "_BATCH_CHARACTERS", batch)
    place.write(a=BRIDGE, b=LONG, c=APPLES)
    place.sync()
    place.write(a=LONG)
    assert counts(place.sync()) == (0, 1, 0, 2, 0)
    assert [entry.paths for entry in place.store.entries()] == [("a.txt", "b.txt"), ("c.txt",)]
    assert_as_from_scratch(place)
    place.write(a=APPLES, b=APPLES)
    place.sync()
    assert [entry.paths for entry in place.store.entries()] == [("a.txt", "b.txt", "c.txt")]
    assert_as_from_scratch(place)


# --- Titles and dates ---------------------------------------------------------------------


def test_what_a_text_states_comes_from_its_first_path(place: Place) -> None:
    def title() -> str:
        (entry,) = place.store.entries()
        return entry.title

    place.write(b=stating("Beta"))
    place.sync()
    assert title() == "Beta"
    place.write(a=stating("Alpha"), c=stating("Gamma"))
    place.sync()
    assert title() == "Alpha"
    (place.folder / "a.md").unlink()
    place.sync()
    assert title() == "Beta"
    assert_as_from_scratch(place)


@pytest.mark.parametrize("batch", [1, 400_000])
@pytest.mark.parametrize("now", ["Pears.", "", APPLES])
def test_what_a_text_states_follows_when_its_first_path_gets_another_text(
    place: Place, monkeypatch: pytest.MonkeyPatch, now: str, batch: int
) -> None:
    monkeypatch.setattr(rag.ingest, "_BATCH_CHARACTERS", batch)
    place.write(a=stating("Alpha"), b=stating("Beta"), c=APPLES)
    place.sync()
    write_files(place.folder, {"a.md": now})
    place.sync()
    document = place.store.document(place.store.files()["b.md"][1])
    assert (document.title, document.path) == ("Beta", "b.md")
    assert_as_from_scratch(place)


def test_what_a_text_states_does_not_depend_on_when_a_file_was_dropped_in(place: Place) -> None:
    place.write(a=stating("Alpha"))
    place.sync()
    write_files(place.dropped, {"b.md": stating("Beta")})
    place.sync()
    assert_as_from_scratch(place)


def test_what_a_file_states_may_change_without_its_text(place: Place) -> None:
    place.write(a=stating("First"))
    place.sync()
    place.write(a=stating("Another"))
    assert counts(place.sync()) == (0, 1, 0, 0, 0)
    document = place.store.document(place.store.files()["a.md"][1])
    assert document.title == document.metadata["author"] == "Another"
    assert str(document.published) == "2025-03-08"
    assert_as_from_scratch(place)


# --- What cannot be read ------------------------------------------------------------------


def test_what_is_of_no_known_format_is_not_opened(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_files(place.folder, {"a.txt": BRIDGE, "film.mp4": b"?" * 9})
    place.sync()
    opened: list[str] = []

    def seen(root: Path, path: str, **more: Any) -> bytes:
        opened.append(path)
        return read_bytes(root, path, **more)

    monkeypatch.setattr("rag.ingest.read_bytes", seen)
    monkeypatch.setattr(place.store, "writing", None)  # nor is anything to be written
    assert counts(place.sync()) == (0, 0, 0, 1, 1)
    assert opened == ["a.txt"]


def test_a_fault_of_ours_costs_one_file(
    place: Place, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def faulty(data: bytes, path: str) -> Document:
        if path == "b.txt":
            raise OverflowError("too large")
        return parse(data, path)

    monkeypatch.setattr("rag.ingest.parse", faulty)
    write_files(place.folder, {"a.txt": BRIDGE, "b.txt": APPLES, "c.txt": "It rained."})
    report = place.sync()
    assert counts(report) == (2, 0, 0, 0, 1)
    assert [skipped.path for skipped in report.skipped] == ["b.txt"]
    assert "fault of Sayso's" in report.skipped[0].reason
    assert "too large" in caplog.text


def test_a_folder_that_cannot_be_listed_keeps_what_was_indexed(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_files(place.folder, {"a.txt": BRIDGE, "sub/b.txt": APPLES})
    place.sync()
    scan = os.scandir

    def refusing(path: Any) -> Any:
        if Path(path).name == "sub":
            raise PermissionError(13, "Permission denied")
        return scan(path)

    monkeypatch.setattr(os, "scandir", refusing)
    report = place.sync()
    assert counts(report) == (0, 0, 0, 2, 1)
    assert (report.skipped[0].path, "permissions" in report.skipped[0].reason) == ("sub", True)
    assert place.texts() == {"a.txt": BRIDGE, "sub/b.txt": APPLES}
    monkeypatch.undo()
    assert counts(place.sync()) == (0, 0, 0, 2, 0)


def test_a_broken_file_does_not_stop_the_others(place: Place) -> None:
    write_files(
        place.folder,
        {
            "a.txt": BRIDGE,
            "b.pdf": b"%PDF-1.7 and no more",
            "c.docx": b"PK\x03\x04 broken",
            "d.txt": b"",
            "e.unknown": b"?",
            "f.txt": "x" * 1_000_001,
            "g.html": b"\0\0\0",
            "h/i.txt": APPLES,
        },
    )
    report = place.sync()
    assert counts(report) == (2, 0, 0, 0, 6)
    assert [skipped.path[0] for skipped in report.skipped] == list("efbcdg")
    assert all(skipped.reason.endswith(".") for skipped in report.skipped)
    assert place.texts() == {"a.txt": BRIDGE, "h/i.txt": APPLES}
    assert counts(place.sync()) == (0, 0, 0, 2, 6)


def test_a_broken_file_does_not_cost_a_new_index_each_time(place: Place) -> None:
    place.write(a=BRIDGE, b="")
    place.sync()
    index = {file.name for file in place.store.folder.glob("vectors-*")}
    assert len(index) == 1
    place.sync()
    place.write(c=BRIDGE)  # nor does a text that is there already
    place.sync()
    assert {file.name for file in place.store.folder.glob("vectors-*")} == index


@pytest.mark.parametrize("now", [b"", b"\0\1\2", b"x" * 1_000_001])
def test_a_file_that_becomes_unreadable_is_forgotten(place: Place, now: bytes) -> None:
    place.write(a=BRIDGE, b=APPLES)
    place.sync()
    place.write(a=now)
    report = place.sync()
    assert [skipped.path for skipped in report.skipped] == ["a.txt"]
    assert report.removed == 0
    assert place.texts() == {"b.txt": APPLES}
    assert place.store.search_text('"bridge"', 10) == []
    place.write(a=BRIDGE)
    assert counts(place.sync()) == (1, 0, 0, 1, 0)
    assert_as_from_scratch(place)


def test_a_link_that_leads_nowhere_does_not_stop_the_others(place: Place) -> None:
    place.write(a=BRIDGE)
    (place.folder / "loop.txt").symlink_to("loop.txt")
    (place.folder / "gone.txt").symlink_to("nowhere.txt")
    (place.folder / "outside.txt").symlink_to(__file__)
    place.sync()
    assert place.texts() == {"a.txt": BRIDGE}


def test_a_missing_folder_is_named(place: Place, tmp_path: Path) -> None:
    place.write(a=BRIDGE)
    place.sync()
    before = content(place.store)
    for wrong in (tmp_path / "nowhere", place.folder / "a.txt"):
        with pytest.raises(DocumentsNotFound, match=wrong.name):
            sync(place.store, wrong, Indexer(place.embedder, TOKENS), max_file_mb=1)
    assert content(place.store) == before  # a disk that is not mounted deletes nothing


def test_an_empty_folder_is_fine(place: Place) -> None:
    assert counts(place.sync()) == (0, 0, 0, 0, 0)
    assert place.store.entries() == []
    assert Retriever(place.store, place.embedder).retrieve("Anything?", 5) == []
    place.write(a=BRIDGE)
    place.sync()
    (place.folder / "a.txt").unlink()
    assert counts(place.sync()) == (0, 0, 1, 0, 0)
    assert_as_from_scratch(place)


def test_passages_must_fit_the_model() -> None:
    Indexer(WordEmbedder(max_tokens=64), 64)
    with pytest.raises(SettingsError, match="passage_tokens") as caught:
        Indexer(WordEmbedder(max_tokens=64), 65)
    assert "64" in str(caught.value)


# --- Dropped-in files, progress -----------------------------------------------------------


def test_dropped_in_files_have_paths_of_their_own(place: Place) -> None:
    place.write(a=BRIDGE)
    write_files(place.dropped, {"a.txt": APPLES})
    assert counts(place.sync()) == (2, 0, 0, 0, 0)
    assert place.texts() == {"a.txt": BRIDGE, ".dropped/a.txt": APPLES}
    (place.dropped / "a.txt").unlink()
    assert counts(place.sync()) == (0, 0, 1, 1, 0)
    assert place.texts() == {"a.txt": BRIDGE}


def test_progress_counts_the_bytes_indexed(place: Place) -> None:
    place.write(a=BRIDGE)
    place.sync()
    place.write(b=APPLES, c="é" * 10)
    told: list[tuple[int, int, str]] = []
    place.sync(progress=lambda *step: told.append(step))
    total = len(APPLES) + 20
    assert told == [(0, total, "b.txt"), (0, total, "c.txt"), (total, total, "")]
    told.clear()
    place.sync(progress=lambda *step: told.append(step))
    assert told == []


# --- Any history gives the same store -----------------------------------------------------

NAMES = ("a.txt", "b.md", "c/d.md", ".dropped/b.md", "e.txt")
TEXTS = (
    BRIDGE,
    APPLES,
    LONG,
    stating("Alpha"),  # in a Markdown file the text of LONG
    stating("Beta"),
    "# Heading\n\nLorries!",
    "",  # cannot be indexed
)
names = st.sampled_from(NAMES)
operations = st.one_of(
    st.tuples(st.just("write"), names, st.sampled_from(TEXTS)),
    st.tuples(st.sampled_from(["move", "copy", "swap"]), names, names),
    st.tuples(st.just("delete"), names),
    st.tuples(st.just("sync")),
    st.tuples(st.just("sync")),
)


def perform(place: Place, operation: tuple[str, ...]) -> None:
    def file(name: str) -> Path:
        inside = name.removeprefix(".dropped/")
        return (place.folder if inside == name else place.dropped) / inside

    what, *arguments = operation
    if what == "sync":
        place.sync()
    elif what == "write":
        file(arguments[0]).parent.mkdir(exist_ok=True)
        file(arguments[0]).write_text(arguments[1], "utf-8")
    elif what == "delete":
        file(arguments[0]).unlink(missing_ok=True)
    else:
        one, other = map(file, arguments)
        if one == other or not one.exists():
            return
        mine = one.read_bytes()
        if what == "swap":
            if not other.exists():
                return
            one.write_bytes(other.read_bytes())
        other.parent.mkdir(exist_ok=True)
        other.write_bytes(mine)
        if what == "move":
            one.unlink()


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(st.lists(operations, min_size=3, max_size=16), st.sampled_from([1, 200, 400_000]))
@example([("write", "a.txt", LONG), ("sync",), ("move", "a.txt", "e.txt")], 1)
def test_any_history_gives_what_a_sync_from_scratch_gives(
    monkeypatch: pytest.MonkeyPatch, history: list[tuple[str, ...]], batch: int
) -> None:
    with tempfile.TemporaryDirectory() as base, monkeypatch.context() as patch:
        patch.setattr(rag.ingest, "_BATCH_CHARACTERS", batch)
        place = Place(Path(base))
        try:
            for operation in history:
                perform(place, operation)
            place.sync()
            assert_as_from_scratch(place)
            place.embedder.embedded.clear()
            report = place.sync()
            assert (report.added, report.changed, report.removed) == (0, 0, 0)
            assert place.embedder.embedded == []
        finally:
            place.close()


# --- Two at once, and sudden ends ---------------------------------------------------------


def test_two_syncs_at_once_do_the_work_once(tmp_path: Path) -> None:
    """The second has looked at the store before the first has written to it."""
    one = Place(tmp_path / "one")
    one.write(a=BRIDGE, b=APPLES)
    embedding, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        embedding.set()
        assert go_on.wait(30)

    slow, quick = WordEmbedder(before_documents=hold), WordEmbedder()
    other = Store(tmp_path / "one" / "store", quick.identity, TOKENS)
    with ThreadPoolExecutor() as threads:
        first = threads.submit(one.sync, slow)
        assert embedding.wait(30)
        second = threads.submit(sync, other, one.folder, Indexer(quick, TOKENS), max_file_mb=1)
        time.sleep(0.5)  # time to look, and to wait for its turn
        go_on.set()
        assert counts(first.result(30)) == (2, 0, 0, 0, 0)
        second.result(30)
    assert quick.embedded == []
    assert content(other) == from_scratch(one.folder)
    other.close()
    one.close()


def test_a_file_that_comes_while_a_sync_waits_for_its_turn_is_kept(tmp_path: Path) -> None:
    """The waiting one has listed the folder before the file came and was indexed."""
    place = Place(tmp_path / "place")
    place.write(a=BRIDGE)
    other = Store(tmp_path / "place" / "store", place.embedder.identity, TOKENS)
    with ThreadPoolExecutor() as threads:
        with other.writing() as writer:
            waiting = threads.submit(place.sync)
            time.sleep(0.5)  # time to list the folder, and to wait for its turn
            place.write(b=APPLES)
            document = make_document(APPLES, "b.txt")
            sha256 = hashlib.sha256(APPLES.encode()).hexdigest()
            writer.apply(
                Indexer(WordEmbedder(), TOKENS).index([document]),
                {"b.txt": File(sha256, document)},
            )
        assert waiting.result(30).removed == 0
    assert place.texts() == {"a.txt": BRIDGE, "b.txt": APPLES}
    assert_as_from_scratch(place)
    other.close()
    place.close()


def change_everything(place: Place) -> dict[str, set[str]]:
    """A folder that is synced, then changed in every way; path to old and new text."""
    place.write(a=LONG, b=BRIDGE, c=APPLES, d=APPLES, e="To go.", f="To copy.", g=LONG + "!")
    place.write(m=stating("Alpha", BRIDGE + "!"), n=stating("Beta", BRIDGE + "!"))
    place.sync()
    before = place.texts()
    place.write(a="New.", h=LONG, b=APPLES, c=BRIDGE, d="Newer.", i="To copy.", j="Newest.")
    place.write(g="To copy.")
    (place.folder / "e.txt").unlink()
    write_files(place.folder, {"m.md": "Not Markdown."})
    after = {path: text for path, text in before.items() if (place.folder / path).exists()}
    after |= {path.name: path.read_text("utf-8") for path in place.folder.glob("*.txt")}
    after["m.md"] = "Not Markdown."
    return {
        path: {texts[path] for texts in (before, after) if path in texts}
        for path in before.keys() | after.keys()
    }


def assert_whole(store: Store, allowed: dict[str, set[str]]) -> None:
    """Each path that is there has its old or its new text, and all can be read."""
    for path, (_, document) in store.files().items():
        assert store.document(document).text in allowed[path]
    for entry in store.entries():
        assert entry.paths
        assert store.document(entry.id).paths == entry.paths
    hits = Retriever(store, WordEmbedder()).retrieve("bridge, apples", 50)
    assert len(hits) == min(50, store.count())
    for hit in hits:
        text = store.document(hit.passage.document_id).text
        assert text[hit.passage.start : hit.passage.end] == hit.passage.text


@pytest.mark.parametrize("batch", [1, 150])
@pytest.mark.parametrize(
    ("when", "at"),
    [*(("reading", at) for at in range(0, 10, 2)), *(("embedding", at) for at in range(5))],
)
def test_an_interrupted_sync_is_finished_by_the_next(
    place: Place, monkeypatch: pytest.MonkeyPatch, when: str, at: int, batch: int
) -> None:
    monkeypatch.setattr(rag.ingest, "_BATCH_CHARACTERS", batch)
    allowed = change_everything(place)
    left = iter(range(at))

    def interrupt(*_: object) -> None:
        if next(left, None) is None:
            raise KeyboardInterrupt

    embedder = WordEmbedder(before_documents=interrupt if when == "embedding" else None)
    try:
        place.sync(embedder, progress=interrupt if when == "reading" else None)
    except KeyboardInterrupt:
        assert_whole(place.store, allowed)
    place.sync()
    assert_as_from_scratch(place)


@pytest.fixture
def killable() -> Iterator[Callable[[float, Path, Path], str]]:
    """Syncs in another process, which is killed after some seconds."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.killable"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin
        assert process.stdout

        def run(seconds: float, folder: Path, store: Path) -> str:
            assert process.stdin
            assert process.stdout
            process.stdin.write(f"{seconds}\t{folder}\t{store}\n")
            process.stdin.flush()
            return process.stdout.readline().strip()

        yield run
        process.stdin.close()


KILLS = 15


@pytest.mark.skipif(sys.platform == "win32", reason="needs fork and SIGKILL")
def test_a_process_may_be_killed_at_any_moment(
    tmp_path: Path, killable: Callable[[float, Path, Path], str]
) -> None:
    def article(name: str, version: str) -> str:
        about = "bridge apples lorries spring dam orchard town river".split()
        return f"{LONG} In {name} of {version}:" + "".join(
            f" Sentence {n} of the {version} is about the {about[n % 8]} and {name}."
            for n in range(25)
        )

    place = Place(tmp_path / "place")
    old = {f"{name}.txt": article(name, "first edition") for name in "abcdefgh"}
    old |= {"copy.txt": old["a.txt"], "gone.txt": "To go.", "moved.txt": LONG}
    new = {f"{name}.txt": article(name, "second edition") for name in "abcdefgij"}
    new |= {"copy.txt": old["b.txt"], "h.txt": old["a.txt"], "moved.txt": "!", "to.txt": LONG}
    new["c.txt"], new["d.txt"] = old["d.txt"], old["c.txt"]
    write_files(place.folder, old)
    place.sync()
    place.close()
    shutil.rmtree(place.folder)
    write_files(place.folder, new)
    allowed = {
        path: {texts[path] for texts in (old, new) if path in texts}
        for path in old.keys() | new.keys()
    }
    expected = from_scratch(place.folder)

    def start(name: str) -> Path:
        return Path(shutil.copytree(tmp_path / "place" / "store", tmp_path / name))

    took = [float(killable(60, place.folder, start(f"whole{n}"))) for n in range(2)]
    for kill in range(KILLS):
        folder = start(f"killed{kill}")
        killable(min(took) * (kill + 0.5) / KILLS, place.folder, folder)
        store = Store(folder, WordEmbedder().identity, TOKENS)
        try:
            with sqlite3.connect(folder / "sayso.sqlite") as raw:
                assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
                assert raw.execute("PRAGMA foreign_key_check").fetchall() == []
            raw.close()
            assert_whole(store, allowed)
            sync(store, place.folder, Indexer(WordEmbedder(), TOKENS), max_file_mb=1)
            assert content(store) == expected
        finally:
            store.close()
