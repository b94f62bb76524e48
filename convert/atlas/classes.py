"""What a filter says about classes, and which pictures excite it most: one pass over a folder of faces.

mean activation      of channel k on the pictures that the network calls c
share                mean over all pictures of Σ_ij G A for class c, divided by the sum of its absolute values over
                     the layer's channels: how much of what the layer says for (+) or against (−) c is k's
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import onnxruntime as ort

from emoscope.network.bundle import ModelBundle
from emoscope.reading.crops import as_fed
from emoscope.types import Floats, Image

from ..forward import FACES, TARGET
from .inside import class_session

BATCH = 32
NINE = 9


@dataclass(frozen=True, slots=True)
class ClassAnswers:
    """What one layer said.

    Attributes:
        means: (channels, classes) mean activation; NaN for a class that no picture is called.
        shares: (channels, classes), between −1 and 1; the absolute values of a class add up to 1.
        best: (channels, 9) numbers of the pictures with the largest cell, strongest first; −1 where there are fewer.
        values: (channels, 9) those cells.
        cells: (channels, 9, 2) rows and columns of those cells.
    """

    means: Floats
    shares: Floats
    best: np.ndarray
    values: Floats
    cells: np.ndarray


def class_answers(
    bundle: ModelBundle, images: Image, names: tuple[str, ...], step: Callable[[int], None]
) -> dict[str, ClassAnswers]:
    """What each layer says of these pictures.

    Args:
        bundle: the model.
        images: (N, h, w, c) faces in the network's size and channels.
        names: of the layers.
        step: hears how many more pictures are done.

    Returns:
        What each layer said, by its name.
    """
    running, classes = class_session(bundle, names), len(bundle.contract.labels)
    tallies = {name: _Tally(bundle.contract.layer(name).channels, classes) for name in names}
    for first in range(0, len(images), BATCH):
        faces = as_fed(images[first : first + BATCH], bundle.contract.input)
        for number in range(classes):
            said, maps, slopes = _run(running, faces, number, names)
            for name, tally in tallies.items():
                tally.argue(number, maps[name], slopes[name])
        for name, tally in tallies.items():
            tally.hear(maps[name], said.argmax(1), first)
        step(len(faces))
    return {name: tally.said() for name, tally in tallies.items()}


def _run(
    running: ort.InferenceSession, faces: Floats, target: int, names: tuple[str, ...]
) -> tuple[Floats, dict[str, Floats], dict[str, Floats]]:
    wanted = [output.name for output in running.get_outputs()]
    feed = {FACES: faces, TARGET: np.full(len(faces), target)}
    found = dict(zip(wanted, running.run(wanted, feed), strict=True))
    maps, slopes = ({name: found[f"{what}/{name}"] for name in names} for what in ("activation", "gradient"))
    return found["probabilities"], maps, slopes


class _Tally:
    """Sums over pictures, in constant memory."""

    def __init__(self, channels: int, classes: int) -> None:
        self._sums, self._counts = np.zeros((channels, classes)), np.zeros(classes)
        self._arguments = np.zeros((channels, classes))
        self._best = np.full((channels, 0), -1)
        self._values, self._cells = np.zeros((channels, 0), np.float32), np.zeros((channels, 0, 2), int)

    def argue(self, number: int, maps: Floats, slopes: Floats) -> None:
        """Adds gradient × activation for a class."""
        self._arguments[:, number] += (maps * slopes).sum((0, 1, 2))

    def hear(self, maps: Floats, said: np.ndarray, first: int) -> None:
        """Adds activations, and keeps the nine strongest cells of each channel."""
        means, (count, _, width, channels) = maps.mean((1, 2)), maps.shape
        np.add.at(self._sums.T, said, means)
        np.add.at(self._counts, said, 1)
        flat = maps.reshape(count, -1, channels)
        places = flat.argmax(1)
        values = np.take_along_axis(flat, places[:, None], 1)[:, 0].T
        numbers = np.tile(np.arange(first, first + count), (channels, 1))
        cells = np.stack(np.divmod(places.T, width), -1)
        best, all_values, all_cells = (
            np.concatenate(parts, 1) for parts in ((self._best, numbers), (self._values, values), (self._cells, cells))
        )
        order = np.argsort(-all_values, 1, kind="stable")[:, :NINE]
        self._best, self._values = (np.take_along_axis(one, order, 1) for one in (best, all_values))
        self._cells = np.take_along_axis(all_cells, order[..., None], 1)

    def said(self) -> ClassAnswers:
        """The means."""
        with np.errstate(invalid="ignore", divide="ignore"):
            means = self._sums / self._counts
        total = np.abs(self._arguments).sum(0)
        shares = self._arguments / np.where(total > 0, total, 1)
        return ClassAnswers(means.astype(np.float32), shares.astype(np.float32), self._best, self._values, self._cells)
