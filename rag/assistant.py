"""The main path, from a folder and a question to an ``Answer``.

Question → ``retrieve`` → ``evidence`` → ``compose``. The chat, the command line,
Python and the evaluation all come through ``Assistant.stream``.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Generator, Sequence
from contextlib import closing
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from rag.compose import NO_QUESTION, NOBODY, Thresholds, compose
from rag.conversations import Conversations
from rag.converse import standalone
from rag.dropped import DroppedIn
from rag.embed import Embedder, Identity, load_embedder
from rag.errors import DocumentsNotFound, SettingsError
from rag.evidence import EvidenceFinder
from rag.ingest import Indexer, Progress, sync
from rag.judge import Parameters
from rag.planted import fair
from rag.question import is_question, plainly
from rag.read import Reader, SpanReader
from rag.reader_model import load_reader
from rag.retrieve import Retriever
from rag.settings import Settings
from rag.sides import Sides
from rag.store import Store
from rag.types import (
    Answer,
    Document,
    DocumentEntry,
    Hit,
    Statement,
    SyncReport,
)

if TYPE_CHECKING:
    from llama_index.core.llms import LLM

    from rag.llm import Writer
    from rag.write import Writing


_DEEPER = 10
"""Times as many passages are looked at where the nearest ones say nothing to a reader."""


class Assistant:
    """Answers questions over a folder of documents. Safe to use from several threads."""

    last_sync: SyncReport
    """What the last ``sync`` did."""
    thresholds: Thresholds
    """Where the outcomes begin, as set or else as fitted."""
    embedding: Identity
    """The model that made the index's vectors."""
    conversations: Conversations
    """Those that are kept beside the index; ``ask`` itself keeps none."""

    def __init__(
        self, settings: Settings, store: Store, embedder: Embedder, reader: Reader | None = None
    ) -> None:
        """Use ``open``, which also makes the parts and indexes the folder."""
        self.settings = settings
        self.embedding = embedder.identity
        self._store = store
        self.conversations = Conversations(store.folder, store.document)
        self._dropped = DroppedIn(
            store.folder / "dropped", settings.documents, settings.max_file_mb
        )
        self._indexer = Indexer(embedder, settings.passage_tokens, settings.language)
        self._retriever = Retriever(store, embedder)
        reader = reader or SpanReader(
            load_reader(settings.reader_model), store.titles, store.rarity, settings.read_tokens
        )
        self._writing: Writing | None = None
        fitted = Parameters.load()
        self.thresholds = Thresholds(
            answered=_given(settings.answer_threshold, fitted.answered),
            closest=_given(settings.decline_threshold, fitted.closest),
        )
        if self.thresholds.closest > self.thresholds.answered and settings.decline_threshold:
            raise SettingsError(
                f"setting 'decline_threshold': {self.thresholds.closest} is above the confidence "
                f"from which a question is answered, {self.thresholds.answered}. Lower it, or "
                "raise 'answer_threshold'."
            )
        sides = Sides(embedder, store.rarity, store.statements, store.titles, reader)
        self._evidence = EvidenceFinder(reader, sides, store.statements, self.thresholds)

    @classmethod
    def open(
        cls,
        documents: str | Path | None = None,
        settings: Settings | None = None,
        *,
        embedder: Embedder | None = None,
        reader: Reader | None = None,
        llm: LLM | None = None,
        progress: Progress | None = None,
        rebuild: bool = False,
    ) -> Assistant:
        """Open the index of a folder and bring it up to date; ``last_sync`` tells how.

        ``documents`` goes over ``settings.documents``, and ``llm``, any language model of
        LlamaIndex, over the one that is set. ``rebuild`` makes the index anew, whatever made
        the old one. Raises ``DocumentsNotFound``, ``SettingsError``,
        ``ModelError`` or ``StoreError``.
        """
        settings = settings or Settings.load()
        if documents is not None:
            settings = settings.model_copy(update={"documents": Path(documents)})
        if not settings.documents.is_dir():
            raise DocumentsNotFound(
                f"{settings.documents} is not a folder. Name the folder of your documents: "
                "--documents DIR, SAYSO_DOCUMENTS, or the first argument in Python."
            )
        embedder = embedder or load_embedder(settings.embedding_model)
        writer = _writer(settings, llm)  # a mistake there shows before the folder is read
        folder = settings.store_path()
        Indexer(embedder, settings.passage_tokens)  # refuses what would make a useless store
        if rebuild:
            Store.discard(folder)
        store = Store(folder, embedder.identity, settings.passage_tokens, settings.language)
        try:
            assistant = cls(settings, store, embedder, reader)
            assistant.sync(progress)
            assistant.write_with(writer)
        except BaseException:
            store.close()
            raise
        return assistant

    def close(self) -> None:
        self.conversations.close()
        self._store.close()

    def __enter__(self) -> Assistant:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # -- asking ----------------------------------------------------------------------

    def ask(
        self,
        question: str,
        history: Sequence[Answer] = (),
        within: Collection[str] | None = None,
        speaker: str = "",
        searched: str | None = None,
        *,
        quotes_only: bool = False,
    ) -> Answer:
        """The answer to ``question``; ``history`` holds the answers given before it.

        ``within`` are the ids of the documents to look in; None for all of them. With a
        ``speaker``, e.g. "Hajizada" or "ambassador", only what somebody says whose name and
        role hold all these words. ``searched`` is the standalone question to search for, in
        place of the one that is made of ``question`` and ``history``. With ``quotes_only`` no
        language model is asked, even where one is set.
        """
        *_, last = self.stream(
            question, history, within, speaker, searched, quotes_only=quotes_only
        )
        return last

    def stream(
        self,
        question: str,
        history: Sequence[Answer] = (),
        within: Collection[str] | None = None,
        speaker: str = "",
        searched: str | None = None,
        *,
        quotes_only: bool = False,
    ) -> Generator[Answer, None, None]:
        """Snapshots of the answer as it comes about; the last one has stage "done". Closing the
        generator stops a language model that is writing."""
        writing = None if quotes_only else self._writing  # another thread may set it meanwhile
        write = writing.line if writing else None
        history = [turn for turn in history if is_question(turn.searched)]
        searched = (searched or "").strip()
        asks = is_question(searched or question)
        searched = searched or (standalone(plainly(question), history, write) if asks else question)
        snapshot = Answer(
            question=question,
            searched=searched,
            text="",
            claims=(),
            hits=(),
            outcome="declined",
            confidence=0.0,
            seconds={},
            stage="searching",
        )
        if not asks:
            yield replace(snapshot, text=NO_QUESTION, stage="done")
            return
        yield snapshot
        clock = _Clock()
        hits, planted = self._retrieve(searched, self.settings.top_k, within, speaker)
        clock.lap("retrieve")
        yield replace(snapshot, hits=tuple(hits), stage="reading", seconds=dict(clock.seconds))
        evidence = self._evidence.find(searched, hits, speaker)
        clock.lap("read")
        answer = compose(
            question,
            searched,
            evidence.hits,
            evidence.spans,
            self._store.document,
            evidence.attribute,
            evidence.thresholds,
            self.settings.max_claims,
            clock.seconds,
            evidence.kind,
        )
        clock.lap("answer")
        if speaker and not hits and self._store.count():
            somewhere = self._store.passages_within(None, speaker)
            answer = answer if somewhere else replace(answer, text=NOBODY)
        answer = replace(answer, planted=planted, seconds=dict(clock.seconds))
        # Positions in a dispute stay what they are: whose word is whose is not to be rewritten.
        if writing is None or not answer.claims or evidence.kind != "what":
            yield answer
            return
        with closing(writing.stream(answer, evidence.spans)) as snapshots:
            for snapshot in snapshots:
                if snapshot.stage == "done":
                    clock.lap("write")
                    snapshot = replace(snapshot, seconds=dict(clock.seconds))
                yield snapshot

    @property
    def written_by(self) -> str:
        """The language model that writes answers; empty where they are quotes."""
        writing = self._writing
        return writing.writer.name if writing else ""

    def write_with(self, writer: Writer | None) -> None:
        """Have answers written by this model from now on; None for quotes alone.

        Raises ``ModelError`` when the weights of the proof cannot be loaded.
        """
        if writer is None:
            self._writing = None
            return
        from rag.support import load_support
        from rag.write import Writing

        self._writing = Writing(
            writer,
            load_support(),
            self._store.document,
            self._store.statements,
            self.settings.llm_passages,
        )

    def retrieve(
        self,
        question: str,
        k: int,
        within: Collection[str] | None = None,
        speaker: str = "",
    ) -> list[Hit]:
        """The ``k`` passages nearest to the question, best first, without reading them.

        What addresses an assistant in them is blank; see ``rag/planted.py``.
        """
        return self._retrieve(question, k, within, speaker)[0]

    def _retrieve(
        self, question: str, k: int, within: Collection[str] | None, speaker: str
    ) -> tuple[list[Hit], int]:
        """The hits, and in how many of the nearest ``k`` something is planted."""
        nearest = self._retriever.retrieve(question, k, within, speaker)
        hits = self._fair(nearest)
        planted = sum(hit != before for hit, before in zip(hits, nearest, strict=True))
        if planted and not all(map(_says, hits)):
            # A file full of it must not push out what others say.
            hits = self._fair(self._retriever.retrieve(question, k * _DEEPER, within, speaker))
            hits = [hit for hit in hits if _says(hit)][:k]
        return [replace(hit, rank=rank) for rank, hit in enumerate(hits, start=1)], planted

    def _fair(self, hits: Sequence[Hit]) -> list[Hit]:
        """The hits without what addresses an assistant in their passages."""
        document = cache(self._store.document)
        found = []
        for hit in hits:
            try:
                text = document(hit.passage.document_id).text
            except KeyError:  # removed since; what it said can still be read, not quoted
                text = " " * hit.passage.start + hit.passage.text
            found.append(replace(hit, passage=fair(hit.passage, text)))
        return found

    # -- documents -------------------------------------------------------------------

    def documents(self) -> list[DocumentEntry]:
        """What is indexed, by path."""
        return self._store.entries()

    def speakers(self) -> list[tuple[str, int]]:
        """Everybody who says something by name, with how many statements, most first."""
        return self._store.speakers()

    def statements(self, document_id: str) -> list[Statement]:
        """What the document says on whose behalf, in order."""
        return self._store.statements(document_id)

    def document(self, document_id: str) -> Document:
        """Raises ``KeyError`` when it is not, or no longer, indexed."""
        return self._store.document(document_id)

    def sync(self, progress: Progress | None = None) -> SyncReport:
        """Bring the index up to date with the folder and the dropped-in files."""
        report = sync(
            self._store,
            self.settings.documents,
            self._indexer,
            max_file_mb=self.settings.max_file_mb,
            dropped=self._dropped.folder,
            progress=progress,
        )
        self.last_sync = report
        return report

    def add(self, files: Sequence[Path], progress: Progress | None = None) -> SyncReport:
        """Copy files in and index them; those that cannot be read are not kept.

        They lie beside the index, not in the documents' folder, and stay until
        ``remove``. A name that is taken by other content gets a number.
        """
        refused = self._dropped.add(files)
        report = self.sync(progress)
        return replace(report, skipped=(*refused, *report.skipped), refused=tuple(refused))

    def remove(self, path: str) -> SyncReport:
        """Remove a dropped-in file, by its path as listed in ``documents``.

        Files of the documents' folder are the user's own and are never deleted. Raises
        ``DocumentError`` for them and for a path that is not there.
        """
        self._dropped.remove(path)
        return self.sync()

    @property
    def store_folder(self) -> Path:
        """Where the index and the dropped-in files are."""
        return self._store.folder


def answer(
    question: str,
    documents: str | Path | None = None,
    history: Sequence[Answer] = (),
    settings: Settings | None = None,
) -> Answer:
    """Answer one question over a folder; its index is kept for the next call.

    For many questions, ``Assistant.open`` looks at the folder once only.
    """
    with Assistant.open(documents, settings) as assistant:
        return assistant.ask(question, history)


def _writer(settings: Settings, llm: LLM | None) -> Writer | None:
    if llm is None and not settings.llm_url and settings.llm_gguf is None:
        return None
    from rag.llm import LlamaWriter, load_writer

    return LlamaWriter(llm) if llm is not None else load_writer(settings)


class _Clock:
    """Seconds between laps, by name."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.seconds[name] = round(now - self._last, 6)
        self._last = now


def _says(hit: Hit) -> bool:
    """Whether anything is left of its passage."""
    return bool(hit.passage.text.strip())


def _given(value: float | None, default: float) -> float:
    return default if value is None else value
