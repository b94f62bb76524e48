"""What drives a map, as colours over the face."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from emoscope.draw.backprojection import pixels_picture
from emoscope.draw.inset_pictures import heat_picture, map_picture, with_likes
from emoscope.live.scenes import likes_of
from emoscope.network.atlas import Atlas, AtlasLayer
from emoscope.network.network import RULES
from emoscope.types import Explanation
from emoscope.view.state import RULE_NAMES, first_state
from tests.realtime.tiny import CONTRACT, LABELS, explained, shown

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
    assert found.scale is not None
    assert (found.least, found.most) == ("brighter lowers it", "raises it")
    silent = map_picture(shown(why=why(rule="guided", unit=1, pixels=0 * pixels)), GROUND, state, 60)
    assert "silent here" in silent.title
    missing = map_picture(shown(why=why()), GROUND, state, 60)
    assert "not in this model" in missing.title


def test_the_inset_says_against_which_class() -> None:
    found = heat_picture(shown(why=why(against="sad")), GROUND, first_state(CONTRACT), 60)
    assert "happy rather than sad" in found.title


def test_beside_the_pixels_stands_what_the_filter_likes_best() -> None:
    sheet = np.zeros((4, 8), np.uint8)
    sheet[:, 4:] = 255
    shares = np.array([[0.1, 0, 0], [0.01, -0.25, 0]], np.float32)
    layer = AtlasLayer("conv1", 2, 5, 4, 2, sheet, np.ones(2, np.float32), None, shares, ((), ()))
    atlas = Atlas("tiny", LABELS, 3, {}, {"conv1": layer})
    state = replace(first_state(CONTRACT), view="map", rule="guided", unit=1, layer=0)
    likes = likes_of(atlas, state)
    assert likes is not None and likes.words == f"speaks against {LABELS[1]}, 25.0 %"
    plain = map_picture(shown(why=why(rule="guided", unit=1, pixels=np.eye(4, dtype=np.float32))), GROUND, state, 60)
    found = with_likes(plain, likes, 60, state)
    assert (found.picture[-2:, :18] == 255).all()
    assert (found.picture[:39] == plain.picture[:39]).all()
    assert found.subtitle.startswith(likes.words)  # a long line loses its end
    assert likes.caption == "likes best"
    dead = Atlas("tiny", LABELS, 3, {}, {"conv1": replace(layer, excited=np.zeros(2, np.float32))})
    silent = likes_of(dead, state)
    assert silent is not None and silent.caption == "none found"
    assert likes_of(atlas, replace(state, layer=1)) is None
    assert likes_of(None, state) is None
