"""Keras callbacks beside our loop: MLflow's, Weights & Biases', TensorBoard's, or one of your own.

They hear what `fit` would tell them: the run's beginning and end, every step and every epoch, with the figures of
`history.csv` as logs. Their `model` is the network that is saved, with the averaged weights after every epoch, and with
the optimizer; `model.stop_training = True` ends the run after the epoch.

They listen. What would lead the run instead, by another learning rate or a checkpoint of its own, would do nothing
here, so that it is refused with the setting that does it (`require_listeners`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from emoscope.errors import SettingsError

from .history import MEASURES, Epoch
from .learner import Learner

LEADERS = {
    "LearningRateScheduler": "the learning rate follows lr= and schedule=",
    "ReduceLROnPlateau": "say schedule='plateau'",
    "BackupAndRestore": "a run keeps its own checkpoint, say resume=True",
    "SwapEMAWeights": "the weights that are saved are averaged already, see average=",
}
"""Callbacks of Keras that lead `fit`, and what does the same here."""


def require_listeners(callbacks: Sequence[Any]) -> None:
    """Raises SettingsError for a callback that would lead the run."""
    for callback in callbacks:
        for kind in type(callback).__mro__:
            if kind.__name__ in LEADERS and kind.__module__.startswith("keras."):
                raise SettingsError(f"callback {kind.__name__} would change nothing here: {LEADERS[kind.__name__]}")


class KerasCallbacks:
    """What a run tells its callbacks.

    Args:
        callbacks: Keras' own or others.
        learner: whose network they see.
        epochs: of the whole run.
        steps: of an epoch.
    """

    def __init__(self, callbacks: Sequence[Any], learner: Learner, epochs: int, steps: int) -> None:
        self._model = learner.shown() if callbacks else None
        for callback in callbacks:
            _direct(callback)
        self._list = keras.callbacks.CallbackList(
            list(callbacks), model=self._model, verbose=0, epochs=epochs, steps=steps
        )

    @property
    def stop(self) -> bool:
        """Whether one of them has asked for the end."""
        return bool(self._model is not None and self._model.stop_training)

    def begin(self) -> None:
        """The run begins, or goes on."""
        self._list.on_train_begin({})

    def epoch_begins(self, number: int) -> None:
        """An epoch begins, counted from 0 as Keras does."""
        self._list.on_epoch_begin(number, {})

    def step_begins(self, number: int) -> None:
        """A step of the epoch begins, counted from 0."""
        self._list.on_train_batch_begin(number, {})

    def step(self, number: int, loss: float) -> None:
        """It is done."""
        self._list.on_train_batch_end(number, {"loss": loss})

    def epoch_ends(self, epoch: Epoch) -> None:
        """An epoch is done and judged."""
        self._list.on_epoch_end(epoch.epoch - 1, logs(epoch))

    def end(self, last: Epoch | None) -> None:
        """The run is done."""
        self._list.on_train_end(logs(last) if last else {})


def _direct(callback: Any) -> None:
    """Tells a callback that watches one of our figures which way is better; Keras asks the metrics of `compile`."""
    watched = str(getattr(callback, "monitor", "")).removeprefix("val_")
    if getattr(callback, "mode", "") == "auto" and watched.startswith((*MEASURES, "cross_entropy")):
        callback.mode = "min" if watched.startswith(("loss", "cross_entropy")) else "max"


def logs(epoch: Epoch) -> dict[str, float]:
    """An epoch's figures under Keras' names; those of a second label set end in its name."""
    found = {"loss": epoch.loss, "accuracy": epoch.accuracy, "learning_rate": epoch.lr}
    found |= {"cross_entropy": epoch.cross_entropy, "images_per_s": epoch.images_per_s}
    for number, score in enumerate(epoch.scores):
        ending = f"_{score.task}" if number else ""
        found |= {f"val_{name}{ending}": float(getattr(score, name)) for name in MEASURES}
    return found
