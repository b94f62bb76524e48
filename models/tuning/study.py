"""One Optuna study in an SQLite file: several processes may share it, and a stopped search goes on in it.

STUDY/study.db           every trial ever made
      trials/0007/       the run of trial 7
"""

from __future__ import annotations

import shutil
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from emoscope.errors import DataError, SystemLibraryError, TrainingError

from ..data.dataset import Dataset
from ..plan import Plan
from ..training.history import Epoch, best
from ..training.run_folder import RunFolder
from ..writing import writing
from .space import suggest

DATABASE = "study.db"
OWNER = "plan"
DIVERGED = "diverged"
"""Attributes of a study and of a trial."""
WAITS_S = (0.5, 1.0, 2.0)
"""Before the database is tried again."""

HEARTBEAT_S = 60
"""A trial whose process stays silent for twice as long counts as failed."""


def open_study(folder: Path, plan: Plan) -> Any:
    """Opens or makes the study of a plan.

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
        sampler=optuna.samplers.TPESampler(seed=None, multivariate=True),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=4, n_warmup_steps=1),
        direction="maximize",
        load_if_exists=True,
    )
    _claim(study, plan, folder)
    return study


def search(study: Any, folder: Path, plan: Plan, data: Dataset, trials: int, wait: Callable[[], None]) -> None:
    """Adds trials until the study has `trials` that ended well, were stopped as poor, or had a loss that is no number.

    Args:
        study: Optuna's.
        folder: of the study; each trial is a run below it.
        plan: what trials change.
        data: what they train on.
        trials: how many there are to be in the end.
        wait: called again and again while trials of other processes may still make up the number.
    """
    states = _optuna().trial.TrialState
    done = (states.COMPLETE, states.PRUNED)
    while _count(study, done) < trials:
        _optuna().storages.fail_stale_trials(study)
        if _count(study, (*done, states.RUNNING)) < trials:
            study.optimize(lambda trial: _attempt(trial, folder, plan, data), n_trials=1, catch=(TrainingError,))
        else:
            wait()


def _count(study: Any, states: tuple[Any, ...]) -> int:
    """Trials in these states, or with a loss that was no number; one whose process was killed is run again."""
    return sum(trial.state in states or DIVERGED in trial.user_attrs for trial in study.get_trials(deepcopy=False))


def _attempt(trial: Any, folder: Path, plan: Plan, data: Dataset) -> float:
    """Trains one proposal; its best validation accuracy."""
    import keras

    from ..training.loop import Run

    keras.backend.clear_session()
    monitor = plan.recipe.monitor
    proposal, path = suggest(trial, plan), folder / "trials" / f"{trial.number:04d}"
    shutil.rmtree(path, ignore_errors=True)
    run = RunFolder(path)
    run.create()
    run.write_config(proposal.config(data))
    run.write_contract(proposal.contract_for(data))
    run.write_split(data)

    def watch(epoch: Epoch) -> None:
        trial.report(epoch.by(monitor), epoch.epoch)
        if trial.should_prune():
            raise _optuna().TrialPruned

    try:
        history = Run(path, proposal, data, lambda *_: None, watch).go()
    except TrainingError as error:
        trial.set_user_attr(DIVERGED, str(error))
        raise
    return best(history, monitor).by(monitor)


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


def _claim(study: Any, plan: Plan, folder: Path) -> None:
    """Trials are compared with one another, so all of a study's have the same settings beside those it searches."""
    owner = study.user_attrs.get(OWNER)
    differences = plan.differences(Plan.from_config(owner)) if owner else ""
    if differences:
        raise DataError(f"{folder}: a study of other settings ({differences}): choose another -o")
    study.set_user_attr(OWNER, asdict(plan))


def _optuna() -> Any:
    try:
        import optuna
    except ImportError:
        raise SystemLibraryError('the search needs Optuna: run `pip install "emoscope[tune]"`') from None
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return optuna
