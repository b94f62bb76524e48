"""Display matrices: all eight ways a picture can lie."""

from __future__ import annotations

import gc
from pathlib import Path

import av
import numpy as np
import pytest

from emoscope.media.planes import planes
from emoscope.media.reader import Recording
from emoscope.media.upright import STRAIGHT, Orientation, turn_from
from emoscope.types import Image
from tests.realtime.media.films import make_film

ONE = 1 << 16
STORED = np.array([[1, 2, 3], [4, 5, 6]], np.uint8)


def matrix(a: int, b: int, c: int, d: int) -> np.ndarray[tuple[int, ...], np.dtype[np.int32]]:
    return np.array([a * ONE, b * ONE, 0, c * ONE, d * ONE, 0, 0, 0, 1 << 30], np.int32)


@pytest.mark.parametrize(
    ("numbers", "shown"),
    [
        ((1, 0, 0, 1), [[1, 2, 3], [4, 5, 6]]),
        ((0, 1, -1, 0), [[4, 1], [5, 2], [6, 3]]),
        ((-1, 0, 0, -1), [[6, 5, 4], [3, 2, 1]]),
        ((0, -1, 1, 0), [[3, 6], [2, 5], [1, 4]]),
        ((-1, 0, 0, 1), [[3, 2, 1], [6, 5, 4]]),
        ((1, 0, 0, -1), [[4, 5, 6], [1, 2, 3]]),
        ((0, 1, 1, 0), [[1, 4], [2, 5], [3, 6]]),
        ((0, -1, -1, 0), [[6, 3], [5, 2], [4, 1]]),
    ],
)
def test_a_point_goes_where_the_matrix_sends_it(numbers: tuple[int, int, int, int], shown: list[list[int]]) -> None:
    assert turn_from(matrix(*numbers)).plane(STORED).tolist() == shown


def test_an_angle_between_goes_to_the_nearest_right_one() -> None:
    tilted = np.array([0.2 * ONE, ONE, 0, -ONE, 0.2 * ONE, 0, 0, 0, 1 << 30]).astype(np.int32)
    assert turn_from(tilted) == turn_from(matrix(0, 1, -1, 0))


def test_size_and_planes_turn_together() -> None:
    stored = av.VideoFrame(6, 4, "yuv420p")
    for plane, value in zip(planes(stored), (10, 20, 30), strict=True):
        plane[...] = value
    planes(stored)[0][0, 0] = 99
    upright = Orientation(transpose=True, mirror_x=True).frame(stored)
    y, u, v = planes(upright)
    assert (upright.width, upright.height) == (4, 6)
    assert y[0, 3] == 99
    assert (u.shape, int(u[0, 0]), int(v[0, 0])) == ((3, 2), 20, 30)


def test_a_straight_frame_is_not_copied() -> None:
    frame = av.VideoFrame(6, 4, "yuv420p")
    assert STRAIGHT.frame(frame) is frame


def rotated(source: Path, target: Path, degrees: int) -> Path:
    """The same film with a display matrix that turns it."""
    with av.open(str(source)) as old, av.open(str(target), "w") as new:
        film = new.add_stream_from_template(old.streams.video[0])
        film.set_display_rotation(degrees)
        for packet in old.demux(video=0):
            if packet.size:
                packet.stream = film
                new.mux(packet)
    return target


@pytest.mark.parametrize(("degrees", "bright"), [(0, (0, 0)), (90, (1, 0)), (180, (1, 1)), (270, (0, 1))])
def test_a_phones_film_stands_upright(degrees: int, bright: tuple[int, int], tmp_path: Path) -> None:
    path = rotated(make_film(tmp_path / "stored.mp4"), tmp_path / "phone.mp4", degrees)
    with Recording(path) as recording:
        picture: Image = recording.first.picture.bgr
    height, width = picture.shape[:2]
    assert (width, height) == ((48, 64) if degrees % 180 else (64, 48))
    row, column = (height * (1 + 2 * bright[0]) // 4, width * (1 + 2 * bright[1]) // 4)
    assert picture[row, column].tolist() == pytest.approx([40, 60, 250], abs=12)


def test_a_recording_left_half_way_is_gone_at_once(tmp_path: Path) -> None:
    path = make_film(tmp_path / "film.mp4")
    gc.collect()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        recording = Recording(path)
        frames = recording.frames()
        next(frames)
        recording.close()
        del recording, frames
        gc.collect()
        waiting = [thing for thing in gc.garbage if isinstance(thing, (av.VideoFrame, Recording))]
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
    assert not [thing for thing in waiting if isinstance(thing, Recording) or thing.width > 16]
