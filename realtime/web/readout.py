"""What a client is told about a frame: numbers for the page to draw, never pictures.

Maps and heat become bytes: a value v of a layer whose strongest is `peak` becomes 255 · v / peak, or
128 + 127 · v / peak where the layer also gives negative values.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..draw.backprojection import on_their_scale
from ..draw.maps import order, scale
from ..reading.smoothing import Shown
from ..types import Floats, Image

MOST_MAPS = 24
Bytes = NDArray[np.uint8]


class Readout:
    """Gathers one answer: facts for the JSON object, arrays for the bytes behind it."""

    def __init__(self, **facts: Any) -> None:
        self.facts: dict[str, Any] = facts
        self.arrays: list[Bytes] = []

    def faces(self, faces: Sequence[Shown], labels: Sequence[str], heat: bool) -> None:
        """All faces; with their heat where it lies on them."""
        self.facts["faces"] = [self._face(shown, labels, heat) for shown in faces]

    def heat(self, name: str, heat: Floats | None, **facts: Any) -> None:
        """A heatmap (h, w), 0–1."""
        if heat is not None:
            self.facts[name] = facts | {"array": self._add(np.uint8(np.clip(heat, 0, 1) * 255 + 0.5))}

    def crop(self, name: str, crop: Image) -> None:
        """The network's input, gray or BGR, as (h, w) or (h, w, 3) RGB."""
        self.facts[name] = {"array": self._add(crop if crop.ndim == 2 else crop[:, :, ::-1])}

    def maps(self, name: str, maps: Floats | None, sort: bool, **facts: Any) -> None:
        """The first or the most active maps (h, w, c) of a layer, on one scale.

        Args:
            name: of the array in the answer.
            maps: (h, w, c); None adds nothing.
            sort: whether the most active come first, else by number.
            facts: what else the page is told of it, as JSON.
        """
        if maps is not None:
            channels = order(maps, sort)[:MOST_MAPS]
            self._maps(name, maps[:, :, channels], [int(channel) for channel in channels], *scale(maps), facts)

    def one_map(self, name: str, maps: Floats | None, unit: int, **facts: Any) -> None:
        """One feature map, on its own scale.

        Args:
            name: of the array in the answer.
            maps: (h, w, c), all of the layer; None adds nothing.
            unit: number of the channel; the last where there are fewer.
            facts: what else the page is told of it, as JSON.
        """
        if maps is not None:
            unit = min(unit, maps.shape[2] - 1)
            one = maps[:, :, unit : unit + 1]
            self._maps(name, one, [unit], *scale(one), facts)

    def pixels(self, name: str, pixels: Floats | None, **facts: Any) -> None:
        """What in the network's input drives a channel, (H, W), signed; 128 is zero."""
        if pixels is not None:
            array = np.uint8(128 + 127 * on_their_scale(pixels))
            self.facts[name] = facts | {"array": self._add(array), "silent": not pixels.any()}

    def _maps(
        self, name: str, maps: Floats, channels: list[int], peak: float, signed: bool, facts: dict[str, Any]
    ) -> None:
        share = maps.transpose(2, 0, 1) / (peak or 1.0)
        array = np.uint8(128 + 127 * share if signed else 255 * share + 0.5)
        told = {"array": self._add(array), "channels": channels, "peak": peak, "signed": signed}
        self.facts[name] = facts | told

    @staticmethod
    def shares(probabilities: Floats) -> list[float]:
        """Probabilities as they are told."""
        return [round(float(share), 4) for share in probabilities]

    def _face(self, shown: Shown, labels: Sequence[str], heat: bool) -> dict[str, Any]:
        face, why = shown.reading.face, shown.reading.explanation
        told = {
            "track": face.track,
            "box": [round(edge, 1) for edge in face.box_xyxy],
            "square": [*(round(edge, 1) for edge in shown.reading.square), round(shown.reading.turn_rad, 4)],
            "label": shown.label,
            "class": list(labels).index(shown.label) if shown.label in labels else -1,
            "confidence": round(shown.confidence, 4),
            "probabilities": self.shares(shown.probabilities),
            "raw": self.shares(shown.reading.prediction.probabilities),
        }
        if shown.reading.plain is not None:
            told["plain"] = self.shares(shown.reading.plain.probabilities)
        if shown.reading.prediction.quality is not None:
            told["quality"] = round(shown.reading.prediction.quality, 4)
        if shown.reading.prediction.numbers:
            told["numbers"] = {name: round(value, 4) for name, value in shown.reading.prediction.numbers.items()}
        if shown.at_rest is not None:
            told["at_rest"] = round(shown.at_rest, 2)
        if heat and why is not None and why.heat is not None:
            told["heat"] = self._add(np.uint8(np.clip(why.heat, 0, 1) * 255 + 0.5))
        return told

    def _add(self, array: Bytes) -> int:
        self.arrays.append(array)
        return len(self.arrays) - 1
