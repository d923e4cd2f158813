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

_STEPS = {"llamaindex": ("index", "open", "ask"), "sayso": ("index", "open", "ask", "answer")}
"""LlamaIndex has no reader of its own, so only Sayso is asked for whole answers."""


def run(data: Path, passages: int, questions: int, alone: bool) -> int:
    """Write the corpus, run both pipelines, or Sayso's ``alone``, and print the table."""
    squad = collection("squad", data)
    asked = [question.text for question in squad.questions[:: len(squad.questions) // questions]]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        count = _write(squad.documents, folder / "documents", passages)
        (folder / "questions.json").write_text(json.dumps(asked[:questions]), "utf-8")
        print(f"{count} files, {questions} questions", flush=True)
        results = {
            system: {step: _measure(system, step, folder) for step in steps}
            for system, steps in _STEPS.items()
            if system == "sayso" or not alone
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
        ("peak memory, retrieval", "ask", "megabytes", "MB"),
        ("whole answer, median question", "answer", "median", "s"),
        ("whole answer, 95th percentile", "answer", "p95", "s"),
        ("share of reading in it", "answer", "reading", ""),
        ("peak memory, answering", "answer", "megabytes", "MB"),
    ):
        found = [results[system][step][key] for system in results if step in results[system]]
        compared = len(found) == 2 and key != "passages"
        shown = ["–"] * (len(results) - len(found)) + [_shown(value, unit) for value in found]
        rows.append([label, *shown, f"{found[0] / found[1]:.1f}" if compared else ""])
    names = {"llamaindex": "LlamaIndex", "sayso": "Sayso"}
    print(table(["", *(names[system] for system in results), "ratio"], rows))
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
