"""What leaving out looks for new faces changes:  python -m emoscope.benchmark.gate VIDEO... [--live]

Each recording is searched twice, with all looks that are due and with those that the gate lets pass.

\b
looks     for new faces: all → taken
faces     in all frames together: all looks → gate
same      of the faces found with all looks, those that the gate leaves exactly as they are
alike     those with the same number in a box that covers the same place (intersection over union 0.8)
missed    those of which nothing was found
late      longest run of frames in which a face is missed, in seconds
ms        processor time of a frame: all → gate
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import process_time

import click

from ..errors import EmoscopeError
from ..faces import FINDERS, FaceFinder, open_finder
from ..faces.geometry import boxes, ious
from ..media.reader import Recording
from ..processing.finding import PACE, Found, finds
from ..types import Face

ALIKE, THERE = 0.8, 0.3
Row = tuple[float, tuple[Face, ...]]
"""Time of a frame in seconds, and its faces."""


@dataclass(slots=True)
class Search:
    """One search of a recording: its rows, how many looks it took, and processor time in seconds."""

    rows: list[Row] = field(default_factory=list)
    looks: int = 0
    processor_s: float = 0.0


@dataclass(slots=True)
class FacesMissed:
    """How the faces of two searches differ.

    Attributes:
        same: faces of the first that the second has exactly.
        alike: those with the same number in about the same place.
        missed: those of which nothing was found.
        late_s: longest run of frames in which a face is missed.
    """

    same: int = 0
    alike: int = 0
    missed: int = 0
    late_s: float = 0.0


def search(path: Path, detector: str, gated: bool, live: bool) -> Search:
    """Searches a recording.

    Args:
        path: the recording.
        detector: name of the face finder.
        gated: whether the gate is on.
        live: frame by frame as the window does; else as `emoscope process` does.
    """
    found, start = Search(), process_time()
    with open_finder(detector, 1.0 if live else PACE, gated=gated) as finder, Recording(path) as recording:
        found.rows = list(_live(finder, recording) if live else _processed(finder, recording))
        found.looks = finder.looks_taken
    found.processor_s = process_time() - start
    return found


def _live(finder: FaceFinder, recording: Recording) -> Iterator[Row]:
    for frame in recording.frames():
        yield frame.time_s, tuple(finder.find(frame.picture.bgr, frame.time_s))


def _processed(finder: FaceFinder, recording: Recording) -> Iterator[Row]:
    for item in finds(recording.frames(), finder):
        if isinstance(item, Found):
            yield item.frame.time_s, item.faces or ()


def compare(one: Sequence[Row], other: Sequence[Row]) -> FacesMissed:
    """How the faces of a second search differ from those of the first, frame by frame."""
    told, missing_since = FacesMissed(), dict[int, float]()
    for (time_s, faces), (_, others) in zip(one, other, strict=True):
        overlap = ious(boxes(faces), boxes(others))
        for row, face in zip(overlap, faces, strict=True):
            if face in others:
                told.same += 1
            elif any(share >= ALIKE and seen.track == face.track for share, seen in zip(row, others, strict=True)):
                told.alike += 1
            if row.max(initial=0.0) >= THERE:
                missing_since.pop(face.track, None)
                continue
            told.missed += 1
            told.late_s = max(told.late_s, time_s - missing_since.setdefault(face.track, time_s))
    return told


@click.command(help=__doc__)
@click.argument("videos", nargs=-1, required=True, type=Path)
@click.option("--detector", type=click.Choice(list(FINDERS)), default="auto", show_default=True)
@click.option("--live", is_flag=True, help="As the window looks, instead of as `emoscope process` does.")
def benchmark(videos: Sequence[Path], detector: str, live: bool) -> None:
    """Prints a row a recording."""
    width = max(len(path.name) for path in videos)
    click.echo(f"{'':{width}}        looks         faces     same  alike missed   late          ms")
    try:
        for path in videos:
            whole, gated = (search(path, detector, on, live) for on in (False, True))
            told, count = compare(whole.rows, gated.rows), len(whole.rows)
            faces = [sum(len(row[1]) for row in one.rows) for one in (whole, gated)]
            ms = [1000 * one.processor_s / count for one in (whole, gated)]
            click.echo(
                f"{path.name:{width}}{whole.looks:6d} → {gated.looks:4d}{faces[0]:6d} → {faces[1]:5d}"
                f"{told.same:7d}{told.alike:7d}{told.missed:7d}{told.late_s:6.2f}s{ms[0]:6.2f} → {ms[1]:.2f}"
            )
    except EmoscopeError as error:
        raise click.ClickException(str(error)) from None


if __name__ == "__main__":
    benchmark()
