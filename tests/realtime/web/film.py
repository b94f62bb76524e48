"""A film for the browser's fake camera, from any recording."""

from __future__ import annotations

from pathlib import Path

import av

WIDTH, HEIGHT, RATE = 640, 480, 30


def camera_film(source: Path, target: Path, seconds: float) -> Path:
    """Writes a recording's first seconds as Motion JPEG, 640×480 at 30 frames/s.

    It is cut to 4:3 at its right, where the demo clip's face is.
    """
    with av.open(str(source)) as film, av.open(str(target), "w", format="mjpeg") as camera:
        stream = camera.add_stream("mjpeg", rate=RATE, options={"qmin": "2", "qmax": "4"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuvj420p"
        for number, frame in enumerate(_at_rate(film, seconds)):
            shown = av.VideoFrame.from_ndarray(_cut(frame), format="rgb24").reformat(WIDTH, HEIGHT, "yuvj420p")
            shown.pts = number
            camera.mux(stream.encode(shown))
        camera.mux(stream.encode(None))
    return target


def _at_rate(film: av.container.InputContainer, seconds: float):  # type: ignore[no-untyped-def]
    """Each frame as often as the camera's rate shows it."""
    number = 0
    for frame in film.decode(video=0):
        while number / RATE <= frame.time < seconds:
            yield frame
            number += 1


def _cut(frame: av.VideoFrame):  # type: ignore[no-untyped-def]
    picture = frame.to_ndarray(format="rgb24")
    height, width = picture.shape[:2]
    wide, high = min(width, height * WIDTH // HEIGHT), min(height, width * HEIGHT // WIDTH)
    x, y = width - wide, (height - high) // 2
    return picture[y : y + high, x : x + wide].copy()
