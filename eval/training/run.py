"""``python -m eval train``: rebuild the reader's weights from the training sets.

The run writes checkpoints into its folder and goes on from the last one when it is
started again; ``log.jsonl`` there holds the loss and the scores on a sample of SQuAD
2.0's development questions (half of its articles), ``log.svg`` the plot.
"""

from __future__ import annotations

import ctypes
import json
import math
import platform
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional

from eval.datasets import Collection, collection
from eval.metrics import auroc, exact_match, token_f1
from eval.training.data import SOURCES, Example, load
from eval.training.model import ReadingModel, load_encoder, to_bert
from eval.training.unanswerable import made, mined
from rag.embed import PACKAGED, folder_of
from rag.errors import SaysoError
from rag.pairs import Scored, Window, best_spans, windows

_SCORED = 1000
"""Development questions that are scored along the way."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that shapes the weights; the defaults made those that are shipped."""

    epochs: int = 3
    rate: float = 2e-4
    """Peak learning rate: reached after ``warm_up`` of the steps, then falling to 0."""
    warm_up: float = 0.06
    decay: float = 0.01
    dropout: float = 0.1
    batch_tokens: int = 6144
    averaging: float = 0.998
    """Of the weights that are scored and shipped (Polyak and Juditsky 1992)."""
    answers_weight: float = 0.5
    """Of the loss of "the passage answers at all" against that of the span."""
    title_dropout: float = 0.5
    sources: tuple[str, ...] = SOURCES
    share: float = 1.0
    """Of the answered examples that are used; less for a quick comparison."""
    mined: float = 1.0
    """Scales the shares of mined and of made unanswerables; 0 for none."""
    made: float = 1.0
    seed: int = 1


_MINED = {"new_wiki": 1.0, "qed": 0.7, "halueval": 0.4}
"""Share of the questions that are also put to another passage. Those about reviews and
posts ("What does the writer want?") would be answered by many."""
_MADE = {"new_wiki": 0.9, "qed": 0.6, "halueval": 0.4, "reddit": 0.5, "amazon": 0.5}


@dataclass(frozen=True, slots=True)
class Item:
    """An example as numbers."""

    window: Window
    start: tuple[tuple[int, float], ...]
    """Tokens where the answer begins, with the share of the annotators who say so."""
    end: tuple[tuple[int, float], ...]
    answers: bool


def train(
    recipe: Recipe, data: Path, dev: Path, folder: Path, device: str, every_seconds: float
) -> Path:
    """Train, or go on training, in ``folder``; the path of the finished weights."""
    _keep_memory()
    torch.manual_seed(recipe.seed)
    encoder = folder_of(PACKAGED)
    tokenizer = Tokenizer.from_file(str(encoder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    model = ReadingModel(recipe.dropout)
    load_encoder(model, encoder)
    model.to(device)
    trained = {name: p for name, p in model.named_parameters() if p.requires_grad}
    plain = [p for name, p in trained.items() if p.ndim < 2]
    rest = [p for name, p in trained.items() if p.ndim >= 2]
    optimiser = torch.optim.AdamW(
        [{"params": rest, "weight_decay": recipe.decay}, {"params": plain, "weight_decay": 0.0}],
        lr=recipe.rate,
        betas=(0.9, 0.98),
        fused=True,
    )
    average = {name: p.detach().clone() for name, p in trained.items()}
    folder.mkdir(parents=True, exist_ok=True)
    questions = _sample(collection("squad", dev))
    answered = load(data, recipe.sources)
    answered = random.Random(recipe.seed).sample(answered, round(recipe.share * len(answered)))
    step, total = 0, 0
    first_epoch, first_batch = 0, 0
    state = folder / "checkpoint.safetensors"
    if state.exists():
        position = _restore(state, recipe, trained, average, optimiser)
        step, first_epoch, first_batch = (
            position["step"],
            position["epoch"],
            position["batch"],
        )
        print(f"Going on from step {step}.", flush=True)
    saved = time.monotonic()
    losses: list[float] = []
    for epoch in range(first_epoch, recipe.epochs):
        batches = _epoch(answered, recipe, epoch, tokenizer)
        total = len(batches) * recipe.epochs
        if step == 0:
            print(f"{len(batches)} steps an epoch, {total} in all.", flush=True)
        for number in range(first_batch, len(batches)):
            for group in optimiser.param_groups:
                group["lr"] = recipe.rate * _slope(step / total, recipe.warm_up)
            model.train()
            loss = _loss(model, batches[number], recipe, device)
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(trained.values(), 1.0)
            optimiser.step()
            optimiser.zero_grad()
            step += 1
            kept = min(recipe.averaging, (step + 1) / (step + 10))
            torch._foreach_lerp_(list(average.values()), list(trained.values()), 1 - kept)
            losses.append(float(loss.detach()))
            if step % 50 == 0:
                entry: dict[str, float] = {
                    "step": step,
                    "loss": round(sum(losses) / len(losses), 4),
                    "seconds": round(time.monotonic() - saved, 1),
                }
                losses.clear()
                if step % 500 == 0 or step == total:
                    with _averaged(trained, average):
                        entry |= score(model, tokenizer, questions, device)
                _log(folder, entry)
            if time.monotonic() - saved > every_seconds:
                _save(state, recipe, trained, average, optimiser, step, epoch, number + 1)
                saved = time.monotonic()
        first_batch = 0
        _save(state, recipe, trained, average, optimiser, step, epoch + 1, 0)
    with _averaged(trained, average):
        _log(folder, {"step": step, **score(model, tokenizer, questions, device)})
        weights = to_bert({n: w.detach().cpu() for n, w in model.state_dict().items()})
    target = folder / "reader.safetensors"
    save_file({n: w.to(torch.float16).contiguous() for n, w in weights.items()}, target)
    return target


def _epoch(
    answered: Sequence[Example], recipe: Recipe, epoch: int, tokenizer: Tokenizer
) -> list[list[Item]]:
    """All batches of an epoch; the same for the same recipe and epoch."""
    dice = random.Random(recipe.seed * 1000 + epoch)
    examples = list(answered)
    examples += mined(answered, {s: recipe.mined * share for s, share in _MINED.items()}, dice)
    examples += made(answered, {s: recipe.made * share for s, share in _MADE.items()}, dice)
    dice.shuffle(examples)
    items = list(_items(examples, recipe, tokenizer, dice))
    batches: list[list[Item]] = []
    # Alike in length within a batch, so that little of it is padding; batches of a run of
    # examples only, so that an epoch's examples come in about their random order.
    run = 60 * recipe.batch_tokens // 150
    for begin in range(0, len(items), run):
        ordered = sorted(items[begin : begin + run], key=lambda item: len(item.window.ids))
        batch: list[Item] = []
        for item in ordered:
            if batch and (len(batch) + 1) * len(item.window.ids) > recipe.batch_tokens:
                batches.append(batch)
                batch = []
            batch.append(item)
        batches.append(batch)
    dice.shuffle(batches)
    return batches


def _items(
    examples: Sequence[Example], recipe: Recipe, tokenizer: Tokenizer, dice: random.Random
) -> Iterator[Item]:
    texts = {t for e in examples for t in (e.question, e.title, e.passage)}
    ordered = sorted(texts)
    encoded = dict(
        zip(ordered, tokenizer.encode_batch(ordered, add_special_tokens=False), strict=True)
    )
    for example in examples:
        passage = encoded[example.passage]
        titled = example.title and dice.random() >= recipe.title_dropout
        found = windows(
            tokenizer,
            encoded[example.question].ids,
            encoded[example.title].ids if titled else (),
            passage.ids,
            passage.offsets,
        )
        labels = [_label(window, example.spans) for window in found]
        good = [at for at, (start, _) in enumerate(labels) if start]
        at = dice.choice(good) if good and dice.random() < 0.85 else dice.randrange(len(found))
        start, end = labels[at]
        yield Item(found[at], start or ((0, 1.0),), end or ((0, 1.0),), bool(start))


Targets = tuple[tuple[int, float], ...]


def _label(window: Window, spans: Sequence[tuple[int, int]]) -> tuple[Targets, Targets]:
    """Where the spans begin and end in the window; empty where none lies in it."""
    start: dict[int, float] = {}
    end: dict[int, float] = {}
    inside = []
    for first, last in spans:
        tokens = [at for at, (s, e) in enumerate(window.offsets) if s < last and first < e]
        if (
            tokens
            and window.offsets[tokens[0]][0] <= first
            and window.offsets[tokens[-1]][1] >= last
        ):
            inside.append((window.first + tokens[0], window.first + tokens[-1]))
    for one, other in inside:
        start[one] = start.get(one, 0.0) + 1 / len(inside)
        end[other] = end.get(other, 0.0) + 1 / len(inside)
    return tuple(sorted(start.items())), tuple(sorted(end.items()))


def _loss(model: ReadingModel, batch: Sequence[Item], recipe: Recipe, device: str) -> Tensor:
    """Cross entropy of start and end against the annotators' shares, and of answering."""
    ids, types, lengths = pack([item.window for item in batch], device)
    start = torch.zeros(ids.shape, device=device)
    end = torch.zeros(ids.shape, device=device)
    for row, item in enumerate(batch):
        for token, share in item.start:
            start[row, token] = share
        for token, share in item.end:
            end[row, token] = share
    scores = model(ids, types, lengths)
    # No answer begins in the question, the title or the padding.
    tokens = torch.arange(ids.shape[1], device=device)
    first = torch.tensor([item.window.first for item in batch], device=device)
    last = torch.tensor([len(item.window.ids) - 1 for item in batch], device=device)
    allowed = (tokens >= first[:, None]) & (tokens < last[:, None]) | (tokens == 0)
    masked = scores[..., :2].masked_fill(~allowed[..., None], -1e4)
    spans = functional.cross_entropy(masked[..., 0], start) + functional.cross_entropy(
        masked[..., 1], end
    )
    answers = torch.tensor([float(item.answers) for item in batch], device=device)
    judged = functional.binary_cross_entropy_with_logits(scores[:, 0, 2], answers)
    return spans / 2 + recipe.answers_weight * judged


def pack(batch: Sequence[Window], device: str) -> tuple[Tensor, Tensor, Tensor]:
    """Ids, token types and lengths of windows, padded to the longest."""
    lengths = [len(window.ids) for window in batch]
    ids = np.zeros((len(batch), max(lengths)), np.int64)
    types = np.zeros_like(ids)
    for row, window in enumerate(batch):
        ids[row, : lengths[row]] = window.ids
        types[row, window.title : lengths[row]] = 1
    return (
        torch.from_numpy(ids).to(device),
        torch.from_numpy(types).to(device),
        torch.tensor(lengths, device=device),
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """A development question with its paragraph."""

    question: str
    title: str
    passage: str
    answers: tuple[str, ...]


def _sample(squad: Collection) -> list[Asked]:
    """Every n-th question with its own paragraph, answerable or not."""
    texts = {document.id: document for document in squad.documents}
    asked = [
        Asked(q.text, texts[q.document].title, texts[q.document].text, q.answers)
        for q in squad.questions
    ]
    return asked[:: max(1, len(asked) // _SCORED)]


def score(
    model: ReadingModel, tokenizer: Tokenizer, questions: Sequence[Asked], device: str
) -> dict[str, float]:
    """EM and F1 of the answerable, AUROC of span less null score and of the answers head."""
    model.eval()
    read: list[tuple[int, Window]] = []
    for number, asked in enumerate(questions):
        passage = tokenizer.encode(asked.passage, add_special_tokens=False)
        read += [
            (number, window)
            for window in windows(
                tokenizer,
                tokenizer.encode(asked.question, add_special_tokens=False).ids,
                tokenizer.encode(asked.title, add_special_tokens=False).ids,
                passage.ids,
                passage.offsets,
            )
        ]
    read.sort(key=lambda pair: len(pair[1].ids))
    best = [(-math.inf, "")] * len(questions)
    answers = [-math.inf] * len(questions)
    for begin in range(0, len(read), 32):
        part = read[begin : begin + 32]
        with torch.no_grad():
            scores = model(*pack([window for _, window in part], device)).cpu().numpy()
        for (number, window), row in zip(part, scores, strict=True):
            for found in best_spans(Scored(window, row[:, 0], row[:, 1], float(row[0, 2])), 1):
                text = questions[number].passage[found.start : found.end]
                best[number] = max(best[number], (found.score, text))
            answers[number] = max(answers[number], float(row[0, 2]))
    truths = [bool(asked.answers) for asked in questions]
    given = [
        (text, asked.answers)
        for (_, text), asked in zip(best, questions, strict=True)
        if asked.answers
    ]
    return {
        "exact_match": round(sum(exact_match(*pair) for pair in given) / len(given), 4),
        "f1": round(sum(token_f1(*pair) for pair in given) / len(given), 4),
        "auroc_span": round(auroc([score for score, _ in best], truths), 4),
        "auroc_answers": round(auroc(answers, truths), 4),
    }


class _averaged:  # noqa: N801 - reads as a statement
    """Within it the model has the averaged weights."""

    def __init__(self, trained: Mapping[str, Tensor], average: dict[str, Tensor]) -> None:
        self._trained, self._average = trained, average

    def __enter__(self) -> None:
        self._kept = {name: p.detach().clone() for name, p in self._trained.items()}
        with torch.no_grad():
            for name, p in self._trained.items():
                p.copy_(self._average[name])

    def __exit__(self, *_: object) -> None:
        with torch.no_grad():
            for name, p in self._trained.items():
                p.copy_(self._kept[name])


def _slope(done: float, warm_up: float) -> float:
    return done / warm_up if done < warm_up else max(0.0, (1 - done) / (1 - warm_up))


def _save(
    path: Path,
    recipe: Recipe,
    trained: Mapping[str, Tensor],
    average: dict[str, Tensor],
    optimiser: torch.optim.Optimizer,
    step: int,
    epoch: int,
    batch: int,
) -> None:
    tensors: dict[str, Tensor] = {}
    for name, p in trained.items():
        tensors["trained/" + name] = p.detach()
        tensors["average/" + name] = average[name]
        for key in ("exp_avg", "exp_avg_sq"):
            tensors[f"{key}/{name}"] = optimiser.state[p][key]
    position = {"recipe": _plain(recipe), "step": step, "epoch": epoch, "batch": batch}
    partial = path.with_suffix(".partial")
    save_file(
        {name: tensor.contiguous() for name, tensor in tensors.items()},
        partial,
        {"position": json.dumps(position)},
    )
    partial.replace(path)


def _restore(
    path: Path,
    recipe: Recipe,
    trained: Mapping[str, Tensor],
    average: dict[str, Tensor],
    optimiser: torch.optim.Optimizer,
) -> dict[str, int]:
    """Where the run was; raises ``SaysoError`` when it was another recipe's."""
    from safetensors import safe_open

    with safe_open(path, "pt") as opened:
        found = json.loads(opened.metadata()["position"])
    if found.pop("recipe") != _plain(recipe):
        raise SaysoError(f"{path} is of another recipe. Name another folder, or delete it.")
    position: dict[str, int] = found
    tensors = load_file(path)
    with torch.no_grad():
        for name, p in trained.items():
            p.copy_(tensors["trained/" + name])
            average[name].copy_(tensors["average/" + name])
            optimiser.state[p] = {
                "step": torch.tensor(float(position["step"])),
                **{key: tensors[f"{key}/{name}"].to(p.device) for key in ("exp_avg", "exp_avg_sq")},
            }
    return position


def _plain(recipe: Recipe) -> dict[str, object]:
    found: dict[str, object] = json.loads(json.dumps(asdict(recipe)))
    return found


def _log(folder: Path, entry: dict[str, float]) -> None:
    with (folder / "log.jsonl").open("a", encoding="utf-8") as lines:
        lines.write(json.dumps(entry) + "\n")
    print("  ".join(f"{key} {value}" for key, value in entry.items()), flush=True)


def _keep_memory() -> None:
    """Let the C library keep what is freed: handing large blocks back to the system and
    getting them again takes half of a training step otherwise."""
    if platform.libc_ver()[0] == "glibc":
        libc = ctypes.CDLL(None)
        libc.mallopt(-3, 1 << 30)  # M_MMAP_THRESHOLD
        libc.mallopt(-1, 2**31 - 1)  # M_TRIM_THRESHOLD


def recipe_from(given: Sequence[str]) -> Recipe:
    """``name=value`` pairs on top of the defaults; raises ``SaysoError`` for another name."""
    known = {field.name: getattr(Recipe(), field.name) for field in fields(Recipe)}
    found: dict[str, object] = {}
    for pair in given:
        name, _, value = pair.partition("=")
        if name not in known:
            raise SaysoError(f"'{name}' is not of the recipe; known: {', '.join(known)}")
        kind = type(known[name])
        try:
            found[name] = tuple(value.split(",")) if kind is tuple else kind(value)
        except ValueError as error:
            raise SaysoError(f"'{pair}': {error}. Give {name} as {kind.__name__}.") from error
    return Recipe(**found)  # type: ignore[arg-type]
