"""What a source's name stands for: a camera number, a stream address, a film, a picture or a folder of pictures."""

from __future__ import annotations

from pathlib import Path

from ..errors import SourceError
from ..media.kinds import is_picture
from ..media.numbered import is_numbered
from ..media.tape import STANDARD_INPUT
from .camera import Camera
from .devices import TRIED, cameras, cameras_named
from .film import Film
from .pictures import PictureFiles
from .source import Source
from .stream import Stream, is_address


def open_source(
    name: str, size: tuple[int, int] | None = None, fps: float | None = None, film: int | None = None
) -> Source:
    """Opens what a name stands for.

    Args:
        name: camera number or part of its name, stream address, or path; - for standard input, frames_%04d.png for
            numbered pictures.
        size: width and height to ask of a camera, in pixels.
        fps: frames a second to ask of a camera, or of numbered pictures.
        film: number of the video stream of a file that is shown, from 0; None for the largest.

    Raises:
        SourceError: there is nothing of that name, or it cannot be read.
    """
    if name.isdecimal():
        return Camera(int(name), size, fps)
    if is_address(name):
        return Stream(name)
    path = Path(name)
    if path == STANDARD_INPUT or is_numbered(path):
        return Film(path, film=film, fps=fps)
    if not path.exists():
        return _named_camera(name, size, fps)
    return PictureFiles(path) if path.is_dir() or is_picture(path) else Film(path, film=film)


def _named_camera(name: str, size: tuple[int, int] | None, fps: float | None) -> Camera:
    """The first camera of this name that opens."""
    numbers = cameras_named(name) if name else []
    if not numbers:
        named = ", ".join(f"{called} ({number})" for number, called in (cameras() or {}).items() if called)
        told = f"{name}: no such file; give a camera number, a file, a folder of pictures or an address"
        raise SourceError(f"{told}{named and f', or part of the name of a camera: {named}'}")
    for number in numbers[:-1]:
        try:
            return Camera(number, size, fps)
        except SourceError:
            continue  # another node of the same camera
    return Camera(numbers[-1], size, fps)


def next_camera(current: Source) -> Source:
    """The camera after the current one that opens, in the order of their numbers.

    Raises:
        SourceError: the source is no camera, or there is no other that opens.
    """
    if not isinstance(current, Camera):
        raise SourceError("this is no camera")
    there = cameras()
    others = [number for number in (TRIED if there is None else there) if number != current.number]
    after = [number for number in others if number > current.number]
    for number in after + [number for number in others if number < current.number]:
        try:
            return Camera(number)
        except SourceError:
            continue
    raise SourceError("no other camera opens")
