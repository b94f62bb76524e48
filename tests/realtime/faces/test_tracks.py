"""Identities: who is who from frame to frame, in seconds."""

from __future__ import annotations

import pytest

from emoscope.faces.tracks import Tracker
from emoscope.types import Face


def face(x: float, y: float = 100, edge: float = 50) -> Face:
    box = (x - edge / 2, y - edge / 2, x + edge / 2, y + edge / 2)
    return Face(box, ((x - edge / 5, y), (x + edge / 5, y)), 0.9)


def numbers(faces: list[Face]) -> list[int]:
    return [one.track for one in faces]


def test_numbers_start_at_one_and_stay():
    tracker = Tracker()
    assert numbers(tracker.update([face(100), face(300)], 0.0)) == [1, 2]
    assert numbers(tracker.update([face(302), face(103)], 0.04)) == [1, 2]


def test_each_face_goes_to_the_nearest_track_whatever_the_order():
    tracker = Tracker()
    tracker.update([face(100), face(130)], 0.0)
    assert [round(one.box_xyxy[0]) for one in tracker.update([face(131), face(101)], 0.04)] == [75, 105]


def test_two_people_who_pass_each_other_at_a_distance_do_not_swap():
    tracker = Tracker()
    for step in range(60):
        faces = tracker.update([face(100 + 5 * step, 100), face(395 - 5 * step, 170)], step / 30)
        assert [one.box_xyxy[1] < 100 for one in faces] == [True, False]
        assert numbers(faces) == [1, 2]


def test_what_is_out_of_reach_or_of_another_size_is_another_face():
    tracker = Tracker()
    tracker.update([face(100)], 0.0)
    assert numbers(tracker.update([face(300)], 0.04)) == [2]
    assert numbers(tracker.update([face(300, edge=120)], 0.08)) == [3]


def test_a_further_face_of_a_frame_is_never_one_that_was_seen_in_it():
    tracker = Tracker()
    tracker.update([face(100)], 0.0)
    tracker.update([face(102)], 0.04)
    tracker.add([face(120)], 0.04)
    assert numbers(tracker.update([face(104), face(122)], 0.08)) == [1, 2]


def test_a_further_face_may_be_one_that_was_lost():
    tracker = Tracker()
    tracker.update([face(100), face(300)], 0.0)
    tracker.update([face(302)], 0.04)
    tracker.add([face(103)], 0.04)
    assert numbers(tracker.known(0.04)) == [1, 2]
    assert numbers(tracker.update([face(304), face(106)], 0.08)) == [1, 2]


def test_the_reach_grows_while_a_face_is_lost():
    quick, slow = Tracker(), Tracker()
    for tracker, gap_s in ((quick, 0.04), (slow, 0.4)):
        for step in range(10):
            tracker.update([face(100)], step / 30)
        (last,) = tracker.update([face(160)], 0.3 + gap_s)[-1:]
        assert last.track == (2 if tracker is quick else 1)


def looks(tracker: Tracker, until_s: float, apart_s: float = 0.1) -> None:
    """Looks that find nobody."""
    for step in range(1, round(until_s / apart_s)):
        tracker.update([], step * apart_s)


def test_a_lost_face_is_remembered_for_its_time_and_no_longer():
    for gap_s, expected in ((1.4, 1), (1.6, 2)):
        tracker = Tracker()
        tracker.update([face(100)], 0.0)
        looks(tracker, gap_s)
        assert numbers(tracker.update([face(100)], gap_s)) == [expected]


@pytest.mark.parametrize("apart_s", [1.0, 2.5, 30.0])
def test_of_looks_that_lie_far_apart_a_face_may_be_missed_by_one(apart_s: float):
    tracker = Tracker()
    for step in range(6):
        assert numbers(tracker.update([face(100)], step * apart_s)) == [1]
    tracker.update([], 6 * apart_s)
    assert numbers(tracker.update([face(100)], 7 * apart_s)) == [1]
    for step in (8, 9):
        tracker.update([], step * apart_s)
    assert numbers(tracker.update([face(100)], 10 * apart_s)) == [2]


def test_lost_faces_are_known_until_forgotten():
    tracker = Tracker()
    tracker.update([face(100)], 0.0)
    assert numbers(tracker.known(1.4)) == [1]
    looks(tracker, 1.6)
    assert tracker.known(1.6) == []


def test_only_a_face_of_some_standing_is_held_when_it_is_missed():
    tracker = Tracker()
    tracker.update([face(100)], 0.0)
    assert tracker.update([], 0.04) == []
    for step in range(2, 10):
        tracker.update([face(100)], step * 0.04)
    assert numbers(tracker.update([], 0.40)) == [1]
    assert tracker.update([], 0.60) == []


def test_after_a_reset_all_are_new_and_numbers_go_on():
    tracker = Tracker()
    tracker.update([face(100)], 0.0)
    tracker.reset()
    assert numbers(tracker.update([face(100)], 0.04)) == [2]


@pytest.mark.parametrize("rate_hz", [8, 30, 120])
def test_the_frame_rate_does_not_matter(rate_hz):
    tracker = Tracker()
    for step in range(2 * rate_hz):
        assert numbers(tracker.update([face(100 + 100 * step / rate_hz)], step / rate_hz)) == [1]
