"""Parts of a picture: the same from a colour picture and from a decoder's planes, black beyond the border."""

from __future__ import annotations

import av
import cv2
import numpy as np
import pytest

from emoscope.draw.hiding import hide_in_frame
from emoscope.media.planes import Picture
from emoscope.media.raster import Bgr
from emoscope.media.reader import Recording
from emoscope.system.bundled import assets
from emoscope.types import Image, Raster

WIDTH, HEIGHT = 322, 242
RECTANGLES = [
    (0, 0, WIDTH, HEIGHT),
    (17, 33, 118, 131),
    (-40, -30, 90, 100),
    (250, 180, 400, 330),
    (-20, -20, WIDTH + 20, HEIGHT + 20),
]
OUTSIDE = [(-300, 20, -240, 80), (500, 20, 560, 80), (20, -300, 80, -240), (20, 400, 80, 460)]


def scene() -> Image:
    """Soft blobs of colour, which survive the halving of colours."""
    coarse = np.random.default_rng(3).integers(0, 255, (8, 10, 3), dtype=np.uint8)
    return np.asarray(cv2.resize(coarse, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC), np.uint8)


def planar(image: Image) -> Picture:
    return Picture(av.VideoFrame.from_ndarray(image, format="bgr24").reformat(format="yuv420p"))


@pytest.fixture(params=["bgr", "planes"])
def raster(request: pytest.FixtureRequest) -> Raster:
    return Bgr(scene()) if request.param == "bgr" else planar(scene())


@pytest.mark.parametrize("rectangle", RECTANGLES)
@pytest.mark.parametrize("size", [(128, 128), (61, 47), (512, 320)])
def test_a_part_is_the_part_of_the_picture(
    rectangle: tuple[int, int, int, int], size: tuple[int, int], raster: Raster
) -> None:
    x0, y0, x1, y1 = rectangle
    padded = cv2.copyMakeBorder(scene(), 300, 300, 300, 300, cv2.BORDER_CONSTANT)
    expected = cv2.resize(padded[y0 + 300 : y1 + 300, x0 + 300 : x1 + 300], size, interpolation=cv2.INTER_AREA)
    part = raster.part(rectangle, size)
    assert part.shape == (size[1], size[0], 3)
    assert np.abs(part.astype(int) - expected).mean() < 10
    brightness = [cv2.cvtColor(one, cv2.COLOR_BGR2GRAY).astype(int) for one in (part, np.asarray(expected, np.uint8))]
    assert np.abs(brightness[0] - brightness[1]).mean() < 2.5


@pytest.mark.parametrize("rectangle", OUTSIDE)
def test_a_part_wholly_outside_is_no_error(rectangle: tuple[int, int, int, int], raster: Raster) -> None:
    assert raster.part(rectangle, (32, 32)).shape == (32, 32, 3)


def test_beyond_the_picture_is_black(raster: Raster) -> None:
    part = raster.part((-64, -64, 64, 64), (128, 128))
    assert part[:60].max() <= 1 and part[:, :60].max() <= 1 and part[70:, 70:].mean() > 40


def test_points_are_read_all_over_the_picture(raster: Raster) -> None:
    read = raster.points(64, 36).astype(float)
    gray = cv2.cvtColor(scene(), cv2.COLOR_BGR2GRAY)
    expected = cv2.resize(gray, (64, 36), interpolation=cv2.INTER_AREA).astype(float)
    assert read.shape == (36, 64)
    assert np.corrcoef(read.ravel(), expected.ravel())[0, 1] > 0.99


def test_a_large_part_shrinks_to_its_mean(raster: Raster) -> None:
    stripes = np.zeros((512, 512, 3), np.uint8)
    stripes[:, 1::4] = stripes[:, 2::4] = 200
    striped = Bgr(stripes) if isinstance(raster, Bgr) else planar(stripes)
    assert np.abs(striped.part((0, 0, 512, 512), (128, 128)).astype(int) - 100).max() <= 3


def test_a_picture_that_was_drawn_on_shows_it_once_it_has_forgotten():
    """The decoder still needs the frame's memory, so that drawing gives the frame other memory."""
    place = (40, 40, 140, 140)
    with Recording(assets() / "demo.mp4") as recording:
        picture = recording.first.picture
        before = picture.pixels(place, gray=True).copy()
        hide_in_frame(picture.frame, [place])
        picture.forget()
        assert not np.array_equal(picture.pixels(place, gray=True), before)
        np.testing.assert_array_equal(picture.luma, Picture(picture.frame).luma)
        np.testing.assert_array_equal(picture.part(place, (50, 50)), Picture(picture.frame).part(place, (50, 50)))
