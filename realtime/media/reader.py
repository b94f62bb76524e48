"""Reads a recording from end to end: every frame that can be decoded, upright, with its own time; sound in between.

    file ──packets──▶ decoder ──▶ 4:2:0, 8 bits ──▶ upright ──▶ RecordedFrame
             └───── sound, untouched ──────────────────────────▶ av.Packet

What is damaged is passed over and noted; reading goes on behind it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import TypeAlias

import av
from av.audio.stream import AudioStream

from ..errors import SourceError
from ..types import Frame
from .clock import Clock
from .damage import Damage
from .demux import Packet, decode, last_packet, read_packets
from .opening import open_container, video_stream
from .planes import Picture
from .span import WHOLE, Span, seek
from .splice import joined
from .upright import Upright

SHORT_S = 0.5
"""A film that ends this much before the end its header promises was cut off, in seconds."""
LARGE = 1920 * 1088
"""Pictures with more pixels than this are decoded several at once. It costs memory, and around damage it loses
pictures in an order that differs from run to run, so smaller ones, which one core decodes quickly, do without."""
TRAILING_S = 1.0
"""Sound may stand this much behind its pictures in a file, in seconds."""


@dataclass(frozen=True, slots=True)
class RecordedFrame(Frame):
    """One frame of a recording: its number counts frames that could be decoded.

    Attributes:
        picture: in planes, as the decoder gives them.
        pts: its time in ticks of the recording's time base.
    """

    picture: Picture
    pts: int = 0


Event: TypeAlias = "RecordedFrame | Packet"
"""What reading a recording yields: pictures, and packets of sound."""


class Recording:
    """An open recording; use it as a context manager, and iterate over it once.

    Args:
        path: the file.
        span: the part to read.

    Attributes:
        damage: what could not be read, growing while it is read.
        time_base: seconds per tick of `pts`.
        rate: frames per second as the header says, or None.
        first: the first frame, which iteration yields as well.

    Raises:
        SourceError: the file cannot be opened, or holds not one picture that can be decoded.
    """

    def __init__(self, path: Path, span: Span = WHOLE) -> None:
        self.path, self.span = path, span
        self.damage = Damage()
        self.container = open_container(path)
        try:
            self._prepare()
        except BaseException:
            self.close()
            raise

    @property
    def audio(self) -> tuple[AudioStream, ...]:
        """The sound tracks, in the file's order."""
        return tuple(stream for stream in self.container.streams.audio if stream.codec_context is not None)

    @property
    def aspect(self) -> Fraction | None:
        """Width of a pixel through its height, in the upright picture; None where nothing is said."""
        ratio = self.video.sample_aspect_ratio
        return 1 / ratio if ratio and self._upright.turn.transpose else ratio

    @property
    def end_s(self) -> float | None:
        """The moment at which the header says that the film ends, or None."""
        if self.video.duration is not None:
            return float((self.video.duration + (self.video.start_time or 0)) * self.time_base)
        container = self.container
        return None if container.duration is None else (container.duration + (container.start_time or 0)) / av.time_base

    def __iter__(self) -> Iterator[Event]:
        yield from self._before
        yield self.first
        yield from self._events

    def frames(self) -> Iterator[RecordedFrame]:
        """The pictures alone."""
        return (event for event in self if isinstance(event, RecordedFrame))

    def close(self) -> None:
        """Closes the file."""
        self.container.close()
        # Half read, it and the recording would keep each other alive, and the decoder.
        self._events: Iterator[Event] = iter(())

    def __enter__(self) -> Recording:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _prepare(self) -> None:
        self.video = video_stream(self.container, self.path)
        self.video.thread_type = "AUTO" if self.video.width * self.video.height > LARGE else "SLICE"
        self.time_base = self.video.time_base or Fraction(1, 90_000)
        self.rate = self.video.average_rate or self.video.guessed_rate
        self._index = seek(self.container, self.video, self.path, self.span.start_s)
        self._upright, self._events = Upright(), self._read()
        self._before: list[Event] = []
        self.first = self._first_frame()

    def _first_frame(self) -> RecordedFrame:
        for event in self._events:
            if isinstance(event, RecordedFrame):
                return event
            self._before.append(event)
        what = "no picture that can be decoded" if self.span.whole else "no picture in the part asked for"
        raise SourceError(f"{self.path}: holds {what}")

    def _read(self) -> Iterator[Event]:
        """Pictures and sound inside the span, as they come."""
        clock = Clock(self.time_base, self.video.guessed_rate or self.rate)
        found_s, missing = -math.inf, 0
        packets = read_packets(self.container, (self.video, *self.audio), self.damage)
        for packet in joined(packets, self.container):
            at_s = _time_s(packet)
            found_s = max(found_s, at_s + float((packet.duration or 0) * (packet.time_base or 0)))
            if packet.stream.index != self.video.index:
                yield from self._sound(packet, at_s)
                continue
            if _seconds(packet, packet.dts) > self.span.end_s + TRAILING_S:
                for frame in decode(last_packet(self.video), self.damage):
                    yield from self._picture(self._upright(frame), clock.stamp(frame.pts))
                return
            missing += packet.size > 0
            for frame in decode(packet, self.damage):
                missing -= 1
                yield from self._picture(self._upright(frame), clock.stamp(frame.pts))
        self._note_missing(missing)
        self._note_end(found_s)

    def _picture(self, frame: av.VideoFrame, pts: int) -> Iterator[RecordedFrame]:
        time_s = float(pts * self.time_base)
        if self.span.holds(time_s):
            yield RecordedFrame(self._index, time_s, Picture(frame), pts=pts)
        self._index += 1

    def _sound(self, packet: Packet, at_s: float) -> Iterator[Packet]:
        if packet.size and (self.span.whole or self.span.holds(at_s)):
            yield packet

    def _note_missing(self, missing: int) -> None:
        """Damage may swallow a picture without an error; in a whole film, packets without pictures mean nothing."""
        self.damage.lost = max(self.damage.lost, missing if self.damage.lost or self.damage.flawed else 0)

    def _note_end(self, found_s: float) -> None:
        promised = self.end_s
        if promised is not None and math.isfinite(found_s) and promised - found_s > SHORT_S:
            self.damage.ends_early = (found_s, promised)


def _time_s(packet: Packet) -> float:
    return _seconds(packet, packet.pts if packet.pts is not None else packet.dts)


def _seconds(packet: Packet, ticks: int | None) -> float:
    return float(ticks * packet.time_base) if ticks is not None and packet.time_base else -math.inf
