"""Keras callbacks beside our loop: MLflow's, Weights & Biases', TensorBoard's, or one of your own.

They hear what `fit` would tell them: the run's beginning and end, every step and every epoch, with the figures of
`history.csv` as logs. Their `model` is the network that is saved, with the averaged weights after every epoch, and with
the optimizer; `model.stop_training = True` ends the run after the epoch.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from .history import MEASURES, Epoch
from .learner import Learner


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
        self._list = keras.callbacks.CallbackList(list(callbacks), model=self._model, epochs=epochs, steps=steps)

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

    def step(self, number: int, loss: float) -> None:
        """A step of the epoch is done, counted from 0."""
        self._list.on_train_batch_end(number, {"loss": loss})

    def epoch_ends(self, epoch: Epoch) -> None:
        """An epoch is done and judged."""
        self._list.on_epoch_end(epoch.epoch - 1, logs(epoch))

    def end(self, last: Epoch | None) -> None:
        """The run is done."""
        self._list.on_train_end(logs(last) if last else {})


def logs(epoch: Epoch) -> dict[str, float]:
    """An epoch's figures under Keras' names; those of a second label set end in its name."""
    found = {"loss": epoch.loss, "accuracy": epoch.accuracy, "learning_rate": epoch.lr}
    found |= {"cross_entropy": epoch.cross_entropy, "images_per_s": epoch.images_per_s}
    for number, score in enumerate(epoch.scores):
        ending = f"_{score.task}" if number else ""
        found |= {f"val_{name}{ending}": float(getattr(score, name)) for name in MEASURES}
    return found
