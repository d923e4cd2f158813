"""The store keeps its word: exact results, whole transactions, no mixed-up texts."""

from __future__ import annotations

import math
import random
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rag.embed import Identity
from rag.errors import StoreDamaged, StoreError, StoreLocked, StoreMismatch
from rag.retrieve import full_text_query
from rag.store import Store
from rag.types import Document, DocumentEntry, Passage
from rag.writer import File, Indexed
from tests.fakes import Interrupting, make_document

IDENTITY = Identity("hand-made", 4, "5" * 64)
X, Y, Z, W = np.eye(4, dtype=np.float32)
Open = Callable[..., Store]


@pytest.fixture
def open_store(tmp_path: Path) -> Iterator[Open]:
    """Opens the store of the test, or that in ``folder``."""
    opened = []

    def make(folder: Path | None = None, **other: Any) -> Store:
        identity = Identity(
            other.get("name", IDENTITY.name),
            other.get("dimension", IDENTITY.dimension),
            other.get("sha256", IDENTITY.sha256),
        )
        store = Store(folder or tmp_path / "store", identity, other.get("passage_tokens", 128))
        opened.append(store)
        return store

    yield make
    for store in opened:
        store.close()


def indexed(path: str, vectors: dict[str, Any], **more: Any) -> Indexed:
    """A document of one passage per sentence, each given with its vector."""
    text = " ".join(vectors)
    document = Document(
        make_document(text).id, path, more.pop("title", "Untitled"), text, paths=(path,), **more
    )
    passages, at = [], 0
    for sentence in vectors:
        span = (at, at + len(sentence))
        passages.append(Passage(0, document.id, *span, sentence, (span,)))
        at = span[1] + 1
    rows = np.array(list(vectors.values()), np.float32).reshape(len(vectors), -1)
    return Indexed(document, passages, rows)


BRIDGE = indexed(
    "bridge.txt",
    {"The bridge is closed.": X, "Repairs of the bridge cost a million.": 0.6 * X + 0.8 * Y},
    title="On bridges",
    published=date(2025, 6, 27),
    metadata={"author": "Ada Byron"},
)
APPLES = indexed("notes/apples.md", {"Apples ripened late.": Z}, title="Harvest")


def files_of(*documents: Indexed) -> dict[str, File]:
    return {
        path: File(f"sha of {path}", one.document)
        for one in documents
        for path in one.document.paths
    }


def write(store: Store, *new: Indexed, gone: Sequence[Indexed] = ()) -> None:
    with store.writing() as writer:
        writer.apply(new, files_of(*new), files_of(*gone))


def found(store: Store, vector: Any, k: int = 10) -> list[tuple[str, float]]:
    hits = store.search_vectors(np.asarray(vector, np.float32), k)
    texts = store.passages(id for id, _ in hits)
    return [(texts[id].text, round(score, 5)) for id, score in hits]


def state(store: Store) -> Any:
    """All that a reader can see."""
    ids = sorted(id for id, _ in store.search_vectors(X, 100))
    return (
        store.files(),
        store.entries(),
        [store.document(entry.id) for entry in store.entries()],
        store.passages(ids),
        {id: vector.tolist() for id, vector in store.vectors(ids).items()},
        store.count(),
        [store.search_text(f'"{word}"', 10) for word in ("bridge", "apples", "harvest")],
        [found(store, vector) for vector in (X, Y, Z, W)],
    )


# --- Reading what was written -------------------------------------------------------------


def test_a_document_comes_back_as_it_was(open_store: Open) -> None:
    store = open_store()
    write(store, BRIDGE, APPLES)
    assert store.document(BRIDGE.document.id) == BRIDGE.document
    assert store.document(APPLES.document.id) == APPLES.document
    assert store.files() == {
        "bridge.txt": ("sha of bridge.txt", BRIDGE.document.id),
        "notes/apples.md": ("sha of notes/apples.md", APPLES.document.id),
    }
    assert store.entries() == [
        DocumentEntry(BRIDGE.document.id, ("bridge.txt",), "On bridges", date(2025, 6, 27), 59, 2),
        DocumentEntry(APPLES.document.id, ("notes/apples.md",), "Harvest", None, 20, 1),
    ]
    assert store.count() == 3


def test_passages_and_vectors_come_back_as_they_were(open_store: Open) -> None:
    text = "𝔘𝔫𝔦 é e\u0301. Second 👩‍👩‍👧 one."
    odd = indexed("odd.txt", {"𝔘𝔫𝔦 é e\u0301.": X, "Second 👩‍👩‍👧 one.": Y})
    assert odd.document.text == text
    store = open_store()
    write(store, odd)
    passages = store.passages([1, 2, 99])
    assert [passages[id].text for id in (1, 2)] == ["𝔘𝔫𝔦 é e\u0301.", "Second 👩‍👩‍👧 one."]
    for id, passage in passages.items():
        assert passage.id == id
        assert passage.text == text[passage.start : passage.end]
        assert passage.sentences == ((passage.start, passage.end),)
        assert passage.document_id == odd.document.id
    vectors = store.vectors([2, 1, 99])
    assert {id: vector.tolist() for id, vector in vectors.items()} == {
        1: X.tolist(),
        2: Y.tolist(),
    }
    assert store.order([2, 1, 99]) == {
        1: (odd.document.id, 0),
        2: (odd.document.id, passages[2].start),
    }
    assert store.passages([]) == store.vectors([]) == store.order([]) == {}


def test_an_unknown_document_is_a_key_error(open_store: Open) -> None:
    with pytest.raises(KeyError):
        open_store().document("0" * 64)


def test_titles_by_id(open_store: Open) -> None:
    store = open_store()
    assert store.titles([BRIDGE.document.id]) == {}
    write(store, BRIDGE, APPLES)
    bridge, apples = BRIDGE.document.id, APPLES.document.id
    assert store.titles([apples, "0" * 64, bridge, apples]) == {
        bridge: "On bridges",
        apples: "Harvest",
    }
    assert store.titles([]) == {}
    with store.writing() as writer:
        writer.apply([], {}, files_of(BRIDGE))
    assert store.titles([bridge, apples]) == {apples: "Harvest"}


def test_the_title_is_that_of_the_document(open_store: Open) -> None:
    """One text under two names that gave it different titles has the first one's."""
    text = {"Storks nest on the tower.": X}
    second = indexed("b.txt", text, title="Second")
    first = indexed("a.txt", text, title="First")
    store = open_store()
    write(store, second)
    assert store.titles([second.document.id]) == {second.document.id: "Second"}
    with store.writing() as writer:
        writer.apply([], files_of(first), {})
    id = first.document.id
    assert store.titles([id]) == {id: store.document(id).title} == {id: "First"}


def test_vectors_are_found_by_their_cosine(open_store: Open) -> None:
    store = open_store()
    write(store, BRIDGE, APPLES)
    assert found(store, X) == [
        ("The bridge is closed.", 1.0),
        ("Repairs of the bridge cost a million.", 0.6),
        ("Apples ripened late.", 0.0),
    ]
    assert found(store, 0.6 * Y - 0.8 * Z) == [
        ("Repairs of the bridge cost a million.", 0.48),
        ("The bridge is closed.", 0.0),
        ("Apples ripened late.", -0.8),
    ]
    assert [text for text, _ in found(store, Y, 1)] == ["Repairs of the bridge cost a million."]


def test_text_is_found_with_the_bm25_of_the_book(open_store: Open) -> None:
    store = open_store()
    write(store, BRIDGE, APPLES)
    # Tokens with the title's: 2 + 4, 2 + 7 and 1 + 3.
    lengths, k1, b = [6, 9, 4], 1.2, 0.75
    average = sum(lengths) / 3

    def bm25(frequency: float, length: int, holding: int) -> float:
        rarity = math.log((3 - holding + 0.5) / (holding + 0.5))
        norm = k1 * (1 - b + b * length / average)
        return max(rarity, 1e-6) * frequency * (k1 + 1) / (frequency + norm)

    assert store.search_text('"apple"', 10) == [(3, pytest.approx(bm25(1, 4, 1)))]
    assert store.search_text('"cost"', 10) == [(2, pytest.approx(bm25(1, 9, 1)))]
    # In the title only: with its weight, and not at all without.
    assert store.search_text('"harvest"', 10, 2.0) == [(3, pytest.approx(bm25(2, 4, 1)))]
    # Words of half the passages or more count next to nothing, but count.
    assert store.search_text('"bridge"', 10) == [
        (1, pytest.approx(bm25(2, 6, 2))),
        (2, pytest.approx(bm25(2, 9, 2))),
    ]
    either = store.search_text('"apple" OR "cost"', 10)
    assert [id for id, _ in either] == [3, 2]
    assert store.search_text('"apple" OR "cost"', 1) == either[:1]
    assert store.search_text('"pear"', 10) == []


def test_rarity_is_the_share_of_the_greatest_inverse_frequency(open_store: Open) -> None:
    store = open_store()
    assert store.rarity("bridge") == 1  # none of none
    write(store, BRIDGE, APPLES)
    greatest = math.log(1 + 3.5 / 0.5)
    assert store.rarity("bridges") == pytest.approx(math.log(1 + 1.5 / 2.5) / greatest)
    assert store.rarity("apple") == pytest.approx(math.log(1 + 2.5 / 1.5) / greatest)
    assert store.rarity("harvest") == 1  # titles do not count
    assert store.rarity("_") == 1


def test_diacritics_do_not_matter(open_store: Open) -> None:
    store = open_store()
    write(store, indexed("a.txt", {"Un café à Orléans.": X}))
    for word in ("café", "cafe", "CAFÉ", "orleans"):
        assert [id for id, _ in store.search_text(f'"{word}"', 10)] == [1], word


def test_ties_do_not_depend_on_history(open_store: Open, tmp_path: Path) -> None:
    same = [indexed(f"{n}.txt", {f"Same {n}.": X}) for n in range(6)]
    one, other = open_store(tmp_path / "one"), open_store(tmp_path / "other")
    write(one, *same)
    for document in reversed(same):
        write(other, document)
    write(other, gone=[same[2]])
    write(other, same[2])
    for store in (one, other):
        write(store)  # so that it has a generation and an index file of its own
    assert found(one, X, 3) == found(other, X, 3)
    by_text = [
        [store.passages([id])[id].text for id, _ in store.search_text('"same"', 3)]
        for store in (one, other)
    ]
    assert by_text[0] == by_text[1]


@pytest.mark.parametrize(
    "question",
    [
        "AND",
        "bridge AND",
        "NOT bridge OR",
        '"',
        'the "bridge',
        "'bridge'",
        "(bridge",
        "bridge) OR (",
        "NEAR(bridge cost, 2)",
        "bridge NEAR repairs",
        "bridge*",
        "* bridge ^",
        "title:bridge",
        "text : bridge",
        "{title text}: bridge",
        "bridge + cost",
        "-bridge",
        "bridge; DROP TABLE documents",
        "bridge\0cost",
        "?",
        "???",
        "",
        "_",
        "bridge _ __",
        "ﬀ² Ⅷ",
        "\u0301 bridge",
        " ".join(f"word{n}" for n in range(3000)),
    ],
)
def test_nothing_in_a_question_is_syntax(open_store: Open, question: str) -> None:
    store = open_store()
    write(store, BRIDGE, APPLES)
    match = full_text_query(question)
    hits = {id for id, _ in store.search_text(match, 10)} if match else set()
    assert hits == ({1, 2} if "bridge" in question else set())


# --- Forgetting ---------------------------------------------------------------------------


def test_a_removed_document_is_gone_from_everywhere(open_store: Open, tmp_path: Path) -> None:
    store = open_store()
    write(store, BRIDGE, APPLES)
    write(store, gone=[BRIDGE])
    for reader in (store, open_store()):
        with pytest.raises(KeyError):
            reader.document(BRIDGE.document.id)
        assert list(reader.files()) == ["notes/apples.md"]
        assert [entry.title for entry in reader.entries()] == ["Harvest"]
        assert reader.passages([1, 2, 3]).keys() == {3}
        assert reader.vectors([1, 2, 3]).keys() == {3}
        assert reader.search_text('"bridge" OR "bridges"', 10) == []
        assert found(reader, X) == [("Apples ripened late.", 0.0)]
        assert reader.count() == 1
        assert reader.rarity("bridge") == 1
    with sqlite3.connect(tmp_path / "store" / "sayso.sqlite") as raw:
        raw.execute("INSERT INTO passages_text (passages_text) VALUES ('integrity-check')")
        assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert raw.execute("PRAGMA foreign_key_check").fetchall() == []
    raw.close()


def test_ids_are_never_used_again(open_store: Open) -> None:
    store = open_store()
    used: list[int] = []
    for _ in range(4):
        write(store, BRIDGE, APPLES)
        new = {id for id, _ in store.search_vectors(X, 10)}
        assert len(new) == 3
        assert not new & set(used)
        used += new
        write(store, gone=[BRIDGE, APPLES])
        assert store.search_vectors(X, 10) == []
        store = open_store()  # what is stored decides, not what the process remembers
    assert store.passages(used) == {}


def test_removing_what_is_not_there_changes_nothing(open_store: Open) -> None:
    store = open_store()
    write(store, BRIDGE)
    before = state(store)
    write(store, gone=[APPLES])
    assert state(store) == before


def test_a_text_may_have_several_paths(open_store: Open) -> None:
    store = open_store()
    write(store, replace(BRIDGE, document=replace(BRIDGE.document, paths=("z.txt", "a/b.txt"))))
    write(store, APPLES)
    document = store.document(BRIDGE.document.id)
    assert (document.path, document.paths) == ("a/b.txt", ("a/b.txt", "z.txt"))
    assert [entry.paths for entry in store.entries()] == [
        ("a/b.txt", "z.txt"),
        ("notes/apples.md",),
    ]
    assert store.files().keys() == {"z.txt", "a/b.txt", "notes/apples.md"}
    with store.writing() as writer:
        assert writer.apply([], {}, ["a/b.txt"]) == set()
    assert store.document(BRIDGE.document.id).paths == ("z.txt",)
    with store.writing() as writer:
        assert writer.apply([], {}, ["z.txt"]) == {BRIDGE.document.id}
    assert store.files().keys() == {"notes/apples.md"}
    assert store.count() == 1


def test_a_path_may_get_another_text(open_store: Open) -> None:
    store = open_store()
    write(store, BRIDGE)
    with store.writing() as writer:
        gone = writer.apply([APPLES], {"bridge.txt": File("new", APPLES.document)})
    assert gone == {BRIDGE.document.id}
    assert store.files() == {"bridge.txt": ("new", APPLES.document.id)}
    assert store.document(APPLES.document.id).path == "bridge.txt"
    assert store.search_text('"bridge"', 10) == []


def test_a_writer_follows_an_index_that_was_made_anew(open_store: Open, tmp_path: Path) -> None:
    """As when the chat is running and ``sayso index --rebuild`` is called beside it."""
    running = open_store()
    write(running, BRIDGE)
    Store.discard(tmp_path / "store")
    write(open_store(), APPLES)
    write(running, indexed("more.txt", {"More.": W}))
    for store in (running, open_store()):
        assert store.files().keys() == {"notes/apples.md", "more.txt"}
        assert {text for text, _ in found(store, W)} == {"Apples ripened late.", "More."}


# --- Transactions -------------------------------------------------------------------------


def test_a_failure_in_the_middle_leaves_everything_as_it_was(open_store: Open) -> None:
    store = open_store()
    write(store, BRIDGE)
    before = state(store)

    def fail() -> None:
        raise RuntimeError("in the middle")

    new = [APPLES, indexed("more.txt", {"More.": W})]
    with pytest.raises(RuntimeError, match="in the middle"), store.writing() as writer:
        writer.apply(Interrupting(new, fail), files_of(*new), ["bridge.txt"])
    assert state(store) == before
    assert state(open_store()) == before
    write(store, APPLES)  # and the lock is free again
    assert store.count() == 3


def test_a_document_whose_vectors_do_not_fit_is_not_stored(open_store: Open) -> None:
    store = open_store()
    short = Indexed(BRIDGE.document, BRIDGE.passages, BRIDGE.vectors[:1])
    with pytest.raises(ValueError, match="shorter"):
        write(store, short)
    assert store.count() == 0
    assert store.entries() == []


def test_readers_see_the_state_before_while_a_transaction_is_open(open_store: Open) -> None:
    store, other = open_store(), open_store()
    write(store, BRIDGE)
    before = state(store)
    seen: list[Any] = []

    def look() -> None:
        with ThreadPoolExecutor() as threads:
            seen.extend(threads.map(state, (store, other)))

    new = [APPLES, indexed("more.txt", {"More.": W})]
    with store.writing() as writer:
        writer.apply(Interrupting(new, look), files_of(*new), ["bridge.txt"])
    assert seen == [before, before]
    assert state(store) == state(other) != before
    assert found(other, W)[0] == ("More.", 1.0)


def test_many_threads_search_while_another_writes(open_store: Open) -> None:
    store = open_store()
    write(store, APPLES)
    done = threading.Event()

    def search() -> int:
        times = 0
        while not done.is_set() or not times:
            times += 1
            for vector, word in ((X, "bridge"), (Z, "apple")):
                ids = [id for id, _ in store.search_vectors(vector, 5)]
                ids += [id for id, _ in store.search_text(f'"{word}"', 5)]
                order = store.order(ids)
                for id, passage in store.passages(ids).items():
                    # Whatever is found is what was stored under that id, at any time.
                    assert passage.text in {
                        "The bridge is closed.",
                        "Repairs of the bridge cost a million.",
                        "Apples ripened late.",
                    }
                    assert order.get(id, (passage.document_id, passage.start)) == (
                        passage.document_id,
                        passage.start,
                    )
            assert found(store, Z, 1)[0] == ("Apples ripened late.", 1.0)
        return times

    with ThreadPoolExecutor(5) as threads:
        searches = [threads.submit(search) for _ in range(4)]
        try:
            for _ in range(25):
                write(store, BRIDGE)
                write(store, gone=[BRIDGE])
        finally:
            done.set()
        assert all(one.result(30) for one in searches)
    assert store.count() == 1


def test_many_can_make_the_same_store_at_once(open_store: Open, tmp_path: Path) -> None:
    for attempt in range(5):
        together = threading.Barrier(6)

        def make(folder: Path = tmp_path / f"new{attempt}", meet: Any = together) -> int:
            meet.wait()
            return open_store(folder).count()

        with ThreadPoolExecutor(6) as threads:
            assert [one.result(30) for one in [threads.submit(make) for _ in range(6)]] == [0] * 6


def test_only_one_process_writes(
    open_store: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a further writer nor one that would make the index anew gets in between."""
    monkeypatch.setattr("rag.database._PATIENCE", 0.5)
    store = open_store()
    write(store, BRIDGE)
    before = state(store)
    script = (
        "import sys; from filelock import FileLock; lock = FileLock(sys.argv[1]); "
        "lock.acquire(); print('locked', flush=True); sys.stdin.read()"
    )
    lock = tmp_path / "store" / "writer.lock"
    with subprocess.Popen(
        [sys.executable, "-c", script, str(lock)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "locked\n"
        with ThreadPoolExecutor() as threads:  # both wait for the lock at the same time
            writing = threads.submit(write, store, APPLES)
            discarding = threads.submit(Store.discard, tmp_path / "store")
            for refused in (writing, discarding):
                with pytest.raises(StoreLocked, match="store") as caught:
                    refused.result(30)
                assert "again" in str(caught.value)
        assert state(store) == state(open_store()) == before
        holder.communicate("")
    write(store, APPLES)
    assert store.count() == 3


def test_an_index_that_cannot_be_written_says_so(
    open_store: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store()
    write(store, BRIDGE)

    def refuse(*_: Any, **__: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("filelock.FileLock.acquire", refuse)
    with pytest.raises(
        StoreError, match=r"store cannot be written \(Permission denied\)"
    ) as caught:
        write(store, APPLES)
    assert "SAYSO_STORE" in str(caught.value)
    assert not isinstance(caught.value, StoreDamaged)  # making it anew would help nobody


# --- The vector index is derived ----------------------------------------------------------


def index_file(folder: Path) -> Path:
    (file,) = folder.glob("vectors-*")
    return file


def _flip(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1 :]


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: None,
        lambda data: b"",
        lambda data: data[: len(data) // 2],
        lambda data: data[:-1],
        lambda data: data + b"more",
        lambda data: random.Random(1).randbytes(len(data)),
        lambda data: b"IxFI" + data[4:],
        lambda data: data.replace(X.tobytes(), W.tobytes()),
        *(lambda data, part=part: _flip(data, len(data) * part // 16) for part in range(16)),
    ],
    ids=[
        "missing",
        "empty",
        "half",
        "one byte short",
        "longer",
        "random",
        "other kind",
        "other vector",
        *(f"flipped at {part}/16" for part in range(16)),
    ],
)
def test_a_damaged_index_is_made_again(
    open_store: Open, tmp_path: Path, damage: Callable[[bytes], bytes | None]
) -> None:
    store = open_store()
    write(store, BRIDGE, APPLES)
    before = state(store)
    file = index_file(tmp_path / "store")
    damaged = damage(file.read_bytes())
    if damaged is None:
        file.unlink()
    else:
        file.write_bytes(damaged)
    reader = open_store()
    assert state(reader) == before
    write(reader, gone=[APPLES])
    assert sorted(found(open_store(), Z)) == [
        ("Repairs of the bridge cost a million.", 0.0),
        ("The bridge is closed.", 0.0),
    ]


def test_an_index_of_another_generation_is_not_used(open_store: Open, tmp_path: Path) -> None:
    store = open_store()
    write(store, BRIDGE)
    old = index_file(tmp_path / "store")
    kept = old.read_bytes()
    same_size = indexed("other.txt", {"Other.": W, "Another.": Z})
    write(store, same_size, gone=[BRIDGE])
    new = index_file(tmp_path / "store")
    assert new.name != old.name
    old.write_bytes(kept)
    new.unlink()
    assert found(open_store(), W) == [("Other.", 1.0), ("Another.", 0.0)]
    write(store, APPLES)
    assert index_file(tmp_path / "store").name not in {old.name, new.name}


def test_another_process_notices_a_change(open_store: Open) -> None:
    one, other = open_store(), open_store()
    write(one, BRIDGE)
    assert found(other, X, 1) == [("The bridge is closed.", 1.0)]
    write(one, APPLES, gone=[BRIDGE])
    assert found(other, X, 1) == [("Apples ripened late.", 0.0)]


# --- What does not fit, and what is broken ------------------------------------------------


@pytest.mark.parametrize(
    ("other", "named"),
    [
        ({"name": "other-model"}, "other-model"),
        ({"sha256": "6" * 64}, "sha256"),
        ({"dimension": 8}, "dimension"),
        ({"passage_tokens": 64}, "passage_tokens"),
    ],
)
def test_a_store_of_another_make_is_refused(
    open_store: Open, other: dict[str, Any], named: str
) -> None:
    store = open_store()
    write(store, BRIDGE)
    with pytest.raises(StoreMismatch, match=named) as caught:
        open_store(**other)
    assert "sayso index --rebuild" in str(caught.value)
    assert str(store.folder) in str(caught.value)
    assert open_store().count() == 2


def test_a_store_of_another_layout_is_refused(open_store: Open, tmp_path: Path) -> None:
    open_store().close()
    with sqlite3.connect(tmp_path / "store" / "sayso.sqlite") as raw:
        raw.execute("UPDATE meta SET value = '0' WHERE key = 'layout'")
    raw.close()
    with pytest.raises(StoreMismatch, match="layout") as caught:
        open_store()
    assert "sayso index --rebuild" in str(caught.value)


def fill(store: Store) -> None:
    """Enough that it takes many pages, and each way of reading it meets the lost ones."""
    write(
        store,
        *(
            indexed(f"{n:03}.txt", {f"Sentence {i} of text {n} on bridges.": X for i in range(40)})
            for n in range(40)
        ),
    )


READS: dict[str, Callable[[Store], object]] = {
    "entries": lambda store: store.entries(),
    "documents": lambda store: [store.document(id) for _, id in store.files().values()],
    "vectors": lambda store: store.search_vectors(X, 5),
    "text": lambda store: store.search_text('"bridge"', 2000),
    "write": lambda store: write(store, BRIDGE, gone=[]),
}


def damage_sqlite(open_store: Open, folder: Path, damage: Callable[[bytes], bytes]) -> None:
    store = open_store(folder)
    fill(store)
    store.close()
    index_file(folder).unlink()
    for extra in folder.glob("sayso.sqlite-*"):
        extra.unlink()
    file = folder / "sayso.sqlite"
    file.write_bytes(damage(file.read_bytes()))


@pytest.mark.parametrize("read", list(READS))
@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[: len(data) // 2],
        lambda data: data[: len(data) // 2 + 100],
        lambda data: data[:4096] + random.Random(1).randbytes(len(data) - 4096),
    ],
    ids=["half", "half, within a page", "all but the first page"],
)
def test_a_damaged_store_is_reported_as_such(
    open_store: Open, tmp_path: Path, damage: Callable[[bytes], bytes], read: str
) -> None:
    damage_sqlite(open_store, tmp_path / "store", damage)
    with pytest.raises(StoreDamaged, match="store") as caught:
        READS[read](open_store())
    assert "sayso index --rebuild" in str(caught.value)


@pytest.mark.parametrize(
    "content", [random.Random(1).randbytes(8192), b"not a database\n" * 100, b"S" * 16]
)
def test_a_file_that_is_no_database_is_reported_as_such(
    open_store: Open, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "sayso.sqlite").write_bytes(content)
    with pytest.raises(StoreDamaged, match="store") as caught:
        open_store()
    assert "sayso index --rebuild" in str(caught.value)
    Store.discard(tmp_path / "store")
    store = open_store()
    write(store, BRIDGE)
    assert store.count() == 2


def test_a_database_of_another_program_is_not_touched(open_store: Open, tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    with sqlite3.connect(tmp_path / "store" / "sayso.sqlite") as raw:
        raw.execute("CREATE TABLE recipes (name)")
    with pytest.raises((StoreDamaged, StoreMismatch)):
        open_store()
    assert raw.execute("SELECT name FROM sqlite_master").fetchall() == [("recipes",)]
    raw.close()


def test_a_file_of_no_bytes_is_an_empty_store(open_store: Open, tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "sayso.sqlite").touch()
    store = open_store()
    assert store.count() == 0
    write(store, BRIDGE)
    assert found(store, X, 1) == [("The bridge is closed.", 1.0)]


def test_an_empty_store_finds_nothing(open_store: Open) -> None:
    store = open_store()
    assert store.search_vectors(X, 10) == []
    assert store.search_text('"bridge"', 10) == []
    assert store.entries() == []
    assert store.files() == {}
    assert store.count() == 0


def test_discarding_keeps_the_dropped_in_files(open_store: Open, tmp_path: Path) -> None:
    store = open_store()
    write(store, BRIDGE)
    store.close()
    dropped = tmp_path / "store" / "dropped" / "mine.txt"
    dropped.parent.mkdir()
    dropped.write_text("Mine.")
    Store.discard(tmp_path / "store")
    assert dropped.read_text() == "Mine."
    assert not list((tmp_path / "store").glob("sayso.sqlite*"))
    assert open_store().count() == 0
    Store.discard(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()
