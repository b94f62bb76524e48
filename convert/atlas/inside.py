"""A bundle's network opened at a layer: what its cells answer, and the way from any of them back to the pixels.

    faces ─ … ─ A ─ …        run(faces, seed) → A, ∂⟨seed, A⟩/∂faces

For a layer of rectified maps, pooled or not, A is what goes into the Relu: a filter that is silent can only be woken
from there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper

from emoscope.errors import ModelError
from emoscope.network.bundle import ModelBundle
from emoscope.network.contract import InputSpec, LayerSpec
from emoscope.types import Floats

from ..autodiff import Builder, Graph, gradients
from ..explain import activation_graph
from ..forward import FACES, LOGITS, PROBABILITIES, TARGET, Forward, Layer
from ..layers import find_layers
from ..observe import observed_shapes, session
from ..passes import keep_outputs, producers

SEED, ANSWER, PULL, POOLED = "seed", "answer", "pull", "pooled before Relu"


def forward_of(bundle: ModelBundle, names: tuple[str, ...]) -> tuple[Forward, Graph]:
    """The forward graph within a bundle, with these of its layers."""
    model = onnx.ModelProto()
    model.CopyFrom(bundle.activations)
    keep_outputs(model, [PROBABILITIES, LOGITS])
    makes = producers(model)[LOGITS]
    logits = makes.input[0] if makes.op_type == "Identity" else LOGITS
    keep_outputs(model, [PROBABILITIES])
    inputs = [value for value in model.graph.input if value.name != TARGET]
    del model.graph.input[:]
    model.graph.input.extend(inputs)
    graph = Graph(model, observed_shapes(model, bundle.contract.input.shape))
    axis = 3 if bundle.contract.input.layout == "NHWC" else 1
    found = {layer.tensor: layer.channel_axis for layer in find_layers(graph, logits, axis)}
    layers = [_layer(bundle.contract.layer(name), graph, found) for name in names]
    return Forward(model, logits, tuple(layers), axis), graph


def _layer(spec: LayerSpec, graph: Graph, found: dict[str, int]) -> Layer:
    if spec.tensor not in graph.shapes:
        raise ModelError(f"layer {spec.name!r} is not where its contract says: run `emoscope convert` again")
    last = graph.shapes[spec.tensor][1:] == (spec.height, spec.width, spec.channels)
    return Layer(spec.name, spec.kind, spec.tensor, found.get(spec.tensor, 3 if last else 1))


@dataclass(frozen=True, slots=True)
class OpenedLayer:
    """One layer, ready to be asked.

    Attributes:
        spec: the layer.
        axis: of its channels.
        running: (faces, seed) → answers, pixels.
    """

    spec: LayerSpec
    axis: int
    running: ort.InferenceSession

    def __call__(self, faces: Floats, channels: np.ndarray, cells: np.ndarray) -> tuple[Floats, Floats]:
        """A cell's answer in a channel for each face, (N,), and its gradient at the faces, (N, …).

        Args:
            faces: (N, …) as the contract's input says.
            channels: (N,) numbers.
            cells: (N, 2) row and column.
        """
        number = np.arange(len(faces))
        seed = np.zeros((len(faces), self.spec.height, self.spec.width, self.spec.channels), np.float32)
        seed[number, cells[:, 0], cells[:, 1], channels] = 1
        own = seed if self.axis == 3 else np.ascontiguousarray(seed.transpose(0, 3, 1, 2))
        answers, pull = self.running.run([ANSWER, PULL], {FACES: faces, SEED: own})
        last = answers if self.axis == 3 else answers.transpose(0, 2, 3, 1)
        return last[number, cells[:, 0], cells[:, 1], channels], pull


def open_layer(bundle: ModelBundle, name: str) -> OpenedLayer:
    """Opens a network at a layer."""
    forward, graph = forward_of(bundle, (name,))
    (layer,) = forward.layers
    graph, tensor = _unbent(graph, layer.tensor)
    layer = replace(layer, tensor=tensor)
    b = Builder(graph.shapes)
    pull = gradients(b, graph, layer.tensor, SEED, [FACES]).get(FACES)
    if pull is None:
        raise ModelError(f"no way leads from {name!r} back to the pixels")
    model = forward.model
    model.graph.node.extend(b.nodes)
    for given, output in ((layer.tensor, ANSWER), (pull, PULL)):
        model.graph.node.append(helper.make_node("Identity", [given], [output]))
        model.graph.output.append(helper.make_tensor_value_info(output, TensorProto.FLOAT, None))
    model.graph.initializer.extend(b.constants)
    sizes = graph.shapes[layer.tensor][1:]
    model.graph.input.append(helper.make_tensor_value_info(SEED, TensorProto.FLOAT, ["N", *sizes]))
    keep_outputs(model, [ANSWER, PULL])
    return OpenedLayer(bundle.contract.layer(name), layer.channel_axis, session(model))


def _unbent(graph: Graph, tensor: str) -> tuple[Graph, str]:
    """What goes into the Relu that makes a tensor; for a pooling's maxima of a Relu, the maxima of what goes into it.

    max(relu(x)) = relu(max(x)): above zero both are the same.

    Returns:
        The graph, to which that pooling may have been added, and the tensor's name in it.
    """
    makes = graph.producer.get(tensor)
    if makes is not None and makes.op_type == "Relu":
        return graph, makes.input[0]
    before = graph.producer.get(makes.input[0]) if makes is not None and makes.op_type == "MaxPool" else None
    if makes is None or before is None or before.op_type != "Relu":
        return graph, tensor
    pooled = graph.model.graph.node.add()
    pooled.CopyFrom(makes)
    pooled.name, pooled.input[0] = "", before.input[0]
    pooled.output[:] = [POOLED]
    return Graph(graph.model, {**graph.shapes, POOLED: graph.shapes[tensor]}), POOLED


def class_session(bundle: ModelBundle, names: tuple[str, ...]) -> ort.InferenceSession:
    """(faces, target) → probabilities, then activations of the layers, then their gradients."""
    forward, graph = forward_of(bundle, names)
    model = activation_graph(forward, graph, (), raw_gradients=True)
    wanted = [PROBABILITIES, *(f"{what}/{name}" for what in ("activation", "gradient") for name in names)]
    keep_outputs(model, wanted)
    return session(model)


def bounds(spec: InputSpec) -> tuple[Floats, Floats]:
    """What black and white are to the network, each (C, …) so that it broadcasts against faces."""
    scale, offset = (
        np.broadcast_to(np.asarray(value, np.float32), (spec.depth,)) for value in (spec.scale, spec.offset)
    )
    ends = np.stack([offset, 255 * scale + offset])
    low, high = ends.min(0), ends.max(0)
    shape = (spec.depth,) if spec.layout == "NHWC" else (spec.depth, 1, 1)
    return low.reshape(shape), high.reshape(shape)
