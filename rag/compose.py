"""Spans → ``Answer``: claims, citations, outcome; the verbatim check.

``compose`` is the one place where an ``Answer`` with quotes is made. Every quote is taken
from the document itself and compared with what the reader saw; a span that does not stand
in its document, word for word, is counted in ``Answer.dropped`` and never shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from rag.copies import originals
from rag.dates import dates
from rag.judge import stem, stems
from rag.meant import PRONOUNS
from rag.numerals import CARDINALS, DIGITS
from rag.parties import is_one_name
from rag.position import does, is_source
from rag.question import wants_several
from rag.read import Span, says_same, with_unit
from rag.types import (
    Answer,
    Asked,
    Citation,
    Claim,
    Document,
    Hit,
    Outcome,
    Position,
    Speaker,
)

UNSURE = "Not sure that the documents answer this. What comes nearest:"
NOTHING_NEAR = "Nothing in the documents comes near this question."
ONE_SIDE = "No other position on it was found."
ITSELF = "The document itself"
"""Who says what no speaker does, beside those that somebody says or denies."""
UNNAMED = "a source that the document does not name"
_ARTICLES = frozenset("The A An This These Those Its Their His Her Our My Some Many Most".split())
"""Begin a name with a capital only because they began its sentence."""
NO_QUESTION = "Ask a question about the documents: who, what, when, where, why, or whether."
NOBODY = "Nobody of that name or role says anything in the documents."
NO_DOCUMENTS = "There are no documents to answer from yet."

_MARKED = re.compile(r"“[^”]*”|‘.*?’(?!\w)|\"[^\"]*\"|'.*?'(?!\w)|«[^»]*»|„[^“”]*[“”]", re.DOTALL)
"""A quotation that is closed."""
_SAME = 0.9
"""Share of common words (Jaccard) from which two quotes say the same."""
_MOST_CITATIONS = 10
"""Of one claim; a sentence that stands in a thousand files needs no thousand markers."""
_ABOUT = 2
"""Content words that they have in common, so that both are about one thing."""
_BOUND = re.compile(
    r"\b(?:at least|at most|(?:no |not )?(?:more|fewer|less) than|up to|as many as|between) $",
    re.IGNORECASE,
)
_COUNT = re.compile(
    rf"[£$€]?\d|(?:an?|{CARDINALS}|half|hundreds|thousands|millions)\b",
    re.IGNORECASE,
)
_HOW_MANY = re.compile(r"\bhow (?:many|much)(?: more)? (?P<what>\w+)", re.IGNORECASE)
_SCALES = re.compile(r"\b(?:hundred|thousand|million|billion|dozen)", re.IGNORECASE)
_NUMBERS = re.compile(rf"\d[\d,]*(?:\.\d+)?|\b(?:{CARDINALS})\b", re.IGNORECASE)
_CHANGED = re.compile(
    r"\b(?:risen|rises|rose|climb(?:s|ed)|reach(?:es|ed)|grown|grows|grew|increas(?:es|ed)|falls"
    r"|fallen|fell|drop(?:s|ped)|revised|updated|corrected|stands?|up|down)"
    r"(?: (?:from|to|at|by)| [£$€]?[\w.,]+ to){1,3}"
    r" (?:at least |about |almost |more than )?[£$€]?$",
    re.IGNORECASE,
)
"""Before a number, says that it is another one than before: "has climbed from 12 to"."""
_MEASURE = re.compile(
    r"(?:(?:up to|at least|at most|about|around|some|only|just|almost|nearly) )?"
    rf"(?P<sign>[£$€]?)(?P<number>\d[\d,]*(?:\.\d+)?|{CARDINALS}) ?(?P<unit>%|\w*)"
    r"(?: (?:an?|per|each) \w+)?",
    re.IGNORECASE,
)
"""A number with what it counts: "£25", "45p", "60 days", "three months"."""
_DEATHS = frozenset(map(stem, "die died dead death deaths killed kill toll fatalities".split()))
_SUPERSEDES = 0.6
"""Share of common words (Jaccard) from which two sentences with other answers tell the same
thing at different times."""

Attribute = Callable[[Span], tuple[Speaker | None, Position]]
"""Who says what a span quotes, and what they do with what the question is about."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Where the outcomes begin, as probabilities of the first quote, 0 to 1."""

    answered: float
    closest: float
    share_of_best: float = 0.5
    """A further quote needs at least this share of the first one's probability."""


def compose(
    question: str,
    searched: str,
    hits: Sequence[Hit],
    spans: Sequence[Span],
    document: Callable[[str], Document],
    attribute: Attribute,
    thresholds: Thresholds,
    max_claims: int,
    seconds: Mapping[str, float],
    asked: Asked = "what",
) -> Answer:
    """The answer that the spans, most probable first, amount to.

    ``document`` gives a document by its id and raises ``KeyError`` when it is gone.
    """
    # Many spans are of one document, which may be long.
    claims, dropped = _claims(
        searched, spans, cache(document), attribute, thresholds, max_claims, asked
    )
    confidence = claims[0].probability if claims else 0.0
    if not claims and spans and not dropped:
        confidence = spans[0].probability
    outcome = _outcome(confidence, thresholds)
    if not claims:
        outcome = "declined"
    return Answer(
        question=question,
        searched=searched,
        text=_text(outcome, claims, bool(hits), asked),
        claims=tuple(claims),
        hits=tuple(hits),
        outcome=outcome,
        confidence=confidence,
        seconds=dict(seconds),
        asked=asked,
        dropped=dropped,
    )


def decided(answer: Answer, answered: float) -> Answer:
    """The same answer where ``answered`` is the least confidence to be "answered".

    What was declined stays declined: there is no quote to answer with.
    """
    if not answer.claims:
        return answer
    outcome = _outcome(answer.confidence, Thresholds(answered, closest=0.0))
    return replace(answer, outcome=outcome, text=_text(outcome, answer.claims, True, answer.asked))


def rewritten(answer: Answer, claims: Sequence[Claim]) -> Answer:
    """The same answer with other claims, numbered anew in their order."""
    numbered, marker = [], 0
    for claim in claims:
        first = marker + 1
        citations = []
        for citation in claim.citations:
            marker += 1
            citations.append(replace(citation, marker=marker))
        numbered.append(replace(claim, citations=_relinked(claim.citations, citations, first)))
    text = _text(answer.outcome, numbered, bool(answer.hits), answer.asked)
    return replace(answer, claims=tuple(numbered), text=text)


def _relinked(old: Sequence[Citation], new: Sequence[Citation], first: int) -> tuple[Citation, ...]:
    """``new`` with ``copy_of`` pointing to where it pointed in ``old``."""
    now = {citation.marker: first + at for at, citation in enumerate(old)}
    return tuple(
        replace(fresh, copy_of=now.get(citation.copy_of) if citation.copy_of else None)
        for citation, fresh in zip(old, new, strict=True)
    )


def _outcome(confidence: float, thresholds: Thresholds) -> Outcome:
    if confidence < thresholds.closest:
        return "declined"
    return "answered" if confidence >= thresholds.answered else "closest"


@dataclass(slots=True)
class _Draft:
    """A claim in the making."""

    first: Span
    """What the first citation quotes."""
    citations: list[Citation]
    words: list[str]
    more: list[tuple[int, int]]
    """Further short answers in the first quote, in document offsets."""
    speaker: Speaker | None
    position: Position
    passages: list[str]
    """Texts of the passages that the citations are from."""


def _claims(
    question: str,
    spans: Sequence[Span],
    document: Callable[[str], Document],
    attribute: Attribute,
    thresholds: Thresholds,
    most: int,
    asked: Asked,
) -> tuple[list[Claim], int]:
    """At most ``most`` claims with numbered citations, and how many spans were dropped.

    Spans that say the same become one claim with several citations; so do quotes that
    are the same words. What different people say stays apart.
    """
    several = wants_several(question)
    drafts: list[_Draft] = []
    dropped = 0
    for span in spans:
        best = drafts[0].first if drafts else span
        likely = span.probability >= thresholds.share_of_best * best.probability
        if best.probability < thresholds.closest:
            continue
        if not (likely or _disagrees(span, best, question) or _updates(span, best, question)):
            continue
        places = (span, *span.same)
        found = [(place, found) for place in places if (found := cited(place, document))]
        dropped += len(places) - len(found)
        if not found:
            continue
        speaker, position = attribute(found[0][0])
        first, citation = found[0]
        words = re.findall(r"\w+", first.text.casefold())
        twin = next(
            (
                draft
                for draft in drafts
                if _place(draft.citations[0]) == _place(citation)
                or (_is_one(draft.speaker, speaker) and _alike(words, draft.words))
            ),
            None,
        )
        if twin is None and len(drafts) == most:
            continue
        if twin is None:
            twin = _Draft(
                replace(first, probability=span.probability), [], words, [], speaker, position, []
            )
            drafts.append(twin)
        elif several and first.answer and _place(twin.citations[0]) == _place(citation):
            twin.more.append(first.answer)
        elif not says_same(span, twin.first):
            found = found[:1]  # the other places say what is no answer here
        said_by = [one for one in found if _is_one(attribute(one[0])[0], speaker)]
        known = {_place(citation) for citation in twin.citations}
        for place, citation in said_by:
            if _place(citation) not in known and len(twin.citations) < _MOST_CITATIONS:
                known.add(_place(citation))
                twin.citations.append(citation)
                twin.passages.append(place.hit.passage.text)
    _newer_first(drafts, asked, question)
    claims, marker = [], 0
    for draft in drafts:
        numbered: list[Citation] = []
        for citation, original in zip(draft.citations, originals(draft.passages), strict=True):
            marker += 1
            copy_of = numbered[original].marker if original < len(numbered) else None
            numbered.append(replace(citation, marker=marker, copy_of=copy_of))
        start, answer = draft.first.start, draft.first.answer
        if answer:
            answer = _with_bound(numbered[0].quote, answer[0] - start) + start, answer[1]
        claims.append(
            Claim(
                text=numbered[0].quote,
                citations=tuple(numbered),
                probability=draft.first.probability,
                speaker=draft.speaker,
                position=draft.position,
                answer_span=answer and (answer[0] - start, answer[1] - start),
                more_spans=tuple((s - start, e - start) for s, e in sorted(draft.more)),
                names_speaker=asked == "who says"
                or is_source(answer, draft.first.said, draft.speaker),
                dates=dates(numbered[0].quote),
            )
        )
    return claims, dropped


def _with_bound(quote: str, start: int) -> int:
    """Where a short answer at ``start`` begins with the words that bound its number: "at least
    12" is not 12."""
    bound = _BOUND.search(quote, 0, start)
    return bound.start() if bound and _COUNT.match(quote, start) else start


def _newer_first(drafts: list[_Draft], asked: Asked, question: str) -> None:
    """Put the later of two reports of the same thing before the earlier, and what somebody says
    now before what they said before, where their documents tell their dates: what came later
    supersedes what came before."""
    for at in range(1, len(drafts)):
        later, earlier = drafts[at], drafts[0]
        new, old = (draft.citations[0].published for draft in (later, earlier))
        one, other = set(later.words), set(earlier.words)
        turned = {later.position, earlier.position} == {"says", "denies"}
        same = (
            asked == "whether"
            and turned
            and later.speaker is not None
            and later.speaker.name[:1].isupper()
            and _is_one(later.speaker, earlier.speaker)
        )
        updates = _updates(later.first, earlier.first, question)
        updates = updates or _counts_the_same(later.first, earlier.first, question)
        if new and old and new > old and (same or updates or _tells_the_same(one, other)):
            # Which of the two it is, the dates tell; that it is one of them, the reader.
            chances = sorted((later.first.probability, earlier.first.probability))
            for draft, chance in zip((earlier, later), chances, strict=True):
                draft.first = replace(draft.first, probability=chance)
            drafts.insert(0, drafts.pop(at))


def _disagrees(span: Span, first: Span, question: str) -> bool:
    """Whether another document tells what the ``first`` quote does, but for the short answer:
    however sure the reader is of the one, the other is shown beside it."""
    if not _answers_elsewhere(span, first):
        return False
    words = (set(re.findall(r"\w+", one.text.casefold())) for one in (span, first))
    about = stems(span.text) & stems(first.text)
    if len(about) < _ABOUT:
        return False
    return _tells_the_same(*words) or _counts_the_same(span, first, question)


def _counts_the_same(span: Span, first: Span, question: str) -> bool:
    """Whether two sentences in other words give another number for what is asked: "40p a mile"
    and "45p a mile"."""
    one, other = (_MEASURE.fullmatch(with_unit(found)) for found in (span, first))
    if not one or not other or says_same(span, first):
        return False
    if (one["sign"], one["unit"].lower()) != (other["sign"], other["unit"].lower()):
        return False
    told, before = (
        stems(found.text) - stems(number["number"])
        for found, number in ((span, one), (first, other))
    )
    # "In June" is not told of May.
    wanted = stems(question) & before
    about = told & before
    return wanted <= told and len(about) > _ABOUT and 2 * len(about) >= min(len(told), len(before))


def _updates(span: Span, first: Span, question: str) -> bool:
    """Whether another document tells that the ``first`` quote's answer has become another one:
    "has been moved from 2 June to 1 September", or of a number "the toll has climbed to 15"."""
    if not span.answer or not _answers_elsewhere(span, first):
        return False
    turned = rf"\bfrom {re.escape(first.said)}(?: \d{{4}})? to (?:about |at least )?$"
    if re.search(turned, span.text[: span.answer[0] - span.start], re.IGNORECASE):
        return True
    asks = _HOW_MANY.search(question)
    if not asks:
        return False
    changed = _CHANGED.search(span.text[: span.answer[0] - span.start])
    if not changed or _SCALES.search(f"{span.said} {first.said}"):
        return False
    wanted, told = stems(question), stems(span.text)
    counted = _DEATHS if wanted & _DEATHS else {stem(asks["what"].lower())}
    if told.isdisjoint(counted):
        return False
    numbers = [
        {DIGITS.get(word, word.replace(",", "")) for word in _NUMBERS.findall(one.said.lower())}
        for one in (span, first)
    ]
    before = stems(" ".join(one.text for one in (first, *first.same)))
    about = told & (before | wanted) - stems(span.said)
    return all(numbers) and bool(numbers[0] - numbers[1]) and len(about) > _ABOUT


def _answers_elsewhere(span: Span, first: Span) -> bool:
    """Whether both have a short answer, and the one a chance, in two documents."""
    both = span.answer is not None and first.answer is not None
    apart = span.hit.passage.document_id != first.hit.passage.document_id
    return both and apart and span.probability > 0


def _tells_the_same(one: set[str], other: set[str]) -> bool:
    return len(one & other) >= _SUPERSEDES * len(one | other)


def _is_one(one: Speaker | None, other: Speaker | None) -> bool:
    if one is None or other is None:
        return one is other
    return is_one_name(one.name, other.name)


def _place(citation: Citation) -> tuple[str, int, int]:
    return citation.document_id, citation.start, citation.end


def cited(span: Span, document: Callable[[str], Document]) -> Citation | None:
    """The quote as it stands in the document; None where that is not what was read."""
    try:
        source = document(span.hit.passage.document_id)
    except KeyError:
        return None
    quote = source.text[span.start : span.end]
    inside = 0 <= span.start < span.end <= len(source.text)
    if not inside or quote != span.text:
        return None
    return Citation(
        marker=0,
        document_id=source.id,
        path=source.path,
        title=source.title,
        start=span.start,
        end=span.end,
        quote=quote,
        published=source.published,
    )


def _alike(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two sentences say the same: the same words in the same order, but for a few
    at either end. A word more or less inside may be "not", and another one a number."""
    short, long = sorted((one, other), key=len)
    if len(short) < _SAME * len(long):
        return False
    return any(
        list(long[at : at + len(short)]) == list(short) for at in range(len(long) - len(short) + 1)
    )


def _text(outcome: Outcome, claims: Sequence[Claim], any_hits: bool, asked: Asked) -> str:
    if outcome == "declined":
        return NOTHING_NEAR if any_hits else NO_DOCUMENTS
    lines = [UNSURE] if outcome == "closest" else []
    for claim in claims:
        markers = "".join(f"[{citation.marker}]" for citation in claim.citations)
        said = claim.written.text if claim.written else quoted(claim.text)
        lines.append(f"{_lead(claim, asked)}{said} {markers}")
    if is_one_sided(asked, claims):
        lines.append(ONE_SIDE)
    return "\n".join(lines)


def quoted(text: str) -> str:
    """In quotation marks, where it does not begin with a whole quotation of its own."""
    return text if _MARKED.match(text) else f"“{text}”"


def is_one_sided(asked: Asked, claims: Sequence[Claim]) -> bool:
    """Whether all that there is to a question if something is so is one speaker's word. Several
    that deny nothing need not agree: "Our tanks are sound" says no more than it does."""
    return asked == "whether" and len(claims) == 1 and claims[0].speaker is not None


def by(speaker: Speaker, *, opens: bool = False) -> str:
    """Name and role as they stand behind "according to", or where they open a sentence."""
    role = " ".join((speaker.role or "").split())
    name = " ".join(name_of(speaker, opens=opens).split())
    return f"{name}, {role}" if role else name


def stands(speaker: Speaker, position: Position) -> str:
    """Who it is and what they do with what is asked: "Ann Lee, the mayor, denies it"."""
    who = by(speaker, opens=True)
    return f"{who}{',' if ',' in who else ''} {does(speaker, position)}"


def name_of(speaker: Speaker, *, opens: bool = False) -> str:
    """The name alone, likewise; words for it where the document names nobody."""
    name = speaker.name if speaker.name.strip() else UNNAMED
    capital = name[0].upper() + name[1:]
    if name.lower() in PRONOUNS:
        return f"“{capital if opens or name in ('i', 'I') else name.lower()}”"
    first, _, rest = name.partition(" ")
    if opens:
        return capital
    return f"{first.lower()} {rest}" if first in _ARTICLES and rest else name


def _lead(claim: Claim, asked: Asked) -> str:
    """The words before a quote: the short answer, and on whose word it stands."""
    if claim.written is not None:
        told = claim.speaker is None or claim.written.told
        return "" if told or claim.speaker is None else f"According to {by(claim.speaker)}: "
    if claim.speaker is None:
        if asked == "whether":
            return f"{ITSELF}: "
        return "" if claim.answer_span is None else f"{_short(claim)}: "
    if asked == "whether":
        return f"{stands(claim.speaker, claim.position)}: "
    if claim.names_speaker:
        return f"{by(claim.speaker, opens=True)}: "
    who = by(claim.speaker)
    if claim.answer_span is None:
        return f"According to {who}: "
    return f"{_short(claim)}, according to {who}: "


def _short(claim: Claim) -> str:
    """The short answers, each on one line."""
    return ", ".join(" ".join(answer.split()) for answer in claim.answers)
