"""Each augmentation does what its switch says, and nothing when it is off."""

from __future__ import annotations

import numpy as np
import pytest

from emoscope.models.augment import Augmentation, augment, mixup

RAMP = np.repeat(np.arange(0, 240, 5, dtype=np.uint8)[None], 48, axis=0)[None, :, :, None]


def changed(seed: int = 0, **how: float) -> np.ndarray:
    return augment(RAMP, Augmentation(**how), np.random.default_rng(seed))[0, :, :, 0]


def test_everything_off_changes_nothing() -> None:
    np.testing.assert_array_equal(changed(), RAMP[0, :, :, 0])


def test_the_same_seed_makes_the_same_picture() -> None:
    how = {"rotation": 20, "shift": 0.2, "zoom": 0.2, "brightness": 0.2, "contrast": 0.2, "erasing": 0.5}
    np.testing.assert_array_equal(changed(3, **how), changed(3, **how))
    assert not np.array_equal(changed(3, **how), changed(4, **how))


def test_flip_mirrors_half_of_the_pictures() -> None:
    flips = [changed(seed, flip=True) for seed in range(200)]
    mirrored = [np.allclose(picture, RAMP[0, :, ::-1, 0]) for picture in flips]
    plain = [np.allclose(picture, RAMP[0, :, :, 0]) for picture in flips]
    assert all(one or other for one, other in zip(mirrored, plain, strict=True))
    assert 70 < sum(mirrored) < 130


def test_shift_moves_by_no_more_than_its_share() -> None:
    offsets = [np.median(changed(seed, shift=0.1) - RAMP[0, :, :, 0]) / 5 for seed in range(60)]
    assert 3.5 < max(np.abs(offsets)) <= 4.8


def test_rotation_keeps_the_middle() -> None:
    turned = [changed(seed, rotation=30) for seed in range(20)]
    assert all(picture[23:25, 23:25].mean() == pytest.approx(117.5, abs=1) for picture in turned)
    assert max(np.abs(picture - RAMP[0, :, :, 0]).max() for picture in turned) > 50


def test_light_keeps_the_range() -> None:
    bright = np.stack([changed(seed, brightness=0.5) for seed in range(20)])
    assert bright.min() >= 0 and bright.max() <= 255
    means = bright.mean(axis=(1, 2)) - RAMP.mean()
    assert means.max() > 40 and means.min() < -40


def test_contrast_keeps_the_mean() -> None:
    picture = changed(2, contrast=0.1)
    assert picture.mean() == pytest.approx(RAMP.mean(), abs=0.5)
    assert picture.std() != pytest.approx(RAMP.std(), rel=1e-3)


def test_erasing_overwrites_one_rectangle() -> None:
    erased = np.isclose(changed(5, erasing=1.0), RAMP.mean())
    rows, columns = np.flatnonzero(erased.any(axis=1)), np.flatnonzero(erased.any(axis=0))
    assert erased[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].all()
    assert 0.015 < erased.mean() < 0.25


def test_mixup_blends_pictures_and_targets_alike() -> None:
    pixels = np.arange(4, dtype=np.float32).reshape(4, 1, 1, 1) * np.ones((4, 2, 2, 1), np.float32)
    targets = np.eye(4, dtype=np.float32)[:, None]
    blended, labels = mixup(pixels, targets, 0.4, np.random.default_rng(0))
    np.testing.assert_allclose(blended[:, 0, 0, 0], labels[:, 0] @ np.arange(4), rtol=1e-5)
    np.testing.assert_allclose(labels.sum(axis=2), 1, rtol=1e-6)
    assert 0 < labels[0, 0].max() < 1
    assert mixup(pixels, targets, 0.0, np.random.default_rng(0)) == (pixels, targets)
