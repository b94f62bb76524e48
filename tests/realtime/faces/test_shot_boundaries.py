"""Hard cuts: seen where the scene changes, not where light, noise or movement does."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from emoscope.faces.shot_boundaries import ShotBoundaryDetector
from emoscope.media.raster import Bgr


@pytest.fixture
def scene() -> np.ndarray:
    random = np.random.default_rng(1)
    return cv2.resize(random.integers(0, 255, (9, 16, 3), np.uint8), (640, 360), interpolation=cv2.INTER_CUBIC)


def cut(*pictures: np.ndarray) -> bool:
    """Whether the last picture is said to be of another scene than the one before."""
    detector = ShotBoundaryDetector()
    return [detector.is_boundary(Bgr(picture)) for picture in pictures][-1]


def test_the_first_picture_is_no_cut(scene):
    assert not cut(scene)


def test_another_scene_is_a_cut(scene):
    other = cv2.flip(scene, -1)
    assert cut(scene, other)
    assert not cut(scene, other, other)


def test_black_after_a_picture_is_a_cut_but_black_after_black_is_none(scene):
    assert cut(scene, np.zeros_like(scene))
    assert not cut(np.zeros_like(scene), np.full_like(scene, 3))


def test_a_flash_noise_and_a_small_move_are_no_cut(scene):
    random = np.random.default_rng(0)
    noisy = np.clip(scene + random.normal(0, 15, scene.shape), 0, 255).astype(np.uint8)
    assert not cut(scene, cv2.convertScaleAbs(scene, alpha=0.5, beta=120))
    assert not cut(scene, noisy)
    assert not cut(scene, np.roll(scene, 8, axis=1))


def between_bars(picture: np.ndarray, bars: tuple[int, int], level: int = 0) -> np.ndarray:
    """A picture with bars of this height and width about it."""
    down, across = bars
    framed = np.full_like(picture, level)
    framed[down : 360 - down, across : 640 - across] = picture[down : 360 - down, across : 640 - across]
    return framed


@pytest.mark.parametrize("level", [0, 16, 200])
@pytest.mark.parametrize("bars", [(46, 0), (0, 80), (0, 140), (0, 218), (60, 200)])
def test_still_bars_hide_no_cut_and_make_none(scene, bars, level):
    random = np.random.default_rng(5)
    other = cv2.resize(random.integers(0, 255, (9, 16, 3), np.uint8), (640, 360), interpolation=cv2.INTER_CUBIC)
    noisy = np.clip(scene + random.normal(0, 15, scene.shape), 0, 255).astype(np.uint8)
    assert cut(between_bars(scene, bars, level), between_bars(other, bars, level))
    assert not cut(between_bars(scene, bars, level), between_bars(noisy, bars, level))


def test_bars_that_come_or_go_count_as_part_of_the_picture(scene):
    assert not cut(scene, between_bars(scene, (20, 0)))


def test_two_people_between_black_bars_in_turn(shared):
    reader = cv2.VideoCapture(str(shared / "cases" / "media" / "cuts_pillarboxed.mp4"))
    detector, found, index = ShotBoundaryDetector(), [], 0
    rate = reader.get(cv2.CAP_PROP_FPS)
    while (picture := reader.read()[1]) is not None:
        found += [index / rate] if detector.is_boundary(Bgr(picture)) else []
        index += 1
    assert found == pytest.approx([2.0 * number for number in range(1, len(found) + 1)], abs=0.1)
    assert len(found) == int((index - 1) / rate / 2)


def test_after_a_reset_nothing_is_compared(scene):
    detector = ShotBoundaryDetector()
    detector.is_boundary(Bgr(scene))
    detector.reset()
    assert not detector.is_boundary(Bgr(cv2.flip(scene, -1)))


def test_the_three_cuts_of_a_real_film_and_no_other(shared):
    reader = cv2.VideoCapture(str(shared / "videos" / "short_hamilton_clip.mp4"))
    detector, found, index = ShotBoundaryDetector(), [], 0
    while (picture := reader.read()[1]) is not None:
        found += [index] if detector.is_boundary(Bgr(picture)) else []
        index += 1
    assert found == [20, 82, 211]
