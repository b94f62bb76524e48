"""One channel back to the pixels: numbers worked out by hand, and what must hold for every rule."""

from __future__ import annotations

import numpy as np
import pytest

from emoscope.convert.autodiff import Graph
from emoscope.convert.explain import activation_graph
from emoscope.convert.forward import FACES, TARGET, UNIT
from emoscope.convert.observe import observed_shapes, session
from emoscope.convert.unit import PROJECTIONS
from emoscope.network.network import RULES
from tests.convert.graphs import forward_of

CHAIN = """
    first = Conv(faces, w)
    rect = Relu(first)
    second = Conv(rect, u)
    top = GlobalMaxPool(second)
    flat = Flatten(top)
    scores = MatMul(flat, v)
"""
WEIGHTS = {
    "w": np.array([2, -1], np.float32).reshape(2, 1, 1, 1),
    "u": np.array([[1, -3], [0, 1]], np.float32).reshape(2, 2, 1, 1),
    "v": np.eye(2, dtype=np.float32),
}
X = np.array([[[[1, 2], [-3, 0]]]], np.float32)


def pixels(unit: list[int] | None, faces: np.ndarray = X, text: str = CHAIN) -> dict[str, np.ndarray]:
    forward = forward_of(text, WEIGHTS, (1, 2, 2), ["first", "second"])
    model = activation_graph(forward, Graph(forward.model, observed_shapes(forward.model, (1, 2, 2))), ())
    running = session(model)
    names = [output.name for output in running.get_outputs() if output.name.startswith("unit/")]
    feed = {FACES: faces, TARGET: np.zeros(len(faces), np.int64)} | ({UNIT: np.array(unit)} if unit else {})
    return {
        name.removeprefix("unit/"): found[..., 0] for name, found in zip(names, running.run(names, feed), strict=True)
    }


def test_both_sides_know_the_same_rules():
    assert tuple(PROJECTIONS) == RULES


def test_by_hand():
    """Channel 0 of `second` is 2x above zero and 3x below it, so it answers to bright pixels only."""
    found = pixels([0])
    np.testing.assert_allclose(found["gradient/first"][0], [[4, 8], [0, 0]])  # 2 · max(2x, 0)
    np.testing.assert_allclose(found["gradient/second"][0], [[4, 8], [0, 0]])  # 2 · 1 · max(2x, 0)
    np.testing.assert_allclose(found["gradientxinput/second"][0], [[4, 16], [0, 0]])
    np.testing.assert_allclose(found["field/second"][0], [[0, 2], [0, 0]])  # its largest cell alone


def test_what_the_changed_rules_change():
    """Channel 1 of `second` is max(−x, 0): its seed is 3 at the dark pixel, and −1 times that comes back."""
    found = pixels([1])
    np.testing.assert_allclose(found["gradient/second"][0], [[0, 0], [-3, 0]])
    np.testing.assert_allclose(found["guided/second"][0], [[0, 0], [-3, 0]])
    both = pixels([0], np.full_like(X, -1))  # −3 everywhere: nothing answers, whatever the rule
    assert not any(both[f"{rule}/second"].any() for rule in ("gradient", "guided", "deconvolution"))
    strongest = pixels([0], np.full_like(X, -1))["field/second"][0]
    np.testing.assert_allclose(strongest, [[3, 0], [0, 0]])  # the first of several, though it is below zero


def test_guided_stops_what_hinders_and_deconvolution_does_not_ask_what_answered():
    """The seed at `second` 0 is 1 · g and −3 · g at the two rectified maps: only the first passes either rule."""
    found = pixels([0], np.ones_like(X))
    np.testing.assert_allclose(found["guided/second"], found["deconvolution/second"])
    mixed = CHAIN.replace("Relu(first)", "Relu(shifted)").replace("rect =", "shifted = Add(first, one) rect =")
    WEIGHTS["one"] = np.array([-2.5, 0], np.float32).reshape(1, 2, 1, 1)
    WEIGHTS["u"][0] = np.array([1, 1], np.float32).reshape(2, 1, 1)
    try:
        found = pixels([0], -np.ones_like(X), mixed)  # first answers −2 − 2.5 < 0, the second map 1
    finally:
        WEIGHTS["u"][0] = np.array([1, -3], np.float32).reshape(2, 1, 1)
        del WEIGHTS["one"]
    np.testing.assert_allclose(found["gradient/second"], -np.ones((1, 2, 2)))
    np.testing.assert_allclose(found["guided/second"], -np.ones((1, 2, 2)))
    np.testing.assert_allclose(found["deconvolution/second"], np.ones((1, 2, 2)))  # 2 · 1 from the map that was silent


@pytest.mark.parametrize("unit", [None, [-1], [2], [99]])
def test_no_channel_has_no_pixels(unit: list[int] | None):
    assert not any(one.any() for one in pixels(unit).values())


def test_every_face_may_ask_for_another_channel():
    faces = np.concatenate([X, X])
    found = pixels([0, 1], faces)
    for rule, both in found.items():
        np.testing.assert_allclose(both[0], pixels([0])[rule][0])
        np.testing.assert_allclose(both[1], pixels([1])[rule][0])


def test_without_relu_nothing_is_guided():
    plain = CHAIN.replace("Relu(first)", "Softplus(first)")
    assert {name.partition("/")[0] for name in pixels([0], text=plain)} == {"gradient", "gradientxinput", "field"}
