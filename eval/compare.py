"""``python -m eval compare A B``: what changed from one run to another, and how surely.

Also the gate for continuous integration: limits that a run must keep, and a baseline that
it must not fall behind.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from eval.bootstrap import mcnemar, paired_interval
from eval.measures import METRICS, NAMED
from eval.metrics import Floats
from eval.run import Run
from eval.scoring import Result, statistic
from eval.table import table
from rag.errors import SaysoError

Samples = tuple[Floats, ...]


def compare(one: Run, other: Run) -> tuple[str, list[str]]:
    """The comparison as text, and the metrics in which ``other`` is surely worse.

    Questions are paired by id; what only one of the runs asked, or failed in, is left out
    and counted. Surely means that the 95% interval of the difference lies on the worse side
    of 0. Raises ``SaysoError`` when the runs have no question in common.
    """
    pairs = _paired(one, other)
    if not pairs:
        raise SaysoError("The runs have no question in common. Compare runs of the same set.")
    firsts, seconds = [a for a, _ in pairs], [b for _, b in pairs]
    rows, worse = [], []
    for metric in METRICS:
        both = _shared(firsts, seconds, metric.name)
        if both is None:
            continue
        samples_one, samples_other, measure = both
        before, after = float(measure(*samples_one)), float(measure(*samples_other))
        low, high = paired_interval(samples_one, samples_other, measure)
        verdict = ""
        # The machine may have been busier: times tell no verdict.
        judged = metric.better != "neither" and metric.group != "speed"
        if judged and low is not None and high is not None:
            sign = 1 if metric.better == "higher" else -1
            if max(sign * low, sign * high) < 0:
                verdict = "worse"
                worse.append(metric.name)
            elif min(sign * low, sign * high) > 0:
                verdict = "better"
        between = "" if low is None else f"{low:+.3f} to {high:+.3f}"
        count = str(len(samples_one[0]))
        numbers = (f"{before:.3f}", f"{after:.3f}", f"{after - before:+.3f}")
        rows.append([metric.label, *numbers, between, count, verdict])
    head = ["", "A", "B", "difference", "95% interval", "n", "B is"]
    parts = [table(head, rows)]
    parts += [_accuracy(firsts, seconds), _changed(pairs)]
    left_out = len({r.id for r in one.results} | {r.id for r in other.results}) - len(pairs)
    if left_out:
        parts.append(f"{left_out} questions are in one run only, or failed in one: left out.")
    return "\n\n".join(part for part in parts if part), worse


def limits(given: Sequence[str]) -> dict[str, float]:
    """``METRIC=VALUE`` pairs; raises ``SaysoError`` for an unknown metric or no number."""
    found = {}
    for pair in given:
        name, _, value = pair.partition("=")
        if name not in NAMED:
            raise SaysoError(f"'{name}' is no metric. Known: {', '.join(NAMED)}")
        try:
            found[name] = float(value)
        except ValueError as error:
            raise SaysoError(f"'{pair}': give a number, as in {name}=0.7") from error
    return found


def broken(run: Run, least: dict[str, float]) -> list[str]:
    """Which limits the run does not keep, each in a sentence; at most for what is better
    when lower, at least for the rest. A metric that could not be measured keeps none."""
    found = []
    for name, limit in least.items():
        value = run.metrics.get(name, {}).get("value")
        lower = NAMED[name].better == "lower"
        if value is None:
            found.append(f"{name} was not measured, but {limit:g} is asked for")
        elif value > limit if lower else value < limit:
            found.append(f"{name} is {value:.4g}, {'above' if lower else 'below'} {limit:g}")
    return found


def _paired(one: Run, other: Run) -> list[tuple[Result, Result]]:
    others = {result.id: result for result in other.results if result.error is None}
    return sorted(
        (
            (result, others[result.id])
            for result in one.results
            if result.error is None and result.id in others
        ),
        key=lambda pair: pair[0].id,
    )


def _shared(
    firsts: Sequence[Result], seconds: Sequence[Result], name: str
) -> tuple[Samples, Samples, Callable[..., float]] | None:
    """The samples of both over the same questions, and the measure."""
    kept = [
        (a, b)
        for a, b in zip(firsts, seconds, strict=True)
        if (name in a.scores) == (name in b.scores)
    ]
    one, other = (statistic([pair[at] for pair in kept], name) for at in (0, 1))
    if one is None or other is None or len(one[0][0]) != len(other[0][0]):
        return None
    return one[0], other[0], one[1]


def _accuracy(firsts: Sequence[Result], seconds: Sequence[Result]) -> str:
    known = [
        (a.scores["correct"] == 1, b.scores["correct"] == 1)
        for a, b in zip(firsts, seconds, strict=True)
        if "correct" in a.scores and "correct" in b.scores
    ]
    if not known:
        return ""
    only_one, only_other, p = mcnemar([a for a, _ in known], [b for _, b in known])
    return (
        f"Rightly answered or refused: {only_one} in A only, {only_other} in B only; "
        f"McNemar's exact test p = {p:.2g} (n = {len(known)})."
    )


_SHOWN = 20


def _changed(pairs: Sequence[tuple[Result, Result]]) -> str:
    rows = []
    for a, b in pairs:
        before, after = a.scores.get("correct"), b.scores.get("correct")
        if before != after:
            mark = "lost" if before == 1 else "won"
            rows.append([a.id, mark, _told(a), _told(b), str(a.case["question"])[:70]])
    rows.sort(key=lambda row: row[1])
    shown = table(["changed", "", "A", "B", "question"], rows[:_SHOWN]) if rows else ""
    more = f"\n… and {len(rows) - _SHOWN} more" if len(rows) > _SHOWN else ""
    return shown + more


def _told(result: Result) -> str:
    short = " ".join(result.short.split())
    return f"{result.outcome} {result.confidence:.0%} {short[:30]}"
