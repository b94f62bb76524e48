"""How the viewer does on this machine: rate, latency, processor time, memory, and what a key press costs.

    python -m realtime.live.benchmark VIDEO [--seconds 20] [--heat] [--json]

The video runs endlessly as a live source at its own rate, in a real window with bars and the Grad-CAM inset. All
figures are medians over the run unless they say otherwise; processor time is that of the whole process, decoding
the video included, in parts of one core.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from time import perf_counter, process_time

import click
import numpy as np
from numpy.typing import NDArray

from realtime.bundled import assets
from realtime.commands.options import Look, open_analyser
from realtime.live.analyst import Analysed
from realtime.live.film import Film
from realtime.live.window import ScreenWindow, first_size
from realtime.loop import Viewer
from realtime.types import Image

WARM_UP_S = 2.0
KEYS = tuple("kkkkjjjjammnnpgtt/o+-uuo1230byyd<>>iv")
KEY_EVERY_S = 0.25


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured; times in milliseconds."""

    fps: float
    source_fps: float
    dropped: int
    latency_median_ms: float
    latency_p95_ms: float
    core_share: float
    memory_mb: float
    memory_growth_mb: float
    longest_gap_ms: float
    longest_gap_with_keys_ms: float
    first_picture_s: float


class MeasuringWindow(ScreenWindow):
    """A window that notes when it showed something, presses keys by itself, and closes after a while."""

    def __init__(self, size: tuple[int, int], seconds: float, keys: tuple[str, ...] = ()) -> None:
        super().__init__(size)
        self._seconds, self._keys = seconds, keys
        self._start = perf_counter()
        self._cpu = process_time()
        self.moments: list[float] = []
        self.memory: list[float] = []

    def show(self, image: Image) -> None:
        super().show(image)
        now = perf_counter()
        if now - self._start < WARM_UP_S:
            self._cpu = process_time()
            return
        self.moments.append(now)
        if len(self.memory) < now - self._start - WARM_UP_S:
            self.memory.append(resident_mb())

    def key(self) -> str | None:
        pressed = super().key()
        due = int((perf_counter() - self._start - WARM_UP_S) / KEY_EVERY_S)
        if pressed is None and self._keys and due > 0:
            pressed, self._keys = self._keys[0], self._keys[1:]
            self._start += KEY_EVERY_S
            self._seconds -= KEY_EVERY_S
        return pressed

    @property
    def open(self) -> bool:
        return super().open and perf_counter() - self._start < WARM_UP_S + self._seconds

    @property
    def core_share(self) -> float:
        """Processor time since the warm-up, in parts of one core."""
        return (process_time() - self._cpu) / (self.moments[-1] - self.moments[0])

    @property
    def gaps_ms(self) -> NDArray[np.float64]:
        """Milliseconds between pictures."""
        return np.diff(np.array(self.moments)) * 1000


def measure(video: Path, model: str, detector: str, seconds: float, heat: bool) -> Figures:
    """Runs the viewer twice, untouched and with keys, and a third time from the shell for its first picture."""
    with open_analyser(model, "auto", detector) as analyser:
        source = Film(video, endless=True)
        state = replace(Look().state(analyser.network.contract), heat=heat)
        with MeasuringWindow(first_size(*source.size), seconds) as calm:
            viewer = Viewer(source, analyser, calm, state, Path.cwd())
            latencies = _noted(viewer)
            viewer.run()
            share = calm.core_share
        with MeasuringWindow(first_size(*source.size), seconds, KEYS) as busy:
            Viewer(Film(video, endless=True), analyser, busy, state, Path.cwd()).run()
    late = np.array(latencies[len(latencies) // 10 :]) * 1000
    return Figures(
        fps=len(calm.gaps_ms) / (calm.moments[-1] - calm.moments[0]),
        source_fps=source.fps,
        dropped=viewer.feed.newest.dropped,
        latency_median_ms=float(np.median(late)),
        latency_p95_ms=float(np.percentile(late, 95)),
        core_share=share,
        memory_mb=max(calm.memory),
        memory_growth_mb=calm.memory[-1] - calm.memory[0],
        longest_gap_ms=float(calm.gaps_ms.max()),
        longest_gap_with_keys_ms=float(busy.gaps_ms.max()),
        first_picture_s=first_picture_s(video),
    )


def _noted(viewer: Viewer) -> list[float]:
    """The latency of each picture, filled while the viewer runs."""
    latencies: list[float] = []
    shown = viewer.scenes.shown

    def noted(analysed: Analysed) -> None:
        shown(analysed)
        if analysed.fresh:
            latencies.append(perf_counter() - analysed.frame.captured_at)

    viewer.scenes.shown = noted  # type: ignore[method-assign]
    return latencies


def first_picture_s(video: Path) -> float:
    """Seconds from the start of a new process to its first annotated picture in a window."""
    code = (
        "from realtime.live import window as w\n"
        "show = w.ScreenWindow.show\n"
        "def first(self, image):\n"
        "    show(self, image); self.key()\n"
        "    import os; os._exit(0)\n"
        "w.ScreenWindow.show = first\n"
        "from realtime.cli import run\n"
        f"run(['live', {str(video)!r}])\n"
    )
    times = list(_timed([sys.executable, "-c", code], 3))
    return float(np.median(times))


def _timed(command: list[str], times: int) -> Iterator[float]:
    for _ in range(times):
        start = perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        yield perf_counter() - start


def resident_mb() -> float:
    """Memory of this process that is in RAM, in megabytes."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


@click.command()
@click.argument("video", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False)
@click.option("--model", default="", help="Shipped name or path.")
@click.option("--detector", default="auto")
@click.option("--seconds", default=20.0, show_default=True)
@click.option("--heat", is_flag=True, help="Heat on all faces.")
@click.option("--json", "as_json", is_flag=True)
def main(video: Path | None, model: str, detector: str, seconds: float, heat: bool, as_json: bool) -> None:
    """Measure the viewer on VIDEO (the demo clip where none is named)."""
    from realtime.pair import DEFAULT_MODEL

    figures = asdict(measure(video or assets() / "demo.mp4", model or DEFAULT_MODEL, detector, seconds, heat))
    if as_json:
        click.echo(json.dumps(figures, indent=1))
        return
    for name, value in figures.items():
        click.echo(f"{name:<26}{value:10.2f}")


if __name__ == "__main__":
    main()
