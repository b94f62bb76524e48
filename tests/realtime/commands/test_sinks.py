"""Where readings go, as options say it: what is wrong is told in one line before anything is opened."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from emoscope.cli import run
from emoscope.commands import live as command
from emoscope.system.bundled import assets

CLIP = str(assets() / "demo.mp4")


@pytest.fixture
def nothing_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails the test where a camera, a film or a screen is asked for."""
    for name in ("open_source", "require_display"):
        monkeypatch.setattr(command, name, lambda *_: pytest.fail("opened"))
    monkeypatch.setattr("emoscope.commands.capture.open_source", lambda *_: pytest.fail("opened"))


@pytest.mark.usefixtures("nothing_opens")
@pytest.mark.parametrize("name", ["live", "capture"])
@pytest.mark.parametrize(
    ("options", "line"),
    [
        (("--log", "a.txt"), "a.txt: a log is a .csv, .jsonl or .parquet file: give it a name that ends so"),
        (("--log", "there.csv"), "there.csv exists already, and a log is never overwritten: give it another name"),
        (("--publish", "http://a:1"), "'http://a:1' is no address to publish under: write ws://127.0.0.1:8765 or"),
        (("--publish", "ws://:1", "--publish", "osc://a"), "'osc://a' names no port"),
    ],
)
def test_a_bad_target_is_told_at_once(
    name: str, options: tuple[str, ...], line: str, in_folder: Path, capsys: pytest.CaptureFixture[str]
):
    pytest.importorskip("websockets")
    pytest.importorskip("pythonosc")
    (in_folder / "there.csv").touch()
    assert run([name, CLIP, *options]) == 1
    told = capsys.readouterr()
    assert told.err.startswith(f"emoscope: {line}") and told.err.count("\n") == 1 and told.out == ""


def test_how_far_lsl_announces_must_be_said(capsys: pytest.CaptureFixture[str]):
    assert run(["live", "--lsl", "world"]) == 2
    assert "machine" in capsys.readouterr().err


@pytest.mark.parametrize("options", [("--publish", "ws://127.0.0.1:{port}"), ("--log", "file/a.csv")])
def test_what_shows_itself_only_on_opening_is_one_line_too(
    options: tuple[str, ...], tiny: str, in_folder: Path, capsys: pytest.CaptureFixture[str]
):
    pytest.importorskip("websockets")
    (in_folder / "file").touch()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        given = [option.format(port=port) for option in options]
        assert run(["capture", CLIP, "--model", tiny, *given, "-o", str(in_folder / "out")]) == 1
    told = capsys.readouterr()
    assert told.err.count("\n") == 1 and told.err.startswith("emoscope: ")
    assert not (in_folder / "out").exists()


def test_without_a_device_the_virtual_camera_is_one_line(
    tiny: str, in_folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    package = pytest.importorskip("pyvirtualcam")
    monkeypatch.setattr(package.camera, "BACKENDS", {})
    assert run(["capture", CLIP, "--model", tiny, "--virtual-camera"]) == 1
    told = capsys.readouterr().err
    assert told.startswith("emoscope: there is no virtual camera to give pictures to: ") and told.count("\n") == 1


def test_capture_logs_the_whole_clip(tiny: str, in_folder: Path, capsys: pytest.CaptureFixture[str]):
    arguments = ["capture", CLIP, "--model", tiny, "--pictures", "1", "--seconds", "0.5", "--log", "logs/a.jsonl"]
    assert run(arguments) == 0
    rows = (in_folder / "logs" / "a.jsonl").read_text("utf-8").splitlines()
    assert capsys.readouterr().err == f"logged {len(rows)} rows into {Path('logs') / 'a.jsonl'}\n"
    assert rows and '"wall_time": "' in rows[0]
