"""The running server: its WebSocket, uploads, results, several pages."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time

import cv2
import numpy as np
import pytest

from emoscope.network.atlas import Atlas, AtlasLayer
from emoscope.report.explain.beside import Beside
from emoscope.web import app
from emoscope.web.address import Address
from emoscope.web.app_state import AppState
from emoscope.web.client_state import ClientState, Sent
from emoscope.web.packet import LENGTH
from tests.realtime.tiny import FixedFinder, gray
from tests.realtime.web.conftest import jpeg, serving
from tests.realtime.web.talking import ask, hear, talk
from tests.waiting import PATIENCE_S, until


def frame(number: int, time_s: float = 0.0) -> bytes:
    header = json.dumps({"number": number, "time_s": time_s, "still": True, "inside": False}).encode()
    return LENGTH.pack(len(header)) + header + jpeg(gray(204))


def test_what_the_page_must_know(server: Address) -> None:
    about = json.loads(ask(server, path="/about.json")[2])
    assert about["labels"] == ["happy", "sad", "neutral"]
    assert [layer["name"] for layer in about["layers"]] == ["conv1", "pool1"]
    assert {"name": "gradcam", "title": "Grad-CAM"} in about["methods"]
    assert {"g", "space", "tab"} <= set(about["keys"])
    assert all(len(colours) == 256 for colours in about["palettes"].values())
    assert about["palettes"]["viridis"][0] == [68, 1, 84]


def test_the_atlas_is_told_a_layer_at_a_time(app_state: AppState) -> None:
    sheet = np.arange(64, dtype=np.uint8).reshape(4, 16)
    means, shares = np.float32([[1, np.nan, 0]] * 4), np.float32([[0.25, -0.5, 0]] * 4)
    layer = AtlasLayer("conv1", 4, 5, 4, 4, sheet, np.float32([1, 2, 3, 4]), means, shares, ((),) * 4)
    app_state.known = Beside(atlas=Atlas("tiny", ("happy", "sad", "neutral"), 3, {}, {"conv1": layer}))
    with serving(app_state) as address:
        assert json.loads(ask(address, path="/about.json")[2])["atlas"] == ["conv1"]
        told = json.loads(ask(address, path="/atlas/conv1.json")[2])
        picture = cv2.imdecode(np.frombuffer(ask(address, path="/atlas/conv1.png")[2], np.uint8), cv2.IMREAD_UNCHANGED)
        assert ask(address, path="/atlas/pool1.json")[0] == ask(address, path="/atlas/pool1.png")[0] == 404
    assert (told["tile"], told["columns"], told["field"]) == (4, 4, 5)
    assert (told["means"][0], told["shares"][3], told["excited"]) == ([1, None, 0], [0.25, -0.5, 0], [1, 2, 3, 4])
    np.testing.assert_array_equal(picture, sheet)


def test_a_conversation(server: Address) -> None:
    with talk(server) as socket:
        assert hear(socket)["state"]["view"] == "gradcam"
        socket.send(frame(7))
        reading = hear(socket)
        assert (reading["number"], reading["faces"][0]["label"]) == (7, "happy")
        socket.send(json.dumps({"key": "a"}))
        assert hear(socket)["state"]["view"] == "maps"
        socket.send(json.dumps({"choose": {"layer": 0}}))
        assert hear(socket)["state"]["layer"] == 0


@pytest.mark.parametrize("words", ["", "{", "[]", '{"key": 3}', '{"choose": "x"}', "null", "[" * 10000])
def test_nonsense_is_answered_and_the_conversation_goes_on(server: Address, words: str) -> None:
    with talk(server) as socket:
        hear(socket)
        socket.send(words)
        assert "load the page again" in hear(socket)["error"]
        socket.send(b"nonsense")
        assert "load the page again" in hear(socket)["error"]
        socket.send(frame(1))
        assert hear(socket)["number"] == 1


@pytest.mark.parametrize(
    "choices",
    [
        {"view": []},
        {"view": {}},
        {"rule": {}},
        {"prior": [1]},
        {"opacity": True},
        {"opacity": float("nan")},
        {"layer": {}},
    ],
)
def test_a_choice_of_another_type_changes_nothing(server: Address, choices: dict[str, object]) -> None:
    with talk(server) as page:
        before = hear(page)["state"]
        page.send(json.dumps({"choose": choices}))
        assert hear(page)["state"] == before


@pytest.mark.parametrize(
    "wrong",
    [{"time_s": float("nan")}, {"time_s": 1e308}, {"time_s": "5"}, {"number": 10**400}, {"number": -1}, {"still": [1]}],
)
def test_a_frame_with_impossible_numbers_is_answered(server: Address, wrong: dict[str, object]) -> None:
    header = json.dumps({"number": 1, "time_s": 0, "still": True, "inside": False} | wrong).encode()
    with talk(server) as page:
        hear(page)
        page.send(LENGTH.pack(len(header)) + header + jpeg(gray(204)))
        assert hear(page) == {"error": "not a frame of this page: load the page again"}
        page.send(frame(2))
        assert hear(page)["number"] == 2


def test_a_defect_is_told_and_the_conversation_goes_on(
    server: Address, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def fail(self: ClientState, *_: object) -> bytes:
        raise TypeError("unhashable")

    with talk(server) as page:
        hear(page)
        with monkeypatch.context() as patched:
            patched.setattr(ClientState, "read", fail)
            page.send(frame(4))
            told = hear(page)
        assert told["skipped"] == 4 and "EmoScope failed (TypeError: unhashable)" in told["error"]
        page.send(frame(6))
        assert hear(page)["number"] == 6
    assert "Traceback" not in capfd.readouterr().err


def test_whoever_leaves_in_the_middle_prints_nothing(
    app_state: AppState, server: Address, capfd: pytest.CaptureFixture[str]
) -> None:
    own = f"Host: 127.0.0.1:{server.port}\r\nOrigin: http://127.0.0.1:{server.port}\r\n"
    for head, body in (("Content-Length: 100000", "half"), ("Transfer-Encoding: chunked", "4\r\nhalf\r\n")):
        with socket.create_connection(("127.0.0.1", server.port)) as connection:
            connection.sendall(f"POST /upload HTTP/1.1\r\n{own}{head}\r\n\r\n{body}".encode())
            time.sleep(0.1)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    with talk(server) as page:
        hear(page)
        for number in range(20):
            page.send(frame(number))
        page.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        page.socket.close()
    until(lambda: app_state.clients == 0)
    assert ask(server, path="/about.json")[0] == 200
    assert capfd.readouterr().err == ""


def test_a_damaged_frame_is_answered_with_its_number(server: Address) -> None:
    with talk(server) as socket:
        hear(socket)
        socket.send(frame(3)[:120])
        answer = hear(socket)
        assert answer["skipped"] == 3
        assert "damaged" in answer["error"]


def test_frames_never_queue(app_state: AppState, server: Address, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go, read = threading.Event(), threading.Event(), ClientState.read

    def slow(self: ClientState, *arguments: object) -> bytes:
        begun.set()
        go.wait()
        return read(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(ClientState, "read", slow)
    with talk(server) as socket:
        hear(socket)
        socket.send(frame(1))
        assert begun.wait(PATIENCE_S)
        for number in range(2, 8):
            socket.send(frame(number))
        skipped = [hear(socket)["skipped"] for _ in range(5)]
        go.set()
        answered = [hear(socket)["number"] for _ in range(2)]
    assert skipped == [2, 3, 4, 5, 6]
    assert answered == [1, 7]


def test_another_source_begins_with_its_own_first_frame(server: Address, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go, read, known = threading.Event(), threading.Event(), ClientState.read, []

    def slow(self: ClientState, sent: Sent, picture: bytes, source: int) -> bytes:
        known.append((sent.number, source))
        begun.set()
        go.wait(PATIENCE_S)
        return read(self, sent, picture, source)

    monkeypatch.setattr(ClientState, "read", slow)
    with talk(server) as socket:
        hear(socket)
        socket.send(frame(1))
        assert begun.wait(PATIENCE_S)
        socket.send(frame(2))
        socket.send(json.dumps({"forget": True}))
        assert hear(socket)["skipped"] == 2, "a frame of the source before"
        socket.send(frame(3))
        socket.send(frame(4))
        assert hear(socket)["skipped"] == 3
        go.set()
        assert [hear(socket)["number"] for _ in range(2)] == [1, 4]
    assert known == [(1, 0), (4, 1)]


def test_another_source_forgets_choices_of_a_face_at_once(server: Address) -> None:
    with talk(server) as page:
        hear(page)
        page.send(frame(1))
        assert hear(page)["faces"][0]["track"] == 1
        page.send(json.dumps({"key": ";"}))
        assert hear(page)["state"]["at_rest"] == [1]
        page.send(json.dumps({"forget": True}))
        page.send(json.dumps({"choose": {"mirror": False}}))
        assert hear(page)["state"]["at_rest"] == []
        page.send(frame(2))
        assert "at_rest" not in hear(page)["faces"][0]


def test_pages_share_the_network_but_not_their_faces(app_state: AppState, server: Address) -> None:
    with talk(server) as one, talk(server) as other:
        hear(one), hear(other)
        one.send(json.dumps({"key": "a"}))
        assert hear(one)["state"]["view"] == "maps"
        for socket in (one, other):
            socket.send(frame(1))
        assert "maps" in hear(one)
        assert "maps" not in hear(other)
        assert app_state.clients == 2


def test_too_many_pages_are_told_so(app_state: AppState, server: Address, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "MOST_CLIENTS", 1)
    with talk(server) as first, talk(server) as second:
        hear(first)
        with pytest.raises(Exception, match="1 pages are open already"):
            hear(second)


def test_a_closed_page_frees_its_finder(app_state: AppState, server: Address) -> None:
    finder = FixedFinder()
    app_state.open_finder = lambda: finder  # type: ignore[assignment,return-value]
    with talk(server) as socket:
        hear(socket)
    until(lambda: finder.closed and app_state.clients == 0)


def test_uploads_and_their_refusals(server: Address, monkeypatch: pytest.MonkeyPatch) -> None:
    status, headers, body = ask(server, "POST", "/upload", jpeg(gray()), X_File_Name="a.jpg")
    assert (status, headers["content-type"]) == (200, "image/jpeg")
    assert body.startswith(b"\xff\xd8")
    status, _, body = ask(server, "POST", "/upload", b"<html>", X_File_Name="..%2F%3Cb%3E.mp4")
    assert status == 422
    assert body.startswith(b"<b>.mp4: a web page saved under a video")
    monkeypatch.setattr(app, "MOST_VIDEO_BYTES", 10**6)
    assert ask(server, "POST", "/upload", b"x" * (10**6 + 1))[0] == 413


@pytest.mark.parametrize(("kind", "head"), [("png", b"\x89PNG"), ("pdf", b"%PDF"), ("html", b"<!doctype html>")])
def test_results_can_be_taken_home(server: Address, kind: str, head: bytes) -> None:
    status, _, body = ask(server, "POST", f"/result/{kind}?face=1", jpeg(gray(204)), X_File_Name="camera")
    assert status == 200
    assert body.startswith(head)


def test_results_that_cannot_be_made(app_state: AppState, server: Address) -> None:
    assert ask(server, "POST", "/result/exe", b"x")[0] == 404
    app_state.open_finder = lambda: FixedFinder()  # type: ignore[assignment,return-value]
    status, _, body = ask(server, "POST", "/result/png", jpeg(gray()), X_File_Name="empty.jpg")
    assert (status, body) == (422, b"empty.jpg: no face found; give a larger picture")


def test_a_page_that_leaves_in_the_middle_of_a_frame_waits_for_it(
    app_state: AppState, server: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    finder, closed_during = FixedFinder(), []
    begun, left = threading.Event(), threading.Event()
    app_state.open_finder = lambda: finder  # type: ignore[assignment,return-value]

    def slow(self: ClientState, *_: object) -> bytes:
        begun.set()
        left.wait(PATIENCE_S)
        time.sleep(0.3)
        closed_during.append(finder.closed)
        return b""

    monkeypatch.setattr(ClientState, "read", slow)
    with talk(server) as socket:
        hear(socket)
        socket.send(frame(1))
        assert begun.wait(PATIENCE_S)
    left.set()
    until(lambda: finder.closed)
    assert closed_during == [False]


def test_only_a_few_files_wait(app_state: AppState, server: Address, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "MOST_WAITING", 0)
    status, _, body = ask(server, "POST", "/upload", jpeg(gray()))
    assert (status, body) == (503, b"the server is busy with other files: try again in a moment")


def test_a_defect_is_told_in_one_line(server: Address, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ValueError("31 is not a valid Type")

    monkeypatch.setattr(app, "accept", fail)
    status, _, said = ask(server, "POST", "/upload", body=b"picture")
    assert status == 500
    assert said.decode().startswith("EmoScope failed (ValueError: 31 is not a valid Type): please report it")
