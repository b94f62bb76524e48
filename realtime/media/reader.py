"""Reads a recording from end to end: every frame that can be decoded, upright, with its own time; sound in between.

    file ──packets──▶ decoder ──▶ whole lines ──▶ developed ──▶ RecordedFrame
             └───── sound, untouched ─────────────────────────▶ av.Packet

What is damaged is passed over and noted; reading goes on behind it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeAlias

import av
from av.audio.stream import AudioStream
from av.subtitles.stream import SubtitleStream

from ..errors import SourceError
from ..system.closing import Closing
from ..types import Frame
from .clock import Clock
from .damage import Damage
from .demux import Packet, decode, last_packet, read_packets
from .develop import Developer, Handling
from .discontinuity import TS_DISCONT, joined
from .fields import Fields, Sight
from .memory_file import MemoryFile
from .opening import films_of, video_stream
from .planes import Picture
from .shape import Shape
from .span import WHOLE, KeyFrames, Span, seek
from .tape import Tape

SHORT_S = 0.5
"""A film that ends this much before the end its header promises was cut off, in seconds."""
LARGE = 1920 * 1088
"""Pictures with more pixels than this are decoded several at once. It costs memory, and around damage it loses
pictures in an order that differs from run to run, so smaller ones, which one core decodes quickly, do without."""
TRAILING_S = 1.0
"""Sound may stand this much behind its pictures in a file, in seconds."""
MATROSKA = "matroska"
"""In the names of the format of MKV and WebM."""


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


class Recording(Closing):
    """An open recording; use it as a context manager, and iterate over it once.

    Args:
        path: the file, on disk or in memory.
        span: the part to read.
        canvas: the shape that all pictures get; None for that of the first.
        fixed: whether all pictures get one shape; else each keeps its own.
        film: number of the video stream that is read, from 0; None for the largest.
        fps: pictures a second, where numbered files are the film.
        keys: the film's key frames, where they have been looked for already.
        hwaccel: kind of device that decodes where it can, by FFmpeg's name; "" for the processor.

    Attributes:
        again: whether the source can be read once more.
        films: numbers of the video streams that the file has.
        film: number of the one that is read.
        damage: what could not be read, growing while it is read.
        time_base: seconds per tick of `pts`.
        rate: frames per second as the header says, or None.
        first: the first frame, which iteration yields as well.

    Raises:
        SourceError: the file cannot be opened, or holds not one picture that can be decoded.
    """

    def __init__(
        self,
        path: Path | MemoryFile,
        span: Span = WHOLE,
        *,
        canvas: Shape | None = None,
        fixed: bool = True,
        film: int | None = None,
        fps: Fraction | None = None,
        keys: KeyFrames | None = None,
        hwaccel: str = "",
    ) -> None:
        self.path, self.span, self._hwaccel = path, span, hwaccel
        self._wanted, self._keys = film, keys
        self.damage = Damage()
        self._develop, self._fields = Developer(canvas, fixed), Fields()
        self._tape = Tape(path, fps, hwaccel)
        self.again = self._tape.again
        try:
            self.container = self._tape.open()
            self._prepare()
        except BaseException:
            self.close()
            raise

    @property
    def audio(self) -> tuple[AudioStream, ...]:
        """The sound tracks, in the file's order."""
        return tuple(stream for stream in self.container.streams.audio if stream.codec_context is not None)

    @property
    def texts(self) -> tuple[SubtitleStream, ...]:
        """The subtitle tracks, in the file's order."""
        return tuple(self.container.streams.subtitles)

    @property
    def aspect(self) -> Fraction | None:
        """Width of a pixel of the new film through its height; None where nothing is said."""
        canvas = self.handling.canvas
        return None if canvas is None or not self.video.sample_aspect_ratio else canvas.aspect

    @property
    def handling(self) -> Handling:
        """What was done to the pictures so far."""
        return self._develop.handling

    def describe(self, film: bool = True) -> list[str]:
        """One line for people about each thing that was chosen or done to the pictures.

        Args:
            film: whether a new film is made of it.
        """
        others = (
            f"video stream {self.film} is read, of {', '.join(map(str, self.films))}: --video-stream chooses another"
        )
        notes = [self._tape.note] if self._tape.note else []
        if self._hwaccel and not self.video.codec_context.is_hwaccel:
            notes.append(f"{self._hwaccel} does not decode this recording here: the processor does")
        notes += [others] if len(self.films) > 1 else []
        if self.first.time_s < 0 and self.span.whole:
            told = f"its clock begins at {self.first.time_s:.3f} s, as in its rows"
            notes.append(f"{told}; MP4 has no time before 0, so the new film begins there" if film else told)
        return [*notes, *self.handling.describe(), *self._clock.describe()]

    def as_json(self) -> dict[str, Any]:
        """The same, to be read by programs, with the size that coordinates are in."""
        about = {"video_stream": self.film, "video_streams": list(self.films), "mended_times": self._clock.mended}
        return {**about, **self.handling.as_json()}

    @property
    def outgrown(self) -> bool:
        """Whether a picture has come that has more pixels than the one shape that all get."""
        canvas = self.handling.canvas
        return canvas is not None and len(self.handling.shapes) > 1 and self.handling.largest.area > canvas.area

    def shapes_ahead(self) -> Iterator[float]:
        """Reads the rest of the part, only to learn what shapes its pictures have; yields the time it has come to."""
        for packet in self.container.demux(self.video):
            at_s = _time_s(packet)
            for frame in decode(packet, Damage()):
                self.handling.shapes[self._develop.shape(frame, self._aspect())] += 1
            if at_s > self.span.end_s + TRAILING_S:
                break
            yield at_s

    @property
    def regular(self) -> bool:
        """Whether what was read so far would have been the same had reading begun anywhere in it: nothing damaged,
        no time mended, all pictures of one shape and kind."""
        return not self.damage.of_pictures and not self._clock.mended and self.handling.even and not self._splices

    @property
    def seekable(self) -> bool:
        """Whether the source can be read again from a moment in it."""
        return self.again and self._tape.seekable

    def key_frames(self) -> KeyFrames | None:
        """Where the film can be begun; None where that is only at its beginning."""
        return None if self._splices else KeyFrames.of(self._tape, self.video)

    def beside(self) -> Iterator[tuple[float, Packet]]:
        """Sound and subtitles of the part alone, each with its time in seconds; instead of iterating."""
        streams = (*self.audio, *self.texts)
        if not streams:
            return
        with self._tape.open() as container:
            own = {stream.index: stream for stream in streams}
            packets = read_packets(container, [container.streams[index] for index in own], Damage())
            for packet in joined(packets, container):
                at_s = _time_s(packet)
                if at_s > self.span.end_s + TRAILING_S:
                    return
                packet.stream = own[packet.stream.index]
                for one in self._beside(packet, at_s):
                    yield _time_s(one), one

    @property
    def end_s(self) -> float | None:
        """The moment at which the header says that the film ends, or None.

        Some writers of Matroska state its length there, most the end on its clock. The smaller is taken, for what is
        whole must not be called cut off; an end before the beginning can only be a length.
        """
        if self.video.duration is not None:
            return float((self.video.duration + (self.video.start_time or 0)) * self.time_base)
        length, start = self.container.duration, self.container.start_time or 0
        if length is None:
            return None
        is_end = MATROSKA in self.container.format.name and length > start
        return (length if is_end else start + length) / av.time_base

    def __iter__(self) -> Iterator[Event]:
        yield from self._before
        yield self.first
        yield from self._events

    def frames(self) -> Iterator[RecordedFrame]:
        """The pictures alone."""
        return (event for event in self if isinstance(event, RecordedFrame))

    def close(self) -> None:
        """Closes the file."""
        if hasattr(self, "container"):
            self.container.close()
        self._tape.close()
        # Half read, it and the recording would keep each other alive, and the decoder.
        self._events: Iterator[Event] = iter(())

    def _prepare(self) -> None:
        films = films_of(self.container)
        self.video = video_stream(self.container, self.path, self._wanted)
        self.films = tuple(films)
        self.film = next(number for number, stream in films.items() if stream.index == self.video.index)
        self.video.thread_type = "AUTO" if self.video.width * self.video.height > LARGE else "SLICE"
        # PyAV 19 has fractions of its own, which know less than Python's.
        self.time_base = Fraction(self.video.time_base or Fraction(1, 90_000))
        rate = self.video.average_rate or self.video.guessed_rate
        self.rate = Fraction(rate) if rate else None
        self._clock = Clock(self.time_base, self.video.guessed_rate or self.rate)
        self._splices = bool(self.container.format.flags & TS_DISCONT)
        self._coded_aspect = self.video.codec_context.sample_aspect_ratio == self.video.sample_aspect_ratio
        self._numbering = seek(self.container, self.video, self._tape, self.span.start_s, self._keys)
        self._index: int | None = None
        self._events = self._read()
        self._before: list[Event] = []
        self.first = self._first_frame()

    def _first_frame(self) -> RecordedFrame:
        for event in self._events:
            if isinstance(event, RecordedFrame):
                return event
            self._before.append(event)
        if self.span.whole:
            raise SourceError(f"{self.path}: holds no picture that can be decoded")
        raise SourceError(f"{self.path}: holds no picture in the part asked for{self._place()}")

    def _place(self) -> str:
        """Where the pictures lie by the header, to stand behind a message; "" where it does not say."""
        if self.end_s is None:
            return ""
        start_s = float((self.video.start_time or 0) * self.time_base)
        return f": its header says that they lie from {round(start_s, 2):.12g} to {round(self.end_s, 2):.12g} s"

    def _read(self) -> Iterator[Event]:
        """Pictures and sound inside the span, as they come."""
        clock = self._clock
        found_s, lines_s, missing = -math.inf, -math.inf, 0
        texts = {stream.index for stream in self.texts}
        packets = read_packets(self.container, (self.video, *self.audio, *self.texts), self.damage)
        for packet in joined(packets, self.container):
            at_s, track = _time_s(packet), packet.stream.index
            until_s = at_s + max(0.0, _seconds(packet.duration, packet.time_base))
            if track in texts:  # the last line may stand beyond the end
                lines_s = max(lines_s, until_s)
            else:
                found_s = max(found_s, until_s)
            if track != self.video.index:
                yield from self._beside(packet, at_s)
                continue
            if _seconds(packet.dts, packet.time_base) > self.span.end_s + TRAILING_S:
                for frame in decode(last_packet(self.video), self.damage):
                    yield from self._pictures(self._fields.push(frame, clock.stamp(frame.pts)))
                yield from self._pictures(self._fields.rest())
                return
            missing += packet.size > 0
            for frame in decode(packet, self.damage):
                missing -= 1
                yield from self._pictures(self._fields.push(frame, clock.stamp(frame.pts)))
        yield from self._pictures(self._fields.rest())
        self._note_missing(missing)
        self._note_end(found_s, lines_s)

    def _pictures(self, sights: Iterable[Sight]) -> Iterator[RecordedFrame]:
        for sight in sights:
            if self._index is None:
                self._index = self._numbering.of(sight.pts)
            time_s = _seconds(sight.pts, self.time_base)
            if self.span.holds(time_s):
                yield RecordedFrame(self._index, time_s, self._develop(sight, self._aspect()), pts=sight.pts)
            self._index += 1

    def _aspect(self) -> Fraction | None:
        """Of the pixels that are decoded now; broadcasts change it on the way, and only the decoder knows."""
        coded = self.video.codec_context.sample_aspect_ratio
        return coded if self._coded_aspect else self.video.sample_aspect_ratio

    def _beside(self, packet: Packet, at_s: float) -> Iterator[Packet]:
        """A packet of sound or subtitles, if it lies in the part; a line that reaches into it is shortened."""
        if not packet.size:
            return
        lines, start_s = packet.stream.type == "subtitle", self.span.start_s
        end_s = at_s + float((packet.duration or 0) * (packet.time_base or 0))
        if lines and packet.time_base and at_s < start_s < end_s:
            late = round(start_s / packet.time_base) - (packet.pts or 0)
            packet.pts, packet.duration = (packet.pts or 0) + late, max(1, (packet.duration or 0) - late)
            packet.dts, at_s = packet.pts, start_s
        if self.span.whole or self.span.holds(at_s):
            yield packet

    def _note_missing(self, missing: int) -> None:
        """Damage may swallow a picture without an error; in a whole film, packets without pictures mean nothing."""
        self.damage.lost = max(self.damage.lost, missing if self.damage.lost or self.damage.flawed else 0)

    def _note_end(self, found_s: float, lines_s: float) -> None:
        """Where the header tells only when the longest track ends, that may be the last line of the subtitles."""
        promised = self.end_s
        reached_s = max(found_s, lines_s) if self.video.duration is None else found_s
        if promised is not None and math.isfinite(found_s) and promised - reached_s > SHORT_S:
            self.damage.ends_early = (found_s, promised)


def _time_s(packet: Packet) -> float:
    return _seconds(packet.pts if packet.pts is not None else packet.dts, packet.time_base)


def _seconds(ticks: int | None, time_base: Fraction | None) -> float:
    """The nearest float, as Python's fractions say it too, which take ten times as long."""
    return -math.inf if ticks is None or not time_base else ticks * time_base.numerator / time_base.denominator
