"""From a picture to readings, with a finder that always sees the same."""

from __future__ import annotations

import numpy as np
import pytest

from emoscope.network.network import Network, Request
from emoscope.reading.analysis import Analyser
from tests.realtime.tiny import FixedFinder, face, gray

LEFT, RIGHT = face(20, 40, 20, track=1), face(100, 40, 20, track=2)


def halves() -> np.ndarray:
    """Black to the left, white to the right: the tiny network finds the left sad and the right happy."""
    picture = gray(0)
    picture[:, 80:] = 255
    return picture


def test_a_reading_for_each_face_in_order(network: Network):
    readings = Analyser(FixedFinder(RIGHT, LEFT), network).read(halves(), 0.0)
    assert [reading.face for reading in readings] == [RIGHT, LEFT]
    assert [reading.prediction.emotion for reading in readings] == ["happy", "sad"]
    assert [reading.crop.mean() for reading in readings] == [255, 0]
    assert all(reading.explanation is None for reading in readings)


def test_the_square_is_what_the_crop_was_cut_from(network: Network):
    (reading,) = Analyser(FixedFinder(LEFT), network).read(halves(), 0.0)
    assert reading.square == pytest.approx((20, 40, 40, 60))
    assert reading.crop.shape == (4, 4)


def test_no_face_no_network(network: Network):
    analyser = Analyser(FixedFinder(), network)
    assert analyser.read(gray(), 0.0, Request("conv9", maps=True)) == []
    assert "network" not in analyser.stopwatch.seconds


def test_explanations_of_what_was_asked(network: Network):
    readings = Analyser(FixedFinder(LEFT, RIGHT), network).read(halves(), 0.0, Request("conv1", True, "gradcam"))
    sad, happy = (reading.explanation for reading in readings)
    assert (sad.layer, sad.method, sad.target) == ("conv1", "gradcam", "sad")
    assert happy.target == "happy"
    assert sad.maps.shape == (4, 4, 2)
    np.testing.assert_allclose(sad.maps, np.broadcast_to([0, 1], (4, 4, 2)))
    np.testing.assert_allclose(sad.heat, 1)


def test_maps_alone_bring_no_heat(network: Network):
    (reading,) = Analyser(FixedFinder(LEFT), network).read(halves(), 0.0, Request("conv1", maps=True))
    assert reading.explanation.heat is None
    assert reading.explanation.maps is not None


def test_one_target_for_all_or_one_for_each_track(network: Network):
    analyser, request = Analyser(FixedFinder(LEFT, RIGHT), network), Request("conv1", method="gradcam")
    same = analyser.read(halves(), 0.0, request, targets=0)
    assert [reading.explanation.target for reading in same] == ["happy", "happy"]
    np.testing.assert_allclose([reading.explanation.heat.max() for reading in same], [0, 1])
    each = analyser.read(halves(), 0.0, request, targets={1: 2})
    assert [reading.explanation.target for reading in each] == ["neutral", "happy"]


def test_known_faces_are_not_looked_for(network: Network):
    finder = FixedFinder()
    (reading,) = Analyser(finder, network).read_faces(halves(), [RIGHT], Request())
    assert reading.prediction.emotion == "happy"
    assert finder.times_s == []


def test_each_stage_is_timed(analyser: Analyser):
    analyser.read(gray(), 0.0)
    assert list(analyser.stopwatch.seconds) == ["faces", "crops", "network"]


def test_only_the_faces_that_are_looked_at_are_explained(network: Network):
    request, finder = Request("conv1", method="gradcam"), FixedFinder()
    readings = Analyser(finder, network).read_faces(halves(), [RIGHT, LEFT], request, explained={LEFT.track})
    assert [reading.prediction.emotion for reading in readings] == ["happy", "sad"]
    right, left = (reading.explanation for reading in readings)
    assert right is None
    assert left.target == "sad"
    np.testing.assert_allclose(left.heat, 1)
