"""One step of one system of the benchmark, in a process of its own.

The last line of its output is JSON: seconds, passages, megabytes (peak resident).
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eval.memory import peak_megabytes
from rag.offline import go_offline

if TYPE_CHECKING:
    from rag.assistant import Assistant


def main(system: str, step: str, name: str) -> None:
    folder = Path(name)
    go_offline()
    make = {"sayso": _sayso, "llamaindex": _llamaindex}[system]
    found = make(step, folder)
    found["megabytes"] = peak_megabytes() or float("nan")
    print(json.dumps(found))


def _sayso(step: str, folder: Path) -> dict[str, float]:
    from rag.assistant import Assistant
    from rag.embed import FEW, load_embedder
    from rag.settings import Settings
    from rag.store import Store

    settings = Settings(documents=folder / "documents", store=folder / "sayso")
    embedder = load_embedder(settings.embedding_model)
    if step == "index":
        embedder.embed_documents(["Both are timed with their model loaded."] * (FEW + 1))
        began = time.perf_counter()
        with Assistant.open(settings=settings) as assistant:
            report = assistant.last_sync
        return {"seconds": time.perf_counter() - began, "passages": report.passages}
    if step == "answer":
        with Assistant.open(settings=settings) as assistant:
            assistant.ask("Ready?")
            return _answered(assistant, folder)
    began = time.perf_counter()
    store = Store(settings.store_path(), embedder.identity, settings.passage_tokens)
    from rag.retrieve import Retriever

    retriever = Retriever(store, embedder)
    len_of_index = store.count()
    store.search_vectors(embedder.embed_queries(["ready?"])[0], 1)
    opened = time.perf_counter() - began
    return _asked(step, opened, folder, lambda q: retriever.retrieve(q, settings.top_k)) | {
        "passages": len_of_index
    }


def _llamaindex(step: str, folder: Path) -> dict[str, float]:
    """As in LlamaIndex's starter example, with the same weights."""
    from llama_index.core import (
        SimpleDirectoryReader,
        StorageContext,
        VectorStoreIndex,
        load_index_from_storage,
    )
    from llama_index.core.node_parser import SentenceSplitter
    from llama_index.embeddings.huggingface import HuggingFaceEmbedding

    from rag.embed import PACKAGED, folder_of
    from rag.settings import Settings

    model = HuggingFaceEmbedding(model_name=str(folder_of(PACKAGED)), device="cpu")
    model.get_text_embedding("warm")
    saved = str(folder / "llamaindex")
    if step == "index":
        began = time.perf_counter()
        documents = SimpleDirectoryReader(str(folder / "documents")).load_data()
        splitter = SentenceSplitter(chunk_size=Settings().passage_tokens, chunk_overlap=0)
        index: Any = VectorStoreIndex.from_documents(
            documents, transformations=[splitter], embed_model=model
        )
        index.storage_context.persist(saved)
        return {
            "seconds": time.perf_counter() - began,
            "passages": len(index.docstore.docs),
        }
    began = time.perf_counter()
    index = load_index_from_storage(
        StorageContext.from_defaults(persist_dir=saved), embed_model=model
    )
    retriever = index.as_retriever(similarity_top_k=Settings().top_k)
    model.get_query_embedding("ready?")
    return _asked(step, time.perf_counter() - began, folder, retriever.retrieve)


def _answered(assistant: Assistant, folder: Path) -> dict[str, float]:
    """Whole answers, as users get them, and the share of reading in their time."""
    answers = [assistant.ask(question) for question in _questions(folder)]
    taken = [sum(answer.seconds.values()) for answer in answers]
    reading = sum(answer.seconds["read"] for answer in answers)
    return _spread(taken) | {"reading": reading / sum(taken)}


def _asked(
    step: str, opened: float, folder: Path, retrieve: Callable[[str], object]
) -> dict[str, float]:
    questions = _questions(folder)
    if step == "open":
        questions = questions[:1]
    taken = []
    for question in questions:
        began = time.perf_counter()
        retrieve(question)
        taken.append(time.perf_counter() - began)
    return {"seconds": opened} | _spread(taken)


def _questions(folder: Path) -> list[str]:
    questions: list[str] = json.loads((folder / "questions.json").read_text("utf-8"))
    return questions


def _spread(taken: list[float]) -> dict[str, float]:
    return {
        "median": statistics.median(taken),
        "p95": sorted(taken)[int(0.95 * (len(taken) - 1))],
    }


if __name__ == "__main__":
    main(*sys.argv[1:])
