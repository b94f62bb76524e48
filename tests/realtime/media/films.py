"""Films made for tests, with everything that goes wrong in real ones, and an independent look at any film."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from emoscope.types import Image

SIZE = (64, 48)
TICK = Fraction(1, 15_360)


@dataclass(frozen=True)
class Look:
    """What PyAV finds in a file: exact times, the bytes of every packet of sound, the first picture's properties."""

    times: list[Fraction]
    sound: list[list[tuple[Fraction, bytes]]]
    size: tuple[int, int]
    rotation: int
    metadata: dict[str, str]
    codecs: list[str]


def look(path: Path) -> Look:
    """Reads a file to its end with PyAV alone."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        frames = _frames(container, stream)
        times = [frame.pts * stream.time_base for frame in frames]
        size, rotation = (frames[0].width, frames[0].height), frames[0].rotation
        metadata = dict(container.metadata)
        codecs = [stream.codec_context.codec.canonical_name for stream in container.streams.audio]
    return Look(times, _sound(path), size, rotation, metadata, codecs)


def make_film(
    path: Path,
    pts: Sequence[int] = range(0, 12 * 512, 512),
    size: tuple[int, int] = SIZE,
    tick: Fraction = TICK,
    codec: str = "libx264",
    sound: Sequence[str] = (),
    metadata: dict[str, str] | None = None,
    pixels: str = "yuv420p",
) -> Path:
    """Writes a film of moving stripes with frames at these times, and sound tracks in these codecs."""
    with av.open(str(path), "w", options={"movie_timescale": "15360000"} if path.suffix == ".mp4" else {}) as container:
        film = container.add_stream(codec, rate=30)
        film.width, film.height, film.pix_fmt = *size, pixels
        film.codec_context.time_base = tick
        film.codec_context.thread_count = 1  # else the encoder's answer depends on how busy the machine is
        tracks = [container.add_stream(name, rate=48_000) for name in sound]
        container.metadata.update(metadata or {})
        for number, at in enumerate(pts):
            frame = av.VideoFrame.from_ndarray(stripes(number, size), "bgr24").reformat(format=pixels)
            frame.pts, frame.time_base = at, tick
            container.mux(film.encode(frame))
        for track in tracks:
            _fill(container, track, float((2 * pts[-1] - pts[-2]) * tick))
        container.mux(film.encode(None))
    return path


def stripes(number: int, size: tuple[int, int] = SIZE) -> Image:
    """A picture whose stripes have moved by `number`, with a bright upper left quarter."""
    width, height = size
    columns = (np.arange(width) + 4 * number) % 32 * 6 + 20
    picture = np.repeat(columns[None, :, None], height, axis=0).repeat(3, axis=2).astype(np.uint8)
    picture[: height // 2, : width // 2] = (40, 60, 250)
    return picture


def damage(path: Path, share: float, seed: int = 0) -> Path:
    """Flips bytes in the pictures of a file, a share of them from 0 to 1, and leaves head and index alone."""
    data, random = bytearray(path.read_bytes()), np.random.default_rng(seed)
    with av.open(str(path)) as container:
        packets = [(packet.pos, packet.size) for packet in container.demux(video=0) if packet.size]
    for position, size in packets[1:]:
        for offset in np.flatnonzero(random.random(size) < share):
            data[position + int(offset)] ^= 0xFF
    path.write_bytes(data)
    return path


def _frames(container: av.container.InputContainer, stream: av.video.stream.VideoStream) -> list[av.VideoFrame]:
    frames: list[av.VideoFrame] = []
    for packet in container.demux(stream):
        try:
            frames += packet.decode()
        except av.error.InvalidDataError:
            continue
    return frames


def _sound(path: Path) -> list[list[tuple[Fraction, bytes]]]:
    with av.open(str(path)) as container:
        tracks: dict[int, list[tuple[Fraction, bytes]]] = {stream.index: [] for stream in container.streams.audio}
        for packet in container.demux(*container.streams.audio) if tracks else ():
            if packet.size:
                tracks[packet.stream.index].append((packet.pts * packet.time_base, bytes(packet)))
    return list(tracks.values())


def _fill(container: av.container.OutputContainer, track: av.audio.stream.AudioStream, seconds: float) -> None:
    count = 1024
    for start in range(0, int(seconds * 48_000), count):
        wave = np.sin(np.arange(start, start + count) * 0.05)[None].astype(np.float32)
        form = track.codec_context.format.name
        samples = wave if form.startswith("flt") else (wave * 20_000).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(samples, format="fltp" if form == "fltp" else "s16", layout="mono")
        frame.sample_rate, frame.pts = 48_000, start
        container.mux(track.encode(frame))
    container.mux(track.encode(None))
