"""What a source's name stands for, as something that FFmpeg reads from its beginning to its end.

clip.mp4                the file, as often as it is asked for
-, a FIFO               what comes through it, once; an MP4 whose index stands at its end is put on disk first
frames_%04d.png         numbered pictures, so many a second
moving.webp             its pictures, decoded by Pillow and put on disk without loss: FFmpeg reads only the first
"""

from __future__ import annotations

import io
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from time import monotonic, sleep
from typing import Any, BinaryIO

import av
import numpy as np
import PIL.Image
from av.container import InputContainer

from ..errors import SourceError
from ..system.address import ServerPath
from .kinds import first_bytes, is_moving_webp
from .memory_file import MemoryFile
from .numbered import FPS, is_numbered, listing, numbered, told_missing
from .opening import FORGIVING, LOCAL_ONLY, open_container

STANDARD_INPUT = Path("-")
HEAD_BYTES = 1 << 16
PATIENCE_S, LOOK_S = 10.0, 0.05
"""How long a FIFO may stand without a writer, and how often it is looked at meanwhile, in seconds."""
DAMAGE = (OSError, SyntaxError, EOFError, ValueError)
"""What Pillow raises where a picture is damaged; an OSError then without a number of the system's."""
TICKS = 1000
"""Per second, of the clock of a WebP."""


class Tape:
    """A source of a recording.

    Args:
        path: names it.
        fps: pictures a second of numbered files.
        hwaccel: kind of device that decodes a file where it can, by FFmpeg's name; "" for the processor.

    Attributes:
        again: whether it can be opened more than once.
        seekable: whether a moment in it can be gone to.
        note: what is to be known about it, "" for nothing.

    Raises:
        SourceError: it cannot be read.
    """

    def __init__(self, path: Path | MemoryFile, fps: Fraction | None = None, hwaccel: str = "") -> None:
        self.path = path
        self.again = self.seekable = True
        self.note = ""
        self._kept: tempfile.TemporaryDirectory[str] | None = None
        self._pipe: BinaryIO | None = None
        self._opener: Callable[[], InputContainer] = lambda: open_container(path, hwaccel)
        if isinstance(path, MemoryFile):
            return
        if is_pipe(path):
            self._listen(path)
        elif is_numbered(path):
            self._count(path, fps or FPS)
        elif is_moving_webp(first_bytes(path)):
            self._keep(
                lambda file: as_film(path.open("rb") if isinstance(path, ServerPath) else path, str(path), file), ".mkv"
            )

    def open(self) -> InputContainer:
        """Opens it from its beginning."""
        return self._opener()

    def close(self) -> None:
        """Lets go of what was put on disk, and of the pipe."""
        if self._kept is not None:
            self._kept.cleanup()
        if self._pipe is not None:
            with suppress(OSError):
                self._pipe.close()

    def _listen(self, path: Path) -> None:
        try:
            first, self._pipe = _piped(path)
            head = first + _read(self._pipe, HEAD_BYTES - len(first))
        except OSError as error:
            raise SourceError(f"{path}: cannot be read ({error.strerror})") from None
        if not head:
            self.close()
            raise SourceError(f"{_name(path)}: nothing came through it: start what writes into it first")
        source = _Replayed(head, self._pipe)
        if _needs_its_end(head):
            self._keep(lambda file: shutil.copyfileobj(source, file), ".mp4")
            return
        self.again = self.seekable = False
        self._opener = lambda: _opened(path, source, None)

    def _count(self, path: Path, fps: Fraction) -> None:
        files = numbered(path)
        self.seekable, self.note = False, told_missing(files)
        self._opener = lambda: _opened(path, listing(files, fps), "concat")

    def _keep(self, write: Callable[[BinaryIO], object], suffix: str) -> None:
        """Puts it on disk, and reads it from there."""
        self._kept = tempfile.TemporaryDirectory(prefix="emoscope-")
        kept = Path(self._kept.name) / f"source{suffix}"
        try:
            with kept.open("wb") as file:
                self.note = str(write(file) or "")
        except OSError as error:
            self.close()
            told = f"cannot be kept in {kept.parent.parent} ({error.strerror}): is the disk full?"
            raise SourceError(f"{self.path}: {told}") from None
        except BaseException:
            self.close()
            raise

        def opened() -> InputContainer:
            try:
                return open_container(kept)
            except SourceError as error:
                raise SourceError(str(error).replace(str(kept), str(self.path))) from None

        self._opener = opened


def is_pipe(path: Path) -> bool:
    """Whether a name stands for standard input or a FIFO, which can be read once only."""
    try:
        return path == STANDARD_INPUT or path.is_fifo()
    except OSError:
        return False


class _Replayed:
    """A pipe whose beginning has been read already; what FFmpeg reads from, which cannot seek in it."""

    def __init__(self, head: bytes, pipe: BinaryIO) -> None:
        self._head, self._pipe = io.BytesIO(head), pipe

    def read(self, count: int = -1) -> bytes:
        return self._head.read(count) or self._pipe.read(count)


def _piped(path: Path) -> tuple[bytes, BinaryIO]:
    """The first bytes, and the rest of a pipe; both empty where nobody begins to write within `PATIENCE_S`."""
    if path == STANDARD_INPUT:
        if sys.stdin is None or sys.stdin.isatty():
            raise SourceError("standard input is a terminal: pipe a film into it, or name a file")
        return b"", sys.stdin.buffer
    if sys.platform == "win32":  # where files have names, and pipes have none among them
        return b"", path.open("rb")
    # Opened for reading as usual, a FIFO would wait for its writer, deaf to everything, and for ever.
    number, until_s = os.open(path, os.O_RDONLY | os.O_NONBLOCK), monotonic() + PATIENCE_S
    pipe = os.fdopen(number, "rb")
    first = b""
    while not first and monotonic() < until_s:
        try:
            first = os.read(number, HEAD_BYTES)
        except BlockingIOError:  # somebody has it open, and will write
            break
        sleep(0 if first else LOOK_S)
    os.set_blocking(number, True)
    return first, pipe


def _read(pipe: BinaryIO, count: int) -> bytes:
    """So many bytes, fewer only at the end."""
    parts = []
    while count > 0 and (part := pipe.read(count)):
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def _needs_its_end(head: bytes) -> bool:
    """Whether it is an MP4 whose index comes after its pictures, or a WebP that moves: that is not read as it comes."""
    at = 0
    while head[4:8] in (b"ftyp", b"wide", b"mdat", b"free", b"skip") and at + 8 <= len(head):
        size, kind = int.from_bytes(head[at : at + 4], "big"), head[at + 4 : at + 8]
        if kind in (b"mdat", b"moov"):
            return kind == b"mdat"
        at += max(size, 8)
    return False


def _opened(path: Path, source: Any, kind: str | None) -> InputContainer:
    options = LOCAL_ONLY | ({"safe": "0"} if kind == "concat" else {})
    try:
        container: InputContainer = av.open(source, format=kind, options=options, **FORGIVING)
    except (av.FFmpegError, OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise SourceError(f"{_name(path)}: not a recording that PyAV can read ({reason})") from None
    return container


def as_film(source: Path | BinaryIO, name: str, target: BinaryIO) -> str:
    """Writes the pictures of an animation as a film without loss, each at its time, transparent parts white.

    Args:
        source: path or bytes of the animation.
        name: of it, for the message.
        target: the film is written here.

    Returns:
        What is damaged, "" for nothing.

    Raises:
        SourceError: none of it can be read.
    """
    count = at = number = 0
    try:
        with PIL.Image.open(source) as moving, av.open(target, "w", format="matroska") as film:
            stream = film.add_stream("ffv1", rate=TICKS)
            (stream.width, stream.height), stream.pix_fmt = moving.size, "bgr0"
            stream.time_base = stream.codec_context.time_base = Fraction(1, TICKS)
            count = getattr(moving, "n_frames", 1)
            for number in range(count):
                try:
                    moving.seek(number)
                    frame = _opaque(moving)
                except DAMAGE:
                    if not number:
                        raise
                    break  # what follows is made of what could not be read
                frame.pts, frame.time_base = at, Fraction(1, TICKS)
                at += max(1, round(moving.info.get("duration") or TICKS / 25))
                film.mux(stream.encode(frame))
            else:
                number = count
            film.mux(stream.encode(None))
    except (*DAMAGE, PIL.Image.DecompressionBombError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise SourceError(f"{name}: the picture is damaged ({error}): save or copy it again") from None
    return f"damaged: the last {count - number} of {count} pictures cannot be read" if number < count else ""


def _opaque(moving: PIL.Image.Image) -> av.VideoFrame:
    """The picture that stands now, on white."""
    seen = moving.convert("RGBA")
    picture = PIL.Image.alpha_composite(PIL.Image.new("RGBA", seen.size, "white"), seen)
    pixels = np.asarray(picture.convert("RGB"), np.uint8)
    return av.VideoFrame.from_ndarray(pixels, "rgb24").reformat(format="bgr0")


def _name(path: Path) -> str:
    return "standard input" if path == STANDARD_INPUT else str(path)
