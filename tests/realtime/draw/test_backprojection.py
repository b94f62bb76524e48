"""What drives a map, as colours over the face."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from emoscope.draw.backprojection import pixels_picture
from emoscope.draw.inset import heat_picture, map_picture
from emoscope.network.network import RULES
from emoscope.types import Explanation
from emoscope.view.state import RULE_NAMES, first_state
from tests.realtime.tiny import CONTRACT, explained, shown

GROUND = np.full((8, 8, 3), 200, np.uint8)


def test_every_rule_has_its_words() -> None:
    assert tuple(RULE_NAMES) == RULES
    assert all("no true gradient" in RULE_NAMES[rule] for rule in ("guided", "deconvolution"))


def test_amber_raises_blue_lowers_and_nothing_is_the_face() -> None:
    picture = pixels_picture(np.array([[1, -1], [0, 0]], np.float32), GROUND).astype(int)
    blue, green, red = picture[0, 0]
    assert red > green > blue
    blue, _, red = picture[0, -1]
    assert blue > red
    assert len(np.unique(picture[4:])) == 1 and picture[7, 0, 0] == int(200 * 0.35)


def test_silent_pixels_leave_the_face_alone() -> None:
    assert (pixels_picture(np.zeros((4, 4), np.float32), GROUND) == int(200 * 0.35)).all()


def why(**more: object) -> Explanation:
    return replace(explained(), **more)  # type: ignore[arg-type]


def test_the_inset_says_which_map_and_by_which_way() -> None:
    state = replace(first_state(CONTRACT), view="map", rule="guided", unit=1)
    pixels = np.eye(4, dtype=np.float32)
    found = map_picture(shown(why=why(rule="guided", unit=1, pixels=pixels)), GROUND, state, 60)
    assert found.title.startswith("map 1") and "no true gradient" in found.title
    assert found.picture.shape == (60, 60, 3)
    silent = map_picture(shown(why=why(rule="guided", unit=1, pixels=0 * pixels)), GROUND, state, 60)
    assert "silent here" in silent.subtitle
    missing = map_picture(shown(why=why()), GROUND, state, 60)
    assert "not in this model" in missing.title


def test_the_inset_says_against_which_class() -> None:
    found = heat_picture(shown(why=why(against="sad")), GROUND, first_state(CONTRACT), 60)
    assert "happy rather than sad" in found.title
