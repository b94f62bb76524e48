"""Equal values in one window: the first cell, by rows, receives the gradient, whole."""

from __future__ import annotations

import numpy as np
import pytest

from tests.convert.graphs import explain, forward_of

TEXT = "maps = Identity(faces) p = MaxPool<{style}>(maps) t = ReduceSum<keepdims=0>(p, space) scores = MatMul(t, v)"
WEIGHTS = {"space": np.array([2, 3]), "v": np.ones((1, 2), np.float32)}


@pytest.mark.parametrize(
    "style",
    ["kernel_shape=[2,2], strides=[2,2]", "kernel_shape=[2,2], strides=[2,2], pads=[0,0,1,1]"],
    ids=["compared", "scattered"],
)
def test_first_of_equals(style: str):
    face = np.array([[0, 0, 3, 1], [0, 0, 2, 3], [5, 5, 0, 1], [5, 4, 1, 1]], np.float32)[None, None]
    forward = forward_of(TEXT.format(style=style), WEIGHTS, (1, 4, 4), ["maps"])
    gradient = explain(forward, [], face, [0])["gradient/maps"][0, :, :, 0]
    np.testing.assert_array_equal(gradient, [[1, 0, 1, 0], [0, 0, 0, 0], [1, 0, 0, 1], [0, 0, 0, 0]])


def test_global_maximum_is_shared_by_equals():
    text = "maps = Identity(faces) t = GlobalMaxPool(maps) f = Flatten(t) scores = MatMul(f, v)"
    forward = forward_of(text, WEIGHTS, (1, 2, 2), ["maps"])
    gradient = explain(forward, [], np.array([[[[7, 1], [7, 0]]]], np.float32), [1])["gradient/maps"]
    np.testing.assert_array_equal(gradient[0, :, :, 0], [[0.5, 0], [0.5, 0]])
