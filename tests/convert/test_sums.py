"""Σ over cells of a gradient by the short way is the sum of the gradient itself, and is short where it should be."""

from __future__ import annotations

import numpy as np
import pytest

from emoscope.convert.cam_numpy import gradcam, normalised
from tests.convert.graphs import explain, forward_of, operators

HEADS = {
    "pool, global maximum": "p = MaxPool<kernel_shape=[2,2], strides=[2,2]>(y) t = GlobalMaxPool(p) f = Flatten(t)",
    "overlapping pool": "p = MaxPool<kernel_shape=[3,3], strides=[2,2]>(y) t = GlobalMaxPool(p) f = Flatten(t)",
    "mean": "t = GlobalAveragePool(y) f = Flatten(t)",
    "reduced maximum": "f = ReduceMax<keepdims=0>(y, space)",
    "reduced mean": "t = ReduceMean<keepdims=1>(y, space) f = Flatten(t)",
    "maximum over one axis only": "r = ReduceMax<keepdims=0>(y, last) f = ReduceMean<keepdims=0>(r, last)",
    "two branches": "t = GlobalMaxPool(y) u = GlobalAveragePool(y) s = Add(t, u) f = Flatten(s)",
}
BODIES = {
    "norm, relu": "n = BatchNormalization(x, scale, shift, mean, var) y = Relu(n)",
    "product, sum, relu": "m = Mul(x, per) n = Add(m, per) y = Relu(n)",
    "relu": "y = Relu(x)",
    "product by a map": "y = Mul(x, map)",
    "relu then product": "k = Relu(x) y = Mul(k, per)",
    "sum that broadcasts": "a = ReduceMean<keepdims=1>(x, space) y = Add(a, map)",
    "nothing": "y = Identity(x)",
}


def net(body: str, head: str):
    rng = np.random.default_rng(5)
    shapes = {
        "w": (4, 2, 3, 3),
        "per": (4, 1, 1),
        "map": (4, 6, 6),
        "scale": (4,),
        "shift": (4,),
        "mean": (4,),
        "v": (4, 3),
    }
    weights = {name: rng.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}
    weights |= {"var": rng.uniform(0.5, 2, 4).astype(np.float32)}
    weights |= {"space": np.array([2, 3]), "last": np.array([-1])}
    text = f"x = Conv<pads=[1,1,1,1]>(faces, w) {body} {head} scores = MatMul(f, v)"
    return forward_of(text, weights, (2, 6, 6), ["x"])


@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS)
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_grad_cam_by_sums_is_grad_cam(body: str, head: str):
    faces = np.random.default_rng(6).normal(size=(3, 2, 6, 6)).astype(np.float32)
    found = explain(net(body, head), ["gradcam"], faces, [0, 1, 2])
    wanted = normalised(gradcam(found["activation/x"], found["gradient/x"]))
    np.testing.assert_allclose(found["cam/gradcam/x"], wanted, atol=2e-5)
    assert found["gradient/x"].any()


def test_no_map_of_gradients_is_made_where_none_is_needed():
    forward = net(BODIES["norm, relu"], HEADS["pool, global maximum"])
    needed = operators(forward, ["gradcam"], (2, 6, 6), "cam/gradcam/x")
    assert not {"Resize", "ScatterElements", "ReduceSum"} & set(needed)
    assert needed.count("MaxPool") == 1
