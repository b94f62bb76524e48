"""What sinks cost the window: processor time and delay a frame, with and without them, turn by turn in one run.

    python -m emoscope.benchmark.sinks [VIDEO] [--seconds 20] [--receivers 100] [--json]

For each sink the video runs as a live source in a real window. Every two seconds frames go to the sink or to nobody, in
turn, so that both are measured under the same load. Processor time a frame, in milliseconds: `handing over` is what the
thread that draws and shows spends on the sink, `window` all that it spends, `process` that of all threads, the sink's
own among them. Receivers are another process, and one of them hangs: it connects and reads nothing. LSL is kept to this
machine.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter, process_time, sleep, thread_time
from typing import Any

import click
import numpy as np

from ..live.analyst import Analysed
from ..live.film import Film
from ..live.viewer import Viewer
from ..live.window import first_size
from ..network.bundle import DEFAULT_MODEL
from ..reading.session import Session, open_session
from ..sinks.about import About
from ..sinks.fan_out import FanOut
from ..sinks.log import Log
from ..sinks.lsl import LslOutlets
from ..sinks.osc import OscSender
from ..sinks.publish import Target
from ..sinks.sink import ListSink, SampleSink
from ..sinks.websocket import WebSocketPublisher
from ..system.bundled import assets
from ..types import Image
from ..view.state import ViewOptions
from .viewing import MeasuringWindow

TURN_S = 2.0
START_S = 20.0
RECEIVERS = """
import asyncio, socket, sys
from websockets.asyncio.client import connect

async def one(port):
    async with connect(f"ws://127.0.0.1:{port}", proxy=None) as receiver:
        async for _ in receiver:
            pass

async def all_of(count, port):
    stuck = socket.create_connection(("127.0.0.1", port))
    words = ("GET / HTTP/1.1", f"Host: 127.0.0.1:{port}", "Upgrade: websocket", "Connection: Upgrade",
             "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13", "", "")
    stuck.sendall("\\r\\n".join(words).encode())
    await asyncio.gather(*(one(port) for _ in range(count)), return_exceptions=True)

asyncio.run(all_of(int(sys.argv[1]), int(sys.argv[2])))
"""


@dataclass(slots=True)
class SinkCost:
    """What was measured with a sink (True) and without (False), a value a frame.

    Attributes:
        window_ms: processor time of the thread that draws and shows.
        process_ms: processor time of all threads.
        delay_ms: from capture to screen.
        handed_ms: processor time of each hand-over.
    """

    window_ms: dict[bool, list[float]] = field(default_factory=lambda: {False: [], True: []})
    process_ms: dict[bool, list[float]] = field(default_factory=lambda: {False: [], True: []})
    delay_ms: dict[bool, list[float]] = field(default_factory=lambda: {False: [], True: []})
    handed_ms: list[float] = field(default_factory=list)

    def row(self) -> dict[str, float]:
        """Means of processor time, medians of delay, and how many frames went to the sink."""
        told = {"handing over, ms": round(float(np.sum(self.handed_ms)) / max(1, len(self.window_ms[True])), 2)}
        for name, values in (("window", self.window_ms), ("process", self.process_ms)):
            for on, word in ((False, "without"), (True, "with")):
                told[f"{name} {word}, ms"] = round(float(np.mean(values[on])), 2)
        for on, word in ((False, "without"), (True, "with")):
            told[f"delay {word}, ms"] = round(float(np.median(self.delay_ms[on])), 1)
        return told | {"frames": len(self.window_ms[True])}


class Device(ListSink):
    """A virtual camera without a device: it copies each picture once, as a driver does."""

    def __init__(self) -> None:
        super().__init__(wants_pictures=True)

    def show(self, image: Image) -> None:
        self.images = [image.copy()]


class Turns(FanOut):
    """Sinks that are given what comes in every other turn.

    Attributes:
        handed_ms: processor time of each hand-over, in milliseconds.
    """

    def __init__(self, about: About, sink: SampleSink | None) -> None:
        super().__init__(about, [] if sink is None else [sink])
        self._start = perf_counter()
        self.handed_ms: list[float] = []

    @property
    def on(self) -> bool:
        """Whether it is the sink's turn."""
        return int((perf_counter() - self._start) / TURN_S) % 2 == 1

    def send(self, *read: Any, **about: Any) -> None:
        """Hands a frame over in the sink's turn; see `FanOut.send`."""
        if self.on:
            with self._timed():
                super().send(*read, **about)

    def show(self, image: Image) -> None:
        """Hands a picture over in the sink's turn."""
        if self.on:
            with self._timed():
                super().show(image)

    @contextmanager
    def _timed(self) -> Iterator[None]:
        start = thread_time()
        yield
        self.handed_ms.append(1000 * (thread_time() - start))


def measure_sink(session: Session, video: Path, sink: SampleSink | None, seconds: float) -> SinkCost:
    """Runs the viewer with a sink in every other turn.

    Args:
        session: reads the faces.
        video: is watched, again and again.
        sink: closed at the end; None for none.
        seconds: how long.
    """
    source, cost = Film(video, endless=True), SinkCost()
    state = ViewOptions().state(session.network.contract)
    with MeasuringWindow(first_size(*source.size), seconds) as window:
        sinks = Turns(About.of(session.network, source.name), sink)
        viewer = Viewer(source, session, window, state, Path.cwd(), sinks=sinks)
        shown, last = viewer.scenes.shown, [thread_time(), process_time(), float(sinks.on)]

        def noted(analysed: Analysed) -> None:
            shown(analysed)
            if not analysed.fresh:
                return
            on, now = sinks.on, (thread_time(), process_time())
            if window.moments and last[2] == on:
                cost.window_ms[on].append(1000 * (now[0] - last[0]))
                cost.process_ms[on].append(1000 * (now[1] - last[1]))
                cost.delay_ms[on].append(1000 * (perf_counter() - analysed.frame.captured_at))
            last[:] = [*now, on]

        viewer.scenes.shown = noted  # type: ignore[method-assign]
        viewer.run()
    cost.handed_ms = sinks.handed_ms
    return cost


@contextmanager
def receivers(publisher: WebSocketPublisher, count: int) -> Iterator[None]:
    """So many receivers in another process, and one that hangs."""
    process = subprocess.Popen([sys.executable, "-c", RECEIVERS, str(count), str(publisher.port)])
    try:
        start = perf_counter()
        while publisher.receivers < count + 1 and perf_counter() - start < START_S:
            sleep(0.05)
        yield
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(START_S)


def makers(folder: Path, about: About, count: int) -> dict[str, Callable[[ExitStack], SampleSink | None]]:
    """Name → what opens a sink, and closes with the stack what belongs to it."""

    def publisher(stack: ExitStack) -> SampleSink:
        sink = WebSocketPublisher(Target.of("ws://:0"), about)
        stack.enter_context(receivers(sink, count))
        return sink

    return {
        "nothing": lambda stack: None,
        "log .csv": lambda stack: Log(folder / "a.csv", about.labels),
        "log .jsonl": lambda stack: Log(folder / "a.jsonl", about.labels),
        "log .parquet": lambda stack: Log(folder / "a.parquet", about.labels),
        "LSL": lambda stack: LslOutlets(about, "machine"),
        f"ws://, {count} receivers and one that hangs": publisher,
        "osc://": lambda stack: OscSender(Target.of("osc://:9"), about),
        "virtual camera, no device": lambda stack: Device(),
    }


@click.command()
@click.argument("video", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False)
@click.option("--seconds", default=20.0, show_default=True, help="Of each sink.")
@click.option("--receivers", "count", default=100, show_default=True, help="Of WebSockets.")
@click.option("--json", "as_json", is_flag=True)
def main(video: Path | None, seconds: float, count: int, as_json: bool) -> None:
    """Measure what sinks cost the window on VIDEO (the demo clip where none is named)."""
    found = {}
    with open_session(DEFAULT_MODEL) as session, tempfile.TemporaryDirectory() as folder:
        about = About.of(session.network, "benchmark")
        for name, make in makers(Path(folder), about, count).items():
            with ExitStack() as stack:
                found[name] = measure_sink(session, video or assets() / "demo.mp4", make(stack), seconds).row()
            if not as_json:
                click.echo(f"{name:<46}" + "  ".join(f"{key} {value}" for key, value in found[name].items()))
    if as_json:
        click.echo(json.dumps(found, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
