"""Opens a recorded file, or says in one line why it is none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
from av.codec.hwaccel import HWAccel, hwdevices_available
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from ..errors import SourceError
from ..system.address import ServerPath
from .apng import is_animation
from .memory_file import MemoryFile

LOCAL_ONLY = {"protocol_whitelist": "file"}
"""A playlist among the inputs must not make the program open a network connection."""
HEAD_BYTES = 4096
# Titles in old encodings are no reason to refuse a film. PyAV 19 knows that by itself, and no longer takes the wish.
FORGIVING: dict[str, Any] = {"metadata_errors": "replace"} if int(av.__version__.partition(".")[0]) < 19 else {}


def devices() -> tuple[str, ...]:
    """The kinds of devices that this PyAV can decode on, where there is one, by FFmpeg's names."""
    return tuple(hwdevices_available())


def open_container(path: Path | MemoryFile, hwaccel: str = "") -> InputContainer:
    """Opens a file with PyAV.

    Args:
        path: the file.
        hwaccel: FFmpeg's name of a kind of device that is to decode, where it can; "" for the processor.

    Raises:
        SourceError: it is missing, no media file, or damaged beyond opening.
    """
    if isinstance(path, Path) and not path.is_file():
        raise SourceError(f"{path}: {_no_file(path)}")
    try:
        kind = "apng" if is_animation(path) else None
        place = path.open() if isinstance(path, (MemoryFile, ServerPath)) else f"file:{path}"
        container = _opened(place, kind, hwaccel)
    except (av.FFmpegError, OSError, ValueError) as error:
        raise SourceError(f"{path}: {_reason(path, error)}") from None
    return container


def _opened(place: Any, kind: str | None, hwaccel: str) -> InputContainer:
    def opened(**how: Any) -> InputContainer:
        container: InputContainer = av.open(place, format=kind, options=LOCAL_ONLY, **FORGIVING, **how)
        return container

    if hwaccel:
        try:
            return opened(hwaccel=HWAccel(hwaccel, allow_software_fallback=True))
        except (av.FFmpegError, OSError, ValueError):  # no such device, or it is not ours; or no film, as is told below
            if not isinstance(place, str):
                place.seek(0)
    return opened()


def video_stream(container: InputContainer, path: Path | MemoryFile, number: int | None = None) -> VideoStream:
    """The film that is read of a file: the one of this number, or the largest.

    Args:
        container: open for reading.
        path: of the file, for the message.
        number: among the file's video streams, from 0, as FFmpeg counts them.

    Raises:
        SourceError: it holds sound only, or a cover picture, or no film of this number.
    """
    films = films_of(container)
    if not films:
        raise SourceError(f"{path}: holds no pictures, only {_kinds(container)}: give a video")
    if number is not None and number not in films:
        raise SourceError(f"{path}: has no video stream {number}: it has {', '.join(map(str, films))}")
    wanted = films.values() if number is None else [films[number]]
    known = [stream for stream in wanted if stream.codec_context is not None]
    if not known:
        raise SourceError(f"{path}: its video codec is not known to this PyAV: convert the file first")
    return max(known, key=lambda stream: (stream.width or 0) * (stream.height or 0))


def films_of(container: InputContainer) -> dict[int, VideoStream]:
    """The films of a file, by their number among its video streams, from 0; cover pictures are none."""
    streams = enumerate(container.streams.video)
    return {number: stream for number, stream in streams if not stream.disposition & Disposition.attached_pic}


def _no_file(path: Path) -> str:
    if path.is_dir():
        return "a folder, not a recording"
    return "a device or a pipe, not a recorded file" if path.exists() else "no such file"


def _kinds(container: InputContainer) -> str:
    kinds = {"audio": "sound", "video": "a cover picture", "subtitle": "subtitles", "data": "data"}
    found = dict.fromkeys(kinds.get(stream.type, "data") for stream in container.streams)
    return " and ".join(found) or "an empty shell"


def _reason(path: Path | MemoryFile, error: Exception) -> str:
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError as refused:
        return f"cannot be read ({refused.strerror})"
    if not head:
        return "is empty: copy or download it again"
    if head.lstrip()[:1] == b"<":
        return "a web page saved under a video's name: download the video itself"
    if head[4:8] == b"ftyp":
        return "the recording was cut off before its index was written, so nothing can be found in it: copy it again"
    reason = getattr(error, "strerror", None) or str(error)
    return f"not a recording that PyAV can read ({reason}): give a video, an animated GIF or a picture"
