"""The steadied box: still where the face is still, near where it moves, the same at any frame rate."""

from __future__ import annotations

import numpy as np
import pytest

from emoscope.faces.one_euro import OneEuroFilter
from emoscope.types import Face


def face(x: float, y: float = 200, edge: float = 100) -> Face:
    box = (x - edge / 2, y - edge / 2, x + edge / 2, y + edge / 2)
    return Face(box, ((x - edge / 5, y), (x + edge / 5, y)), 0.9, track=3)


def middle(one: Face) -> float:
    return (one.box_xyxy[0] + one.box_xyxy[2]) / 2


def test_noise_on_a_still_face_is_reduced_to_a_third():
    random, smoother, seen = np.random.default_rng(0), OneEuroFilter(face(300), 0.0), []
    for step in range(1, 200):
        seen.append(middle(smoother.update(face(300 + random.normal(0, 0.8)), step / 30)))
    assert np.std(seen) < 0.8 / 3
    assert np.mean(seen) == pytest.approx(300, abs=0.2)


@pytest.mark.parametrize("rate_hz", [10, 30, 60])
@pytest.mark.parametrize("edges_per_s", [0.1, 0.5, 2, 5])
def test_a_moving_face_is_followed_closely(rate_hz, edges_per_s):
    smoother = OneEuroFilter(face(0), 0.0)
    for step in range(1, 2 * rate_hz):
        x = 100 * edges_per_s * step / rate_hz
        shown = middle(smoother.update(face(x), step / rate_hz))
    assert abs(x - shown) <= 0.035 * 100 + 2


def test_a_growing_face_is_followed_closely():
    smoother = OneEuroFilter(face(300, edge=100), 0.0)
    for step in range(1, 60):
        shown = smoother.update(face(300, edge=100 + 3 * step), step / 30)
    width = shown.box_xyxy[2] - shown.box_xyxy[0]
    assert width == pytest.approx(100 + 3 * 59, rel=0.07)


def test_a_face_that_stands_is_reached_after_a_jump():
    smoother = OneEuroFilter(face(300), 0.0)
    for step in range(1, 30):
        shown = smoother.update(face(340), step / 30)
    assert middle(shown) == pytest.approx(340, abs=1)


def test_number_and_score_are_the_newest():
    assert OneEuroFilter(face(1), 0.0).update(face(2), 0.1).track == 3


def test_two_frames_of_one_moment_do_not_divide_by_zero():
    smoother = OneEuroFilter(face(300), 1.0)
    assert np.isfinite(smoother.update(face(310), 1.0).box_xyxy).all()
