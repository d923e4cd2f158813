"""Which passages a question finds, in which order, and why."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.ingest import Indexer
from rag.retrieve import Fusion, Retriever, content_words, full_text_query, fuse
from rag.store import Store
from rag.types import Hit
from rag.writer import File
from tests.fakes import WordEmbedder, make_document

TEXTS = {
    "bridge.txt": "The old bridge was closed on Monday. Lorries go round by the dam.",
    "apples.txt": "Apples ripened late this year. Farmers blame the cold spring.",
    "dam.txt": "The dam is safe, said the engineer. The dam was built in 1950.",
    "résumé.txt": "Her résumé names three schools in Orléans.",
}


@pytest.fixture
def store(tmp_path: Path, embedder: WordEmbedder) -> Iterator[Store]:
    made = Store(tmp_path / "store", embedder.identity, 32)
    yield made
    made.close()


@pytest.fixture
def filled(store: Store, embedder: WordEmbedder) -> Store:
    add(store, embedder, TEXTS)
    return store


def add(store: Store, embedder: WordEmbedder, texts: dict[str, str]) -> None:
    documents = [make_document(text, path) for path, text in texts.items()]
    files = {document.path: File(document.id, document) for document in documents}
    with store.writing() as writer:
        writer.apply(Indexer(embedder, 32).index(documents), files)


def paths(store: Store, hits: list[Hit]) -> list[str]:
    return [store.document(hit.passage.document_id).path for hit in hits]


# --- Fusion, by hand ----------------------------------------------------------------------


def test_scores_are_spread_and_weighted() -> None:
    fused = fuse({1: 0.9, 2: 0.5, 3: 0.1}, {2: 8.0, 3: 2.0}, 0.4)
    assert fused == pytest.approx(
        {
            1: 0.4 * 1.0 + 0.6 * 0.0,
            2: 0.4 * 0.5 + 0.6 * 1.0,
            3: 0.4 * 0.0 + 0.6 * 0.25,
        }
    )


def test_all_alike_are_equal() -> None:
    assert fuse({1: 0.3, 2: 0.3}, {}, 0.4) == {1: 0.0, 2: 0.0}
    assert fuse({1: 0.3, 2: 0.3}, {1: 2.0, 2: 2.0}, 0.4) == pytest.approx({1: 0.6, 2: 0.6})


@pytest.mark.parametrize(("weight", "best"), [(0.0, 2), (1.0, 1)])
def test_either_search_alone(weight: float, best: int) -> None:
    fused = fuse({1: 0.9, 2: 0.1}, {2: 1.0}, weight)
    assert fused == {best: 1.0, 3 - best: 0.0}


def test_nothing_found_is_nothing_fused() -> None:
    assert fuse({}, {}, 0.4) == {}


def test_full_text_scores_of_zero_count_as_none() -> None:
    """As when titles weigh nothing, and the words stand in the title only."""
    assert fuse({1: 0.9, 2: 0.1}, {2: 0.0}, 0.5) == {1: 0.5, 2: 0.0}


@given(
    st.dictionaries(st.integers(1, 20), st.floats(-1, 1), min_size=1),
    st.floats(0, 1),
    st.data(),
)
def test_fused_scores_lie_between_0_and_1(
    cosines: dict[int, float], weight: float, data: st.DataObject
) -> None:
    texts = data.draw(st.dictionaries(st.sampled_from(list(cosines)), st.floats(1e-6, 50)))
    fused = fuse(cosines, texts, weight)
    assert fused.keys() == cosines.keys()
    assert all(-1e-9 <= score <= 1 + 1e-9 for score in fused.values())
    for one in fused:  # better in both is never worse in the end
        for other in fused:
            if cosines[one] >= cosines[other] and texts.get(one, 0) >= texts.get(other, 0):
                assert fused[one] >= fused[other] - 1e-9


# --- The full-text query ------------------------------------------------------------------


def test_content_words_leave_out_stop_words_only() -> None:
    assert content_words("Who said that the Dam is safe, and the dam?") == [
        "said",
        "dam",
        "safe",
        "dam",
    ]
    assert content_words("In May 2025: 3.5 km²") == ["may", "2025", "3", "5", "km²"]
    assert content_words("?!") == []


@pytest.mark.parametrize(
    ("question", "query"),
    [
        ("Is the dam safe? Is the DAM safe?", '"dam" OR "safe"'),
        ("Who was that?", '"who" OR "was" OR "that"'),  # of stop words only: keeps them
        ('"dam" AND NOT (safe*)', '"dam" OR "safe"'),
        ("???", ""),
        ("", ""),
    ],
)
def test_full_text_query(question: str, query: str) -> None:
    assert full_text_query(question) == query


@given(st.text(max_size=60))
def test_any_question_can_be_asked(question: str) -> None:
    query = full_text_query(question)
    assert query.count('"') % 2 == 0
    words = query.replace('"', "").split(" OR ") if query else []
    assert len(set(words)) == len(words)
    assert all(word.replace("_", "a").isalnum() for word in words)


# --- Retrieval ----------------------------------------------------------------------------


def test_hits_say_where_they_come_from(filled: Store, embedder: WordEmbedder) -> None:
    question = "Is the dam safe?"
    hits = Retriever(filled, embedder, Fusion(0.4, 1.0)).retrieve(question, 10)
    assert paths(filled, hits)[:2] == ["dam.txt", "bridge.txt"]
    assert [hit.rank for hit in hits] == [1, 2, 3, 4]
    assert sorted(hit.dense_rank or 0 for hit in hits) == [1, 2, 3, 4]
    by_path = dict(zip(paths(filled, hits), hits, strict=True))
    assert by_path["dam.txt"].text_rank == 1
    assert by_path["bridge.txt"].text_rank == 2
    assert by_path["apples.txt"].text_rank is None
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    query = embedder.embed_queries([question])[0]
    for hit in hits:
        vector = embedder.embed_documents([hit.passage.text])[0]
        assert hit.cosine == pytest.approx(float(vector @ query), abs=1e-6)


def test_scores_are_the_fused_ones(filled: Store, embedder: WordEmbedder) -> None:
    question = "Who closed the bridge by the dam?"
    fusion = Fusion(dense_weight=0.3, title_weight=2.0)
    hits = Retriever(filled, embedder, fusion).retrieve(question, 10)
    expected = fuse(
        {hit.passage.id: hit.cosine for hit in hits},
        dict(filled.search_text(full_text_query(question), 10, 2.0)),
        0.3,
    )
    assert {hit.passage.id: hit.score for hit in hits} == pytest.approx(expected)


def test_what_only_the_full_text_finds_gets_its_true_cosine(tmp_path: Path) -> None:
    embedder = WordEmbedder(4096)  # so many dimensions that no two words share one
    store = Store(tmp_path / "store", embedder.identity, 32)
    add(store, embedder, {f"{n}.txt": f"Zebra {n}." for n in range(4)})
    add(store, embedder, {"long.txt": "Quagga amid eight words that lead its vector astray."})
    first, second = Retriever(store, embedder, Fusion(0, 1.0, depth=2)).retrieve("zebra quagga", 2)
    assert "Quagga" in first.passage.text
    assert (first.dense_rank, first.text_rank) == (None, 1)
    assert first.cosine == pytest.approx(1 / (2**0.5 * 9**0.5))
    assert second.cosine == pytest.approx(1 / (2**0.5 * 2**0.5))
    store.close()


@pytest.mark.parametrize("k", [1, 2, 4, 5, 1000])
def test_at_most_k_and_never_more_than_there_are(
    filled: Store, embedder: WordEmbedder, k: int
) -> None:
    retriever = Retriever(filled, embedder)
    hits = retriever.retrieve("dam and bridge", k)
    assert len(hits) == min(k, 4)
    assert hits == retriever.retrieve("dam and bridge", 1000)[:k]


@pytest.mark.parametrize("question", ["", "???", "\0", "👩‍👩‍👧", " ", "the", "AND OR NOT"])
def test_questions_without_content_still_get_the_nearest(
    filled: Store, embedder: WordEmbedder, question: str
) -> None:
    hits = Retriever(filled, embedder).retrieve(question, 2)
    assert [hit.rank for hit in hits] == [1, 2]


@pytest.mark.parametrize("question", ["Is the dam safe?", "???", ""])
def test_an_empty_store_has_no_hits(store: Store, embedder: WordEmbedder, question: str) -> None:
    assert Retriever(store, embedder).retrieve(question, 5) == []


def test_the_same_question_gets_the_same_hits(filled: Store, embedder: WordEmbedder) -> None:
    one, other = Retriever(filled, embedder), Retriever(filled, embedder)
    assert one.retrieve("late apples", 4) == one.retrieve("late apples", 4)
    assert one.retrieve("late apples", 4) == other.retrieve("late apples", 4)


def test_ties_go_by_document_and_place(store: Store, embedder: WordEmbedder) -> None:
    texts = {f"{n}.txt": f"Same words here {mark}" for n, mark in enumerate(".!?;:,")}
    add(store, embedder, dict(reversed(texts.items())))
    hits = Retriever(store, embedder).retrieve("same words", 6)
    assert len({hit.score for hit in hits}) == 1
    ids = [hit.passage.document_id for hit in hits]
    assert ids == sorted(ids)
    assert [hit.passage for hit in Retriever(store, embedder).retrieve("same words", 3)] == [
        hit.passage for hit in hits[:3]
    ]


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_accents_may_be_typed_either_way(filled: Store, embedder: WordEmbedder, form: str) -> None:
    question = unicodedata.normalize(form, "Which résumé names Orléans?")  # type: ignore[arg-type]
    hits = Retriever(filled, embedder, Fusion(dense_weight=0)).retrieve(question, 1)
    assert paths(filled, hits) == ["résumé.txt"]
    assert full_text_query(question) == '"résumé" OR "names" OR "orléans"'


def test_within_some_documents(filled: Store, embedder: WordEmbedder) -> None:
    retriever = Retriever(filled, embedder)
    ids = {filled.document(entry.id).path: entry.id for entry in filled.entries()}
    question = "Was the old bridge closed, and is the dam safe?"
    everywhere = retriever.retrieve(question, 10)
    assert {"bridge.txt", "dam.txt"} < set(paths(filled, everywhere))
    inside = retriever.retrieve(question, 10, [ids["dam.txt"], ids["apples.txt"]])
    assert set(paths(filled, inside)) == {"dam.txt", "apples.txt"}
    assert [hit.rank for hit in inside] == list(range(1, len(inside) + 1))
    cosines = {hit.passage.id: pytest.approx(hit.cosine, abs=1e-6) for hit in everywhere}
    assert {hit.passage.id: hit.cosine for hit in inside} == {
        hit.passage.id: cosines[hit.passage.id] for hit in inside
    }
    every = retriever.retrieve(question, 10, list(ids.values()))
    assert [hit.passage for hit in every] == [hit.passage for hit in everywhere]
    assert [hit.score for hit in every] == pytest.approx([hit.score for hit in everywhere])
    assert retriever.retrieve(question, 10, []) == []
