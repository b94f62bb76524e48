"""One filter back to the pixels: what of this very picture drives one map of a layer, as ONNX operators.

    faces x ─ … ─ Relu ─ … ─ layer A ─ map k ─ score s
    pixels  ── … ─ rule ─ … ── seed ∂s/∂A          the walk that class heat takes, seeded here instead of at the logits

A whole map's score is s = ½ Σ_ij max(A_k, 0)²: its seed is the map itself where it answers, so cells count by how
strongly they do (Zeiler and Fergus 2014 feed the map back in the same way). `field` asks its strongest cell alone.
What comes out has the shape of the faces, (N, H, W, C), signed, neither rectified nor normalised; it is zero
everywhere for a unit that is no channel of the layer, and for a map that is nowhere above zero, but in `field`.

Guided backpropagation and deconvolution change what Relu sends back, and nothing else. They draw clean edges, but are
no gradient of anything: both may hardly change when the weights behind the layer do (Adebayo et al. 2018,
arXiv:1810.03292; Nie et al. 2018, arXiv:1805.07039).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from .autodiff import Builder, Graph, gradients
from .autodiff.rules.activations import positive
from .autodiff.table import Rule
from .forward import FACES, UNIT, Layer

RELU = "Relu"
GUIDED = {RELU: Rule((lambda b, g, y, x: b.Mul(b.Relu(g), positive(b, y)),))}
"""g where y > 0 and g > 0. Springenberg et al. 2015, arXiv:1412.6806."""
DECONVOLUTION = {RELU: Rule((lambda b, g, y, x: b.Relu(g),))}
"""g where g > 0, whatever y was; maxima go back to where they came from. Zeiler and Fergus 2014, arXiv:1311.2901."""

Seeding: TypeAlias = Callable[[Builder, Layer, tuple[int, int, int], str], str]
"""Appends ∂s/∂A and returns its name, from: a builder, the layer, (height, width, channels) of its maps, and the name
of a tensor that is 1 in the chosen channel and 0 in all others."""


def whole_map(b: Builder, layer: Layer, size: tuple[int, int, int], chosen: str) -> str:
    """∂s/∂A of s = ½ Σ_ij max(A_k, 0)²: max(A, 0) in the chosen channel; see `Seeding`."""
    return b.Mul(b.Relu(layer.tensor), chosen)


def strongest_cell(b: Builder, layer: Layer, size: tuple[int, int, int], chosen: str) -> str:
    """1 at the largest cell of the chosen channel, the first of several; see `Seeding`."""
    height, width, _ = size
    flat = b.Reshape(b.ReduceSum(b.Mul(layer.tensor, chosen), [layer.channel_axis], keepdims=0), [0, -1])
    place = b.OneHot(b.ArgMax(flat, axis=1, keepdims=0), height * width, [0.0, 1.0])
    cells = [-1, 1, height, width] if layer.channel_axis == 1 else [-1, height, width, 1]
    return b.Mul(b.Reshape(place, cells), chosen)


@dataclass(frozen=True, slots=True)
class Projection:
    """One way back to the pixels.

    Attributes:
        seeding: makes ∂s/∂A.
        changed: operator → the rule that stands in for its derivative.
        times_input: whether the result is multiplied by the faces, pixel by pixel.
    """

    seeding: Seeding = whole_map
    changed: Mapping[str, Rule] = field(default_factory=dict)
    times_input: bool = False


PROJECTIONS: dict[str, Projection] = {
    "gradient": Projection(),
    "gradientxinput": Projection(times_input=True),
    "guided": Projection(changed=GUIDED),
    "deconvolution": Projection(changed=DECONVOLUTION),
    "field": Projection(seeding=strongest_cell),
}
"""Rule → how it goes back; the middle of the output's name, `unit/RULE/LAYER`."""


def project(b: Builder, graph: Graph, layer: Layer, rule: str) -> str | None:
    """Appends one way back from a layer to the faces; the name of its result, or None where none leads there.

    Args:
        b: appends operators.
        graph: of the model.
        layer: whose channel is followed back.
        rule: a name of PROJECTIONS.

    Raises:
        MissingRuleError: an operator on the way has no derivative rule.
    """
    way, size = PROJECTIONS[rule], layer.size(graph.shapes[layer.tensor])
    seed = way.seeding(b, layer, size, channel(b, layer, size[2]))
    found = gradients(b, graph, layer.tensor, seed, [FACES], way.changed).get(FACES)
    return b.Mul(found, FACES) if found and way.times_input else found


def channel(b: Builder, layer: Layer, channels: int) -> str:
    """1 at each face's chosen channel, 0 elsewhere; broadcasts against the layer's maps."""
    hit = b.Cast(b.Equal(b.Unsqueeze(UNIT, [1]), list(range(channels))), to=1)
    return b.Reshape(hit, [-1, channels, 1, 1] if layer.channel_axis == 1 else [-1, 1, 1, channels])


def rules_for(graph: Graph) -> tuple[str, ...]:
    """The ways that differ in a graph: those that change Relu only where there is one."""
    rectified = any(node.op_type == RELU for node in graph.nodes)
    return tuple(name for name, way in PROJECTIONS.items() if rectified or not way.changed)
