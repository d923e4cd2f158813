"""Sayso inside LlamaIndex, and a LlamaIndex model inside Sayso."""

from __future__ import annotations

from pathlib import Path

import pytest
from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.schema import MetadataMode

from rag import Assistant, Settings
from rag.embed import PACKAGED, load_embedder
from rag.llama import LlamaEmbedder, SaysoRetriever
from tests.fakes import WordEmbedder, write_files

FILES = {
    "bridge.txt": "The bridge\n\nThe old bridge was closed on Monday.",
    "apples.txt": "Apples\n\nApples ripened late. Farmers blame the cold spring.",
}


class WordEmbedding(BaseEmbedding):
    """The tests' word vectors behind LlamaIndex's interface, at three times the length."""

    def _get_text_embedding(self, text: str) -> list[float]:
        return [3 * float(x) for x in WordEmbedder().embed_documents([text])[0]]

    def _get_query_embedding(self, query: str) -> list[float]:
        return self._get_text_embedding(query)

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._get_text_embedding(query)


def test_nodes_stand_where_they_say(tmp_path: Path) -> None:
    write_files(tmp_path / "documents", FILES)
    settings = Settings.load(store=tmp_path / "store")
    with Assistant.open(tmp_path / "documents", settings, embedder=WordEmbedder()) as assistant:
        found = SaysoRetriever(assistant, top_k=1).retrieve("When was the bridge closed?")
    (hit,) = found
    assert hit.node.metadata == {"path": "bridge.txt", "title": "The bridge", "published": None}
    text = FILES["bridge.txt"]
    start, end = hit.node.start_char_idx, hit.node.end_char_idx
    assert hit.node.get_content(MetadataMode.NONE) == text[start:end]
    assert "closed on Monday" in text[start:end]
    assert 0 < hit.score <= 1


@pytest.mark.model
def test_a_llama_index_model_embeds(tmp_path: Path) -> None:
    tokenizer = load_embedder(PACKAGED)._tokenizer
    embedder = LlamaEmbedder(
        WordEmbedding(model_name="words"), tokenizer, max_tokens=200, version="1"
    )
    assert embedder.identity.name == "words"
    assert embedder.identity.dimension == WordEmbedder().identity.dimension
    assert embedder.embed_queries(["a bridge"])[0] == pytest.approx(
        WordEmbedder().embed_queries(["a bridge"])[0], abs=1e-6
    )
    write_files(tmp_path / "documents", FILES)
    settings = Settings.load(store=tmp_path / "store")
    with Assistant.open(tmp_path / "documents", settings, embedder=embedder) as assistant:
        assert assistant.ask("Why did apples ripen late?").hits[0].passage.text.startswith("Apples")
