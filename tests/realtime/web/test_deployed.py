"""The server where others reach it: behind a proxy, by https, and before visitors who do not finish what they began."""

from __future__ import annotations

import socket
import ssl
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import cv2
import numpy as np
import pytest
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from emoscope.cli import run
from emoscope.errors import EmoscopeError
from emoscope.system.bundled import assets
from emoscope.web import app, connection
from emoscope.web.address import Address, address, public_address
from emoscope.web.app_state import AppState
from emoscope.web.certificate import Certificate, checked, self_signed
from emoscope.web.qr import qr_lines
from tests.realtime.tiny import gray
from tests.realtime.web.conftest import jpeg, serving
from tests.realtime.web.talking import ANSWER_S, ask, hear, posting, talk
from tests.waiting import PATIENCE_S, until

PUBLIC = "https://faces.example"


def test_the_proxys_name_is_answered_and_no_other(app_state: AppState) -> None:
    with serving(app_state, "secret", PUBLIC) as served:
        assert served.url == f"{PUBLIC}/?token=secret"
        assert ask(served, path="/?token=secret")[0] == 403
        status, headers, _ = ask(served, path="/?token=secret", Host="faces.example")
        assert status == 303 and "Secure" in headers["set-cookie"]
        own = {"Host": "faces.example", "Cookie": headers["set-cookie"].split(";")[0]}
        assert ask(served, "POST", "/upload", jpeg(gray()), Origin=PUBLIC, **own)[0] == 200
        assert ask(served, "POST", "/upload", jpeg(gray()), Origin="http://faces.example", **own)[0] == 403
        door, cookie = socket.create_connection(("127.0.0.1", served.port)), {"Cookie": own["Cookie"]}
        with connect("ws://faces.example/talk", sock=door, origin=PUBLIC, additional_headers=cookie) as page:  # type: ignore[arg-type]
            assert "state" in hear(page)


@pytest.mark.parametrize(
    ("given", "known"),
    [
        ("https://Faces.Example/", "https://faces.example"),
        ("https://faces.example:443", "https://faces.example"),
        ("http://faces.example:8080", "http://faces.example:8080"),
        ("https://[fd00::1]:8443", "https://[fd00::1]:8443"),
    ],
)
def test_a_public_address_is_what_browsers_call_it(given: str, known: str) -> None:
    assert public_address(given) == known


@pytest.mark.parametrize("given", ["faces.example", "ftp://a", "https://", "https://a:b", "https://u@a", "https://a/b"])
def test_what_is_no_public_address_is_one_line(given: str) -> None:
    with pytest.raises(EmoscopeError, match="--public-url"):
        public_address(given)


def test_behind_a_proxy_a_token_is_made_or_taken() -> None:
    assert len(address("127.0.0.1", 1, public=PUBLIC).token) >= 24
    assert address("127.0.0.1", 1, public=PUBLIC, token="kept").token == "kept"
    assert address("127.0.0.1", 1, token="kept").token == ""


def test_health_is_told_under_any_name_and_nothing_else(app_state: AppState) -> None:
    with serving(app_state, "secret") as served:
        assert ask(served, path="/healthz", Host="10.0.0.3:1234")[::2] == (200, b"ok\n")
        assert ask(served, "POST", "/healthz", b"x")[0] == 403
        assert ask(served, path="/healthz/about.json")[0] == 403


def test_https_by_a_certificate_of_its_own(app_state: AppState) -> None:
    with self_signed(["localhost", "127.0.0.1"]) as certificate, serving(app_state, certificate=certificate) as served:
        trusting = ssl.create_default_context(cafile=str(certificate.chain))
        with (
            socket.create_connection(("127.0.0.1", served.port), ANSWER_S) as plain,
            trusting.wrap_socket(plain, server_hostname="127.0.0.1") as secure,
        ):
            host = f"127.0.0.1:{served.port}"
            secure.sendall(f"GET / HTTP/1.1\r\nHost: {host}\r\nOrigin: https://{host}\r\n\r\n".encode())
            assert secure.recv(100).startswith(b"HTTP/1.1 200")
    assert not certificate.key.exists()


def test_files_that_are_no_certificate_are_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.pem").write_text("hello")
    with pytest.raises(EmoscopeError, match="are no certificate and its key"):
        checked(Certificate(tmp_path / "a.pem", tmp_path / "a.pem"))
    assert run(["serve", "--certificate", str(tmp_path / "a.pem")]) != 0
    assert "--certificate and --key belong together" in capsys.readouterr().err


def test_a_telephone_reads_the_code() -> None:
    text = "https://192.168.1.20:8770/?token=abcdefghijklmnopqrstuvwx"
    halves = {"█": (255, 255), "▀": (255, 0), "▄": (0, 255), " ": (0, 0)}
    rows = [[halves[letter][half] for letter in line] for line in qr_lines(text) for half in (0, 1)]
    picture = cv2.resize(np.array(rows, np.uint8), None, fx=6, fy=6, interpolation=cv2.INTER_NEAREST)
    assert cv2.QRCodeDetector().detectAndDecode(picture)[0] == text


def test_the_port_comes_from_the_environment(tmp_path: Path) -> None:
    code = "import sys; from emoscope.cli import main; sys.argv = ['emoscope', 'serve', '--no-open']; main()"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        known = {"PORT": str(port), "PATH": ""}
        done = subprocess.run([sys.executable, "-c", code], env=known, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 1
    assert f"cannot listen at 127.0.0.1 port {port}" in done.stderr


def test_bodies_that_stand_still_lock_nobody_out(server: Address, monkeypatch: pytest.MonkeyPatch) -> None:
    stalled = [posting(server, b"half", 1000) for _ in range(app.MOST_WAITING + 1)]
    assert ask(server, "POST", "/upload", jpeg(gray()))[0] == 200
    monkeypatch.setattr(app, "STILL_S", 0.2)
    with posting(server, b"half", 1000) as late:
        assert late.recv(1000).startswith(b"HTTP/1.1 408")
    for opened in stalled:
        opened.close()


def test_bodies_together_are_bounded(server: Address, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "MOST_COMING_BYTES", 3000)
    with posting(server, b"x" * 2500, 5000):
        until(lambda: ask(server, "POST", "/upload", b"x" * 1000)[0] == 503)
    until(lambda: ask(server, "POST", "/upload", jpeg(gray()))[0] == 200)


def test_the_oldest_body_is_not_refused_for_those_that_came_later(
    server: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = jpeg(gray())
    monkeypatch.setattr(app, "MOST_COMING_BYTES", len(picture))
    with posting(server, picture[:-1], len(picture)) as oldest:
        until(lambda: ask(server, "POST", "/upload", picture)[0] == 503)
        oldest.sendall(picture[-1:])
        assert oldest.recv(1000).startswith(b"HTTP/1.1 200")


def test_a_head_that_does_not_come_is_not_waited_for(app_state: AppState, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "HEAD_S", 0.3)

    def talked() -> ClientConnection | None:
        with suppress(OSError, EOFError, WebSocketException):  # on a busy machine the page's own head comes too late
            return talk(served)

    with serving(app_state) as served:
        halves = [socket.create_connection(("127.0.0.1", served.port), ANSWER_S) for _ in range(50)]
        for half in halves[1:]:
            with suppress(ConnectionError):
                half.sendall(b"GET / HTTP/1.1\r\nHost: 127")
        assert all(is_ended(half) for half in halves)
        with until(talked) as page:
            hear(page)
            time.sleep(0.6)
            page.send('{"key": "a"}')
            assert "state" in hear(page)


def is_ended(connected: socket.socket) -> bool:
    """Waits until a connection is ended, or brings something."""
    with suppress(ConnectionError):
        return connected.recv(10) == b""
    return True


def test_a_video_whose_page_is_gone_ends(server: Address, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, ended = threading.Event(), []

    def slowly(data: bytes, name: str, abandoned) -> None:  # type: ignore[no-untyped-def]
        begun.set()
        ended.append(until(abandoned))
        raise EmoscopeError("nobody waits")

    monkeypatch.setattr(app, "accept", slowly)
    data = (assets() / "demo.mp4").read_bytes()[:5000]
    with posting(server, data, len(data)):
        assert begun.wait(PATIENCE_S)
    assert until(lambda: ended) == [True]
