"""Which of the reader's spans to believe, and how far.

A span is scored by a weighted sum of ``FEATURES``, spans that say the same are put
together, and the logistic function of another weighted sum is the probability that the
answer is right. ``python -m eval calibrate`` fits the weights and writes ``reader.json``.
"""

from __future__ import annotations

import json
import re
import threading
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np
import Stemmer
from numpy.typing import NDArray

from rag.numerals import DIGITS
from rag.retrieve import content_words

Floats = NDArray[np.float64]

FEATURES = (
    "span",  # score of the span less that of "no answer", both as the model gives them
    "answers",  # the model's score that the passage answers at all
    "retrieval",  # the passage's fused score, 0 to 1
    "cosine",  # of question and passage, -1 to 1
    "coverage",  # share of the question's weight that the passage's words carry, 0 to 1
    "missing",  # rarity of the rarest word of the question that the passage lacks, 0 to 1
    "words",  # logarithm of the span's length in words
    "share",  # logarithm of its share among all spans of its window
    "nearby",  # as coverage, by the words of the quoted sentences alone
    "kind",  # 1 if it is of the kind that the question asks for, -1 if not, 0 if any would do
    "lacking",  # logarithm of 1 + the question's words that the quoted sentences lack, by weight
    "opposed",  # 1 if the quoted sentences say the opposite of what the question takes for granted,
    # or deny the span, or it is too vague for what is asked
)
"""What each span is ranked by, in the order of the weights."""

_KNOWN = tuple(FEATURES.index(name) for name in ("retrieval", "cosine", "coverage", "missing"))
"""Those that are known of a passage before it is read."""
_READ = tuple(at for at in range(len(FEATURES)) if at not in _KNOWN)

JUDGED = (
    *FEATURES,
    "agreement",  # logarithm of 1 + the weight of other passages that say the same
    "dominance",  # logarithm of its share among itself and the answers behind it (softmax)
)
"""What the probability of an answer is made of."""


_FAR = 4.0
"""Log odds below the best of those that say the same from which a span is no support: the
words stand there, but not as an answer."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """What was fitted; see ``python -m eval calibrate``."""

    rank: tuple[float, ...]
    """Weights of ``FEATURES``: their sum orders the spans."""
    probability: tuple[float, ...]
    """Weights of ``JUDGED``: the logistic function of their sum and ``intercept`` is the
    probability that the answer is right."""
    intercept: float
    seen: tuple[tuple[float, float], ...]
    """The least and the greatest value of each of ``FEATURES`` that the fit has met."""
    answered: float
    """Default threshold: least probability of the first answer to be ``answered``."""
    closest: float
    """Default threshold: least probability of the first answer to be ``closest``."""

    @classmethod
    @lru_cache(maxsize=1)
    def load(cls) -> Parameters:
        """As shipped in ``reader.json``."""
        found = json.loads(files("rag").joinpath("reader.json").read_text("utf-8"))
        rank = tuple(found["rank"][name] for name in FEATURES)
        probability = tuple(found["probability"][name] for name in JUDGED)
        seen = tuple((least, most) for least, most in map(found["seen"].get, FEATURES))
        return cls(**{**found, "rank": rank, "probability": probability, "seen": seen})

    def within(self, features: Floats) -> Floats:
        """``features``, shape ``(spans, len(FEATURES))``, in the ranges that the fit has met:
        beyond them a weight may turn what speaks against an answer into what speaks for it."""
        least, most = np.array(self.seen).T
        found: Floats = np.clip(features, least, most)
        return found

    def unread(self, known: Sequence[float]) -> float:
        """The rank score that a span of a passage that was not read might have at most.

        ``known`` are its retrieval, cosine, coverage and missing.
        """
        facts = sum(self.rank[at] * value for at, value in zip(_KNOWN, known, strict=True))
        return facts + sum(max(self.rank[at] * bound for bound in self.seen[at]) for at in _READ)

    def to_json(self) -> str:
        found = asdict(self)
        for name, names in (("rank", FEATURES), ("probability", JUDGED), ("seen", FEATURES)):
            found[name] = dict(zip(names, found[name], strict=True))
        return json.dumps(found, indent=2) + "\n"


@dataclass(frozen=True, slots=True)
class Judged:
    """Spans that say the same, as positions in what was judged."""

    members: tuple[int, ...]
    """Best first; the first one's features count."""
    features: tuple[float, ...]
    """In the order of ``JUDGED``."""
    score: float
    """Rank score of the best member."""


def group(
    features: Floats, said: Sequence[str], passages: Sequence[int], rank: Floats
) -> list[Judged]:
    """The answers that the spans amount to, best first.

    ``features`` has shape ``(spans, len(FEATURES))``, ``said`` the spans' words, and
    ``passages`` tells which spans are of one passage. ``rank`` are the weights.
    """
    scores = features @ rank
    order = np.argsort(-scores.round(6), kind="stable")
    groups: list[list[int]] = []  # each ordered by score, as they are filled in that order
    names: list[tuple[str, ...]] = []
    for at in order:
        words = tuple(words_of(said[at]))
        same = next((n for n, other in enumerate(names) if agree(words, other)), None)
        if same is None:
            groups.append([int(at)])
            names.append(words)
        elif scores[at] >= scores[groups[same][0]] - _FAR:
            groups[same].append(int(at))
    best = [float(scores[members[0]]) for members in groups]
    # Logarithm of the sum of the exponentials of each and all behind it.
    behind = np.logaddexp.accumulate(np.array(best)[::-1])[::-1]
    found = []
    for number, members in enumerate(groups):
        seen = {passages[members[0]]}
        weight = 0.0
        for other in members[1:]:
            if passages[other] not in seen:
                seen.add(passages[other])
                weight += float(np.exp(scores[other] - best[number]))
        dominance = best[number] - float(behind[number])
        found.append(
            Judged(
                tuple(members),
                (*features[members[0]].tolist(), float(np.log1p(weight)), dominance),
                best[number],
            )
        )
    return found


def probabilities(
    judged: Sequence[Judged], parameters: Parameters, competing: bool = True
) -> Floats:
    """Of each answer, best first, 0 to 1, rounded to what is the same on every processor.

    Of answers that are ``competing`` one is right at most, and so are they together.
    """
    table = np.array([one.features for one in judged], np.float64).reshape(-1, len(JUDGED))
    logits = table @ np.array(parameters.probability) + parameters.intercept
    found: Floats = 1 / (1 + np.exp(-np.clip(logits, -50, 50)))
    if competing and len(found) > 1:
        found[1:] = np.minimum(found[1:], 1 - found[0])
    # The order is that of the rank scores; no answer is likelier than one before it.
    falling: Floats = np.minimum.accumulate(found).astype(np.float64)
    return falling.round(4)


def agree(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two short answers say the same: equal but for articles, or one the end of
    the other, as "Sobhani" is of "Ambassador Mehdi Sobhani". A possessive in what the
    longer one has more makes it another thing ("Iran's ministry", "ministry")."""
    short, long = sorted((tuple(one), tuple(other)), key=len)
    if short == long:
        return True
    if not short or long[-len(short) :] != short:
        return False
    extra = long[: -len(short)]
    return not any(
        any(letter.isdigit() for letter in word) or word in _TURNS or word.endswith(("'s", "s'"))
        for word in extra
    ) and not any(letter.isdigit() for letter in short[0])


_TURNS = frozenset("not no never non anti former ex of in for to and or but against".split())
_ARTICLES = frozenset(("a", "an", "the"))


def words_of(text: str) -> list[str]:
    straight = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    found = re.findall(r"\w[\w'.,-]*\w'?|\w", straight)
    return [DIGITS.get(word, word) for word in found if word not in _ARTICLES]


class Overlap:
    """How much of a question's words a passage holds, each weighted by its rarity."""

    def __init__(self, question: str, rarity: Callable[[str], float]) -> None:
        """``rarity`` gives 0 for a word that every passage holds, 1 for one that none does."""
        # A bit more than 0, as even common words count.
        self._weights = {stem(word): rarity(word) + 0.01 for word in content_words(question)}

    @property
    def words(self) -> int:
        """How many different content words the question has, by their stems."""
        return len(self._weights)

    def of(self, text: str) -> tuple[float, float]:
        """Share of the weight that ``text`` carries, and the greatest that it lacks."""
        held = stems(text)
        lacking = [weight for word, weight in self._weights.items() if word not in held]
        total = sum(self._weights.values())
        covered = 1 - sum(lacking) / total if total else 0.0
        return covered, max(lacking, default=0.0)


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """The stem of a lower-case word, by Snowball's English stemmer (Porter 2001)."""
    with _stemming:
        return str(_STEMMER.stemWord(word))


_STEMMER = Stemmer.Stemmer("english")
_stemming = threading.Lock()  # one stemmer serves one thread at a time


def stems(text: str) -> set[str]:
    """Of the content words of ``text``."""
    return set(map(stem, content_words(text)))


def sentences_of(
    sentences: Iterable[tuple[int, int]], start: int, end: int
) -> tuple[int, int] | None:
    """From the beginning of the first sentence that the span touches to the end of the last."""
    touched = [(s, e) for s, e in sentences if s < end and start < e]
    return (touched[0][0], touched[-1][1]) if touched else None
