"""Which layers tell the story of a network: an early convolution, a pooling layer, a deep convolution."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...network.contract import Contract, LayerSpec
from ...network.offset import prior_offset

SCORECAM = "scorecam"
SHORTCUTS = ("shortcut", "downsample", "_0_conv")
"""In the names of convolutions that only bring a block's input to its output's size: they tell nothing of the block."""
MOST_MASKS = 512
"""Maps of a layer for which Score-CAM is shown as well: it runs the network once for each of them."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What an explanation shows.

    Attributes:
        layers: names of the layers whose maps are shown, from input to output.
        methods: CAM methods; Score-CAM last, which no graph holds.
        heat_layer: the layer that heatmaps are taken from, "" for none.
        prior: how much of the training pictures' prior is taken off, 0–1; None for what the model does itself.
    """

    layers: tuple[str, ...]
    methods: tuple[str, ...]
    heat_layer: str
    prior: float | None = None


def choose(
    contract: Contract,
    layers: Sequence[str] = (),
    all_layers: bool = False,
    heat_layer: str = "",
    prior: float | None = None,
) -> Choice:
    """What to show of a model: the layers that were asked for, else those that tell its story.

    Raises:
        ContractError: the model has no layer of a name; the message says which it has.
        ModelError: it does not say what its prior is, and some is to be taken off.
    """
    prior_offset(contract, prior)
    wanted = {contract.layer(name).name for name in layers}
    default = contract.default_layer if contract.layers else ""
    heat = contract.layer(heat_layer).name if heat_layer else default
    shown = contract.layer_names if all_layers else wanted or set(telling(contract.layers))
    methods = (*contract.methods, *_gradient_free(contract, heat)) if heat else ()
    return Choice(tuple(name for name in contract.layer_names if name in shown), methods, heat, prior)


def _gradient_free(contract: Contract, layer: str) -> tuple[str, ...]:
    spec = contract.layer(layer)
    return (SCORECAM,) if spec.height * spec.width > 1 and spec.channels <= MOST_MASKS else ()


def _is_shortcut(layer: LayerSpec) -> bool:
    return any(word in layer.name.lower() for word in SHORTCUTS)


def telling(layers: Sequence[LayerSpec]) -> tuple[str, ...]:
    """The first convolution, the first pooling after it, and the last convolution; the nearest there is of each."""
    if not layers:
        return ()
    spatial = [layer for layer in layers if layer.height * layer.width > 1] or list(layers)
    convolutions = [layer for layer in spatial if layer.kind == "conv" and not _is_shortcut(layer)] or spatial
    early, deep = convolutions[0], convolutions[-1]
    pools = [layer for layer in spatial[spatial.index(early) :] if layer.kind == "pool"]
    between = pools[0] if pools else spatial[len(spatial) // 2]
    return tuple(layer.name for layer in spatial if layer in (early, between, deep))
