"""Which layers tell the story of a network: what an early and a deep convolution answer, and a pooling layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ...errors import ContractError
from ...network.contract import Contract, LayerSpec
from ...network.network import NOTHING
from ...network.offset import prior_offset
from ...network.stills import methods_of

SHORTCUTS = ("shortcut", "downsample", "_0_conv")
"""In the names of convolutions that only bring a block's input to its output's size: they tell nothing of the block."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What an explanation shows.

    Attributes:
        layers: names of the layers whose maps are shown, from input to output.
        methods: heatmap methods, those of the graph first, then those for stills.
        heat_layer: the layer that heatmaps are taken from, "" for none.
        against: class that the prediction is told against; NOTHING for the runner-up.
        units: layer → channel that is followed back to the pixels; of the other layers the one that answers most.
        prior: how much of the training pictures' prior is taken off, 0–1; None for what the model does itself.
    """

    layers: tuple[str, ...]
    methods: tuple[str, ...]
    heat_layer: str
    against: int = NOTHING
    units: Mapping[str, int] = field(default_factory=dict)
    prior: float | None = None


def choose(
    contract: Contract,
    layers: Sequence[str] = (),
    all_layers: bool = False,
    heat_layer: str = "",
    methods: Sequence[str] = (),
    against: str = "",
    units: Sequence[str] = (),
    prior: float | None = None,
) -> Choice:
    """What to show of a model: the layers that were asked for, else those that tell its story.

    Args:
        contract: of the network.
        layers: names of those whose maps are shown; none for those that tell its story.
        all_layers: whether all are.
        heat_layer: name of the layer that heat comes from; "" for the contract's own.
        methods: names of the CAM methods; none for all that the model has.
        against: class that the prediction is told against; "" for the runner-up.
        units: channels that are followed back to the pixels, each as "LAYER:NUMBER".
        prior: how much of the training pictures' prior is taken off, 0–1; None for what the model does itself.

    Raises:
        ContractError: the model has no layer, method or class of a name; the message says which it has.
        ModelError: it does not say what its prior is, and some is to be taken off.
    """
    prior_offset(contract, prior)
    followed = dict(unit_of(contract, told) for told in units)
    wanted = {contract.layer(name).name for name in (*layers, *followed)}
    default = contract.default_layer if contract.layers else ""
    heat = contract.layer(heat_layer).name if heat_layer else default
    shown = contract.layer_names if all_layers else wanted or set(telling(contract.layers, default))
    known = methods_of(contract, heat) if heat else ()
    strange = next((name for name in methods if name not in known), None)
    if strange is not None:
        raise ContractError(f"there is no method {strange!r} for this model; it has {', '.join(known)}")
    if against and against not in contract.labels:
        raise ContractError(f"the model has no class {against!r}; it has {', '.join(contract.labels)}")
    other = contract.labels.index(against) if against else NOTHING
    chosen = tuple(name for name in known if name in methods or not methods)
    return Choice(tuple(name for name in contract.layer_names if name in shown), chosen, heat, other, followed, prior)


def unit_of(contract: Contract, told: str) -> tuple[str, int]:
    """ "block2_relu:17" → the layer and the channel; ContractError where the model has no such channel."""
    name, _, number = told.rpartition(":")
    channels = contract.layer(name or told).channels
    if not number.isdecimal() or int(number) >= channels:
        raise ContractError(f"{told!r} is no channel: give LAYER:NUMBER, for {name or told} from 0 to {channels - 1}")
    return name, int(number)


def narrow(contract: Contract) -> tuple[str, ...]:
    """A few methods of different kinds, for a figure that is one column wide: the model's own before the others."""
    known = methods_of(contract, contract.default_layer) if contract.default_layer else ()
    wanted = dict.fromkeys((contract.default_method, "gradcam", "integrated"))
    return tuple(name for name in wanted if name in known)


def _is_shortcut(layer: LayerSpec) -> bool:
    return any(word in layer.name.lower() for word in SHORTCUTS)


def telling(layers: Sequence[LayerSpec], default: str = "") -> tuple[str, ...]:
    """The first convolution, a pooling after it, and the last convolution; the nearest there is of each.

    A convolution is shown behind its activation, as the next layer reads it and as the atlas knows it.

    Args:
        layers: of the model, from input to output.
        default: name of the layer that heat comes from; where it is a pooling, it is the one that is shown.
    """
    if not layers:
        return ()
    spatial = [layer for layer in layers if layer.height * layer.width > 1] or list(layers)
    convolutions = [layer for layer in spatial if layer.kind == "conv" and not _is_shortcut(layer)] or spatial
    early, deep = (_answered(spatial, layer) for layer in (convolutions[0], convolutions[-1]))
    pools = [layer for layer in spatial[spatial.index(early) :] if layer.kind == "pool"]
    between = next((layer for layer in pools if layer.name == default), pools[0] if pools else None)
    shown = (early, between or spatial[len(spatial) // 2], deep)
    return tuple(layer.name for layer in spatial if layer in shown)


def _answered(layers: Sequence[LayerSpec], convolution: LayerSpec) -> LayerSpec:
    """The activation that a convolution's maps go through, a block's join between them or not; else itself."""
    for layer in layers[layers.index(convolution) + 1 :]:
        if layer.kind == "activation" and layer.channels == convolution.channels:
            return layer
        if layer.kind in ("conv", "pool") and not _is_shortcut(layer):
            break
    return convolution
