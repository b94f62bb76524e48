"""What the views put into the inset."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from emoscope.draw.inset_pictures import crop_picture, grid_picture, heat_picture, map_picture, shown_order
from emoscope.draw.maps import POSITIVE, TABLES
from emoscope.types import Explanation
from emoscope.view.state import first_state
from tests.realtime.tiny import CONTRACT, explained, shown

STATE = first_state(CONTRACT)


def test_heat_stands_over_a_gray_face():
    heat = np.zeros((4, 4), np.float32)
    heat[:2] = 1
    why = Explanation("conv1", None, "gradcam", "sad", heat)
    portrait = np.full((20, 20, 3), (250, 100, 30), np.uint8)
    content = heat_picture(shown(why=why), portrait, replace(STATE, target=1), 80)
    assert np.ptp(content.picture[70].astype(int), axis=-1).max() == 0
    assert np.ptp(content.picture[10].astype(int), axis=-1).min() > 40
    assert content.title == "heat: sad (chosen), Grad-CAM"
    assert content.subtitle == "face 1 • conv1  4×4×2"
    assert (content.least, content.most) == ("less", "more")
    np.testing.assert_array_equal(content.scale, TABLES["inferno"])
    still_of_before = heat_picture(shown(why=why), portrait, replace(STATE, target=0), 80)
    assert still_of_before.title == "heat: sad, Grad-CAM"


def test_a_grid_tells_how_many_of_how_many():
    few = grid_picture(shown(why=explained(channels=4)), np.zeros((9, 9), np.uint8), STATE, 100)
    assert (few.title, few.subtitle) == ("4 maps, most active", "face 1 • conv1  4×4×2")
    many = grid_picture(shown(why=explained(channels=64)), np.zeros((9, 9), np.uint8), STATE, 100)
    assert many.title == "64 maps, most active • page 1 of 16"
    ordered = replace(STATE, sort=False, page=3)
    many = grid_picture(shown(why=explained(channels=64)), np.zeros((9, 9), np.uint8), ordered, 100)
    assert many.title == "64 maps, by number • page 4 of 16"
    last = replace(ordered, page=99)
    beyond = grid_picture(shown(why=explained(channels=64)), np.zeros((9, 9), np.uint8), last, 100)
    assert beyond.title.endswith("page 16 of 16")


def test_pages_show_other_maps_and_the_order_is_kept_where_it_is_held():
    why = explained(channels=64)
    subject, portrait = shown(why=why), np.zeros((9, 9), np.uint8)
    state = replace(STATE, order=tuple(reversed(range(64))))
    first, second = (grid_picture(subject, portrait, replace(state, page=page), 100).picture for page in (0, 1))
    assert (first != second).any()
    assert shown_order(why.maps, state).tolist() == list(reversed(range(64)))
    assert shown_order(why.maps, replace(state, sort=False)).tolist() == list(range(64))
    marked = grid_picture(subject, portrait, replace(state, cursor=True, unit=63), 100).picture
    assert (marked != first).any(), "the map under the cursor is framed"


def test_one_map_is_on_its_own_scale():
    why = Explanation("conv1", np.stack([np.full((2, 2), 9.0), np.eye(2) * 0.5], axis=2).astype(np.float32))
    content = map_picture(shown(why=why), np.zeros((9, 9), np.uint8), replace(STATE, unit=1), 40)
    np.testing.assert_array_equal(content.picture[5, 5], POSITIVE.reshape(256, 3)[255])
    np.testing.assert_array_equal(content.picture[5, 35], POSITIVE.reshape(256, 3)[0])
    assert content.title == "map 1 • peak 0.50"
    assert content.subtitle == "face 1 • conv1  4×4×2", "the wanted layer is pool1, but these maps are still conv1's"
    beyond = map_picture(shown(why=why), np.zeros((9, 9), np.uint8), replace(STATE, unit=99), 40)
    assert beyond.title.startswith("map 1 ")


def test_the_crop_is_shown_pixel_by_pixel():
    subject = shown()
    subject = replace(subject, reading=replace(subject.reading, crop=np.arange(16, dtype=np.uint8).reshape(4, 4)))
    content = crop_picture(subject, np.zeros((9, 9), np.uint8), STATE, 40)
    np.testing.assert_array_equal(content.picture[::10, ::10, 0], np.arange(16).reshape(4, 4))
    assert content.subtitle == "face 1 • 4×4 gray"


@pytest.mark.parametrize("picture", [heat_picture, grid_picture, map_picture])
def test_a_layer_that_is_not_ready_says_so(picture):
    content = picture(shown(), np.full((9, 9, 3), 40, np.uint8), STATE, 64)
    assert (content.title, content.subtitle) == ("preparing", "face 1 • pool1  2×2×2")
    assert (content.picture == 40).all()
