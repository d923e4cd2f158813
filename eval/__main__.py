"""``python -m eval``, also ``sayso eval``: measure, choose, prove."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eval.run import Run

RESULTS = Path(__file__).parent / "results"

_Plain = argparse.RawDescriptionHelpFormatter
_RUN = """\
Asks every question of SET and writes results.json and report.html into a folder.

SET is our JSONL (eval/set.schema.json), a CSV with the columns question and answer, SQuAD
1.1 or 2.0 JSON, a BEIR folder, or one of the public sets squad, realtimeqa, time, cran,
cisi and scifact, where they lie below --data. The first two are asked about --documents;
the others bring their documents. A run that was interrupted goes on.
"""


def main(arguments: Sequence[str] | None = None, name: str = "python -m eval") -> int:
    """Run the command; returns its exit code."""
    parser = argparse.ArgumentParser(prog=name, description=__doc__)
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    ask = commands.add_parser(
        "run", help="ask an evaluation set and report", description=_RUN, formatter_class=_Plain
    )
    ask.add_argument("set", metavar="SET", help=".jsonl, .json, .csv, BEIR folder, or a name")
    ask.add_argument("--documents", type=Path, metavar="DIR", help="what the questions are about")
    ask.add_argument("--settings", nargs="+", default=[], metavar="NAME=VALUE")
    ask.add_argument("--mode", choices=("open", "reading"), default="open")
    ask.add_argument("--sample", type=_count, help="so many questions, evenly spread")
    ask.add_argument("--output", type=Path, metavar="DIR", help="of the run (default: in runs/)")
    ask.set_defaults(run=_run)

    compare = commands.add_parser("compare", help="what changed between two runs")
    compare.add_argument("one", type=Path, metavar="A", help="folder of a run")
    compare.add_argument("other", type=Path, metavar="B", help="folder of another")
    compare.set_defaults(run=_compare)
    for command in (ask, compare):
        command.add_argument(
            "--fail-under",
            action="append",
            default=[],
            metavar="METRIC=VALUE",
            help="exit with 1 when the metric is worse than this",
        )
    ask.add_argument(
        "--baseline", type=Path, metavar="RUN", help="exit with 1 when surely worse than this run"
    )

    retrieval = commands.add_parser("retrieval", help="nDCG@10 of both searches, and fused")
    retrieval.set_defaults(run=_retrieval)

    passages = commands.add_parser("passages", help="passage size, and titles embedded or not")
    passages.set_defaults(run=_passages)

    calibrate = commands.add_parser("calibrate", help="fit probabilities and thresholds")
    calibrate.add_argument("--write", action="store_true", help="write them to rag/reader.json")
    calibrate.add_argument(
        "--reuse", action="store_true", help="keep the features that the last run computed"
    )
    calibrate.add_argument(
        "--sample", type=int, default=2000, help="questions of each set at most (default: 2000)"
    )
    calibrate.set_defaults(run=_calibrate)

    bench = commands.add_parser("bench", help="speed and memory beside plain LlamaIndex")
    bench.add_argument("--passages", type=int, default=10_000)
    bench.add_argument("--questions", type=int, default=200)
    bench.add_argument("--alone", action="store_true", help="Sayso only")
    bench.set_defaults(run=_bench)

    reader = commands.add_parser("reader", help="how well the reading model reads")
    reader.add_argument("--sample", type=_count, help="so many questions (default: all)")
    reader.add_argument(
        "--weights", type=Path, metavar="FILE", help="safetensors other than the packaged ones"
    )
    reader.set_defaults(run=_reader)

    rerank = commands.add_parser("rerank", help="nDCG@10 with the reader in the ranking")
    rerank.add_argument(
        "--sample", type=_count, help="questions of each collection at most (default: all)"
    )
    rerank.set_defaults(run=_rerank)

    names = commands.add_parser("names", help="the given names of men and women, anew")
    names.set_defaults(run=_names)

    speakers = commands.add_parser("speakers", help="who says what, on annotated news articles")
    speakers.set_defaults(run=_speakers)

    sides = commands.add_parser("sides", help="the positions in disputes, on our own cases")
    sides.add_argument("--write", action="store_true", help="fit, and store the parameters")
    sides.set_defaults(run=_sides)

    followups = commands.add_parser("followups", help="follow-up questions, on our own cases")
    followups.set_defaults(run=_followups)

    support = commands.add_parser("support", help="whether a passage carries a sentence")
    support.add_argument("--train", type=Path, default=Path("../shared/data/train"))
    support.add_argument(
        "--weights", type=Path, metavar="FILE", help="safetensors other than the packaged ones"
    )
    support.add_argument("--write", action="store_true", help="fit, and store in rag/")
    support.set_defaults(run=_support)

    planted = commands.add_parser("planted", help="ordinary text taken for planted instructions")
    planted.set_defaults(run=_planted)

    proof = commands.add_parser("proof", help="what a language model writes, before and after it")
    proof.set_defaults(run=_proof)

    train = commands.add_parser("train", help="rebuild the weights of the reader or the checker")
    train.add_argument("--of", choices=("reader", "support"), default="reader")
    train.add_argument("--train", type=Path, default=Path("../shared/data/train"))
    train.add_argument("--folder", type=Path, help="of the run (default: in runs/)")
    train.add_argument("--device", default="cpu")
    train.add_argument("--checkpoint", type=float, default=300, help="every so many seconds")
    train.add_argument("recipe", nargs="*", metavar="NAME=VALUE", help="other than the default")
    train.set_defaults(run=_train)

    on_data = (ask, retrieval, passages, calibrate, bench, reader, rerank, speakers, followups)
    for command in (*on_data, planted, support, proof, train):
        command.add_argument(
            "--data", type=Path, default=Path("../shared/data/dev"), help="folder of the data sets"
        )
    from rag.cli import guarded

    options = parser.parse_args(sys.argv[1:] if arguments is None else arguments)
    return guarded(options.run, options)


def _count(given: str) -> int:
    """A number from 1 on."""
    value = int(given)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{given} is less than 1")
    return value


def _run(options: argparse.Namespace) -> int:
    from eval.compare import limits
    from eval.run import load_run, run_set, shown
    from eval.sets import read_set
    from rag.settings import Settings

    least = limits(options.fail_under)
    baseline = load_run(options.baseline) if options.baseline else None
    given = dict(_setting(pair) for pair in options.settings)
    if options.documents is not None:
        given["documents"] = str(options.documents)
    settings = Settings.load(**given)
    chosen = read_set(options.set, options.data)
    with _counter() as show:
        found, folder = run_set(
            chosen, settings, options.output, options.mode, options.sample, show
        )
    print(shown(found))
    print(f"\nThe report is {folder / 'report.html'}")
    return _gate(found, least, baseline)


def _compare(options: argparse.Namespace) -> int:
    from eval.compare import compare, limits
    from eval.run import load_run

    least = limits(options.fail_under)
    one, other = load_run(options.one), load_run(options.other)
    print(compare(one, other)[0])
    return _gate(other, least, None)


def _gate(found: Run, least: dict[str, float], baseline: Run | None) -> int:
    """0 where all limits are kept, nothing failed and nothing is surely worse, else 1."""
    from eval.compare import broken, compare

    reasons = broken(found, least)
    if found.metrics.get("verbatim", {}).get("value", 1.0) != 1.0:
        reasons.append("a quote is not verbatim, which is never acceptable")
    if found.failures:
        reasons.append(f"{found.failures} questions failed")
    if baseline is not None:
        text, worse = compare(baseline, found)
        print(f"\n{text}")
        reasons += [f"{name} is surely worse than in the baseline" for name in worse]
    for reason in reasons:
        print(f"failed: {reason}", file=sys.stderr)
    return 1 if reasons else 0


def _setting(pair: str) -> tuple[str, str]:
    from rag.errors import SaysoError
    from rag.settings import Settings

    name, sign, value = pair.partition("=")
    if not sign or name not in Settings.model_fields:
        raise SaysoError(
            f"'{pair}' is no setting. Give NAME=VALUE with one of: "
            + ", ".join(Settings.model_fields)
        )
    return name, value


@contextmanager
def _counter() -> Iterator[Callable[[int, int], None]]:
    """Progress: a bar on a terminal, else a line for every tenth."""
    if sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

        columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("", total=None)
            yield lambda done, total: bar.update(task, completed=done, total=total)
    else:

        def line(done: int, total: int) -> None:
            if 10 * done // total > 10 * (done - 1) // total:
                print(f"{done} of {total} questions", file=sys.stderr, flush=True)

        yield line


def _retrieval(options: argparse.Namespace) -> int:
    from eval.retrieval import run

    return run(options.data, RESULTS / "retrieval.json")


def _passages(options: argparse.Namespace) -> int:
    from eval.passages import run

    return run(options.data, RESULTS / "passages.json")


def _calibrate(options: argparse.Namespace) -> int:
    from eval.calibrate import run

    return run(
        options.data, RESULTS / "calibration.json", options.write, options.reuse, options.sample
    )


def _reader(options: argparse.Namespace) -> int:
    from eval.reader import run

    return run(options.data, RESULTS / "reader.json", options.sample, options.weights)


def _rerank(options: argparse.Namespace) -> int:
    from eval.rerank import run

    return run(options.data, RESULTS / "rerank.json", options.sample)


def _speakers(options: argparse.Namespace) -> int:
    from eval.speakers import run

    return run(options.data, RESULTS)


def _names(options: argparse.Namespace) -> int:
    from eval.given_names import run

    return run()


def _sides(options: argparse.Namespace) -> int:
    from eval.sides import run

    return run(options.write, RESULTS)


def _followups(options: argparse.Namespace) -> int:
    from eval.followups import run

    return run(options.data, RESULTS)


def _support(options: argparse.Namespace) -> int:
    from eval.support import run

    return run(options.train, options.data, RESULTS, options.weights, options.write)


def _planted(options: argparse.Namespace) -> int:
    from eval.planted import run

    return run(options.data, RESULTS)


def _proof(options: argparse.Namespace) -> int:
    from eval.proof import run

    return run(options.data, RESULTS)


def _train(options: argparse.Namespace) -> int:
    from eval.training.checker import Checking
    from eval.training.recipe import Recipe, SupportRecipe, recipe_from
    from eval.training.run import Others, Reading, train

    folder = options.folder or Path("runs") / options.of
    task: Reading | Checking
    others = Others()
    if options.of == "support":
        task = Checking(recipe_from(options.recipe, SupportRecipe), options.train, options.device)
    else:

        def reading(recipe: Recipe) -> Reading:
            return Reading(recipe, options.train, options.data, options.device)

        recipe = recipe_from(options.recipe, Recipe)
        task = reading(recipe)
        apart, taught = ([*map(reading, some)] for some in recipe.short())
        later = [*map(reading, recipe.later())]
        others = Others(apart, taught, later[0] if later else None, later[1:])
    target = train(task, folder, options.device, options.checkpoint, others)
    print(f"Written to {target}.")
    return 0


def _bench(options: argparse.Namespace) -> int:
    from eval.bench import run

    return run(options.data, options.passages, options.questions, options.alone)


if __name__ == "__main__":
    raise SystemExit(main())
