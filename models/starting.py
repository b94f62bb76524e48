"""A network to start from, instead of chance: shipped, or a `.keras` of an earlier run.

What it learnt of faces is taken over, layer by layer; of its answers those that are classes here too. A class that it
does not know begins at chance. Few pictures can only teach the last layer something, so that the others learn later and
little.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from emoscope.convert.archive import check_keras
from emoscope.convert.describe import beside
from emoscope.errors import DataError, ModelError
from emoscope.network.bundle import find_model, shipped_models
from emoscope.network.contract import Contract

from .architectures import ARCHITECTURES
from .recipe import LIGHT, Recipe

HEAD = "logits"
FINE = Recipe(monitor="loss", average=0.99, augmentation=LIGHT)


@dataclass(frozen=True, slots=True)
class Start:
    """A network to start from.

    Attributes:
        path: of the `.keras` file.
        arch: its architecture.
        contract: its labels and input.
        width: factor on the number of its maps.
    """

    path: Path
    arch: str
    contract: Contract
    width: float


def find_start(name: str) -> Start:
    """The network of a shipped name or a path.

    Raises:
        ModelError: there is none, or it is none of ours.
    """
    path = find_model(name).with_suffix(".keras") if name in shipped_models() else Path(name)
    check_keras(path)
    contract = beside(path)
    arch = _architecture(path)
    if contract is None or arch not in ARCHITECTURES:
        raise ModelError(
            f"{path}: no network of ours with its contract beside it: name a run's model.keras, or ferplus"
        )
    return Start(path.resolve(), arch, contract, _width(path))


def _architecture(path: Path) -> str:
    """What the network is called in its own file."""
    if path.suffix != ".keras":
        return ""
    with zipfile.ZipFile(path) as archive:
        return str(json.loads(archive.read("config.json")).get("config", {}).get("name", ""))


def _width(path: Path) -> float:
    try:
        return float(json.loads(path.with_name("config.json").read_text("utf-8"))["width"])
    except (OSError, ValueError, KeyError, TypeError):
        return 1.0


def fine_tuning(pictures: int) -> Recipe:
    """How a network that has learnt already learns from so few or so many pictures of its new task."""
    if pictures < 200:
        return replace(FINE, epochs=30, batch=16, lr=3e-4, frozen=0.6, smoothing=0.1)
    if pictures < 2000:
        return replace(FINE, epochs=20, batch=32, lr=3e-4, frozen=0.3)
    return replace(FINE, epochs=10, batch=64, lr=3e-4, frozen=0.1, average=0.998)


def adopt(network: Any, source: Any, known: Sequence[str], labels: Sequence[str], where: str) -> None:
    """Gives a network the weights of another one of its architecture, in place.

    Args:
        network: in training; its last layer has one group of answers per label set.
        source: what it starts from.
        known: classes of the source.
        labels: classes of the network.
        where: what errors call the source.

    Raises:
        ModelError: the source's layers are not those of the network.
    """
    there, last = {layer.name: layer for layer in source.layers}, answering(network).name
    for layer in network.layers:
        weights = layer.get_weights()
        if layer.name == last:
            layer.set_weights(_head(weights, there[last].get_weights(), known, labels))
        elif weights:
            found = there[layer.name].get_weights() if layer.name in there else []
            if [one.shape for one in found] != [one.shape for one in weights]:
                raise ModelError(
                    f"{where}: layer {layer.name} is not that of this architecture: start from another one"
                )
            layer.set_weights(found)


def answering(network: Any) -> Any:
    """The layer of a Keras network that has a set of weights for each class: `HEAD`, or the last one that has any."""
    weighted = [layer for layer in network.layers if layer.get_weights()]
    return next((layer for layer in weighted if layer.name == HEAD), weighted[-1])


def _head(ours: list[Any], theirs: list[Any], known: Sequence[str], labels: Sequence[str]) -> list[Any]:
    """The last layer: columns of classes that both know from theirs, the others as they were."""
    kernel, bias = (np.array(array) for array in ours)
    if theirs[0].shape[:-1] != kernel.shape[:-1]:
        raise DataError("the last layers differ in size")
    for place in range(len(bias)):
        label = labels[place % len(labels)]
        if label in known:
            kernel[..., place], bias[place] = theirs[0][..., known.index(label)], theirs[1][known.index(label)]
    return [kernel, bias]
