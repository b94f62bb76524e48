"""Options shared by the training commands, made from the fields of `Recipe` and `Augmentation`, so that a
setting is written once.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import Field, fields, replace
from pathlib import Path
from typing import Any, TypeVar

import click

from emoscope.errors import ModelError

from ..architectures import architecture
from ..augment import Augmentation
from ..data.cutting import AUTO, CUTS
from ..data.groups import check
from ..data.load import labels_of, pictures_in
from ..data.splitting import Splitting
from ..labels import EMOTIONS
from ..plan import TASKS, Plan
from ..recipe import LARGEST_SEED, Recipe
from ..starting import find_start, fine_tuning

Command = TypeVar("Command", bound=Callable[..., Any])

BOUNDS = ("min_open", "max", "max_open")
"""Keys of a field's metadata that bound its number; the least is 0, or 1 for a count that is not 0 by default."""

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
DATA_OPTIONS = (
    CUT,
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
SPLIT_OPTIONS = (
    click.option("--test", type=Number(0, 0.9, min_open=True), help="Share held out for the test. [default: 0.2]"),
    click.option(
        "--validation", type=Number(0, 0.9, min_open=True), help="Share of the rest to choose by. [default: 0.1]"
    ),
    click.option(
        "--groups",
        help="What stays on one side: none, copies, auto, subject, folder, a pattern, a CSV file. [default: auto]",
    ),
)
SHAPE_OPTIONS = (
    click.option("--size", type=click.IntRange(8), help="Height and width of a face in pixels."),
    click.option("--width", type=Number(0, min_open=True), help="Factor on the number of maps."),
    click.option("--dropout", type=Number(0, 0.95), help="Share of units dropped."),
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


def plan(arch: str, data: Path, given: Mapping[str, Any]) -> Plan:
    """The plan that the command line asks for: the network's own defaults, changed where the user says so."""
    said = {name: value for name, value in given.items() if value is not None}
    votes = str(said["votes"].resolve()) if "votes" in said else ""
    if not votes and said.get("targets", "labels") != "labels":
        raise click.UsageError(f"--targets {said['targets']} needs the votes: name their file with --votes")
    labels = names(said.get("classes")) or (labels_of(data) if data.exists() else EMOTIONS)
    start = find_start(said["start"]) if "start" in said else None
    usual = fine_tuning(pictures_in(data)) if start else architecture(arch).recipe
    recipe = _recipe(usual, said, labels)
    return Plan(
        arch=arch,
        data=str(data.resolve()),
        recipe=recipe,
        labels=labels,
        votes=votes,
        targets=said.get("targets", "votes" if votes else "labels"),
        size=start.contract.input.height if start else said.get("size", 0),
        width=start.width if start else said.get("width", 1.0),
        dropout=said.get("dropout", -1.0),
        weights=_weights(arch, said),
        drop_duplicates=said.get("drop_duplicates", False),
        cut=said.get("cut", AUTO),
        splitting=_splitting(said, recipe.seed),
        start=str(start.path) if start else "",
    )


def _splitting(said: Mapping[str, Any], seed: int) -> Splitting:
    given = {name: said[name] for name in ("test", "validation") if name in said}
    if "groups" in said:
        given["groups"] = check(said["groups"])
        if given["groups"].lower().endswith(".csv"):
            given["groups"] = str(Path(given["groups"]).resolve())
    return Splitting(seed, **given)


def _weights(arch: str, said: Mapping[str, Any]) -> str:
    """The file of pretrained weights, or ""."""
    if "weights" not in said:
        return ""
    if not architecture(arch).transfers:
        raise click.UsageError(f"{arch} does not start from pretrained weights: leave --weights out")
    if not said["weights"].is_file():
        raise ModelError(f"{said['weights']}: no such file of weights")
    return str(said["weights"].resolve())


def _recipe(recipe: Recipe, said: Mapping[str, Any], labels: tuple[str, ...]) -> Recipe:
    if said.get("balanced") and "class_weights" in said:
        raise click.UsageError("--balanced and --class-weights both weigh the classes: give one of them")
    if said.get("frozen") and not {"weights", "start"} & set(said):
        raise click.UsageError(
            "--frozen keeps pretrained layers as they are: name their file with --weights, or --from"
        )
    if not {"weights", "start"} & set(said):
        recipe = replace(recipe, frozen=0.0)
    start = Augmentation() if said.get("no_augmentation") else recipe.augmentation
    augmentation = replace(start, **_among(Augmentation, said))
    weights = _class_weights(said["class_weights"], labels) if "class_weights" in said else recipe.class_weights
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


def _range(field: Field[Any]) -> click.IntRange | Number:
    bounds = {name: field.metadata[name] for name in BOUNDS if name in field.metadata}
    if isinstance(field.default, int):
        return click.IntRange(1 if field.default else 0, **bounds)
    return Number(0, **bounds)


def names(text: str | None) -> tuple[str, ...]:
    """The parts of `a,b,c`; none of nothing."""
    return tuple(name.strip() for name in text.split(",") if name.strip()) if text else ()


def _class_weights(text: str, labels: tuple[str, ...]) -> tuple[float, ...]:
    try:
        weights = tuple(float(part) for part in text.split(","))
    except ValueError:
        raise _wrong_weights(f"{text!r} is no list of numbers like 3.5,6.5,2.5") from None
    if len(weights) != len(labels):
        raise _wrong_weights(f"{len(weights)} weights for {len(labels)} classes; the order is {', '.join(labels)}")
    if not all(0 <= weight < math.inf for weight in weights) or not any(weights):
        raise _wrong_weights(f"{text!r}: weights are positive numbers, or 0 for some of the classes")
    return weights


def _wrong_weights(why: str) -> click.BadParameter:
    return click.BadParameter(why, param_hint="--class-weights")
