"""The chosen face once more, a part of it covered by a gray square: what it says then tells what that part had said.

The square is laid on the crop, in its middle gray, after everything that the crop went through: neither where the face
is found nor what is said of the uncovered one changes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..network.contract import InputSpec
from ..network.network import Request
from ..network.offset import prior_offset
from ..reading.crops import to_batch
from ..reading.session import Session
from ..types import Floats, Reading
from .readout import Readout

GRAY = 127.5


@dataclass(frozen=True, slots=True)
class Cover:
    """A square on a crop, in the crop's own edges.

    Attributes:
        x: of its middle, 0 at the left, 1 at the right.
        y: of its middle, 0 at the top, 1 at the bottom.
        edge: how long it is, above 0, at most 1.
    """

    x: float
    y: float
    edge: float

    @classmethod
    def of(cls, told: Any) -> Cover | None:
        """From three numbers; None for anything else."""
        match told:
            case [int() | float() as x, int() | float() as y, int() | float() as edge]:
                if 0 <= x <= 1 and 0 <= y <= 1 and 0 < edge <= 1:
                    return cls(float(x), float(y), float(edge))
        return None

    def pixels(self, middle: float, length: int) -> slice:
        """The pixels that it covers of an edge of the crop, at least one, its own middle being `middle`."""
        first = min(max(math.floor((middle - self.edge / 2) * length + 0.5), 0), length - 1)
        return slice(first, max(first + 1, math.floor((middle + self.edge / 2) * length + 0.5)))


def tell(readout: Readout, session: Session, reading: Reading, cover: Cover, prior: float | None) -> None:
    """Adds `covered` to an answer: the probabilities as the network says them, as `raw` is of the whole face.

    Args:
        readout: the answer that is added to.
        session: that read the face.
        reading: of the chosen face.
        cover: what is covered.
        prior: how much of the training pictures' prior is taken off, as in the reading.
    """
    network, labels = session.network, session.network.contract.labels
    added = prior_offset(network.contract, prior)
    own = session.baselines.offset(reading.face.track, added)
    parts = [part for part in (added, own) if part is not None]
    offsets = np.asarray(sum(parts, np.zeros(len(labels))), np.float32)[None] if parts else None
    batch = to_batch(reading.crop[None], network.contract.input)
    lay(batch, cover, network.contract.input)
    said = network.answer(batch, Request(), offsets=offsets).probabilities[0]
    readout.facts["covered"] = {"square": [cover.x, cover.y, cover.edge], "probabilities": readout.shares(said)}


def lay(batch: Floats, cover: Cover, spec: InputSpec) -> None:
    """Lays the square on faces as the network is fed them, (N, …)."""
    rows, columns = cover.pixels(cover.y, spec.height), cover.pixels(cover.x, spec.width)
    gray = np.broadcast_to(
        np.float32(GRAY) * np.asarray(spec.scale, np.float32) + np.asarray(spec.offset, np.float32), spec.depth
    )
    if spec.layout == "NHWC":
        batch[:, rows, columns] = gray
    else:
        batch[:, :, rows, columns] = gray[:, None, None]
