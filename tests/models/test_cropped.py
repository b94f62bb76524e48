"""Pictures shown to the detector as frames, and what is cut out of them again."""

from __future__ import annotations

import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest

from emoscope.errors import DataError
from emoscope.models.data.dataset import Split
from emoscope.models.data.recrop import framed, recrop, with_crops
from emoscope.models.evaluation.classifier import Classifier
from emoscope.models.evaluation.cropped import check_crops
from emoscope.network.contract import Contract, InputSpec


def test_a_picture_becomes_a_frame_with_its_edges_repeated() -> None:
    picture = np.zeros((48, 48, 1), np.uint8)
    picture[:, 24:] = 200
    frame = framed(picture)
    assert frame.shape == (384, 384, 3)
    assert (frame[:, :96] == 0).all() and (frame[:, -96:] == 200).all()
    assert abs(int(frame[200, 192, 0]) - 100) < 60


def test_real_faces_are_found_and_cut_where_they_were(shared: Path) -> None:
    """The network here keeps what it was shown: a crop elsewhere would not look like the picture."""
    with zipfile.ZipFile(shared / "fer2013.zip") as archive:
        names = sorted(name for name in archive.namelist() if "happy/PrivateTest_" in name)[:40]
        images = np.stack([cv2.imdecode(np.frombuffer(archive.read(name), np.uint8), 0) for name in names])[..., None]
    seen: list[np.ndarray] = []

    def run(batch: np.ndarray) -> np.ndarray:
        seen.append(batch[..., 0])
        return np.tile(np.float32([0.1, 0.9]), (len(batch), 1))

    targets = np.tile(np.float32([[[0, 1]]]), (len(images), 1, 1))
    split = Split(images, targets, np.array(names), np.array(names))
    checked = check_crops(Classifier("all", Contract(("sad", "happy"), InputSpec(48, 48)), 0, run), split)
    assert checked.pictures == 40 and checked.found >= 34
    assert (checked.direct, checked.cropped) == (1.0, 1.0)
    direct, cut = seen
    likeness = [np.corrcoef(one.ravel(), other.ravel())[0, 1] for one, other in zip(direct, cut, strict=True)]
    assert np.median(likeness) > 0.65
    assert f"a face found in {checked.found} of 40 pictures" in str(checked)


def test_no_face_at_all_is_said() -> None:
    blank = np.full((2, 48, 48, 1), 90, np.uint8)
    split = Split(blank, np.ones((2, 1, 1), np.float32), np.array(["a", "b"]), np.array(["a", "b"]))
    with pytest.raises(DataError, match="no face in any of 2 pictures"):
        check_crops(Classifier("x", Contract(("a", "b"), InputSpec(48, 48)), 0, lambda batch: batch), split)


def test_a_share_of_the_pictures_is_seen_as_it_was_cut_out_again(monkeypatch: pytest.MonkeyPatch) -> None:
    images = np.full((400, 8, 8, 1), 10, np.uint8)
    found = np.arange(400) % 4 != 0
    crops = np.where(found[:, None, None, None], np.uint8(90), np.uint8(0)) * np.ones_like(images)
    monkeypatch.setattr("emoscope.models.data.recrop.recrop", lambda images, contract: (crops, found))
    names = np.array([str(number) for number in range(400)])
    split = Split(images, np.ones((400, 1, 1), np.float32), names, names)
    contract = Contract(("a", "b"), InputSpec(8, 8))
    whole = with_crops(split, contract)
    assert (whole.seen(0.0, np.random.default_rng(0)) == 10).all()
    assert (split.seen(0.5, np.random.default_rng(0)) == 10).all(), "nothing was cut out"
    half = whole.seen(0.5, np.random.default_rng(0))[:, 0, 0, 0]
    assert set(half[~found]) == {10} and set(half) == {10, 90}
    assert 0.4 < (half[found] == 90).mean() < 0.6
    assert (whole.take(found).seen(1.0, np.random.default_rng(0)) == 90).all()


def test_no_face_is_no_crop() -> None:
    blank = np.full((2, 48, 48, 1), 90, np.uint8)
    crops, found = recrop(blank, Contract(("a", "b"), InputSpec(48, 48)))
    assert crops.shape == blank.shape and not found.any() and not crops.any()
