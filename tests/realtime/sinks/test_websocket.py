"""The WebSocket server from the outside: what receivers hear, who may be one, and what a slow one does to others."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from typing import Any

import pytest

from emoscope.errors import EmoscopeError
from emoscope.sinks import websocket as server
from emoscope.sinks.publish import Target
from tests.realtime.sinks.samples import ABOUT, crowd, marker, sample
from tests.realtime.tiny import LABELS
from tests.waiting import PATIENCE_S, until

client = pytest.importorskip("websockets.sync.client", reason="the extra `stream` is not installed")
exceptions = pytest.importorskip("websockets.exceptions")


@pytest.fixture
def publisher() -> Iterator[server.WebSocketPublisher]:
    sink = server.WebSocketPublisher(Target("ws", "127.0.0.1", 0), ABOUT)
    yield sink
    sink.close()


@contextmanager
def receiver(publisher: server.WebSocketPublisher, path: str = "", **options: Any) -> Iterator[Any]:
    """A receiver that has heard who speaks."""
    before = publisher.receivers
    with client.connect(f"ws://127.0.0.1:{publisher.port}{path}", proxy=None, **options) as opened:
        assert json.loads(opened.recv(PATIENCE_S))["type"] == "hello"
        until(lambda: publisher.receivers > before)
        yield opened


def test_a_receiver_hears_who_speaks_then_frames_and_markers(publisher: server.WebSocketPublisher):
    with client.connect(f"ws://127.0.0.1:{publisher.port}", proxy=None) as one:
        hello = json.loads(one.recv(PATIENCE_S))
        assert hello == {"type": "hello", "model": "tiny", "source": "list", "labels": list(LABELS)}
        until(lambda: publisher.receivers == 1)
        sent, event = sample(3), marker("smile", 3)
        publisher(sent)
        publisher.mark(event)
        assert json.loads(one.recv(PATIENCE_S)) == sent.as_json()
        assert json.loads(one.recv(PATIENCE_S)) == event.as_json()
    assert publisher.news() == [f"publishing at ws://127.0.0.1:{publisher.port}"]


def test_a_receiver_that_leaves_is_forgotten_and_no_news(publisher: server.WebSocketPublisher):
    publisher.news()
    with receiver(publisher):
        publisher(sample())
    until(lambda: publisher.receivers == 0)
    publisher(sample())
    assert publisher.news() == []


def test_what_receivers_say_is_not_listened_to(publisher: server.WebSocketPublisher):
    with receiver(publisher) as one:
        one.send("stop")
        one.send(b"\x00" * 100)
        publisher(sample())
        assert json.loads(one.recv(PATIENCE_S))["type"] == "frame"


@pytest.mark.parametrize(
    ("origin", "heard"),
    [
        (None, True),
        ("http://localhost:3000", True),
        ("http://127.0.0.1", True),
        ("https://example.org", False),
        ("http://localhost.example.org", False),
        ("null", False),
    ],
)
def test_pages_of_other_sites_may_not_listen(origin: str | None, heard: bool, publisher: server.WebSocketPublisher):
    refused = nullcontext() if heard else pytest.raises(exceptions.InvalidStatus, match="403")
    with refused, receiver(publisher, origin=origin):
        assert heard


def test_who_can_be_reached_from_elsewhere_asks_for_a_token():
    open_to_all = server.WebSocketPublisher(Target("ws", "0.0.0.0", 0), ABOUT)
    try:
        (told,) = open_to_all.news()
        assert f"/?token={open_to_all.token}:" in told and "it is not encrypted" in told
        for path in ("", "/?token=", "/?token=guess", "/?token=%C3%A9"):
            with pytest.raises(exceptions.InvalidStatus, match="403"), receiver(open_to_all, path):
                raise AssertionError("heard")
        with receiver(open_to_all, f"/?token={open_to_all.token}", origin="https://example.org"):
            assert open_to_all.receivers == 1
    finally:
        open_to_all.close()


def test_a_taken_port_is_one_line(publisher: server.WebSocketPublisher):
    with pytest.raises(EmoscopeError, match=f"port {publisher.port} .*: publish under another port"):
        server.WebSocketPublisher(Target("ws", "127.0.0.1", publisher.port), ABOUT)


def test_no_more_than_so_many_receivers(publisher: server.WebSocketPublisher, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(server, "MOST_RECEIVERS", 1)
    with receiver(publisher), pytest.raises(exceptions.InvalidStatus, match="503"), receiver(publisher):
        raise AssertionError("heard")


def test_noise_on_the_port_is_no_news(publisher: server.WebSocketPublisher, capfd: pytest.CaptureFixture[str]):
    publisher.news()
    with socket.create_connection(("127.0.0.1", publisher.port)) as stranger:
        stranger.sendall(b"\x16\x03\x01" + bytes(range(256)) * 40)
    with receiver(publisher) as one:
        publisher(sample())
        assert json.loads(one.recv(PATIENCE_S))["type"] == "frame"
    assert publisher.news() == [] and capfd.readouterr() == ("", "")


def standing_still(port: int) -> socket.socket:
    """A receiver that says the right words and then reads nothing more."""
    stuck = socket.socket()
    stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    stuck.connect(("127.0.0.1", port))
    words = ("GET / HTTP/1.1", f"Host: 127.0.0.1:{port}", "Upgrade: websocket", "Connection: Upgrade")
    words += ("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13", "", "")
    stuck.sendall("\r\n".join(words).encode())
    return stuck


def test_one_that_reads_nothing_is_let_go_and_told_and_the_others_hear_all(
    publisher: server.WebSocketPublisher, monkeypatch: pytest.MonkeyPatch
):
    publisher.news()
    monkeypatch.setattr(server, "STILL_S", 0.3)
    large, news, heard = sample(faces=crowd(200)), [], 0
    with standing_still(publisher.port), receiver(publisher) as one:
        until(lambda: publisher.receivers == 2)

        def gone() -> bool:
            nonlocal heard
            publisher(large)
            heard += json.loads(one.recv(PATIENCE_S))["frame"] == 0
            news.extend(publisher.news())
            return publisher.receivers == 1

        until(gone)
        until(lambda: news.extend(publisher.news()) or news)
        publisher(sample(1))
        assert json.loads(one.recv(PATIENCE_S))["frame"] == 1
    (line,) = news
    assert line.startswith("receiver 127.0.0.1:") and line.endswith("was let go: it reads nothing")
    assert heard > 1


def test_frames_are_left_out_for_a_slow_one_and_come_again_once_it_reads():
    one = server._Receiver()
    assert one.takes(0) and one.takes(server.FULL_BYTES)
    assert not one.takes(server.FULL_BYTES + 1) and not one.stands_still
    assert one.left_out == 1
    assert one.takes(10)


def test_a_hundred_receivers_hear_the_same(publisher: server.WebSocketPublisher):
    with ExitStack() as stack:
        many = [stack.enter_context(receiver(publisher)) for _ in range(100)]
        publisher(sample(5))
        assert {json.loads(one.recv(PATIENCE_S))["frame"] for one in many} == {5}


def test_closing_says_goodbye():
    sink = server.WebSocketPublisher(Target("ws", "127.0.0.1", 0), ABOUT)
    with receiver(sink) as one:
        sink.close()
        with pytest.raises(exceptions.ConnectionClosedOK):
            one.recv(PATIENCE_S)
    sink.mark(marker())
    with pytest.raises(OSError, match=r"."):
        socket.create_connection(("127.0.0.1", sink.port), 1)


def test_one_that_answers_no_ping_is_let_go_and_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(server, "PING_S", 0.2)
    monkeypatch.setattr(server, "PONG_S", 0.3)
    monkeypatch.setattr(server, "CLOSE_S", 0.2)
    sink = server.WebSocketPublisher(Target("ws", "127.0.0.1", 0), ABOUT)
    try:
        sink.news()
        with standing_still(sink.port):
            (line,) = until(sink.news)
        until(lambda: sink.receivers == 0)
        assert line.startswith("receiver 127.0.0.1:") and line.endswith("was let go: it does not answer")
    finally:
        sink.close()
