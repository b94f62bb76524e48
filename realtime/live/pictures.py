"""A picture, or a folder of them, watched one at a time; the next and the previous come by key."""

from __future__ import annotations

from pathlib import Path
from threading import Condition
from time import perf_counter

from ..errors import SourceError
from ..media.further import told_further
from ..media.kinds import is_left_behind, is_ours, is_picture, told_unread
from ..media.photo import read_photo
from ..media.raster import Bgr
from ..types import Frame, Image
from .source import Source


class PictureFiles(Source):
    """Pictures by path; a folder stands for those in it that EmoScope did not make, in the order of their names.

    One that cannot be read is passed over with a notice; another tells what a file holds besides what is shown of it.

    Raises:
        SourceError: there is no readable picture.
    """

    def __init__(self, path: Path) -> None:
        self._paths = [path] if path.is_file() else sorted(file for file in path.iterdir() if _fits(file))
        if not self._paths:
            raise SourceError(f"{path}: holds no pictures: name another folder")
        self._unread = (
            "" if path.is_file() else told_unread([one for one in path.iterdir() if _is_unread(one)], "picture")
        )
        self._wake = Condition()
        self._at, self._shown, self._index, self._way = 0, -1, 0, +1
        self._closed = False
        self.name = path.name
        self._first, _ = self._readable()
        self._at, self._shown = 0, -1

    @property
    def size(self) -> tuple[int, int]:
        height, width = self._first.shape[:2]
        return width, height

    @property
    def position(self) -> str:
        return f"{max(0, self._shown) + 1} / {len(self._paths)}" if len(self._paths) > 1 else ""

    def read(self) -> Frame | None:
        with self._wake:
            self._wake.wait_for(lambda: self._closed or self._at != self._shown)
            if self._closed:
                return None
        image, wrong = self._readable()
        self.notice, self._unread = wrong or self._unread, ""
        self.name = self._paths[self._shown].name
        return self._frame(image)

    def move(self, steps: int) -> None:
        with self._wake:
            self._at = (self._at + steps) % len(self._paths)
            self._way = 1 if steps > 0 else -1
            self._wake.notify_all()

    @property
    def progress(self) -> float | None:
        return self._at / (len(self._paths) - 1) if len(self._paths) > 1 else None

    def seek(self, progress: float) -> None:
        with self._wake:
            self._at, self._way = round(progress * (len(self._paths) - 1)), 1
            self._wake.notify_all()

    def step(self, steps: int = 1) -> None:
        self.move(steps)

    def close(self) -> None:
        with self._wake:
            self._closed = True
            self._wake.notify_all()

    def _readable(self) -> tuple[Image, str]:
        """The picture whose turn it is, or the next that can be read; and what is to be told of them."""
        wrong, tried = "", set[Path]()
        while len(tried) < len(self._paths):
            with self._wake:
                self._shown = self._at
            path = self._paths[self._shown]
            try:
                image, told = read_photo(path), told_further(path)
                return image, wrong.removeprefix(f"{path.parent}/") or (told and f"{path.name}: {told}")
            except SourceError as error:
                wrong = str(error)
                tried.add(path)
                self._pass_over()
        raise SourceError(wrong)

    def _pass_over(self) -> None:
        with self._wake:
            if self._at == self._shown:  # else the user has gone elsewhere meanwhile
                self._at = (self._at + self._way) % len(self._paths)

    def _frame(self, image: Image) -> Frame:
        # Another picture is another scene: ten seconds lie between two, so that nobody's smoothing joins them.
        photo = str(self._paths[self._shown])
        frame = Frame(self._index, 10.0 * self._index, Bgr(image), perf_counter(), photo)
        self._index += 1
        return frame


def _fits(path: Path) -> bool:
    return not (is_left_behind(path) or is_ours(path)) and is_picture(path)


def _is_unread(path: Path) -> bool:
    return not (_fits(path) or is_left_behind(path) or is_ours(path))
