"""Files that are dropped on the page: bounded, decoded, and given back as what every browser shows.

    picture ──▶ upright JPEG          at most 40 MB, and 130 of memory to decode it
    video   ──▶ H.264 in MP4          at most 100 MB and 60 s, 960 pixels along its longer edge

The page is shown only what was decoded and encoded again here. A video is held in memory and has no name on disk. What
decoding costs is bounded too: a file of half a megabyte can hold 4K at 240 frames/s.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import av
import cv2
import PIL.Image
from av.video.frame import PictureType

from ..errors import EmoscopeError, SourceError
from ..media.kinds import is_moving_webp
from ..media.memory_file import MemoryFile
from ..media.opening import open_container, video_stream
from ..media.reader import Recording
from ..media.small import decode_small
from ..media.tape import as_film
from ..types import Image

MOST_PICTURE_BYTES, MOST_DECODING_BYTES, PICTURE_EDGE = 40_000_000, 130_000_000, 1280
MOST_VIDEO_BYTES, MOST_VIDEO_S, VIDEO_EDGE = 100_000_000, 60.0, 960
MOST_VIDEO_PIXELS = 3840 * 2160
MOST_FRAMES, MOST_DECODED = 3700, 4_000_000_000
"""Of a video: pictures, and pixels of all of them: a minute at 60 frames/s, or of 1920×1080 at 30."""
MOST_ANIMATED_PIXELS = 300 * 640 * 480
"""Of all pictures of an animation together."""
TICKS = 90_000
"""Per second, of the MP4's clock."""
JPEG_QUALITY = 92


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as the page may show it: its bytes and their media type."""

    data: bytes
    media_type: str


def accept(data: bytes, name: str, abandoned: Callable[[], bool] = bool) -> Upload:
    """A dropped file in a form that every browser shows.

    Args:
        data: its bytes.
        name: what errors call it.
        abandoned: whether nobody waits for it any more; asked at every picture of a video.

    Raises:
        SourceError: it is abandoned, neither picture nor video, damaged, too large or too long.
    """
    try:
        if len(data) <= MOST_PICTURE_BYTES and not _moves(data):
            return _picture(decode_small(data, name, PICTURE_EDGE, MOST_DECODING_BYTES))
    except SourceError as error:
        if "not a picture" not in str(error):
            raise
    if len(data) > MOST_VIDEO_BYTES:
        raise SourceError(f"{name}: larger than {MOST_VIDEO_BYTES // 10**6} MB: cut or shrink it")
    return Upload(_video(MemoryFile(name, data), abandoned), "video/mp4")


def fitted(width: int, height: int, edge: int) -> tuple[int, int]:
    """A size with these proportions whose longer edge is at most `edge`, both even."""
    factor = min(1.0, edge / max(width, height))
    return max(2, round(width * factor / 2) * 2), max(2, round(height * factor / 2) * 2)


def _moves(data: bytes) -> bool:
    """Whether it is an animated GIF, WebP, PNG or AVIF: a film by another name."""
    if not (data.startswith((b"GIF8", b"RIFF", b"\x89PNG")) or data[4:12] == b"ftypavis"):
        return False
    try:
        with PIL.Image.open(io.BytesIO(data), formats=("GIF", "WEBP", "PNG", "AVIF")) as picture:
            return bool(getattr(picture, "is_animated", False))
    except (OSError, ValueError, SyntaxError, EOFError):
        return False


def _picture(photo: Image) -> Upload:
    done, data = cv2.imencode(".jpg", photo, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    if not done:
        raise EmoscopeError("the picture cannot be encoded: save it as PNG")
    return Upload(data.tobytes(), "image/jpeg")


def _video(file: MemoryFile, abandoned: Callable[[], bool]) -> bytes:
    """The film without its sound."""
    if is_moving_webp(file.data):
        file = _as_film(file)
    _require_size(file)
    with Recording(file) as recording:
        video = _encoded(recording, file.name, abandoned)
    if not recording.outgrown:
        return video
    with Recording(file, canvas=recording.handling.largest) as recording:
        return _encoded(recording, file.name, abandoned)


def _as_film(file: MemoryFile) -> MemoryFile:
    """An animated WebP, of which FFmpeg reads the first picture only, as a film in memory."""
    with PIL.Image.open(io.BytesIO(file.data), formats=("WEBP",)) as moving:
        if moving.width * moving.height * getattr(moving, "n_frames", 1) > MOST_ANIMATED_PIXELS:
            raise SourceError(f"{file}: too many or too large pictures for the page: use `emoscope process`")
    target = io.BytesIO()
    as_film(io.BytesIO(file.data), file.name, target)
    return MemoryFile(file.name, target.getvalue())


def _require_size(file: MemoryFile) -> None:
    """Before anything is decoded, which is what takes memory and time; what a heading does not tell is found later."""
    with open_container(file) as container:
        film = video_stream(container, file)
        if film.width * film.height > MOST_VIDEO_PIXELS:
            raise SourceError(f"{file}: {film.width}×{film.height} is more than 4K: make it smaller")
        if film.duration and film.time_base and film.duration * film.time_base > MOST_VIDEO_S + 1:
            raise _too_long(file.name)
        _require_work(file.name, film.frames, film.frames * film.width * film.height)


def _require_work(name: str, frames: int, pixels: int) -> None:
    if frames > MOST_FRAMES or pixels > MOST_DECODED:
        raise SourceError(f"{name}: too many or too large pictures for the page: use `emoscope process`")


def _too_long(name: str) -> SourceError:
    return SourceError(f"{name}: longer than {MOST_VIDEO_S:.0f} s: cut it, or use `emoscope process`")


def _encoded(recording: Recording, name: str, abandoned: Callable[[], bool]) -> bytes:
    picture = recording.first.picture
    width, height = fitted(picture.width, picture.height, VIDEO_EDGE)
    target = io.BytesIO()
    with av.open(target, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=30, options={"preset": "ultrafast", "crf": "20", "bf": "0"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.time_base = stream.codec_context.time_base = Fraction(1, TICKS)
        first_s = recording.first.time_s
        count = pixels = 0
        for shown in recording.frames():
            count, pixels = count + 1, pixels + shown.picture.width * shown.picture.height
            if abandoned():
                raise SourceError(f"{name}: nobody waits for it any more")
            _require_work(name, count, pixels)
            if shown.time_s - first_s > MOST_VIDEO_S:
                raise _too_long(name)
            # As it is looked at; but where its size changes, with bars about what is smaller.
            seen = shown.picture.frame if len(recording.handling.shapes) > 1 else shown.picture.seen
            frame = seen.reformat(width, height, "yuv420p")
            frame.pict_type = PictureType.NONE
            frame.pts, frame.time_base = round((shown.time_s - first_s) * TICKS), Fraction(1, TICKS)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return target.getvalue()
