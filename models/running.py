"""A run from its plan to its last word, alike for the command and for scripts.

begin     a new folder ─┐
go_on     an old one   ─┴▶ every epoch ─▶ curves, verdict, mistakes, what to do next
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emoscope.errors import DataError, SettingsError
from emoscope.report.counted import counted
from emoscope.system.terminal import command

from . import backend
from .architectures import architecture
from .data.cutting import AUTO
from .data.dataset import Dataset
from .data.load import Pictures
from .data.records import SPLITS
from .data.telling import what_was_held_out, what_was_read
from .plan import Plan
from .training import checkpoint
from .training.curves import draw_curves
from .training.history import Epoch, best
from .training.run_folder import CURVES, EVALUATION, H5, MODEL, PARTIAL_CURVES, TENSORBOARD, RunFolder

if TYPE_CHECKING:
    from .training.learner import Learner


def _silent(*_: object) -> None:
    """Nobody listens."""


@dataclass(frozen=True, slots=True)
class Listener:
    """Who hears how a run goes.

    Attributes:
        line: is told what is done, and what may be done next, a line at a time.
        warning: is told what was left out, and how a stopped run goes on.
        step: called after every step, see `loop.Report`.
        epoch: called after every epoch, see `loop.Watch`.
    """

    line: Callable[[str], None] = _silent
    warning: Callable[[str], None] = _silent
    step: Callable[[int, int, int, float], None] = _silent
    epoch: Callable[[Epoch], None] = _silent


@dataclass(frozen=True, slots=True)
class Extras:
    """What a run does besides training.

    Attributes:
        tensorboard: logs to RUN/tensorboard.
        h5: writes its network in Keras' older format too.
        callbacks: Keras callbacks, see `training.callbacks`.
        pictures: those of all runs, where this is one of several: neither what was read nor what may be done next is
            told by each.
    """

    tensorboard: bool = False
    h5: bool = False
    callbacks: Sequence[Any] = ()
    pictures: Pictures | None = None


def begin(made: Plan, path: Path, listener: Listener, extras: Extras) -> list[Epoch]:
    """Trains in a new folder; one that is stopped before there is anything to go on from leaves none behind.

    Args:
        made: what is trained, and how.
        path: the run's folder.
        listener: hears how it goes.
        extras: what else is done.

    Raises:
        EmoscopeError: the data set, the folder or the settings do not allow it.
    """
    folder = RunFolder(path)
    folder.require_new()
    _require_possible(made, extras)
    dataset, dropped = made.dataset(extras.pictures)
    for line in (*(() if extras.pictures else what_was_read(dataset)), *what_was_held_out(dataset)):
        listener.warning(line)
    if dropped:
        listener.line(f"left out {counted(dropped, 'training picture')} also in a held-out split")
    folder.create()
    try:
        return _run(made, dataset, path, listener, extras, resumes=False)
    except BaseException:
        if not checkpoint.exists(path):
            folder.remove()
        raise


def continued(path: Path, moved: Path | None = None, epochs: int | None = None) -> Plan:
    """The plan of a run that is to go on; DataError where there is none, or its data are gone.

    Args:
        path: the run's folder.
        moved: where its data are now; None for where they were.
        epochs: how many it is to have now; None for as many as before.
    """
    made = Plan.from_config(RunFolder(path).config())
    if moved is not None:
        made = replace(made, data=str(moved.resolve()))
    elif not Path(made.data).exists():
        raise DataError(f"{made.data}: no longer there: say where it is, {command('train', '--resume', path, 'DATA')}")
    return made if epochs is None else replace(made, recipe=replace(made.recipe, epochs=epochs))


def go_on(made: Plan, path: Path, listener: Listener, extras: Extras) -> list[Epoch]:
    """Trains where a run stopped; DataError where its data are others. See `begin`."""
    _require_possible(made, extras)
    dataset, _ = made.dataset(extras.pictures)
    if dataset.checksum != RunFolder(path).config()["data_sha256"]:
        raise DataError(f"{made.data}: not the data set that {path} was started on: start the run again")
    return _run(made, dataset, path, listener, extras, resumes=True)


def _run(made: Plan, dataset: Dataset, path: Path, listener: Listener, extras: Extras, resumes: bool) -> list[Epoch]:
    backend.start(architecture(made.arch).onednn)
    from .training.callbacks import KerasCallbacks
    from .training.finish import finish
    from .training.loop import START, Run
    from .training.tensorboard import watcher

    if made.recipe.augmentation.recrop:
        listener.line("cutting the training pictures out again with our own detector: a minute or two")
    training = Run(path, made, dataset, listener.step, watcher(path, listener.epoch, extras.tensorboard))
    training.callbacks = KerasCallbacks(extras.callbacks, training.learner, made.recipe.epochs, training.steps)
    if not resumes:  # no sooner: settings that cannot be trained leave nothing behind
        training.folder.write_split(dataset)
    training.folder.write_config(made.config(dataset))
    training.folder.write_contract(made.contract_for(dataset))
    for line in _ahead(made, dataset, training.learner):
        listener.line(line)
    try:
        history = training.go(training.resume() if resumes else START)
    except KeyboardInterrupt:
        if training.history:
            draw_curves(training.history, path / PARTIAL_CURVES, made.recipe.monitor)
            listener.warning(f"curves so far: {path / PARTIAL_CURVES}")
        listener.warning(_stopped(path, len(training.history), made.recipe.epochs, extras.pictures is not None))
        raise
    finish(path, history, made, dataset, h5=extras.h5)
    found = _found(path, made, dataset, history, training.temperatures)
    for line in (*found, *(() if extras.pictures else afterwards(path, made, extras, "test" in dataset.splits))):
        listener.line(line)
    return history


def _require_possible(made: Plan, extras: Extras) -> None:
    """SettingsError for extras that this run cannot have."""
    if extras.callbacks:
        backend.start(architecture(made.arch).onednn)
        from .training.callbacks import require_listeners

        require_listeners(extras.callbacks)
    if extras.h5 and not architecture(made.arch).h5:
        raise SettingsError(
            f"{made.arch} mirrors its pictures' edges, which Keras' older format has no word for: leave --h5 out"
        )


def _ahead(made: Plan, dataset: Dataset, learner: Learner) -> Iterator[str]:
    """What is going to be done."""
    counts = ", ".join(f"{len(dataset.splits[name]):,} {name}" for name in SPLITS if name in dataset.splits)
    yield f"{counts} pictures; {len(made.labels)} classes: {', '.join(made.labels)}"
    size = f"{learner.plain.count_params() / 1e6:.2f} M parameters"
    epochs = f"{made.recipe.epochs} epoch{'s' if made.recipe.epochs > 1 else ''}"
    seen = f"{made.input.width}×{made.input.height} {made.input.channels}"
    yield f"{made.arch}: {size}, input {seen}, {learner.precision} on {learner.device}, {epochs}"


def _stopped(path: Path, done: int, epochs: int, is_one_of_several: bool) -> str:
    kept = checkpoint.exists(path)
    stopped = f"stopped after epoch {done} of {epochs}" if kept else "stopped in the first epoch: nothing is kept"
    if is_one_of_several:  # --resume would take up this one and none of the others
        return f"{stopped}; go on with the same command, which does the other runs too"
    return f"{stopped}; go on with: {command('train', '--resume', path)}" if kept else stopped


def _found(
    path: Path, made: Plan, dataset: Dataset, history: Sequence[Epoch], temperatures: dict[str, float]
) -> Iterator[str]:
    """What came of it."""
    from .training.calibration import ENOUGH

    kept = best(history, made.recipe.monitor)
    score = kept.scores[0]
    yield (
        f"{path / MODEL}: validation accuracy {score.accuracy:.4f}, balanced {score.balanced:.4f}, "
        f"macro-F1 {score.macro_f1:.4f} (epoch {kept.epoch}, chosen by {made.recipe.monitor})"
    )
    for task, fitted in temperatures.items():
        pictures = int(dataset.split("validation").decided(dataset.tasks.index(task)).sum())
        why = f"not fitted: validation has {pictures:,} pictures, {ENOUGH} are needed"
        how = why if pictures < ENOUGH else f"fitted on {pictures:,} pictures of validation, folded into the network"
        yield f"temperature of {task}: {fitted:.3f} ({how})"


def afterwards(path: Path, made: Plan, extras: Extras, can_be_judged: bool) -> Iterator[str]:
    """Where to look, and what may be done with the network.

    Args:
        path: of the run.
        made: what was trained.
        extras: what was written besides.
        can_be_judged: whether pictures were held out for the test.
    """
    yield f"curves:                             {path / CURVES}"
    if (path / EVALUATION).is_dir():
        yield f"figures, predictions, mistakes:     {path / EVALUATION}"
    if extras.h5:
        yield f"in Keras' older format:             {path / H5}"
    if extras.tensorboard:
        yield f"watch the curves:                   tensorboard --logdir {path / TENSORBOARD}"
    if can_be_judged:
        how = [] if made.cut == AUTO else ["--cut", made.cut]
        how += ["--numbers", made.numbers] if made.numbers else []
        yield f"judge it on the pictures held out:  {command('evaluate', path / MODEL, made.data, *how)}"
    yield f"make the pair that is run:          {command('convert', path / MODEL)}"
    yield f"watch with it:                      {command('live', '--model', f'{path / path.resolve().name}.onnx')}"
