"""The golden run: what the demo clip's rows are, so that a change of behaviour is noticed.

python -m tests.reliability.golden            compares with the stored table
python -m tests.reliability.golden --store    stores it anew, after a change that was meant
"""

from __future__ import annotations

import csv
import sys
import tempfile
from pathlib import Path

import numpy as np

from emoscope.cli import run
from emoscope.system.bundled import assets

STORED = Path(__file__).with_name("golden.csv")
EVERY = 6
"""Every how many frames are stored."""
PROBABILITY, PIXELS = 0.02, 3.0
"""What may differ."""
BOX = ("x", "y", "width", "height")


def rows() -> list[dict[str, str]]:
    """The demo clip's rows now, every `EVERY`th frame."""
    with tempfile.TemporaryDirectory() as folder:
        clip = assets() / "demo.mp4"
        assert run(["process", str(clip), "-o", folder, "--no-video", "--no-chart"]) == 0
        with (Path(folder) / "demo.faces.csv").open() as file:
            return [row for row in csv.DictReader(file) if int(row["frame"]) % EVERY == 0]


def stored() -> list[dict[str, str]]:
    """The rows as they were."""
    with STORED.open() as file:
        return list(csv.DictReader(file))


def differences(before: list[dict[str, str]], after: list[dict[str, str]]) -> list[str]:
    """What differs by more than it may, a line each."""
    found = []
    old, new = ([_key(row) for row in rows] for rows in (before, after))
    if old != new:
        return [f"other frames or faces: {', '.join(sorted(set(old) ^ set(new)))}"]
    if list(before[0]) != list(after[0]):
        return [f"other columns: {', '.join(after[0])}"]
    for one, other in zip(before, after, strict=True):
        for columns, most in ((BOX, PIXELS), (_labels(one), PROBABILITY)):
            off = np.abs(_numbers(one, columns) - _numbers(other, columns))
            if off.size and off.max() > most:
                found.append(f"{_key(one)}: {columns[int(off.argmax())]} differs by {off.max():.3g}")
    return found


def _key(row: dict[str, str]) -> str:
    return f"frame {row['frame']} face {row['face'] or '–'}"


def _labels(row: dict[str, str]) -> tuple[str, ...]:
    columns = list(row)
    return tuple(columns[columns.index("emotion") + 1 : columns.index("quality")])


def _numbers(row: dict[str, str], columns: tuple[str, ...]) -> np.ndarray:
    return np.array([float(row[column]) for column in columns if row[column]])


def main() -> int:
    """Compares, or stores; status 1 where anything differs."""
    now = rows()
    if "--store" in sys.argv[1:]:
        with STORED.open("w", newline="") as file:
            table = csv.DictWriter(file, list(now[0]), lineterminator="\n")
            table.writeheader()
            table.writerows(now)
        print(f"stored {len(now)} rows in {STORED}")
        return 0
    found = differences(stored(), now)
    print("\n".join(found) or f"{len(now)} rows as they were")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
