"""The strip of all layers: tiles that are found again, the current one lit, words for the one under the mouse."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from emoscope.draw.arrange import Arranger
from emoscope.draw.layers import LayerStrip, layer_strip, leaders
from emoscope.draw.picture import patches
from emoscope.draw.stage import Stage
from emoscope.draw.style import Sizes
from emoscope.live.pointing import Drawn, pointed_at
from emoscope.types import Explanation
from emoscope.view.scene import Scene
from emoscope.view.state import first_state
from tests.realtime.tiny import CONTRACT, explained, shown

STATE = replace(first_state(CONTRACT, "off"), all_layers=True, layer=0)
SIZES = Sizes.of(640, 480)
MAPS = (np.zeros((4, 4, 2), np.float32), np.zeros((2, 2, 2), np.float32))
MAPS[0][..., 1] = 1
MAPS[1][0, 0, 0] = 1
WHY = Explanation("conv1", layers=MAPS)
AWAY = (-9.0, -9.0)


@pytest.mark.parametrize("count", [1, 2, 9, 36, 200])
@pytest.mark.parametrize(("width", "height"), [(320, 240), (480, 360), (960, 540), (1920, 1080), (240, 320)])
def test_tiles_lie_in_the_strip_side_by_side_and_are_found_again(count: int, width: int, height: int):
    sizes = Sizes.of(width, height)
    strip = LayerStrip.of(count, width, height, sizes)
    corners = [strip.corner(number, sizes) for number in range(count)]
    assert len(set(corners)) == count
    assert strip.height < height / 2
    for number, (x, y) in enumerate(corners):
        assert 0 <= x <= x + strip.tile <= width
        assert 0 <= y <= y + strip.tile < strip.height
        assert strip.layer_at(x + strip.tile / 2, y + strip.tile / 2, sizes) == number
    assert strip.layer_at(1, strip.height - 1, sizes) is None


def test_the_current_layer_is_lit_and_the_mouse_asks_for_another_ones_name():
    strip = LayerStrip.of(2, 640, 480, SIZES)
    first, second = (layer_strip(strip, replace(STATE, layer=number), WHY, AWAY, SIZES).sheet for number in (0, 1))
    (x0, y0), (x1, y1) = (strip.corner(number, SIZES) for number in (0, 1))
    assert (first[y0, x0, :3] == 255).all()
    assert (second[y1, x1, :3] == 255).all()
    middle = y0 + strip.tile // 2, x0 + strip.tile // 2
    assert first[middle][:3].sum() > second[middle][:3].sum() > 0
    words = slice(strip.height - 20, None)
    pointed = layer_strip(strip, STATE, WHY, (x1 + 5, y1 + 5), SIZES).sheet
    assert (pointed[words] != layer_strip(strip, STATE, WHY, AWAY, SIZES).sheet[words]).any()


def test_of_each_layer_the_map_that_answers_most_stands_for_it_unless_the_state_holds_others():
    assert leaders(WHY, STATE) == (1, 0)
    assert leaders(WHY, replace(STATE, leaders=(0, 1))) == (0, 1)
    assert leaders(WHY, replace(STATE, leaders=(0, 99))) == (1, 0)
    assert leaders(None, STATE) == ()


@pytest.mark.parametrize("inset", ["half", "whole"])
@pytest.mark.parametrize("size", [(1280, 720), (960, 540), (480, 360), (1920, 1080), (540, 960), (700, 700)])
@pytest.mark.parametrize("foot", [0, 90])
def test_a_large_grid_of_maps_lies_in_its_part_of_any_board(inset: str, size: tuple[int, int], foot: int):
    state = replace(STATE, view="maps", all_layers=bool(foot))
    stage = Stage.of((640, 480), size, inset, foot)
    scene = Scene((shown(why=explained(channels=64)),), 0)
    places = Arranger().arrange(scene, state, stage)
    assert places.inset is not None
    assert places.inset.inside(stage.inset)
    assert patches(scene, state, places)


def test_the_strip_has_the_foot_of_the_board_to_itself_and_a_click_chooses_a_layer():
    strip = LayerStrip.of(2, 640, 480, SIZES)
    stage = Stage.of((640, 480), (640, 480), foot=strip.height)
    assert stage.film.bottom <= stage.board.bottom == 480 - strip.height
    scene = Scene((shown(why=WHY),), 0)
    places = Arranger().arrange(scene, STATE, stage)
    drawn = patches(scene, STATE, places)
    low = [patch for patch in drawn if patch.y + patch.height > stage.board.bottom]
    assert [(patch.x, patch.y, patch.width, patch.height) for patch in low] == [
        (0, 480 - strip.height, 640, strip.height)
    ]
    x, y = strip.corner(1, SIZES)
    action = pointed_at(x + 3, stage.board.bottom + y + 3, Drawn(scene, places), STATE)
    assert callable(action)
    assert action(STATE).layer == 1
