"""The measurement as a whole.

    with film   process with video out   ÷   decode and encode the same file, nothing else
    rows only   process without video    ÷   decode the same file, nothing else

Both yardsticks are taken as a plain loop over PyAV's frames gives them, which works on slices of a frame, and with
frames on all threads, which is the quickest there is. Decoding is also timed to BGR pictures, which is what a script
that is to look at them begins with. All are timed in turn, several times over, and medians are compared, so that a
busy machine slows all alike. What is done once a run, opening the models and drawing the chart, is not counted.

Of each way two times are taken: how long it took, which others at work on the machine make longer for all threads of
ours, and the time that its threads were at work on a processor, all together, which they hardly change.
"""

from __future__ import annotations

import platform
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import NamedTuple

from ..errors import EmoscopeError
from ..media.reader import Recording
from ..processing.batch import results_of
from ..processing.film import process_film
from ..processing.settings import Settings
from ..processing.tuning import tune
from ..reading.session import Session
from ..system.libraries import cores
from .plain import decode, transcode
from .stages import StageTimes, time_stages

RUNS = 5
CHILD = """
import sys
from emoscope.system.memory import peak_mb
from emoscope.cli import run
status = run(sys.argv[1:])
print(peak_mb())
sys.exit(status)
"""


@dataclass(frozen=True, slots=True)
class Bench:
    """What was measured.

    Attributes:
        video: the file's name.
        width: of its pictures, in pixels.
        height: of its pictures, in pixels.
        frames: in the file.
        faces: in a frame, on average.
        machine: processor and number of cores.
        runs: of which medians were taken.
        stages_ms: stage → milliseconds per frame, one stage after another on one thread.
        frames_per_s: of decoding and transcoding, both also on all threads; of decoding to BGR pictures; of processing
            with film, and to rows only.
        processor_ms: the same ways → processor time of a frame, over all threads, in milliseconds.
        with_film: share of the plain transcode's speed.
        with_film_all_threads: share of the speed of transcoding on all threads.
        rows_only: share of plain decoding's speed.
        rows_only_all_threads: share of the speed of decoding on all threads.
        rows_only_bgr: share of the speed of decoding to BGR pictures.
        with_film_processor: processor time as a multiple of the plain transcode's.
        rows_only_processor: likewise, also of the plain transcode's.
        peak_mb: most memory that processing with film held, in a process of its own.
    """

    video: str
    width: int
    height: int
    frames: int
    faces: float
    machine: str
    runs: int
    stages_ms: dict[str, float]
    frames_per_s: dict[str, float]
    processor_ms: dict[str, float]
    with_film: float
    with_film_all_threads: float
    rows_only: float
    rows_only_all_threads: float
    rows_only_bgr: float
    with_film_processor: float
    rows_only_processor: float
    peak_mb: float

    def as_json(self) -> dict[str, object]:
        """All figures by name."""
        return asdict(self)


def measure_processing(path: Path, settings: Settings, runs: int = RUNS) -> Bench:
    """Measures processing of one recording as `settings` say, with film and to rows only."""
    tune()
    with TemporaryDirectory() as folder, settings.open_session() as session, Recording(path) as recording:
        first, scratch = recording.first.picture, Path(folder)
        stages = _stages(path, scratch, session, settings)
        frames, costs = _costs(path, scratch, session, settings, runs)
        speeds = {name: frames / cost.wall_s for name, cost in costs.items()}
        processor_ms = {name: 1000 * cost.processor_s / frames for name, cost in costs.items()}
        return Bench(
            video=path.name,
            width=first.width,
            height=first.height,
            frames=frames,
            faces=round(stages.faces, 2),
            machine=machine(),
            runs=runs,
            stages_ms={name: round(value, 2) for name, value in stages.milliseconds.items()},
            frames_per_s={name: round(value, 1) for name, value in speeds.items()},
            processor_ms={name: round(value, 2) for name, value in processor_ms.items()},
            with_film=_share(speeds["with film"], speeds["transcode"]),
            with_film_all_threads=_share(speeds["with film"], speeds["transcode, all threads"]),
            rows_only=_share(speeds["rows only"], speeds["decode"]),
            rows_only_all_threads=_share(speeds["rows only"], speeds["decode, all threads"]),
            rows_only_bgr=_share(speeds["rows only"], speeds["decode to BGR"]),
            with_film_processor=_share(processor_ms["with film"], processor_ms["transcode"]),
            rows_only_processor=_share(processor_ms["rows only"], processor_ms["transcode"]),
            peak_mb=round(peak_mb(path, scratch)),
        )


def _share(figure: float, of: float) -> float:
    """A figure as a share of another, to three digits however small it is."""
    return float(f"{figure / of:.3g}")


def machine() -> str:
    """Processor and number of cores that this process may use."""
    return f"{_processor()}, {cores()} cores"


def peak_mb(path: Path, folder: Path) -> float:
    """Most memory that `emoscope process` holds for a file, in a process of its own."""
    order = [sys.executable, "-c", CHILD, "process", str(path), "-o", str(folder / "memory")]
    done = subprocess.run(order, capture_output=True, text=True, check=False)
    if done.returncode:
        raise EmoscopeError(done.stderr.strip().splitlines()[-1] if done.stderr else f"{path}: processing failed")
    return float(done.stdout.split()[-1])


def _stages(path: Path, folder: Path, session: Session, settings: Settings) -> StageTimes:
    state = settings.look(session.network.contract)
    return time_stages(path, folder / "stages.mp4", session, state, settings.encoding)


class _Cost(NamedTuple):
    """Of a whole file, in seconds; the second of all threads together."""

    wall_s: float
    processor_s: float


def _costs(path: Path, folder: Path, session: Session, settings: Settings, runs: int) -> tuple[int, dict[str, _Cost]]:
    """Frames of the file, and the median cost of each way."""

    def process(wanted: Settings) -> int:
        return process_film(results_of(path, folder, wanted), session, wanted, lambda *_: None).frames

    ways: dict[str, Callable[[], int]] = {
        "decode": lambda: decode(path),
        "decode, all threads": lambda: decode(path, all_threads=True),
        "decode to BGR": lambda: decode(path, bgr=True),
        "transcode": lambda: transcode(path, folder / "plain.mp4", settings.encoding),
        "transcode, all threads": lambda: transcode(path, folder / "plain.mp4", settings.encoding, all_threads=True),
        "with film": lambda: process(replace(settings, video=True, chart=False)),
        "rows only": lambda: process(replace(settings, video=False, chart=False)),
    }
    measured: dict[str, list[_Cost]] = {name: [] for name in ways}
    frames = 0
    for _ in range(runs):
        for name, way in ways.items():
            start, work = perf_counter(), process_time()
            frames = way()
            measured[name].append(_Cost(perf_counter() - start, process_time() - work))
    return frames, {name: _Cost(*map(median, zip(*costs, strict=True))) for name, costs in measured.items()}


def _processor() -> str:
    """The processor's name as Linux tells it, else as Python does."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text("utf-8").splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
