"""Tables of made-up films: who shows what in each frame is written as text.

"hh.s"    one face: happy for two frames, away for one, then sad;   u: unreadable
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from emoscope.report.rows import columns_of
from tests.realtime.tiny import LABELS

SHOWN = {"h": 0, "s": 1, "n": 2}
FRAME_S = 0.1


def write_table(path: Path, faces: Mapping[int, str], frame_s: float = FRAME_S) -> Path:
    """A table as `process` writes it beside a film."""
    path.parent.mkdir(parents=True, exist_ok=True)
    columns = columns_of(LABELS)
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(columns)
        for frame in range(max(map(len, faces.values()))):
            head = [frame, round(frame * frame_s, 6)]
            rows = [_row(head, face, shown[frame]) for face, shown in faces.items() if shown[frame] != "."]
            out.writerows(rows or [head + [""] * (len(columns) - 2)])
    return path


def _row(head: list[float], face: int, shown: str) -> list[object]:
    shares = np.full(len(LABELS), 0.1)
    shares[SHOWN.get(shown, 0)] = 0.8
    emotion = LABELS[SHOWN[shown]] if shown in SHOWN else "unreadable"
    return [*head, face, 1, 2, 3, 4, 0.9, emotion, *shares, 0.5, ""]
