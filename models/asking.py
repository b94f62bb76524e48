"""What somebody asks of a training becomes a plan: the network's own defaults, changed where anything is said.

from the command line        {"lr": 0.01, "classes": "grin,frown", …}     options.py
from a script                {"lr": 0.01, "classes": ("grin", "frown")}   api.py
+ a plan that was kept       STUDY/best.json, RUN/config.json
+ the network's recipe       architectures/, or fine_tuning where it starts from a network
─▶ Plan
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from emoscope.errors import DataError, ModelError, SettingsError
from emoscope.types import is_number, is_whole

from .architectures import ARCHITECTURES, architecture
from .augment import Augmentation
from .data.cutting import CUTS
from .data.groups import check
from .data.load import labels_of, pictures_in
from .data.numbers import are_numbers, asking
from .data.splitting import Splitting
from .labels import EMOTIONS
from .plan import TASKS, Plan
from .recipe import Recipe
from .starting import find_start, fine_tuning

OF_PLAN = ("targets", "size", "width", "dropout", "drop_duplicates", "cut", "numbers")
"""Settings that stand in the plan as they are said."""
SHARES = ("test", "validation")
HELD_OUT = {"min_open": True, "max": 0.9}
BESIDE: Mapping[str, tuple[float, Mapping[str, Any]]] = {
    "test": (0.2, HELD_OUT),
    "validation": (0.1, HELD_OUT),
    "size": (48, {"min": 8}),
    "width": (1.0, {"min_open": True}),
    "dropout": (0.0, {"max": 0.95}),
}
"""Numbers that are no fields of a recipe: a usual one of each, and its bounds as the metadata of a field says them."""
KNOWN = (
    *OF_PLAN, *SHARES, "classes", "votes", "groups", "weights", "class_weights", "no_augmentation", "start",
    *(field.name for made in (Recipe, Augmentation) for field in fields(made) if field.metadata),
)  # fmt: skip


def plan(arch: str, data: Path, given: Mapping[str, Any], kept: Plan | None = None) -> Plan:
    """The plan that is asked for.

    Args:
        arch: name of the network.
        data: the data set.
        given: settings by their name; None is not said.
        kept: a plan that stands where nothing is said; None for the network's own defaults.

    Raises:
        SettingsError: settings that do not go together, or are none.
        DataError: the data set cannot be looked into.
    """
    said = {name: value for name, value in given.items() if value is not None}
    _require_known(said)
    numbers = said.get("numbers", kept.numbers if kept else "")
    labels = names(said.get("classes")) or (kept.labels if kept else _labels(data, numbers))
    start = find_start(said["start"]) if "start" in said else None
    base = kept or Plan(arch, "", fine_tuning(pictures_in(data)) if start else architecture(arch).recipe)
    if kept is None:
        base = replace(base, splitting=Splitting(base.recipe.seed))
    votes = str(Path(said["votes"]).resolve()) if "votes" in said else base.votes
    if not votes and said.get("targets", "labels") != "labels":
        raise SettingsError(f"--targets {said['targets']} needs the votes: name their file with --votes")
    learns = "votes" if "votes" in said else base.targets
    base = replace(base, data=str(data.resolve()), labels=labels, votes=votes, targets=learns)
    if start:
        base = replace(base, size=start.contract.input.height, width=start.width, start=str(start.path))
        said = {name: value for name, value in said.items() if name not in ("size", "width")}
    base = replace(base, weights=_weights(arch, said) or base.weights)
    recipe = _recipe(base, said)
    plain = {name: said[name] for name in OF_PLAN if name in said}
    return replace(base, recipe=recipe, splitting=_splitting(base.splitting, said, recipe.seed), **plain)


def kept_plan(path: Path) -> Plan:
    """The plan of a file that a run or a search wrote; DataError where it is none."""
    try:
        return Plan.from_config(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: no settings of a run or a search ({error})") from None


def asked_architecture(arch: str | None, start: str | None, kept: Plan | None = None) -> str:
    """The network that is asked for; what it starts from says it too, and a plan that was kept."""
    if arch is not None and arch not in ARCHITECTURES:
        raise SettingsError(f"unknown network {arch!r}; there are {', '.join(ARCHITECTURES)}")
    told = find_start(start).arch if start else kept.arch if kept else arch or ""
    if arch not in (None, "", told):
        raise SettingsError(f"{start or 'what --config keeps'} is of the architecture {told}: leave --arch {arch} out")
    return told


def names(asked: str | Sequence[str] | None) -> tuple[str, ...]:
    """The parts of `a,b,c`, or of a sequence; none of nothing."""
    parts = asked.split(",") if isinstance(asked, str) else asked or ()
    return tuple(name.strip() for name in parts if name.strip())


def _labels(data: Path, numbers: str) -> tuple[str, ...]:
    """The classes of a data set; DataError where there is one only, or they are numbers that may mean anything."""
    found = labels_of(data, numbers) if data.exists() else EMOTIONS
    if len(found) == 1:
        raise DataError(f"{data}: pictures of {found[0]} only: there must be another class to tell it from")
    if are_numbers(found):
        raise DataError(f"{data}: {asking(found)}")
    return found


def _require_known(said: Mapping[str, Any]) -> None:
    """A script's settings are checked as the command line's are."""
    strangers = [name for name in said if name not in KNOWN]
    if strangers:
        raise SettingsError(f"there is no setting {', '.join(strangers)}; there are {', '.join(sorted(KNOWN))}")
    for name, choices in (("targets", tuple(TASKS)), ("cut", CUTS)):
        if said.get(name, choices[0]) not in choices:
            raise SettingsError(f"{name} is one of {', '.join(choices)}, not {said[name]!r}")
    for field in (field for made in (Recipe, Augmentation) for field in fields(made) if field.name in said):
        _require_possible(field.name, said[field.name], field.default, field.metadata)
    for name, (usual, bounds) in BESIDE.items():
        if name in said:
            _require_possible(name, said[name], usual, bounds)
    classes = said.get("classes", "")
    if not isinstance(classes, str) and not (
        isinstance(classes, Iterable) and all(isinstance(one, str) for one in classes)
    ):
        raise SettingsError(f"classes are names, as 'a,b,c' or ('a', 'b', 'c'), not {classes!r}")


def _require_possible(name: str, value: Any, usual: Any, bounds: Mapping[str, Any]) -> None:
    """What the metadata of a setting lets through."""
    if "choices" in bounds:
        if value not in bounds["choices"]:
            raise SettingsError(f"{name} is one of {', '.join(bounds['choices'])}, not {value!r}")
        return
    if not bounds or isinstance(usual, bool):
        return
    fits, called = (is_whole, "a whole number") if isinstance(usual, int) else (is_number, "a number")
    if isinstance(value, bool) or not fits(value):
        raise SettingsError(f"{name} is {called}, not {value!r}")
    number, least, most = float(value), least_of(usual, bounds), bounds.get("max", math.inf)
    low = number > least if bounds.get("min_open") else number >= least
    if not (low and (number < most if bounds.get("max_open") else number <= most) and math.isfinite(number)):
        raise SettingsError(f"{name} {value} is out of its bounds ({least:g} to {most})")


def least_of(usual: float, bounds: Mapping[str, Any]) -> float:
    """The least that a setting may be: what its bounds say, else 1 for a count that is not 0 usually, else 0."""
    return float(bounds.get("min", 1 if isinstance(usual, int) and usual else 0))


def _splitting(kept: Splitting, said: Mapping[str, Any], seed: int) -> Splitting:
    given: dict[str, Any] = {name: said[name] for name in SHARES if name in said}
    if "groups" in said:
        given["groups"] = check(said["groups"])
        if given["groups"].lower().endswith(".csv"):
            given["groups"] = str(Path(given["groups"]).resolve())
    return replace(kept, seed=seed, **given)


def _weights(arch: str, said: Mapping[str, Any]) -> str:
    """The file of pretrained weights that is asked for, or ""."""
    if "weights" not in said:
        return ""
    if not architecture(arch).transfers:
        raise SettingsError(f"{arch} does not start from pretrained weights: leave --weights out")
    path = Path(said["weights"])
    if not path.is_file():
        raise ModelError(f"{path}: no such file of weights")
    return str(path.resolve())


def _recipe(base: Plan, said: Mapping[str, Any]) -> Recipe:
    recipe = base.recipe
    if said.get("balanced") and "class_weights" in said:
        raise SettingsError("--balanced and --class-weights both weigh the classes: give one of them")
    begins = bool(base.weights or base.start)
    if said.get("frozen") and not begins:
        raise SettingsError("--frozen keeps pretrained layers as they are: name their file with --weights, or --from")
    if not begins:
        recipe = replace(recipe, frozen=0.0)
    if said.get("balanced"):
        recipe = replace(recipe, class_weights=())
    start = Augmentation() if said.get("no_augmentation") else recipe.augmentation
    augmentation = replace(start, **_among(Augmentation, said))
    if "class_weights" in said:
        recipe = replace(recipe, class_weights=_class_weights(said["class_weights"], base.labels), balanced=False)
    return replace(recipe, **_among(Recipe, said), augmentation=augmentation)


def _among(made: type, said: Mapping[str, Any]) -> dict[str, Any]:
    wanted = [field.name for field in fields(made) if field.metadata]
    return {name: said[name] for name in wanted if name in said}


def _class_weights(asked: str | Sequence[float], labels: tuple[str, ...]) -> tuple[float, ...]:
    try:
        weights = tuple(float(part) for part in (asked.split(",") if isinstance(asked, str) else asked))
    except ValueError:
        raise SettingsError(f"--class-weights {asked!r} is no list of numbers like 3.5,6.5,2.5") from None
    if len(weights) != len(labels):
        told = f"{len(weights)} weights for {len(labels)} classes; the order is {', '.join(labels)}"
        raise SettingsError(f"--class-weights: {told}")
    if not all(0 <= weight < math.inf for weight in weights) or not any(weights):
        raise SettingsError(f"--class-weights {asked!r}: weights are positive numbers, or 0 for some of the classes")
    return weights
