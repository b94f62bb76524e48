"""A picture, or a folder of them, watched one at a time; the next and the previous come by key."""

from __future__ import annotations

from pathlib import Path
from threading import Condition
from time import perf_counter

from realtime.errors import SourceError
from realtime.live.source import Source
from realtime.photo import read_photo
from realtime.types import Frame, Image

KINDS = {".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"}


class Pictures(Source):
    """Pictures by path; a folder stands for those in it, in the order of their names.

    Raises:
        SourceError: there is no readable picture.
    """

    def __init__(self, path: Path) -> None:
        self._paths = [path] if path.is_file() else sorted(file for file in path.iterdir() if is_picture(file))
        if not self._paths:
            raise SourceError(f"{path}: holds no pictures ({', '.join(sorted(KINDS))}): name another folder")
        self._wake = Condition()
        self._at, self._shown, self._index = 0, -1, 0
        self._closed = False
        self.name = path.name
        self._first = read_picture(self._paths[0])

    @property
    def size(self) -> tuple[int, int]:
        height, width = self._first.shape[:2]
        return width, height

    @property
    def position(self) -> str:
        return f"{self._at + 1} / {len(self._paths)}" if len(self._paths) > 1 else ""

    def read(self) -> Frame | None:
        with self._wake:
            self._wake.wait_for(lambda: self._closed or self._at != self._shown)
            if self._closed:
                return None
            self._shown = self._at
        path = self._paths[self._shown]
        self.name, self.notice = path.name, ""
        return self._frame(read_picture(path))

    def move(self, steps: int) -> None:
        with self._wake:
            self._at = (self._at + steps) % len(self._paths)
            self._wake.notify_all()

    def close(self) -> None:
        with self._wake:
            self._closed = True
            self._wake.notify_all()

    def _frame(self, image: Image) -> Frame:
        # Another picture is another scene: ten seconds lie between two, so that nobody's smoothing joins them.
        frame = Frame(self._index, 10.0 * self._index, image, perf_counter())
        self._index += 1
        return frame


def is_picture(path: Path) -> bool:
    """Whether a file's name says that it is a picture."""
    return path.suffix.lower() in KINDS


def read_picture(path: Path) -> Image:
    """A picture as (H, W, 3) BGR, turned upright by its EXIF tag.

    Raises:
        SourceError: it cannot be read.
    """
    return read_photo(path)
