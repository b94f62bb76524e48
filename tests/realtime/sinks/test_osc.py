"""OSC as python-osc hears it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from emoscope.errors import EmoscopeError
from emoscope.sinks.osc import OscSender
from emoscope.sinks.publish import Target
from tests.realtime.sinks.samples import ABOUT, crowd, marker, sample
from tests.realtime.tiny import LABELS, shown
from tests.waiting import PATIENCE_S

packets = pytest.importorskip("pythonosc.osc_packet", reason="the extra `stream` is not installed")


@pytest.fixture
def ear() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as found:
        found.bind(("127.0.0.1", 0))
        found.settimeout(PATIENCE_S)
        yield found


@pytest.fixture
def sender(ear: socket.socket) -> Iterator[OscSender]:
    sink = OscSender(Target("osc", "127.0.0.1", ear.getsockname()[1]), ABOUT)
    yield sink
    sink.close()


def heard(ear: socket.socket) -> dict[str, list[Any]]:
    """The messages of the next datagram: address → values."""
    messages = packets.OscPacket(ear.recv(65536)).messages
    return {timed.message.address: list(timed.message.params) for timed in messages}


def test_labels_a_frame_and_a_bundle_for_each_face(ear: socket.socket, sender: OscSender):
    sent = sample(3)
    sender(sent)
    assert heard(ear) == {"/emoscope/labels": list(LABELS)}
    (values,) = heard(ear).values()
    assert values == [3, pytest.approx(0.1), sent.moment.wall_time, sent.moment.monotonic_s, 2]
    bundles = {name: values for _ in range(2) for name, values in heard(ear).items()}
    assert bundles["/emoscope/face/1/box"] == [80, 10, 20, 20]
    assert bundles["/emoscope/face/1/emotion"] == ["sad", pytest.approx(0.7)]
    assert bundles["/emoscope/face/1/shown"] == ["unsure", 0.25]
    assert bundles["/emoscope/face/2/probabilities"] == pytest.approx([0.7, 0.15, 0.15])
    assert "/emoscope/face/2/quality" not in bundles


def test_quality_where_the_network_tells_it(ear: socket.socket, sender: OscSender):
    one = shown()
    told = replace(one.reading.prediction, quality=0.5)
    sender(sample(faces=(replace(one, reading=replace(one.reading, prediction=told)),)))
    assert [heard(ear) for _ in range(3)][2]["/emoscope/face/1/quality"] == [0.5]


def test_a_marker(ear: socket.socket, sender: OscSender):
    event = marker("smile")
    sender.mark(event)
    assert heard(ear) == {"/emoscope/marker": ["smile", event.moment.wall_time, event.moment.monotonic_s]}


def test_nobody_there_is_no_error():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as gone:
        gone.bind(("127.0.0.1", 0))
        port = gone.getsockname()[1]
    sender = OscSender(Target("osc", "127.0.0.1", port), ABOUT)
    for number in range(50):
        sender(sample(number, faces=crowd(20)))
    sender.close()


def test_a_host_that_is_not_known_is_one_line(monkeypatch: pytest.MonkeyPatch):
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(
        EmoscopeError, match=r"osc://no\.such\.host:9: Name or service not known: is the host's name right\?"
    ):
        OscSender(Target("osc", "no.such.host", 9), ABOUT)
