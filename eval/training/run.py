"""``python -m eval train``: train the weights of the reader, or of the checker, from the
training sets.

The run writes checkpoints into its folder and goes on from the last one when it is
started again; ``log.jsonl`` there holds the loss and the scores on a sample of SQuAD
2.0's development questions (half of its articles), and ``log.svg`` in the end their plot.
"""

from __future__ import annotations

import ctypes
import json
import platform
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from statistics import fmean
from typing import Protocol

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from eval.datasets import collection
from eval.training import mpnet
from eval.training.along import Trainee, score
from eval.training.batches import Item, checksum, epoch_of
from eval.training.checkpoint import Checkpoint, Position
from eval.training.data import Example, load, written
from eval.training.losses import loss_of
from eval.training.model import ReadingModel, Teacher, from_mpnet, load_encoder, to_bert
from eval.training.plot import plot
from eval.training.recipe import Recipe, Training
from eval.training.told import Told
from rag.embed import PACKAGED, folder_of
from rag.encoder import uncut

_SCORED = 1000
"""Development questions that are scored along the way."""


class Task(Protocol):
    """What is trained."""

    @property
    def name(self) -> str:
        """Of the weights' file, without the suffix."""

    @property
    def recipe(self) -> Training: ...

    def epoch(self, number: int) -> list[list[Item]]:
        """Its batches; the same for the same recipe and number."""

    def score(self, model: ReadingModel) -> dict[str, float]:
        """How good the model is by now, in numbers for the log."""


@dataclass(frozen=True, slots=True)
class Others:
    """Runs besides the one that a recipe is of."""

    apart: Sequence[Task] = ()
    """Their ends are averaged in."""
    taught: Sequence[Task] = ()
    """The same, with the mean of all that is there by then as their teacher."""
    larger: Task | None = None
    """A larger model, with the mean of all as its teacher."""
    last: Sequence[Task] = ()
    """One after another go on from that mean, with the larger model as their teacher; what each
    began and ended with is averaged."""


def train(
    task: Task, folder: Path, device: str, every_seconds: float, others: Others | None = None
) -> Path:
    """Train, or go on training, in ``folder``; the path of the finished weights.

    They are the mean of those at the ends of the recipe's cycles, where it has several, and of
    those that the runs ``apart`` and ``taught`` of ``others`` end with; and of what each of the
    ``last`` runs begins and ends with.
    """
    others = others or Others()
    ends: list[dict[str, Tensor]] = []
    for number, other in enumerate(others.apart, 1):
        ends += _run(other, folder / f"apart-{number}", device, every_seconds)[1]
    steps, own = _run(task, folder, device, every_seconds)
    ends += own
    teacher = _model_of(mean(ends), task.recipe, folder, device) if others.taught else None
    for number, other in enumerate(others.taught, 1):
        ends += _run(other, folder / f"taught-{number}", device, every_seconds, teacher)[1]
    weights = mean(ends)
    if others.larger:
        teacher = _model_of(weights, task.recipe, folder, device)
        large = folder / "larger"
        _, (end,) = _run(others.larger, large, device, every_seconds, teacher)
        teacher = _model_of(end, others.larger.recipe, large, device)
        for number, other in enumerate(others.last, 1):
            _, own = _run(other, folder / f"last-{number}", device, every_seconds, teacher, weights)
            counts = other.recipe.counts
            weights = {name: began.lerp(own[-1][name], counts) for name, began in weights.items()}
    model = _model_of(weights, task.recipe, folder, device)
    _log(folder, {"step": steps, **task.score(model)})
    plot(folder / "log.jsonl", folder / "log.svg")
    named = to_bert({name: weight.cpu() for name, weight in model.state_dict().items()})
    target = folder / f"{task.name}.safetensors"
    save_file({n: w.to(torch.float16).contiguous() for n, w in named.items()}, target)
    return target


def _model_of(
    weights: Mapping[str, Tensor], recipe: Training, folder: Path, device: str
) -> ReadingModel:
    """A model with these weights, and the word embeddings that are never trained."""
    model = _untrained(recipe, folder)
    model.load_state_dict(weights, strict=False)
    return model.to(device).eval()


def _untrained(recipe: Training, folder: Path) -> ReadingModel:
    """The encoder that a run in ``folder`` begins with."""
    if recipe.large:
        large = Teacher(recipe.dropout)
        large.load_state_dict(from_mpnet(load_file(mpnet.weights(folder))), strict=False)
        return large
    model = ReadingModel(recipe.dropout, recipe.pairs)
    load_encoder(model, folder_of(PACKAGED))
    return model


def _run(
    task: Task,
    folder: Path,
    device: str,
    every_seconds: float,
    teacher: ReadingModel | None = None,
    start: Mapping[str, Tensor] | None = None,
) -> tuple[int, list[dict[str, Tensor]]]:
    """One run, from the encoder on, or from the weights ``start``: its steps, and the averaged
    weights at the ends of its cycles."""
    recipe = task.recipe
    folder.mkdir(parents=True, exist_ok=True)
    _keep_memory()
    torch.manual_seed(recipe.seed)
    model = _untrained(recipe, folder)
    if start is not None:
        model.load_state_dict(start, strict=False)
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
    checkpoint = Checkpoint(folder / "checkpoint.safetensors", recipe, trained, average, optimiser)
    position = checkpoint.restore()
    step, first_batch = position.step, position.batch
    if step:
        print(f"Going on from step {step}.", flush=True)
    saved = time.monotonic()
    losses: list[float] = []
    told: Told | None = None
    for epoch in range(position.epoch, recipe.epochs):
        if epoch == position.epoch or not recipe.same:
            batches = task.epoch(0 if recipe.same else epoch)
            data = checksum(batches)
            if epoch == position.epoch:
                position.of(data)
            kept = folder / "told.npy" if recipe.same else None
            told = Told(teacher, batches, kept, device) if teacher else None
        total = len(batches) * recipe.epochs
        if step == 0:
            print(f"{len(batches)} steps an epoch, {total} in all.", flush=True)
        for number in range(first_batch, len(batches)):
            if step == recipe.steps > 0:
                break
            for group in optimiser.param_groups:
                group["lr"] = _rate(recipe, epoch + number / len(batches))
            model.train()
            whole = recipe.pairs > 0 and epoch >= recipe.pairs_from
            taught = told.of(number) if told else None
            loss = loss_of(model, batches[number], recipe, device, whole, taught)
            loss.backward()  # type: ignore[no-untyped-call]  # torch gives it no types
            torch.nn.utils.clip_grad_norm_(trained.values(), 1.0)
            optimiser.step()
            optimiser.zero_grad()
            step += 1
            decay = min(recipe.averaging, (step + 1) / (step + 10))
            torch._foreach_lerp_(list(average.values()), list(trained.values()), 1 - decay)
            losses.append(float(loss.detach()))
            if step % 50 == 0 or step == total:
                entry: dict[str, float] = {
                    "step": step,
                    "loss": round(fmean(losses), 4),
                    "seconds": round(time.monotonic() - saved, 1),
                }
                losses.clear()
                if step % 500 == 0 or step == total:
                    with _averaged(trained, average):
                        entry |= task.score(model)
                _log(folder, entry)
            if time.monotonic() - saved > every_seconds:
                checkpoint.save(Position(step, epoch, number + 1, data))
                saved = time.monotonic()
        if step == recipe.steps > 0:
            save_file(average, _end_of(folder, epoch))
            checkpoint.save(Position(step, epoch, number, data))
            break
        first_batch = 0
        if epoch + 1 == recipe.epochs or 0 < recipe.cycle <= epoch + 1:
            save_file(average, _end_of(folder, epoch))
        checkpoint.save(Position(step, epoch + 1))
    return step, _ends(folder, recipe, device)


class Reading:
    """The reader: the training sets' questions, scored on SQuAD 2.0's development set."""

    name = "reader"

    def __init__(self, recipe: Recipe, data: Path, dev: Path, device: str) -> None:
        self.recipe, self._device = recipe, device
        self._tokenizer = uncut(folder_of(PACKAGED) / "tokenizer.json")
        squad = collection("squad", dev)
        self._documents = {document.id: document for document in squad.documents}
        self._asked = squad.questions[:: max(1, len(squad.questions) // _SCORED)]
        answered = _loaded(data, recipe.sources)
        dice = random.Random(recipe.seed)
        self._answered = dice.sample(answered, round(recipe.share * len(answered)))
        self._written = [*written(answered)] if recipe.written else []

    def epoch(self, number: int) -> list[list[Item]]:
        return epoch_of(self._answered, self.recipe, number, self._tokenizer, self._written)

    def score(self, model: ReadingModel) -> dict[str, float]:
        trainee = Trainee(model, self._tokenizer, self._device)
        return score(trainee, self._asked, self._documents)


@lru_cache(maxsize=1)
def _loaded(data: Path, sources: tuple[str, ...]) -> tuple[Example, ...]:
    """The examples, once for all runs."""
    return tuple(load(data, sources))


@contextmanager
def _averaged(trained: Mapping[str, Tensor], average: Mapping[str, Tensor]) -> Iterator[None]:
    """Within it the model has the averaged weights."""
    kept = {name: weight.detach().clone() for name, weight in trained.items()}
    _put(trained, average)
    try:
        yield
    finally:
        _put(trained, kept)


def _put(weights: Mapping[str, Tensor], values: Mapping[str, Tensor]) -> None:
    with torch.no_grad():
        for name, weight in weights.items():
            weight.copy_(values[name])


def _end_of(folder: Path, epoch: int) -> Path:
    """The averaged weights at the end of a cycle, or of a run that stops before."""
    return folder / f"epoch-{epoch}.safetensors"


def _ends(folder: Path, recipe: Training, device: str) -> list[dict[str, Tensor]]:
    """Those that a finished run has left in ``folder``, in order."""
    files = [_end_of(folder, epoch) for epoch in range(recipe.epochs)]
    return [load_file(file, device) for file in files if file.exists()]


def mean(ends: Sequence[Mapping[str, Tensor]]) -> dict[str, Tensor]:
    """The weights in the middle of several that one run went through."""
    return {name: torch.stack([end[name] for end in ends]).mean(0) for name in ends[0]}


def _rate(recipe: Training, epochs: float) -> float:
    """The learning rate after so many epochs: rising and falling once in each cycle."""
    first = min(recipe.cycle or recipe.epochs, recipe.epochs)
    begin, length = (0, first) if epochs < first else (int(epochs), 1)
    done = (epochs - begin) / length
    peak = recipe.rate * (recipe.again if begin else 1.0)
    warm_up = recipe.warm_up
    return peak * (done / warm_up if done < warm_up else (1 - done) / (1 - warm_up))


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
