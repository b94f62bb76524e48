"""A verdict as text, JSON and CSV, and several verdicts as one table."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from emoscope.system.atomic import atomic_write

from ..writing import writing
from .charts import draw_confusion, draw_reliability
from .judge import Verdict

COLUMNS = ("network", "accuracy", "balanced", "macro-F1", "calibration", "pictures", "weights", "ms/face")

FEW = 10
"""Pictures of a class from which on a bootstrap says something."""


def comparison(verdicts: Sequence[Verdict]) -> str:
    """One line per network, the best accuracy first."""
    ranked = sorted(verdicts, key=lambda verdict: -verdict.figures.accuracy)
    rows = [COLUMNS, *(_cells(verdict) for verdict in ranked)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(COLUMNS))]
    return "\n".join("  ".join(_aligned(row, widths)).rstrip() for row in rows)


def details(verdict: Verdict) -> str:
    """Precision, recall and F1 of every class, and how far chance may have moved the whole."""
    width = max(len(label) for label in verdict.labels)
    lines = [f"{'':{width}}  precision  recall      F1  pictures"]
    for row in verdict.figures.classes:
        lines.append(f"{row.label:{width}}  {row.precision:9.3f}  {row.recall:6.3f}  {row.f1:6.3f}  {row.support:8d}")
    measured = verdict.figures
    spans = measured.accuracy_interval, measured.balanced_interval, measured.macro_f1_interval
    accuracy, recall, f1 = (f"{low:.3f}–{high:.3f}" for low, high in spans)
    lines.append(f"\n95 % intervals (bootstrap): accuracy {accuracy}, balanced {recall}, macro-F1 {f1}")
    absent = [row.label for row in measured.classes if not row.support]
    if absent:
        lines.append(f"no picture of {', '.join(absent)}: not in balanced accuracy and macro-F1")
    few = [row.label for row in measured.classes if 0 < row.support < FEW]
    if few:
        lines.append(f"fewer than {FEW} pictures of {', '.join(few)}: intervals say too little about so few")
    return "\n".join(lines)


def confusion_csv(verdict: Verdict) -> str:
    """Counts with true classes as rows, called classes as columns."""
    lines = [",".join(("labelled\\called", *verdict.labels))]
    rows = zip(verdict.labels, verdict.figures.confusion, strict=True)
    lines += [",".join((label, *map(str, counts))) for label, counts in rows]
    return "\n".join(lines) + "\n"


def write(verdict: Verdict, folder: Path, question: dict[str, object]) -> None:
    """Writes NAME.json, NAME.txt, NAME.confusion.csv and .png, NAME.reliability.png.

    Raises:
        ResultError: the folder cannot be written.
    """
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        draw_confusion(verdict, folder / f"{verdict.name}.confusion.png")
        draw_reliability(verdict, folder / f"{verdict.name}.reliability.png")
    figures = json.dumps({"question": question, **asdict(verdict)}, indent=1)
    atomic_write(folder / f"{verdict.name}.json", f"{figures}\n")
    atomic_write(folder / f"{verdict.name}.txt", f"{comparison([verdict])}\n\n{details(verdict)}\n")
    atomic_write(folder / f"{verdict.name}.confusion.csv", confusion_csv(verdict))


def _cells(verdict: Verdict) -> tuple[str, ...]:
    measured = verdict.figures
    shares = (measured.accuracy, measured.balanced_accuracy, measured.macro_f1, measured.calibration_error)
    counts = str(measured.pictures), f"{verdict.parameters / 1e6:.2f} M", f"{verdict.ms_per_face:.2f}"
    return (verdict.name, *(f"{share:.4f}" for share in shares), *counts)


def _aligned(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    return [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
