"""Sayso for LlamaIndex users, and LlamaIndex models for Sayso.

>>> from rag.llama import SaysoRetriever
>>> engine = RetrieverQueryEngine.from_args(SaysoRetriever(Assistant.open("seeds")), llm=llm)
>>> assistant = Assistant.open("seeds", embedder=LlamaEmbedder(embedding, tokenizer))

Kept apart from the main path, because importing LlamaIndex takes longer than answering.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode
from numpy.typing import NDArray

from rag.embed import Identity

if TYPE_CHECKING:
    from tokenizers import Tokenizer

    from rag.assistant import Assistant

Floats = NDArray[np.float32]


class SaysoRetriever(BaseRetriever):
    """The passages that Sayso finds, as LlamaIndex nodes with exact offsets."""

    def __init__(self, assistant: Assistant, top_k: int | None = None) -> None:
        """``top_k`` goes over the assistant's own setting."""
        super().__init__()
        self._assistant = assistant
        self._top_k = top_k or assistant.settings.top_k

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        nodes = []
        for hit in self._assistant.retrieve(query_bundle.query_str, self._top_k):
            document = self._assistant.document(hit.passage.document_id)
            node = TextNode(
                id_=f"{document.id}:{hit.passage.start}-{hit.passage.end}",
                text=hit.passage.text,
                start_char_idx=hit.passage.start,
                end_char_idx=hit.passage.end,
                metadata={
                    "path": document.path,
                    "title": document.title,
                    "published": document.published and document.published.isoformat(),
                },
            )
            nodes.append(NodeWithScore(node=node, score=hit.score))
        return nodes


class LlamaEmbedder:
    """Any LlamaIndex embedding model as Sayso's ``Embedder``."""

    def __init__(
        self, model: BaseEmbedding, tokenizer: Tokenizer, *, max_tokens: int, version: str
    ) -> None:
        """``tokenizer`` and ``max_tokens`` are the model's own, so that no passage is cut.

        ``version`` stands for the weights: an index made with another one is refused.
        """
        self._model = model
        self._tokenizer = tokenizer
        self._max_tokens = max_tokens
        dimension = len(model.get_query_embedding("dimension"))
        self._identity = Identity(model.model_name, dimension, version)

    @property
    def identity(self) -> Identity:
        return self._identity

    @property
    def max_tokens(self) -> int:
        return self._max_tokens

    def token_spans(self, text: str, /) -> Sequence[tuple[int, int]]:
        spans: Sequence[tuple[int, int]] = self._tokenizer.encode(
            text, add_special_tokens=False
        ).offsets
        return spans

    def embed_documents(self, texts: Sequence[str]) -> Floats:
        return _unit(self._model.get_text_embedding_batch(list(texts)))

    def embed_queries(self, texts: Sequence[str]) -> Floats:
        return _unit([self._model.get_query_embedding(text) for text in texts])


def _unit(rows: Sequence[Sequence[float]]) -> Floats:
    vectors = np.array(rows, np.float32)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True), np.float32)
