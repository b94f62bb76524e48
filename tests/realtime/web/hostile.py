"""What careless and hostile visitors cost `emoscope serve`: `python -m tests.realtime.web.hostile`.

While pages watch, each kind of visitor comes: how it ends, how long that takes, what the server holds at most, and how
long the pages wait for an answer at most, beside how long they did before.
"""

from __future__ import annotations

import io
import json
import socket
import struct
import sys
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from fractions import Fraction
from pathlib import Path
from threading import Event, Thread
from time import monotonic, sleep

import av
import cv2
import numpy as np
import PIL.Image

from emoscope.network.bundle import DEFAULT_MODEL
from emoscope.system.bundled import assets
from emoscope.web.address import Address
from emoscope.web.packet import LENGTH
from tests.realtime.web.tabs import held_mb
from tests.realtime.web.talking import ask, hear, posting, talk
from tests.reliability.serving import pictures, served

WATCHING = 2
CLIP_BYTES, CLIP_RATE, CLIP_EDGE = 654_000, 240, (3840, 2160)
LIMIT_S = 180.0


def clip() -> bytes:
    """4K at 240 frames/s in 654 kB: one second of gray by x264, again and again."""
    width, height = CLIP_EDGE
    second, film = io.BytesIO(), io.BytesIO()
    with av.open(second, "w", format="mp4") as out:
        stream = out.add_stream(
            "libx264", CLIP_RATE, options={"preset": "ultrafast", "crf": "51", "tune": "zerolatency"}
        )
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        gray = av.VideoFrame.from_ndarray(np.full((height * 3 // 2, width), 90, np.uint8), "yuv420p")
        for number in range(CLIP_RATE):
            gray.pts, gray.time_base = number, Fraction(1, CLIP_RATE)
            out.mux(stream.encode(gray))
        out.mux(stream.encode(None))
    times = CLIP_BYTES // len(second.getvalue())
    with av.open(film, "w", format="mp4") as out:
        copied = None
        for turn in range(times):
            with av.open(io.BytesIO(second.getvalue())) as source:
                copied = copied or out.add_stream_from_template(source.streams.video[0])
                step = round(1 / source.streams.video[0].time_base)
                for packet in source.demux(video=0):
                    if packet.pts is not None:
                        packet.pts, packet.dts, packet.stream = (
                            packet.pts + turn * step,
                            packet.dts + turn * step,
                            copied,
                        )
                        out.mux(packet)
    return film.getvalue()


def large_png() -> bytes:
    """10,000 × 10,000 gray pixels in a few kilobytes."""
    edge = 10_000
    rows = zlib.compress(bytes((edge + 1) * edge), 9)
    parts = (b"IHDR", struct.pack(">IIBBBBB", edge, edge, 8, 0, 0, 0, 0)), (b"IDAT", rows), (b"IEND", b"")
    chunks = (struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in parts)
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def photo(width: int, height: int, form: str, **options: object) -> bytes:
    """A face in a large picture."""
    frame = cv2.VideoCapture(str(assets() / "demo.mp4")).read()[1]
    file = io.BytesIO()
    PIL.Image.fromarray(cv2.resize(frame, (width, height))[:, :, ::-1]).save(file, form, **options)
    return file.getvalue()


class Pages:
    """Pages that watch, and how long the slowest answer took since it was last asked for."""

    def __init__(self, address: Address) -> None:
        self._address, self._end, self._slowest = address, Event(), 0.0
        self._shown = pictures(assets() / "demo.mp4", 10)

    def watch(self) -> None:
        """One page: a frame after the other."""
        with talk(self._address) as page:
            hear(page)
            number = 0
            while not self._end.is_set():
                header = {"number": number, "time_s": number / 10, "still": False, "inside": False}
                text, begun = json.dumps(header).encode(), monotonic()
                page.send(LENGTH.pack(len(text)) + text + self._shown[number % 10])
                while "faces" not in hear(page):
                    pass
                self._slowest, number = max(self._slowest, monotonic() - begun), number + 1
                sleep(0.1)

    def slowest(self) -> float:
        """In seconds."""
        slowest, self._slowest = self._slowest, 0.0
        return slowest

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Until the body ends."""
        threads = [Thread(target=self.watch) for _ in range(WATCHING)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._end.set()
            for thread in threads:
                thread.join()


def upload(address: Address, data: bytes, name: str) -> str:
    """What the server answers to a file."""
    status, headers, body = ask(address, "POST", "/upload", data, X_File_Name=name)
    told = (
        body.decode() if headers["content-type"].startswith("text") else f"{headers['content-type']}, {len(body)} bytes"
    )
    return f"{status} {told}"


def stalled(address: Address) -> str:
    """Four bodies that stand still, and a file of somebody else's meanwhile."""
    with ExitStack() as opened:
        halves = [opened.enter_context(posting(address, b"half", 1000)) for _ in range(4)]
        other = upload(address, photo(640, 480, "JPEG"), "other.jpg")
        return f"other: {other}; then {sorted({half.recv(12).decode() for half in halves})}"


def half_heads(address: Address) -> str:
    """500 connections whose heads do not end, and somebody else's page meanwhile."""
    with ExitStack() as opened:
        halves = []
        for _ in range(500):
            half = opened.enter_context(socket.create_connection(("127.0.0.1", address.port), LIMIT_S))
            half.sendall(b"GET / HTTP/1.1\r\nHost: 127")
            halves.append(half)
        other = ask(address)[0]
        return f"other: {other}; then {sum(half.recv(10) == b'' for half in halves)} were closed"


def abandoned(address: Address, data: bytes) -> str:
    """Visitors who send a film and leave, ten times, and a file of somebody else's afterwards."""
    for _ in range(10):
        with posting(address, data, len(data)):
            sleep(0.3)
    begun = monotonic()
    answers = []
    while not answers or answers[-1].startswith("503"):
        answers.append(upload(address, photo(640, 480, "JPEG"), "other.jpg"))
        assert monotonic() - begun < LIMIT_S
        sleep(0.2)
    return f"other: {answers[-1]} after {monotonic() - begun:.1f} s"


def at_once(address: Address, data: bytes) -> str:
    """Thirty uploads at once."""
    with ThreadPoolExecutor(30) as pool:
        answers = list(pool.map(lambda _: upload(address, data, "many.png")[:3], range(30)))
    return ", ".join(f"{answers.count(one)} × {one}" for one in sorted(set(answers)))


def main() -> None:
    """Prints a line for each kind of visitor."""
    film, demo = clip(), (assets() / "demo.mp4").read_bytes()
    png, telephone, large = large_png(), photo(8064, 6048, "JPEG"), photo(5700, 4380, "PNG", compress_level=1)
    visitors: dict[str, Callable[[Address], str]] = {
        "nobody, for 10 s": lambda address: sleep(10) or "",  # type: ignore[func-returns-value]
        f"a clip of 4K at 240 frames/s, {len(film) // 1000} kB": lambda address: upload(address, film, "clip.mp4"),
        f"a PNG of 10,000 × 10,000, {len(png) // 1000} kB": lambda address: upload(address, png, "large.png"),
        f"a JPEG of 8064 × 6048, {len(telephone) // 1000} kB": lambda address: upload(address, telephone, "phone.jpg"),
        f"a PNG of 5700 × 4380, {len(large) // 1000} kB": lambda address: upload(address, large, "25.png"),
        "four stalled POSTs": stalled,
        "500 half heads": half_heads,
        "ten abandoned films": lambda address: abandoned(address, demo),
        "thirty pictures at once": lambda address: at_once(address, large),
    }
    with served(Path(), model=DEFAULT_MODEL) as (address, process):
        pages = Pages(address)
        with pages.watching():
            sleep(3)
            pages.slowest()
            for who, comes in visitors.items():
                Path(f"/proc/{process}/clear_refs").write_text("5")  # the most that it held begins anew
                begun = monotonic()
                answer = comes(address)
                took_s, held = monotonic() - begun, held_mb(process, "VmHWM")
                print(f"{who}: {answer}; {took_s:.1f} s, {held} MB, slowest answer {pages.slowest():.2f} s", flush=True)


if __name__ == "__main__":
    sys.exit(main())
