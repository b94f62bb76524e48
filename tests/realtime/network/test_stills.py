"""Methods for stills on a network that looks at one corner only."""

from __future__ import annotations

import numpy as np
import pytest

from emoscope.convert.bundle import build
from emoscope.network.contract import Contract, InputSpec
from emoscope.network.network import Network, Request
from emoscope.network.stills import STILLS, HeatQuestion, integrated, still_layer
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
    contract = Contract(("bright", "dark"), InputSpec(16, 16, layout="NCHW"))
    return Network(build(forward, contract, ("gradcam",), "corner"))


def bright_corner() -> np.ndarray:
    face = np.zeros((1, 1, 16, 16), np.float32)
    face[..., :4, :4] = 1
    return face


def test_score_cam_is_hot_where_the_picture_makes_the_class():
    heat = STILLS["scorecam"](HeatQuestion(network(), bright_corner(), "maps", 0))
    np.testing.assert_allclose(heat, np.eye(4)[0][:, None] * np.eye(4)[0], atol=1e-6)


@pytest.mark.parametrize("method", STILLS)
def test_every_method_is_hottest_in_the_corner(method: str):
    heat = STILLS[method](HeatQuestion(network(), bright_corner(), "maps", 0))
    large = np.kron(heat, np.ones((16 // heat.shape[0],) * 2))
    assert heat.max() == pytest.approx(1)
    assert large[:4, :4].mean() > 3 * large[4:, 4:].mean()


@pytest.mark.parametrize("method", [name for name in STILLS if name != "smoothgrad"])
def test_nothing_speaks_for_the_other_class(method: str):
    assert not STILLS[method](HeatQuestion(network(), bright_corner(), "maps", 1)).any()


def test_integrated_gradients_add_up_to_the_difference_of_logits():
    found = integrated(HeatQuestion(network(), bright_corner(), "maps", 0))
    assert found.shape == (16, 16, 1)
    assert found.sum() == pytest.approx(2 * 3 * 1, rel=1e-4)  # two maps of mean 1, each times 3


@pytest.mark.parametrize("method", STILLS)
def test_against_the_other_class_is_like_alone_here_where_one_is_minus_the_other(method: str):
    alone, told = (STILLS[method](HeatQuestion(network(), bright_corner(), "maps", 0, other)) for other in (-1, 1))
    np.testing.assert_allclose(told, alone, atol=1e-5)


@pytest.mark.parametrize("method", ["scorecam", "occlusion"])
def test_two_questions_about_one_face_ask_the_network_once(method: str, monkeypatch: pytest.MonkeyPatch):
    asked, said, answer, corner = [], dict[bytes, np.ndarray](), Network.answer, network()
    monkeypatch.setattr(Network, "answer", lambda own, *how: asked.append(how[1]) or answer(own, *how))
    alone = [STILLS[method](HeatQuestion(corner, bright_corner(), "maps", target)) for target in (0, 1)]
    apart = asked.count(Request())
    together = [STILLS[method](HeatQuestion(corner, bright_corner(), "maps", target, said=said)) for target in (0, 1)]
    np.testing.assert_array_equal(together, alone)
    assert asked.count(Request()) - apart == apart // 2


def test_where_they_are_taken():
    assert still_layer("scorecam", "maps") == "maps" and still_layer("occlusion", "maps") == "input"
