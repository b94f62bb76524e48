"""Networks that attend: masks are no layers, what they attend to is; tokens are laid out as the maps they are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnx.parser
import pytest
from onnx import numpy_helper, parser

from emoscope.convert.autodiff import Graph
from emoscope.convert.explain import activation_graph
from emoscope.convert.finite import Behind, deviation
from emoscope.convert.forward import FACES, TARGET, Forward
from emoscope.convert.layers import default_layer, find_layers
from emoscope.convert.observe import observed_shapes, session
from emoscope.convert.onnx_source import normal_form

FACE = (3, 16, 16)


def opened(text: str, batch: str = "N", **weights: tuple[int, ...] | np.ndarray) -> Forward:
    """The forward graph of a network in ONNX text, from `x` to `y`; weights of a given shape are random."""
    rng = np.random.default_rng(0)
    model = parser.parse_model(
        f'<ir_version: 9, opset_import: ["" : 18]> net (float[{batch},3,16,16] x) => (float[{batch},K] y) {{ {text} }}'
    )
    for name, told in weights.items():
        value = told if isinstance(told, np.ndarray) else rng.normal(0, 0.3, told).astype(np.float32)
        model.graph.initializer.append(numpy_helper.from_array(value, name))
    return normal_form(model, Path("net.onnx"), FACE, "NCHW")[0]


def default_of(forward: Forward) -> str:
    return default_layer(forward, graph_of(forward)).name


def graph_of(forward: Forward) -> Graph:
    return Graph(forward.model, observed_shapes(forward.model, FACE))


HEAD = "p = GlobalAveragePool(m) f = Flatten(p) y = Gemm(f, g)"


def test_the_attended_maps_are_the_default_and_a_mask_is_no_layer():
    forward = opened(
        f"c = Conv(x, w) r = Relu(c) s = Conv(r, v) a = Sigmoid(s) m = Mul(r, a) {HEAD}",
        w=(4, 3, 3, 3), v=(1, 4, 1, 1), g=(4, 3),
    )  # fmt: skip
    assert forward.layer_names == ("c", "r", "m")
    assert default_of(forward) == "m"


def test_a_mask_of_all_channels_is_not_the_default():
    """A small network within draws the mask, of as many channels as what it attends to."""
    forward = opened(
        "c = Conv(x, w) r = Relu(c) d = Conv(r, v) e = Softmax<axis=1>(d) u = Add(e, one) m = Mul(r, u) "
        f"{HEAD}",
        w=(4, 3, 3, 3), v=(4, 4, 1, 1), one=np.ones((), np.float32), g=(4, 3),
    )  # fmt: skip
    assert default_of(forward) == "m"


def test_branches_to_the_end_keep_the_last_maps():
    forward = opened(
        "c = Conv(x, w) d = Conv<strides=[4,4]>(c, v) e = Conv<strides=[4,4]>(c, u) "
        "p = GlobalAveragePool(d) q = GlobalMaxPool(e) j = Concat<axis=1>(p, q) f = Flatten(j) y = Gemm(f, g)",
        w=(4, 3, 3, 3), v=(4, 4, 3, 3), u=(4, 4, 3, 3), g=(8, 3),
    )  # fmt: skip
    assert default_of(forward) == "e"


def test_a_dead_channel_has_no_slope_and_no_nan():
    """A global response norm divides by the length of each map, which is 0 where a channel is dead."""
    forward = opened(
        "c = Conv(x, w, b) r = Relu(c) n = ReduceL2(r, space) t = Div(n, n2) m0 = Mul(r, t) m = Add(m0, r) "
        f"{HEAD}",
        w=(4, 3, 3, 3), b=np.array([-99, 0, 0, 0], np.float32), space=np.array([2, 3]),
        n2=np.ones((), np.float32), g=(4, 3),
    )  # fmt: skip
    model = activation_graph(forward, graph_of(forward), ("gradcam",), units=False)
    faces = np.random.default_rng(0).random((2, *FACE), dtype=np.float32)
    heat = session(model).run(["cam/gradcam/r"], {FACES: faces, TARGET: np.array([0, 1])})[0]
    assert np.isfinite(heat).all() and heat.any()


BLOCK = """
h = Conv<strides=[4,4]>(x, w) rows = Reshape(h, flat) tokens = Transpose<perm=[0,2,1]>(rows)
all = Concat<axis=1>(token, tokens) placed = Add(all, places)
{attended_0} {attended_1} pooled = {pooled} y = Gemm(pooled, g)
"""
ATTENDED = """
q{n} = MatMul({before}, wq{n}) k{n} = MatMul({before}, wk{n}) kt{n} = Transpose<perm=[0,2,1]>(k{n})
e{n} = MatMul(q{n}, kt{n}) s{n} = Softmax<axis=2>(e{n}) o{n} = MatMul(s{n}, {before}) block{n} = Add({before}, o{n})
"""
SQUARE = {f"w{which}{n}": (6, 6) for which in "qk" for n in (0, 1)}


def transformer(pooled: str) -> Forward:
    attended = [ATTENDED.format(n=n, before=before) for n, before in enumerate(("placed", "block0"))]
    text = BLOCK.format(attended_0=attended[0], attended_1=attended[1], pooled=pooled)
    weights = {"w": (6, 3, 4, 4), "token": (1, 1, 6), "places": (1, 17, 6), "g": (6, 3), **SQUARE}
    sizes = {"flat": np.array([1, 6, 16]), "none": np.array(0), "one": np.array([1])}
    return opened(text, batch="1", **weights, **sizes)


@pytest.mark.parametrize(
    ("pooled", "layers"),
    [
        ("Gather<axis=1>(block1, none)", ("h", "block0")),
        ("ReduceMean<keepdims=0>(block1, one)", ("h", "block0", "block1")),
    ],
    ids=["class token", "mean"],
)  # fmt: skip
def test_tokens_are_maps(pooled: str, layers: tuple[str, ...]):
    """Behind the last block nothing but the class token may be read: then only the blocks before it have heat."""
    forward = transformer(pooled)
    assert forward.layer_names == layers
    assert default_of(forward) == layers[-1]
    graph = graph_of(forward)
    model = activation_graph(forward, graph, (), raw_gradients=True, units=False)
    feed = {FACES: np.random.default_rng(1).random((3, *FACE), dtype=np.float32), TARGET: np.array([0, 1, 2])}
    maps = session(model).run([f"activation/{layers[-1]}"], feed)[0]
    assert maps.shape == (3, 4, 4, 6)
    assert deviation(Behind(model, forward.layers[-1], feed), maps)[0].max() < 1e-2


def test_the_classifier_alone_keeps_its_tokens():
    forward = transformer("ReduceMean<keepdims=0>(block1, one)")
    assert isinstance(forward.bare, onnx.ModelProto)
    assert len(forward.bare.graph.node) < len(forward.model.graph.node)


def test_rollout_is_the_product_of_all_attention():
    forward = transformer("Gather<axis=1>(block1, none)")
    faces = np.random.default_rng(2).random((2, *FACE), dtype=np.float32)
    model = activation_graph(forward, graph_of(forward), ("rollout",), units=False)
    model.graph.output.append(onnx.ValueInfoProto(name="s0"))
    feed = {FACES: faces, TARGET: np.array([0, 1])}
    early, heat, attention = session(model).run(["cam/rollout/h", "cam/rollout/block0", "s0"], feed)
    wanted = (attention + np.eye(17))[:, 0, 1:].reshape(2, 4, 4)
    np.testing.assert_allclose(heat, wanted / wanted.max((1, 2), keepdims=True), rtol=1e-5)
    assert not early.any()


def test_merged_patches_are_maps():
    """As Swin halves its maps: 2×2 cells become the channels of one, in an order of its own."""
    text = """<ir_version: 9, opset_import: ["" : 18]> net (float[N,3,16,12] faces) => (float[N,5] scores) {
        maps = Conv<kernel_shape = [1, 1]>(faces, w)
        last = Transpose<perm = [0, 2, 3, 1]>(maps)
        cut = Reshape(last, six)
        near = Transpose<perm = [0, 1, 3, 4, 2, 5]>(cut)
        merged = Reshape(near, four)
        less = MatMul(merged, m)
        bent = Tanh(less)
        mean = ReduceMean<keepdims = 0>(bent, space)
        scores = MatMul(mean, v)
    }"""
    rng, model = np.random.default_rng(0), onnx.parser.parse_model(text)
    weights = {"w": (4, 3, 1, 1), "m": (16, 8), "v": (8, 5)}
    stored = {name: rng.normal(size=size).astype(np.float32) for name, size in weights.items()}
    stored |= {"six": np.array([-1, 8, 2, 6, 2, 4]), "four": np.array([-1, 8, 6, 16]), "space": np.array([1, 2])}
    model.graph.initializer.extend(numpy_helper.from_array(value, name) for name, value in stored.items())
    graph = Graph(model, observed_shapes(model, (3, 16, 12)))
    layers = find_layers(graph, "scores", 1)
    assert [(layer.tensor, layer.channel_axis) for layer in layers] == [("maps", 1), ("less", 3), ("bent", 3)]
    assert layers[1].size(graph.shapes["less"]) == (8, 6, 8)
