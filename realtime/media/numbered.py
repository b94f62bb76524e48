"""Numbered pictures as a film: `frames_%04d.png` stands for frames_0001.png, frames_0002.png, …

Each is shown at the time of its number, so that one that is missing leaves the one before it standing, and whoever
counts frames by number finds them. FFmpeg reads them by its own list of files, one after another.
"""

from __future__ import annotations

import io
import re
from fractions import Fraction
from pathlib import Path

from ..errors import SourceError

FPS = Fraction(25)
PLACE = re.compile(r"%(0?)(\d*)d")
FINEST = 1001
"""Denominator of a frame rate, at most, as in 30000/1001."""
MICROSECONDS = 1_000_000


def rate_of(fps: float | None) -> Fraction | None:
    """A rate as people write it, 29.97 as well, as a fraction; None where nothing is said."""
    return None if fps is None else Fraction(fps).limit_denominator(FINEST)


def is_numbered(path: Path) -> bool:
    """Whether a name stands for numbered files: it has one place for a number, and there is no file of that name."""
    return len(PLACE.findall(path.name)) == 1 and not path.exists()


def name_of(path: Path) -> str:
    """What the results of numbered files are called: their name without the number, or their folder's."""
    stem = PLACE.sub("", Path(path.name).stem).strip(" ._-")
    return stem or path.absolute().parent.name or "pictures"


def numbered(path: Path) -> dict[int, Path]:
    """The files that a name stands for, by their number, in order.

    Raises:
        SourceError: there is none.
    """
    place = PLACE.search(path.name)
    assert place is not None
    digits = rf"(\d{{{int(place[2] or 1)},}})" if place[1] else r"(\d+)"
    wanted = re.compile(re.escape(path.name[: place.start()]) + digits + re.escape(path.name[place.end() :]))
    try:
        found = ((wanted.fullmatch(file.name), file) for file in path.parent.iterdir())
        files = {int(match[1]): file for match, file in found if match and file.is_file()}
    except OSError as error:
        raise SourceError(f"{path}: its folder cannot be read ({error.strerror})") from None
    if not files:
        raise SourceError(f"{path}: there is no file of such a name, such as {path.name.replace(place[0], '0001')}")
    return dict(sorted(files.items()))


def told_missing(files: dict[int, Path]) -> str:
    """One line about numbers that are missing, "" for none."""
    first, last = min(files), max(files)
    missing = last - first + 1 - len(files)
    return f"{missing} of the numbers {first}–{last} are missing: the picture before stands there" if missing else ""


def listing(files: dict[int, Path], fps: Fraction) -> io.BytesIO:
    """FFmpeg's list of these files, each with the time it is shown."""
    numbers = [*files, max(files) + 1]
    starts = [round(MICROSECONDS * (number - numbers[0]) / fps) for number in numbers]
    lines = ["ffconcat version 1.0"]
    for path, start, end in zip(files.values(), starts, starts[1:], strict=False):
        name = str(path.absolute()).replace("'", "'\\''")
        lines += [f"file 'file:{name}'", f"option framerate {fps}", f"duration {(end - start) / MICROSECONDS:.6f}"]
    return io.BytesIO("\n".join(lines).encode("utf-8", "surrogateescape"))
