"""How long each key of the table holds up the window.

    python -m emoscope.benchmark.keys [VIDEO] [--size 1280x720] [--times 3] [--json]

The video runs endlessly at its own rate in a real window with bars and the heat inset, enlarged or shrunk to the size;
every key of the table is pressed, and once more where it is a switch. Three things are taken, each the longest within
0.8 s after the key, of several presses the median:

    work    milliseconds of processor time that the window's thread takes between two looks at its keys
    held    milliseconds between two such looks: nothing reacts meanwhile
    gap     milliseconds between two pictures, where the film runs on

On a machine that does other things as well, only `work` says something about this program.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, thread_time

import click
import cv2
import numpy as np

from ..live.film import Film
from ..live.viewer import Viewer
from ..live.window import ScreenWindow
from ..media.raster import Bgr
from ..network.bundle import DEFAULT_MODEL
from ..reading.session import open_session
from ..system.bundled import assets
from ..system.size import Size
from ..types import Frame, Image
from ..view.keys import BINDINGS
from ..view.state import ViewOptions

WARM_UP_S, AFTER_S = 3.0, 0.8
ENDS = {"q", "escape"}
STILL = {"space", ".", ",", "z", "x", "backspace"}
"""Keys that stop the film or go elsewhere in it: there are no pictures to count the time between."""
TWICE = {"space", "h", "f", "f4", "o", "b", "l", "y", "w", "f10", "r", "*", ";", "g", "a", "m", "i"}
"""Switches: pressed once more, so that the next key meets the window as it was."""


@dataclass(frozen=True, slots=True)
class KeyFigures:
    """What one key costs; times are medians of several presses.

    Attributes:
        keys: as the help writes them.
        help: what they do.
        group: that the help lists them in.
        work_ms: longest processor time of the window's thread between two looks at its keys.
        held_ms: how long the window did not look at its keys.
        gap_ms: between two pictures; NaN where the film does not run on.
    """

    keys: str
    help: str
    group: str
    work_ms: float
    held_ms: float
    gap_ms: float


class SizedFilm(Film):
    """A film without an end, at another size than its own."""

    def __init__(self, path: Path, size: tuple[int, int]) -> None:
        super().__init__(path, endless=True)
        self._wanted = size

    @property
    def size(self) -> tuple[int, int]:
        return self._wanted

    def read(self) -> Frame | None:
        frame = super().read()
        if frame is None:
            return None
        image = np.asarray(cv2.resize(frame.image, self._wanted, interpolation=cv2.INTER_LINEAR), np.uint8)
        # The resizing is the benchmark's own: the picture counts as captured when it is made.
        return replace(frame, picture=Bgr(image), captured_at=perf_counter())


class PressingWindow(ScreenWindow):
    """A window that presses keys by itself, one after the other, and keeps the time.

    Args:
        size: width and height of its picture area, in pixels.
        keys: names of keys.

    Attributes:
        looks: when it looked at its keys.
        works: processor time of its thread until then, in seconds.
        shows: when it showed a picture.
        presses: which key was pressed, and when.
    """

    def __init__(self, size: tuple[int, int], keys: list[str]) -> None:
        super().__init__(size)
        self.looks: list[float] = []
        self.works: list[float] = []
        self.shows: list[float] = []
        self.presses: list[tuple[str, float]] = []
        self._left, self._next_s = list(keys), perf_counter() + WARM_UP_S

    def show(self, image: Image) -> None:
        super().show(image)
        self.shows.append(perf_counter())

    def key(self) -> str | None:
        pressed, now_s = super().key(), perf_counter()
        self.looks.append(now_s)
        self.works.append(thread_time())
        if pressed is None and self._left and now_s >= self._next_s:
            pressed, self._next_s = self._left.pop(0), now_s + AFTER_S
            self.presses.append((pressed, now_s))
        return pressed

    @property
    def open(self) -> bool:
        return super().open and (bool(self._left) or perf_counter() < self._next_s)

    def hardest(self, since_s: float) -> float:
        """Milliseconds of processor time between two looks that follow a press, at most."""
        first = self.looks.index(since_s)
        last = next((place for place, look in enumerate(self.looks) if look >= since_s + AFTER_S), len(self.looks))
        return 1000 * float(np.diff(self.works[first:last]).max(initial=0.0))

    def longest(self, moments: list[float], since_s: float) -> float:
        """Milliseconds between two of the moments that follow a press, at most; NaN where there are not two."""
        after = [moment for moment in moments if since_s <= moment < since_s + AFTER_S]
        return 1000 * float(np.diff([since_s, *after]).max()) if after else math.nan


def measure_keys(video: Path, model: str, size: tuple[int, int], times: int) -> list[KeyFigures]:
    """The figures of every key that does not end the viewer.

    Args:
        video: the film, which runs endlessly.
        model: shipped name, or path of an .onnx bundle.
        size: of the window, (width, height) in pixels.
        times: how often each key is pressed.
    """
    keys = [key for _ in range(times) for key in _presses()]
    with TemporaryDirectory() as folder, open_session(model) as session:
        state = ViewOptions().state(session.network.contract)
        with SizedFilm(video, size) as film, PressingWindow(size, keys) as window:
            Viewer(film, session, window, state, Path(folder)).run()
    found = []
    for binding in BINDINGS:
        key = binding.keys[0]
        starts = [moment for pressed, moment in window.presses if pressed == key]
        if not starts:
            continue
        work = median(window.hardest(start) for start in starts)
        held = median(window.longest(window.looks, start) for start in starts)
        runs = key not in STILL
        gap = median(window.longest(window.shows, start) for start in starts) if runs else math.nan
        found.append(KeyFigures(binding.label, binding.help, binding.group, work, held, gap))
    return found


def _presses() -> Iterator[str]:
    for binding in BINDINGS:
        key = binding.keys[0]
        if key not in ENDS:
            yield key
            if key in TWICE:
                yield key


@click.command()
@click.argument("video", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False)
@click.option("--model", default=DEFAULT_MODEL, show_default=True, help="Shipped name or path.")
@click.option("--size", type=Size(), default="1280x720", show_default=True, help="Of the film and of the window.")
@click.option("--times", type=click.IntRange(1), default=3, show_default=True, help="How often each key is pressed.")
@click.option("--json", "as_json", is_flag=True)
def main(video: Path | None, model: str, size: tuple[int, int], times: int, as_json: bool) -> None:
    """Measure every key on VIDEO (the demo clip where none is named)."""
    figures = measure_keys(video or assets() / "demo.mp4", model, size, times)
    if as_json:
        click.echo(json.dumps([asdict(one) for one in figures], indent=1, ensure_ascii=False))
        return
    for one in figures:
        gap = "" if math.isnan(one.gap_ms) else f"{one.gap_ms:8.1f}"
        click.echo(f"{one.keys:<12}{one.help:<38}{one.work_ms:8.1f}{one.held_ms:8.1f}{gap:>9}")


if __name__ == "__main__":
    main()
