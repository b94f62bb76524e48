"""Subtitles on their way into the new film: copied, or from another kind of text to MP4's own.

MP4 carries timed text (mov_text) and the pictures of DVDs. Text of other containers is decoded and written anew, with
its italics and colours; what else consists of pictures has no place there and is left out, with a note.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import av
from av.container import OutputContainer
from av.error import FFmpegError
from av.subtitles.stream import SubtitleStream

from .demux import Packet
from .sound import Copied, Track, label

TEXT = frozenset(
    (
        *("ass", "jacosub", "microdvd", "mpl2", "pjs", "realtext", "sami", "srt", "ssa", "stl", "subrip", "subviewer"),
        *("subviewer1", "text", "ttml", "vplayer", "webvtt", "arib_caption", "eia_608", "cc_dec"),
    )
)
HEADER = b"""[Script Info]
ScriptType: v4.00+
PlayResX: 384
PlayResY: 288

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline,\
 StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding
Style: Default,Arial,16,&Hffffff,&Hffffff,&H0,&H0,0,0,0,0,100,100,0,0,1,1,0,2,10,10,10,0

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
"""
"""The style that MP4's text gets where its own says nothing, as FFmpeg's encoder wants to be told."""


class EncodedText:
    """A track of text that is written anew as MP4's own.

    Args:
        output: the new film.
        source: whose packets come.
        shift_s: seconds by which the new film starts earlier.
    """

    def __init__(self, output: OutputContainer, source: SubtitleStream, shift_s: Fraction) -> None:
        self._stream = output.add_stream("mov_text")
        self._stream.codec_context.subtitle_header = HEADER
        self._stream.codec_context.time_base = self._stream.time_base = source.time_base or Fraction(1, 1000)
        self._shift_s = shift_s
        label(self._stream, source)

    def packets(self, packet: Packet) -> list[Packet]:
        """The lines that a packet holds."""
        from av.subtitles.subtitle import SubtitleSet

        if packet.pts is None or packet.time_base is None:
            return []
        made: list[Packet] = []
        lines: list[Any] = packet.decode()
        for line in lines:
            text = SubtitleSet.create(text=line.ass, start=0, end=packet.duration or 0, pts=packet.pts)
            coded: Packet = self._stream.codec_context.encode_subtitle(text)
            coded.pts = coded.dts = packet.pts - round(self._shift_s / packet.time_base)
            coded.duration, coded.time_base, coded.stream = packet.duration, packet.time_base, self._stream
            made.append(coded)
        return made

    def rest(self) -> list[Packet]:
        """Nothing: every line was written at once."""
        return []


def add_text(
    output: OutputContainer, source: SubtitleStream, shift_s: Fraction, log: Callable[[str], None]
) -> Track | None:
    """Adds a subtitle track to a film that is being written; None where MP4 has no place for it.

    Args:
        output: the film.
        source: the track, as the recording has it.
        shift_s: seconds by which the new film starts earlier.
        log: hears in one line what became of it, where it cannot be copied.
    """
    name = source.codec_context.name if source.codec_context is not None else "of an unknown kind"
    if _carries(output.format.name, source):
        return Copied(output.add_stream_from_template(source), source, shift_s)
    if name in TEXT and hasattr(source.codec_context, "encode_subtitle"):
        log(f"subtitle track {source.index}: {name} does not fit into MP4, so it becomes mov_text")
        return EncodedText(output, source, shift_s)
    log(f"subtitle track {source.index}: {name} does not fit into MP4, so it is left out")
    return None


def _carries(container: str, source: SubtitleStream) -> bool:
    """Whether a container takes the track's packets as they are: tried in memory."""
    if source.codec_context is None or source.codec_context.name in TEXT:
        return False
    try:
        with av.open(io.BytesIO(), "w", format=container) as trial:
            trial.add_stream_from_template(source)
            trial.start_encoding()
    except (FFmpegError, ValueError):
        return False
    return True
