"""Options shared by the training commands, made from the fields of `Recipe` and `Augmentation`, so that a
setting is written once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import Field, fields, replace
from pathlib import Path
from typing import Any, TypeVar

import click

from models.architectures import architecture
from models.augment import Augmentation
from models.labels import EMOTIONS
from models.plan import TASKS, Plan
from models.recipe import Recipe

Command = TypeVar("Command", bound=Callable[..., Any])

DATA_OPTIONS = (
    click.option("--classes", help="Class names, in the network's order, where not the seven emotions: a,b,c"),
    click.option("--votes", type=Path, help="FER+ votes to learn from, a CSV file."),
    click.option("--targets", type=click.Choice(list(TASKS)), help="What to learn. [default: votes where given]"),
    click.option(
        "--drop-duplicates", is_flag=True, help="Leave out training pictures that also stand in a test split."
    ),
)
SHAPE_OPTIONS = (
    click.option("--size", type=click.IntRange(8), help="Height and width of a face in pixels."),
    click.option("--width", type=click.FloatRange(0, min_open=True), help="Factor on the number of maps."),
    click.option("--dropout", type=click.FloatRange(0, 0.95), help="Share of units dropped."),
    click.option("--weights", type=Path, help="Pretrained weights (.weights.h5) for a network that transfers."),
)


def training_options(command: Command) -> Command:
    """Adds every setting of a run to a command."""
    settings = [_option(field) for made in (Recipe, Augmentation) for field in fields(made) if field.metadata]
    listed = click.option("--class-weights", help="Factor on the loss of each class, in order: 3.5,6.5,2.5,…")
    none = click.option("--no-augmentation", is_flag=True, help="Show the pictures as they are.")
    for option in reversed((*DATA_OPTIONS, *SHAPE_OPTIONS, *settings, listed, none)):
        command = option(command)
    return command


def plan(arch: str, data: Path, given: Mapping[str, Any]) -> Plan:
    """The plan that the command line asks for: the network's own defaults, changed where the user says so."""
    said = {name: value for name, value in given.items() if value is not None}
    votes = str(said["votes"].resolve()) if "votes" in said else ""
    if not votes and said.get("targets", "labels") != "labels":
        raise click.UsageError(f"--targets {said['targets']} needs the votes: name their file with --votes")
    return Plan(
        arch=arch,
        data=str(data.resolve()),
        recipe=_recipe(architecture(arch).recipe, said),
        labels=names(said.get("classes")) or EMOTIONS,
        votes=votes,
        targets=said.get("targets", "votes" if votes else "labels"),
        size=said.get("size", 0),
        width=said.get("width", 1.0),
        dropout=said.get("dropout", -1.0),
        weights=str(said["weights"].resolve()) if "weights" in said else "",
        drop_duplicates=said.get("drop_duplicates", False),
    )


def _recipe(recipe: Recipe, said: Mapping[str, Any]) -> Recipe:
    start = Augmentation() if said.get("no_augmentation") else recipe.augmentation
    augmentation = replace(start, **_among(Augmentation, said))
    weights = _numbers(said["class_weights"]) if "class_weights" in said else recipe.class_weights
    return replace(recipe, **_among(Recipe, said), augmentation=augmentation, class_weights=weights)


def _among(made: type, said: Mapping[str, Any]) -> dict[str, Any]:
    names = [field.name for field in fields(made) if field.metadata]
    return {name: said[name] for name in names if name in said}


def _option(field: Field[Any]) -> Callable[[Command], Command]:
    flag = f"--{field.name.replace('_', '-')}"
    if isinstance(field.default, bool):
        return click.option(f"{flag}/--no-{flag[2:]}", default=None, help=field.metadata["help"])
    choices = field.metadata.get("choices")
    kind = click.Choice(choices) if choices else _range(field)
    return click.option(flag, type=kind, help=field.metadata["help"])


def _range(field: Field[Any]) -> click.IntRange | click.FloatRange:
    if isinstance(field.default, int):
        return click.IntRange(1 if field.default else 0)
    return click.FloatRange(0)


def names(text: str | None) -> tuple[str, ...]:
    """The parts of `a,b,c`; none of nothing."""
    return tuple(name.strip() for name in text.split(",") if name.strip()) if text else ()


def _numbers(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError:
        raise click.BadParameter(
            f"{text!r} is no list of numbers like 3.5,6.5,2.5", param_hint="--class-weights"
        ) from None
