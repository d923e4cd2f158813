"""``python -m eval bench``: Sayso beside the plain LlamaIndex pipeline, in one run.

The same files, the same weights, the same machine, one after the other in processes of
their own: index a folder, open the saved index, retrieve. Ratios are what counts; the
seconds are this machine's.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from eval.datasets import collection
from eval.table import table
from rag.embed import PACKAGED
from rag.settings import Settings

_STEPS = ("index", "open", "ask")


def run(data: Path, passages: int, questions: int) -> int:
    """Write the corpus, run both pipelines, print the table."""
    squad = collection("squad", data)
    asked = [question.text for question in squad.questions[:: len(squad.questions) // questions]]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        count = _write(squad.documents, folder / "documents", passages)
        (folder / "questions.json").write_text(json.dumps(asked[:questions]), "utf-8")
        print(f"{count} files, {questions} questions", flush=True)
        results = {
            system: {step: _measure(system, step, folder) for step in _STEPS}
            for system in ("llamaindex", "sayso")
        }
    rows = []
    for label, step, key, unit in (
        ("index the folder", "index", "seconds", "s"),
        ("passages", "index", "passages", ""),
        ("peak memory, indexing", "index", "megabytes", "MB"),
        ("open the saved index", "open", "seconds", "s"),
        ("whole process: open, first question", "open", "process", "s"),
        ("retrieval, median question", "ask", "median", "s"),
        ("retrieval, 95th percentile", "ask", "p95", "s"),
        ("peak memory, asking", "ask", "megabytes", "MB"),
    ):
        theirs, ours = (results[system][step][key] for system in ("llamaindex", "sayso"))
        ratio = "" if key == "passages" else f"{theirs / ours:.1f}"
        rows.append([label, *(_shown(value, unit) for value in (theirs, ours)), ratio])
    print(table(["", "LlamaIndex", "Sayso", "ratio"], rows))
    return 0


def _shown(value: float, unit: str) -> str:
    number = f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"
    return f"{number} {unit}".strip()


def _write(documents: tuple[object, ...], folder: Path, passages: int) -> int:
    """Paragraphs as files, repeated under new names until there are enough passages.

    Repetitions differ by a first line, or they would be stored once.
    """
    from rag.embed import load_embedder
    from rag.split import split
    from rag.types import Document

    folder.mkdir()
    spans = load_embedder(PACKAGED).token_spans
    made = written = turn = 0
    while made < passages:
        for document in documents:
            assert isinstance(document, Document)
            made += len(split(document, spans, max_tokens=Settings().passage_tokens))
            file = folder / f"{written:05}.txt"
            file.write_text(f"Copy {turn}.\n{document.text}", "utf-8")
            written += 1
            if made >= passages:
                break
        turn += 1
    return written


def _measure(system: str, step: str, folder: Path) -> dict[str, float]:
    import time

    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "eval.bench_step", system, step, str(folder)],
        check=True,
        capture_output=True,
        text=True,
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    print(f"{system} {step}: {found}", flush=True)
    return found | {"process": time.perf_counter() - began}
