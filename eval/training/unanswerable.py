"""Unanswerable examples: mined with full-text search, and made from answerable ones.

The ways are those in which the writers of SQuAD 2.0's unanswerable questions worked
(Rajpurkar et al. 2018, table 1): another entity, number or date; a negation; an antonym;
a question about what the passage only mentions, had here by taking the sentences away
that answer it, or by a question that another passage of the article answers.
"""

from __future__ import annotations

import random
import re
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from sentencex import get_sentence_boundaries

from eval.training.data import Example
from rag.opposites import PAIRS, antonyms
from rag.retrieve import STOP_WORDS, full_text_query

_MINED = 8
"""Passages that are looked at for each question."""

ANTONYMS = antonyms(
    f"""
    {PAIRS}; win lose; won lost; winner loser; buy sell; bought sold; gain loss; gained lost; like
    dislike; enter leave; entered left; join leave; joined left; left right; front back; beginning
    end; victory defeat; attack defend; attacked defended; agree disagree; agreed disagreed; give
    take; gave took; send receive; sent received; teach learn; taught learned; import export;
    imports exports; imported exported
    """
)
"""Those of the product, and those that tell the same story from its other side: put for each
other in a question about a passage that has one of them, they make it another question, too."""

_AUXILIARY = re.compile(
    r"\b(is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|must)\b", re.I
)
_NEGATED = re.compile(r"\b(?:not|never|no|without|except|\w+n't)\b", re.I)
_NUMBER = re.compile(r"\d[\d,.]*\d|\d")
_YEAR = re.compile(r"1\d{3}|20\d\d")
_NAME = re.compile(r"\b[A-Z][\w'’.-]*(?:\s+(?:(?:of|the|de|von|and)\s+)?[A-Z][\w'’.-]*)*")
_MONTHS = (
    "January February March April May June July August September October November December "
    "Monday Tuesday Wednesday Thursday Friday Saturday Sunday"
).split()


def mined(
    examples: Sequence[Example], shares: Mapping[str, float], dice: random.Random
) -> list[Example]:
    """For a share of the examples the same question with a passage that does not answer.

    ``shares`` is by source; 0 for one that is not named.

    Drawn from the best of our own full-text search over the passages of all ``examples``,
    without those that hold one of the answers.
    """
    articles: dict[str, str] = {}
    for example in examples:
        articles.setdefault(example.passage, example.article)
    passages = list(articles)
    titles = {example.passage: example.title for example in examples}
    index = sqlite3.connect(":memory:")
    # As in the product's store, so that the passages are those that it would read.
    index.execute(
        "CREATE VIRTUAL TABLE passages USING fts5"
        " (title, text, tokenize = 'porter unicode61 remove_diacritics 2')"
    )
    index.executemany(
        "INSERT INTO passages (rowid, title, text) VALUES (?, ?, ?)",
        ((row, titles[text], text) for row, text in enumerate(passages)),
    )
    found = []
    for example in examples:
        if dice.random() >= shares.get(example.source, 0.0):
            continue
        match = full_text_query(example.question)
        rows = index.execute(
            "SELECT rowid FROM passages WHERE passages MATCH ?"
            " ORDER BY bm25(passages, 2.0, 1.0), rowid LIMIT ?",
            (match, _MINED),
        ).fetchall()
        answers = {example.passage[start:end].casefold() for start, end in example.spans}
        others = [
            passages[row]
            for (row,) in rows
            if passages[row] != example.passage
            and not any(answer in passages[row].casefold() for answer in answers)
        ]
        if others:
            # The nearer ones more often: they are what the reader will be given.
            passage = others[min(int(dice.expovariate(0.6)), len(others) - 1)]
            found.append(
                replace(example, passage=passage, title=titles[passage], spans=(), kind="mined")
            )
    return found


def made(
    examples: Sequence[Example], shares: Mapping[str, float], dice: random.Random
) -> list[Example]:
    """For a share of the examples a version of it that the passage does not answer."""
    names: dict[str, list[str]] = defaultdict(list)
    for passage, article in {e.passage: e.article for e in examples}.items():
        names[article] += names_in(passage)
    ways: dict[str, tuple[float, Callable[[Example], Example | None]]] = {
        "another entity": (0.35, lambda e: _other_entity(e, names[e.article], dice)),
        "another number": (0.1, lambda e: _other_number(e, dice)),
        "negation": (0.1, lambda e: _negated(e, dice)),
        "antonym": (0.15, lambda e: _antonym(e, dice)),
        "only mentioned": (0.3, lambda e: _without_answer(e)),
    }
    found = []
    for example in examples:
        if dice.random() >= shares.get(example.source, 0.0):
            continue
        # The ways in a random order, heavier ones sooner (Efraimidis and Spirakis 2006).
        order = sorted(ways, key=lambda way: -(dice.random() ** (1 / ways[way][0])))
        for way in order:
            changed = ways[way][1](example)
            if changed is not None:
                found.append(replace(changed, spans=(), kind=f"made: {way}"))
                break
    return found


def names_in(text: str) -> list[str]:
    """Capitalised stretches that do not begin a sentence."""
    return [
        match.group().rstrip(".'’-")
        for match in _NAME.finditer(text)
        if match.start() > 1
        and text[match.start() - 2] not in '.!?:\n"“'
        and match.group().casefold() not in STOP_WORDS
    ]


def _other_entity(example: Example, near: Sequence[str], dice: random.Random) -> Example | None:
    """A name of the question becomes another one, of the same passage or article."""
    asked = example.question
    lower = asked.casefold()
    own = names_in(example.passage)
    present = [name for name in dict.fromkeys(own) if _has_word(lower, name.casefold())]
    if not present:
        return None
    name = dice.choice(present)
    answers = {example.passage[start:end].casefold() for start, end in example.spans}

    def fits(other: str) -> bool:
        one = other.casefold()
        return (
            not _has_word(lower, one)
            and not any(one in answer or answer in one for answer in answers)
            and (other in _MONTHS) == (name in _MONTHS)
            and len(other) > 2
        )

    # Half from the passage itself, where the changed question is hardest to tell.
    pool = [o for o in own if fits(o)] if dice.random() < 0.5 else []
    pool = pool or [o for o in near if fits(o) and o not in own] or [o for o in own if fits(o)]
    if not pool:
        return None
    other = dice.choice(pool)
    found = re.search(rf"(?<!\w){re.escape(name)}(?!\w)", asked, re.IGNORECASE)
    if found is None:  # a letter whose lower case is two
        return None
    return replace(example, question=asked[: found.start()] + other + asked[found.end() :])


def _other_number(example: Example, dice: random.Random) -> Example | None:
    changed = other_number(example.question, example.passage, dice)
    return None if changed is None else replace(example, question=changed)


def other_number(text: str, passage: str, dice: random.Random) -> str | None:
    """``text`` with its first number become another one, often one of ``passage``."""
    match = _NUMBER.search(text)
    if not match:
        return None
    old = match.group()
    pool = [n for n in _NUMBER.findall(passage) if len(n) == len(old) and n != old]
    if _YEAR.fullmatch(old) and (not pool or dice.random() < 0.5):
        new = str(int(old) + dice.choice([-30, -10, -5, -2, -1, 1, 2, 5, 10, 30]))
    elif pool:
        new = dice.choice(pool)
    else:
        digits = re.sub(r"\D", "", old)
        new = str(max(1, int(digits) + dice.choice([-3, -2, -1, 1, 2, 3, 7])))
    if new == old:
        return None
    return text[: match.start()] + new + text[match.end() :]


def _negated(example: Example, dice: random.Random) -> Example | None:
    """ "Who was elected" becomes "Who wasn't elected"."""
    asked = example.question
    if _NEGATED.search(asked):
        return None
    found = [match for match in _AUXILIARY.finditer(asked) if match.start() > 0]
    if not found:
        return None
    match = found[0]
    before, word, rest = asked[: match.start()], match.group(), asked[match.end() :]
    one_verb = word.lower() in {"is", "are", "was", "were", "has", "have", "had"}
    if one_verb and dice.random() < 0.3:
        return replace(example, question=f"{before}{word} never{rest}")
    short = {"can": "can't", "will": "won't"}.get(word.lower(), word + "n't")
    return replace(example, question=before + short + rest)


def _antonym(example: Example, dice: random.Random) -> Example | None:
    changed = antonym(example.question, dice)
    return None if changed is None else replace(example, question=changed)


def antonym(text: str, dice: random.Random) -> str | None:
    """``text`` with one of its words become its opposite."""
    words = [match for match in re.finditer(r"\w+", text) if match.group().lower() in ANTONYMS]
    if not words:
        return None
    match = dice.choice(words)
    other = dice.choice(ANTONYMS[match.group().lower()])
    return text[: match.start()] + other + text[match.end() :]


def _without_answer(example: Example) -> Example | None:
    """The passage without the sentences that hold an answer, if the answer is then gone."""
    sentences = [
        (boundary["start_index"], boundary["end_index"])
        for boundary in get_sentence_boundaries("en", example.passage)
    ]
    kept = [
        example.passage[start:end]
        for start, end in sentences
        if not any(start < e and s < end for s, e in example.spans)
    ]
    left = " ".join(sentence.strip() for sentence in kept)
    answers = {example.passage[start:end].casefold() for start, end in example.spans}
    if len(left) < 80 or any(answer in left.casefold() for answer in answers):
        return None
    return replace(example, passage=left)


def _has_word(text: str, word: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) is not None
