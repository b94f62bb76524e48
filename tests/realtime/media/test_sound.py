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
def test_plain_stereo_of_a_camera_goes_over(name: str, tmp_path: Path) -> None:
    source = stereo(tmp_path / name, "pcm_s16le")
    copy(source, tmp_path / "new.mp4")
    old, new = look(source), look(tmp_path / "new.mp4")
    assert b"".join(data for _, data in new.sound[0]) == b"".join(data for _, data in old.sound[0])
    assert new.codecs == ["pcm_s16le"]


@pytest.mark.parametrize("codec", ["pcm_s24le", "pcm_s24be", "pcm_s32le", "pcm_f32le", "pcm_f64le"])
def test_wider_samples_become_aac_of_the_same_tone_at_the_same_loudness_and_time(codec: str, tmp_path: Path) -> None:
    source = tone(tmp_path / "a.mov", codec)
    heard = copy(source, tmp_path / "new.mp4")
    assert heard == [f"sound track 1: {codec} is noise in many players of MP4, so it becomes AAC"]
    old, new = samples(source), samples(tmp_path / "new.mp4")
    assert look(tmp_path / "new.mp4").codecs == ["aac"]
    assert abs(len(old) - len(new)) <= 2048
    inner = slice(4096, 40_960)
    assert np.abs(old[inner] - new[inner]).max() < 0.03  # of 0.5: in step, and no noise


def tone(path: Path, codec: str) -> Path:
    """A film with a second of 440 Hz at half loudness."""
    make_film(path.with_suffix(".mp4"), range(30), tick=Fraction(1, 30))
    with av.open(str(path), "w") as container, av.open(str(path.with_suffix(".mp4"))) as pictures:
        film = container.add_stream_from_template(pictures.streams.video[0])
        track = container.add_stream(codec, rate=48_000, layout="mono")
        for packet in pictures.demux(video=0):
            if packet.size:
                packet.stream = film
                container.mux(packet)
        wave = 0.5 * np.sin(2 * np.pi * 440 / 48_000 * np.arange(48_000))
        frame = av.AudioFrame.from_ndarray(wave[None].astype(np.float32), format="flt", layout="mono")
        frame.sample_rate, frame.pts = 48_000, 0
        for shaped in av.AudioResampler(track.codec_context.format, "mono", 48_000).resample(frame):
            container.mux(track.encode(shaped))
        container.mux(track.encode(None))
    return path


def samples(path: Path) -> np.ndarray:
    """The first sound track, -1 to 1, from second 0 on."""
    with av.open(str(path)) as container:
        parts, resampler = [], av.AudioResampler("flt", "mono", 48_000)
        for frame in container.decode(audio=0):
            skipped = max(0, -round(frame.time * 48_000))
            parts += [part.to_ndarray().ravel()[skipped:] for part in resampler.resample(frame)]
    return np.concatenate(parts)
