"""The stretch: numpy's percentiles exactly, whatever way they are found; flat crops stay calm."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from emoscope.network.contract import InputSpec
from emoscope.reading.crops import as_seen, fed, to_batch
from emoscope.reading.stretch import stretched

BOUNDS = (1.0, 99.0)


def by_definition(crops: np.ndarray, bounds: tuple[float, float]) -> np.ndarray:
    flat = crops.reshape(len(crops), -1)
    low, high = np.percentile(flat, bounds, axis=1)
    middle, gain = (low + high) / 2, 255 / np.maximum(high - low, 8)
    return np.clip((flat - middle[:, None]) * gain[:, None] + 127.5, 0, 255).reshape(crops.shape)


def crops(middle: float, spread: float, shape: tuple[int, ...] = (3, 48, 48)) -> np.ndarray:
    return np.random.default_rng(int(middle)).normal(middle, spread, shape).clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize("bounds", [BOUNDS, (0.0, 100.0), (5.5, 70.0)])
@pytest.mark.parametrize(("middle", "spread"), [(120, 50), (12, 5), (240, 30), (128, 1), (0, 3), (100, 0)])
@pytest.mark.parametrize("shape", [(3, 48, 48), (2, 7, 5, 3), (1, 1, 2)])
def test_agrees_with_its_definition(middle: float, spread: float, bounds: tuple[float, float], shape: tuple[int, ...]):
    whole = crops(middle, spread, shape)
    wanted = by_definition(whole, bounds)
    for pixels in (whole, whole.astype(np.float32)):
        found = stretched(pixels, bounds)
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, wanted, atol=1e-4)


def test_each_crop_is_stretched_for_itself():
    dark, bright = crops(20, 4), crops(200, 20)
    both = stretched(np.concatenate([dark, bright]), BOUNDS)
    np.testing.assert_array_equal(both, np.concatenate([stretched(dark, BOUNDS), stretched(bright, BOUNDS)]))


def test_a_tenth_of_the_light_makes_no_difference_but_rounding():
    lit = crops(128, 40)
    dim = np.rint(lit * 0.1).astype(np.uint8)
    assert np.abs(stretched(lit, BOUNDS) - stretched(dim, BOUNDS)).mean() < 6


def test_what_is_flat_becomes_mid_grey_and_is_not_torn_apart():
    for level in (0, 9, 255):
        np.testing.assert_array_equal(stretched(np.full((1, 4, 4), level, np.uint8), BOUNDS), 127.5)
    step = np.full((1, 48, 48), 60, np.uint8)
    step[0, :24] = 61
    assert np.ptp(stretched(step, BOUNDS)) == pytest.approx(255 / 8)


def test_a_mirrored_batch_and_one_without_faces():
    whole = crops(120, 50)
    np.testing.assert_array_equal(stretched(whole[:, :, ::-1], BOUNDS), stretched(whole, BOUNDS)[:, :, ::-1])
    assert stretched(whole[:0], BOUNDS).shape == (0, 48, 48)


def test_without_bounds_nothing_is_touched():
    whole = crops(120, 50)
    assert stretched(whole, None) is whole
    np.testing.assert_array_equal(to_batch(whole, InputSpec()), whole[..., None] * np.float32(1 / 255))


@pytest.mark.parametrize("layout", ["NHWC", "NCHW"])
@pytest.mark.parametrize("channels", ["rgb", "bgr"])
def test_the_network_is_fed_stretched_pixels_in_its_own_order(channels: str, layout: str):
    spec = InputSpec(9, 9, channels, layout, 2.0, -1.0, BOUNDS)
    whole = crops(90, 30, (2, 9, 9, 3))
    wanted = stretched(whole, BOUNDS) * 2 - 1
    wanted = wanted[..., ::-1] if channels == "rgb" else wanted
    wanted = wanted.transpose(0, 3, 1, 2) if layout == "NCHW" else wanted
    np.testing.assert_allclose(to_batch(whole, spec), wanted, rtol=1e-6)


def test_evaluation_and_training_feed_the_same():
    spec = InputSpec(stretch=BOUNDS)
    whole = crops(60, 20)
    np.testing.assert_array_equal(fed(whole[..., None], spec), to_batch(whole, spec))


def test_people_see_what_the_network_sees():
    spec = InputSpec(stretch=BOUNDS)
    whole = crops(60, 20)
    seen = as_seen(whole, spec)
    assert seen.dtype == np.uint8
    np.testing.assert_allclose(seen, stretched(whole, BOUNDS), atol=0.5)
    assert as_seen(whole, replace(spec, stretch=None)) is whole
