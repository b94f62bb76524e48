"""Sound of all kinds on its way into MP4."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from tests.realtime.media.films import look, make_film
from tests.realtime.media.test_writer import copy


def heard_film(path: Path, codec: str, layout: str, sound: np.ndarray, kind: str) -> Path:
    """A second of pictures and sound, in a container that does not say where channels stand.

    Args:
        sound: as PyAV packs samples of this kind.
    """
    pictures_path = path.with_name(f"{path.stem}.pictures.avi")
    make_film(pictures_path, range(30), codec="mjpeg", pixels="yuvj420p", tick=Fraction(1, 30))
    with av.open(str(path), "w") as container, av.open(str(pictures_path)) as pictures:
        film = container.add_stream_from_template(pictures.streams.video[0])
        track = container.add_stream(codec, rate=48_000, layout=layout)
        for packet in pictures.demux(video=0):
            if packet.size:
                packet.stream = film
                container.mux(packet)
        frame = av.AudioFrame.from_ndarray(sound, format=kind, layout=layout)
        frame.sample_rate, frame.pts = 48_000, 0
        for shaped in av.AudioResampler(track.codec_context.format, layout, 48_000).resample(frame):
            container.mux(track.encode(shaped))
        container.mux(track.encode(None))
    return path


def stereo(path: Path, codec: str) -> Path:
    """A film with two channels of noise."""
    noise = np.random.default_rng(0).integers(-9000, 9000, (1, 96_000), np.int16)
    return heard_film(path, codec, "stereo", noise, "s16")


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
    missed = old[inner] - new[inner]
    assert np.sqrt((missed**2).mean()) < 0.02 * np.sqrt((old[inner] ** 2).mean()), "in step, and no noise"


def tone(path: Path, codec: str) -> Path:
    """A film with a second of 440 Hz at half loudness."""
    wave = 0.5 * np.sin(2 * np.pi * 440 / 48_000 * np.arange(48_000))
    return heard_film(path, codec, "mono", wave[None].astype(np.float32), "flt")


def samples(path: Path) -> np.ndarray:
    """The first sound track, -1 to 1, from second 0 on."""
    with av.open(str(path)) as container:
        parts, resampler = [], av.AudioResampler("flt", "mono", 48_000)
        for frame in container.decode(audio=0):
            skipped = max(0, -round(frame.time * 48_000))
            parts += [part.to_ndarray().ravel()[skipped:] for part in resampler.resample(frame)]
    return np.concatenate(parts)
