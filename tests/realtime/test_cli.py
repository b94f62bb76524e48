"""The command line: cheap to ask, one line for each failure, the right exit status."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from emoscope.cli import COMMANDS, Entry, cli, main, run
from emoscope.errors import EmoscopeError
from tests.command import emoscope, environment
from tests.waiting import PATIENCE_S, until


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch):
    """A command that raises what a test puts into it."""

    def put(error: BaseException, first: Callable[[], None] = lambda: None) -> None:
        @click.command()
        def broken() -> None:
            first()
            raise error

        monkeypatch.setattr("emoscope.cli._load", lambda target: broken)
        monkeypatch.setitem(COMMANDS, "broken", Entry("nowhere:broken", "Fails."))

    return put


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]):
    assert run(["--help"]) == 0
    said = capsys.readouterr().out
    for name, row in COMMANDS.items():
        assert re.search(rf"^  {name} +{re.escape(row.help)}$", said, re.MULTILINE)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself_and_each_of_its_options(name: str):
    command = cli.get_command(click.Context(cli), name)
    said = CliRunner().invoke(cli, [name, "--help"])
    assert said.exit_code == 0
    assert command.help
    for option in command.params:
        if isinstance(option, click.Option):
            assert option.opts[-1] in said.output
            assert option.help or option.show_default, f"{name} {option.opts[-1]} says nothing"


def test_a_failure_is_one_line_and_status_1(failing, capsys: pytest.CaptureFixture[str]):
    failing(EmoscopeError("the disk is full: make room"))
    assert run(["broken"]) == 1
    assert capsys.readouterr().err == "emoscope: the disk is full: make room\n"


def test_debug_shows_where(failing, capsys: pytest.CaptureFixture[str]):
    failing(EmoscopeError("the disk is full"))
    assert run(["--debug", "broken"]) == 1
    said = capsys.readouterr().err
    assert "Traceback" in said
    assert said.endswith("emoscope: the disk is full\n")


@pytest.mark.parametrize("error", [KeyboardInterrupt(), click.Abort()], ids=["Ctrl-C", "abort"])
def test_an_interruption_is_status_130(failing, error: BaseException, capsys: pytest.CaptureFixture[str]):
    failing(error)
    assert run(["broken"]) == 130
    assert capsys.readouterr().err.lstrip() == "emoscope: interrupted\n"


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="Windows has no SIGHUP")
def test_a_terminal_that_is_closed_ends_the_command_with_the_signals_status(tmp_path: Path):
    import pty

    terminal, line = pty.openpty()
    code = "import pathlib, time; from emoscope import cli; cli._load = lambda target: "
    code += "(pathlib.Path('at work').touch(), time.sleep(60)); cli.main(['doctor'])"
    with subprocess.Popen(
        [sys.executable, "-c", code], env=environment(), cwd=tmp_path, stdout=line, stderr=line
    ) as run:
        os.close(line)
        os.close(terminal)
        until((tmp_path / "at work").exists)
        run.send_signal(signal.SIGHUP)
        assert run.wait(PATIENCE_S) == 128 + signal.SIGHUP


def test_what_fails_because_ctrl_c_broke_it_is_an_interruption(failing, capsys: pytest.CaptureFixture[str]):
    """As extension modules do that are interrupted while they are loaded, and say only that they failed."""

    def swallowed() -> None:
        with suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)

    failing(ImportError("numpy._core.multiarray failed to import"), swallowed)
    assert run(["broken"]) == 130
    assert capsys.readouterr().err == "emoscope: interrupted\n"


def test_a_defect_is_one_line_too_and_debug_shows_where(failing, capsys: pytest.CaptureFixture[str]):
    failing(ZeroDivisionError("by\nzero"))
    assert run(["broken"]) == 1
    line = (
        "emoscope: EmoScope failed (ZeroDivisionError: by zero): please report it, "
        "with what `emoscope doctor` and `emoscope --debug …` say\n"
    )
    assert capsys.readouterr().err == line
    assert run(["--debug", "broken"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("Traceback") and said.endswith(line)


def test_a_file_that_may_not_be_opened_is_named(failing, capsys: pytest.CaptureFixture[str]):
    failing(PermissionError(13, "Permission denied", "closed/film.mp4"))
    assert run(["broken"]) == 1
    said = capsys.readouterr().err
    assert (
        said == "emoscope: closed/film.mp4: Permission denied: ask for access to it and to the folder that it is in\n"
    )


def test_a_missing_library_of_the_system_names_its_package(monkeypatch, capsys: pytest.CaptureFixture[str]):
    def fail(module: str) -> None:
        raise ImportError("libGL.so.1: cannot open shared object file: No such file or directory")

    monkeypatch.setattr("importlib.import_module", fail)
    assert run(["live"]) == 1
    assert "the system library libGL.so.1 is missing: run `apt-get install libgl1" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nonsense"], "No such command 'nonsense'"),
        (["live", "--nonsense"], "No such option"),
        (["live", "--view", "nonsense"], "'nonsense' is not one of 'gradcam', 'maps', 'map', 'crop', 'off'"),
        (["live", "--detector", "haar"], "'haar' is not one of"),
        (["live", "--size", "big"], "'big' is not a size such as 1280x720"),
        (["live", "--fps", "0"], "0 is not in the range"),
        (["capture", "--pictures", "0"], "0 is not in the range"),
        (["capture", "--seconds", "-1"], "-1.0 is not in the range"),
        (["process"], "name an INPUT, or a list of them with --inputs"),
        (["process", "x.mp4", "--crf", "99"], "99.0 is not in the range"),
        (["process", "x.mp4", "--every", "0"], "0 is not in the range"),
        (["process", "x.mp4", "--jobs", "0"], "0 is not in the range"),
        (["process", "x.mp4", "--rows", "xls"], "'xls' is not one of"),
    ],
)
def test_wrong_usage_is_status_2_and_nothing_happens(arguments, message, in_folder: Path, capsys):
    assert run(arguments) == 2
    said = capsys.readouterr().err
    assert message in said
    assert list(in_folder.iterdir()) == []


def test_main_exits_with_the_status():
    with pytest.raises(SystemExit) as caught:
        main(["nonsense"])
    assert caught.value.code == 2


def test_version(capsys: pytest.CaptureFixture[str]):
    assert run(["--version"]) == 0
    assert re.fullmatch(r"emoscope, version \d+\.\d+\.\d+\n", capsys.readouterr().out)


def test_nothing_to_do_is_help(tmp_path: Path):
    assert "Usage: emoscope" in emoscope(cwd=tmp_path).stderr
