"""Ctrl-C in the midst of encoding: every frame that was begun is in the partial film."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av
import pytest

from realtime.analysis import Analyser
from realtime.processing.batch import process_in_turn, results_of
from realtime.processing.settings import Settings
from realtime.video.encoding import Encoding
from realtime.video.writer import VideoWriter
from realtime.view import first_state
from tests.realtime.video.films import look, make_film

HIT = 20


def ignore(*_: object) -> None:
    """Hears of progress and does nothing."""


def test_ctrl_c_while_a_packet_is_on_its_way_loses_no_frame(
    analyser: Analyser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The encoder holds later frames back: a packet lost on its way to the file would leave a hole."""

    @contextmanager
    def opened() -> Iterator[Analyser]:
        yield analyser

    original, pictures = VideoWriter.picture, []

    def picture(writer: VideoWriter, frame: av.VideoFrame, pts: int) -> None:
        pictures.append(pts)
        if len(pictures) == HIT:
            signal.raise_signal(signal.SIGINT)
        original(writer, frame, pts)

    monkeypatch.setattr(VideoWriter, "picture", picture)
    settings = Settings(opened, first_state, encoding=Encoding(preset="veryfast"))
    names = ("a.mp4", "b.mp4")
    films = [make_film(tmp_path / name, range(0, 60 * 512, 512), size=(240, 180)) for name in names]
    outcomes = list(process_in_turn([results_of(film, None, settings) for film in films], settings, ignore))
    assert [(outcome.interrupted, outcome.frames) for outcome in outcomes] == [(True, HIT)]
    assert look(tmp_path / "a.emoscope.partial.mp4").times == look(films[0]).times[:HIT]
    assert not list(tmp_path.glob("b.*.*"))
