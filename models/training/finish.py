"""The last act of a run: its curves, and its best networks judged on the validation split.

Its pictures chose the network, which flatters the accuracy; calibration is measured with each half's temperature fitted
on the other half. The test split stays closed; `emoscope evaluate RUN/model.keras DATA` opens it.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path

from ..data.dataset import Dataset
from ..evaluation.classifier import open_classifier
from ..evaluation.judge import verdict
from ..evaluation.report import write
from ..plan import Plan
from .calibration import cross_calibrated
from .curves import draw_curves
from .history import Epoch
from .run_folder import CURVES, model_file


def finish(run: Path, history: Sequence[Epoch], plan: Plan, data: Dataset) -> None:
    """Writes curves.png and, where scikit-learn is installed, RUN/evaluation/.

    Args:
        run: folder of the run.
        history: its epochs.
        plan: what was trained, and how.
        data: whose validation split is judged.
    """
    draw_curves(history, run / CURVES, plan.recipe.monitor)
    if importlib.util.find_spec("sklearn") is None:
        return
    split = data.split("validation")
    for number, task in enumerate(data.tasks):
        decided = split.take(split.decided(number))
        classifier = open_classifier(run / model_file(task, number))
        told = cross_calibrated(classifier.answers(decided.images), decided.classes(number))
        judged = verdict(classifier, decided, number, name=task, answers=told)
        write(judged, run / "evaluation", {"data": plan.data, "split": "validation", "task": task})
