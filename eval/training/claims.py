"""Sentences with passages that carry them, or do not: what the checker is trained on.

Each answered example gives a sentence that its passage carries and one that it does not, in
the same wording as far as possible, so that no wording tells which it is. To the same end
some passages are changed along with the sentence: then the changed one is carried, and the
true one is not.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from zlib import crc32

from sentencex import get_sentence_boundaries

from eval.training.data import Example, Row
from eval.training.phrasings import (
    attributed,
    joined,
    mended,
    opened,
    said_by,
    shortened,
    stated,
)
from eval.training.twists import DATES, known_names, twisted
from eval.training.unanswerable import mined
from eval.training.wording import in_curly_marks
from rag.retrieve import content_words

HELD_ROWS = 9000
"""HaluEval's rows from this number on are held out."""
_HELD_ARTICLES = 16
"""One in so many of the other sets' articles is, by the checksum of its title."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence with a passage."""

    question: str
    """What it answers; may be empty."""
    sentence: str
    title: str
    passage: str
    carried: bool
    kind: str
    spans: tuple[tuple[int, int], ...] | None
    """Where the passage answers the question, whatever the sentence says; empty where it does
    not, None where nothing was asked."""
    article: str


def held_out(example: Example | Row) -> bool:
    """Whether it is kept from training, for calibration and for the test."""
    source, _, name = example.article.partition("/")
    if source == "halueval":
        return int(name) >= HELD_ROWS
    return crc32(name.encode()) % _HELD_ARTICLES == 0


def for_training(examples: Sequence[Example]) -> list[Example]:
    """Without those held out, and without HaluEval's that share a sentence with one."""
    held = {
        part
        for example in examples
        if example.source == "halueval" and held_out(example)
        for part in _long_sentences(example.passage)
    }
    return [
        example
        for example in examples
        if not held_out(example)
        and not (example.source == "halueval" and held & _long_sentences(example.passage))
    ]


def _long_sentences(text: str) -> set[str]:
    return {text[start:end] for start, end in _sentences(text) if end - start > 40}


class Claims:
    """Makes them from examples."""

    def __init__(self, examples: Sequence[Example], dice: random.Random) -> None:
        """Everything that is drawn is drawn with ``dice``."""
        self._examples, self._dice = examples, dice
        self._answers: dict[str, list[str]] = defaultdict(list)
        self._names: dict[str, list[str]] = defaultdict(list)
        for example in examples:
            # In an order that is the same in every process, as a set's is not.
            answers = (example.passage[start:end] for start, end in example.spans)
            self._answers[example.article] += dict.fromkeys(answers)
        for passage, article in {e.passage: e.article for e in examples}.items():
            self._names[article] += known_names(passage)

    def made(self, chosen: Sequence[Example]) -> list[Claim]:
        """About two of each of ``chosen``."""
        found = []
        for example in chosen:
            found += self._pair(example)
        elsewhere = mined(chosen, dict.fromkeys(_MINED, 0.2), self._dice)
        own = {(e.question, e.source): e for e in chosen}
        for example in elsewhere:
            (carried, *_) = self._pair(own[example.question, example.source])
            found.append(
                replace(
                    carried,
                    title=example.title,
                    passage=self._excerpt(replace(example, spans=((0, 1),)))[0].passage,
                    carried=False,
                    kind="another passage",
                    spans=() if carried.question else None,
                )
            )
        return found

    def _pair(self, whole: Example) -> list[Claim]:
        dice = self._dice
        if dice.random() < 0.3:
            whole = replace(whole, title="")
        example, gold = self._excerpt(whole)
        answer = example.passage[slice(*dice.choice(example.spans))]
        form = dice.random()
        pair = None
        if example.invented and form < 0.5:
            pair = self._invented(example, answer, dice.random() < 0.2)
        elif form < 0.65:
            pair = self._answered(example, answer, dice.random() < 0.8)
        if pair is not None:
            (true, true_kind), (false, false_kind) = pair
            # Fragments say nothing without their question.
            bare = true_kind != "answer" and dice.random() < 0.25
            changed = None
        else:
            true, true_kind = self._told(example, gold, answer)
            found = twisted(
                true, example.passage, self._names[example.article], self._elsewhere(), dice
            )
            if found is None:
                return [self._claim(example, true, True, true_kind, dice.random() < 0.5)]
            false, false_kind = found
            bare = dice.random() < 0.5
            changed = self._changed(example, gold) if dice.random() < 0.2 else None
        if dice.random() < 0.06:
            true, false = opened(true, dice), opened(false, dice)
        if dice.random() < 0.1:
            true, false = true.rstrip("."), false.rstrip(".")
        claims = [
            self._claim(example, true, True, true_kind, bare),
            self._claim(example, false, False, false_kind, bare),
        ]
        if changed is not None:
            claims += self._turned(example, gold, changed)
        elif false_kind == "invented" and dice.random() < 0.25:
            claims.append(self._believed(example, false))
        elif false_kind != "invented" and dice.random() < 0.08:
            claims += self._spoken(example, gold)
        elif dice.random() < 0.12:
            left = _without(example.passage, gold)
            if len(left) > 60 and answer.casefold() not in left.casefold():
                gone = replace(example, passage=left, spans=())
                claims.append(self._claim(gone, true, False, "taken out", bare))
        return claims

    def _claim(self, example: Example, said: str, carried: bool, kind: str, bare: bool) -> Claim:
        passage = example.passage
        if example.source != "qed" and self._dice.random() < 0.2:
            passage = in_curly_marks(passage)
        question = "" if bare else example.question
        spans = None if bare else example.spans
        return Claim(question, said, example.title, passage, carried, kind, spans, example.article)

    def _invented(
        self, example: Example, answer: str, plain: bool
    ) -> tuple[tuple[str, str], tuple[str, str]]:
        """HaluEval's right and made-up answers; where it can be, both in the model's words."""
        right = None
        if not plain:
            right = mended(example.question, example.invented, answer, example.passage)
        return (right or answer, "mended" if right else "answer"), (example.invented, "invented")

    def _answered(
        self, example: Example, answer: str, whole: bool
    ) -> tuple[tuple[str, str], tuple[str, str]] | None:
        """The answer and another of the same kind, alone or in a sentence."""
        other = self._other(example, answer)
        if other is None:
            return None
        if whole:
            start = example.spans[0][0]
            before = example.passage[max(0, start - 20) : start]
            true, false = (stated(example.question, one, before) for one in (answer, other))
            if true and false:
                return (true, "stated"), (false, "stated, another answer")
        return (answer, "answer"), (other, "another answer")

    def _other(self, example: Example, answer: str) -> str | None:
        """What stands in the passage or answers another question about the article."""
        right = set(content_words(answer))
        for start, end in example.spans:
            right |= set(content_words(example.passage[start:end]))
        pool = [*known_names(example.passage), *re.findall(r"\d[\d,.]*\d|\d", example.passage)]
        pool += self._answers[example.article]
        asked = set(content_words(example.question))
        fits = [
            other
            for other in dict.fromkeys(pool)
            if _kind(other) == _kind(answer)
            and (words := set(content_words(other)))
            and not words & right
            and not words <= asked
        ]
        return self._dice.choice(fits) if fits else None

    def _told(self, example: Example, gold: tuple[int, int], answer: str) -> tuple[str, str]:
        """The passage's own sentence: copied, shortened, its speaker in front or taken off."""
        dice = self._dice
        sentence = joined(example.passage[slice(*gold)])
        if example.title and dice.random() < 0.5:
            sentence = re.sub("^(?:He|She|It)(?= )", lambda _: example.title, sentence)
        speaks = attributed(sentence)
        if speaks is not None and dice.random() < 0.7:
            who, what = speaks
            if dice.random() < 0.7:
                return said_by(who, what, dice), "speaker in front"
            return what, "speaker taken off"
        if dice.random() < 0.6:
            return shortened(sentence, answer, dice), "shortened"
        return sentence, "copied"

    def _changed(self, example: Example, gold: tuple[int, int]) -> str | None:
        """Another sentence for the gold one, whole."""
        sentence = example.passage[slice(*gold)]
        near = self._names[example.article]
        found = twisted(sentence, example.passage, near, self._elsewhere(), self._dice)
        return None if found is None else found[0]

    def _turned(self, example: Example, gold: tuple[int, int], changed: str) -> Iterator[Claim]:
        """The passage says the changed sentence, and no longer the true one."""
        sentence = example.passage[slice(*gold)]
        passage = example.passage[: gold[0]] + changed + example.passage[gold[1] :]
        turned = replace(example, passage=passage, spans=())
        # Whether it still answers the question is not known.
        yield self._claim(turned, joined(changed), True, "changed with it", True)
        yield self._claim(turned, joined(sentence), False, "passage changed", True)

    def _believed(self, example: Example, invented: str) -> Claim:
        """The passage says what was made up as well."""
        parts = [example.passage[slice(*bounds)] for bounds in _sentences(example.passage)]
        parts.insert(self._dice.randrange(len(parts) + 1), invented)
        turned = replace(example, passage=" ".join(parts), spans=())
        claim = self._claim(turned, invented, True, "changed with it", False)
        return replace(claim, spans=None)

    def _spoken(self, example: Example, gold: tuple[int, int]) -> Iterator[Claim]:
        """Somebody says it in the passage; the sentence names that one, or another."""
        dice = self._dice
        near = dict.fromkeys(self._names[example.article])
        people = [name for name in near if _PERSON.fullmatch(name) and not DATES & {*name.split()}]
        sentence = joined(example.passage[slice(*gold)])
        if len(people) < 2 or attributed(sentence) is not None:
            return
        who, other = dice.sample(people, 2)
        if set(content_words(who)) & set(content_words(other)):
            return
        told = dice.choice([said_by(who, sentence, dice), f"“{sentence[:-1]},” said {who}."])
        passage = example.passage[: gold[0]] + told + example.passage[gold[1] :]
        turned = replace(example, passage=passage, spans=())
        yield self._claim(turned, said_by(who, sentence, dice), True, "speaker", True)
        yield self._claim(turned, said_by(other, sentence, dice), False, "speaker", True)

    def _elsewhere(self) -> str:
        return self._dice.choice(self._examples).passage

    def _excerpt(self, example: Example) -> tuple[Example, tuple[int, int]]:
        """Some sentences around an answer, with it; and which of them hold it."""
        dice = self._dice
        bounds = _sentences(example.passage)
        start, end = dice.choice(example.spans)
        touched = [at for at, (s, e) in enumerate(bounds) if s < end and start < e] or [0]
        first, last = touched[0], touched[-1]
        gold = bounds[first][0], bounds[last][1]
        # HaluEval's questions need all of what is there, and that is short.
        room = 900 if example.source == "halueval" else dice.choice([250, 350, 450, 650])
        while True:
            before = first > 0 and bounds[last][1] - bounds[first - 1][0] <= room
            behind = last + 1 < len(bounds) and bounds[last + 1][1] - bounds[first][0] <= room
            if not before and not behind:
                break
            if before and (not behind or dice.random() < 0.5):
                first -= 1
            else:
                last += 1
        begin, stop = bounds[first][0], bounds[last][1]
        spans = tuple((s - begin, e - begin) for s, e in example.spans if begin <= s and e <= stop)
        cut = replace(example, passage=example.passage[begin:stop], spans=spans)
        return cut, (gold[0] - begin, gold[1] - begin)


_PERSON = re.compile(r"[A-Z][\w'’-]+(?: [A-Z][\w'’.-]+){1,2}")
_MINED = ("new_wiki", "qed", "halueval")
"""What a post or a review is asked, others answer too."""


@lru_cache(maxsize=20_000)
def _sentences(text: str) -> tuple[tuple[int, int], ...]:
    """Bounds of the sentences, without the white space around them; at least one."""
    found = []
    for boundary in get_sentence_boundaries("en", text):
        start, end = boundary["start_index"], boundary["end_index"]
        part = text[start:end]
        if part.strip():
            start += len(part) - len(part.lstrip())
            found.append((start, start + len(part.strip())))
    return tuple(found) or ((0, len(text)),)


def _without(passage: str, gold: tuple[int, int]) -> str:
    return " ".join((passage[: gold[0]] + " " + passage[gold[1] :]).split())


def _kind(text: str) -> str:
    if any(letter.isdigit() for letter in text) or DATES & set(text.split()):
        return "number"
    return "name" if text[:1].isupper() else "words"
