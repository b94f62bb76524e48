"""The folder of a run.

RUN/model.keras     the best network so far, without optimizer state
    contract.json   what it is fed and what it answers
    config.json     every setting, versions, data checksum
    split.csv       which picture stood in which split
    history.csv     one row per epoch
    checkpoint.npz  what --resume continues from
    curves.png      accuracy and loss, when it has come to its end
    model.h5        the network in Keras' older format, where asked for
    evaluation/     the verdict on the validation split, its mistakes, what was said of each picture
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from emoscope.errors import DataError, ResultError
from emoscope.network.contract import Contract
from emoscope.system.atomic import atomic_file, atomic_write

from ..data.dataset import Dataset
from ..data.membership import SPLIT, split_csv
from ..writing import writing
from .history import Epoch, history_csv, read_history

MODEL = "model.keras"
H5 = "model.h5"
CONTRACT, CONFIG, TENSORBOARD = "contract.json", "config.json", "tensorboard"
CURVES, PARTIAL_CURVES = "curves.png", "curves.partial.png"
"""Drawn when a run has come to its end; when it is stopped."""
EVALUATION = "evaluation"


class RunFolder:
    """Reads and writes the files of a run; each appears whole or not at all."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def exists(self) -> bool:
        """Whether the folder holds a run."""
        return (self.path / CONFIG).exists()

    def require_new(self) -> None:
        """Raises ResultError where the folder already holds a run."""
        if self.exists():
            raise ResultError(f"{self.path}: holds a run already: continue it with --resume, or choose another -o")

    def create(self) -> None:
        """Makes the folder; ResultError where it cannot be made."""
        self.require_new()
        with writing(self.path):
            self.path.mkdir(parents=True, exist_ok=True)

    def remove(self) -> None:
        """Removes what a run writes before its first epoch, and the folder where nothing else is in it."""
        for name in (CONTRACT, CONFIG, SPLIT):
            (self.path / name).unlink(missing_ok=True)
        shutil.rmtree(self.path / TENSORBOARD, ignore_errors=True)
        with suppress(OSError):
            self.path.rmdir()

    def write_contract(self, contract: Contract) -> None:
        atomic_write(self.path / CONTRACT, contract.to_json() + "\n")

    def write_config(self, config: Mapping[str, Any]) -> None:
        atomic_write(self.path / CONFIG, json.dumps(config, indent=1) + "\n")

    def write_split(self, data: Dataset) -> None:
        atomic_write(self.path / SPLIT, split_csv(data))

    def config(self) -> Any:
        """What `write_config` wrote; DataError where there is none."""
        try:
            return json.loads((self.path / CONFIG).read_text("utf-8"))
        except (OSError, ValueError) as error:
            if not self.exists() and any(next(self.path.glob(f"{one}-*/{CONFIG}"), None) for one in ("fold", "seed")):
                cure = "give the command that began them once more, and it goes on"
                raise DataError(f"{self.path}: holds several runs, of --folds or --seeds: {cure}") from None
            why = getattr(error, "strerror", None) or error
            raise DataError(f"{self.path}: not a run that can be resumed ({CONFIG}: {why})") from None

    def write_model(self, model: Any, name: str = MODEL) -> None:
        """Saves the network; it never was compiled, so there is no optimizer state in it."""
        with atomic_file(self.path / name) as draft:
            model.save(draft)

    def sweep(self) -> None:
        """Removes what a killed run left half written."""
        with writing(self.path):
            for draft in self.path.glob("*.partial*"):
                draft.unlink()

    def history(self, first: str) -> list[Epoch]:
        """The epochs done so far; `first` is the run's first label set."""
        path = self.path / "history.csv"
        return read_history(path, first) if path.exists() else []

    def write_history(self, history: Sequence[Epoch]) -> None:
        atomic_write(self.path / "history.csv", history_csv(history))


def model_file(task: str, number: int) -> str:
    """The file of one label set's network: the first is the run's model."""
    return MODEL if number == 0 else f"model.{task}.keras"
