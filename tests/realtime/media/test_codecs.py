"""Each encoder is told quality and speed in its own words; those that no machine here has are held against FFmpeg's."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import av
import pytest

from emoscope.errors import ResultError
from emoscope.media.codecs import CODECS, codec_of
from emoscope.media.encoder import FilmEncoder
from emoscope.media.encoding import Encoding
from emoscope.media.reader import Recording
from emoscope.system.scheduling import THREADS
from tests.realtime.media.films import look, make_film
from tests.realtime.media.test_writer import copy


def test_without_wishes_each_has_its_own() -> None:
    assert Encoding().options == {"crf": "23", "preset": "veryfast"}
    assert codec_of("h264_nvenc").told(23, "p4") == {"preset": "p4", "rc": "vbr", "cq": "23", "b": "0"}
    assert codec_of("hevc_videotoolbox").told(23, "")["global_quality"] == str(55 * 118)
    assert codec_of("hevc_videotoolbox").told(63, "")["global_quality"] == str(118)
    assert all(row.preset in row.presets for row in CODECS.values() if row.presets)


def test_av1_works_by_itself_and_in_silence(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    source = make_film(tmp_path / "clip.mp4")
    copy(source, tmp_path / "new.mp4", encoding=Encoding("libsvtav1"))
    assert look(tmp_path / "new.mp4").times == look(source).times
    assert capfd.readouterr().err == ""


def test_no_encoder_makes_real_time_threads(tmp_path: Path) -> None:
    """SVT-AV1 does as root, and takes the whole machine with it."""
    if sys.platform != "linux":
        pytest.skip("threads are listed on Linux only")
    with Recording(make_film(tmp_path / "clip.mp4")) as recording:
        encoder = FilmEncoder(recording, Encoding("libsvtav1"))
        for frame in recording.frames():
            encoder.packets(frame.picture.frame, frame.pts)
            kinds = {os.sched_getscheduler(int(thread.name)) for thread in THREADS.iterdir()}
            assert kinds == {os.SCHED_OTHER}
        encoder.rest()


def test_words_of_another_encoder_are_told() -> None:
    with pytest.raises(ResultError, match="preset 'veryfast' is none of 0, 1, 2"):
        Encoding("libsvtav1", preset="veryfast")


def test_an_encoder_whose_device_is_not_there_is_told_in_one_line() -> None:
    if "nvenc" not in " ".join(av.codecs_available) or Path("/dev/nvidia0").exists():
        pytest.skip("there is no such encoder, or its device is there")
    with pytest.raises(ResultError, match="'h264_nvenc' with crf 23 and preset 'p4' does not work") as told:
        Encoding("h264_nvenc")
    assert "\n" not in str(told.value)
