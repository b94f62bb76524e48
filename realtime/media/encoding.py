"""How the new film's pictures are compressed, checked before work starts."""

from __future__ import annotations

import io
from dataclasses import dataclass

import av
from av.error import FFmpegError

from ..errors import ResultError
from .planes import FORMAT

CONTAINER = "mp4"
CURE = "try libx264 or libx265"
PRESETS = ("ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow", "placebo")
PRESET_CODECS = ("libx264", "libx265")
"""Encoders that complain of other presets on standard error, past everyone's logging."""

QUIET = {"libx265": {"x265-params": "log-level=error"}}
"""What keeps an encoder that writes to standard error itself from doing so."""


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
        crf: constant rate factor, smaller is better; 23 is x264's own choice.
        preset: how much time the encoder takes for a smaller file.

    Raises:
        ResultError: this PyAV has no such encoder, or MP4 cannot carry what it makes.
    """

    codec: str = "libx264"
    crf: float = 23
    preset: str = "veryfast"

    def __post_init__(self) -> None:
        try:
            codec = av.Codec(self.codec, "w")
        except (ValueError, FFmpegError):
            raise ResultError(f"codec {self.codec!r} is not an encoder of this PyAV: {CURE}") from None
        formats = [form.name for form in codec.video_formats or ()] if codec.type == "video" else []
        if FORMAT not in formats:
            raise ResultError(f"codec {self.codec!r} does not encode {FORMAT} pictures: {CURE}")
        if self.codec in PRESET_CODECS and self.preset not in PRESETS:
            raise ResultError(f"preset {self.preset!r} is none of {', '.join(PRESETS)}: try libx264 with veryfast")
        self._try()

    @property
    def options(self) -> dict[str, str]:
        """The encoder's options by FFmpeg's names."""
        return {"crf": f"{self.crf:g}", "preset": self.preset, **QUIET.get(self.codec, {})}

    def _try(self) -> None:
        """Encodes small pictures in memory: the encoder itself knows best what it accepts."""
        try:
            with av.open(io.BytesIO(), "w", format=CONTAINER) as trial:
                stream = trial.add_stream(self.codec, rate=25, options=self.options, width=256, height=256)
                stream.pix_fmt = FORMAT
                for pts in range(TRIED):
                    picture = av.VideoFrame(256, 256, FORMAT)
                    picture.pts = pts
                    trial.mux(stream.encode(picture))
                trial.mux(stream.encode(None))
        except (FFmpegError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            told = f"codec {self.codec!r} with crf {self.crf:g} and preset {self.preset!r} does not work"
            raise ResultError(f"{told} in MP4 ({reason}): {CURE}, crf 0–51, preset veryfast") from None
