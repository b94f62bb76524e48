"""How long each key of the table holds up the window, and whether that is within the bound.

    python -m emoscope.benchmark.keys [VIDEO] [--size 1280x720] [--times 3] [--json]

The video runs endlessly at its own rate in a real window with bars and the heat inset, enlarged or shrunk to the size;
every key of the table is pressed, and once more where it is a switch, which is a row of its own. Three things are
taken, each the longest within 0.8 s after the key, of several presses the median:

    work    milliseconds of processor time that the window's thread takes between two looks at its keys
    held    milliseconds between two such looks: nothing reacts meanwhile
    gap     milliseconds between two pictures, where the film runs on

The first row is what they come to with nobody at the keys. A row is within its bound where neither `held` nor `gap` is
longer: 60 ms at 1280×720, 100 ms for snapshots and recordings, 150 ms for these at 1920×1080. On a machine that does
other things as well, only `work` says something about this program.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
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
from ..view.keys import BINDINGS, BY_KEY
from ..view.state import ViewOptions

WARM_UP_S, AFTER_S = 3.0, 0.8
ENDS = {"q", "escape"}
STILL = {"space", ".", ",", "z", "x", "backspace"}
"""Keys that stop the film or go elsewhere in it: there are no pictures to count the time between."""
TWICE = {"space", "h", "f", "f4", "o", "b", "l", "y", "w", "f10", "r", "*", ";", "g", "a", "m", "i"}
"""Switches: pressed once more, so that the next key meets the window as it was."""
STOPPING = {".", ","}
"""Keys after which the film stands still until another one lets it go on."""
KEEPING = {"s", "r", "*"}
"""Keys that write a picture or a film."""
BOUNDS_MS = {(1280, 720): (60.0, 100.0), (1920, 1080): (None, 150.0)}
"""Size of the window → how long any key may hold up window and film, and how long one that writes; None: no bound."""


@dataclass(frozen=True, slots=True)
class Press:
    """A key as it is pressed.

    Attributes:
        key: its name; "" for none, to see how the window does by itself.
        again: whether it turns off what it has just turned on.
        counts: whether it is measured; else it is only there for the film to go on.
    """

    key: str
    again: bool = False
    counts: bool = True


@dataclass(frozen=True, slots=True)
class KeyFigures:
    """What one key costs; times are medians of several presses.

    Attributes:
        keys: as the help writes them; "" for none.
        help: what they do.
        work_ms: longest processor time of the window's thread between two looks at its keys.
        held_ms: how long the window did not look at its keys.
        gap_ms: between two pictures; None where the film does not run on.
        bound_ms: how long `held_ms` and `gap_ms` may be; None for no bound.
    """

    keys: str
    help: str
    work_ms: float
    held_ms: float
    gap_ms: float | None
    bound_ms: float | None

    @property
    def within(self) -> bool:
        """Whether it is within its bound."""
        return self.bound_ms is None or max(self.held_ms, self.gap_ms or 0.0) <= self.bound_ms


class SizedFilm(Film):
    """A film without an end, at another size than its own."""

    def __init__(self, path: Path, size: tuple[int, int]) -> None:
        super().__init__(path, endless=True)
        self._wanted = size

    @property
    def size(self) -> tuple[int, int]:
        return self._wanted

    def loop(self, on: bool) -> None:
        """It starts again whatever the viewer's key says: there are other keys to press."""

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
        presses: what is pressed.

    Attributes:
        looks: when it looked at its keys.
        works: processor time of its thread until then, in seconds.
        shows: when it showed a picture.
        pressed: what was pressed, and when.
    """

    def __init__(self, size: tuple[int, int], presses: Sequence[Press]) -> None:
        super().__init__(size)
        self.looks: list[float] = []
        self.works: list[float] = []
        self.shows: list[float] = []
        self.pressed: list[tuple[Press, float]] = []
        self._left, self._next_s = list(presses), perf_counter() + WARM_UP_S

    def show(self, image: Image) -> None:
        super().show(image)
        self.shows.append(perf_counter())

    def key(self) -> str | None:
        name, now_s = super().key(), perf_counter()
        self.looks.append(now_s)
        self.works.append(thread_time())
        if name is None and self._left and now_s >= self._next_s:
            press, self._next_s = self._left.pop(0), now_s + AFTER_S
            self.pressed.append((press, now_s))
            return press.key or None
        return name

    @property
    def open(self) -> bool:
        return super().open and (bool(self._left) or perf_counter() < self._next_s)

    def hardest(self, since_s: float) -> float:
        """Milliseconds of processor time between two looks that follow a press, at most."""
        first = self.looks.index(since_s)
        last = next((place for place, look in enumerate(self.looks) if look >= since_s + AFTER_S), len(self.looks))
        return 1000 * float(np.diff(self.works[first:last]).max(initial=0.0))


def longest_ms(moments: Sequence[float], since_s: float) -> float:
    """Milliseconds from a press to the first of the moments, between two of them, and to the next press, at most."""
    end_s = since_s + AFTER_S
    return 1000 * float(np.diff([since_s, *(one for one in moments if since_s <= one < end_s), end_s]).max())


def measure_keys(video: Path, model: str, size: tuple[int, int], times: int) -> list[KeyFigures]:
    """The figures of every key that does not end the viewer, after those of none.

    Args:
        video: the film, which runs endlessly.
        model: shipped name, or path of an .onnx bundle.
        size: of the window, (width, height) in pixels.
        times: how often each key is pressed.
    """
    presses = list(all_presses())
    with TemporaryDirectory() as folder, open_session(model) as session:
        state = ViewOptions().state(session.network.contract)
        with SizedFilm(video, size) as film, PressingWindow(size, presses * times) as window:
            Viewer(film, session, window, state, Path(folder)).run()
    return [_figures(press, window, size) for press in presses if press.counts]


def _figures(press: Press, window: PressingWindow, size: tuple[int, int]) -> KeyFigures:
    starts = [moment for pressed, moment in window.pressed if pressed == press]
    usual_ms, writing_ms = BOUNDS_MS.get(size, (None, None))
    row = BY_KEY.get(press.key)
    return KeyFigures(
        keys="" if row is None else row.label,
        help="nobody at the keys" if row is None else row.help + (", again" if press.again else ""),
        work_ms=median(window.hardest(start) for start in starts),
        held_ms=median(longest_ms(window.looks, start) for start in starts),
        gap_ms=None if press.key in STILL else median(longest_ms(window.shows, start) for start in starts),
        bound_ms=writing_ms if press.key in KEEPING else usual_ms,
    )


def all_presses() -> Iterator[Press]:
    """What is pressed in one round."""
    yield Press("")
    for key in (binding.keys[0] for binding in BINDINGS):
        if key not in ENDS:
            yield Press(key)
            if key in TWICE:
                yield Press(key, again=True)
            if key in STOPPING:
                yield Press("space", counts=False)


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
    click.echo(f"{'key':<14}{'':<42}{'work':>8}{'held':>8}{'gap':>8}   ms, medians of {times}")
    for one in figures:
        gap = "" if one.gap_ms is None else f"{one.gap_ms:.1f}"
        said = "" if one.bound_ms is None else f"   {'within' if one.within else 'OVER'} {one.bound_ms:.0f}"
        click.echo(f"{one.keys:<14}{one.help:<42}{one.work_ms:8.1f}{one.held_ms:8.1f}{gap:>8}{said}")
    bound = [one for one in figures if one.bound_ms is not None]
    click.echo(f"{sum(one.within for one in bound)} of {len(bound)} rows are within their bound")


if __name__ == "__main__":
    main()
