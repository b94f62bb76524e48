"""The viewer for half an hour: a looped film as a live source, every view toggled all the while.

    python -m tests.reliability.endurance FILM --minutes 30

Prints memory, threads, open files and frame rate once a minute. Memory goes up and down with the layers whose sessions
are kept at the moment, so its growth is that of the median of five minutes: the last five against the first five after
the first minute. Fails where that is 10 MB or more, where threads or open files became more, or where the frame rate
of the last five minutes is below nine tenths of the first five's. The window keeps nothing and needs no screen;
everything else is what `emoscope live` runs.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
import tempfile
import threading
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from statistics import median
from time import monotonic

from emoscope.live.film import Film
from emoscope.live.viewer import Viewer
from emoscope.live.window import Window
from emoscope.reading.session import open_session
from emoscope.system.bundled import assets
from emoscope.types import Image
from emoscope.view.state import first_state

KEYS = tuple("gamivjknpetouyhhbld120ww><")
"""Pressed one after the other for ever; what asks for files or leaves is not among them."""
KEY_S = 0.7
MINUTE_S = 60.0
GROWTH_MB, SLOWER, FEW = 10.0, 0.9, 5


@dataclass(frozen=True, slots=True)
class Sample:
    """The program at one moment.

    Attributes:
        minute: since the start.
        memory_mb: of resident memory.
        threads: that run.
        files: that are open.
        fps: pictures a second shown in the last minute.
    """

    minute: float
    memory_mb: float
    threads: int
    files: int
    fps: float

    def __str__(self) -> str:
        parts = (f"{self.memory_mb:7.1f} MB", f"{self.threads} threads", f"{self.files} files", f"{self.fps:.1f} fps")
        return f"{self.minute:5.1f} min   " + "   ".join(parts)


class TirelessWindow(Window):
    """Shows nothing, presses keys, and takes a sample once a minute.

    Args:
        minutes: after which it closes.
        size: of the picture area, in pixels.
    """

    def __init__(self, minutes: float, size: tuple[int, int]) -> None:
        super().__init__()
        self.samples: list[Sample] = []
        self._minutes, self._size = minutes, size
        self._keys = cycle(KEYS)
        self._start = self._minute = self._pressed = monotonic()
        self._shown = 0

    def show(self, image: Image) -> None:
        self._shown += 1
        now = monotonic()
        if now - self._minute >= MINUTE_S:
            self.samples.append(_sample((now - self._start) / 60, self._shown / (now - self._minute)))
            print(self.samples[-1], flush=True)
            self._minute, self._shown = now, 0

    def key(self) -> str | None:
        if monotonic() - self._pressed < KEY_S:
            return None
        self._pressed = monotonic()
        return next(self._keys)

    @property
    def size(self) -> tuple[int, int]:
        return self._size

    @property
    def open(self) -> bool:
        return len(self.samples) < self._minutes


def watch(film: Path, minutes: float) -> list[Sample]:
    """Samples of a viewer that watches a film again and again."""
    with tempfile.TemporaryDirectory() as folder, open_session("gmp", "auto", "auto") as session:
        source = Film(film, endless=True)
        window = TirelessWindow(minutes, source.size)
        state = first_state(session.network.contract)
        Viewer(source, session, window, state, Path(folder)).run()
        return window.samples


def faults(samples: list[Sample]) -> list[str]:
    """What became worse after the first minute."""
    first, last = samples[1:][:FEW], samples[1:][-FEW:]
    found = []
    if (mb := growth(samples)) >= GROWTH_MB:
        found.append(f"memory grew by {mb:.1f} MB")
    for what in ("threads", "files"):
        before, after = (max(getattr(sample, what) for sample in some) for some in (first, last))
        if after > before:
            found.append(f"{what} grew from {before} to {after}")
    before, after = (median(sample.fps for sample in some) for some in (first, last))
    if after < SLOWER * before:
        found.append(f"the frame rate fell from {before:.1f} to {after:.1f}")
    return found


def growth(samples: list[Sample]) -> float:
    """By how many megabytes memory grew after the first minute."""
    first, last = samples[1:][:FEW], samples[1:][-FEW:]
    return median(sample.memory_mb for sample in last) - median(sample.memory_mb for sample in first)


def main() -> int:
    """Watches, prints, judges; status 1 where something became worse."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("film", type=Path, nargs="?", default=assets() / "demo.mp4")
    options.add_argument("--minutes", type=float, default=30)
    chosen = options.parse_args()
    samples = watch(chosen.film, chosen.minutes)
    print(f"{chosen.minutes:g} minutes of {chosen.film.name}: memory {growth(samples):+.1f} MB after the first minute")
    wrong = faults(samples)
    print("\n".join(wrong) or "nothing grew, nothing slowed down")
    return 1 if wrong else 0


def _sample(minute: float, fps: float) -> Sample:
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    memory = pages * os.sysconf("SC_PAGE_SIZE") / 1e6
    return Sample(minute, memory, threading.active_count(), len(list(Path("/proc/self/fd").iterdir())), fps)


if __name__ == "__main__":
    sys.exit(main())
