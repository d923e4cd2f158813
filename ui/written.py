"""What a language model wrote, as HTML: its sentences, and on demand what was removed."""

from __future__ import annotations

from rag.types import Answer, Sentence
from ui.markup import count, text

_PROOF = {
    "supported": "carried by the passage that it names",
    "moved": "carried by this passage, which is cited instead of the one that it named",
}


def sentence(one: Sentence, markers: str) -> str:
    """A sentence with its ``markers``, which are HTML."""
    return (
        f'<p class="written" dir="auto" title="{_PROOF.get(one.proof, "")}">'
        f'{text(one.text)} <span class="markers">{markers}</span></p>'
    )


def _removed(one: Sentence) -> str:
    return f'<q dir="auto">{text(one.text)}</q> ' if one.text else ""


def provenance(answer: Answer) -> str:
    """Who wrote it, that it was proved, what was removed; why it was not written at all."""
    parts = []
    if any(claim.written for claim in answer.claims):
        parts.append(
            f'<p class="by">Written by {text(answer.written_by)}; each sentence is carried by '
            "the words below it.</p>"
        )
    if answer.note:
        parts.append(f'<p class="hint note">{text(answer.note)}</p>')
    if answer.removed:
        what = count(len(answer.removed), "sentence")
        rows = "".join(
            f'<li>{_removed(one)}<span class="why">{text(one.reason)}</span></li>'
            for one in answer.removed
        )
        parts.append(
            f'<details class="removed"><summary>{what} removed, which no passage carries</summary>'
            f"<ul>{rows}</ul></details>"
        )
    if answer.planted:
        what = count(answer.planted, "passage")
        parts.append(
            f'<p class="hint">Words in {what} were left out: they address an assistant, not '
            "you.</p>"
        )
    return "".join(parts)
