"""``python -m eval run``: ask a whole evaluation set and report.

A run is a folder: ``cases.jsonl`` grows with every question, so that an interrupted run
goes on where it was; ``results.json`` and ``report.html`` stand there in the end. Every
question goes through ``Assistant.ask``, as in the chat.
"""

from __future__ import annotations

import hashlib
import json
import platform
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from eval.datasets import every
from eval.index import RUNS, indexed
from eval.measures import METRICS
from eval.memory import peak_megabytes
from eval.report import report
from eval.scoring import STAGES, Result, Span, score, stages, summary
from eval.sets import Case, EvaluationSet, Mode, locate
from eval.table import table
from rag.assistant import Assistant
from rag.embed import load_embedder
from rag.errors import SaysoError, StoreMismatch
from rag.settings import Settings
from rag.types import Answer

FORMAT = 2
"""Of ``results.json``; raised when an older one can no longer be compared."""
_RANKED = 100
"""Passages that are ranked for the measures of retrieval."""
_MACHINE = ("host", "port", "documents", "store")
"""Settings that do not change an answer."""


@dataclass(frozen=True, slots=True)
class Run:
    """What a run found: the content of ``results.json``."""

    about: dict[str, Any]
    """Set, settings, models, version: what makes it this run."""
    metrics: dict[str, dict[str, Any]]
    """By metric: value, n, low, high."""
    results: tuple[Result, ...]

    @property
    def failures(self) -> int:
        """Questions that could not be asked; they are in no mean."""
        return sum(result.error is not None for result in self.results)

    def to_dict(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "about": self.about,
            "metrics": self.metrics,
            "stages": stages(self.results),
            "failures": self.failures,
            "cases": [result.to_dict() for result in self.results],
        }


def load_run(path: Path) -> Run:
    """A finished run by its folder or its ``results.json``; raises ``SaysoError``."""
    file = path / "results.json" if path.is_dir() else path
    try:
        found = json.loads(file.read_text("utf-8"))
        if found["format"] != FORMAT:
            raise SaysoError(f"{file} has format {found['format']}, not {FORMAT}. Run it again.")
        results = tuple(Result(**case) for case in found["cases"])
        return Run(found["about"], found["metrics"], results)
    except OSError as error:
        raise SaysoError(
            f"{file} cannot be read: {error.strerror}. Name the folder of a finished run."
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise SaysoError(f"{file} is not a run's results: {error!r}.") from error


def run_set(
    chosen: EvaluationSet,
    settings: Settings,
    folder: Path | None,
    mode: Mode = "open",
    sample: int | None = None,
    show: Callable[[int, int], None] | None = None,
) -> tuple[Run, Path]:
    """``run_over`` an assistant for the set's documents, or the settings'."""
    _check_mode(chosen, mode)
    with _assistant(chosen, settings) as assistant:
        return run_over(assistant, chosen, folder, mode, sample, show)


def run_over(
    assistant: Assistant,
    chosen: EvaluationSet,
    folder: Path | None,
    mode: Mode = "open",
    sample: int | None = None,
    show: Callable[[int, int], None] | None = None,
) -> tuple[Run, Path]:
    """Ask ``sample`` of the set's questions (all when None) and keep the run in ``folder``
    (None: one of its own below ``RUNS``).

    An unfinished run in it goes on; a finished one is made anew. ``show`` is told how many
    questions are done, of how many. Raises ``SaysoError`` when the set does not fit the
    documents.
    """
    _check_mode(chosen, mode)
    cases = every(chosen.cases, sample)
    about = _about(chosen, cases, mode, sample, assistant)
    fingerprint = _digest(json.dumps({**about, "commit": None}, sort_keys=True).encode())
    folder = folder or RUNS / "eval" / f"{chosen.name}-{mode}-{fingerprint[:8]}"
    folder.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    results = _ask_all(chosen, cases, mode, assistant, folder, fingerprint, show)
    about["seconds"] = round(time.monotonic() - began, 1)
    metrics = summary(results)
    peak = peak_megabytes()
    if peak is not None:
        metrics["megabytes"] = {"value": round(peak), "n": 1, "low": None, "high": None}
    found = Run(about, metrics, tuple(results))
    _write(folder / "results.json", json.dumps(found.to_dict(), ensure_ascii=False, indent=1))
    _write(folder / "report.html", report(found))
    return found, folder


def _check_mode(chosen: EvaluationSet, mode: Mode) -> None:
    if mode == "reading" and chosen.kind != "squad":
        raise SaysoError("Only sets in SQuAD's form have a reading mode: they name a paragraph.")


@contextmanager
def _assistant(chosen: EvaluationSet, settings: Settings) -> Iterator[Assistant]:
    """Over the set's own documents, or the folder of the settings."""
    if chosen.documents is None:
        name = _digest(str(settings.documents.resolve()).encode())[:12]
        store = RUNS / "stores" / f"{name}-{settings.passage_tokens}"
        settings = settings.model_copy(update={"store": store})
        try:
            assistant = Assistant.open(settings=settings)
        except StoreMismatch:  # of an earlier release, or another model
            assistant = Assistant.open(settings=settings, rebuild=True)
        with assistant:
            for skipped in assistant.last_sync.skipped:
                print(f"skipped {skipped.path}: {skipped.reason}", file=sys.stderr)
            yield assistant
    else:
        embedder = load_embedder(settings.embedding_model)
        name = chosen.name if chosen.name.isidentifier() else _digest(chosen.name.encode())[:12]
        kept = indexed(name, chosen.documents, embedder, settings.passage_tokens)
        with Assistant(settings, kept, embedder) as assistant:
            yield assistant


def _about(
    chosen: EvaluationSet,
    cases: Sequence[Case],
    mode: Mode,
    sample: int | None,
    assistant: Assistant,
) -> dict[str, Any]:
    from importlib.metadata import version

    asked = json.dumps([case.model_dump(mode="json") for case in cases])
    documents = sorted(entry.id for entry in assistant.documents())
    settings = assistant.settings.model_dump(mode="json")
    return {
        "set": chosen.name,
        "kind": chosen.kind,
        "mode": mode,
        "sample": sample,
        "questions": len(cases),
        "questions_sha256": _digest(asked.encode()),
        "documents": len(documents),
        "documents_sha256": _digest("".join(documents).encode()),
        "settings": {name: value for name, value in settings.items() if name not in _MACHINE},
        "thresholds": asdict(assistant.thresholds),
        "models_sha256": _models(assistant),
        "sayso": version("sayso"),
        "python": platform.python_version(),
        "commit": _commit(),
    }


def _models(assistant: Assistant) -> dict[str, str]:
    """Of the embedding model, and of the packaged reader and its parameters where they are
    what reads: another reader is known by its name alone."""
    folder, names = Path(__file__).parent.parent / "rag", ["reader.json", "sides.json"]
    if assistant.settings.reader_model == Settings.model_fields["reader_model"].default:
        names.append("reader.safetensors")
    found = {name: _digest((folder / name).read_bytes()) for name in names}
    return {assistant.embedding.name: assistant.embedding.sha256, **found}


def _commit() -> str | None:
    """Of the checkout that this runs from, with "+" where files differ from it."""
    here = Path(__file__).parent
    try:
        found = subprocess.run(
            ["git", "describe", "--always", "--abbrev=12", "--dirty=+", "--exclude=*"],
            cwd=here,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return found.stdout.strip() or None


def _ask_all(
    chosen: EvaluationSet,
    cases: Sequence[Case],
    mode: Mode,
    assistant: Assistant,
    folder: Path,
    fingerprint: str,
    show: Callable[[int, int], None] | None,
) -> list[Result]:
    entries = assistant.documents()
    ids = {path: entry.id for entry in entries for path in entry.paths}
    paths = {entry.id: entry.paths[0] for entry in entries}
    gold = locate(cases, ids, lambda id: assistant.document(id).text)
    file = folder / "cases.jsonl"
    done = {} if (folder / "results.json").exists() else _resumed(file, fingerprint)
    for name in ("results.json", "report.html"):
        (folder / name).unlink(missing_ok=True)
    with file.open("a" if done else "w", encoding="utf-8") as lines:
        if not done:
            lines.write(json.dumps({"fingerprint": fingerprint}) + "\n")
        for number, case in enumerate(cases, start=1):
            if case.id not in done:
                done[case.id] = _ask(chosen, case, gold[case.id], mode, assistant, ids, paths)
                lines.write(json.dumps(done[case.id].to_dict(), ensure_ascii=False) + "\n")
                lines.flush()
            if show:
                show(number, len(cases))
    return [done[case.id] for case in cases]


def _resumed(file: Path, fingerprint: str) -> dict[str, Result]:
    """What an interrupted run of the same kind has asked; its last line may be cut off."""
    done: dict[str, Result] = {}
    if not file.exists():
        return done
    first, *lines = re.findall(r"[^\n]*\n|[^\n]+", file.read_text("utf-8")) or [""]
    if first.strip() != json.dumps({"fingerprint": fingerprint}):
        return done
    for line in lines:
        if not line.endswith("\n"):
            break
        result = Result(**json.loads(line))
        if result.error is None:
            done[result.id] = result
    whole = [first, *(json.dumps(r.to_dict(), ensure_ascii=False) + "\n" for r in done.values())]
    _write(file, "".join(whole))
    return done


def _ask(
    chosen: EvaluationSet,
    case: Case,
    gold: Sequence[Span],
    mode: Mode,
    assistant: Assistant,
    ids: Mapping[str, str],
    paths: Mapping[str, str],
) -> Result:
    """A question that cannot be asked is reported with its error, and the rest goes on."""
    try:
        within = [ids[path] for path in case.documents] if mode == "reading" else None
        history: list[Answer] = []
        for earlier in case.history:
            history.append(assistant.ask(earlier, history, within))
        answer = assistant.ask(case.question, history, within)
        ranked = _ranked(assistant, answer, paths) if case.documents and mode == "open" else []
        if mode == "reading":
            case = case.model_copy(update={"documents": {}})  # nothing had to be found
        return score(case, gold, answer, ranked, assistant.document, chosen.statements)
    except Exception as error:
        found = case.model_dump(mode="json", exclude_defaults=True)
        return Result(case=found, error=f"{type(error).__name__}: {error}")


def _ranked(assistant: Assistant, answer: Answer, paths: Mapping[str, str]) -> list[str]:
    """Documents' paths by their best passage: those that were considered, then what retrieval has
    behind them."""
    more = assistant.retrieve(answer.searched, _RANKED)
    found = dict.fromkeys(hit.passage.document_id for hit in (*answer.hits, *more))
    return [paths[id] for id in found]


def shown(run: Run) -> str:
    """The measures as a table, and how many questions failed."""
    rows = []
    for metric in METRICS:
        if metric.name in run.metrics:
            found = run.metrics[metric.name]
            value, low, high = (found[key] for key in ("value", "low", "high"))
            between = "" if low is None else f"{low:.3f}–{high:.3f}"
            number = "–" if value is None else f"{value:,.0f}" if value >= 10 else f"{value:.3f}"
            unit = "" if metric.unit == "share" else f" {metric.unit}"
            rows.append([metric.label, number + unit, between, str(found["n"])])
    lines = [table([run.about["set"], "value", "95% interval", "n"], rows)]
    times = [
        f"{STAGES[name]} {1000 * spent['median']:.0f} / {1000 * spent['p95']:.0f} ms"
        for name, spent in stages(run.results).items()
    ]
    lines.append(f"Median / 95th percentile: {', '.join(times)}" if times else "")
    failed = [result for result in run.results if result.error is not None]
    if failed:
        lines.append(f"{len(failed)} failed and are in no mean; the first: {failed[0].error}")
    return "\n\n".join(filter(None, lines))


def _write(file: Path, text: str) -> None:
    partial = file.with_name(f".{file.name}.partial")
    partial.write_text(text, "utf-8")
    partial.replace(file)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
