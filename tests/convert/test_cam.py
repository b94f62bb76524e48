"""CAM methods: numbers worked out by hand, the formulas once more in NumPy, and what must hold for all."""

from __future__ import annotations

import numpy as np
import pytest

from emoscope.convert.cam import METHODS
from emoscope.convert.cam_numpy import ORACLES, normalised
from emoscope.convert.forward import Forward
from tests.convert.graphs import explain, forward_of

BY_HAND = """
    maps = Conv(faces, w)
    means = GlobalAveragePool(maps)
    flat = Flatten(means)
    scores = MatMul(flat, v)
"""
X = np.array([[[[1, 2], [-3, 4]]]], np.float32)


def by_hand() -> dict[str, np.ndarray]:
    """Two maps, x and −x; class 0 is the mean of the first, class 1 of the second."""
    weights = {"w": np.array([1, -1], np.float32).reshape(2, 1, 1, 1), "v": np.eye(2, dtype=np.float32)}
    forward = forward_of(BY_HAND, weights, (1, 2, 2), ["maps"])
    return explain(forward, list(METHODS), np.concatenate([X, X, -np.abs(X)]), [0, 1, 0])


@pytest.mark.parametrize("method", ["gradcam", "hirescam", "layercam", "xgradcam", "gradcam++"])
def test_heat_is_where_the_class_is(method: str):
    heat = by_hand()[f"cam/{method}/maps"]
    np.testing.assert_allclose(heat[0], [[0.25, 0.5], [0, 1]], atol=1e-6)


@pytest.mark.parametrize("method", ["gradcam", "hirescam", "layercam", "gradcam++"])
def test_another_class_has_other_heat(method: str):
    np.testing.assert_allclose(by_hand()[f"cam/{method}/maps"][1], [[0, 0], [1, 0]], atol=1e-6)


@pytest.mark.parametrize("method", ["gradcam", "hirescam", "layercam", "gradcam++"])
def test_nothing_for_the_class_is_zero_not_nan(method: str):
    np.testing.assert_array_equal(by_hand()[f"cam/{method}/maps"][2], np.zeros((2, 2)))


def test_saliency_of_the_input_is_its_slope():
    found = by_hand()
    np.testing.assert_allclose(
        found["gradient/input"][:, :, :, 0], np.array([1, -1, 1])[:, None, None] / 4 * np.ones((3, 2, 2))
    )
    np.testing.assert_allclose(found["cam/saliency/input"], np.ones((3, 2, 2)))


DEEP = """
    first = Conv<pads=[1,1,1,1]>(faces, w1)
    rect = Relu(first)
    small = MaxPool<kernel_shape=[2,2], strides=[2,2]>(rect)
    second = Conv<pads=[1,1,1,1]>(small, w2)
    smooth = Softplus(second)
    top = GlobalMaxPool(smooth)
    flat = Flatten(top)
    scores = MatMul(flat, v)
"""


@pytest.mark.parametrize("method", list(METHODS))
@pytest.mark.parametrize("layer", ["first", "rect", "small", "second", "smooth"])
def test_graph_agrees_with_the_formula(method: str, layer: str):
    rng = np.random.default_rng(3)
    shapes = {"w1": (4, 1, 3, 3), "w2": (5, 4, 3, 3), "v": (5, 3)}
    weights = {name: rng.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}
    forward = forward_of(DEEP, weights, (1, 8, 6), [layer])
    found = explain(forward, [method], rng.normal(size=(3, 1, 8, 6)).astype(np.float32), [0, 2, -1])
    wanted = normalised(ORACLES[method](found[f"activation/{layer}"], found[f"gradient/{layer}"]))
    np.testing.assert_allclose(found[f"cam/{method}/{layer}"], wanted, atol=1e-5)
    assert wanted.any()


@pytest.mark.parametrize("method", list(METHODS))
@pytest.mark.parametrize(("size", "slope"), [(1, 1e14), (1, 1e-14), (1e17, 1), (1e-17, 1)])
def test_numbers_whose_squares_and_cubes_float32_does_not_hold(method: str, size: float, slope: float):
    """As those of a network with random weights, whose every block makes them larger."""
    weights = {
        "w": np.array([1, -0.5], np.float32).reshape(2, 1, 1, 1) * size,
        "v": np.eye(2, dtype=np.float32) * slope,
    }
    plain = {"w": weights["w"] / size, "v": weights["v"] / slope}
    faces = np.concatenate([X, X + 1])
    found, known = (
        explain(forward_of(BY_HAND, one, (1, 2, 2), ["maps"]), [method], faces, [0, 1]) for one in (weights, plain)
    )
    wanted = normalised(ORACLES[method](found["activation/maps"], found["gradient/maps"]))
    np.testing.assert_allclose(found[f"cam/{method}/maps"], wanted, atol=1e-6)
    if method != "gradcam++":  # its 2 + G Σ A is of no scale
        np.testing.assert_allclose(wanted, known[f"cam/{method}/maps"], atol=1e-6)
    assert wanted.any()


def test_minus_one_means_the_predicted_class():
    rng = np.random.default_rng(4)
    shapes = {"w1": (4, 1, 3, 3), "w2": (5, 4, 3, 3), "v": (5, 3)}
    weights = {name: rng.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}
    forward, faces = forward_of(DEEP, weights, (1, 8, 6), ["rect"]), rng.normal(size=(4, 1, 8, 6)).astype(np.float32)
    free = explain(forward, ["gradcam"], faces, [-1] * 4)
    named = explain(forward, ["gradcam"], faces, free["probabilities"].argmax(1).tolist())
    others = explain(forward, ["gradcam"], faces, free["probabilities"].argmin(1).tolist())
    np.testing.assert_array_equal(free["cam/gradcam/rect"], named["cam/gradcam/rect"])
    assert np.abs(free["cam/gradcam/rect"] - others["cam/gradcam/rect"]).max() > 0.1


def deep() -> tuple[Forward, np.ndarray]:
    rng = np.random.default_rng(4)
    shapes = {"w1": (4, 1, 3, 3), "w2": (5, 4, 3, 3), "v": (5, 3)}
    weights = {name: rng.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}
    return forward_of(DEEP, weights, (1, 8, 6), ["rect"]), rng.normal(size=(4, 1, 8, 6)).astype(np.float32)


def test_against_a_class_is_the_difference_of_two_gradients():
    forward, faces = deep()
    alone = [explain(forward, [], faces, [target] * 4)["gradient/rect"] for target in (0, 2)]
    difference = explain(forward, [], faces, [0] * 4, against=[2])["gradient/rect"]
    np.testing.assert_allclose(difference, alone[0] - alone[1], atol=1e-6)


def test_minus_two_is_against_the_runner_up():
    forward, faces = deep()
    ranked = explain(forward, [], faces, [-1] * 4)["probabilities"].argsort(1)
    named = explain(forward, ["hirescam"], faces, ranked[:, -1].tolist(), against=ranked[:, -2].tolist())
    asked = explain(forward, ["hirescam"], faces, [-1] * 4, against=[-2])
    np.testing.assert_array_equal(asked["cam/hirescam/rect"], named["cam/hirescam/rect"])
    alone = explain(forward, ["hirescam"], faces, [-1] * 4)["cam/hirescam/rect"]
    assert np.abs(alone - asked["cam/hirescam/rect"]).max() > 0.05


def test_against_itself_is_nothing():
    forward, faces = deep()
    found = explain(forward, ["hirescam"], faces, [1] * 4, against=[1])
    np.testing.assert_array_equal(found["cam/hirescam/rect"], np.zeros((4, 8, 6)))


def test_eigencam_is_the_first_singular_vector_and_knows_no_class():
    forward, faces = deep()
    one, other = (explain(forward, ["eigencam"], faces, [target] * 4) for target in (0, 1))
    np.testing.assert_array_equal(one["cam/eigencam/rect"], other["cam/eigencam/rect"])
    cells = one["activation/rect"].reshape(4, -1, 4).astype(np.float64)
    left, sizes, _ = np.linalg.svd(cells, full_matrices=False)
    assert (sizes[:, 1] / sizes[:, 0]).max() < 0.8
    first = left[:, :, 0] * np.sign(left[:, :, 0].sum(1, keepdims=True))
    np.testing.assert_allclose(one["cam/eigencam/rect"], normalised(first.reshape(4, 8, 6)), atol=5e-3)


def test_gradient_times_input_is_taken_at_the_input():
    forward, faces = deep()
    found = explain(forward, [], faces, [1] * 4)
    product = normalised((found["gradient/input"] * faces.transpose(0, 2, 3, 1)).sum(-1))
    np.testing.assert_allclose(found["cam/gradientxinput/input"], product, atol=1e-6)
    assert product.any()
