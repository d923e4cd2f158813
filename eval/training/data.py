"""The training sets as examples: a question, a passage and where the passage answers it.

SquadShifts (Miller et al. 2020), QED (Lamm et al. 2020) and HaluEval's QA part (Li et al.
2023). All may be used for training weights; see the model card for their licences.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

DATA = Path("../shared/data/train")
"""Where the training sets lie when no other folder is named."""

SOURCES = ("new_wiki", "reddit", "amazon", "qed", "halueval")

WRITTEN = Path(__file__).with_name("written.jsonl")
"""Questions that were written for passages of the training sets: a line has a passage by its
``key_of``, a question and the spans of its answer, none where the passage does not answer it."""

_LONGEST_PASSAGE = 6000  # characters; a few of QED's are whole tables


@dataclass(frozen=True, slots=True)
class Example:
    """One question with one passage."""

    question: str
    title: str
    """Empty where the source has none that says anything."""
    passage: str
    spans: tuple[tuple[int, int], ...]
    """Where the annotators' answers stand, one for each annotator: what more of them chose
    counts more. Empty where the passage does not answer."""
    source: str
    article: str
    """Passages of one article are about one thing."""
    kind: str = "answered"
    """``answered``, ``mined`` (another passage), ``made: …`` (changed to be unanswerable) or
    ``written`` (``WRITTEN``)."""
    invented: str = ""
    """HaluEval's wrong answer, which a language model made up; empty elsewhere."""


def load(folder: Path = DATA, sources: tuple[str, ...] = SOURCES) -> list[Example]:
    """All answered examples of ``sources``, in the files' order."""
    readers = {
        "new_wiki": lambda: _squad(folder / "squadshifts_new_wiki.json", "new_wiki"),
        "reddit": lambda: _squad(folder / "squadshifts_reddit.json", "reddit"),
        "amazon": lambda: _squad(folder / "squadshifts_amazon_reviews.json", "amazon"),
        "qed": lambda: _qed(folder / "qed_train.jsonl"),
        "halueval": lambda: _halueval(folder),
    }
    return [example for source in sources for example in readers[source]()]


def written(examples: Sequence[Example], path: Path = WRITTEN) -> Iterator[Example]:
    """The written questions, of the passages of ``examples``."""
    of = {key_of(example.passage): example for example in examples}
    for line in _lines(path):
        if example := of.get(line["passage"]):
            spans = tuple((start, end) for start, end in line["spans"])
            yield replace(
                example, question=line["question"], spans=spans, kind="written", invented=""
            )


def key_of(passage: str) -> str:
    """What ``WRITTEN`` names a passage by."""
    return hashlib.sha256(passage.encode()).hexdigest()[:12]


def _squad(path: Path, source: str) -> Iterator[Example]:
    for article in json.loads(path.read_text("utf-8"))["data"]:
        # The other parts' titles are ids.
        title = article["title"].replace("_", " ") if source == "new_wiki" else ""
        for number, paragraph in enumerate(article["paragraphs"]):
            text = paragraph["context"]
            for asked in paragraph["qas"]:
                spans = [
                    _trimmed(text, a["answer_start"], a["answer_start"] + len(a["text"]))
                    for a in asked["answers"]
                    if text[a["answer_start"] :].startswith(a["text"])
                ]
                spans = [span for span in spans if span[0] < span[1]]
                if spans:
                    yield Example(
                        " ".join(asked["question"].split()),
                        title,
                        text,
                        tuple(spans),
                        source,
                        f"{source}/{article['title']}" if title else f"{source}/{number}",
                    )


def _qed(path: Path) -> Iterator[Example]:
    for line in _lines(path):
        text = line["paragraph_text"]
        if len(text) > _LONGEST_PASSAGE:
            continue
        # Treebank's quotes and dashes as people write them; no offset changes.
        for theirs, ours in (("``", ' "'), ("''", '" '), ("--", "– ")):
            text = text.replace(theirs, ours)
        spans = tuple(_trimmed(text, *span) for span in line["answer_spans"])
        spans = tuple(span for span in spans if span[0] < span[1])
        if not spans:
            continue
        yield Example(
            line["question_text"],
            line["title_text"],
            text,
            spans,
            "qed",
            f"qed/{line['title_text']}",
        )


@dataclass(frozen=True, slots=True)
class Row:
    """A row of HaluEval."""

    question: str
    passage: str
    answer: str
    """The right one; not always in the passage's words."""
    invented: str
    source: str
    article: str


def halueval_rows(folder: Path = DATA) -> Iterator[Row]:
    """All of them, also those whose answer is not in the passage."""
    for number, line in enumerate(_lines(folder / "halueval_qa.jsonl")):
        # The articles are joined without a space.
        text = re.sub(r"(?<=[a-z0-9)\"”]\.)(?=[A-Z])", " ", line["knowledge"])
        yield Row(
            " ".join(line["question"].split()),
            text,
            line["right_answer"].strip(),
            " ".join(line.get("hallucinated_answer", "").split()),
            "halueval",
            f"halueval/{number}",
        )


def _halueval(folder: Path) -> Iterator[Example]:
    for row in halueval_rows(folder):
        found = [
            match.span()
            for match in re.finditer(rf"(?<!\w){re.escape(row.answer)}(?!\w)", row.passage)
            if row.answer
        ]
        if found:
            yield Example(
                row.question,
                "",
                row.passage,
                tuple(found),
                row.source,
                row.article,
                invented=row.invented,
            )


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Without the white space and the full stop that annotators took along."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] in ".,;"):
        end -= 1
    return start, end
