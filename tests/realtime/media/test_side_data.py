"""What cameras and editors put beside a picture neither hurts nor is overlooked where it says how the picture lies."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import PIL.Image
import pytest
from PIL import ImageOps

from emoscope import analyse
from emoscope.cli import run
from emoscope.live.opening import open_source
from emoscope.media.photo import read_photo
from emoscope.media.reader import Recording
from emoscope.types import Image
from emoscope.web.uploads import accept
from tests.realtime.media.tagged import VARIANTS, make_motion_jpeg, save_tagged
from tests.realtime.tiny import write_bundle

CASES = {"anim_icc.png": 12, "mjpeg_exif.avi": 10, "spatial_mvhevc_5frames.mov": 5, "photo_with_exif.jpg": 1}
"""Real files that ended the program or were refused → frames in each."""


def scene() -> PIL.Image.Image:
    """A red corner on black."""
    picture = PIL.Image.new("RGB", (64, 48))
    picture.paste((255, 0, 0), (0, 0, 32, 24))
    return picture


def first_bgr(path: Path) -> Image:
    """The first picture of a recording, upright."""
    with Recording(path) as recording:
        return recording.first.picture.bgr


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(write_bundle(tmp_path_factory.mktemp("model")))


@pytest.fixture(scope="module")
def tagged(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[Path, tuple[int, int]]:
    """Every real photo in every variant → height and width of what it shows, upright."""
    folder = tmp_path_factory.mktemp("tagged")
    made = {}
    for source in sorted((shared / "photos").iterdir()):
        with PIL.Image.open(source) as picture:
            picture.thumbnail((640, 640))
            for variant in VARIANTS:
                path = save_tagged(picture, folder / f"{source.stem}.{variant}{source.suffix}", variant)
                width, height = picture.size
                made[path] = (width, height) if "exif" in variant else (height, width)
    return made


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_camera_jpeg_in_a_film_stands_upright_however_it_lies(orientation: int, tmp_path: Path) -> None:
    jpeg = save_tagged(scene(), tmp_path / "a.jpg", "icc_exif", orientation)
    with PIL.Image.open(jpeg) as picture:
        upright = np.asarray(ImageOps.exif_transpose(picture).convert("RGB"))[:, :, ::-1]
    seen = first_bgr(make_motion_jpeg(tmp_path / "a.avi", jpeg))
    assert seen.shape == upright.shape
    assert np.abs(seen.astype(int) - upright).mean() < 6


@pytest.mark.parametrize("kind", ["jpg", "png", "webp"])
def test_a_picture_that_is_read_as_a_film_keeps_its_pixels_whatever_it_carries(kind: str, tmp_path: Path) -> None:
    plain = first_bgr(save_tagged(scene(), tmp_path / f"plain.{kind}", "plain"))
    icc = first_bgr(save_tagged(scene(), tmp_path / f"icc.{kind}", "icc"))
    np.testing.assert_array_equal(icc, plain)


@pytest.mark.parametrize("name", CASES)
def test_real_files_that_carry_side_data_are_read(name: str, shared: Path) -> None:
    with Recording(shared / "cases" / "media" / name) as recording:
        assert len(list(recording.frames())) == CASES[name]
        assert not recording.damage


def test_every_photo_is_read_upright_by_every_reader(tagged: dict[Path, tuple[int, int]]) -> None:
    for path, size in tagged.items():
        assert read_photo(path).shape[:2] == size, path.name
        with open_source(str(path)) as source:
            frame = source.read()
        assert frame is not None and frame.image.shape[:2] == size, path.name
        assert accept(path.read_bytes(), path.name).media_type == "image/jpeg"


def test_every_photo_is_analysed(tagged: dict[Path, tuple[int, int]], tiny: str) -> None:
    for path in tagged:
        (frame,) = analyse(path, model=tiny, detector="yunet")
        assert frame.index == 0


def test_every_photo_is_processed_and_explained(
    tagged: dict[Path, tuple[int, int]], tiny: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = next(iter(tagged)).parent
    assert run(["process", str(folder), "-o", str(tmp_path / "done"), "--model", tiny, "--detector", "yunet"]) == 0
    for path, (height, width) in tagged.items():
        with PIL.Image.open(tmp_path / "done" / f"{path.stem}.emoscope.png") as picture:
            assert picture.size == (width, height), path.name
    both = [str(path) for path in tagged if ".icc_exif" in path.name]
    assert run(["explain", *both, "--crop", "-o", str(tmp_path / "why"), "--model", tiny, "--detector", "yunet"]) == 0
    assert len(list((tmp_path / "why").glob("*.png"))) == len(both)
    assert capsys.readouterr().err == ""


def test_a_tagged_photo_and_a_tagged_film_are_captured(tiny: str, tmp_path: Path) -> None:
    jpeg = save_tagged(scene(), tmp_path / "a.jpg", "icc_exif")
    for source in (jpeg, make_motion_jpeg(tmp_path / "a.avi", jpeg)):
        wanted = ["--pictures", "1", "--seconds", "0.1", "--model", tiny, "--detector", "yunet"]
        assert run(["capture", str(source), "-o", str(tmp_path / source.suffix[1:]), *wanted]) == 0
        (clean,) = (tmp_path / source.suffix[1:]).glob("*clean*")
        with PIL.Image.open(clean) as picture:
            assert picture.size == (48, 64)
