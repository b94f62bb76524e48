"""The chart: the right colour at the right time, and white where nobody was seen."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from emoscope.draw.style import colour_of
from emoscope.report.lanes import Lanes
from emoscope.report.timeline import draw_timeline
from emoscope.types import Image
from tests.realtime.tiny import LABELS, face, reading


def chart(path: Path, lanes: Lanes, damaged: list[tuple[float, float]] | None = None) -> Image:
    draw_timeline(path, "film.mp4", lanes, 10.0, damaged or [])
    return cv2.imread(str(path))  # type: ignore[return-value]


def lanes_of(*spans: tuple[float, float, int, int]) -> Lanes:
    """Lanes of (from, to, class, face)."""
    lanes = Lanes(LABELS)
    for number in range(250):
        time_s = number / 25
        shown = [reading(face(track=track), best) for first, last, best, track in spans if first <= time_s < last]
        lanes.add(time_s, shown)
    lanes.close()
    return lanes


def share(part: Image, label: str) -> float:
    """How much of a part of the chart has a class's colour."""
    return float((np.abs(part.astype(int) - colour_of(label)).max(axis=2) < 12).mean())


def test_colours_stand_where_the_emotions_were(tmp_path: Path) -> None:
    image = chart(tmp_path / "a.png", lanes_of((0.0, 3.0, 0, 1), (6.0, 10.0, 1, 1)))
    height, width = image.shape[:2]
    lane = image[height // 2 - 10 : height - 60, :]
    early, middle, late = (lane[:, int(width * at) : int(width * (at + 0.05))] for at in (0.15, 0.5, 0.8))
    assert share(early, "happy") > 0.5 and share(late, "sad") > 0.5
    assert share(early, "sad") < 0.35 and share(late, "happy") < 0.35
    assert (middle > 250).mean() > 0.95


def at(image: Image, first_s: float, last_s: float) -> Image:
    """The part of a chart with one lane that shows a stretch of its ten seconds."""
    height, width = image.shape[:2]
    first, last = (int(width * (0.075 + 0.91 * time_s / 10)) for time_s in (first_s, last_s))
    return image[height // 2 - 10 : height - 60, first:last]


def test_a_face_is_shown_until_the_next_look_however_far_that_is(tmp_path: Path) -> None:
    lanes = Lanes(LABELS)
    for second in range(10):
        lanes.add(float(second), [reading(best=0)] if second < 6 or second == 9 else [])
    lanes.close()
    image = chart(tmp_path / "a.png", lanes)
    for seen in (at(image, 0.1, 5.9), at(image, 9.1, 9.9)):
        assert not (seen > 250).all(axis=2).any() and share(seen, "happy") > 0.6
    assert (at(image, 6.1, 8.9) > 250).all()


def test_a_moment_between_gaps_is_drawn(tmp_path: Path) -> None:
    image = chart(tmp_path / "a.png", lanes_of((2.96, 3.0, 0, 1), (6.0, 6.04, 0, 1)))
    for first_s in (2.5, 5.5):
        assert share(at(image, first_s, first_s + 1), "happy") > 0.01


def test_a_lane_for_each_face_but_not_without_end(tmp_path: Path) -> None:
    one = chart(tmp_path / "one.png", lanes_of((0.0, 9.0, 0, 1)))
    three = chart(tmp_path / "three.png", lanes_of(*((0.0, 9.0, 0, track) for track in (1, 2, 3))))
    many = chart(tmp_path / "many.png", lanes_of(*((0.0, 9.0, 0, track) for track in range(1, 40))))
    assert one.shape[0] < three.shape[0] < many.shape[0] < 1600


@pytest.mark.parametrize("spans", [(), ((0.0, 0.01, 0, 1),)])
def test_nobody_and_a_single_frame_can_be_drawn(
    spans: tuple[tuple[float, float, int, int], ...], tmp_path: Path
) -> None:
    assert chart(tmp_path / "a.png", lanes_of(*spans)).std() > 1


def test_damage_is_marked(tmp_path: Path) -> None:
    lanes = lanes_of((0.0, 10.0, 0, 1))
    plain, marked = chart(tmp_path / "a.png", lanes), chart(tmp_path / "b.png", lanes, [(4.0, 5.0)])
    changed = np.flatnonzero((plain[85:] != marked[85:]).any(axis=(0, 2)))
    width = plain.shape[1]
    assert 0.40 * width < changed.min() < 0.48 * width and 0.48 * width < changed.max() < 0.56 * width
