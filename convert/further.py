"""Further outputs of a classifier, such as valence and arousal: kept as numbers that have names, without heat.

    … va     (N, 2) ─ Flatten ─┐
    … age    (N,)   ─ Flatten ─┴ Concat ─ numbers (N, 3)      "valence", "arousal", "age"

Both graphs of the bundle answer `numbers`, and the contract has their names.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import click
import onnx
from onnx import TensorProto, helper

from emoscope.errors import ConversionError

from .forward import NUMBERS
from .passes import fresh, rename_tensors, taken

MOST = 32
"""Numbers of a face that are kept at most: they become columns, and rows of a panel."""


@dataclass(frozen=True, slots=True)
class FurtherOutput:
    """A further output that is kept.

    Attributes:
        output: its name.
        names: of its numbers; none for names made of the output's.
    """

    output: str
    names: tuple[str, ...] = ()

    def names_of(self, length: int) -> tuple[str, ...]:
        """Names for so many numbers; ConversionError where others were given."""
        if self.names and len(self.names) != length:
            told = f"output {self.output!r} has {length} numbers a face, but --keep names {len(self.names)}"
            raise ConversionError(f"{told}: give one name for each, {self.output}=a,b,…")
        if self.names:
            return self.names
        return (self.output,) if length == 1 else tuple(f"{self.output} {number + 1}" for number in range(length))


class FurtherOutputType(click.ParamType):  # type: ignore[type-arg,unused-ignore]
    """An output, and maybe the names of its numbers: `va` or `va=valence,arousal`."""

    name = "name[=a,b]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> FurtherOutput:
        """ "va=valence,arousal" → FurtherOutput("va", ("valence", "arousal"))."""
        if isinstance(value, FurtherOutput):
            return value
        output, equals, names = str(value).rpartition("=") if "=" in str(value) else (str(value), "", "")
        found = tuple(name.strip() for name in names.split(",")) if equals else ()
        if not output or not all(found):
            self.fail(f"{value!r} is not NAME or NAME=a,b", param, ctx)
        return FurtherOutput(output, found)


def number_names(
    kept: Sequence[FurtherOutput], shapes: Mapping[str, Sequence[int | None]], taken: Collection[str]
) -> tuple[str, ...]:
    """Names of all numbers, in the order of the outputs that are kept.

    Args:
        kept: the outputs.
        shapes: of each output, its first axis that of faces; None for a size that is not known.
        taken: names that something else has.

    Raises:
        ConversionError: they are too many, or two have one name, or an output has no numbers of each face.
    """
    names = tuple(name for one in kept for name in one.names_of(_length(one.output, shapes[one.output])))
    if len(names) > MOST:
        told = f"--keep would keep {len(names)} numbers of each face; {MOST} are the most"
        raise ConversionError(f"{told}: keep fewer outputs")
    twice = [name for name, times in Counter([*names, *taken]).items() if times > 1]
    if twice:
        told = f"two numbers, or a number and a class, would be called {twice[0]!r}"
        raise ConversionError(f"{told}: give other names, --keep {kept[0].output}=a,b,…")
    return names


def _length(output: str, shape: Sequence[int | None]) -> int:
    length = 1
    for size in shape[1:]:
        if size is None:
            raise ConversionError(f"output {output!r} has no fixed number of numbers a face: leave its --keep out")
        length *= size
    if not shape or length == 0:
        raise ConversionError(f"output {output!r} has no numbers of each face: leave its --keep out")
    return length


def joined(model: onnx.ModelProto, kept: Sequence[FurtherOutput]) -> list[str]:
    """Adds the output `numbers` to a graph, in place; what is called so already steps aside.

    Returns:
        The tensor of each output that is kept.
    """
    known = taken(model)
    outputs = [one.output for one in kept]
    if NUMBERS in known:
        aside = fresh(f"{NUMBERS}/own", known)
        rename_tensors(model, {NUMBERS: aside})
        outputs = [aside if name == NUMBERS else name for name in outputs]
    flat = [fresh(f"{name}/flat", known) for name in outputs]
    for name, one in zip(outputs, flat, strict=True):
        plain = fresh(f"{name}/float", known)
        model.graph.node.append(helper.make_node("Cast", [name], [plain], to=TensorProto.FLOAT))
        model.graph.node.append(helper.make_node("Flatten", [plain], [one], axis=1))
    model.graph.node.append(helper.make_node("Concat", flat, [NUMBERS], axis=1))
    model.graph.output.append(helper.make_tensor_value_info(NUMBERS, TensorProto.FLOAT, None))
    return outputs
