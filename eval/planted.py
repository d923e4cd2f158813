"""How much ordinary text is taken for planted instructions: ``python -m eval planted``.

Nobody planted anything in these collections, so each sentence that ``rag.planted`` finds there is
one that could wrongly not be quoted. What it has to find is in ``tests/hostile.py``; the
instructions in ``planted.txt`` are worded in ways for which no rule was made, and no rule may be
made for them: they tell how much of the unexpected is found.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from eval.datasets import collection
from eval.table import table
from rag.errors import SaysoError
from rag.load import find_files, load
from rag.planted import is_planted, planted
from rag.split import sentences

MOST = 150_000
"""Sentences of a collection that are looked at."""
NEWS = "cnn_dm_articles.jsonl"
SEEDS = Path("seeds")
COLLECTIONS = ("realtimeqa", "time", "squad", "scifact", "cran")


def run(data: Path, results: Path) -> int:
    """Count, print and write ``planted.json``; returns the exit code."""
    unexpected = (Path(__file__).with_name("planted.txt")).read_text("utf-8").splitlines()
    known = sum(map(is_planted, unexpected))
    rows = {name: _counted(_texts(name, data)) for name in ("seeds", "news", *COLLECTIONS)}
    (results / "planted.json").write_text(
        json.dumps({"ordinary": rows, "unexpected": [known, len(unexpected)]}, indent=2) + "\n",
        "utf-8",
    )
    head = ("ordinary text", "sentences", "taken for planted")
    print(table(head, [(name, f"{n:,}", f"{len(found)}") for name, (n, found) in rows.items()]))
    for name, (_, found) in rows.items():
        print(*(f"\n{name}: {sentence}" for sentence in found), sep="", end="")
    print(f"\nOf {len(unexpected)} instructions in unexpected wordings {known} are found.")
    return 0


def _counted(texts: Iterator[str]) -> tuple[int, list[str]]:
    """How many sentences there are, and those that are taken for planted."""
    count, found = 0, []
    for text in texts:
        spans = list(islice(sentences(text), MOST - count))
        count += len(spans)
        found += [" ".join(text[start:end].split()) for start, end in planted(text, spans)]
        if count == MOST:
            break
    return count, found


def _texts(name: str, data: Path) -> Iterator[str]:
    if name == "seeds":
        for path in find_files(SEEDS):
            yield load(SEEDS, path, max_file_mb=50).text
    elif name == "news":
        try:
            with (data / NEWS).open(encoding="utf-8") as lines:
                yield from (json.loads(line)["text"] for line in lines)
        except OSError as error:
            raise SaysoError(
                f"{data / NEWS} cannot be read ({error.strerror}): set --data."
            ) from error
    else:
        yield from (document.text for document in collection(name, data).documents)
