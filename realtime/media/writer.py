"""Writes the annotated film: every picture at its source's own time, with the source's sound and metadata.

    picture ──▶ encoder ──┐
    packet of a picture ──┼──▶ MP4
    packet of sound ──────┘

The new film's clock ticks as the source's does, and the clock of the whole file with all its tracks' clocks,
so that times and the offsets between tracks are kept to the tick.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import av
from av.error import FFmpegError
from av.video.stream import VideoStream

from ..errors import unwritten
from ..system.closing import Closing
from .demux import Packet
from .encoder import DecodingTimes, FilmEncoder, shift_of
from .encoding import CONTAINER, Encoding
from .reader import Recording
from .sound import Track, add_track, titled
from .subtitles import add_text
from .timecode import later

TICKS_MAX = 2**31 - 1
"""The finest clock that MP4 can hold, in ticks per second."""
OF_THE_CONTAINER = ("major_brand", "minor_version", "compatible_brands", "encoder")
"""Metadata that speaks of the source's container, not of the recording."""
USUAL = (
    "album album_artist artist comment composer compilation copyright creation_time date description disc episode_id"
    " episode_sort gapless_playback genre grouping hd_video keywords location lyrics media_type network season_number"
    " show sort_album sort_album_artist sort_artist sort_composer sort_name sort_show synopsis title track"
)
"""Metadata that MP4 has a place for, where every player looks. Other keys need a place of another kind, which then
takes them all, and which fewer players read."""


class VideoWriter(Closing):
    """The new film; use it as a context manager.

    Args:
        path: where it is written.
        recording: the source, opened.
        encoding: how pictures are compressed.
        log: hears about sound that cannot be copied.

    Raises:
        ResultError: it cannot be written there.
    """

    def __init__(self, path: Path, recording: Recording, encoding: Encoding, log: Callable[[str], None]) -> None:
        self.path, self._recording = path, recording
        self._shift, self._encoding = shift_of(recording), encoding
        try:
            self._output = av.open(f"file:{path}", "w", format=CONTAINER, options=_options(recording))
        except (FFmpegError, OSError) as error:
            raise unwritten(path, error) from None
        self._film = self._add_film()
        self._encoder = FilmEncoder(recording, encoding, self._film.codec_context)
        self._times = DecodingTimes(self._encoder.holds_back)
        shift_s = self._shift * recording.time_base
        self._tracks: dict[int, Track] = {
            source.index: add_track(self._output, source, shift_s, log) for source in recording.audio
        }
        for text in recording.texts:
            if (track := add_text(self._output, text, shift_s, log)) is not None:
                self._tracks[text.index] = track
        self._output.metadata.update(self._timed(_lasting(recording.container.metadata)))
        self._output.set_chapters(_chapters(recording, shift_s))

    def picture(self, frame: av.VideoFrame, pts: int) -> None:
        """Adds a picture, (H, W) 4:2:0, at a time in ticks of the source."""
        self._times.shows(pts - self._shift)
        self._mux(self._encoder.packets(frame, pts))

    def renew(self) -> None:
        """Begins another section: pictures that come now know nothing of those before."""
        self._mux(self._encoder.rest())
        self._times.renew()
        self._encoder = FilmEncoder(self._recording, self._encoding)

    def copy(self, shown: Iterable[int], packets: Iterable[Packet]) -> None:
        """Adds a section whose pictures another encoder, like this film's own, has compressed.

        Args:
            shown: when its pictures are shown, in ticks of the new film.
            packets: in the order of decoding.
        """
        for pts in sorted(shown):
            self._times.shows(pts)
        self._mux(packets)
        self._times.renew()

    def sound(self, packet: Packet) -> None:
        """Adds a packet of sound or subtitles; one that cannot be kept is noted as damage of the recording."""
        track, at_s = self._tracks.get(packet.stream.index), _seconds(packet)
        if track is None:
            return
        try:
            self._output.mux(track.packets(packet))
        except (FFmpegError, ValueError):
            self._recording.damage.sound += 1
            self._recording.damage.at(at_s)

    def close(self) -> None:
        """Writes what the encoders still hold, and the file's index."""
        try:
            self._guarded(self._flush)
        finally:
            self._guarded(self._output.close)

    def _timed(self, metadata: dict[str, str]) -> dict[str, str]:
        """Metadata whose timecode is that of the first picture that is written."""
        shift_s, rate = self._shift * self._recording.time_base, self._recording.rate
        if self._recording.span.whole or rate is None:
            return metadata
        frames = round(shift_s * rate)
        return {k: later(text, frames, rate) if k.lower() == "timecode" else text for k, text in metadata.items()}

    def _mux(self, packets: Iterable[Packet]) -> None:
        for packet in packets:
            self._times.stamp(packet)
            packet.stream = self._film
            self._guarded(partial(self._output.mux, packet))

    def _flush(self) -> None:
        self._mux(self._encoder.rest())
        for track in self._tracks.values():
            self._output.mux(track.rest())

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except (FFmpegError, OSError) as error:
            raise unwritten(self.path, error) from None

    def _add_film(self) -> VideoStream:
        film = self._output.add_stream(self._encoding.codec, rate=self._recording.rate or 25)
        assert isinstance(film, VideoStream)
        film.time_base = self._recording.time_base
        film.metadata.update(self._timed(titled(self._recording.video.metadata)))
        return film


def _options(recording: Recording) -> dict[str, str]:
    """A clock of the file in which every track's times are whole ticks, if MP4 can hold it."""
    bases = [recording.time_base, *(track.time_base for track in recording.audio if track.time_base)]
    ticks = recording.time_base.denominator
    for base in bases:
        finer = math.lcm(ticks, base.denominator)
        ticks = finer if finer <= TICKS_MAX else ticks
    options = {"movie_timescale": str(ticks)}
    if not _lasting(recording.container.metadata).keys() <= {*USUAL.split()}:
        options["movflags"] = "use_metadata_tags"
    return options


def _chapters(recording: Recording, shift_s: Fraction) -> list[Any]:
    """The chapters of the part that is written, on the new film's clock."""
    chapters = []
    for chapter in recording.container.chapters():
        tick, span = chapter["time_base"] or Fraction(1), recording.span
        start, end = (float(chapter[edge] * tick) for edge in ("start", "end"))
        if not span.whole:
            if end <= span.start_s or start >= span.end_s:
                continue
            start, end = max(start, span.start_s, float(shift_s)), min(end, span.end_s)
            chapter = chapter.copy()
            chapter["start"], chapter["end"] = (round((edge - float(shift_s)) / tick) for edge in (start, end))
        chapters.append(chapter)
    return chapters


def _lasting(metadata: dict[str, str]) -> dict[str, str]:
    return {key: value for key, value in metadata.items() if key.lower() not in OF_THE_CONTAINER}


def _seconds(packet: Packet) -> float:
    return float(packet.pts * packet.time_base) if packet.pts is not None and packet.time_base else 0.0
