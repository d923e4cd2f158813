"""A run as one HTML page that needs nothing else: no script, font or picture from elsewhere.

Everything from documents and sets is data: numbers and marks are made here with every text
escaped, and the list of questions is JSON that the page's script puts in as text.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from html import escape
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

import numpy as np

from eval.measures import METRICS, Metric
from eval.metrics import reliability, risk_coverage
from eval.scoring import STAGES, Result, stages

if TYPE_CHECKING:
    from eval.run import Run

_TEMPLATE = Path(__file__).with_name("report.html")
_GROUPS = {
    "answer": "The answer",
    "citation": "The citation",
    "knowing": "Knowing when",
    "retrieval": "Retrieval",
    "attribution": "Who says it",
    "speed": "Speed",
}


def report(run: Run) -> str:
    """The page."""
    about = run.about
    facts = [
        _counted(about["questions"], "question"),
        _counted(about["documents"], "document"),
        f"{about['mode']} mode" if about["kind"] == "squad" else "",
        f"Sayso {about['sayso']}" + (f" ({about['commit']})" if about["commit"] else ""),
        f"{about['seconds']:,.0f} s" if "seconds" in about else "",
        f"{run.failures} failed, in no mean" if run.failures else "",
    ]
    return Template(_TEMPLATE.read_text("utf-8")).substitute(
        title=escape(f"{about['set']}: evaluation"),
        name=escape(str(about["set"])),
        facts=escape(" · ".join(fact for fact in facts if fact)),
        numbers=_numbers(run),
        plots=_plots(run.results),
        tags=_tags(run.results),
        settings=_settings(about),
        cases=_as_data([_case(result) for result in worst_first(run.results)]),
    )


def _counted(number: int, name: str) -> str:
    return f"{number:,} {name}" + ("" if number == 1 else "s")


def worst_first(results: Sequence[Result]) -> list[Result]:
    """Failures, then wrong answers by falling confidence, then right ones by rising
    confidence; where nobody knows, by how much was retrieved."""

    def key(result: Result) -> tuple[float, float, str]:
        if result.error is not None:
            return 0, 0, result.id
        if result.right is None:
            return 1, result.scores.get("ndcg@10", 0.0), result.id
        unanswerable = result.case.get("answerable") is False
        fine = result.scores["correct"] == 1 or (result.right and not unanswerable)
        return (2, result.confidence, result.id) if fine else (1, -result.confidence, result.id)

    return sorted(results, key=key)


def _numbers(run: Run) -> str:
    parts = []
    for group, title in _GROUPS.items():
        cards = [
            _card(metric, run.metrics[metric.name])
            for metric in METRICS
            if metric.group == group and metric.name in run.metrics
        ]
        if cards:
            parts.append(
                f'<section><h2>{title}</h2><div class="cards">{"".join(cards)}</div></section>'
            )
    return "".join(parts)


def _card(metric: Metric, found: dict[str, Any]) -> str:
    value, low, high = found["value"], found["low"], found["high"]
    between, bar = "", ""
    if low is not None and metric.unit == "share":
        between = f"{100 * low:.1f}–{100 * high:.1f}"
        bar = (
            f'<svg class="bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">'
            f'<rect class="all" width="100" height="6" rx="3"/>'
            f'<rect class="interval" x="{min(98, 100 * low):.1f}" '
            f'width="{max(2, 100 * (high - low)):.1f}" '
            f'height="6" rx="3"/></svg>'
        )
    elif low is not None:
        between = f"{low:.3g}–{high:.3g} {metric.unit}"
    source = f" ({metric.source})" if metric.source else ""
    lower = '<abbr title="lower is better">↓</abbr> ' if metric.better == "lower" else ""
    return (
        f'<div class="card" title="{escape(metric.meaning + source)}">'
        f"<h3>{lower}{escape(metric.label)}</h3>"
        f'<p class="value">{_number(value, metric.unit)}</p>{bar}'
        f'<p class="n">{between}<span>n = {found["n"]:,}</span></p></div>'
    )


def _number(value: float | None, unit: str) -> str:
    if value is None:
        return "–"
    if unit == "share":
        return f"{100 * value:.1f}<small>%</small>"
    return (
        f"{value:,.3g}<small> {unit}</small>"
        if value < 1000
        else f"{value:,.0f}<small> {unit}</small>"
    )


# --- Plots --------------------------------------------------------------------------------

_WIDTH, _HEIGHT, _LEFT, _TOP = 300, 190, 34, 10


def _plots(results: Sequence[Result]) -> str:
    judged = [one for one in results if one.error is None and one.right is not None]
    found = []
    if len(judged) > 1:
        confidence = np.array([one.confidence for one in judged])
        right = np.array([bool(one.right) for one in judged])
        coverage, risk = risk_coverage(confidence, right)
        step = max(1, len(coverage) // 200)
        points = list(zip(coverage[::step], risk[::step], strict=True))
        points.append((float(coverage[-1]), float(risk[-1])))
        answered = float(np.mean([one.outcome == "answered" for one in judged]))
        marks = (
            f'<line class="mark" x1="{_x(answered)}" x2="{_x(answered)}" '
            f'y1="{_y(0)}" y2="{_y(1)}"/>'
            f'<text class="note" x="{_x(answered) + (-4 if answered > 0.5 else 4)}" '
            f'y="{_y(0.93)}" text-anchor="{"end" if answered > 0.5 else "start"}">answered</text>'
        )
        found.append(
            _plot(
                "Risk and coverage",
                "wrong ones among the surest part of all questions",
                "share of questions",
                "wrong",
                f'<polyline class="line" points="{_points(points)}"/>{marks}',
            )
        )
        found.append(
            _plot(
                "Reliability",
                "how often an answer of that confidence is right; the dots' size is their number",
                "confidence",
                "right",
                f'<line class="even" x1="{_x(0)}" y1="{_y(0)}" x2="{_x(1)}" y2="{_y(1)}"/>'
                + _dots(confidence, right),
            )
        )
    found.append(_stages(results))
    return "".join(found)


def _dots(confidence: Any, right: Any) -> str:
    return "".join(
        f'<circle class="dot" cx="{_x(x)}" cy="{_y(y)}" '
        f'r="{2.5 + 7 * (number / len(right)) ** 0.5:.1f}">'
        f"<title>{number} answers: confidence {x:.0%}, right {y:.0%}</title></circle>"
        for x, y, number in reliability(confidence, right)
    )


def _stages(results: Sequence[Result]) -> str:
    """Median and 95th percentile of each stage, as bars."""
    spread = stages(results)
    if not spread:
        return ""
    most = max(times["p95"] for times in spread.values()) or 1.0
    rows = []
    for number, (name, times) in enumerate(spread.items()):
        median, high = times["median"], times["p95"]
        y, scale = 30 + 48 * number, 190 / most
        rows.append(
            f'<text class="note" x="4" y="{y - 6}">{STAGES[name]}</text>'
            + "".join(
                f'<rect class="{kind}" x="4" y="{y}" width="{max(1, value * scale):.1f}" '
                'height="14" rx="3"/>'
                for kind, value in (("p95", high), ("median", median))
            )
            + f'<text class="note" x="{10 + high * scale:.1f}" y="{y + 11}">'
            f"{1000 * median:.0f} / {1000 * high:.0f} ms</text>"
        )
    return (
        "<figure><figcaption><b>Time</b> median and 95th percentile</figcaption>"
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="Time per stage">'
        f"{''.join(rows)}</svg></figure>"
    )


def _plot(title: str, meaning: str, x: str, y: str, drawn: str) -> str:
    grid = "".join(
        f'<line class="grid" x1="{_x(0)}" x2="{_x(1)}" y1="{_y(at)}" y2="{_y(at)}"/>'
        f'<text class="tick" x="{_LEFT - 5}" y="{_y(at) + 3}" text-anchor="end">{at:.0%}</text>'
        f'<text class="tick" x="{_x(at)}" y="{_y(0) + 13}" text-anchor="middle">{at:.0%}</text>'
        for at in (0, 0.25, 0.5, 0.75, 1)
    )
    return (
        f"<figure><figcaption><b>{title}</b> {meaning}</figcaption>"
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{title}">{grid}{drawn}'
        f'<text class="axis" x="{_x(0.5)}" y="{_HEIGHT - 2}" text-anchor="middle">{x}</text>'
        f'<text class="axis" x="{_LEFT + 4}" y="{_TOP + 8}">{y}</text></svg></figure>'
    )


def _x(value: float) -> float:
    return round(_LEFT + value * (_WIDTH - _LEFT - 18), 1)


def _y(value: float) -> float:
    return round(_HEIGHT - 28 - value * (_HEIGHT - 28 - _TOP), 1)


def _points(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{_x(float(a))},{_y(float(b))}" for a, b in points)


# --- Tables and cases ---------------------------------------------------------------------

_OF_TAGS = ("first_citation", "token_f1", "multiple_choice", "ndcg@10", "correct", "answered")


def _tags(results: Sequence[Result]) -> str:
    """The measures by kind of question, where the set names kinds."""
    by_tag: dict[str, list[Result]] = defaultdict(list)
    for result in results:
        for tag in result.case.get("tags", ()):
            by_tag[tag].append(result)
    if not by_tag:
        return ""
    present = {name for result in results for name in result.scores}
    metrics = [m for m in METRICS if m.name in _OF_TAGS and m.name in present]
    head = "".join(f"<th>{escape(metric.label)}</th>" for metric in metrics)
    rows = []
    for tag, members in sorted(by_tag.items()):
        cells = []
        for metric in metrics:
            values = [one.scores[metric.name] for one in members if metric.name in one.scores]
            cells.append(
                f"<td>{100 * sum(values) / len(values):.0f}%</td>" if values else "<td>–</td>"
            )
        rows.append(f"<tr><th>{escape(tag)}</th>{''.join(cells)}<td>{len(members)}</td></tr>")
    return (
        '<section><h2>By kind of question</h2><div class="wide"><table><thead><tr><th></th>'
        f"{head}<th>n</th></tr></thead><tbody>{''.join(rows)}</tbody></table></div></section>"
    )


def _settings(about: dict[str, Any]) -> str:
    rows = {**about["settings"], **{f"threshold: {k}": v for k, v in about["thresholds"].items()}}
    rows |= {f"SHA-256 of {name}": value[:16] for name, value in about["models_sha256"].items()}
    return "".join(
        f"<tr><th>{escape(str(name))}</th><td>{escape('default' if value is None else str(value))}"
        "</td></tr>"
        for name, value in rows.items()
    )


def _case(result: Result) -> dict[str, Any]:
    """What the page's script shows of a question."""
    case = result.case
    accepted = case.get("answers") or [quote["quote"] for quote in case.get("quotes", ())]
    if not accepted and case.get("documents"):
        accepted = list(case["documents"])
    unanswerable = case.get("answerable") is False
    good = result.scores.get("correct") == 1
    return {
        "id": result.id,
        "question": case["question"],
        "history": case.get("history", []),
        "tags": case.get("tags", []),
        "expected": "no answer" if unanswerable else " / ".join(accepted),
        "outcome": result.outcome or "failed",
        "confidence": result.confidence,
        "given": result.short,
        "right": None if result.right is None else bool(result.right),
        "good": None if result.right is None else good,
        "error": result.error,
        "context": result.context,
        "scores": result.scores,
    }


def _as_data(value: Any) -> str:
    """JSON inside a script element, which ends at the first "</" whatever it stands in."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c")
