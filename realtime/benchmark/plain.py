"""The yardsticks: decoding a file and nothing else, decoding and encoding it and nothing else."""

from __future__ import annotations

from pathlib import Path

import av

from ..media.encoding import CONTAINER, Encoding
from ..media.opening import open_container, video_stream
from ..media.pad import even
from ..media.planar import planar
from ..media.planes import FORMAT


def decode(path: Path, all_threads: bool = False, bgr: bool = False) -> int:
    """Decodes every frame as a plain loop over PyAV's frames does; returns their number.

    Args:
        path: the file.
        all_threads: frames on as many threads as FFmpeg likes, which takes more memory.
        bgr: makes a BGR picture of each.
    """
    with open_container(path) as container:
        stream = video_stream(container, path)
        if all_threads:
            stream.thread_type = "AUTO"
        return sum(1 for frame in container.decode(stream) if not bgr or frame.to_ndarray(format="bgr24").size)


def transcode(path: Path, target: Path, encoding: Encoding, all_threads: bool = False) -> int:
    """Decodes and encodes every frame as a plain loop over PyAV's frames does; returns their number.

    Args:
        path: the file.
        target: the new one.
        encoding: of its pictures.
        all_threads: as in `decode`.
    """
    with open_container(path) as container, av.open(str(target), "w", format=CONTAINER) as output:
        source = video_stream(container, path)
        film = output.add_stream(encoding.codec, rate=source.average_rate or 25, options=encoding.options)
        film.width, film.height, film.pix_fmt = (
            source.width + source.width % 2,
            source.height + source.height % 2,
            FORMAT,
        )
        film.codec_context.time_base = source.time_base
        if all_threads:
            source.thread_type, film.codec_context.thread_type = "AUTO", "FRAME"
        count = 0
        for frame in container.decode(source):
            frame = even(planar(frame))
            frame.pict_type = 0  # else x264 repeats the source's frame types, and the comparison is void
            output.mux(film.encode(frame))
            count += 1
        output.mux(film.encode(None))
    return count
