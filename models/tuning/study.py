"""One Optuna study in an SQLite file: several processes may share it, and a stopped search goes on in it.

STUDY/study.db           every trial ever made
      trials/7/          the run of trial 7, without what a run could be continued from
      best.json          the settings of the best, which `train --config` takes
"""

from __future__ import annotations

import json
import shutil
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emoscope.errors import DataError, SystemLibraryError, TrainingError
from emoscope.system.atomic import atomic_write

from ..data.dataset import Dataset
from ..plan import Plan
from ..training.history import Epoch, best
from ..training.run_folder import RunFolder
from ..writing import writing
from .space import searched, suggest

if TYPE_CHECKING:
    from ..training.loop import Report

DATABASE = "study.db"
BEST = "best.json"
OWNER, SEARCHED, DIVERGED = "plan", "searched", "diverged"
"""Attributes of a study and of a trial."""
WAITS_S = (0.5, 1.0, 2.0)
"""Before the database is tried again."""

HEARTBEAT_S = 60
"""A trial whose process stays silent for twice as long counts as failed."""


@dataclass(frozen=True, slots=True)
class Trials:
    """What a search does.

    Attributes:
        folder: of the study; each trial is a run below it.
        plan: what trials change.
        names: what is searched, see `space.searched`.
        data: what they train on.
        begun: called with every trial that begins; gives what hears of its steps, see `loop.Report`.
        ended: called with every trial's number when it has ended.
        wait: called again and again while trials of other processes may still make up the number.
    """

    folder: Path
    plan: Plan
    names: Sequence[str]
    data: Dataset
    begun: Callable[[Any], Report] = lambda trial: lambda *_: None
    ended: Callable[[int], None] = lambda number: None
    wait: Callable[[], None] = lambda: None


def open_study(folder: Path, plan: Plan, names: Sequence[str] | None = None) -> Any:
    """Opens or makes the study of a plan.

    Args:
        folder: of the study.
        plan: what trials change.
        names: what is searched; None for all that can be.

    Raises:
        SystemLibraryError: Optuna is not installed.
        DataError: the folder holds a study of other settings, or a damaged one.
    """
    optuna = _optuna()
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)  # the heartbeat
    study = optuna.create_study(
        study_name="emoscope",
        storage=_storage(folder / DATABASE, WAITS_S),
        sampler=_sampler(plan.recipe.seed),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=4, n_warmup_steps=1),
        direction="maximize",
        load_if_exists=True,
    )
    _claim(study, plan, searched(plan, ()) if names is None else names, folder)
    return study


def search(study: Any, trials: Trials, count: int) -> None:
    """Adds trials until `count` of the study's ended well, were stopped as poor, or had a loss that is no number."""
    states = _optuna().trial.TrialState
    done = (states.COMPLETE, states.PRUNED)
    while _count(study, done) < count:
        _optuna().storages.fail_stale_trials(study)
        if _count(study, (*done, states.RUNNING)) < count:
            told = [lambda _, trial: trials.ended(trial.number)]
            study.optimize(lambda trial: _attempt(trial, trials), n_trials=1, catch=(TrainingError,), callbacks=told)
        else:
            trials.wait()


def write_best(study: Any, folder: Path, epochs: int | None) -> Path | None:
    """STUDY/best.json, the settings of the best trial; None where none has come to its end.

    Args:
        study: Optuna's.
        folder: of the study.
        epochs: for a whole run; None for as many as the trial had.
    """
    if not study.get_trials(deepcopy=False, states=(_optuna().trial.TrialState.COMPLETE,)):
        return None
    config = RunFolder(_place(folder, study.best_trial.number)).config()
    if epochs is not None:
        config["recipe"]["epochs"] = epochs
    atomic_write(folder / BEST, json.dumps(config, indent=1) + "\n")
    return folder / BEST


def _count(study: Any, states: tuple[Any, ...]) -> int:
    """Trials in these states, or with a loss that was no number; one whose process was killed is run again."""
    return sum(trial.state in states or DIVERGED in trial.user_attrs for trial in study.get_trials(deepcopy=False))


def _place(folder: Path, number: int) -> Path:
    """A trial's folder, called as the trial is told, from 1; where it has one of an earlier version, that."""
    earlier = f"{number:04d}"
    is_earlier = len(str(number)) < len(earlier) and (folder / "trials" / earlier).exists()
    return folder / "trials" / (earlier if is_earlier else str(number + 1))


def _attempt(trial: Any, trials: Trials) -> float:
    """Trains one proposal; its best validation figure."""
    import keras

    from ..training.loop import Run

    keras.backend.clear_session()
    monitor = trials.plan.recipe.monitor
    proposal, path = suggest(trial, trials.plan, trials.names), _place(trials.folder, trial.number)
    shutil.rmtree(path, ignore_errors=True)
    run = RunFolder(path)
    run.create()
    run.write_config(proposal.config(trials.data))
    run.write_contract(proposal.contract_for(trials.data))
    run.write_split(trials.data)

    def watch(epoch: Epoch) -> None:
        trial.report(epoch.by(monitor), epoch.epoch)
        if trial.should_prune():
            raise _optuna().TrialPruned

    try:
        history = Run(path, proposal, trials.data, trials.begun(trial), watch, checkpoints=False).go()
    except TrainingError as error:
        trial.set_user_attr(DIVERGED, str(error))
        raise
    return best(history, monitor).by(monitor)


def _sampler(seed: int) -> Any:
    from .sampler import NumberedSampler

    return NumberedSampler(seed)


def _storage(path: Path, waits: Sequence[float]) -> Any:
    """The database, made where there is none; another process may be making it at this very moment."""
    from sqlalchemy.exc import DatabaseError

    try:
        return _optuna().storages.RDBStorage(f"sqlite:///{path.resolve()}", heartbeat_interval=HEARTBEAT_S)
    except DatabaseError as error:
        if not waits:
            raise DataError(f"{path}: no study that can be read ({error.orig}): choose another -o") from None
    time.sleep(waits[0])
    return _storage(path, waits[1:])


def _claim(study: Any, plan: Plan, names: Sequence[str], folder: Path) -> None:
    """Trials are compared with one another, so all of a study's have the same settings beside those it searches."""
    owner = study.user_attrs.get(OWNER)
    differences = plan.differences(Plan.from_config(owner)) if owner else ""
    before = study.user_attrs.get(SEARCHED, list(names))
    if not differences and sorted(before) != sorted(names):
        differences = f"it searches {', '.join(before)}"
    if differences:
        raise DataError(f"{folder}: a study of other settings ({differences}): choose another -o")
    study.set_user_attr(OWNER, asdict(plan))
    study.set_user_attr(SEARCHED, list(names))


def _optuna() -> Any:
    try:
        import optuna
    except ImportError:
        raise SystemLibraryError('the search needs Optuna: run `pip install "emoscope[tune]"`') from None
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return optuna
