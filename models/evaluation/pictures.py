"""What a network says of each picture: a table of all, and a sheet of the mistakes that it is surest of.

Those are where a label is wrong, a crop has no face, or a class means two things: look there before you tune anything.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from emoscope.report.letters import spell
from emoscope.system.atomic import atomic_write
from emoscope.types import Floats, Image

from ..data.dataset import Split
from ..writing import writing

MISTAKES = 24
COLUMNS = 6
CELL_IN, WORDS_IN = 1.55, 0.62
INK, SOFT, RED = "#20242c", "#7a8290", "#b3362a"
LONGEST = 28
"""Characters of a file's name that fit under its picture."""
DPI = 120


def write_pictures(
    name: str, labels: Sequence[str], split: Split, answers: Floats, folder: Path, task: int = 0
) -> None:
    """Writes NAME.predictions.csv and, where anything is called wrong, NAME.mistakes.png.

    Args:
        name: of the network, or of the label set.
        labels: K class names.
        split: the pictures, each with its truth.
        answers: (N, K) probabilities.
        folder: where to.
        task: number of the label set.

    Raises:
        ResultError: the folder cannot be written.
    """
    truth = split.classes(task)
    atomic_write(folder / f"{name}.predictions.csv", predictions_csv(labels, split, answers, task))
    worst, sheet = mistakes(answers, truth), folder / f"{name}.mistakes.png"
    with writing(folder):
        sheet.unlink(missing_ok=True)  # of another network, that was here before
        if len(worst):
            draw_mistakes(name, labels, split, answers, sheet, task)


def mistakes(answers: Floats, truth: NDArray[np.int64]) -> NDArray[np.int64]:
    """Numbers of the pictures that are called wrong, the surest first."""
    wrong = np.flatnonzero(answers.argmax(1) != truth)
    return wrong[np.argsort(-answers[wrong].max(1), kind="stable")]


def predictions_csv(labels: Sequence[str], split: Split, answers: Floats, task: int = 0) -> str:
    """picture,labelled,called,right,confidence, then the probability of each class; see `write_pictures`."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("picture", "labelled", "called", "right", "confidence", *labels))
    called = answers.argmax(1)
    for name, true, said, row in zip(split.names, split.classes(task), called, answers, strict=True):
        shares = (f"{share:.4f}" for share in (row[said], *row))
        writer.writerow((name, labels[true], labels[said], int(true == said), *shares))
    return text.getvalue()


def draw_mistakes(name: str, labels: Sequence[str], split: Split, answers: Floats, path: Path, task: int = 0) -> None:
    """The surest mistakes, each with what it is labelled, what it is called and how surely; see `write_pictures`."""
    truth = split.classes(task)
    wrong = mistakes(answers, truth)
    shown = wrong[:MISTAKES]
    rows = -(-len(shown) // COLUMNS)
    figure = Figure(figsize=(COLUMNS * CELL_IN, rows * (CELL_IN + WORDS_IN) + 0.5), layout="constrained")
    told = f"{name}: {len(wrong):,} of {len(split):,} pictures called wrong"
    figure.suptitle(f"{told}, the {len(shown)} surest" if len(shown) < len(wrong) else told, fontsize=11, color=INK)
    grid = figure.subplots(rows, COLUMNS, squeeze=False)
    for axes in grid.flat:
        axes.set_axis_off()
    for axes, number in zip(grid.flat, shown, strict=False):
        said = int(answers[number].argmax())
        _show(axes, split.images[number])
        axes.set_title(f"labelled {labels[truth[number]]}", fontsize=9, color=INK, pad=3)
        called = f"called {labels[said]}, {100 * answers[number][said]:.0f} %"
        axes.text(0.5, -0.04, called, transform=axes.transAxes, ha="center", va="top", fontsize=9, color=RED)
        file = _short(PurePosixPath(str(split.names[number])).name)
        axes.text(0.5, -0.19, file, transform=axes.transAxes, ha="center", va="top", fontsize=6, color=SOFT)
    spell(figure).savefig(path, dpi=DPI)


def _show(axes: Axes, image: Image) -> None:
    """A (h, w, c) picture as the network is shown it."""
    gray = image.shape[-1] == 1
    axes.imshow(image[..., 0] if gray else image, cmap="gray" if gray else None, vmin=0, vmax=255)


def _short(name: str) -> str:
    return name if len(name) <= LONGEST else f"…{name[1 - LONGEST :]}"
