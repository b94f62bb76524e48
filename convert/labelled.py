"""Pictures of known classes, for what a conversion is measured with: a folder with a folder for each class.

    DATA/happy/*.jpg     or, deeper, DATA/test/happy/*.jpg     the nearest folder that is called as a label counts

Where some stand in a folder of held-out pictures (`test`, `validation`), only those count: a network is always right
about what it has learnt. The face in each is found as the program finds one in a camera's frame.

    a picture ──≤ 128 pixels──▶ a bare crop: enlarged, its edges repeated outward by half ──finder──▶ frame, face
        └──────────────────────────────────────────────────────────────────────────────────finder──┘
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, TypeVar

import cv2
import numpy as np

from emoscope.errors import DataError, SourceError
from emoscope.faces import open_finder
from emoscope.media.kinds import PICTURES
from emoscope.media.photo import read_photo
from emoscope.media.raster import Bgr
from emoscope.reading.session import Subject
from emoscope.types import Face, Image

Item = TypeVar("Item")
HELD_OUT = {"test", "testing", "val", "valid", "validation"}
BARE, LARGE = 128, 192
"""Edge up to which a picture is a bare crop, and the edge that it is enlarged to, at least."""


class Labelled(NamedTuple):
    """A picture, and the number of its class."""

    path: Path
    truth: int


class Framed(NamedTuple):
    """What is seen of a picture.

    Attributes:
        frame: that the face was found in.
        face: the largest one.
        whole: the picture itself, (h, w, 3) BGR, where it is a bare crop.
    """

    frame: Bgr
    face: Face
    whole: Image | None


def labelled(data: Path, labels: tuple[str, ...], number: int) -> list[Labelled]:
    """So many pictures, evenly from all of each class, in turns.

    Raises:
        DataError: there are none of two classes at least; the message says what folders are called.
    """
    if not data.is_dir():
        raise DataError(f"{data}: not a folder; give one that holds a folder of pictures for each class")
    known = {label.casefold(): place for place, label in enumerate(labels)}
    found: dict[int, list[Path]] = {}
    paths = sorted(path for path in data.rglob("*") if path.suffix.lower() in PICTURES and path.is_file())
    apart = [path for path in paths if HELD_OUT & {part.lower() for part in path.relative_to(data).parts[:-1]}]
    for path in apart or paths:
        truths = [known[part.casefold()] for part in path.relative_to(data).parts[:-1] if part.casefold() in known]
        if truths:
            found.setdefault(truths[-1], []).append(path)
    if len(found) < 2:
        called = ", ".join(labels)
        raise DataError(f"{data}: no pictures of two classes at least, in folders that are called {called}")
    share = -(-number // len(found))
    chosen = {truth: evenly(there, share) for truth, there in sorted(found.items())}
    turns = range(max(len(there) for there in chosen.values()))
    return [Labelled(there[turn], truth) for turn in turns for truth, there in chosen.items() if turn < len(there)]


def evenly(items: Sequence[Item], number: int) -> list[Item]:
    """So many of a sequence, as far from one another; all where there are fewer."""
    places = np.linspace(0, len(items) - 1, min(number, len(items)))
    return [items[round(float(place))] for place in places]


def parted(pictures: Sequence[Labelled], step: int) -> tuple[list[Labelled], list[Labelled]]:
    """One in `step` pictures of each class, and the others: one in so many of all might be of a single class."""
    turns: Counter[int] = Counter()
    parts: tuple[list[Labelled], list[Labelled]] = [], []
    for picture in pictures:
        parts[turns[picture.truth] % step > 0].append(picture)
        turns[picture.truth] += 1
    return parts


class Onlooker:
    """Finds the face in pictures; a context manager that closes its finder."""

    def __init__(self) -> None:
        self._finder = open_finder()

    def see(self, path: Path) -> Framed | None:
        """The largest face of a picture, None where there is none or the file is no picture."""
        try:
            picture = read_photo(path)
        except SourceError:
            return None
        bare = max(picture.shape[:2]) <= BARE
        frame = framed(picture) if bare else picture
        self._finder.reset(anew=True)
        faces = self._finder.find(frame, 0.0)
        chosen = Subject().pick(faces)
        return None if chosen is None else Framed(Bgr(frame), faces[chosen], picture if bare else None)

    def __enter__(self) -> Onlooker:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._finder.close()


def framed(picture: Image) -> Image:
    """A bare crop as a frame: enlarged, its edges repeated outward by half."""
    factor = max(1, -(-LARGE // max(picture.shape[:2])))
    large = cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)
    height, width = large.shape[:2]
    margins = height // 2, height // 2, width // 2, width // 2
    return np.asarray(cv2.copyMakeBorder(large, *margins, cv2.BORDER_REPLICATE), np.uint8)
