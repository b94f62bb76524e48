"""What is gathered about a face, with numbers that can be worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from emoscope.network.network import NOTHING, Network
from emoscope.reading.session import Session
from emoscope.report.explain.choice import Choice, choose
from emoscope.report.explain.study import study_crop, study_photo
from tests.realtime.tiny import CONTRACT, FixedFinder, face, gray

CHOICE = choose(CONTRACT)


def test_faces_are_studied_from_left_to_right(network: Network) -> None:
    finder = FixedFinder(face(x=100), face(x=10))
    studies = study_photo(Session(finder, network), CHOICE, gray(), "a.png")
    assert [study.number for study in studies] == [1, 2]
    assert [box[0] for box in studies[0].boxes] == [10, 100]
    assert finder.resets == 1


def test_no_face_no_study(network: Network) -> None:
    assert study_photo(Session(FixedFinder(), network), CHOICE, gray(), "a.png") == []


def test_maps_and_heat_are_the_networks(network: Network) -> None:
    (study,) = study_photo(Session(FixedFinder(face()), network), CHOICE, gray(204), "a.png")
    assert study.prediction.emotion == "happy"
    assert study.targets == (0, 1)  # happy 2·0.8, sad 2·0.2, neutral 0
    conv, pool = study.layers
    assert conv.maps[..., 0] == pytest.approx(0.8)
    assert pool.maps[..., 1] == pytest.approx(0.2)
    assert [(heat.method, heat.target) for heat in study.heats] == [
        ("gradcam", 0), ("layercam", 0), ("scorecam", 0), ("occlusion", 0),
        ("gradcam", 1), ("layercam", 1), ("scorecam", 1), ("occlusion", 1),
    ]  # fmt: skip
    assert all(heat.heat == pytest.approx(1.0) for heat in study.heats if heat.method in ("gradcam", "layercam"))
    assert [heat.target for heat in study.of(1)] == [1, 1, 1, 1]
    assert study.against == NOTHING  # this bundle was made before there were contrasts


def test_score_cam_is_asked_for_each_face_and_its_own_class(network: Network) -> None:
    finder = FixedFinder(face(x=10), face(x=100))
    choice = Choice(("conv1",), ("gradcam", "scorecam"), "conv1")
    for study in study_photo(Session(finder, network), choice, gray(204), "a.png"):
        first, second = (heat for heat in study.heats if heat.method == "scorecam")
        assert (first.target, second.target) == study.targets
        assert first.heat.shape == study.heats[0].heat.shape and first.layer == "conv1"


def test_a_bare_crop_of_the_right_size_is_fed_as_it_is(network: Network) -> None:
    pixels = np.arange(16, dtype=np.uint8).reshape(4, 4) * 16
    study = study_crop(network, CHOICE, np.repeat(pixels[..., None], 3, axis=2), "a.png")
    assert np.array_equal(study.crop, pixels)
    assert study.boxes == ()


def test_a_larger_crop_is_averaged_down(network: Network) -> None:
    checks = np.tile(np.array([[0, 255], [255, 0]], np.uint8), (4, 4))
    study = study_crop(network, CHOICE, np.repeat(checks[..., None], 3, axis=2), "a.png")
    assert np.abs(study.crop.astype(int) - 128).max() <= 1
