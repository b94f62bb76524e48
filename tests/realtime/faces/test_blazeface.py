"""BlazeFace in onnxruntime: where YuNet finds a face it does too, several pictures at once, upright or not."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest

from emoscope.faces.blazeface import BATCH, RANGES, BlazeFace
from emoscope.faces.geometry import boxes, ious, roll
from emoscope.faces.yunet import YuNet


@pytest.fixture(scope="module", params=RANGES)
def blazeface(request):
    detector = BlazeFace(request.param)
    yield detector
    detector.close()


@pytest.fixture(scope="module")
def single(shared) -> np.ndarray:
    return cv2.imread(str(shared / "photos" / "pyfeat_single_face.jpg"))


def test_it_finds_the_face_that_yunet_finds_with_the_same_box_and_eyes(blazeface, single):
    ((face,),) = blazeface.detect([single])
    ((other,),) = YuNet(0.7).detect([single])
    width = other.box_xyxy[2] - other.box_xyxy[0]
    assert ious(boxes([face]), boxes([other]))[0, 0] > 0.7
    assert np.array(face.eyes) == pytest.approx(np.array(other.eyes), abs=0.1 * width)


@pytest.mark.parametrize(("name", "tilt"), [("short", -80), ("short", 80), ("short", 40), ("full", -40), ("full", 40)])
def test_it_sees_how_far_a_head_is_tilted(single, name, tilt):
    height, width = single.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -tilt, 1.0)
    (faces,) = BlazeFace(name).detect([cv2.warpAffine(single, matrix, (width, height))])
    assert math.degrees(roll(faces[0])) == pytest.approx(tilt, abs=12)


def test_a_batch_answers_as_single_pictures_do(blazeface, single):
    pictures = [single, single[:, ::-1], single[:300, :200], cv2.resize(single, (128, 128)), single[:90]]
    together, alone = blazeface.detect(pictures), [blazeface.detect([one])[0] for one in pictures]
    assert [len(faces) for faces in together] == [len(faces) for faces in alone]
    for some, others in zip(together, alone, strict=True):
        assert boxes(some) == pytest.approx(boxes(others), abs=1e-2)


def test_more_pictures_than_one_call_takes(blazeface, single):
    answers = blazeface.detect([single] * (2 * BATCH + 1))
    assert [len(faces) for faces in answers] == [1] * (2 * BATCH + 1)


def test_a_wide_picture_is_not_squeezed(blazeface, single):
    wide = cv2.copyMakeBorder(single, 0, 0, 200, 500, cv2.BORDER_CONSTANT)
    ((alone,), (within,)) = blazeface.detect([single, wide])
    there = boxes([alone]) + np.float32([200, 0, 200, 0])
    assert ious(boxes([within]), there)[0, 0] > 0.8


def test_boxes_are_finer_than_pixels(blazeface, single):
    ((face,),) = blazeface.detect([single])
    assert any(number != round(number) for number in face.box_xyxy)


def test_no_picture_no_face_and_one_pixel(blazeface):
    assert blazeface.detect([]) == []
    assert blazeface.detect([np.zeros((128, 128, 3), np.uint8), np.zeros((1, 1, 3), np.uint8)]) == [[], []]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("wrong", [np.nan, np.inf, -50.0])
def test_a_cell_that_is_no_number_hides_no_face(blazeface, single, wrong: float, monkeypatch: pytest.MonkeyPatch):
    class Poisoned:
        """The session, with one cell that is surest of all and says nonsense."""

        def run(self, names, feeds):
            logits, places = session.run(names, feeds)
            logits[0, 0], places[0, 0] = 1e3, wrong
            return [logits, places]

    session, (expected,) = blazeface._session, blazeface.detect([single])
    monkeypatch.setattr(blazeface, "_session", Poisoned())
    assert blazeface.detect([single]) == [expected]
