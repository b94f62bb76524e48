"""Sound of all kinds on its way into MP4."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from tests.realtime.media.films import look, make_film
from tests.realtime.media.test_writer import copy


def stereo(path: Path, codec: str) -> Path:
    """A film with two channels of noise, in a container that does not say where they stand."""
    make_film(path.with_suffix(".mjpeg.avi"), range(30), codec="mjpeg", pixels="yuvj420p", tick=Fraction(1, 30))
    with av.open(str(path), "w") as container, av.open(str(path.with_suffix(".mjpeg.avi"))) as pictures:
        film = container.add_stream_from_template(pictures.streams.video[0])
        track = container.add_stream(codec, rate=48_000, layout="stereo")
        for packet in pictures.demux(video=0):
            if packet.size:
                packet.stream = film
                container.mux(packet)
        noise = np.random.default_rng(0).integers(-9000, 9000, (1, 96_000), np.int16)
        frame = av.AudioFrame.from_ndarray(noise, format="s16", layout="stereo")
        frame.sample_rate, frame.pts = 48_000, 0
        container.mux(track.encode(frame))
        container.mux(track.encode(None))
    return path


@pytest.mark.parametrize("name", ["camera.avi", "camera.mkv"])
@pytest.mark.parametrize("codec", ["pcm_s16le", "pcm_s24le"])
def test_plain_stereo_of_a_camera_goes_over(name: str, codec: str, tmp_path: Path) -> None:
    source = stereo(tmp_path / name, codec)
    copy(source, tmp_path / "new.mp4")
    old, new = look(source), look(tmp_path / "new.mp4")
    assert b"".join(data for _, data in new.sound[0]) == b"".join(data for _, data in old.sound[0])
    assert new.codecs == [codec]
