"""A run from its first step to its last, readable on one page.

for every epoch: for every batch: step │ checkpoint now and then
                 judge the averaged weights on the validation split, keep the best, checkpoint
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.architectures import Design
from models.data.load import Dataset, Split
from models.recipe import Recipe
from models.training import checkpoint
from models.training.batches import Floats, batches, scaled, steps_per_epoch
from models.training.checkpoint import Position
from models.training.history import Epoch, Score
from models.training.learner import Learner
from models.training.run_folder import RunFolder, model_file
from models.training.schedules import learning_rate, stalls
from realtime.contract import InputSpec

CHECKPOINT_S = 300.0
"""Seconds after which a long epoch is checkpointed in its midst."""

JUDGED_AT_ONCE = 256
START = Position()


class Run:
    """One training run.

    Args:
        folder: where it is kept.
        name: of the architecture.
        design: what the network is built from.
        recipe: how it is trained.
        data: its data set.
        report: called with (epoch, step, steps, images per second) after every step.
    """

    def __init__(
        self, folder: Path, name: str, design: Design, recipe: Recipe, data: Dataset, report: Callable[..., None]
    ) -> None:
        self.folder, self.recipe, self.input = RunFolder(folder), recipe, design.input
        self.train, self.validation = data.split("train"), data.split("validation")
        self.recipe = replace(recipe, batch=min(recipe.batch, len(self.train)))
        self.steps = steps_per_epoch(self.train, self.recipe)
        self.tasks = data.tasks
        self.learner = Learner(name, design, self.recipe, len(data.tasks))
        self.history: list[Epoch] = []
        self.report = report
        self._saved_at = time.monotonic()

    def resume(self) -> Position:
        """Takes up the state of the folder's checkpoint."""
        position, self.learner.state = checkpoint.load(self.folder.path)
        self.history = self.folder.history()[: position.epoch]
        return position

    def go(self, position: Position = START) -> list[Epoch]:
        """Trains from `position` to the end and returns the history."""
        while position.epoch < self.recipe.epochs and not self._is_done():
            epoch = self._epoch(position)
            self._keep(epoch)
            position = Position(epoch=position.epoch + 1)
            self._checkpoint(position)
        return self.history

    def _epoch(self, position: Position) -> Epoch:
        started, done = time.monotonic(), position.step
        for inputs, targets in batches(self.train, self.recipe, self.input, position.epoch, position.step):
            rate = self._rate(position)
            loss, right = self.learner.step(inputs, targets, np.float32(rate), np.float32(self._keep_share(position)))
            position = position.after(float(loss), int(right))
            speed = (position.step - done) * self.recipe.batch / (time.monotonic() - started)
            self.report(position.epoch + 1, position.step, self.steps, speed)
            if time.monotonic() - self._saved_at > CHECKPOINT_S:
                self._checkpoint(position)
        means = position.loss / self.steps, position.right / (self.steps * self.recipe.batch)
        return Epoch(position.epoch + 1, rate, *means, speed, self._scores())

    def _scores(self) -> tuple[Score, ...]:
        numbers = range(len(self.tasks))
        judged = [judge(self.learner.averaged(number), self.validation, self.input, number) for number in numbers]
        return tuple(Score(task, *score) for task, score in zip(self.tasks, judged, strict=True))

    def _keep(self, epoch: Epoch) -> None:
        for number, score in enumerate(epoch.scores):
            if score.accuracy > max((old.scores[number].accuracy for old in self.history), default=-1.0):
                self.folder.write_model(self.learner.averaged(number), model_file(score.task, number))
        self.history = [*self.history, epoch]
        self.folder.write_history(self.history)

    def _checkpoint(self, position: Position) -> None:
        checkpoint.save(self.folder.path, position, self.learner.state)
        self._saved_at = time.monotonic()

    def _rate(self, position: Position) -> float:
        recipe = self.recipe
        progress = self._step(position) / (self.steps * recipe.epochs)
        stalled = stalls([epoch.scores[0].accuracy for epoch in self.history])
        return learning_rate(recipe.schedule, recipe.lr, progress, recipe.warmup, stalled)

    def _keep_share(self, position: Position) -> float:
        """The average's decay, smaller at first so that the initial weights are soon forgotten."""
        step = self._step(position)
        return min(self.recipe.average, (1 + step) / (10 + step))

    def _step(self, position: Position) -> int:
        return position.epoch * self.steps + position.step

    def _is_done(self) -> bool:
        accuracies = [epoch.scores[0].accuracy for epoch in self.history]
        patience = self.recipe.patience
        return bool(patience) and len(accuracies) - 1 - int(np.argmax(accuracies or [0])) >= patience


def judge(network: Any, split: Split, spec: InputSpec, task: int = 0) -> tuple[float, float]:
    """Mean cross-entropy and accuracy of a network's answers on the decided pictures of a split."""
    decided = split.take(split.decided(task))
    probabilities = answers(network, decided.images, spec)
    loss = -(decided.targets[:, task] * np.log(np.maximum(probabilities, 1e-7))).sum(1).mean()
    return float(loss), float((probabilities.argmax(1) == decided.classes(task)).mean())


def answers(network: Any, images: NDArray[np.uint8], spec: InputSpec) -> Floats:
    """(N, K) probabilities of a Keras network for (N, h, w, c) uint8 pictures."""
    starts = range(0, len(images), JUDGED_AT_ONCE)
    parts = [scaled(images[start : start + JUDGED_AT_ONCE], spec) for start in starts]
    return np.concatenate([np.asarray(network(part, training=False)) for part in parts])
