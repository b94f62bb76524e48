"""Photos are cut to faces with the runtime's own finder and crops; what is a face already is left alone."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from emoscope.errors import DataError
from emoscope.faces import open_finder
from emoscope.media.raster import Bgr
from emoscope.models.data.cutting import Cutter, fit
from emoscope.models.data.load import load
from emoscope.models.data.splitting import Splitting
from emoscope.models.data.telling import what_was_read
from emoscope.models.plan import FER2013_CROP
from emoscope.network.contract import Contract, InputSpec
from emoscope.reading.crops import cut_crops
from emoscope.types import Image

CONTRACT = Contract(("happy", "sad"), InputSpec(48, 48), FER2013_CROP)


@pytest.fixture
def portrait(shared: Path) -> Image:
    """A photo with one face that takes up a ninth of it."""
    photo = cv2.imread(str(shared / "photos" / "skimage_astronaut.png"))
    assert photo is not None
    return np.asarray(photo, np.uint8)


def test_a_photo_is_cut_as_a_camera_shows_it(portrait: Image) -> None:
    with open_finder() as finder, Cutter("auto", CONTRACT) as cutter:
        (face,) = finder.find(portrait, 0.0)
        live = cut_crops(Bgr(portrait), [face], CONTRACT)[0]
        cut = cutter.cut(portrait, "a.png")
        assert cut is not None and (cut[..., 0] == live).all()
        assert (cutter.cut(portrait, "again.png") == cut).all(), "no picture depends on the one before it"
    assert cutter.done.cut == 2 and not cutter.done.bare


@pytest.mark.parametrize("channels", ["rgb", "bgr"])
def test_channels_come_in_the_networks_order(portrait: Image, channels: str) -> None:
    cuts = []
    for order in ("bgr", channels):
        with Cutter("auto", CONTRACT.with_(input=InputSpec(48, 48, order))) as cutter:
            cuts.append(cutter.cut(portrait, "a.png"))
    assert (cuts[1] == (cuts[0][..., ::-1] if channels == "rgb" else cuts[0])).all()


def test_bare_crops_are_left_alone(portrait: Image) -> None:
    """Small ones without a look, large ones because there is nothing else in them."""
    with open_finder() as finder:
        crop = cut_crops(Bgr(portrait), finder.find(portrait, 0.0), CONTRACT.with_(input=InputSpec(240, 240, "bgr")))[0]
    small = np.random.default_rng(0).integers(0, 255, (48, 48)).astype(np.uint8)
    with Cutter("auto", CONTRACT) as cutter:
        assert (cutter.cut(small, "noise.png") == small[..., None]).all()
        assert (cutter.cut(crop, "crop.png") == fit(crop, CONTRACT.input)).all()
        assert cutter.cut(np.zeros((240, 240), np.uint8), "black.png") is None, "one crop does not speak for its size"
        for number in range(8):
            cutter.cut(crop, f"{number}.png")
        assert cutter.cut(np.zeros((240, 240), np.uint8), "black.png") is not None, "ten crops of a data set do"
    assert (cutter.done.cut, cutter.done.bare, cutter.done.faceless) == (0, 11, ["black.png"])


def test_the_user_may_know_better(portrait: Image) -> None:
    with Cutter("as-is", CONTRACT) as whole, Cutter("faces", CONTRACT) as faces:
        assert (whole.cut(portrait, "a.png") == fit(portrait, CONTRACT.input)).all()
        assert faces.cut(np.zeros((48, 48), np.uint8), "noise.png") is None


def test_of_several_faces_the_largest_is_taken(portrait: Image) -> None:
    half = np.vstack([cv2.resize(portrait, (256, 256)), np.zeros((256, 256, 3), np.uint8)])
    beside = np.hstack([half, portrait])
    with Cutter("auto", CONTRACT) as cutter:
        alone, larger = cutter.cut(portrait, "one.png"), cutter.cut(beside, "two.png")
    assert alone is not None and larger is not None
    assert np.abs(alone.astype(int) - larger).mean() < 6
    assert cutter.done.several == ["two.png"]


def test_proportions_are_kept() -> None:
    """Half as wide as high: the border is repeated on either side."""
    tall = np.full((40, 20), 100, np.uint8)
    tall[:, 0], tall[:, -1] = 10, 200
    seen = fit(tall, InputSpec(40, 40))[..., 0]
    assert (seen[:, 10:30] == tall).all() and (seen[:, :10] == 10).all() and (seen[:, 30:] == 200).all()
    assert fit(tall, InputSpec(40, 20))[..., 0].tolist() == tall.tolist()


def test_what_was_done_is_told(portrait: Image, tmp_path: Path) -> None:
    for label in ("happy", "sad"):
        (tmp_path / label).mkdir()
        for number in range(3):
            cv2.imwrite(str(tmp_path / label / f"{number}.png"), np.roll(portrait, number, 0))
    cv2.imwrite(str(tmp_path / "sad" / "wall.png"), np.full((300, 500, 3), 90, np.uint8))
    with Cutter("auto", CONTRACT) as cutter:
        data = load(tmp_path, CONTRACT.input, CONTRACT.labels, Splitting(groups="none"), cutter=cutter)
    assert sum(map(len, data.splits.values())) == 6
    assert list(what_was_read(data)) == [
        "faces cut out of 6 pictures, 0 taken as they are",
        "no face in 1 picture, left out: sad/wall.png",
    ]
    for path in tmp_path.glob("*/?.png"):
        cv2.imwrite(str(path), np.full((300, 500, 3), 90, np.uint8))
    with Cutter("auto", CONTRACT) as cutter, pytest.raises(DataError, match="no face in any picture: --cut as-is"):
        load(tmp_path, CONTRACT.input, CONTRACT.labels, cutter=cutter)
