"""Heat on faces that reach beyond the picture: drawn as if all of it were, at a cost that the picture bounds."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace

import numpy as np
import pytest

from emoscope.draw.heat import heat_patch
from emoscope.draw.layout import Rect
from emoscope.draw.patch import lay
from emoscope.draw.picture import compose
from emoscope.types import Image
from emoscope.view.scene import Scene
from emoscope.view.state import first_state
from tests.realtime.tiny import CONTRACT, explained, face, gray, shown

HEAT = np.random.default_rng(3).random((6, 5), dtype=np.float32)
SIZE = (120, 90)
PLACES = [(-30, -20, 70, 70), (80, 40, 90, 61), (-400, -300, 777, 777), (20, -500, 50, 1000), (10, 10, 50, 60)]


def laid(place: Rect, size: tuple[int, int], turn_rad: float) -> Image:
    """A gray picture with the heat on it."""
    width, height = size
    picture = np.full((height, width, 3), 90, np.uint8)
    lay(picture, [patch for patch in [heat_patch(HEAT, place, "inferno", 0.7, Rect(0, 0, *size), turn_rad)] if patch])
    return picture


@pytest.mark.parametrize("turn_rad", [0.0, 0.4, -1.2, 3.0])
@pytest.mark.parametrize("place", PLACES)
def test_the_picture_shows_what_it_would_show_of_the_whole(place: tuple[int, int, int, int], turn_rad: float):
    margin, (width, height) = 1200, SIZE
    x, y, wide, high = place
    roomy = laid(Rect(x + margin, y + margin, wide, high), (width + 2 * margin, height + 2 * margin), turn_rad)
    expected = roomy[margin : margin + height, margin : margin + width]
    assert (expected != 90).any()
    difference = np.abs(laid(Rect(*place), SIZE, turn_rad).astype(int) - expected)
    assert difference.max() <= 1
    assert (difference > 0).mean() < 0.02, "only what rounding moves"


@pytest.mark.parametrize("turn_rad", [0.0, 0.3])
def test_a_face_of_any_size_costs_no_more_than_the_picture(turn_rad: float):
    huge = Rect(-400_000, -700_000, 1_000_000, 1_000_000)
    tracemalloc.start()
    drawn = laid(huge, SIZE, turn_rad)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (drawn != 90).any()
    assert peak < 100 * SIZE[0] * SIZE[1]


def test_a_whole_scene_with_such_a_face_stays_small():
    huge = shown(face(-4_000, -3_000, 10_000), why=explained())
    state = replace(first_state(CONTRACT), heat=True)
    tracemalloc.start()
    patches = compose(Scene((huge,), 0, gray(90, 50, 50)), state, 640, 480)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert patches
    assert peak < 50e6


@pytest.mark.parametrize("turn_rad", [0.0, 0.7])
def test_a_face_beside_the_picture_is_nothing(turn_rad: float):
    assert heat_patch(HEAT, Rect(500, 0, 50, 50), "inferno", 0.7, Rect(0, 0, *SIZE), turn_rad) is None
