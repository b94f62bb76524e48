"""How the new film's pictures are compressed, checked before work starts."""

from __future__ import annotations

import io
from dataclasses import dataclass

import av
from av.error import FFmpegError

from ..errors import ResultError
from ..system.scheduling import kept_scheduling
from .codecs import codec_of
from .planes import FORMAT

CONTAINER = "mp4"
CURE = "try libx264 or libx265"
TRIED = 4
"""Pictures of a trial: of one or two, x265 makes up times that MP4 does not take."""
THREADS = 2
"""Of an encoder. x264's bytes depend on it, so it is the same on every machine; more cores work on more sections."""
LARGE_PIXELS = 1280 * 720
"""Pictures larger than this are encoded in slices, which is slower, but each thread holds no pictures of its own."""


def threads(width: int, height: int) -> tuple[str, int]:
    """How an encoder shares its work: FFmpeg's name of the way, and how many threads."""
    return "SLICE" if width * height > LARGE_PIXELS else "FRAME", THREADS


@dataclass(frozen=True, slots=True)
class Encoding:
    """How pictures are compressed.

    Attributes:
        codec: FFmpeg's name of an encoder.
        crf: constant rate factor, or what the encoder has instead; smaller is better. None for the encoder's own.
        preset: how much time the encoder takes for a smaller file, in its own words; None for its own.

    Raises:
        ResultError: this PyAV has no such encoder, or MP4 cannot carry what it makes.
    """

    codec: str = "libx264"
    crf: float | None = None
    preset: str | None = None

    def __post_init__(self) -> None:
        try:
            codec = av.Codec(self.codec, "w")
        except (ValueError, FFmpegError):
            raise ResultError(f"codec {self.codec!r} is not an encoder of this PyAV: {CURE}") from None
        formats = [form.name for form in codec.video_formats or ()] if codec.type == "video" else []
        if FORMAT not in formats:
            raise ResultError(f"codec {self.codec!r} does not encode {FORMAT} pictures: {CURE}")
        known = codec_of(self.codec).presets
        if known and self.speed not in known:
            raise ResultError(f"preset {self.speed!r} is none of {', '.join(known)}: try libx264 with veryfast")
        self._try()

    @property
    def options(self) -> dict[str, str]:
        """The encoder's options by FFmpeg's names."""
        return codec_of(self.codec).told(self.quality, self.speed)

    @property
    def quality(self) -> float:
        """What was asked for, else the encoder's own."""
        return codec_of(self.codec).crf if self.crf is None else self.crf

    @property
    def speed(self) -> str:
        """What was asked for, else the encoder's own."""
        return codec_of(self.codec).preset if self.preset is None else self.preset

    def _try(self) -> None:
        """Encodes small pictures in memory: the encoder itself knows best what it accepts."""
        try:
            with kept_scheduling(), av.open(io.BytesIO(), "w", format=CONTAINER) as trial:
                stream = trial.add_stream(self.codec, rate=25, options=self.options, width=256, height=256)
                stream.pix_fmt = FORMAT
                for pts in range(TRIED):
                    picture = av.VideoFrame(256, 256, FORMAT)
                    picture.pts = pts
                    trial.mux(stream.encode(picture))
                trial.mux(stream.encode(None))
        except (FFmpegError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            told = f"codec {self.codec!r} with crf {self.quality:g} and preset {self.speed!r} does not work"
            raise ResultError(f"{told} in MP4 ({reason}): {CURE}, crf 0–51, preset veryfast") from None
