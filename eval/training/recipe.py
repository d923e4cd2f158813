"""What shapes the weights of a training run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

from eval.training.data import SOURCES
from rag.errors import SaysoError


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that shapes the weights. The shipped weights were made with the defaults."""

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
    statements: float = 0.5
    """Share of the questions that become statements ("This band …") where they can."""
    curly: float = 0.3
    """Share of the examples whose straight quotation marks become curly ones."""
    seed: int = 1


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
    # Each value has been made one of its field's own type.
    return Recipe(**found)  # type: ignore[arg-type]
