"""``python -m eval realtimeqa``: news quiz questions, the evidence of all as the documents.

RealtimeQA 2020-2022 (Kasai et al. 2023), asked as a user would: ``Assistant.ask``, with
the thresholds as set. Its choices are not shown to the reader; the one nearest to the
answer counts as chosen. The fit of ``python -m eval calibrate`` has seen these questions,
a handful of parameters' worth, so how many are answered is a little flattering.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from eval.datasets import Question, collection, every
from eval.index import indexed
from eval.metrics import exact_match, token_f1
from eval.table import table
from rag.assistant import Assistant
from rag.embed import load_embedder
from rag.settings import Settings
from rag.types import Answer, Claim

REFERENCES = {
    "GPT-3 with DPR": 47.3,
    "RAG with Google search": 54.8,
    "GPT-3 with Google search": 71.7,
}
"""Published accuracy on the multiple choice in percent, of 2022's questions: they were
given the choices, and read other passages. A reference, no comparison."""
_REFERENCES_YEAR = "2022"


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one question."""

    year: str
    answered: bool
    """Outcome ``answered``: sure enough to be shown as the answer."""
    declined: bool
    right: bool
    """The choice nearest to the answer is an accepted one."""
    exact: bool
    """The first claim's short answer is, word for word."""


def run(data: Path, output: Path, sample: int | None) -> int:
    """Print the table and write it as JSON; ``sample`` questions are asked, all when None."""
    settings = Settings()
    embedder = load_embedder(settings.embedding_model)
    found = collection("realtimeqa", data)
    store = indexed("realtimeqa", found.documents, embedder, settings.passage_tokens)
    asked = every(found.questions, sample)
    results = []
    with Assistant(settings, store, embedder) as assistant:
        for number, question in enumerate(asked, start=1):
            results.append(judged(question, assistant.ask(question.text)))
            if number % 250 == 0:
                print(f"{number} of {len(asked)} questions", flush=True)
    recent = [result for result in results if result.year == _REFERENCES_YEAR]
    parts = {"all": summary(results), _REFERENCES_YEAR: summary(recent)}
    print(_shown(parts))
    output.parent.mkdir(parents=True, exist_ok=True)
    rounded = {
        name: {key: value if value is None else round(value, 4) for key, value in part.items()}
        for name, part in parts.items()
    }
    output.write_text(json.dumps(rounded, indent=1) + "\n", "utf-8")
    return 0


def judged(question: Question, answer: Answer) -> Result:
    """What was declined, or comes near no choice, is wrong."""
    choice = nearest(answer, question.choices)
    short = _short(answer.claims[0]) if answer.claims else ""
    return Result(
        year=question.group[:4],
        answered=answer.outcome == "answered",
        declined=answer.outcome == "declined",
        right=choice is not None and choice in question.answers,
        exact=bool(short) and exact_match(short, question.answers) == 1,
    )


def nearest(answer: Answer, choices: Sequence[str]) -> str | None:
    """The choice that the answer amounts to; None when it shares no word with any.

    The first claim that shares words with a choice decides: by the best token F1 of the
    choice with its short answers or its quote. Of equal choices it is the one that the
    quote names first, then the first one.
    """
    for claim in answer.claims:
        scores = {
            choice: max(token_f1(said, [choice]) for said in (*claim.answers, claim.text))
            for choice in choices
        }
        best = max(scores.values(), default=0.0)
        if best > 0:
            equal = [choice for choice in choices if scores[choice] == best]
            return min(equal, key=lambda choice: _place(choice, claim.text))
    return None


def _place(choice: str, quote: str) -> int:
    """Where the quote names it, in characters; its length where it does not."""
    place = quote.casefold().find(choice.casefold())
    return place if place >= 0 else len(quote)


def _short(claim: Claim) -> str:
    """The best short answer, or the quote where there is none."""
    return claim.text[slice(*claim.answer_span)] if claim.answer_span else claim.text


def summary(results: Sequence[Result]) -> dict[str, float | None]:
    """Each measure as a share; None where there is nothing to take it of."""
    answered = [result for result in results if result.answered]

    def share(flags: Sequence[bool]) -> float | None:
        return fmean(flags) if flags else None

    return {
        "questions": len(results),
        "multiple choice": share([result.right for result in results]),
        "exact match": share([result.exact for result in results]),
        "answered": share([result.answered for result in results]),
        "declined": share([result.declined for result in results]),
        "multiple choice, of the answered": share([result.right for result in answered]),
        "exact match, of the answered": share([result.exact for result in answered]),
    }


def _shown(parts: dict[str, dict[str, float | None]]) -> str:
    heads = [f"{name} ({part['questions']:.0f})" for name, part in parts.items()]
    names = [name for name in parts["all"] if name != "questions"]
    rows = [[f"{name}, %", *(_percent(part[name]) for part in parts.values())] for name in names]
    rows += [
        [f"multiple choice, published: {name}", "–", f"{value:.1f}"]
        for name, value in REFERENCES.items()
    ]
    return table(["RealtimeQA", *heads], rows)


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f}"
