"""Sound on its way into the new file: copied packet by packet, or made AAC where MP4 cannot carry its codec."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any, Protocol, cast

import av
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.error import FFmpegError
from av.subtitles.stream import SubtitleStream

from .demux import Packet

LAYOUTS = ("mono", "stereo", "2.1", "4.0", "5.0", "5.1", "6.1", "7.1")
"""What one channel, two, and so on usually are; old formats do not say where theirs stand."""
PLAYED = ("pcm_s16le", "pcm_s16be")
"""Samples without compression that players take for what they are. MP4 has one name for those of every width, which
FFmpeg 5 and others read as 16 bits: what is wider, or has floating point, becomes noise."""
AAC_BITS = 128_000
"""A second and channel, at most: what AAC needs so that nobody hears it."""
UNSPECIFIED = re.compile(r"\d+ channels")


class Track(Protocol):
    """One sound track of the new file."""

    def packets(self, packet: Packet) -> list[Packet]:
        """What a packet of the source becomes."""
        ...

    def rest(self) -> list[Packet]:
        """What is left when the source has ended."""
        ...


class Copied:
    """A track whose packets go over untouched, `shift_s` seconds earlier.

    Args:
        stream: of the new file.
        source: whose packets come.
        shift_s: seconds by which the new film starts earlier.
    """

    def __init__(self, stream: Any, source: Any, shift_s: Fraction) -> None:
        self._stream, self._shift_s = stream, shift_s
        label(stream, source)

    def packets(self, packet: Packet) -> list[Packet]:
        """The packet itself, at home in the new file."""
        if self._shift_s and packet.time_base:
            ticks = round(self._shift_s / packet.time_base)
            packet.pts = None if packet.pts is None else packet.pts - ticks
            packet.dts = None if packet.dts is None else packet.dts - ticks
        packet.stream = self._stream
        return [packet]

    def rest(self) -> list[Packet]:
        """Nothing: every packet went over at once."""
        return []


class Encoded:
    """A track that is decoded and made AAC.

    Args:
        output: the new film.
        source: whose packets come.
        shift_s: seconds by which the new film starts earlier.
    """

    def __init__(self, output: OutputContainer, source: AudioStream, shift_s: Fraction) -> None:
        layout, rate = _usual_layout(source), _rate(source)
        self._stream = output.add_stream("aac", rate=rate, layout=layout)
        self._stream.bit_rate = min(AAC_BITS, 2 * rate) * self._stream.codec_context.channels
        self._resampler = AudioResampler("fltp", layout, rate)
        self._shift_s = shift_s
        label(self._stream, source)

    def packets(self, packet: Packet) -> list[Packet]:
        """AAC of the sound that the packet holds."""
        made: list[Packet] = []
        for frame in cast("list[av.AudioFrame]", packet.decode()):
            if frame.pts is not None and frame.time_base:
                frame.pts -= round(self._shift_s / frame.time_base)
            made += self._encoded(frame)
        return made

    def rest(self) -> list[Packet]:
        """AAC of the last samples."""
        return [*self._encoded(None), *self._stream.encode(None)]

    def _encoded(self, frame: av.AudioFrame | None) -> list[Packet]:
        return [packet for even in self._resampler.resample(frame) for packet in self._stream.encode(even)]


def _usual_layout(source: AudioStream) -> str:
    return LAYOUTS[min(source.codec_context.channels, len(LAYOUTS)) - 1]


def _rate(source: AudioStream) -> int:
    """The source's samples a second, or the nearest number that AAC knows."""
    wanted = source.codec_context.sample_rate
    return min(av.Codec("aac", "w").audio_rates or [wanted], key=lambda rate: abs(rate - wanted))


def add_track(output: OutputContainer, source: AudioStream, shift_s: Fraction, log: Callable[[str], None]) -> Track:
    """Adds a sound track to a film that is being written.

    Args:
        output: the film.
        source: the track, as the recording has it.
        shift_s: seconds by which the new film starts earlier.
        log: hears in one line where the codec has to change.
    """
    if carries(output.format.name, source):
        stream = output.add_stream_from_template(source, opaque=True)
        if UNSPECIFIED.fullmatch(source.codec_context.layout.name):  # MP4 refuses it, and only when all is written
            stream.codec_context.layout = _usual_layout(source)
        return Copied(stream, source, shift_s)
    plain = source.codec_context.name.startswith("pcm_")
    why = "is noise in many players of MP4" if plain else "does not fit into MP4"
    log(f"sound track {source.index}: {source.codec_context.name} {why}, so it becomes AAC")
    return Encoded(output, source, shift_s)


def carries(container: str, source: AudioStream) -> bool:
    """Whether a container takes the track's packets as they are, so that players play them: tried in memory."""
    name = source.codec_context.name
    if name.startswith("pcm_") and name not in PLAYED:
        return False
    try:
        with av.open(io.BytesIO(), "w", format=container) as trial:
            trial.add_stream_from_template(source, opaque=True)
            trial.start_encoding()
    except (FFmpegError, ValueError):
        return False
    return True


def label(target: AudioStream | SubtitleStream, source: AudioStream | SubtitleStream) -> None:
    """Hands over language, title and the like, and which track plays by default."""
    target.metadata.update(titled(source.metadata))
    target.disposition = source.disposition


def titled(metadata: dict[str, str]) -> dict[str, str]:
    """A track's metadata as MP4 writes it: what it reads as `name` it wants to be told as `title`."""
    return {"title": metadata["name"], **metadata} if "name" in metadata else metadata
