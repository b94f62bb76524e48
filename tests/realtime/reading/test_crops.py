"""The crop is the contract's square about the eyes, the same from gray and from colour, whole at the border."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from emoscope.media.raster import raster_of
from emoscope.network.contract import Contract, CropSpec, InputSpec
from emoscope.reading.crops import LARGEST_CHIP, crop_matrix, crop_square, cut_crops, face_chip, to_batch
from emoscope.types import Face
from tests.realtime.tiny import reading

LABELS = ("calm", "glad")


def face(left: tuple[float, float], right: tuple[float, float]) -> Face:
    return Face((left[0] - 20, left[1] - 30, right[0] + 20, right[1] + 50), (left, right), 0.9)


def contract(channels: str = "gray", size: int = 48, **crop: float) -> Contract:
    return Contract(LABELS, InputSpec(size, size, channels), CropSpec(**crop))


def cut(image: np.ndarray, faces: list[Face], of: Contract) -> np.ndarray:
    return cut_crops(raster_of(image), faces, of)


def ramp(width: int = 200, height: int = 160) -> np.ndarray:
    """A picture whose brightness is the column's number."""
    return np.tile(np.arange(width, dtype=np.uint8), (height, 1))


def test_the_square_stands_about_the_eyes():
    box, turn_rad = crop_square(face((90, 80), (110, 80)), CropSpec(eye_distances=2.5, eye_line=0.4))
    assert box == pytest.approx((75, 60, 125, 110))
    assert turn_rad == 0


def test_a_box_with_a_margin_is_a_square_about_its_middle():
    tall = replace(face((40, 50), (60, 50)), box_xyxy=(20.0, 10.0, 80.0, 110.0))
    assert crop_square(tall, CropSpec(box_margin=0.1)) == ((-10.0, 0.0, 110.0, 120.0), 0.0)


@pytest.mark.parametrize("spec", [CropSpec(), CropSpec(box_margin=0.2)])
def test_what_two_processors_find_a_breath_apart_is_cut_alike(spec: CropSpec):
    there, elsewhere = face((90.3, 80.1), (110.2, 81.7)), face((90.30004, 80.10003), (110.19997, 81.70002))
    assert np.array_equal(crop_matrix(there, spec), crop_matrix(elsewhere, spec))
    assert not np.array_equal(crop_matrix(there, spec), crop_matrix(face((90.4, 80.1), (110.2, 81.7)), spec))


def test_an_aligned_square_is_the_same_square_turned_about_its_middle():
    level = face((90, 80), (110, 80))
    tilted = replace(level, eyes=((100 - 8, 80 - 6), (100 + 8, 80 + 6)))
    spec = CropSpec(eye_distances=2.5, eye_line=0.5, align=True)
    (box, turn_rad), (straight, _) = crop_square(tilted, spec), crop_square(level, spec)
    assert box == pytest.approx(straight)
    assert turn_rad == pytest.approx(math.atan2(6, 8))


def test_a_crop_at_the_frames_own_size_is_a_plain_cut():
    crop = cut(ramp(), [face((90, 80), (110, 80))], contract(size=50, eye_distances=2.5))[0]
    assert np.array_equal(crop, ramp()[60:110, 75:125])


@pytest.mark.parametrize("times", [2, 3, 7])
def test_shrinking_averages_and_does_not_shift(times):
    size = 140 // times
    crop = cut(ramp(), [face((80, 80), (120, 80))], contract(size=size, eye_distances=3.5))[0]
    expected = 30 + (np.arange(size) + 0.5) * 140 / size - 0.5
    assert np.abs(crop.astype(float) - expected).max() <= 0.75


def test_shrinking_a_fine_pattern_gives_its_mean_not_an_alias():
    stripes = np.zeros((160, 200), np.uint8)
    stripes[:, 1::4] = stripes[:, 2::4] = 200
    crop = cut(stripes, [face((80, 80), (120, 80))], contract(size=35, eye_distances=3.5))[0]
    assert np.abs(crop.astype(int) - 100).max() <= 2


def test_beyond_the_frame_its_border_is_repeated():
    crop = cut(ramp(), [face((2, 5), (22, 5))], contract(size=48, eye_distances=2.4))[0]
    assert (crop[:, :11] == 0).all()
    assert crop[0, -1] == crop[-1, -1] == 35


def test_a_face_wholly_outside_still_gives_a_crop():
    assert (cut(ramp(), [face((500, 400), (540, 400))], contract())[0] == 199).all()


def test_alignment_levels_the_eyes():
    tilted = face((90, 70), (110, 90))
    matrix = crop_matrix(tilted, CropSpec(eye_distances=2.0, eye_line=0.4, align=True))
    assert matrix @ (0.25, 0.4, 1) == pytest.approx((90, 70))
    assert matrix @ (0.75, 0.4, 1) == pytest.approx((110, 90))


def test_a_profile_keeps_the_size_of_the_head():
    frontal, profile = face((90, 80), (120, 80)), Face((70, 50, 140, 130), ((100, 80), (102, 80)), 0.9)
    width = [box[2] - box[0] for box, _ in (crop_square(frontal, CropSpec()), crop_square(profile, CropSpec()))]
    assert width[1] > width[0] / 2


def test_gray_and_colour_of_one_frame_give_the_same_crop():
    faces = [face((80, 80), (120, 80)), face((30, 60), (42, 64))]
    colour = np.repeat(ramp()[..., None], 3, axis=2)
    assert np.array_equal(cut(ramp(), faces, contract()), cut(colour, faces, contract()))
    assert cut(ramp(), faces, contract("bgr")).shape == (2, 48, 48, 3)


def test_no_face_gives_an_empty_batch_of_the_right_shape():
    spec = InputSpec(channels="rgb", layout="NCHW")
    crops = cut(ramp(), [], Contract(LABELS, spec))
    assert crops.shape == (0, 48, 48, 3)
    assert to_batch(crops, spec).shape == (0, 3, 48, 48)


def test_the_batch_is_pixel_times_scale_plus_offset_in_the_networks_order():
    spec = InputSpec(1, 2, "rgb", "NCHW", scale=(1.0, 2.0, 3.0), offset=(0.0, 0.5, -1.0))
    crops = np.array([[[[10, 20, 30], [1, 2, 3]]]], np.uint8)
    batch = to_batch(crops, spec)
    assert batch.dtype == np.float32
    assert batch.tolist() == [[[[30, 3]], [[40.5, 4.5]], [[29, 2]]]]


def test_a_gray_batch_has_one_channel():
    spec = InputSpec(2, 2, scale=1 / 127.5, offset=-1.0)
    batch = to_batch(np.full((3, 2, 2), 255, np.uint8), spec)
    assert batch.shape == (3, 2, 2, 1)
    assert batch == pytest.approx(1.0)


PLANE = np.arange(100, dtype=np.uint8).reshape(10, 10)


def chip(image: np.ndarray, square: tuple[float, ...], turn_rad: float = 0.0) -> np.ndarray:
    return face_chip(raster_of(image), replace(reading(), square=square, turn_rad=turn_rad))


def test_a_chip_is_the_square_of_the_picture():
    np.testing.assert_array_equal(chip(PLANE, (2.4, 3.4, 5.6, 6.6)), PLANE[3:7, 2:6])


def test_a_chip_repeats_the_border():
    seen = chip(PLANE, (-2, -1, 3, 4))
    assert seen.shape == (5, 5)
    np.testing.assert_array_equal(seen[1:, 2:], PLANE[:4, :3])
    assert (seen[0, :3] == PLANE[0, 0]).all()
    beyond = chip(PLANE, (7, 8, 14, 15))
    assert beyond.shape == (7, 7)
    assert (beyond[2:, 3:] == PLANE[9, 9]).all()


@pytest.mark.parametrize("square", [(20, 20, 24, 24), (-9, -9, -5, -5), (4, 4, 4, 4), (-50, 2, 60, 6)])
@pytest.mark.parametrize("shape", [(10, 10), (10, 10, 3), (1, 1, 3)])
def test_a_square_outside_or_empty_still_gives_a_picture(square: tuple[float, ...], shape: tuple[int, ...]):
    seen = chip(np.zeros(shape, np.uint8), square)
    assert min(seen.shape) >= 1
    assert seen.ndim == 2


def test_a_square_far_larger_than_the_picture_is_sampled():
    seen = chip(PLANE, (-1_000_000, -1_000_000, 1_000_010, 1_000_010))
    assert seen.shape == (LARGEST_CHIP, LARGEST_CHIP)
    assert [seen[0, 0], seen[0, -1], seen[-1, 0], seen[-1, -1]] == [PLANE[y, x] for y in (0, 9) for x in (0, 9)]


def test_a_turned_chip_is_upright():
    picture = np.zeros((200, 200), np.uint8)
    for step in range(-60, 61):  # a line that falls to the right by 30°
        x, y = 100 + step * math.cos(math.radians(30)), 100 + step * math.sin(math.radians(30))
        picture[round(y) - 2 : round(y) + 3, round(x) - 2 : round(x) + 3] = 255
    seen = chip(picture, (50, 50, 150, 150), math.radians(30))
    assert seen.shape == (100, 100)
    assert seen[50].mean() > 240
    assert seen[:40].max() == seen[60:].max() == 0
