"""Stand-ins that are deterministic and mean something, and documents for tests."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import TypeVar

import numpy as np
import Stemmer

from rag.embed import Floats, Identity
from rag.load import parse
from rag.pairs import Scored, Window, windows
from rag.retrieve import content_words
from rag.types import Document, Hit, Passage

T = TypeVar("T")

_TOKEN = re.compile(r"\w+|[^\w\s]")
_STEMMER = Stemmer.Stemmer("english")


class WordEmbedder:
    """A bag of stemmed words, hashed into few dimensions: texts that share words are near.

    Tokens are words and punctuation marks. A text without a word points along the first
    axis.
    """

    def __init__(
        self,
        dimension: int = 64,
        max_tokens: int = 256,
        name: str = "words",
        sha256: str = "0" * 64,
        before_documents: Callable[[], None] | None = None,
    ) -> None:
        """``before_documents`` is called at the start of each ``embed_documents``."""
        self.identity = Identity(name, dimension, sha256)
        self.max_tokens = max_tokens
        self.before_documents = before_documents
        self.embedded: list[str] = []
        """Every text that was given to ``embed_documents``."""

    def token_spans(self, text: str, /) -> Sequence[tuple[int, int]]:
        return [match.span() for match in _TOKEN.finditer(text)]

    def embed_documents(self, texts: Sequence[str]) -> Floats:
        if self.before_documents:
            self.before_documents()
        self.embedded += texts
        return self._embed(texts)

    def embed_queries(self, texts: Sequence[str]) -> Floats:
        return self._embed(texts)

    def _embed(self, texts: Sequence[str]) -> Floats:
        counts = np.zeros((len(texts), self.identity.dimension))
        for row, text in enumerate(texts):
            for word in re.findall(r"\w+", text.lower()):
                counts[row, bucket(word, self.identity.dimension)] += 1
            if not counts[row].any():
                counts[row, 0] = 1
        return (counts / np.linalg.norm(counts, axis=1, keepdims=True)).astype(np.float32)


@cache
def bucket(word: str, dimension: int) -> int:
    """The axis of a word; all its forms share it."""
    stem = _STEMMER.stemWord(word)
    return int.from_bytes(hashlib.sha256(stem.encode()).digest()[:8], "big") % dimension


class SpecialTokens:
    """As much of a tokenizer as ``windows`` needs."""

    CLS, SEP = 1, 2

    def token_to_id(self, token: str) -> int:
        return {"[CLS]": self.CLS, "[SEP]": self.SEP}[token]


class PhraseModel:
    """A reading model that knows the answers: it finds phrases wherever they stand.

    The span of a phrase has the score that it is given, "no answer" has 0 and every other
    span less than any phrase. Tokens are words and punctuation marks.
    """

    NOTHING = -6.0
    """Log odds that a window without a phrase answers."""

    def __init__(self, phrases: Mapping[str, float]) -> None:
        self.phrases = dict(phrases)
        self.read: list[tuple[str, str]] = []
        """Title and text of every passage that was scored."""

    def tokens(self, text: str, /) -> int:
        return len(_TOKEN.findall(text))

    def score(self, question: str, passages: Sequence[tuple[str, str]]) -> list[list[Scored]]:
        self.read += passages
        return [self._passage(question, title, text) for title, text in passages]

    def scores(self, question: str, title: str, text: str) -> dict[tuple[int, int], float]:
        """The spans that are an answer, with their scores."""
        return {
            match.span(): score
            for phrase, score in self.phrases.items()
            for match in re.finditer(re.escape(phrase), text)
        }

    def _passage(self, question: str, title: str, text: str) -> list[Scored]:
        spans = [match.span() for match in _TOKEN.finditer(text)]
        known = self.scores(question, title, text)
        asked, titled = ([9] * self.tokens(part) for part in (question, title))
        made = windows(SpecialTokens(), asked, titled, [9] * len(spans), spans)  # type: ignore[arg-type]
        return [self._window(window, known) for window in made]

    def _window(self, window: Window, known: Mapping[tuple[int, int], float]) -> Scored:
        start, end = (np.full(len(window.ids), -100, np.float32) for _ in range(2))
        start[0] = end[0] = 0
        begins = {s: window.first + at for at, (s, _) in enumerate(window.offsets)}
        ends = {e: window.first + at for at, (_, e) in enumerate(window.offsets)}
        inside = {
            span: score for span, score in known.items() if span[0] in begins and span[1] in ends
        }
        for (s, e), score in inside.items():
            start[begins[s]] = end[ends[e]] = score / 2
        return Scored(window, start, end, max(inside.values(), default=self.NOTHING))


class WordsModel(PhraseModel):
    """A reading model that goes by words: what it proposes are the stretches between a
    sentence's words that the question has too, and the more of those, the surer it is."""

    def __init__(self) -> None:
        super().__init__({})

    def scores(self, question: str, title: str, text: str) -> dict[tuple[int, int], float]:
        asked = set(_STEMMER.stemWords(content_words(question)))
        found = {}
        for sentence in re.finditer(r"[^.!?]+", text):
            words = list(re.finditer(r"\w+", sentence.group()))
            shared = [_STEMMER.stemWord(word.group().lower()) in asked for word in words]
            if not any(shared):
                continue
            score = 8.0 * sum(shared) / len(asked) - 2
            stretches = groupby(zip(words, shared, strict=True), key=lambda pair: pair[1])
            for same, stretch in stretches:
                if not same:
                    run = [word for word, _ in stretch]
                    begin, end = run[0].start(), run[-1].end()
                    found[sentence.start() + begin, sentence.start() + end] = score
        return found


class Interrupting(list[T]):
    """A list that does something after its first item, then goes on."""

    def __init__(self, items: Sequence[T], between: Callable[[], None]) -> None:
        super().__init__(items)
        self._between = between

    def __iter__(self) -> Iterator[T]:
        for at, item in enumerate(super().__iter__()):
            if at == 1:
                self._between()
            yield item


def write_files(root: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write files below ``root``, by their POSIX paths; texts as UTF-8, as they are."""
    for path, content in files.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


def make_document(text: str, path: str = "a.txt") -> Document:
    """As loading a file of that text gives it."""
    return parse(text.encode(), path)


def make_hit(
    document: Document,
    *,
    start: int = 0,
    end: int | None = None,
    sentences: Sequence[tuple[int, int]] = (),
    rank: int = 1,
    score: float = 0.5,
    cosine: float = 0.5,
    passage_id: int | None = None,
) -> Hit:
    """A hit on a stretch of a document, by default on all of it as one sentence."""
    end = len(document.text) if end is None else end
    passage = Passage(
        passage_id or rank,
        document.id,
        start,
        end,
        document.text[start:end],
        tuple(sentences) or ((start, end),),
    )
    return Hit(passage, score, rank, rank, None, cosine)
