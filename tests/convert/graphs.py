"""Small forward graphs in ONNX text, for tests that need no framework."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import onnx
from onnx import numpy_helper, parser

from emoscope.convert.autodiff import Graph
from emoscope.convert.explain import activation_graph
from emoscope.convert.forward import AGAINST, FACES, TARGET, Forward, Layer
from emoscope.convert.observe import observed_shapes, session


def forward_of(
    text: str, weights: dict[str, np.ndarray], face_shape: tuple[int, ...], layers: Sequence[str]
) -> Forward:
    """A graph from `faces` to `probabilities`; the text makes `scores` of `faces`, and layers name its tensors."""
    sizes = ",".join(map(str, face_shape))
    model = parser.parse_model(
        f'<ir_version: 9, opset_import: ["" : 18]> net (float[N,{sizes}] faces) => (float[N,K] probabilities) '
        f"{{ {text} probabilities = Softmax<axis=1>(scores) }}"
    )
    model.graph.initializer.extend(numpy_helper.from_array(value, name) for name, value in weights.items())
    return Forward(model, "scores", tuple(Layer(name, "conv", name, 1) for name in layers), channel_axis=1)


def explain(
    forward: Forward, methods: Sequence[str], faces: np.ndarray, target: Sequence[int], against: Sequence[int] = (-1,)
) -> dict[str, np.ndarray]:
    """Every output of the activation graph, raw gradients included."""
    graph = Graph(forward.model, observed_shapes(forward.model, faces.shape[1:]))
    running = session(activation_graph(forward, graph, methods, raw_gradients=True))
    names = [output.name for output in running.get_outputs()]
    feed = {FACES: faces, TARGET: np.array(target), AGAINST: np.array(against)}
    return dict(zip(names, running.run(names, feed), strict=True))


def operators(forward: Forward, methods: Sequence[str], face_shape: tuple[int, ...], output: str) -> list[str]:
    """The operators that one output of the activation graph needs."""
    from emoscope.convert.passes import keep_outputs

    graph = Graph(forward.model, observed_shapes(forward.model, face_shape))
    model: onnx.ModelProto = activation_graph(forward, graph, methods)
    keep_outputs(model, [output])
    return [node.op_type for node in model.graph.node]
