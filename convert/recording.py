"""Every layer's output of a running Keras model, nested models and shared layers included.

While `recording` is open, each layer worth a picture also notes what it returns. Unlike a second model built from
`layer.output`, this reaches into models within models and works for subclassed ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple, TypeAlias

from .forward import NUMBERS, answers_among, wanted_outputs
from .further import FurtherOutput, number_names
from .tensorflow import tensorflow

ACTIVATIONS = {"Activation", "ReLU", "LeakyReLU", "PReLU", "ELU", "ThresholdedReLU", "Softmax"}
BLOCKS = {"Add", "Average", "Concatenate", "Maximum", "Minimum", "Multiply", "Subtract"}


class Call(NamedTuple):
    """One call of one layer: unique name, kind, and what it returned, (N, h, w, c)."""

    name: str
    kind: str
    output: Any


@contextmanager
def recording(model: Any) -> Iterator[list[Call]]:
    """The list that fills with the calls of layers a person would look at, while the model runs."""
    calls: list[Call] = []
    with ExitStack() as stack:
        for layer in model._flatten_layers(include_self=False):
            kind = kind_of(layer)
            if kind:
                stack.enter_context(_noting(layer, kind, calls))
        yield calls


def kind_of(layer: Any) -> str:
    """ "conv", "activation", "pool" or "block"; empty for a layer that is not worth a picture of its own."""
    name = type(layer).__name__
    if "Conv" in name or name in ("Dense", "LocallyConnected2D"):
        return "conv"
    if "Pooling" in name:
        return "pool"
    return "activation" if name in ACTIVATIONS else "block" if name in BLOCKS else ""


@contextmanager
def _noting(layer: Any, kind: str, calls: list[Call]) -> Iterator[None]:
    original = layer.call

    def call(*args: Any, **kwargs: Any) -> Any:
        output = original(*args, **kwargs)
        if is_map(output):
            calls.append(Call(_unique(layer.name, calls), kind, output))
        return output

    layer.call = call
    try:
        yield
    finally:
        layer.call = original


def answers_of(model: Any, answer: Any) -> tuple[Any, dict[str, Any]]:
    """What a classifier says about classes, and its outputs `quality` and `numbers`; ConversionError for others."""
    if not isinstance(answer, dict | list | tuple):
        return answer, {}
    if not isinstance(answer, dict):
        names = getattr(model, "output_names", None) or [f"output {number}" for number, _ in enumerate(answer)]
        answer = dict(zip(names, answer, strict=True))
    names = answers_among(answer)
    return answer[names.classes], {name: answer[name] for name in names[1:] if name}


def with_output(
    model: Any, chosen: str | None, kept: Sequence[FurtherOutput], labels: Sequence[str]
) -> tuple[Any, Names]:
    """A Keras model with the chosen one of its outputs, `quality` where it has that, and the numbers of those kept.

    Args:
        model: as it was loaded.
        chosen: output about classes; None for the one that is left.
        kept: outputs whose numbers are kept.
        labels: names that no number may have.

    Returns:
        The model, and names of its numbers, None where nothing was to be kept.

    Raises:
        ConversionError: there is no such output.
    """
    if chosen is None and not kept:
        return model, None
    named = dict(zip(getattr(model, "output_names", None) or (), getattr(model, "outputs", None) or (), strict=True))
    wanted = {name: named[name] for name in wanted_outputs(named, chosen, [one.output for one in kept])}
    if not kept:
        return tensorflow().keras.Model(model.inputs, wanted), None
    names = number_names(kept, {name: tuple(one.shape) for name, one in named.items()}, labels)
    layers = tensorflow().keras.layers
    parts = [layers.Flatten(dtype="float32")(named[one.output]) for one in kept]
    wanted[NUMBERS] = layers.Concatenate(name=NUMBERS)(parts) if len(parts) > 1 else parts[0]
    return tensorflow().keras.Model(model.inputs, wanted), names


Names: TypeAlias = tuple[str, ...] | None


def is_map(output: Any) -> bool:
    """Whether a layer's output is a stack of several maps, each more than one cell high and wide."""
    shape = tuple(getattr(output, "shape", ()))
    return len(shape) == 4 and all((size or 0) > 1 for size in shape[1:])


def _unique(name: str, calls: list[Call]) -> str:
    taken = {call.name for call in calls}
    candidates = (name if turn == 1 else f"{name}_call{turn}" for turn in range(1, len(calls) + 2))
    return next(candidate for candidate in candidates if candidate not in taken)
