"""Whole runs: asked, interrupted, reported, compared, gated."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from eval import run as running
from eval.__main__ import main
from eval.compare import broken, compare, limits
from eval.report import report, worst_first
from eval.run import Run, load_run, run_set, shown
from eval.scoring import Result, summary
from eval.sets import Case, EvaluationSet, Quote, read_set
from rag.assistant import Assistant
from rag.errors import SaysoError
from rag.settings import Settings
from tests.fakes import WordEmbedder, WordsModel
from tests.test_eval import PARAGRAPH, SQUAD

BRIDGE = Case(
    id="bridge",
    question="When was the old bridge over the Moldau closed?",
    answerable=True,
    answers=("Monday",),
    quotes=(
        Quote(path="bridge.txt", quote="The old bridge over the Moldau was closed on Monday."),
    ),
    tags=("when",),
)
LATER = Case(id="later", question="Why?", answerable=True, answers=("x",), history=("Who?",))
UNKNOWN = Case(id="unknown", question="Who won the regatta?", answerable=False, tags=("who",))
MINE = EvaluationSet("mine", "jsonl", (BRIDGE, LATER, UNKNOWN))


@pytest.fixture(autouse=True)
def _fakes(monkeypatch: pytest.MonkeyPatch, embedder: WordEmbedder) -> None:
    monkeypatch.setattr("rag.assistant.load_reader", lambda name: WordsModel())
    monkeypatch.setattr("rag.assistant.load_embedder", lambda name: embedder)
    monkeypatch.setattr("eval.run.load_embedder", lambda name: embedder)


@pytest.fixture
def settings(folder: Path) -> Settings:
    return Settings.load(documents=folder)


def test_a_run_is_asked_through_the_assistant_and_kept(settings: Settings, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    found, folder = run_set(MINE, settings, tmp_path / "run", show=lambda *done: told.append(done))
    assert told == [(1, 3), (2, 3), (3, 3)]
    assert folder == tmp_path / "run"
    assert [result.id for result in found.results] == ["bridge", "later", "unknown"]
    with Assistant.open(settings=settings) as assistant:
        answer = assistant.ask(BRIDGE.question)
        later = assistant.ask("Why?", [assistant.ask("Who?")])
    first, second, _ = found.results
    assert (first.outcome, first.confidence) == (answer.outcome, answer.confidence)
    assert [c["quote"] for c in first.citations] == [c.quote for c in answer.citations]
    assert first.scores["first_citation"] == 1
    assert [c["quote"] for c in second.citations] == [c.quote for c in later.citations]
    assert found.metrics["verbatim"]["value"] == 1
    assert found.metrics["megabytes"]["value"] > 0
    assert found.about["documents"] == 3
    assert set(found.about["models_sha256"]) == {
        "reader.json",
        "sides.json",
        "reader.safetensors",
        WordEmbedder().identity.name,
    }
    assert load_run(folder) == load_run(folder / "results.json")
    kept = load_run(folder)
    assert kept.metrics == found.metrics
    assert [result.scores for result in kept.results] == [r.scores for r in found.results]
    assert "Monday" in (folder / "report.html").read_text("utf-8")
    assert "First citation right" in shown(found)
    assert re.search(r"searching \d+ / \d+ ms, reading \d+ / \d+ ms, composing", shown(found))


def test_an_interrupted_run_goes_on(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    ask = Assistant.ask

    def counted(self: Assistant, question: str, *more: Any) -> Any:
        asked.append(question)
        if question == UNKNOWN.question and asked.count(question) == 1:
            raise KeyboardInterrupt
        return ask(self, question, *more)

    monkeypatch.setattr(Assistant, "ask", counted)
    folder = tmp_path / "run"
    with pytest.raises(KeyboardInterrupt):
        run_set(MINE, settings, folder)
    assert not (folder / "results.json").exists()
    with (folder / "cases.jsonl").open("a", encoding="utf-8") as lines:
        lines.write('{"case": {"id": "unkn')  # as a killed process leaves it
    resumed, _ = run_set(MINE, settings, folder)
    assert asked == [BRIDGE.question, "Who?", "Why?", UNKNOWN.question, UNKNOWN.question]
    whole, _ = run_set(MINE, settings, tmp_path / "other")
    one, other = (
        json.dumps([replace(result, seconds={}).to_dict() for result in found.results])
        for found in (resumed, whole)
    )
    assert one == other
    # A finished run is made anew, and so is one of other settings.
    run_set(MINE, settings, folder)
    assert asked[-4:] == [BRIDGE.question, "Who?", "Why?", UNKNOWN.question]
    (folder / "results.json").unlink()
    before = len(asked)
    run_set(MINE, settings.model_copy(update={"top_k": 1}), folder)
    assert len(asked) == before + 4


def test_a_question_that_fails_is_counted_apart(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = Assistant.ask

    def failing(self: Assistant, question: str, *more: Any) -> Any:
        if question == UNKNOWN.question:
            raise ValueError("<b>out of order</b>")
        return ask(self, question, *more)

    monkeypatch.setattr(Assistant, "ask", failing)
    found, folder = run_set(MINE, settings, tmp_path / "run")
    assert found.failures == 1
    assert found.results[2].error == "ValueError: <b>out of order</b>"
    assert found.metrics["answered"]["n"] == 2
    assert "1 failed" in shown(found)
    page = (folder / "report.html").read_text("utf-8")
    assert "<b>out of order" not in page
    assert worst_first(found.results)[0].id == "unknown"


def test_squad_is_searched_or_given(tmp_path: Path) -> None:
    other = {"title": "Apples", "paragraphs": [{"context": "The apples are red.", "qas": []}]}
    (tmp_path / "dev.json").write_text(json.dumps({"data": [*SQUAD["data"], other]}), "utf-8")
    chosen = read_set(str(tmp_path / "dev.json"), tmp_path)
    opened, _ = run_set(chosen, Settings(), tmp_path / "open")
    assert opened.about["documents"] == 2
    assert opened.metrics["recall@5"] == {"value": 1.0, "n": 1, "low": None, "high": None}
    given, _ = run_set(chosen, Settings(), tmp_path / "reading", mode="reading")
    assert "recall@5" not in given.metrics
    for result in given.results:
        assert {citation["path"] for citation in result.citations} <= {"Old bridge 1"}
        assert all(citation["quote"] in PARAGRAPH for citation in result.citations)
    with pytest.raises(SaysoError, match="reading mode"):
        run_set(MINE, Settings(), tmp_path / "no", mode="reading")


def test_a_sample(settings: Settings, tmp_path: Path) -> None:
    found, _ = run_set(MINE, settings, tmp_path / "run", sample=1)
    assert [result.id for result in found.results] == ["bridge"]


def test_a_quote_that_is_not_there_stops_before_anything_is_asked(
    settings: Settings, tmp_path: Path
) -> None:
    wrong = BRIDGE.model_copy(update={"quotes": (Quote(path="bridge.txt", quote="No."),)})
    with pytest.raises(SaysoError, match=r"bridge.*does not stand there"):
        run_set(replace(MINE, cases=(wrong,)), settings, tmp_path / "run")


@pytest.mark.parametrize("content", [None, "{", "{}", '{"format": 0}'])
def test_what_is_no_run(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "results.json").write_text(content, "utf-8")
    with pytest.raises(SaysoError, match=r"results\.json"):
        load_run(tmp_path)


# --- Comparing ----------------------------------------------------------------------------


def made(rights: list[bool], name: str = "mine") -> Run:
    results = tuple(
        Result(
            case={"id": f"q{number:03}", "question": f"Question {number}?", "answerable": True},
            outcome="answered",
            confidence=0.9 if right else 0.6,
            short="yes",
            right=right,
            scores={"exact_match": float(right), "correct": float(right), "answered": 1.0},
            seconds={"read": 0.1},
        )
        for number, right in enumerate(rights)
    )
    about = {
        "set": name,
        "kind": "jsonl",
        "mode": "open",
        "questions": len(results),
        "documents": 1,
        "settings": {"top_k": 10},
        "thresholds": {"answered": 0.5},
        "models_sha256": {},
        "sayso": "0",
        "commit": None,
    }
    return Run(about, summary(results), results)


def test_compared_with_itself_nothing_changed() -> None:
    text, worse = compare(made([True, False] * 10), made([True, False] * 10))
    assert worse == []
    assert "0 in A only, 0 in B only; McNemar's exact test p = 1 " in text
    assert "changed" not in text


def test_what_got_worse_is_named() -> None:
    text, worse = compare(made([True] * 16 + [False] * 4), made([True] * 6 + [False] * 14))
    assert {"exact_match", "correct"} <= set(worse)
    assert "10 in A only, 0 in B only" in text
    # Two-sided: all ten changes go one way, 2 × 0.5^10.
    assert "p = 0.002" in text
    row = next(line for line in text.splitlines() if line.startswith("| Exact match "))
    assert [cell.strip() for cell in row.split("|")[2:5]] == ["0.800", "0.300", "-0.500"]
    assert re.search(r"q006 +\| lost", text)
    # The other way round it is better.
    _, worse = compare(made([True] * 6 + [False] * 14), made([True] * 16 + [False] * 4))
    assert "exact_match" not in worse


def test_a_difference_that_may_be_chance_is_no_verdict() -> None:
    _, worse = compare(made([True, False] * 10), made([True, False] * 9 + [False, True]))
    assert worse == []


def test_only_common_questions_are_compared() -> None:
    text, _ = compare(made([True] * 5), made([True] * 3))
    assert "2 questions are in one run only" in text
    with pytest.raises(SaysoError, match="no question in common"):
        compare(made([True]), made([]))


def test_limits() -> None:
    least = limits(["exact_match=0.7", "ece=0.1"])
    assert least == {"exact_match": 0.7, "ece": 0.1}
    good, bad = made([True] * 9 + [False]), made([True, False])
    assert broken(good, {"exact_match": 0.9}) == []
    assert broken(bad, {"exact_match": 0.7}) == ["exact_match is 0.5, below 0.7"]
    assert broken(bad, {"ece": 0.1}) == ["ece is 0.35, above 0.1"]
    assert broken(bad, {"attribution": 0.1})[0].startswith("attribution was not measured")
    for wrong in ("exactmatch=1", "exact_match", "exact_match=much"):
        with pytest.raises(SaysoError):
            limits([wrong])


# --- The command --------------------------------------------------------------------------


@pytest.fixture
def mine(tmp_path: Path) -> str:
    path = tmp_path / "mine.jsonl"
    lines = [case.model_dump_json(exclude_defaults=True) for case in MINE.cases]
    path.write_text("\n".join(lines), "utf-8")
    return str(path)


def test_the_command_and_its_gate(
    mine: str, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = ["run", mine, "--documents", str(folder)]
    good, poor = str(tmp_path / "good"), str(tmp_path / "poor")
    assert main([*run, "--output", good, "--fail-under", "first_citation=1"]) == 0
    assert "report.html" in capsys.readouterr().out
    # Nothing is ever declined, so the question without an answer is answered.
    careless = ["--settings", "answer_threshold=0", "decline_threshold=0", "top_k=1"]
    least = ["--fail-under", "refusal_recall=1"]
    assert main([*run, "--output", poor, *careless, *least]) == 1
    assert "failed: refusal_recall is 0, below 1" in capsys.readouterr().err
    assert main(["compare", good, poor]) == 0
    assert "| lost" in capsys.readouterr().out
    assert main(["compare", good, poor, *least]) == 1
    assert main([*run, "--baseline", good]) == 0
    assert (tmp_path / "runs" / "eval").is_dir()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--settings", "topk=1"], "'topk=1' is no setting"),
        (["--settings", "top_k=many"], "setting 'top_k'"),
        (["--fail-under", "speed=1"], "'speed' is no metric"),
        (["--baseline", "nowhere"], "nowhere"),
        (["--documents", "nowhere"], "nowhere"),
    ],
)
def test_what_is_wrong_is_said_with_exit_code_2(
    mine: str, more: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", mine, *more]) == 2
    assert said in capsys.readouterr().err


def test_a_busy_baseline_fails_the_run(
    mine: str,
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A baseline that is surely better, though no limit is given."""
    better, worse = made([True] * 20), made([False] * 20)
    file = tmp_path / "results.json"
    file.write_text(json.dumps(better.to_dict()), "utf-8")
    monkeypatch.setattr(running, "run_set", lambda *_: (worse, tmp_path))
    assert main(["run", mine, "--documents", str(folder), "--baseline", str(file)]) == 1
    assert "exact_match is surely worse" in capsys.readouterr().err


# --- The report ---------------------------------------------------------------------------

EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(1)>&\u2028"


def parts(page: str) -> Iterator[str]:
    yield from re.findall(r"<script.*?>(.*?)</script>", page, re.DOTALL)


def test_the_report_is_one_page_that_loads_nothing() -> None:
    page = report(made([True, False, True]))
    assert not re.search(r"""(?:src|href)\s*=|@import|url\(|https?://""", page)
    assert "default-src 'none'" in page
    assert "3 questions · 1 document · Sayso 0" in page
    for label in ("Exact match", "Risk and coverage", "Reliability", "Time"):
        assert label in page, label


def test_texts_are_data_in_the_report() -> None:
    found = made([True], name=EVIL)
    first = replace(
        found.results[0], short=EVIL, case={"id": EVIL, "question": EVIL, "tags": [EVIL]}
    )
    page = report(replace(found, results=(first,)))
    data, script = parts(page)
    assert json.loads(data)[0]["question"] == EVIL
    assert "alert" not in script
    assert page.count("<script") == 2
    assert "<img" not in page


def test_the_worst_come_first() -> None:
    def one(id: str, right: bool, confidence: float) -> Result:
        return replace(made([right]).results[0], case={"id": id}, confidence=confidence)

    failed = Result(case={"id": "failed"}, error="no")
    given = [one("sure", True, 0.9), one("unsure", True, 0.2), one("off", False, 0.3), failed]
    given.append(one("far off", False, 0.8))
    order = [result.id for result in worst_first(given)]
    assert order == ["failed", "far off", "off", "unsure", "sure"]
