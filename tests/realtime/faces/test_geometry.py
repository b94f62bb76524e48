"""Boxes: overlap, cover, distance, and moving a face between pictures."""

from __future__ import annotations

import math

import numpy as np
import pytest

from emoscope.faces.geometry import boxes, covers, distance, edge, ious, non_maximum_suppression, placed, sound
from emoscope.types import Face


def face(*box: float, score: float = 0.9) -> Face:
    x0, y0, x1, y1 = box
    return Face((x0, y0, x1, y1), ((x0, y0), (x1, y0)), score)


def test_overlap_and_cover_of_boxes_computed_by_hand():
    a, b = boxes([face(0, 0, 10, 10)]), boxes([face(5, 0, 15, 10), face(2, 2, 4, 4), face(20, 20, 30, 30)])
    assert ious(a, b)[0] == pytest.approx([50 / 150, 4 / 100, 0])
    assert covers(a, b)[0] == pytest.approx([0.5, 1, 0])


def test_no_boxes_give_an_empty_table():
    assert ious(boxes([]), boxes([face(0, 0, 1, 1)])).shape == (0, 1)


def test_an_empty_box_overlaps_nothing():
    assert np.all(ious(boxes([face(5, 5, 5, 5)]), boxes([face(0, 0, 10, 10), face(5, 5, 5, 5)])) == 0)


def test_of_faces_in_each_other_the_first_stays():
    big, inner, beside = face(0, 0, 10, 10), face(2, 2, 6, 6), face(9, 0, 19, 10)
    assert non_maximum_suppression([big, inner, beside], 0.6) == [big, beside]
    assert non_maximum_suppression([inner, big], 0.6) == [inner]


def test_distance_is_in_edges_of_the_larger_box():
    assert distance((0, 0, 10, 10), (10, 0, 20, 10)) == pytest.approx(1)
    assert distance((0, 0, 20, 20), (20, 0, 30, 20)) == pytest.approx(15 / 20)
    assert edge((0, 0, 4, 9)) == pytest.approx(6)


def test_a_face_keeps_score_and_number_when_it_is_placed():
    moved = placed(Face((1, 2, 3, 4), ((1, 2), (3, 2)), 0.7, track=5), (2, 3), (10, 20))
    assert moved == Face((12, 26, 16, 32), ((12, 26), (16, 26)), 0.7, track=5)


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -math.inf, 1e30, -1000.0])
@pytest.mark.parametrize("place", range(8))
def test_a_number_that_cannot_be_a_faces_is_noticed(place: int, wrong: float):
    numbers = [40.0, 30.0, 60.0, 50.0, 45.0, 40.0, 55.0, 40.0]
    assert sound(_face_of(numbers), 100)
    numbers[place] = wrong
    assert not sound(_face_of(numbers), 100)


@pytest.mark.parametrize("box", [(40, 30, 40, 50), (40, 30, 60, 30), (60, 30, 40, 50)])
def test_a_box_without_area_is_no_face(box: tuple[float, float, float, float]):
    assert not sound(Face(box, ((45, 40), (55, 40)), 0.9), 100)


@pytest.mark.parametrize(("score", "possible"), [(0.0, True), (1.0, True), (math.nan, False), (math.inf, False)])
def test_a_score_is_a_share(score: float, possible: bool):
    assert sound(Face((40, 30, 60, 50), ((45, 40), (55, 40)), score), 100) == possible


def test_a_face_may_reach_beyond_the_frame():
    assert sound(Face((-60, -80, 160, 180), ((0, 20), (100, 20)), 0.9), 100)


def _face_of(numbers: list[float]) -> Face:
    x0, y0, x1, y1, ax, ay, bx, by = numbers
    return Face((x0, y0, x1, y1), ((ax, ay), (bx, by)), 0.9)
