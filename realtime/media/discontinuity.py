"""Timestamp discontinuities, as in spliced recordings: a clock that starts anew goes on where it was.

    times in the file   0 1 2 3 | 0 1 2 3
    times as read       0 1 2 3 | 4 5 6 7

Only transport and program streams may be joined by putting file behind file, and only their clocks are mended.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from av.container import InputContainer

from .demux import Packet

TS_DISCONT = 0x0200
"""FFmpeg's mark of containers whose clocks may jump (libavformat/avformat.h)."""
JUMP_S = 1
"""Packets of one track stand in order; one that comes this much too early, in seconds, begins a new piece."""


@dataclass(slots=True)
class _Track:
    """How far a track has come: the piece it is in, and its latest time in seconds."""

    piece: int = 0
    last_s: Fraction | None = None


def joined(packets: Iterable[Packet], container: InputContainer) -> Iterator[Packet]:
    """The packets, those behind a discontinuity with times that go on; all tracks of a piece move alike."""
    if not container.format.flags & TS_DISCONT:
        yield from packets
        return
    shifts_s, tracks, end_s = [Fraction(0)], defaultdict[int, _Track](_Track), Fraction(0)
    for packet in packets:
        ticks = packet.dts if packet.dts is not None else packet.pts
        if ticks is not None and packet.time_base:
            track, at_s = tracks[packet.stream.index], ticks * packet.time_base
            if track.last_s is not None and at_s + shifts_s[track.piece] < track.last_s - JUMP_S:
                track.piece += 1
                if track.piece == len(shifts_s):
                    shifts_s.append(end_s - at_s)
            track.last_s = at_s + shifts_s[track.piece]
            end_s = max(end_s, track.last_s + (packet.duration or 0) * packet.time_base)
            _shift(packet, round(shifts_s[track.piece] / packet.time_base))
        yield packet


def _shift(packet: Packet, ticks: int) -> None:
    packet.dts = None if packet.dts is None else packet.dts + ticks
    packet.pts = None if packet.pts is None else packet.pts + ticks
