"""Pictures of pictures: a sheet of samples, and one of augmentations."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from emoscope.network.contract import Contract

from ..augment import Augmentation, augment, mixup
from ..data.dataset import Split
from ..data.folders import write_picture
from ..data.recrop import with_crops
from ..recipe import Recipe

Picture = NDArray[np.uint8]

CELL, GAP, PAPER = 96, 4, 255
COLUMNS = 10


def draw_sheet(pictures: Sequence[Picture], path: Path, columns: int = COLUMNS) -> None:
    """Lays pictures of any size out in a grid of equal cells."""
    cells = [_cell(picture) for picture in pictures]
    cells += [np.full((CELL, CELL, 3), PAPER, np.uint8)] * (-len(cells) % columns)
    rows = [
        np.hstack([_padded(cell) for cell in cells[start : start + columns]]) for start in range(0, len(cells), columns)
    ]
    write_picture(path, np.pad(np.vstack(rows), ((GAP, 0), (GAP, 0), (0, 0)), constant_values=PAPER))


def thumbnail(picture: Picture) -> Picture:
    """The picture as large as a cell shows it; a smaller one as it is."""
    return _sized(picture) if max(picture.shape[:2]) > CELL else picture


def draw_augmentations(
    split: Split, recipe: Recipe, contract: Contract, path: Path, pictures: int = 8, columns: int = COLUMNS
) -> None:
    """One row per training picture: as it is, then as training may see it.

    Args:
        split: training pictures, of which some are drawn by lot.
        recipe: says what is done to them.
        contract: of the network, for crops.
        path: of the picture that is written.
        pictures: rows.
        columns: the first as it is, the others as training may see it.
    """
    random = np.random.default_rng(recipe.seed)
    chosen = split.take(random.choice(len(split), min(pictures, len(split)), replace=False))
    chosen = with_crops(chosen, contract) if recipe.augmentation.recrop else chosen
    seen = [chosen.images, *(_augmented(chosen, recipe.augmentation, random) for _ in range(columns - 1))]
    draw_sheet([column[row] for row in range(len(chosen)) for column in seen], path, columns)


def _augmented(split: Split, how: Augmentation, random: np.random.Generator) -> Picture:
    pixels, _ = mixup(augment(split.seen(how.recrop, random), how, random), split.targets, how.mixup, random)
    return np.asarray(np.clip(pixels.round(), 0, 255), np.uint8)


def _cell(picture: Picture) -> Picture:
    """The picture in colour, as large as fits into a cell, in its middle."""
    fitted = _sized(picture)
    height, width = fitted.shape[:2]
    cell = np.full((CELL, CELL, 3), PAPER, np.uint8)
    top, left = (CELL - height) // 2, (CELL - width) // 2
    cell[top : top + height, left : left + width] = fitted if fitted.ndim == 3 else fitted[:, :, None]
    return cell


def _sized(picture: Picture) -> Picture:
    """As large as fits into a cell."""
    factor = CELL / max(picture.shape[:2])
    size = max(1, round(picture.shape[1] * factor)), max(1, round(picture.shape[0] * factor))
    interpolation = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(picture, size, interpolation=interpolation), np.uint8)


def _padded(cell: Picture) -> Picture:
    return np.pad(cell, ((0, GAP), (0, GAP), (0, 0)), constant_values=PAPER)
