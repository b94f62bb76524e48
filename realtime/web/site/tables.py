"""The numbers by which faces are found and read, and the table of keys, as a JavaScript module made of the Python ones.

Every constant of a listed module whose value JSON can hold is there under the module's name:

    import { faces } from "./tables.js";      const { MEMORY_S } = faces.tracks;
"""

from __future__ import annotations

import importlib
import inspect
import json
from collections.abc import Iterator
from dataclasses import asdict, is_dataclass
from typing import Any

import numpy as np

from ...reading.smoothing import LabelSmoother
from ...view.actions import Action
from ...view.keys import BY_KEY

MODULES = (
    "draw.backprojection",
    "faces.appearance",
    "faces.blazeface",
    "faces.finder",
    "faces.gate",
    "faces.geometry",
    "faces.looks",
    "faces.one_euro",
    "faces.people",
    "faces.replacements",
    "faces.roll_alignment",
    "faces.shot_boundaries",
    "faces.tracks",
    "faces.yunet",
    "faces.yunet_graph",
    "network.network",
    "network.offset",
    "reading.baseline",
    "reading.crops",
    "reading.session",
    "reading.smoothing",
    "reading.stretch",
    "types",
    "view.actions",
    "view.state",
    "view.told",
    "web.client_state",
    "web.cover",
    "web.inside",
    "web.readout",
)
FINDERS = "faces"
"""The package whose own constants stand under `faces.finders`."""
ROOT = __name__.removesuffix(".web.site.tables")


def tables() -> str:
    """The module's text."""
    told: dict[str, Any] = {}
    for name in MODULES:
        _put(told, name, dict(_constants(name)))
    _put(told, "faces.finders", dict(_constants(FINDERS)))
    told["reading"]["smoothing"]["DEFAULTS"] = _defaults(LabelSmoother)
    told["view"]["keys"] = {key: action_of(binding.action) for key, binding in BY_KEY.items()}
    lines = (f"export const {room} = {json.dumps(rows, ensure_ascii=False)};" for room, rows in told.items())
    return "\n".join(["// Made by `emoscope site` from the tables of the Python program.", *lines]) + "\n"


def action_of(action: Action) -> dict[str, Any]:
    """A key's action as data: the name of its maker in `emoscope.view.actions`, and what that was given."""
    given = inspect.getclosurevars(action).nonlocals
    return {"action": action.__qualname__.partition(".")[0], "given": {key: _plain(one) for key, one in given.items()}}


def _put(told: dict[str, Any], name: str, rows: dict[str, Any]) -> None:
    *rooms, last = name.split(".")
    for room in rooms:
        told = told.setdefault(room, {})
    told[last] = rows


def _constants(name: str) -> Iterator[tuple[str, Any]]:
    for key, value in vars(importlib.import_module(f"{ROOT}.{name}")).items():
        if key.isupper() and not key.startswith("_"):
            try:
                yield key, _plain(value)
            except TypeError:
                continue  # no constant that JavaScript could hold


def _plain(value: Any) -> Any:
    """A value as JSON takes it.

    Raises:
        TypeError: it is none.
    """
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, np.ndarray):
        return value.tolist()
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if hasattr(value, "_asdict"):
        return {key: _plain(one) for key, one in value._asdict().items()}
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    raise TypeError(f"{type(value).__name__} is no constant")


def _defaults(kind: type) -> dict[str, Any]:
    parameters = inspect.signature(kind).parameters.values()
    return {one.name: one.default for one in parameters if one.default is not inspect.Parameter.empty}
