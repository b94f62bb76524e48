"""What may be asked of a network, by name; whatever it does not have is an error that lists what it has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..errors import EmoscopeError, ModelError
from ..network.network import Network, Request
from ..network.stills import methods_of
from ..reading.crops import to_batch
from ..reading.smoothing import Shown
from ..types import Floats, Image

if TYPE_CHECKING:
    from .results import FaceReading


def still_methods(network: Network) -> tuple[str, ...]:
    """Names of the methods that take many runs of the network for one face; none where there are no layers."""
    contract = network.contract
    return methods_of(contract, contract.default_layer)[len(contract.methods) :] if contract.layers else ()


def request_of(network: Network, explain: str | bool, layer: str, maps: bool) -> Request:
    """What the network is to compute besides probabilities.

    Args:
        network: the model.
        explain: a CAM method, True for the model's own, "" or False for no heat.
        layer: where heat and maps are taken; "" for the model's own.
        maps: whether the layer's activations are wanted.

    Raises:
        ModelError: the model has no layers, or no such layer or method.
    """
    contract = network.contract
    if contract.layers:
        require_layer(network, layer)
    method = contract.default_method if explain is True else explain or ""
    if not method and not maps and not explain:
        return Request()
    if not contract.layers:
        raise ModelError(f"{network.name} has no layers to look at: `emoscope convert` makes one that has")
    known = (*contract.methods, *still_methods(network))
    if explain and method not in known:
        raise ModelError(f"{network.name} has no method {method!r}; it has {', '.join(known)}")
    return Request(layer or contract.default_layer, maps, method)


def require_layer(network: Network, layer: str) -> None:
    """ModelError where a layer is named, and the model has none of this name.

    Args:
        network: the model.
        layer: a name, or "" for none.
    """
    names = network.contract.layer_names
    if layer and layer not in names:
        raise ModelError(f"{network.name} has no layer {layer!r}; it has {', '.join(names) or 'none'}")


def batch_of(network: Network, face: FaceReading) -> Floats:
    """What a network is fed of a face that was read.

    Args:
        network: the model.
        face: from `Reader.read` or `Reader.watch`.

    Returns:
        (1, height, width, channels) float32.

    Raises:
        EmoscopeError: it is no face.
        ModelError: it was read by a model whose crops are others.
    """
    crop = crop_of(face)
    spec = network.contract.input
    shape = (spec.height, spec.width) if spec.channels == "gray" else (spec.height, spec.width, 3)
    if crop.shape != shape:
        made, wanted = (" × ".join(map(str, size)) for size in (crop.shape, shape))
        raise ModelError(f"{network.name} sees crops of {wanted}, and this face was read as {made}: read it anew")
    return to_batch(crop[None], spec)


def crop_of(face: FaceReading) -> Image:
    """The crop of a face; EmoscopeError where something else was given, such as the list that `read` answers."""
    if isinstance(face, Shown):
        return face.reading.crop
    hint = ", one of those" if isinstance(face, list | tuple) else ""
    raise EmoscopeError(f"an object of type {type(face).__name__} is no face: give what `read` found{hint}")


def class_of(network: Network, target: str | int) -> int:
    """Number of a class that is given by name or number; ModelError where the model has no such class.

    Args:
        network: the model.
        target: the class's name, or its number from 0.
    """
    labels = network.contract.labels
    if isinstance(target, str) and target in labels:
        return labels.index(target)
    if isinstance(target, int | np.integer) and 0 <= target < len(labels):
        return int(target)
    raise ModelError(f"{network.name} has no class {target!r}; it has {', '.join(labels)}")
