"""The contract of a model: from the JSON file beside it, or from what the user says about it, which goes first.

What the file itself says (size, layout, a single channel being gray) need not be said again. What nobody says is asked
for, all of it in one message.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from emoscope.errors import ContractError
from emoscope.network.contract import Contract, CropSpec, InputSpec

from .forward import Facts
from .presets import PRESETS

FILE = "contract.json"


@dataclass(frozen=True, slots=True)
class Told:
    """What the user says; None where nothing.

    Attributes:
        labels: names of the classes, in the order of the outputs.
        channels: "gray", "rgb" or "bgr".
        scale: factor on pixels 0–255, one number or one per channel.
        offset: added after scaling, likewise.
        layout: "NHWC" or "NCHW".
        size: height and width in pixels.
        stretch: percentiles of a crop that become 0 and 255.
        preset: a name of PRESETS, which speaks where nothing else is said of scale, offset and channels.
        crop: how a face is cut out.
    """

    labels: tuple[str, ...] | None = None
    channels: str | None = None
    scale: float | tuple[float, ...] | None = None
    offset: float | tuple[float, ...] | None = None
    layout: str | None = None
    size: tuple[int, int] | None = None
    stretch: tuple[float, ...] | None = None
    preset: str | None = None
    crop: CropSpec | None = None


QUESTIONS = {
    "labels": "--labels angry,disgust,… (one per output, in their order)",
    "channels": "--channels gray, rgb or bgr",
    "scale": "--scale and --offset (it is fed pixel × scale + offset with pixels 0–255), or --input-preset",
    "layout": "--layout NHWC or NCHW",
    "size": "--size HEIGHTxWIDTH",
}


def described(path: Path, facts: Facts, told: Told, known: Contract | None = None) -> Contract:
    """The whole contract; ContractError names every option that is missing, or what contradicts the file.

    Args:
        path: of the file.
        facts: what it says about its input.
        told: what the user says.
        known: the contract that speaks where the user does not; None for the one beside the file, else its own.
    """
    base = known or beside(path) or facts.contract
    spec = base and base.input
    preset = PRESETS.get(told.preset or "")
    answers = {
        "labels": first(told.labels, base and base.labels),
        "channels": first(
            told.channels, preset and preset.channels, spec and spec.channels, "gray" if facts.depth == 1 else None
        ),
        "scale": first(told.scale, preset and preset.scale, spec and spec.scale),
        "layout": first(told.layout, facts.layout or None, spec and spec.layout),
        "size": first(told.size, facts.size, spec and (spec.height, spec.width)),
    }
    missing = [QUESTIONS[name] for name, answer in answers.items() if answer is None]
    if missing:
        asked = "; ".join(missing)
        raise ContractError(f"{path} does not say enough about itself: give {asked}; or put a {FILE} beside it")
    (height, width), offset = answers["size"], first(told.offset, preset and preset.offset, spec and spec.offset, 0.0)
    if not np.all(answers["scale"]) or not np.isfinite([*np.ravel(answers["scale"]), *np.ravel(offset)]).all():
        raise ContractError(f"{path}: scale {answers['scale']} and offset {offset} lose the pixels: --scale, --offset")
    stretch = first(told.stretch, spec and spec.stretch)
    given = InputSpec(height, width, answers["channels"], answers["layout"], answers["scale"], offset, stretch)
    _agree(path, facts, given)
    whole = (base or Contract(answers["labels"])).with_(labels=answers["labels"], input=given)
    return whole if told.crop is None else whole.with_(crop=told.crop)


def beside(path: Path) -> Contract | None:
    """The contract beside a file: NAME.contract.json, for this file alone, else contract.json, for all there."""
    there = [one for one in (path.with_name(f"{path.stem}.{FILE}"), path.with_name(FILE)) if one.is_file()]
    return Contract.read(there[0]) if there else None


def first(*answers: Any) -> Any:
    """The first answer that is one."""
    return next((answer for answer in answers if answer is not None), None)


def _agree(path: Path, facts: Facts, given: InputSpec) -> None:
    takes = (facts.height or given.height, facts.width or given.width, facts.depth or given.depth)
    says = (given.height, given.width, given.depth)
    if takes != says:
        sizes = ["×".join(map(str, size)) for size in (takes, says)]
        raise ContractError(f"{path} takes pictures of {sizes[0]}, but it is described as {sizes[1]}")
    if facts.layout and facts.layout != given.layout:
        raise ContractError(f"{path} takes {facts.layout}, but it is described as {given.layout}")


def check_labels(path: Path, contract: Contract, classes: int) -> None:
    """ContractError where there is not one label per output."""
    if len(contract.labels) != classes:
        raise ContractError(f"{path} has {classes} outputs, but {len(contract.labels)} labels were given: --labels")


def with_numbers(path: Path, contract: Contract, count: int, names: tuple[str, ...] | None) -> Contract:
    """The contract with the names of so many numbers beside the classes: those that are given, else its own.

    Args:
        path: of the file, for words.
        contract: that it came with.
        count: of its numbers; 0 where it tells none.
        names: that are given; None for the contract's.

    Raises:
        ContractError: there is not one name for each.
    """
    own = contract.numbers if names is None else names
    if count and len(own) != count:
        told = f"its output `numbers` has {count} numbers a face, but {len(own)} names"
        raise ContractError(f"{path}: {told}: give --keep numbers=a,b,…")
    return contract.with_(numbers=own if count else ())
