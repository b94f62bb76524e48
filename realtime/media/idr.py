"""Whether pictures of an H.264 film can be decoded from a key frame on, or only from some way behind it.

A container calls key frame what a player may begin with. Where that is no IDR picture, the picture may come to be only
bit by bit over those that follow, as cameras send it that spread their key frames out (periodic intra refresh).

    stored with lengths (avcC)      0 0 0 5 | 65 …          the low five bits of the first byte are the unit's kind
    stored with start codes         0 0 1 | 65 …            5 is a slice of an IDR picture
"""

from __future__ import annotations

from collections.abc import Iterator

IDR, KIND = 5, 0x1F
START = b"\0\0\1"


def begins_anew(packet: bytes, extradata: bytes | None) -> bool:
    """Whether a packet of H.264 holds an IDR picture.

    Args:
        packet: its bytes.
        extradata: what the container says about the stream; with a leading 1 lengths stand before each unit.
    """
    units = _with_lengths(packet, 1 + (extradata[4] & 3)) if extradata and extradata[0] == 1 else _coded(packet)
    return any(kind == IDR for kind in units)


def _with_lengths(packet: bytes, size: int) -> Iterator[int]:
    at = 0
    while at + size < len(packet):
        yield packet[at + size] & KIND
        at += size + int.from_bytes(packet[at : at + size], "big")


def _coded(packet: bytes) -> Iterator[int]:
    at = packet.find(START)
    while 0 <= at < len(packet) - len(START):
        yield packet[at + len(START)] & KIND
        at = packet.find(START, at + len(START))
