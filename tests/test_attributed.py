"""No answer to any question of our sets states as fact what its passage attributes.

What a quotation holds is found here by its marks and what is reported by a verb of saying
and "that", not by the rules under test.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from eval.sets import read_set
from eval.sides import cases
from rag import Answer, Assistant, Settings
from rag.compose import by, quoted
from rag.speech.quotes import paragraphs, quotations
from rag.split import sentences

ROOT = Path(__file__).parents[1]
REPORTED = re.compile(
    r"\b(?:said|says|claimed|argued|suggested|insisted|alleged|maintained|told \w+) that "
    r"(?P<said>[^.,;“”]*)"
)
MOST = 0.6
"""Share of a sentence in quotation marks, or behind "said that", from which it is no fact."""
_SHORTEST = 4
"""Words. A shorter quotation is a phrase or a title, which its sentence uses."""

pytestmark = pytest.mark.model


def attributed(text: str) -> Iterator[tuple[int, int]]:
    """Spans of what stands in quotation marks, or behind a verb of saying."""
    blocks = paragraphs(text)
    for inside in quotations(text, blocks):
        for quotation in inside:
            words = text[slice(*quotation.inner)].split()
            if (len(words) >= _SHORTEST and not words[-1][-1:].isalnum()) or len(words) > 8:
                yield quotation.inner
    for match in REPORTED.finditer(text):
        yield match.span("said")


def stated_as_fact(answer: Answer, assistant: Assistant) -> list[str]:
    """What the answer gives as the document's own word and somebody else says.

    Of a claim with a short answer, that; else each of its sentences that lies for the most part
    in what is attributed. Of a claim with a speaker, one whose name does not stand before it.
    """
    found = []
    for claim in answer.claims:
        first = claim.citations[0]
        text = assistant.document(first.document_id).text
        said = list(attributed(text))
        told = [claim.answer_span] if claim.answer_span else list(sentences(claim.text))
        for start, end in ((first.start + s, first.start + e) for s, e in told):
            inside = max((min(end, e) - max(start, s) for s, e in said), default=0)
            if claim.speaker is None and inside >= MOST * (end - start):
                found.append(text[start:end])
        shown = f"{quoted(claim.text)} [{first.marker}]"
        lead = answer.text[: answer.text.index(shown)].rpartition("\n")[2]
        if claim.speaker is not None and by(claim.speaker).casefold() not in lead.casefold():
            found.append(lead)
        assert (claim.position == "reporter") == (claim.speaker is None)
    return found


def test_of_the_seeds(tmp_path: Path) -> None:
    settings = Settings(documents=ROOT / "seeds", store=tmp_path / "store")
    with Assistant.open(settings=settings) as assistant:
        asked = [case.question for case in read_set(str(ROOT / "eval/seeds.jsonl"), ROOT).cases]
        assert len(asked) == 89
        wrong = {q: found for q in asked if (found := stated_as_fact(assistant.ask(q), assistant))}
    assert wrong == {}


def test_of_disputes(tmp_path: Path) -> None:
    every = cases()
    for number, text in enumerate(
        {case.document.id: case.document.text for case in every}.values()
    ):
        (tmp_path / f"{number}.txt").write_text(text, "utf-8")
    settings = Settings(documents=tmp_path, store=tmp_path / ".store")
    with Assistant.open(settings=settings) as assistant:
        asked = [case.question for case in every]
        assert len(asked) >= 60
        wrong = {q: found for q in asked if (found := stated_as_fact(assistant.ask(q), assistant))}
    assert wrong == {}
