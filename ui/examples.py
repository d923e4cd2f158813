"""Example questions, made from words of the loaded documents.

No language model: a question is a fixed frame around a name or a short quotation as it
stands in a sentence. Offered are only those that the assistant answers with a sentence
that holds these words. Same documents, same examples.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice, zip_longest
from typing import Protocol

from rag.types import Answer, Document, DocumentEntry

MOST = 4
_MOST_ASKED = 24
"""Questions tried; each costs one answer, some hundredths of a second."""
_MOST_DOCUMENTS = 12
_READ = 8_000
"""Characters of a document that are looked at."""
_MOST_OF_A_KIND = 3
"""Questions of one kind from one document."""
_LONGEST = 80

_SENTENCE = re.compile(r"[^.!?\n]+[.!?]?")
_WORD = re.compile(r"\w+(?:[-’']\w+)*")
_SAYING = "said|says|told|stated|argued|claimed|added|announced|warned|wrote"
_SCARE = re.compile(r"[‘“\"]([^\W\d_][\w-]*(?: [\w-]+){1,4})[’”\"]")
_CALLED = re.compile(
    r"\b(?:called|calling) (?!for\b|on\b)([^,;:‘“\"]{4,40}?) ((?:an? |the )?)"
    r"[‘“\"]([^’”\"]{3,40})[’”\"]"
)
_TITLE = re.compile(
    r"\b(?:President|Minister|Leader|Chancellor|Governor|Mayor|Senator|Judge|Prosecutor|General|"
    r"Professor|Director|Secretary|King|Queen|Prince|Princess|Ambassador|Chairman|Chairwoman) "
    r"([^\W\d_]\S+ [^\W\d_]\S+)$"
)
_TOPIC = re.compile(r"\b[a-z]{7,}(?<!ly)(?<!ing)(?<!ed)(?<!ive)(?<!al)(?<!ous)(?<!ble)\b(?! [a-z])")
_DEFINED = re.compile(
    r"^(?:(The )|An? )?([^\W\d_][\w-]*(?: (?!of\b|in\b)[\w-]+){0,2}?) (is|are) (?:an?|the) \w"
)
_ROLE = re.compile(
    r"(?:person|man|woman|minister|president|director|professor|editor|author|leader|officer|"
    r"lawyer|prosecutor|governor|senator|writer|journalist|scientist|founder|expert|analyst)$"
)
_KINDS = 5
_AFTER_A_TERM = re.compile(
    r"\s*(?:[.,;:!?)]|$|(?:and|or|of|to|in|on|for|from|with|by|at|as|that|who|which|when|while|under|during|after|before|over|is|are|was|were|has|"
    r"had|have|will|would|did|could|should)\b)"
)
_NOT_NAMES = frozenset(
    "a an and although as at but by despite during following for from he her his however i if in "
    "it its meanwhile moreover no not of on one or our she since so such that the their there "
    "therefore these they this those though thus to under we what when where which while who why "
    "with you your mr mrs ms dr january february march april may june july august september "
    "october november december monday tuesday wednesday thursday friday saturday sunday".split()
)


class Asks(Protocol):
    """What is needed of an ``Assistant``."""

    def ask(self, question: str, *, quotes_only: bool = False) -> Answer: ...
    def documents(self) -> list[DocumentEntry]: ...
    def document(self, document_id: str) -> Document: ...


@dataclass(frozen=True, slots=True)
class Candidate:
    """A question, and the words of the document that it is about."""

    question: str
    about: str


def examples(assistant: Asks, most: int = MOST) -> list[str]:
    """At most ``most`` questions that ``assistant`` answers from its documents."""
    entries = assistant.documents()
    step = max(1, len(entries) // _MOST_DOCUMENTS)
    found = [
        candidates(assistant.document(entry.id).text[:_READ], first=number)
        for number, entry in enumerate(entries[::step][:_MOST_DOCUMENTS])
    ]
    # One of each document, then a second of each, and so on; no two about the same.
    turns = chain.from_iterable(zip_longest(*found))
    distinct: dict[str, Candidate] = {}
    for candidate in turns:
        if candidate:
            distinct.setdefault(candidate.about, candidate)
    fit: list[Candidate] = []
    for candidate in islice(distinct.values(), _MOST_ASKED):
        if any(candidate.about in other.about or other.about in candidate.about for other in fit):
            continue
        answer = assistant.ask(candidate.question, quotes_only=True)  # sends nothing anywhere
        if answer.outcome == "answered" and candidate.about in answer.claims[0].text:
            fit.append(candidate)
            if len(fit) == most:
                break
    return [candidate.question for candidate in fit]


def candidates(text: str, first: int = 0) -> list[Candidate]:
    """Questions that a sentence of ``text`` may answer, of each kind in turn.

    ``first`` turns the order of the kinds, so that not every document begins alike.
    """
    kinds: list[list[Candidate]] = [[] for _ in range(_KINDS)]
    for match in _SENTENCE.finditer(text):
        sentence = " ".join(match[0].split())
        for kind, candidate in _of_sentence(sentence):
            known = any(candidate.about == other.about for other in kinds[kind])
            if not known and len(candidate.question) <= _LONGEST:
                kinds[kind].append(candidate)
    turned = kinds[first % _KINDS :] + kinds[: first % _KINDS]
    few = [found[:_MOST_OF_A_KIND] for found in turned]
    return [found for found in chain.from_iterable(zip_longest(*few)) if found]


def _of_sentence(sentence: str) -> Iterator[tuple[int, Candidate]]:
    found = names(sentence)
    terms = _terms(sentence, found)
    for start, end in found:
        name = sentence[start:end]
        if re.match(rf" (?:{_SAYING})\b", sentence[end:]):
            about = [term for term in terms if name not in term] or _TOPIC.findall(sentence)
            topic = f" about {about[0]}" if about else ""
            yield 0, Candidate(f"What did {_the(sentence, start)}{name} say{topic}?", name)
        role = re.search(r"([a-z]+) $", sentence[:start])
        if name.count(" ") == 1 and role and _ROLE.search(role[1]):
            yield 1, Candidate(f"Who is {name}?", name)
        titled = _TITLE.search(name)
        if titled:
            yield 1, Candidate(f"Who is {titled[1]}?", titled[1])
    called = _CALLED.search(sentence)
    if called:
        what, article, quote = called.groups()
        yield 2, Candidate(f"Who called {what} {article}“{quote}”?", quote)
    for quote in _SCARE.findall(sentence):
        if quote[0].islower() and not called:
            yield 2, Candidate(f"Who spoke of “{quote}”?", quote)
    defined = _DEFINED.match(sentence)
    if defined and defined[2].casefold() not in _NOT_NAMES:
        article, term, verb = defined[1] or "", defined[2], defined[3]
        if not article and " " in term and term[1:].islower():
            term = term[0].lower() + term[1:]
        yield 3, Candidate(f"What {verb} {article.lower()}{term}?", defined[2])
    for term in terms:
        if " " in term.removeprefix("the "):
            yield 4, Candidate(f"What is said about {term}?", term.removeprefix("the "))


def _terms(sentence: str, found: Sequence[tuple[int, int]]) -> list[str]:
    """Names that stand on their own: no adjectives, nothing owned, not who is spoken to."""
    return [
        _the(sentence, start) + sentence[start:end]
        for start, end in found
        if _AFTER_A_TERM.match(sentence[end:])
        and not re.search(r"(?:[’']s?|\btold|\bto|\b[Aa]n?) $", sentence[:start])
    ]


def _the(sentence: str, start: int) -> str:
    return "the " if sentence[:start].casefold().endswith("the ") else ""


def names(sentence: str) -> list[tuple[int, int]]:
    """Spans of runs of capitalised words; a lone word at the beginning is none."""
    found: list[tuple[int, int]] = []
    first = None
    for word in _WORD.finditer(sentence):
        start, end = word.span()
        first = first or (start, end)
        owned = re.search(r"[’']s?$", word[0])
        end -= len(owned[0]) if owned else 0
        if not sentence[start].isupper() or word[0].casefold() in _NOT_NAMES:
            continue
        if found and sentence[found[-1][1] : start] == " ":
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return [
        (start, end)
        for start, end in found
        if (start, end) != first and re.search(r"\w\w$", sentence[start:end])
    ]
