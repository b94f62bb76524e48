"""Score-CAM on a network that looks at one corner only."""

from __future__ import annotations

import numpy as np

from emoscope.convert.bundle import build
from emoscope.network.bundle import ModelBundle
from emoscope.network.contract import Contract, InputSpec
from emoscope.network.network import Network
from emoscope.network.scorecam import score_cam
from tests.convert.graphs import forward_of

TEXT = """
    maps = Conv<kernel_shape=[4,4], strides=[4,4]>(faces, w)
    heat = Mul(maps, corner)
    flat = ReduceSum<keepdims=0>(heat, space)
    scores = MatMul(flat, v)
"""


def network() -> Network:
    corner = np.zeros((1, 4, 4), np.float32)
    corner[:, 0, 0] = 3
    weights = {
        "w": np.full((2, 1, 4, 4), 1 / 16, np.float32),
        "corner": corner,
        "space": np.array([2, 3]),
        "v": np.array([[1, -1], [1, -1]], np.float32),
    }
    forward = forward_of(TEXT, weights, (1, 16, 16), ["maps"])
    made = build(forward, Contract(("bright", "dark"), InputSpec(16, 16, layout="NCHW")), ("gradcam",))
    return Network(ModelBundle("corner", made.contract, made.classifier, made.activations))


def test_heat_where_the_picture_makes_the_class():
    face = np.zeros((1, 1, 16, 16), np.float32)
    face[..., :4, :4] = 1
    heat = score_cam(network(), face, "maps", target=0)
    np.testing.assert_allclose(heat, np.eye(4)[0][:, None] * np.eye(4)[0], atol=1e-6)


def test_no_map_helps_no_heat():
    face = np.zeros((1, 1, 16, 16), np.float32)
    face[..., :4, :4] = 1
    assert not score_cam(network(), face, "maps", target=1).any()
