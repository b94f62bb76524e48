"""`emoscope serve` from the outside: what it prints, and what it refuses."""

from __future__ import annotations

import socket
import threading
from pathlib import Path

import pytest

from emoscope.cli import run
from emoscope.commands import serve
from emoscope.web import server
from tests.realtime.tiny import write_bundle
from tests.realtime.web.talking import Address, ask


@pytest.fixture
def tiny(tmp_path: Path) -> str:
    return str(write_bundle(tmp_path))


@pytest.fixture
def ports(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The ports that were listened at; the server itself does not run."""
    found: list[int] = []
    monkeypatch.setattr(server, "run", lambda app, listening, certificate: found.append(listening.getsockname()[1]))
    return found


def test_the_address_is_printed(tiny: str, ports: list[int], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["serve", "--port", "0", "--no-open", "--model", tiny]) == 0
    out, err = capsys.readouterr()
    assert out == f"EmoScope is at http://127.0.0.1:{ports[0]}/ (Ctrl-C ends it)\n"
    assert err == ""


def test_another_address_comes_with_a_warning_and_a_token(
    tiny: str, ports: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["serve", "--host", "0.0.0.0", "--port", "0", "--no-open", "--model", tiny]) == 0
    out, err = capsys.readouterr()
    assert f":{ports[0]}/?token=" in out
    assert err.startswith("emoscope: warning: everyone who can reach this address and has the token")


def test_a_taken_port_is_one_line(tiny: str, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert run(["serve", "--port", str(port), "--no-open", "--model", tiny]) == 1
    assert f"cannot listen at 127.0.0.1 port {port}" in capsys.readouterr().err


def test_missing_packages_name_the_extra(
    tiny: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serve, "NEEDS", ("starlette", "no_such_package"))
    assert run(["serve", "--no-open", "--model", tiny]) == 1
    assert 'no_such_package missing: run `pip install "emoscope[web]"`' in capsys.readouterr().err


def test_it_really_serves(tiny: str, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = []

    def visit(app: object, listening: socket.socket, certificate: object) -> None:
        assert certificate is None
        running = server.prepared(app)  # type: ignore[arg-type]
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listening]})
        thread.start()
        answers.append(ask(Address("127.0.0.1", listening.getsockname()[1]))[0])
        running.should_exit = True
        thread.join()

    monkeypatch.setattr(server, "run", visit)
    assert run(["serve", "--port", "0", "--no-open", "--model", tiny]) == 0
    assert answers == [200]
