"""Detectors that answer anything, infinite or NaN: no such face gets past the finder, nothing after it fails."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emoscope.draw.picture import annotate
from emoscope.faces.finder import FaceFinder, Scan
from emoscope.faces.roll_alignment import RollAligner
from emoscope.faces.schedule import ScanPlan
from emoscope.media.raster import raster_of
from emoscope.network.bundle import open_bundle
from emoscope.network.network import Network, Request
from emoscope.reading.crops import face_chip
from emoscope.reading.session import Session, Wish
from emoscope.types import Face, Image
from emoscope.view.scene import Scene
from emoscope.view.state import first_state
from tests.realtime.tiny import CONTRACT, write_bundle

WIDTH, HEIGHT = 96, 64
PLAN = ScanPlan(coarse=96, fine=96, window=(96, 64), overlap=16, per_s=20)
WILD = settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)

anything = st.floats(width=32) | st.sampled_from([math.nan, math.inf, -math.inf, 0.0, 1e30, -1e30])
near = st.floats(-40, 140)
scores = st.floats(0.5, 1) | st.sampled_from([math.nan, math.inf])


@st.composite
def answers(draw: st.DrawFn) -> Face:
    """A face that may be one, with any of its numbers replaced by anything."""
    x, y, edge = draw(near), draw(near), draw(st.floats(1, 90))
    numbers = [x, y, x + edge, y + edge, x + 0.3 * edge, y + 0.4 * edge, x + 0.7 * edge, y + 0.4 * edge]
    for place in draw(st.sets(st.integers(0, 7), max_size=2)):
        numbers[place] = draw(anything)
    x0, y0, x1, y1, ax, ay, bx, by = numbers
    return Face((x0, y0, x1, y1), ((ax, ay), (bx, by)), draw(scores))


class Wild:
    """A detector that answers what it was given, over and over."""

    def __init__(self, faces: Sequence[Sequence[Face]]) -> None:
        self._faces, self._next = faces, 0

    def detect(self, pictures: Sequence[Image]) -> list[list[Face]]:
        """Something for each picture."""
        self._next += len(pictures)
        return [list(self._faces[(self._next + number) % len(self._faces)]) for number in range(len(pictures))]

    def close(self) -> None:
        """Nothing to free."""


@pytest.fixture
def network(tmp_path: Path) -> Network:
    """The hand-made network."""
    return Network(open_bundle(str(write_bundle(tmp_path))), "cpu")


def numbers(face: Face) -> list[float]:
    """All that says where a face is."""
    return [*face.box_xyxy, *face.eyes[0], *face.eyes[1], face.score]


@pytest.mark.filterwarnings("error")
@WILD
@given(st.lists(st.lists(answers(), max_size=4), min_size=1, max_size=5), st.booleans(), st.booleans())
def test_whatever_a_detector_answers_is_read_and_drawn(network: Network, found, levels: bool, align: bool):
    network.contract = CONTRACT.with_(crop=replace(CONTRACT.crop, align=align))
    wild = Wild(found)
    finder = FaceFinder([Scan(wild, PLAN, 0.6)], wild, RollAligner(wild, 0.6) if levels else None)
    session = Session(finder, network)
    image = np.full((HEIGHT, WIDTH, 3), 90, np.uint8)
    state = replace(first_state(CONTRACT), heat=True)
    for index in range(4):
        seen = session.read(image, index / 30, Wish(Request("pool1", method="gradcam")))
        assert all(math.isfinite(number) for reading in seen.readings for number in numbers(reading.face))
        chip = None if seen.subject is None else face_chip(raster_of(image), seen.subject.reading)
        drawn = annotate(image, Scene(seen.faces, seen.chosen, chip), state)
        assert drawn.shape == image.shape
        assert (image == 90).all()


@WILD
@given(st.lists(answers(), min_size=1, max_size=3))
def test_sound_faces_among_them_are_found(found):
    good = Face((20, 10, 60, 50), ((32, 26), (48, 26)), 0.95)
    faces = FaceFinder([Scan(Wild([[good, *found]]), PLAN, 0.6)], Wild([[good]])).find(
        np.zeros((HEIGHT, WIDTH, 3), np.uint8), 0.0
    )
    assert all(math.isfinite(number) for face in faces for number in numbers(face))
    assert len(faces) <= 1 + len(found)
