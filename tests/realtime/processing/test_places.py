"""What is hidden in a film to be published: faces, where they came from, and where they were a moment ago."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import av

from emoscope.media.reader import RecordedFrame
from emoscope.processing.places import AFTER_S, BEFORE_S, MOST_HELD, hidden_places
from emoscope.processing.reading import Item
from emoscope.reading.session import ReadFrame, Seen
from emoscope.types import Box
from tests.realtime.tiny import face, shown

FPS = 10


def film(*places_x: float | None, fps: float = FPS) -> list[Item]:
    """A frame for each place of the one face, or None for a frame without."""
    frames = [RecordedFrame(n, n / fps, cast(Any, None), pts=n) for n in range(len(places_x))]
    faces = [() if x is None else (shown(face(x=x, edge=20)),) for x in places_x]
    return [ReadFrame(frame, Seen(seen)) for frame, seen in zip(frames, faces, strict=True)]


def hidden(*places_x: float | None, fps: float = FPS) -> list[list[Box]]:
    return [places for _, places in hidden_places(film(*places_x, fps=fps))]


def test_a_face_is_hidden_where_it_is():
    assert [boxes[-1][0] for boxes in hidden(50, 50, 60)] == [50, 50, 60]


def test_before_it_is_found_its_place_is_hidden_for_a_while():
    boxes = hidden(*[None] * 20, 50)
    before = int(BEFORE_S * FPS)
    assert all(boxes[20 - before :]) and not any(boxes[: 19 - before])
    assert boxes[19] == [(50, 30, 70, 50)]


def test_where_a_moving_face_came_from_is_hidden():
    boxes = hidden(*[None] * 10, 60, 70, 80, 90, 100)
    left, right = min(box[0] for box in boxes[7]), max(box[2] for box in boxes[7])
    assert left <= 30 and right >= 80  # three frames before it stood at 60 it was at 30


def test_after_it_is_lost_its_place_is_hidden_for_a_while():
    found = [bool(boxes) for boxes in hidden(50, *[None] * 20)]
    assert found == [True] * (1 + int(AFTER_S * FPS)) + [False] * (20 - int(AFTER_S * FPS))


def test_order_is_kept_and_few_frames_are_held():
    items = film(*[None] * 90, fps=90)
    items[40:40] = [av.Packet()]
    taken: list[Item] = []

    def counted() -> Iterator[Item]:
        for item in items:
            taken.append(item)
            yield item

    out: list[Item] = []
    for item, _ in hidden_places(counted()):
        out.append(item)
        assert len(taken) - len(out) <= MOST_HELD + 1
    assert out == items
