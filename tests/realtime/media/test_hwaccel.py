"""Decoding on a device: tried where it is asked for, and the processor decodes where it cannot be had."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import pytest

from emoscope.cli import run
from emoscope.media.opening import devices
from emoscope.media.reader import Recording
from tests.realtime.media.films import make_film
from tests.realtime.tiny import write_bundle


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The devices that PyAV is asked for, growing; there is none, as PyAV says where it may not be used."""
    seen, opened = list[Any](), av.open

    def refused(*where: Any, **how: Any) -> Any:
        if "hwaccel" in how:
            seen.append(how["hwaccel"])
            raise av.error.PermissionError(1, "Operation not permitted")
        return opened(*where, **how)

    monkeypatch.setattr(av, "open", refused)
    return seen


@pytest.mark.skipif(not devices(), reason="this PyAV knows no device")
def test_where_there_is_no_device_the_processor_decodes_and_it_is_told(tmp_path: Path, asked: list[Any]) -> None:
    film = make_film(tmp_path / "clip.mp4")
    with Recording(film) as plain:
        count = sum(1 for _ in plain.frames())
    assert asked == []
    with Recording(film, hwaccel=devices()[0]) as recording:
        assert sum(1 for _ in recording.frames()) == count
        assert f"{devices()[0]} does not decode this recording here: the processor does" in recording.describe()
    assert len(asked) == 1


def test_nothing_is_told_where_none_was_asked_for(tmp_path: Path) -> None:
    with Recording(make_film(tmp_path / "clip.mp4")) as recording:
        assert not any("processor" in line for line in recording.describe())


def test_a_kind_of_device_that_nobody_knows_is_wrong_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    film = make_film(tmp_path / "clip.mp4")
    assert run(["process", str(film), "--model", str(write_bundle(tmp_path)), "--hwaccel", "warp"]) == 2
    assert "'warp' is none that this PyAV knows" in capsys.readouterr().err
