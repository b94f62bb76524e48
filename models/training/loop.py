"""A run from its first step to its last, readable on one page.

for every epoch: for every batch: step │ checkpoint now and then
                 judge the averaged weights on the validation split, keep the best, checkpoint
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from emoscope.errors import TrainingError

from ..architectures import architecture
from ..data.dataset import Dataset, Split
from ..data.recrop import with_crops
from ..plan import Plan
from ..starting import find_start
from . import checkpoint
from .batches import batches, steps_per_epoch
from .calibration import calibrate
from .callbacks import KerasCallbacks
from .checkpoint import Position
from .history import Epoch, ValidationScore, best
from .learner import Learner
from .losses import class_weights
from .run_folder import MODEL, RunFolder, model_file
from .schedules import learning_rate, stalls
from .validation import judge

CHECKPOINT_S = 300.0
"""Seconds after which a long epoch is checkpointed in its midst."""

START = Position()

Report = Callable[[int, int, int, float], None]
"""Called after every step with the epoch's number, the step, the steps of an epoch, and images per second."""

Watch = Callable[[Epoch], None]
"""Called after every epoch; may raise to end the run."""


class Run:
    """One training run.

    Args:
        folder: where it is kept.
        plan: what is trained, and how.
        data: its data set.
        report: see `Report`.
        watch: see `Watch`.
        checkpoints: whether it can be continued when it is stopped.

    Attributes:
        callbacks: what Keras' callbacks hear; none where nobody sets it.
        history: the epochs that are done.
        temperatures: by which the answers of each label set's best network were divided, see `calibration`.
    """

    def __init__(
        self,
        folder: Path,
        plan: Plan,
        data: Dataset,
        report: Report,
        watch: Watch = lambda epoch: None,
        checkpoints: bool = True,
    ) -> None:
        self.folder, self.input, self.tasks = RunFolder(folder), plan.input, data.tasks
        self.train, self.validation = _shown(data.split("train"), plan), data.split("validation")
        self.recipe = replace(plan.recipe, batch=min(plan.recipe.batch, len(self.train)))
        self.steps = steps_per_epoch(self.train, self.recipe)
        self._usual_rate = architecture(plan.arch).recipe.lr
        weights = class_weights(self.recipe, self.train)
        self.learner = Learner(plan.arch, plan.design, self.recipe, weights, len(data.tasks))
        if plan.start and not checkpoint.exists(folder):
            self.learner.adopt(find_start(plan.start), plan.labels)
        self.history: list[Epoch] = []
        self.temperatures: dict[str, float] = {}
        self.report, self.watch, self._checkpoints = report, watch, checkpoints
        self.callbacks = KerasCallbacks((), self.learner, self.recipe.epochs, self.steps)
        self._compiled: set[bool] = set()
        self._saved_at = time.monotonic()

    def resume(self) -> Position:
        """Takes up the state of the folder's checkpoint; a run that was ended before its first one starts again."""
        self.folder.sweep()
        if not checkpoint.exists(self.folder.path):
            return START
        position, self.learner.state = checkpoint.load(self.folder.path)
        self.history = self.folder.history(self.tasks[0])[: position.epoch]
        return position

    def go(self, position: Position = START) -> list[Epoch]:
        """Trains from `position` to the end and returns the history."""
        self.callbacks.begin()
        while position.epoch < self.recipe.epochs and not self._is_stalled() and not self.callbacks.stop:
            self.callbacks.epoch_begins(position.epoch)
            epoch = self._epoch(position)
            self._keep(epoch)
            position = Position(epoch=position.epoch + 1)
            self._checkpoint(position)
            self.callbacks.epoch_ends(epoch)
            self.watch(epoch)
        self.callbacks.end(self.history[-1] if self.history else None)
        return self.history

    def _epoch(self, position: Position) -> Epoch:
        clock = _Clock()
        rate = 0.0
        for inputs, targets in batches(self.train, self.recipe, self.input, position.epoch, position.step):
            rate = self._rate(position)
            frozen = self._progress(position) < self.recipe.frozen
            self.callbacks.step_begins(position.step)
            loss, right, entropy = self._step(inputs, targets, rate, position, frozen)
            self._require_finite(loss, position, rate)
            position = position.after(loss, right, entropy)
            clock.step(self.recipe.batch, compiles=frozen not in self._compiled)
            self._compiled.add(frozen)
            self.report(position.epoch + 1, position.step, self.steps, clock.speed)
            self.callbacks.step(position.step - 1, loss)
            if time.monotonic() - self._saved_at > CHECKPOINT_S:
                self._checkpoint(position)
        means = position.loss / self.steps, position.right / (self.steps * self.recipe.batch)
        scores = self._scores()
        self._require_finite(sum(score.loss for score in scores), position, rate)
        return Epoch(position.epoch + 1, rate, *means, clock.speed, scores, position.cross_entropy / self.steps)

    def _step(
        self, inputs: np.ndarray, targets: np.ndarray, rate: float, position: Position, frozen: bool
    ) -> tuple[float, int, float]:
        self.learner.freeze(frozen)
        rates = np.float32(rate), np.float32(self._kept(position))
        loss, right, entropy = self.learner.step(inputs, targets, *rates, frozen)
        return float(loss), int(right), float(entropy)

    def _require_finite(self, loss: float, position: Position, rate: float) -> None:
        """TrainingError where the loss is no number: nothing that comes after would be one."""
        if math.isfinite(loss):
            return
        recipe = self.recipe
        kept = best(self.history, recipe.monitor).epoch if self.history else 0
        left = f"{MODEL} keeps the best network, of epoch {kept}" if kept else "no network was good enough to keep"
        where = f"epoch {position.epoch + 1}, step {position.step + 1}, learning rate {rate:.3g}"
        lower = min(recipe.lr / 10, self._usual_rate)
        cure = f"start again with a lower rate, such as --lr {lower:.1g}"
        raise TrainingError(f"{self.folder.path}: the loss is no longer a number ({where}): {cure}; {left}")

    def _scores(self) -> tuple[ValidationScore, ...]:
        numbers = range(len(self.tasks))
        judged = [judge(self.learner.averaged(number), self.validation, self.input, number) for number in numbers]
        return tuple(ValidationScore(task, *score) for task, score in zip(self.tasks, judged, strict=True))

    def _keep(self, epoch: Epoch) -> None:
        monitor = self.recipe.monitor
        for number, score in enumerate(epoch.scores):
            if score.by(monitor) > max((old.scores[number].by(monitor) for old in self.history), default=-math.inf):
                network = self.learner.averaged(number)
                self.temperatures[score.task] = calibrate(network, self.validation, self.input, number)
                self.folder.write_model(network, model_file(score.task, number))
        self.history = [*self.history, epoch]
        self.folder.write_history(self.history)

    def _checkpoint(self, position: Position) -> None:
        if self._checkpoints:
            checkpoint.save(self.folder.path, position, self.learner.state)
        self._saved_at = time.monotonic()

    def _rate(self, position: Position) -> float:
        recipe = self.recipe
        stalled = stalls([epoch.by(recipe.monitor) for epoch in self.history])
        return learning_rate(recipe.schedule, recipe.lr, self._progress(position), recipe.warmup, stalled)

    def _kept(self, position: Position) -> float:
        """The average's decay, smaller at first so that the initial weights are soon forgotten."""
        done = position.epoch * self.steps + position.step
        return min(self.recipe.average, (1 + done) / (10 + done))

    def _progress(self, position: Position) -> float:
        return (position.epoch * self.steps + position.step) / (self.steps * self.recipe.epochs)

    def _is_stalled(self) -> bool:
        figures = [epoch.by(self.recipe.monitor) for epoch in self.history]
        patience = self.recipe.patience
        return bool(patience and figures) and len(figures) - 1 - int(np.argmax(figures)) >= patience


class _Clock:
    """How many pictures a second are learnt from; a step in which the network is compiled takes seconds that no other
    does, and counts only where there is no other.
    """

    def __init__(self) -> None:
        self._compiling_s = self._running_s = 0.0
        self._compiling = self._running = 0
        self._last = time.monotonic()

    def step(self, pictures: int, compiles: bool) -> None:
        """A step of so many pictures has just been done."""
        now = time.monotonic()
        took_s, self._last = now - self._last, now
        if compiles:
            self._compiling, self._compiling_s = self._compiling + pictures, self._compiling_s + took_s
        else:
            self._running, self._running_s = self._running + pictures, self._running_s + took_s

    @property
    def speed(self) -> float:
        """Pictures a second; 0 before the first step."""
        if self._running:
            return self._running / max(self._running_s, 1e-9)
        return self._compiling / self._compiling_s if self._compiling else 0.0


def _shown(split: Split, plan: Plan) -> Split:
    return with_crops(split, plan.contract) if plan.recipe.augmentation.recrop else split
