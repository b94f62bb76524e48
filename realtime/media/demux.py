"""Packets and pictures of a container that may be damaged: what cannot be read is noted and passed over."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

import av
from av.container import InputContainer
from av.error import FFmpegError
from av.stream import Stream

from .damage import Damage

Packet: TypeAlias = "av.Packet[Any]"
PATIENCE = 100
"""Errors in a row after which the rest of a container is given up."""


def read_packets(container: InputContainer, streams: Sequence[Stream], damage: Damage) -> Iterator[Packet]:
    """All packets of some streams in the file's order, then one empty packet each, which empties the decoder.

    Args:
        container: open for reading.
        streams: whose packets are read.
        damage: notes where the container itself cannot be read.
    """
    failures = 0
    while failures < PATIENCE:
        try:
            for packet in container.demux(*streams):
                failures = 0
                yield packet
            return
        except FFmpegError:
            failures += 1
            damage.unreadable += failures == 1
    yield from map(last_packet, streams)


def last_packet(stream: Stream) -> Packet:
    """The empty packet that empties a decoder."""
    last: Packet = av.Packet()
    last.stream = stream
    return last


def decode(packet: Packet, damage: Damage) -> list[av.VideoFrame]:
    """The pictures that a packet completes; those decoded with errors are kept, and noted as flawed."""
    try:
        frames: list[av.VideoFrame] = packet.decode()
    except FFmpegError:
        _note_lost(packet, damage)
        return []
    for frame in frames:
        if frame.is_corrupt:
            damage.flawed += 1
            damage.at(_seconds(frame))
    return frames


def _note_lost(packet: Packet, damage: Damage) -> None:
    damage.lost += 1
    damage.at(_seconds(packet))


def _seconds(thing: Packet | av.VideoFrame) -> float:
    ticks = thing.pts if thing.pts is not None else thing.dts
    return float(ticks * thing.time_base) if ticks is not None and thing.time_base else 0.0
