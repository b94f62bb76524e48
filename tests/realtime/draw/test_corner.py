"""Where the inset stands: off the faces and their labels, and without fidgeting."""

from __future__ import annotations

from emoscope.draw.corner import PATIENCE_S, Corner
from emoscope.draw.inset import inset_place
from emoscope.draw.style import Sizes
from emoscope.view.scene import CORNERS
from tests.realtime.tiny import face, shown

SIZE = (1280, 720)
INSET = inset_place(*SIZE, Sizes.of(*SIZE))


def test_the_usual_corner_where_nobody_is():
    assert Corner().choose((), *SIZE, 0.0) == CORNERS[0]


def test_a_face_is_given_way_to_and_one_that_passes_by_is_not():
    corner, there = Corner(), (shown(face(INSET.x + 20, INSET.y + 20, 150)),)
    assert corner.choose((), *SIZE, 0.0) == CORNERS[0]
    assert corner.choose(there, *SIZE, 0.1) == CORNERS[0]
    assert corner.choose(there, *SIZE, 0.2 + PATIENCE_S) == CORNERS[1]
    assert corner.choose((), *SIZE, 9.0) == CORNERS[1]


def test_a_label_is_given_way_to_though_its_face_is_free():
    below = shown(face(INSET.x, INSET.bottom - 10, INSET.width))
    assert Corner().choose((below,), *SIZE, 0.0) != CORNERS[0]
