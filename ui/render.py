"""The conversation and the list of documents as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rag.compose import ITSELF, NO_QUESTION, NOBODY, ONE_SIDE, UNSURE, is_one_sided, name_of
from rag.dropped import DROPPED
from rag.position import does
from rag.question import wants_several
from rag.types import Answer, Citation, Claim, DocumentEntry, Skipped
from ui import written
from ui.markup import button, count, day, inline, likelihood, link, marked, percent, place, text

MOST_LISTED = 200
"""Documents in the list; a browser need not carry ten thousand rows."""

MOST_ASKED_FOR = 500
"""Characters of a standalone question that the user corrects."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A question, and what has come of it so far."""

    question: str
    answer: Answer | None = None
    """A snapshot; None before the first one."""
    error: str = ""
    """What went wrong, for people; then ``answer`` does not count."""
    speaker: str = ""
    """Only what somebody of this name says was asked for; empty for everybody."""
    judged: str = ""
    """What came of the user's saying whether it is right."""
    searched: str = ""
    """The standalone question as the user corrected it; empty for the one that is made."""
    unkept: str = ""
    """Why it could not be kept; empty where it was, or is not done."""

    @property
    def is_open(self) -> bool:
        """Whether the answer is still being made."""
        return not self.error and (self.answer is None or self.answer.stage != "done")


def conversation(turns: Sequence[Turn], examples: Sequence[str], documents: int) -> str:
    """All turns, or what to begin with where there are none."""
    if not turns:
        return _welcome(examples, documents)
    return "".join(
        f'<section class="turn" data-turn="{number}" aria-label="Question {number + 1}">'
        f'<h2 class="question"><span class="unseen">You asked: </span>'
        f'<span dir="auto" class="asked">{text(turn.question)}</span></h2>{_only(turn.speaker)}'
        f"{_outcome(number, turn)}</section>"
        for number, turn in enumerate(turns)
    )


def _only(speaker: str) -> str:
    return f'<p class="only">Only what {inline(speaker)} says</p>' if speaker else ""


def chip(speaker: str) -> str:
    """The speaker that is asked for alone, with a way to ask everybody again."""
    if not speaker:
        return ""
    label = f"Ask for everybody again, not only {speaker}"
    end = button("only", {"speaker": ""}, "×", kind="end", label=label)
    return f'<p class="chip"><span>Only what {inline(speaker)} says</span> {end}</p>'


def _welcome(examples: Sequence[str], documents: int) -> str:
    hint = ""
    if examples:
        asked = "".join(
            f"<li>{button('ask', {'question': example}, inline(example), kind='example')}</li>"
            for example in examples
        )
        hint = f'<h2 class="try">For instance</h2><ul class="examples">{asked}</ul>'
    elif not documents:
        hint = '<p class="try">There are no documents yet: add some under Documents.</p>'
    return (
        '<section class="welcome"><h1>Ask your documents</h1>'
        "<p>Sayso answers in the exact words of your documents, shows where each of them "
        "stands, and says so when the documents do not hold the answer.</p>"
        f"{hint}</section>"
    )


def _outcome(number: int, turn: Turn) -> str:
    if turn.error:
        return (
            '<div class="answer failed" role="alert"><p class="outcome"><strong>This did not '
            f'work</strong></p><p class="reason" dir="auto">{text(turn.error)}</p></div>'
        )
    answer = turn.answer
    stage = ""
    if answer is None or answer.stage != "done":
        stop = button("stop", {"turn": number}, "Stop", kind="stop")
        stage = (
            f'<p class="stage"><span role="status">{_stage(answer)}</span>'
            f'<span class="dots" aria-hidden="true"><i></i><i></i><i></i></span> {stop}</p>'
        )
    if answer is None or answer.stage in ("searching", "reading"):
        return stage
    whether = answer.asked == "whether"
    prose = any(claim.written for claim in answer.claims)
    compete = not whether and not prose and not wants_several(answer.searched)
    claims = "".join(
        _claim(number, claim, answer, alternative=compete and at > 0)
        for at, claim in enumerate(answer.claims)
    )
    if whether and len(answer.claims) > 1:
        claims = f'<div class="sides">{claims}</div>'
    if is_one_sided(answer.asked, answer.claims):
        claims += f'<p class="hint">{text(ONE_SIDE)}</p>'
    judging = "" if answer.text == NO_QUESTION else _judging(number, turn, answer)
    return (
        f'<div class="answer {answer.outcome}">{_verdict(answer)}{_searched(number, answer)}'
        f"{claims}{_dropped(answer)}{_unkept(turn)}{written.provenance(answer)}"
        f"{stage or judging}</div>"
    )


_RIGHT = {
    "answered": "Is this right?",
    "closest": "Does this answer the question?",
    "declined": "Is that so?",
}


def _judging(number: int, turn: Turn, answer: Answer) -> str:
    """The question whether the answer is right, and room for what would be."""
    if turn.judged:
        return f'<p class="judging" role="status">{text(turn.judged)}</p>'
    yes = button("judge", {"turn": number, "right": 1}, "Yes", kind="judge")
    save = button("judge", {"turn": number, "right": 0}, "Save", kind="judge")
    return (
        f'<div class="judging"><span>{_RIGHT[answer.outcome]}</span> {yes} '
        '<details class="wrong"><summary class="judge">No</summary><span class="said">'
        '<input type="text" class="correction" maxlength="500" autocomplete="off" '
        'placeholder="What would be right? (optional)" aria-label="What would be right?"/>'
        f"{save}</span></details></div>"
    )


def _stage(answer: Answer | None) -> str:
    if answer is None or answer.stage == "searching":
        return "Searching the documents"
    if answer.stage == "writing":
        return f"{text(answer.written_by)} writes; each sentence is checked"
    return f"Reading {count(len(answer.hits), 'passage')}"


def _verdict(answer: Answer) -> str:
    """The outcome and the confidence in words, and the confidence as a bar."""
    sure = f"{likelihood(answer.confidence)} ({text(percent(answer.confidence))})"
    bar = (
        '<span class="bar" aria-hidden="true">'
        f'<span style="width:{answer.confidence:.0%}"></span></span>'
    )
    if answer.outcome == "answered":
        return f'<p class="outcome"><strong>Answered</strong> · {sure}{bar}</p>'
    said = UNSURE if answer.outcome == "closest" else answer.text
    if said in (NO_QUESTION, NOBODY):
        return f'<p class="outcome"><strong>{text(said)}</strong></p>'
    help_ = (
        '<p class="hint">Ask in other words, or add a document that covers it.</p>'
        if answer.outcome == "declined"
        else ""
    )
    return (
        f'<p class="outcome"><strong>{text(said)}</strong></p>{help_}'
        f'<p class="sure">That this answers the question is {sure}{bar}</p>'
        if answer.claims
        else f'<p class="outcome"><strong>{text(said)}</strong></p>{help_}'
        f'<p class="sure">That the documents hold an answer is {sure}{bar}</p>'
    )


def _searched(number: int, answer: Answer) -> str:
    """The standalone form of a follow-up, with a way to correct it."""
    if answer.searched == answer.question:
        return ""
    again = button("correct", {"turn": number}, "Ask again", kind="judge")
    return (
        f'<p class="searched">Searched for: <q dir="auto">{text(answer.searched)}</q></p>'
        '<details class="correcting"><summary class="judge">Correct</summary><span class="said">'
        f'<input type="text" class="correction" maxlength="{MOST_ASKED_FOR}" autocomplete="off" '
        f'aria-label="What to search for" value="{text(answer.searched)}"/>{again}</span></details>'
    )


def _unkept(turn: Turn) -> str:
    if not turn.unkept:
        return ""
    return f'<p class="dropped" role="alert">This turn could not be kept: {text(turn.unkept)}</p>'


def _dropped(answer: Answer) -> str:
    if not answer.dropped:
        return ""
    what = count(answer.dropped, "quote was", "quotes were")
    return f'<p class="dropped">{what} left out: not in the document word for word any more.</p>'


def _claim(number: int, claim: Claim, answer: Answer, *, alternative: bool) -> str:
    """Who says it, the short answer, the sentence that it stands in, and where that is.

    An ``alternative`` competes with the answer above it, and says how likely it is. Where
    Sayso is not sure, the short answer only "comes nearest".
    """
    whether = answer.asked == "whether"
    has_short = claim.answer_span is not None or claim.names_speaker
    first = claim.citations[0]
    kind = "claim alternative" if alternative else "claim"
    lead = short = ""
    if alternative:
        lead = f'<p class="lead">Or, {text(percent(claim.probability))} likely:</p>'
    elif answer.outcome == "closest" and has_short:
        lead = '<p class="lead">Comes nearest:</p>'
    if has_short:
        short = f'<p class="short" dir="auto">{_short(claim)}</p>'
    markers = " ".join(_marker(number, citation) for citation in claim.citations)
    if claim.written is not None:
        kind += " proved"
        short, markers = written.sentence(claim.written, markers), ""
    when = f" · {day(first.published)}" if first.published else ""
    dates = ", ".join(inline(claim.text[start:end]) for start, end in claim.dates)
    if markers:
        markers = f' <span class="markers">{markers}</span>'
    return (
        f'<figure class="{kind}">{lead}{short}{_said(claim, whether=whether)}'
        f'<blockquote dir="auto">{_quote(claim)}</blockquote>'
        f'<figcaption><span class="from"><cite>{inline(first.title)}</cite>{when}</span>'
        f"{markers}{_sources(claim)}"
        f"{f' <span>· in the text: {dates}</span>' if dates else ''}</figcaption></figure>"
    )


def _said(claim: Claim, *, whether: bool) -> str:
    """Who says it; of a question if something is so, also what they do with it."""
    speaker = claim.speaker
    verb = does(speaker, claim.position) if speaker else ITSELF
    badge = f'<span class="badge {claim.position}">{verb}</span>'
    if speaker is None:
        return f'<p class="speaker">{badge}</p>' if whether else ""
    name = speaker.name
    who = inline(name_of(speaker, opens=whether))
    if name:
        label = f"Ask only for what {name} says"
        who = button("only", {"speaker": name}, who, kind="name", label=label)
    role = f", {inline(speaker.role)}" if speaker.role else ""
    lead = "" if whether else '<span class="lead">According to </span>'
    return f'<p class="speaker">{lead}{who}{role}{f" {badge}" if whether else ""}</p>'


def _sources(claim: Claim) -> str:
    """How many independent sources the citations are, where they are several places."""
    places = len(claim.citations)
    if places < 2:
        return ""
    sources = sum(citation.copy_of is None for citation in claim.citations)
    told = f"{count(sources, 'source')}"
    if sources < places:
        told += f" in {count(places, 'place')}"
    return f' <span class="sources">· {told}</span>'


def _quote(claim: Claim) -> str:
    """The whole quote, with the short answers in it marked."""
    if claim.answer_span is None:
        return text(claim.text)
    return marked(claim.text, (claim.answer_span, *claim.more_spans), "mark")


def _short(claim: Claim) -> str:
    """The short answers on one line, each with its spaces as they are read."""
    return inline(", ".join(" ".join(said.split()) for said in claim.answers))


def _marker(number: int, citation: Citation) -> str:
    return link(
        "show",
        {"turn": number, "marker": citation.marker},
        f"[{citation.marker}]",
        kind="marker",
        label=f"[{citation.marker}] Show in {citation.title} ({place(citation.path)})",
    )


def documents(entries: Sequence[DocumentEntry], skipped: Sequence[Skipped], folder: str) -> str:
    """The documents in use, and the files that could not be read."""
    listed = "".join(_entry(entry) for entry in entries[:MOST_LISTED])
    more = len(entries) - MOST_LISTED
    rest = f'<p class="rest">and {count(more, "more document")}</p>' if more > 0 else ""
    shelf = f'<ul class="shelf">{listed}</ul>{rest}' if entries else '<p class="rest">None yet.</p>'
    return (
        f'<section data-count="{len(entries)}" aria-label="Documents in use">'
        f"<h2>{count(len(entries), 'document')} in use</h2>"
        f'<p class="folder">from {inline(folder)} and what you drop in</p>'
        f"{shelf}{_skipped(skipped)}</section>"
    )


def _entry(entry: DocumentEntry) -> str:
    paths = [path for path in entry.paths if not path.startswith(DROPPED)]
    dropped = [path for path in entry.paths if path.startswith(DROPPED)]
    where = "".join(f'<span class="path">{inline(path)}</span>' for path in paths[:3])
    if len(paths) > 3:
        where += f'<span class="path">and {count(len(paths) - 3, "more place")}</span>'
    for path in dropped:
        remove = button(
            "remove", {"dropped": path}, "Remove", kind="remove", label=f"Remove {place(path)}"
        )
        where += f'<span class="path">{inline(place(path))} {remove}</span>'
    facts = [day(entry.published)] if entry.published else []
    facts += [count(entry.passages, "passage"), count(entry.characters, "character")]
    opened = button("show", {"document": entry.id}, inline(entry.title), kind="open")
    return f'<li>{opened}{where}<span class="facts">{" · ".join(facts)}</span></li>'


def _skipped(skipped: Sequence[Skipped]) -> str:
    if not skipped:
        return ""
    return f"<h2>{count(len(skipped), 'file')} skipped</h2>{reasons(skipped)}"


def reasons(skipped: Sequence[Skipped]) -> str:
    """Files with why they were skipped, as a list."""
    rows = "".join(
        f"<li><strong>{inline(place(file.path))}</strong> "
        f'<span dir="auto">{text(file.reason)}</span></li>'
        for file in skipped[:MOST_LISTED]
    )
    return f'<ul class="skipped">{rows}</ul>'


def notice(message: str, skipped: Sequence[Skipped] = (), *, bad: bool = False) -> str:
    """What came of adding or removing files; ``message`` is not yet escaped."""
    said = f'<p dir="auto">{text(message)}</p>' if message else ""
    refused = reasons(skipped) if skipped else ""
    if not said and not refused:
        return ""
    kind = "bad" if bad or skipped else "good"
    return f'<div class="notice {kind}" tabindex="-1">{said}{refused}</div>'


def report(page: str) -> str:
    """An evaluation's report in a frame of its own, which can reach nothing of the page."""
    return (
        '<iframe class="report" title="Report of the evaluation" sandbox="allow-scripts" '
        f'srcdoc="{text(page)}"></iframe>'
    )
