"""Small maps' convolutions with fewer multiplications: they say what ONNX's own say, forth and back."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import parser

from emoscope.network.bundle import open_bundle
from emoscope.network.network import Network, Request
from emoscope.network.winograd import Kernels, multiplied_less
from emoscope.types import Floats

PROVIDERS = ["CPUExecutionProvider"]
CHANNELS = 32, 40
MIRRORED = "p = Pad<mode = 'reflect'>(x, pads) c = Conv(p, w, b)"
PADDED = "c = Conv<pads = [1, 1, 1, 1]>(x, w, b)"
NORMALISED = "y = BatchNormalization<epsilon = 0.01>(c, gain, shift, mean, variance)"
PLAIN = "y = Identity(c)"


def model_of(
    nodes: str, edge: int, channels: tuple[int, int] = CHANNELS, kernel: int = 3, kind: type = np.float32
) -> onnx.ModelProto:
    """A convolution with random weights on maps of some channels, to others."""
    inputs, outputs = channels
    text = f"""<ir_version: 9, opset_import: ["" : 18]>
        g (float[N, {inputs}, {edge}, {edge}] x) => (float[a, k, s, t] y)
        <int64[8] pads = {{0, 0, 1, 1, 0, 0, 1, 1}}> {{ {nodes} }}"""
    model, random = parser.parse_model(text.replace("'", '"')), np.random.default_rng(0)
    shapes = {"w": (outputs, inputs, kernel, kernel), **dict.fromkeys(("b", "gain", "shift", "mean"), (outputs,))}
    arrays = {name: random.normal(size=shape) for name, shape in shapes.items()}
    arrays["variance"] = random.random(outputs) + 0.5
    for name, array in arrays.items():
        model.graph.initializer.append(onnx.numpy_helper.from_array(array.astype(kind), name))
    return model


def run(model: onnx.ModelProto, feeds: dict[str, np.ndarray]) -> Floats:
    return onnxruntime.InferenceSession(model.SerializeToString(), providers=PROVIDERS).run(None, feeds)[0]


def kinds(model: onnx.ModelProto) -> set[str]:
    return {node.op_type for node in model.graph.node}


@pytest.mark.parametrize("edge", [2, 3, 4, 6])
@pytest.mark.parametrize("border", [MIRRORED, PADDED])
@pytest.mark.parametrize("behind", [NORMALISED, PLAIN])
def test_forth_it_says_the_same(border: str, behind: str, edge: int):
    model, kernels = model_of(f"{border} {behind}", edge), Kernels()
    other = multiplied_less(model, {}, kernels)
    assert not kinds(other) & {"Conv", "Pad", "BatchNormalization"} and len(kernels) == 1
    for faces in (1, 5):
        maps = np.random.default_rng(1).normal(size=(faces, CHANNELS[0], edge, edge)).astype(np.float32)
        wanted = run(model, {"x": maps})
        assert np.abs(run(other, {"x": maps, **kernels}) - wanted).max() < 1e-5 * np.abs(wanted).max()


@pytest.mark.parametrize(
    "model",
    [
        model_of("y = Conv<strides = [2, 2], pads = [1, 1, 1, 1]>(x, w, b)", 6),
        model_of("y = Conv<pads = [0, 0, 1, 1]>(x, w, b)", 6),
        model_of("y = Conv<auto_pad = 'SAME_UPPER'>(x, w, b)", 6),
        model_of("y = Conv(x, w, b)", 6),
        model_of("y = Conv<pads = [1, 1, 1, 1]>(x, w, b)", 6, kernel=5),
        model_of("y = Conv<pads = [1, 1, 1, 1]>(x, w, b)", 6, (16, 32)),
        model_of("y = Conv<pads = [1, 1, 1, 1]>(x, w, b)", 6, kind=np.float64),
        model_of("y = Conv<pads = [1, 1, 1, 1]>(x, w, b)", 5),
        model_of("y = Conv<pads = [1, 1, 1, 1]>(x, w, b)", 24),
        model_of("p = Pad<mode = 'edge'>(x, pads) y = Conv(p, w, b)", 6),
    ],
)
def test_others_are_left_alone(model: onnx.ModelProto):
    assert multiplied_less(model, {}, Kernels()) is model


@pytest.mark.parametrize("name", ["ferplus", "fer2013"])
@pytest.mark.parametrize("method", ["layercam", "gradientxinput"])
def test_shipped_networks_say_the_same_and_why(name: str, method: str):
    bundle, random = open_bundle(name), np.random.default_rng(2)
    usual, less = Network(bundle), Network(bundle, steady=True)
    wish = Request(layer=bundle.contract.default_layer, method=method)
    apart = list[float]()
    for number in (1, 9):
        faces = random.random((number, *bundle.contract.input.shape), np.float32)
        targets = random.integers(0, len(bundle.contract.labels), number)
        for request in (Request(), wish):
            wanted, found = (one.answer(faces, request, targets) for one in (usual, less))
            np.testing.assert_allclose(found.probabilities, wanted.probabilities, atol=2e-6)
            if request == wish:
                apart += np.abs(found.heat - wanted.heat).max((1, 2)).tolist()
    # Where two cells of a pool are alike, or a cell is next to 0, rounding decides which way back is taken.
    assert np.median(apart) < 2e-5 and max(apart) < 0.05


def test_the_ways_back_go_through_the_same_kernels():
    bundle = open_bundle("ferplus")
    less, layer = Network(bundle, steady=True), bundle.contract.default_layer
    forth = {value.name for value in less.prepare(Request()).get_inputs()} - {"faces"}
    fed = {value.name for value in less.prepare(Request(layer=layer, method="layercam")).get_inputs()}
    assert len(forth) == 4, "of the 6×6 maps"
    assert forth < fed and len(fed - forth - {"faces", "target"}) == 4, "12×12 maps gain by it on the way back only"
