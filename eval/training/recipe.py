"""What shapes the weights of a training run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import TypeVar

from eval.training.data import SOURCES
from rag.errors import SaysoError

R = TypeVar("R", bound="Training")


@dataclass(frozen=True, slots=True)
class Training:
    """What every model is trained with."""

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
    sources: tuple[str, ...] = SOURCES
    share: float = 1.0
    """Of the answered examples that are used; less for a quick comparison."""
    steps: int = 0
    """Stops after so many, wherever the learning rate is by then; 0 for all."""
    cycle: int = 0
    """Epochs after which the learning rate starts again, and then after each one, at ``again`` of
    its peak (Loshchilov and Hutter 2017); the weights at the end of all of these cycles are then
    averaged (Izmailov et al. 2018). 0 for neither."""
    again: float = 0.5
    pairs: int = 0
    """Numbers of a token that score it together with the other end of a span, in training
    alone; 0 for none. Read with them, the spans are no better, and it takes longer."""
    pairs_from: int = 0
    """The first epoch in which spans as a whole are learnt, besides their two ends."""
    teaching: float = 0.5
    """Share of a teacher's scores in what is learnt, where there is a teacher."""
    temperature: float = 2.0
    """Divides the logits of both there, so that what is less likely is learnt, too (Hinton et
    al. 2015)."""
    same: bool = False
    """Each epoch has the batches of the first, so that a teacher scores them once."""
    large: bool = False
    """MPNet-base instead of MiniLM: what teaches, and is not shipped."""
    counts: float = 0.5
    """Of a last run: how much what it ends with counts against what it began with, in their
    mean."""
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Recipe(Training):
    """All that shapes the reader's weights. The shipped ones were made with the defaults."""

    epochs: int = 5
    cycle: int = 3
    pairs: int = 64
    pairs_from: int = 3
    title_dropout: float = 0.5
    mined: float = 1.0
    """Scales the shares of mined and of made unanswerables; 0 for none."""
    made: float = 1.0
    written: bool = False
    """With the questions that were written for passages of the training sets, as well."""
    statements: float = 0.5
    """Share of the questions that become statements ("This band …") where they can."""
    curly: float = 0.3
    """Share of the examples whose straight quotation marks become curly ones."""
    apart: int = 2
    """Runs of one epoch, each with a seed of its own, whose ends are averaged in, too (Wortsman
    et al. 2022)."""
    taught: int = 1
    """More of them, with the mean of all others as their teacher."""
    larger: float = 0.3
    """Share of the answered examples from which MPNet-base learns, with the mean of all as its
    teacher, before it is the teacher of a last run that goes on from that mean; 0 for neither."""
    last: float = 0.48
    """Share of them in that run."""
    more: float = 0.65
    """Share of them in one more, of three passes over the same batches, that goes on from the
    mean of what the first began and ended with; 0 for none."""
    further: float = 0.5
    """The same for a third, of four passes."""
    asked: float = 0.5
    """The same for a fourth, of one pass over the batches of the third with the written questions
    among them."""

    def short(self) -> tuple[list[Recipe], list[Recipe]]:
        """The recipes of the runs apart, and of those that are taught."""
        runs = [
            replace(self._once(), seed=self.seed + number)
            for number in range(1, self.apart + self.taught + 1)
        ]
        return runs[: self.apart], runs[self.apart :]

    def _once(self) -> Recipe:
        """The same for one pass without other runs."""
        return replace(self, epochs=1, cycle=0, pairs_from=1, apart=0, taught=0, larger=0.0)

    def later(self) -> list[Recipe]:
        """The recipes of the larger model, and of the runs that it teaches; none without it."""
        if not self.larger:
            return []
        once = self._once()
        last = replace(once, rate=1.5e-4, teaching=0.8, seed=self.seed + 20, share=self.last)
        several = replace(last, same=True, counts=0.7)
        more = replace(several, epochs=3, pairs_from=3, share=self.more, seed=self.seed + 30)
        further = replace(
            several,
            epochs=4,
            pairs_from=4,
            share=self.further,
            seed=self.seed + 40,
            counts=0.85,
        )
        asked = replace(
            further, epochs=1, pairs_from=1, rate=1e-4, counts=0.5, share=self.asked, written=True
        )
        return [
            replace(once, large=True, pairs=0, rate=5e-5, share=self.larger, seed=self.seed + 10),
            last,
            *(run for run in (more, further, asked) if run.share),
        ]


@dataclass(frozen=True, slots=True)
class SupportRecipe(Training):
    """All that shapes the checker's weights. The shipped ones were made with the defaults."""

    epochs: int = 1
    batch_tokens: int = 3072
    averaging: float = 0.995
    answers_weight: float = 2.0
    share: float = 0.55
    steps: int = 981


def _truth(value: str) -> bool:
    if value not in ("True", "False"):
        raise ValueError(f"'{value}' is neither True nor False")
    return value == "True"


_AS: dict[type, Callable[[str], object]] = {
    tuple: lambda value: tuple(value.split(",")),
    bool: _truth,
}
"""How a text becomes a value, where its type does not tell."""


def recipe_from(given: Sequence[str], kind: type[R]) -> R:
    """``name=value`` pairs on top of the defaults; raises ``SaysoError`` for another name."""
    known = {field.name: getattr(kind(), field.name) for field in fields(kind)}
    found: dict[str, object] = {}
    for pair in given:
        name, _, value = pair.partition("=")
        if name not in known:
            raise SaysoError(f"'{name}' is not of the recipe; known: {', '.join(known)}")
        is_a = type(known[name])
        try:
            found[name] = _AS.get(is_a, is_a)(value)
        except ValueError as error:
            raise SaysoError(f"'{pair}': {error}. Give {name} as {is_a.__name__}.") from error
    # Each value has been made one of its field's own type.
    return kind(**found)  # type: ignore[arg-type]
