"""YuNet in onnxruntime answers as OpenCV's reader of the same file does, several pictures at once, at any size."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from emoscope.faces.geometry import boxes, ious
from emoscope.faces.runtime import detector_session
from emoscope.faces.yunet import BATCH_PIXELS, YuNet
from emoscope.faces.yunet_graph import HEADS, OUTPUTS, STRIDES, joined, sizeless
from emoscope.system.bundled import bundled, pretrained


@pytest.fixture(scope="module")
def yunet():
    detector = YuNet(min_score=0.7)
    yield detector
    detector.close()


@pytest.fixture(scope="module")
def group(shared) -> np.ndarray:
    return cv2.imread(str(shared / "photos" / "pyfeat_multi_face.jpg"))


def opencvs(image: np.ndarray) -> np.ndarray:
    """(N, 15) x, y, w, h, five points, score, as OpenCV's own reader gives them."""
    size = (image.shape[1], image.shape[0])
    reader = cv2.FaceDetectorYN.create(str(bundled(pretrained() / "detectors", "yunet.onnx")), "", size, 0.7, 0.3)
    return reader.detect(image)[1]


def test_it_finds_what_opencv_finds_where_opencv_finds_it(yunet, group):
    rows, (faces,) = opencvs(group), yunet.detect([group])
    assert len(faces) == len(rows) == 5
    theirs = np.hstack([rows[:, :2], rows[:, :2] + rows[:, 2:4]])
    pairs = ious(boxes(faces), theirs)
    assert pairs.max(axis=1).min() > 0.85
    for face, row in zip(faces, rows[pairs.argmax(axis=1)], strict=True):
        width = face.box_xyxy[2] - face.box_xyxy[0]
        assert np.array(face.eyes) == pytest.approx(row[4:8].reshape(2, 2), abs=0.06 * width)
        assert face.score == pytest.approx(row[14], abs=1e-3)
        assert face.eyes[0][0] < face.eyes[1][0]


def test_a_batch_answers_as_single_pictures_do(yunet, group):
    parts = [cv2.resize(group, (128, 128)), cv2.resize(group[:, ::-1], (128, 128)), group, group[:300, :301]]
    together, alone = yunet.detect(parts), [yunet.detect([part])[0] for part in parts]
    assert [len(faces) for faces in together] == [len(faces) for faces in alone]
    for some, others in zip(together, alone, strict=True):
        assert boxes(some) == pytest.approx(boxes(others), abs=1e-2)


def test_more_pictures_than_one_call_takes(yunet, group):
    face = cv2.resize(group[60:230, 80:250], (128, 128))
    answers = yunet.detect([face] * (3 * BATCH_PIXELS // 128**2 + 1))
    assert {len(faces) for faces in answers} == {len(answers[0])}


def test_no_picture_and_no_face(yunet):
    assert yunet.detect([]) == []
    assert yunet.detect([np.zeros((90, 120, 3), np.uint8), np.zeros((1, 1, 3), np.uint8)]) == [[], []]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("wrong", [np.nan, np.inf, 1000.0])
def test_a_cell_that_is_no_number_hides_no_face(yunet, group, wrong: float, monkeypatch: pytest.MonkeyPatch):
    class Poisoned:
        """The session, with one cell that is surest of all and says nonsense."""

        def run(self, names, feeds):
            answers = dict(zip(names, session.run(names, feeds), strict=True))
            answers["scores"][..., 0], answers["places"][..., 0] = 1, wrong
            return [answers[name] for name in names]

    session, (expected,) = yunet._session, yunet.detect([group])
    monkeypatch.setattr(yunet, "_session", Poisoned())
    assert yunet.detect([group]) == [expected]


@pytest.mark.parametrize("shape", [(1, 3, 128, 128), (3, 3, 128, 128), (1, 3, 320, 512)])
def test_joined_ends_say_what_the_files_own_ends_say_to_the_last_bit(shape):
    pictures = np.random.default_rng(3).integers(0, 256, shape).astype(np.float32)
    sessions = [detector_session(model, 1, "auto") for model in (sizeless(), joined())]
    names = [f"{head}_{stride}" for head in HEADS for stride in STRIDES]
    ends = [end.reshape(shape[0], -1, end.shape[-1]) for end in sessions[0].run(names, {"input": pictures})]
    kinds = [np.concatenate(ends[at : at + 3], axis=1).transpose(0, 2, 1) for at in range(0, len(ends), 3)]
    scores, places, points = sessions[1].run(list(OUTPUTS), {"input": pictures})
    for answer, expected in zip((scores, places, points), (np.hstack(kinds[:2]), *kinds[2:]), strict=True):
        np.testing.assert_array_equal(answer, expected)
