"""From a picture and its faces to readings, with a network whose numbers are known."""

from __future__ import annotations

import numpy as np
import pytest

from emoscope.media.raster import raster_of
from emoscope.network.network import Network, Request
from emoscope.reading.analysis import FacesAsked, read_faces
from emoscope.system.stopwatch import Stopwatch
from emoscope.types import Face, Raster, Reading
from tests.realtime.tiny import face, gray

LEFT, RIGHT = face(20, 40, 20, track=1), face(100, 40, 20, track=2)


def halves() -> Raster:
    """Black to the left, white to the right: the tiny network finds the left sad and the right happy."""
    picture = gray(0)
    picture[:, 80:] = 255
    return raster_of(picture)


def read(network: Network, faces: list[Face], *asked, explained=None, **how) -> list[Reading]:
    """The readings of faces of one picture."""
    (readings,) = read_faces(network, [FacesAsked(halves(), faces, explained)], *asked, **how)
    return readings


def test_a_reading_for_each_face_in_order(network: Network):
    readings = read(network, [RIGHT, LEFT])
    assert [reading.face for reading in readings] == [RIGHT, LEFT]
    assert [reading.prediction.emotion for reading in readings] == ["happy", "sad"]
    assert [reading.crop.mean() for reading in readings] == [255, 0]
    assert all(reading.explanation is None for reading in readings)


def test_the_square_is_what_the_crop_was_cut_from(network: Network):
    (reading,) = read(network, [LEFT])
    assert reading.square == pytest.approx((20, 40, 40, 60))
    assert reading.crop.shape == (4, 4)


def test_no_face_no_network(network: Network):
    watch = Stopwatch()
    assert read(network, [], Request("conv9", maps=True), stopwatch=watch) == []
    assert "network" not in watch.seconds


def test_pictures_read_together_are_read_as_each_alone(network: Network, monkeypatch: pytest.MonkeyPatch):
    calls, answer = [], network.answer
    monkeypatch.setattr(network, "answer", lambda batch, *rest: calls.append(len(batch)) or answer(batch, *rest))
    request = Request("conv1", method="gradcam")
    asked = [FacesAsked(halves(), faces) for faces in ([LEFT], [], [RIGHT, LEFT])]
    together = read_faces(network, asked, request)
    assert calls == [3]
    for readings, one in zip(together, asked, strict=True):
        (alone,) = read_faces(network, [one], request)
        assert [reading.face for reading in readings] == list(one.faces)
        for reading, same in zip(readings, alone, strict=True):
            np.testing.assert_array_equal(reading.prediction.probabilities, same.prediction.probabilities)
            np.testing.assert_allclose(reading.explanation.heat, same.explanation.heat)


def test_only_whose_rest_is_known_gets_two_answers(network: Network):
    own = {LEFT.track: np.array([0, 0, 9], np.float32)}
    asked = [FacesAsked(halves(), [RIGHT]), FacesAsked(halves(), [LEFT], own=own)]
    ((right,), (left,)) = read_faces(network, asked)
    assert right.plain is None and right.prediction.emotion == "happy"
    assert left.prediction.emotion == "neutral" and left.plain.emotion == "sad"


def test_explanations_of_what_was_asked(network: Network):
    readings = read(network, [LEFT, RIGHT], Request("conv1", True, "gradcam"))
    sad, happy = (reading.explanation for reading in readings)
    assert (sad.layer, sad.method, sad.target) == ("conv1", "gradcam", "sad")
    assert happy.target == "happy"
    assert sad.maps.shape == (4, 4, 2)
    np.testing.assert_allclose(sad.maps, np.broadcast_to([0, 1], (4, 4, 2)))
    np.testing.assert_allclose(sad.heat, 1)


def test_maps_alone_bring_no_heat(network: Network):
    (reading,) = read(network, [LEFT], Request("conv1", maps=True))
    assert reading.explanation.heat is None
    assert reading.explanation.maps is not None


def test_one_target_for_all_or_one_for_each_track(network: Network):
    faces, request = [LEFT, RIGHT], Request("conv1", method="gradcam")
    same = read(network, faces, request, targets=0)
    assert [reading.explanation.target for reading in same] == ["happy", "happy"]
    np.testing.assert_allclose([reading.explanation.heat.max() for reading in same], [0, 1])
    each = read(network, faces, request, targets={1: 2})
    assert [reading.explanation.target for reading in each] == ["neutral", "happy"]


def test_only_the_faces_that_are_looked_at_are_explained(network: Network):
    request = Request("conv1", method="gradcam")
    readings = read(network, [RIGHT, LEFT], request, explained={LEFT.track})
    assert [reading.prediction.emotion for reading in readings] == ["happy", "sad"]
    right, left = (reading.explanation for reading in readings)
    assert right is None
    assert left.target == "sad"
    np.testing.assert_allclose(left.heat, 1)
