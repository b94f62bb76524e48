"""What a killed run continues from: one file, replaced only by a whole one."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emoscope.errors import ModelError
from emoscope.system.atomic import atomic_file

FILE = "checkpoint.npz"


@dataclass(frozen=True, slots=True)
class Position:
    """Where a run stands.

    Attributes:
        epoch: number of the running epoch, from 0.
        step: steps of it that are done.
        loss: sum of their losses.
        right: pictures they called right.
        cross_entropy: sum of their losses, classes and labels as they are.
    """

    epoch: int = 0
    step: int = 0
    loss: float = 0.0
    right: int = 0
    cross_entropy: float = 0.0

    def after(self, loss: float, right: int, cross_entropy: float) -> Position:
        """Where the run stands after one more step."""
        sums = self.loss + loss, self.right + right, self.cross_entropy + cross_entropy
        return Position(self.epoch, self.step + 1, *sums)


def save(run: Path, position: Position, state: list[NDArray[Any]]) -> None:
    """Writes the checkpoint of a run; a kill at any moment leaves the old one or the new one."""
    arrays = {f"{number:05d}": value for number, value in enumerate(state)}
    with atomic_file(run / FILE) as draft, draft.open("wb") as file:
        np.savez(file, allow_pickle=False, position=np.array(json.dumps(asdict(position))), **arrays)
        file.flush()
        os.fsync(file.fileno())


def exists(run: Path) -> bool:
    """Whether the run has a checkpoint."""
    return (run / FILE).exists()


def load(run: Path) -> tuple[Position, list[NDArray[Any]]]:
    """Reads the checkpoint of a run.

    Raises:
        ModelError: it is damaged.
    """
    try:
        with np.load(run / FILE, allow_pickle=False) as file:
            position = Position(**json.loads(str(file["position"])))
            return position, [file[name] for name in sorted(file.files) if name != "position"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{run / FILE}: damaged ({error}): start the run again without --resume") from None
