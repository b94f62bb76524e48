"""Measures a face finder on recordings:  python -m emoscope.benchmark.faces VIDEO... [--detector NAME]

\b
recall   share of the faces of a slow, thorough detector that the finder reports
of       how many those are
faces    that the finder reported, in all frames together
others   of these, the ones that the thorough detector does not know: false faces, and faces that it misses
numbers  how many numbers were given; one a person is perfect
ms, p95  processor time of all threads for a frame: mean and 95th percentile, the first frame apart
first    the same of the first frame, in which everything is looked at at once
jitter   how much the box of a still face shakes under noise, in percent of its width
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import click
import numpy as np

from ..errors import EmoscopeError
from ..faces import FINDERS, open_finder
from .finding import FinderTally, Yardstick, first_frame, jitter, measure_finder

HEAD = ("recall", "of", "faces", "others", "numbers", "ms", "p95", "first", "jitter")
NOTHING = "–"


@click.command(help=__doc__)
@click.argument("videos", nargs=-1, required=True, type=Path)
@click.option("--detector", type=click.Choice(list(FINDERS)), default="auto", show_default=True)
@click.option("--pace", default=1.0, show_default=True, help="Looks for new faces, as a share of the usual number.")
@click.option("--every", type=click.IntRange(1), default=5, show_default=True, help="Compare in every n-th frame.")
def benchmark(videos: Sequence[Path], detector: str, pace: float, every: int) -> None:
    """Prints a row a recording, and the mean."""
    try:
        recalls = [recall for recall in _rows(videos, detector, pace, every) if recall is not None]
    except EmoscopeError as error:
        raise click.ClickException(str(error)) from None
    if recalls:
        mean = sum(recalls) / len(recalls)
        click.echo(f"recall: mean {mean:.1%}, lowest {min(recalls):.1%}, {len(recalls)} recordings with faces")


def _rows(videos: Sequence[Path], detector: str, pace: float, every: int) -> Iterator[float | None]:
    """Prints a row a recording and yields its recall."""
    yardstick = Yardstick()
    width = max(len(path.name) for path in videos)
    click.echo(_line("", HEAD, width))
    for path in videos:
        with open_finder(detector, pace) as finder:
            tally = measure_finder(finder, path, every, yardstick)
            shake = jitter(finder, first_frame(path))
        click.echo(_line(path.name, _cells(tally, shake), width))
        yield tally.recall


def _cells(tally: FinderTally, shake: float | None) -> Iterator[str]:
    later_ms = 1e3 * np.array(tally.seconds[1:])
    yield NOTHING if tally.recall is None else f"{tally.recall:.1%}"
    yield from (str(count) for count in (tally.expected, tally.reported, tally.others, len(tally.numbers)))
    yield f"{later_ms.mean():.2f}" if later_ms.size else NOTHING
    yield f"{np.percentile(later_ms, 95):.2f}" if later_ms.size else NOTHING
    yield f"{1e3 * tally.seconds[0]:.1f}"
    yield NOTHING if shake is None else f"{shake:.2%}"


def _line(name: str, cells: Iterable[str], width: int) -> str:
    return f"{name:{width}}" + "".join(f"{cell:>8}" for cell in cells)


if __name__ == "__main__":
    benchmark()
