"""How the viewer does on this machine: rate, latency, processor time, memory, and what a key press costs.

    python -m emoscope.benchmark.live [VIDEO] [--seconds 20] [--heat] [--copies 8] [--unit LAYER:NUMBER] [--json]

The video runs endlessly as a live source at its own rate, in a real window with bars and the Grad-CAM inset; with
copies, so many of it side by side in one picture of 1280×720; with a unit, that map large and followed back to the
pixels instead of heat. All
figures are medians over the run unless they say otherwise; processor time is that of the whole process, decoding
the video included, in parts of one core.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from time import perf_counter

import click
import numpy as np

from ..live.analyst import Analysed
from ..live.film import Film
from ..live.viewer import Viewer
from ..live.window import first_size
from ..network.network import RULES
from ..reading.session import open_session
from ..report.explain.choice import unit_of
from ..system.bundled import assets
from ..view.keys import BY_KEY
from ..view.state import ViewOptions
from .viewing import Crowd, MeasuringWindow

AWAY = {"q", "escape", "f", "f11", "c", "space", ".", ",", "backspace", "z", "x", "pageup", "pagedown", "s", "r", "*"}
AWAY |= {"f8", "!", "f12"}
"""Keys that end, stop or change the film or the window, and those that keep something, which have their turn below."""
KEYS = (*"kkkkjjjjammnnpgtt/o+-uuo1230byyd<>>iv", *(key for key in BY_KEY if key not in AWAY), *"srr*", "enter", "f9")
"""Keys that change much, then each of the table."""


@dataclass(frozen=True, slots=True)
class ViewerFigures:
    """What was measured of the viewer.

    Attributes:
        fps: frames a second that were shown.
        source_fps: frames a second that the film has.
        dropped: frames that were not shown.
        latency_median_ms: from a frame's capture to the screen.
        latency_p95_ms: the 95th percentile of that.
        core_share: processor time through wall time; 1 is one core.
        memory_mb: most that was in RAM.
        memory_growth_mb: from the first time that memory is looked at to the last.
        longest_gap_ms: longest time between two pictures, with nobody at the keys.
        longest_gap_with_keys_ms: the same while keys are pressed.
        first_picture_s: from the command in a shell to the first picture.
    """

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


def measure_viewer(
    video: Path, model: str, detector: str, seconds: float, heat: bool, copies: int = 1, unit: str = ""
) -> ViewerFigures:
    """Runs the viewer twice, untouched and with keys, and a third time from the shell for its first picture.

    Args:
        video: the film, which is shown again and again.
        model: shipped name, or path of an .onnx bundle.
        detector: name of the face finder.
        seconds: how long each run is.
        heat: whether heat lies on the faces.
        copies: how many times each picture, and so each face, stands in the window.
        unit: "LAYER:NUMBER" of the map that is followed back to the pixels, "" for heat in the inset.
    """

    def opened() -> Film:
        return Film(video, endless=True) if copies == 1 else Crowd(video, copies)

    with open_session(model, "auto", detector) as session:
        source = opened()
        state = replace(ViewOptions().state(session.network.contract), heat=heat)
        if unit:
            layer, channel = unit_of(session.network.contract, unit)
            number = session.network.contract.layer_names.index(layer)
            state = replace(state, view="map", layer=number, unit=channel, rule=RULES[0])
        with MeasuringWindow(first_size(*source.size), seconds) as calm:
            viewer = Viewer(source, session, calm, state, Path.cwd())
            latencies = _noted(viewer)
            viewer.run()
            share = calm.core_share
        with MeasuringWindow(first_size(*source.size), seconds, KEYS) as busy:
            Viewer(opened(), session, busy, state, Path.cwd()).run()
    late = np.array(latencies[len(latencies) // 10 :]) * 1000
    return ViewerFigures(
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
        "from emoscope.live import window as w\n"
        "show = w.ScreenWindow.show\n"
        "def first(self, image):\n"
        "    show(self, image); self.key()\n"
        "    import os; os._exit(0)\n"
        "w.ScreenWindow.show = first\n"
        "from emoscope.cli import run\n"
        f"run(['live', {str(video)!r}])\n"
    )
    times = list(_timed([sys.executable, "-c", code], 3))
    return float(np.median(times))


def _timed(command: list[str], times: int) -> Iterator[float]:
    for _ in range(times):
        start = perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        yield perf_counter() - start


@click.command()
@click.argument("video", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False)
@click.option("--model", default="", help="Shipped name or path.")
@click.option("--detector", default="auto")
@click.option("--seconds", default=20.0, show_default=True)
@click.option("--heat", is_flag=True, help="Heat on all faces.")
@click.option("--copies", type=click.IntRange(1, 100), default=1, help="Copies of the video in one picture.")
@click.option("--unit", default="", metavar="LAYER:NUMBER", help="Follow this map back to the pixels.")
@click.option("--json", "as_json", is_flag=True)
def main(
    video: Path | None,
    model: str,
    detector: str,
    seconds: float,
    heat: bool,
    copies: int,
    unit: str,
    as_json: bool,
) -> None:
    """Measure the viewer on VIDEO (the demo clip where none is named)."""
    from ..network.bundle import DEFAULT_MODEL

    figures = asdict(
        measure_viewer(video or assets() / "demo.mp4", model or DEFAULT_MODEL, detector, seconds, heat, copies, unit)
    )
    if as_json:
        click.echo(json.dumps(figures, indent=1))
        return
    for name, value in figures.items():
        click.echo(f"{name:<26}{value:10.2f}")


if __name__ == "__main__":
    main()
