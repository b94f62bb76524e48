"""YuNet in onnxruntime: a face detector for pictures of any size, several in one call.

The network looks at three grids, of 8, 16 and 32 pixels a cell. Cell (column c, row r) of the grid with stride s says

    score = √(class · objectness)           centre = s · (c + b₀, r + b₁)
    eye k = s · (c + k₂ₖ, r + k₂ₖ₊₁)        size   = s · (exp b₂, exp b₃)

after Wu, Peng and Yu, YuNet: A Tiny Millisecond-level Face Detector (2023). The file as published reads 640×640 only;
its weights do not depend on the size (`yunet_graph`). One core does 640×384 in a third of the time that OpenCV's own
reader of this file takes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import cache

import numpy as np

from ..system.providers import AUTO
from ..types import Face, Floats, Image
from .blending import blended
from .runtime import detector_session
from .yunet_graph import OUTPUTS, STRIDES, joined

BATCH_PIXELS = 8 * 128 * 128
"""In one call. Six windows of 512×320 in one call take twice as long as in six."""
SAME, RIVAL = 0.5, 0.3
"""Overlap with the best cell's box: above the first a cell helps to place it, above the second it is no other face."""


class YuNet:
    """YuNet, ready to look.

    Args:
        min_score: faces below it are not reported, 0–1.
        threads: inside one call.
        provider: of onnxruntime.
    """

    def __init__(self, min_score: float = 0.5, threads: int = 1, provider: str = AUTO) -> None:
        self._min_score = min_score
        self._session = detector_session(joined(), threads, provider)

    def detect(self, pictures: Sequence[Image]) -> list[list[Face]]:
        """The faces of each picture; see `Detector.detect`."""
        found: dict[int, list[Face]] = {}
        for indices in _batches(pictures):
            answers = self._look([pictures[index] for index in indices])
            found.update(zip(indices, answers, strict=True))
        return [found[index] for index in range(len(pictures))]

    def close(self) -> None:
        """Frees the session; a second call does nothing."""
        with suppress(AttributeError):
            del self._session

    def _look(self, pictures: Sequence[Image]) -> list[list[Face]]:
        batch = _batch(pictures)
        rows, columns = batch.shape[2:]
        scores, places, points = self._session.run(list(OUTPUTS), {"input": batch})
        surely, grid = np.sqrt(scores[:, 0] * scores[:, 1]), _grid(rows, columns)
        return [self._faces(*answer, grid) for answer in zip(surely, places, points, strict=True)]

    @np.errstate(over="ignore", invalid="ignore")
    def _faces(self, scores: Floats, places: Floats, points: Floats, grid: Floats) -> list[Face]:
        sure = np.flatnonzero(scores >= self._min_score)
        if not sure.size:
            return []
        (cells, stride), box, eyes = (grid[:2, sure], grid[2, sure]), places[:, sure], points[:4, sure]
        table = np.empty((9, sure.size), np.float32)
        middle, half = (cells + box[:2]) * stride, np.exp(box[2:]) * stride / 2
        table[:2], table[2:4] = middle - half, middle + half
        table[4:6], table[6:8] = (cells + eyes[:2]) * stride, (cells + eyes[2:]) * stride
        table[8] = scores[sure]
        return blended(np.ascontiguousarray(table.T), SAME, RIVAL)


def _batches(pictures: Sequence[Image]) -> Iterator[list[int]]:
    """Numbers of pictures of one size that together are small enough for the processor's cache."""
    groups: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for index, picture in enumerate(pictures):
        groups[picture.shape].append(index)
    for shape, indices in groups.items():
        count = max(1, BATCH_PIXELS // (shape[0] * shape[1]))
        yield from (indices[start : start + count] for start in range(0, len(indices), count))


def _batch(pictures: Sequence[Image]) -> Floats:
    """(N, 3, H, W) with H and W rounded up to the coarsest stride, black beyond the pictures.

    OpenCV's own way to make it takes five times as long for a window.
    """
    height, width = pictures[0].shape[:2]
    below, beside = -height % STRIDES[-1], -width % STRIDES[-1]
    make = np.zeros if below or beside else np.empty
    batch = make((len(pictures), 3, height + below, width + beside), np.float32)
    for planes, picture in zip(batch[..., :height, :width], pictures, strict=True):
        planes[...] = picture.transpose(2, 0, 1)
    return batch


@cache
def _grid(rows: int, columns: int) -> Floats:
    """(3, cells) column, row and stride of every cell, in the network's order."""
    parts = []
    for stride in STRIDES:
        row, column = np.mgrid[: rows // stride, : columns // stride]
        parts.append(np.stack([column.ravel(), row.ravel(), np.full(row.size, stride)]))
    return np.concatenate(parts, axis=1).astype(np.float32)
