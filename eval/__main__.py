"""``python -m eval``, also ``sayso eval``: measure, choose, prove."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

RESULTS = Path(__file__).parent / "results"


def main(arguments: Sequence[str] | None = None, name: str = "python -m eval") -> int:
    """Run the command; returns its exit code."""
    parser = argparse.ArgumentParser(prog=name, description=__doc__)
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    ask = commands.add_parser("seeds", help="ask a set of questions (default: eval/seeds.jsonl)")
    ask.add_argument("set", nargs="?", type=Path, default=Path(__file__).parent / "seeds.jsonl")
    ask.add_argument("--documents", type=Path, default=Path("seeds"))
    ask.add_argument("--cases", action="store_true", help="also list every question")
    ask.set_defaults(run=_seeds)

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

    realtimeqa = commands.add_parser("realtimeqa", help="news quiz questions, end to end")
    realtimeqa.add_argument("--sample", type=_count, help="so many questions (default: all)")
    realtimeqa.set_defaults(run=_realtimeqa)

    rerank = commands.add_parser("rerank", help="nDCG@10 with the reader in the ranking")
    rerank.add_argument(
        "--sample", type=_count, help="questions of each collection at most (default: all)"
    )
    rerank.set_defaults(run=_rerank)

    train = commands.add_parser("train", help="rebuild the reader's weights")
    train.add_argument("--train", type=Path, default=Path("../shared/data/train"))
    train.add_argument("--folder", type=Path, default=Path("runs/reader"), help="of the run")
    train.add_argument("--device", default="cpu")
    train.add_argument("--checkpoint", type=float, default=300, help="every so many seconds")
    train.add_argument("recipe", nargs="*", metavar="NAME=VALUE", help="other than the default")
    train.set_defaults(run=_train)

    for command in (retrieval, passages, calibrate, bench, reader, realtimeqa, rerank, train):
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


def _seeds(options: argparse.Namespace) -> int:
    from eval.seeds import run

    return run(options.set, options.documents, options.cases)


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


def _realtimeqa(options: argparse.Namespace) -> int:
    from eval.realtimeqa import run

    return run(options.data, RESULTS / "realtimeqa.json", options.sample)


def _rerank(options: argparse.Namespace) -> int:
    from eval.rerank import run

    return run(options.data, RESULTS / "rerank.json", options.sample)


def _train(options: argparse.Namespace) -> int:
    from eval.training.recipe import recipe_from
    from eval.training.run import train

    recipe = recipe_from(options.recipe)
    weights = train(
        recipe, options.train, options.data, options.folder, options.device, options.checkpoint
    )
    print(f"Written to {weights}.")
    return 0


def _bench(options: argparse.Namespace) -> int:
    from eval.bench import run

    return run(options.data, options.passages, options.questions, options.alone)


if __name__ == "__main__":
    raise SystemExit(main())
