"""Where panels go."""

from __future__ import annotations

import pytest

from emoscope.draw.layout import Rect, beside, docked

RECT = Rect(10, 20, 30, 40)


def test_edges():
    assert (RECT.right, RECT.bottom) == (40, 60)
    assert RECT.holds(10, 20)
    assert RECT.holds(39.9, 59.9)
    assert not RECT.holds(40, 30)
    assert not RECT.holds(30, 60)


@pytest.mark.parametrize(
    ("box", "rect"),
    [
        ((1.4, 1.6, 3.4, 3.6), Rect(1, 2, 2, 2)),
        ((5, 5, 5, 5), Rect(5, 5, 1, 1)),
        ((5, 5, 2, 2), Rect(5, 5, 1, 1)),
        ((-7.5, -3, -1, 9), Rect(-8, -3, 7, 12)),
    ],
)
def test_whole_pixels_of_a_box(box: tuple[float, ...], rect: Rect):
    assert Rect.around(box) == rect


@pytest.mark.parametrize(
    ("other", "area"),
    [
        (RECT, 1200),
        (Rect(40, 20, 5, 5), 0),
        (Rect(39, 59, 5, 5), 1),
        (Rect(0, 0, 100, 100), 1200),
        (Rect(0, 0, 15, 25), 25),
    ],
)
def test_overlap(other: Rect, area: int):
    assert RECT.overlap(other) == other.overlap(RECT) == area


def test_within():
    assert Rect(0, 0, 10, 10).within(10, 10)
    assert not any(Rect(*place, 10, 10).within(10, 10) for place in [(1, 0), (0, 1), (-1, 0), (0, -1)])


def test_inside_and_distance():
    assert Rect(12, 22, 5, 5).inside(RECT)
    assert not Rect(8, 22, 5, 5).inside(RECT)
    assert RECT.distance(Rect(40, 20, 5, 5)) == RECT.distance(RECT) == 0
    assert RECT.distance(Rect(47, 70, 5, 5)) == Rect(47, 70, 5, 5).distance(RECT) == 10


def test_docked_places_stand_along_the_edges():
    room = Rect(100, 50, 400, 300)
    places = docked(room, 60, 40, 5)
    assert len(set(places)) == 6
    for place in places:
        assert place.inside(room)
        assert place.x == 105 or place.right == 495


def test_places_beside_a_face_never_touch_it():
    places = beside(RECT, 12, 50, 4)
    assert len(places) == 6
    for place in places:
        assert (place.width, place.height) == (12, 50)
        assert place.overlap(RECT) == 0
        assert place.right == RECT.x - 4 or place.x == RECT.right + 4
