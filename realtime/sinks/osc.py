"""Open Sound Control over UDP: typed messages that Max, Pure Data, TouchDesigner, openFrameworks and others read.

    /emoscope/frame                   frame, time_s, wall_time, monotonic_s, faces    before the faces of each frame
    /emoscope/face/N/box              x, y, width, height in pixels
    /emoscope/face/N/emotion          class, its probability                          the network's raw answer
    /emoscope/face/N/probabilities    one for each class, in the order of /emoscope/labels
    /emoscope/face/N/shown            label, confidence                               as in the window, smoothed
    /emoscope/face/N/quality          0–1, where the network tells it
    /emoscope/face/N/numbers          what else it says, such as valence and arousal, in the contract's order
    /emoscope/marker                  event, wall_time, monotonic_s
    /emoscope/labels                  the classes, once a second

A face's messages come in one bundle, a datagram. Nobody answers: who is not there, or too slow, misses them.
"""

from __future__ import annotations

import socket
from time import monotonic
from typing import TYPE_CHECKING, Any

from ..errors import EmoscopeError
from .about import About
from .sample import Marker, Sample, box_of
from .sink import SampleSink

if TYPE_CHECKING:
    from ..reading.smoothing import Shown
    from .publish import Target

LABELS_EVERY_S = 1.0
Message = tuple[str, list[tuple[Any, str]]]
"""An address, and values with OSC's letters for their types."""


class OscSender(SampleSink):
    """Sends to one address.

    Args:
        target: host and port.
        about: what is watched, and by which network.

    Raises:
        EmoscopeError: the host is not known.
    """

    def __init__(self, target: Target, about: About) -> None:
        self.name, self._about = str(target), about
        self._place: Any
        try:
            family, kind, protocol, _, self._place = socket.getaddrinfo(
                target.host, target.port, type=socket.SOCK_DGRAM
            )[0]
            self._socket = socket.socket(family, kind, protocol)
        except OSError as error:
            raise EmoscopeError(f"{target}: {error.strerror or error}: is the host's name right?") from None
        self._socket.setblocking(False)
        self._labels_s = float("-inf")

    def __call__(self, sample: Sample, /) -> None:
        if monotonic() - self._labels_s >= LABELS_EVERY_S:
            self._labels_s = monotonic()
            self._send([("/emoscope/labels", [(label, "s") for label in self._about.labels])])
        self._send([frame_message(sample)])
        for shown in sample.faces:
            self._send(face_messages(shown))

    def mark(self, marker: Marker) -> None:
        when = marker.moment
        self._send([("/emoscope/marker", [(marker.event, "s"), (when.wall_time, "s"), (when.monotonic_s, "d")])])

    def close(self) -> None:
        self._socket.close()

    def _send(self, messages: list[Message]) -> None:
        try:
            self._socket.sendto(packet(messages), self._place)
        except (BlockingIOError, ConnectionRefusedError):
            return  # nobody is there, or the system's own queue is full: datagrams may be lost
        except OSError as error:
            raise EmoscopeError(f"{error.strerror or error}: can this host be reached?") from None


def frame_message(sample: Sample) -> Message:
    """What is said of a frame."""
    when = sample.moment
    values = [(sample.index, "i"), (sample.time_s, "f"), (when.wall_time, "s"), (when.monotonic_s, "d")]
    return "/emoscope/frame", [*values, (len(sample.faces), "i")]


def face_messages(shown: Shown) -> list[Message]:
    """What is said of a face."""
    reading = shown.reading
    said, start = reading.plain or reading.prediction, f"/emoscope/face/{reading.face.track}"
    messages: list[Message] = [
        (f"{start}/box", [(value, "f") for value in box_of(reading)]),
        (f"{start}/emotion", [(said.emotion, "s"), (said.confidence, "f")]),
        (f"{start}/probabilities", [(float(share), "f") for share in said.probabilities]),
        (f"{start}/shown", [(shown.label, "s"), (float(shown.confidence), "f")]),
    ]
    if said.quality is not None:
        messages.append((f"{start}/quality", [(float(said.quality), "f")]))
    if said.numbers:
        messages.append((f"{start}/numbers", [(value, "f") for value in said.numbers.values()]))
    return messages


def packet(messages: list[Message]) -> bytes:
    """A message, or several as a bundle that is to be acted on at once."""
    from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
    from pythonosc.osc_message_builder import OscMessageBuilder

    built = []
    for address, values in messages:
        builder = OscMessageBuilder(address)
        for value, letter in values:
            builder.add_arg(value, letter)
        built.append(builder.build())
    if len(built) == 1:
        return bytes(built[0].dgram)
    bundle = OscBundleBuilder(IMMEDIATELY)
    for message in built:
        bundle.add_content(message)
    return bytes(bundle.build().dgram)
