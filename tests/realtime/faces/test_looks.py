"""Looks: what is cut, at which size, and that a face comes back to where it is in the frame."""

from __future__ import annotations

import numpy as np
import pytest

from emoscope.faces.looks import ROI, Look, roi, take, whole_picture, windows
from emoscope.media.raster import Bgr
from emoscope.types import Face


def face(x: float, y: float, edge: float) -> Face:
    box = (x - edge / 2, y - edge / 2, x + edge / 2, y + edge / 2)
    return Face(box, ((x - edge / 5, y), (x + edge / 5, y)), 0.9)


def test_a_large_picture_is_shrunk_and_a_small_one_is_left_alone():
    assert whole_picture(1280, 720, 480).size == (480, 270)
    assert whole_picture(720, 1280, 480).size == (270, 480)
    assert whole_picture(300, 200, 480).size == (300, 200)


@pytest.mark.parametrize("width, height", [(1280, 720), (720, 1280), (640, 361), (3840, 2160), (960, 960), (5000, 40)])
def test_windows_cover_every_pixel_and_stay_inside(width, height):
    seen = np.zeros((height, width), bool)
    for look in windows(width, height, 960, (512, 320), 64):
        assert look.left >= 0 and look.left + look.width <= width
        assert look.top >= 0 and look.top + look.height <= height
        seen[look.top : look.top + look.height, look.left : look.left + look.width] = True
    assert seen.all()


def test_a_face_of_the_overlaps_size_is_whole_in_some_window():
    looks = windows(960, 540, 960, (512, 320), 64)
    for x in range(32, 929, 16):
        for y in range(32, 509, 16):
            assert any(
                look.left <= x - 32
                and x + 32 <= look.left + look.width
                and look.top <= y - 32
                and y + 32 <= look.top + look.height
                for look in looks
            ), (x, y)


def test_windows_of_a_small_picture_are_no_larger_than_they_need_be():
    assert {look.size for look in windows(640, 360, 960, (512, 320), 64)} == {(352, 224)}


def test_a_patch_is_centred_and_shows_the_face_in_its_set_size():
    look = roi(face(300, 200, 50), 128)
    assert (look.left + look.width / 2, look.top + look.height / 2) == pytest.approx((300, 200), abs=0.6)
    assert look.width == look.height == round(ROI * 50)
    assert look.size == (128, 128)


def test_a_patch_stays_while_the_face_sits_well_in_it():
    first = roi(face(300, 200, 50), 128)
    assert roi(face(306, 200, 50), 128, [first]) is first
    assert roi(face(330, 200, 50), 128, [first]) != first
    assert roi(face(300, 200, 70), 128, [first]) != first
    assert roi(face(500, 200, 50), 128, [roi(face(500, 200, 50), 128), first]).left > 400


@pytest.mark.parametrize("edge", [12, 40, 90, 300])
def test_what_a_patch_shows_comes_back_to_its_place(spots, edge):
    image = np.zeros((720, 1280, 3), np.uint8)
    x, y = 620, 350
    image[y - edge // 2 : y + edge // 2, x - edge // 2 : x + edge // 2] = 200
    ((found,),) = take(spots, Bgr(image), [roi(face(x, y, edge), 128)])
    expected = face(x, y, edge).box_xyxy
    assert found.box_xyxy == pytest.approx(expected, abs=max(1, 0.03 * edge))


def test_beyond_the_picture_a_patch_is_black():
    image = np.full((100, 100, 3), 255, np.uint8)
    shown = Look(-50, -50, 100, 100, (100, 100)).picture(Bgr(image))
    assert (shown[:50] == 0).all() and (shown[:, :50] == 0).all() and (shown[50:, 50:] == 255).all()


def test_a_patch_wholly_outside_is_no_error():
    image = np.full((100, 100, 3), 255, np.uint8)
    for left, top in ((-300, 20), (400, 20), (20, -300), (20, 400)):
        assert Look(left, top, 60, 60, (32, 32)).picture(Bgr(image)).shape == (32, 32, 3)


def test_shrinking_averages():
    stripes = np.zeros((512, 512, 3), np.uint8)
    stripes[:, 1::4] = stripes[:, 2::4] = 200
    assert np.abs(Look(0, 0, 512, 512, (128, 128)).picture(Bgr(stripes)).astype(int) - 100).max() <= 1


def test_a_patch_that_is_too_large_for_the_picture_can_end_with_it():
    small, large = (
        Face((80, 80, 110, 120), ((90, 95), (100, 95)), 0.9),
        Face((40, 20, 160, 190), ((80, 80), (120, 80)), 0.9),
    )
    assert roi(small, 128).closed(200, 200) is None
    look = roi(large, 128).closed(200, 210)
    assert look.closed(200, 210) is None
    part = look.within(200, 210)
    assert part.box == (0, 0, 200, 210)
    assert part.size == (183, 192)
    assert part.place(Face((0, 0, 183, 192), ((0, 0), (183, 192)), 0.9)).box_xyxy == pytest.approx((0, 0, 200, 210))
    assert roi(large, 128, [look]) is look


def test_a_look_that_does_not_end_with_the_picture_is_shown_whole():
    look = roi(face(100, 105, 150), 128)
    assert look.within(200, 210) is look
    assert look.picture(Bgr(np.full((210, 200, 3), 255, np.uint8)))[0, 0].tolist() == [0, 0, 0]
