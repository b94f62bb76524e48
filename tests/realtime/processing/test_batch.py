"""Ctrl-C in the midst of encoding: every frame that was begun is in the partial film."""

from __future__ import annotations

import signal
from dataclasses import replace
from pathlib import Path

import av
import pytest

from emoscope.media.encoding import Encoding
from emoscope.media.writer import VideoWriter
from emoscope.processing.batch import process_in_turn, results_of
from emoscope.processing.settings import Settings
from tests.realtime.media.films import look, make_film
from tests.realtime.processing.runs import ignore

HIT = 20


def test_ctrl_c_while_a_packet_is_on_its_way_loses_no_frame(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The encoder holds later frames back: a packet lost on its way to the file would leave a hole."""

    original, pictures = VideoWriter.picture, []

    def picture(writer: VideoWriter, frame: av.VideoFrame, pts: int) -> None:
        pictures.append(pts)
        if len(pictures) == HIT:
            signal.raise_signal(signal.SIGINT)
        original(writer, frame, pts)

    monkeypatch.setattr(VideoWriter, "picture", picture)
    settings = replace(settings, encoding=Encoding(preset="veryfast"))
    names = ("a.mp4", "b.mp4")
    films = [make_film(tmp_path / name, range(0, 60 * 512, 512), size=(240, 180)) for name in names]
    outcomes = list(process_in_turn([results_of(film, None, settings) for film in films], settings, ignore))
    assert [(outcome.interrupted, outcome.frames) for outcome in outcomes] == [(True, HIT)]
    assert look(tmp_path / "a.emoscope.partial.mp4").times == look(films[0]).times[:HIT]
    assert not list(tmp_path.glob("b.*.*"))
