"""The last act of a run: its curves, and its best networks judged on the validation split.

Its pictures chose the network, which flatters the accuracy; calibration is measured with each half's temperature fitted
on the other half. The test split stays closed; `emoscope evaluate RUN/model.keras DATA` opens it.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path

from emoscope.system.atomic import atomic_file

from .. import backend
from ..data.dataset import Dataset
from ..evaluation.classifier import open_classifier
from ..evaluation.judge import verdict
from ..evaluation.pictures import write_pictures
from ..evaluation.report import write
from ..plan import Plan
from .calibration import cross_calibrated
from .curves import draw_curves
from .history import Epoch
from .run_folder import CURVES, EVALUATION, H5, MODEL, model_file


def finish(run: Path, history: Sequence[Epoch], plan: Plan, data: Dataset, h5: bool = False) -> None:
    """Writes curves.png, model.h5 where asked for and, where scikit-learn is installed, RUN/evaluation/.

    Args:
        run: folder of the run.
        history: its epochs.
        plan: what was trained, and how.
        data: whose validation split is judged.
        h5: whether the network is written in Keras' older format too.
    """
    if h5:
        write_h5(run)
    if importlib.util.find_spec("sklearn") is not None:
        _judge(run, plan, data)
    draw_curves(history, run / CURVES, plan.recipe.monitor)


def write_h5(run: Path) -> None:
    """RUN/model.keras once more as RUN/model.h5, which older programs read; its contract.json is the same."""
    network = backend.keras().models.load_model(run / MODEL, compile=False, safe_mode=True)
    with atomic_file(run / H5) as draft:
        network.save(draft)


def _judge(run: Path, plan: Plan, data: Dataset) -> None:
    split = data.split("validation")
    for number, task in enumerate(data.tasks):
        decided = split.take(split.decided(number))
        classifier = open_classifier(run / model_file(task, number))
        answers = classifier.answers(decided.images)
        told = cross_calibrated(answers, decided.classes(number))
        judged = verdict(classifier, decided, number, name=task, answers=told)
        write(judged, run / EVALUATION, {"data": plan.data, "split": "validation", "task": task})
        write_pictures(task, data.labels, decided, answers, run / EVALUATION, number)
