"""Training from Python: from a folder of pictures to a pair of graphs in five lines.

    from emoscope.models import train

    run = train("photos", "runs/mine", start="ferplus")
    print(run.best, run.evaluate().figures.accuracy)
    pair = run.convert()                                  # emoscope.Reader(model=pair)

Settings are those of `emoscope train`, with `_` for `-`: `train(…, arch="gmp", epochs=20, lr=3e-4, flip=False)`.
Nothing prints; what goes wrong is an `emoscope.EmoscopeError` with one line that says what to do.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from emoscope.errors import ResultError, SettingsError

from .asking import asked_architecture, plan
from .converting import pair_of
from .evaluation.classifier import open_classifier
from .evaluation.judge import Judge, Question, Verdict
from .plan import Plan
from .running import Extras, Listener, begin, continued, go_on
from .training.history import Epoch, best
from .training.run_folder import CURVES, MODEL, RunFolder

AnyPath = str | os.PathLike[str]


@dataclass(frozen=True, slots=True)
class Trained:
    """A run that has come to its end. It shows its curves in a notebook.

    Attributes:
        path: its folder.
        plan: what was trained on what, and how.
        history: its epochs.
    """

    path: Path
    plan: Plan
    history: tuple[Epoch, ...]

    @property
    def model(self) -> Path:
        """The best network, a `.keras` file."""
        return self.path / MODEL

    @property
    def best(self) -> Epoch:
        """The epoch whose network is kept."""
        return best(self.history, self.plan.recipe.monitor)

    def evaluate(self, data: AnyPath | None = None, split: str = "test", numbers: str = "") -> Verdict:
        """How the network does on pictures that it has not learnt from.

        Args:
            data: another data set; None for its own.
            split: "train", "validation", "test" or "all".
            numbers: what class folders of another data set mean that are called by numbers, as in `train`.

        Raises:
            EmoscopeError: the data set cannot be read, or scikit-learn is not installed.
        """
        made, place = self.plan, Path(self.plan.data if data is None else data)
        question = Question(place, split, cut=made.cut, numbers=made.numbers if data is None else numbers)
        network = open_classifier(self.model)
        return Judge(question, [network]).judge(network)

    def convert(self, folder: AnyPath | None = None, name: str = "", fp16: bool = False) -> Path:
        """Makes the pair of graphs that is run without TensorFlow; the path of its classifier.

        Args:
            folder: where to; None for the run's own.
            name: of the pair; "" for the run's.
            fp16: whether weights are kept in float16.

        Raises:
            EmoscopeError: the pair does not agree with the network, or cannot be written.
        """
        return pair_of(self.model, Path(folder) if folder is not None else None, name, fp16)

    def __repr__(self) -> str:
        kept = self.best
        accuracy = f"validation accuracy {kept.val_accuracy:.3f} in epoch {kept.epoch} of {len(self.history)}"
        return f"Trained({str(self.path)!r}, {self.plan.arch}, {accuracy})"

    def _repr_png_(self) -> bytes:
        return (self.path / CURVES).read_bytes()


def train(
    data: AnyPath,
    run: AnyPath,
    *,
    arch: str = "",
    start: str = "",
    callbacks: Sequence[Any] = (),
    tell: Callable[[str], None] | None = None,
    watch: Callable[[Epoch], None] | None = None,
    resume: bool = False,
    **settings: Any,
) -> Trained:
    """Trains a network on a data set.

    Args:
        data: folder of pictures by class, .zip of one, or FER2013's CSV file.
        run: the run's folder, which must not hold a run yet, unless `resume`.
        arch: name of the network; "" where it starts from one.
        start: "ferplus", or the `.keras` file of an earlier run, to start from; "" to start from chance.
        callbacks: of Keras, such as MLflow's or Weights & Biases'; see `emoscope.models.training.callbacks`.
        tell: is told what is read, done and found, a line at a time.
        watch: is given every epoch when it is done.
        resume: goes on with the run in that folder, if there is one; of the settings only `epochs` counts then.
        settings: every other one of `emoscope train`, with `_` for `-`.

    Raises:
        EmoscopeError: the data set, the folder or a setting does not allow it; the message says what to do.
    """
    path, heard = Path(run), _listener(tell, watch)
    extras = Extras(settings.pop("tensorboard", False), settings.pop("h5", False), callbacks)
    if RunFolder(path).exists() and not resume:
        raise ResultError(f"{path}: holds a run already: say resume=True to go on with it, or name another folder")
    if RunFolder(path).exists():
        made = continued(path, Path(data), settings.get("epochs"))
        return Trained(path, made, tuple(go_on(made, path, heard, extras)))
    if not arch and not start:
        raise SettingsError("say which network: arch='gmp' or another architecture, or start='ferplus'")
    made = plan(asked_architecture(arch or None, start or None), Path(data), {**settings, "start": start or None})
    return Trained(path, made, tuple(begin(made, path, heard, extras)))


def _listener(tell: Callable[[str], None] | None, watch: Callable[[Epoch], None] | None) -> Listener:
    heard = Listener() if tell is None else Listener(line=tell, warning=tell)
    return heard if watch is None else replace(heard, epoch=watch)
