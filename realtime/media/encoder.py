"""Encoders of the new film: one for each of its sections, all alike, whose packets follow one another in one track.

    section 0   I B P B P …  ┐
    section 1   I B P B P …  ├──▶ one track; times of decoding as one encoder would have given them
    section 2   I B P …      ┘

Pictures that refer to later ones are decoded before they are shown. With D the most that an encoder holds back, the
i-th packet of the whole film is decoded when the (i − D)-th picture is shown; those of the first section, when its
encoder says, which is the same.
"""

from __future__ import annotations

from collections import deque
from fractions import Fraction
from typing import cast

import av
from av.codec.context import Flags
from av.error import FFmpegError
from av.video.codeccontext import VideoCodecContext

from ..errors import ResultError
from ..system.scheduling import kept_scheduling
from .demux import Packet
from .encoding import CURE, Encoding, threads
from .pad import even
from .planes import FORMAT
from .reader import Recording


class FilmEncoder:
    """Compresses the pictures of one section.

    Args:
        recording: the source, opened at the beginning of the film, or of the part of it that is read.
        encoding: how pictures are compressed.
        context: the encoder; None for a new one.

    Attributes:
        holds_back: how many pictures the encoder says that it holds back at most.

    Raises:
        ResultError: the encoder refuses the recording.
    """

    def __init__(self, recording: Recording, encoding: Encoding, context: VideoCodecContext | None = None) -> None:
        self._path, self._codec = recording.path, encoding.codec
        self._shift, self._time_base = shift_of(recording), recording.time_base
        self._context = context or cast(VideoCodecContext, av.CodecContext.create(encoding.codec, "w"))
        self._configure(recording, encoding)
        try:
            with kept_scheduling():
                self._context.open()  # now: PyAV 19 ends the interpreter when an encoder that refused is used again
        except FFmpegError as error:
            raise self._untaken(error) from None
        self.holds_back = int(self._context.reorder_depth)

    def packets(self, frame: av.VideoFrame, pts: int) -> list[Packet]:
        """What is ready when a picture, (H, W) 4:2:0, is added at a time in ticks of the source."""
        frame = even(frame)
        frame.pts, frame.time_base = pts - self._shift, self._time_base
        frame.pict_type = 0  # else x264 repeats the source's pattern of key frames instead of choosing its own
        return self._encoded(frame)

    def rest(self) -> list[Packet]:
        """What is left when no picture comes any more."""
        return self._encoded(None)

    def _encoded(self, frame: av.VideoFrame | None) -> list[Packet]:
        try:
            made = self._context.encode(frame)
        except FFmpegError as error:
            raise self._untaken(error) from None
        for packet in made:
            packet.time_base = packet.time_base or self._time_base
        return made

    def _untaken(self, error: FFmpegError) -> ResultError:
        told = f"codec {self._codec!r} does not take this recording ({error.strerror})"
        return ResultError(f"{self._path}: {told}: {CURE}")

    def _configure(self, recording: Recording, encoding: Encoding) -> None:
        first, encoder = recording.first.picture.frame, self._context
        encoder.options = encoding.options
        encoder.framerate = recording.rate or Fraction(25)
        encoder.width, encoder.height = first.width + first.width % 2, first.height + first.height % 2
        encoder.pix_fmt, encoder.time_base = FORMAT, recording.time_base
        encoder.flags |= Flags.global_header
        encoder.flags |= Flags.frame_duration  # what tells how long the last picture is shown
        if first.interlaced_frame and encoding.codec == "libx264" and encoder.height % 4 == 0:  # as it demands
            # Two fields a frame, and marked so: players then make whole lines of them, as they do of the source.
            encoder.flags |= Flags.interlaced_dct | Flags.interlaced_me
        encoder.thread_type, encoder.thread_count = threads(encoder.width, encoder.height)
        encoder.color_range, encoder.colorspace = first.color_range, first.colorspace
        encoder.color_primaries, encoder.color_trc = first.color_primaries, first.color_trc
        if aspect := recording.aspect:
            encoder.sample_aspect_ratio = aspect


class DecodingTimes:
    """Gives the packets of all sections their times of decoding; the formula is above.

    Args:
        holds_back: how many pictures an encoder says that it holds back at most.
    """

    def __init__(self, holds_back: int) -> None:
        self._delay, self._shown = holds_back, deque[int]()
        self._first: int | None = None
        self._own = True

    def shows(self, pts: int) -> None:
        """A picture is shown at this time; to be called in the order of times, before its packet comes."""
        self._shown.append(pts)

    def stamp(self, packet: Packet) -> None:
        """Gives the next packet, in the order of decoding, its time."""
        if self._first is None:
            self._first = self._shown[0]
            if self._own and len(self._shown) <= self._delay:  # a film of a few pictures, or with a long pause
                self._own = False
                step = max(1, int(packet.duration or 1))
                self._shown.extendleft(self._first - step * number for number in range(1, self._delay + 1))
        if not self._own:
            packet.dts = self._shown.popleft()
        elif packet.dts is None or packet.dts >= self._first:
            self._shown.popleft()

    def renew(self) -> None:
        """The packets that follow are another encoder's."""
        self._own = self._own and self._first is None


def shift_of(recording: Recording) -> int:
    """Ticks by which the new film starts earlier: a part starts at 0, and MP4 knows no time before 0."""
    return recording.first.pts if recording.first.pts < 0 or not recording.span.whole else 0
