"""No command prints the password of an address, whatever it makes of the address."""

from __future__ import annotations

import pytest

from emoscope.cli import run
from emoscope.errors import discreet

SECRET = "rtsp://joe:s3cret@127.0.0.1:1/x"


@pytest.mark.parametrize("command", ["live", "capture", "process", "explain", "bench", "data"])
def test_a_password_is_never_printed(command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert run([command, SECRET]) != 0
    out, err = capsys.readouterr()
    assert "127.0.0.1" in err
    assert "s3cret" not in out + err
    assert "joe" not in out + err


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("rtsp:/joe:s3cret@host/x: no such file", "rtsp:/…@host/x: no such file"),
        ("two: http://a@h and ws://b:c@i/", "two: http://…@h and ws://…@i/"),
        ("/home/me@work/film.mp4: C:/a@b", "/home/me@work/film.mp4: C:/a@b"),
        ("http://host/user@place", "http://host/user@place"),
    ],
)
def test_only_names_and_passwords_go(text: str, shown: str):
    assert discreet(text) == shown
