"""The last act of a run: its curves, and its best networks judged on the validation split.

The test split stays closed; `emoscope evaluate RUN/model.keras DATA` opens it.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path

from models.data.dataset import Dataset
from models.evaluation.classifier import open_classifier
from models.evaluation.judge import verdict
from models.evaluation.report import write
from models.plan import Plan
from models.training.curves import draw_curves
from models.training.history import Epoch
from models.training.run_folder import CURVES, model_file


def finish(run: Path, history: Sequence[Epoch], plan: Plan, data: Dataset) -> None:
    """Writes curves.png and, where scikit-learn is installed, RUN/evaluation/."""
    draw_curves(history, run / CURVES)
    if importlib.util.find_spec("sklearn") is None:
        return
    split = data.split("validation")
    for number, task in enumerate(data.tasks):
        decided = split.take(split.decided(number))
        judged = verdict(open_classifier(run / model_file(task, number)), decided, number, name=task)
        write(judged, run / "evaluation", {"data": plan.data, "split": "validation", "task": task})
