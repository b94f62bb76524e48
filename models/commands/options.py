"""Options shared by the training commands, made from the fields of `Recipe` and `Augmentation`, so that a
setting is written once.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import Field, fields
from pathlib import Path
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from emoscope.errors import SettingsError

from ..asking import BESIDE, least_of
from ..augment import Augmentation
from ..data.cutting import AUTO, CUTS
from ..data.numbers import ORDERS
from ..plan import TASKS
from ..recipe import LARGEST_SEED, Recipe

Command = TypeVar("Command", bound=Callable[..., Any])

BOUNDS = ("min_open", "max", "max_open")
"""Keys of a field's metadata that bound its number, besides the least of it."""

SEED = click.IntRange(0, LARGEST_SEED)


class Number(click.FloatRange):
    """A number within bounds, neither infinite nor `nan`, which no bound would stop."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        number = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value!r} is no finite number.", param, ctx)
        return number


CUT = click.option(
    "--cut",
    type=click.Choice(CUTS),
    default=AUTO,
    show_default=True,
    help="Cut the face out of every picture, of none, or (auto) of photos and not of what is a bare face already.",
)
NUMBERS = click.option(
    "--numbers",
    help=f"What class folders called by numbers mean: {', '.join(ORDERS)}, or 0=happy,1=sad,…",
)
DATA_OPTIONS = (
    CUT,
    NUMBERS,
    click.option(
        "--classes",
        help="Class names, in the network's order. [default: the seven emotions, or the names of the folders]",
    ),
    click.option("--votes", type=Path, help="FER+ votes to learn from, a CSV file."),
    click.option("--targets", type=click.Choice(list(TASKS)), help="What to learn. [default: votes where given]"),
    click.option(
        "--drop-duplicates", is_flag=True, help="Leave out training pictures that also stand in a test split."
    ),
)


def _number(usual: Any, metadata: Mapping[str, Any]) -> click.IntRange | Number:
    bounds = {name: metadata[name] for name in BOUNDS if name in metadata}
    least = least_of(usual, metadata)
    return click.IntRange(int(least), **bounds) if isinstance(usual, int) else Number(least, **bounds)


SPLIT_OPTIONS = (
    click.option("--test", type=_number(*BESIDE["test"]), help="Share held out for the test. [default: 0.2]"),
    click.option(
        "--validation", type=_number(*BESIDE["validation"]), help="Share of the rest to choose by. [default: 0.1]"
    ),
    click.option(
        "--groups",
        help="What stays on one side: none, copies, auto, subject, folder, a pattern, a CSV file. [default: auto]",
    ),
)
SHAPE_OPTIONS = (
    click.option("--size", type=_number(*BESIDE["size"]), help="Height and width of a face in pixels."),
    click.option("--width", type=_number(*BESIDE["width"]), help="Factor on the number of maps."),
    click.option("--dropout", type=_number(*BESIDE["dropout"]), help="Share of units dropped."),
    click.option("--weights", type=Path, help="Pretrained weights (.weights.h5) for a network that transfers."),
)


def training_options(command: Command) -> Command:
    """Adds every setting of a run to a command."""
    settings = [_option(field) for made in (Recipe, Augmentation) for field in fields(made) if field.metadata]
    listed = click.option("--class-weights", help="Factor on the loss of each class, in order: 3.5,6.5,2.5,…")
    none = click.option("--no-augmentation", is_flag=True, help="Show the pictures as they are.")
    for option in reversed((*DATA_OPTIONS, *SPLIT_OPTIONS, *SHAPE_OPTIONS, *settings, listed, none)):
        command = option(command)
    return command


def typed(ctx: click.Context, given: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed of a command's options, without their defaults."""
    return {name: value for name, value in given.items() if ctx.get_parameter_source(name) != ParameterSource.DEFAULT}


@contextmanager
def usage() -> Iterator[None]:
    """Settings that do not go together are wrong usage of the command line."""
    try:
        yield
    except SettingsError as error:
        raise click.UsageError(str(error)) from None


def _option(field: Field[Any]) -> Callable[[Command], Command]:
    flag = f"--{field.name.replace('_', '-')}"
    if isinstance(field.default, bool):
        return click.option(f"{flag}/--no-{flag[2:]}", default=None, help=field.metadata["help"])
    choices = field.metadata.get("choices")
    kind = click.Choice(choices) if choices else _number(field.default, field.metadata)
    return click.option(flag, type=kind, help=field.metadata["help"])
