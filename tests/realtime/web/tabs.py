"""Memory of `emoscope serve`, all its pages inside the network: `python -m tests.realtime.web.tabs`."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2

from emoscope.system.bundled import assets
from emoscope.web.address import Address
from emoscope.web.app_state import MOST_CLIENTS
from emoscope.web.packet import LENGTH
from tests.realtime.web.conftest import jpeg
from tests.realtime.web.talking import hear, talk

FRAMES, STILL = 25, 5
"""Frames of each page, and how many of them stand still."""


def page(port: int, pictures: list[bytes]) -> None:
    """One page: a frame after the other, each when the one before was answered."""
    with talk(Address("127.0.0.1", port)) as socket:
        hear(socket)
        for number, picture in enumerate(pictures):
            header = {"number": number, "time_s": number / 25, "still": number >= FRAMES - STILL, "inside": True}
            text = json.dumps(header).encode()
            socket.send(LENGTH.pack(len(text)) + text + picture)
            while "faces" not in hear(socket):
                pass


def main() -> None:
    """Prints how much the server held before, and at most."""
    film, pictures = cv2.VideoCapture(str(assets() / "demo.mp4")), []
    for _ in range(FRAMES):
        pictures.append(jpeg(cv2.resize(film.read()[1], (640, 480))))
    command = [str(Path(sys.executable).with_name("emoscope")), "serve", "--port", "0", "--no-open"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            found = re.search(r"http://127\.0\.0\.1:(\d+)", server.stdout.readline())
            assert found is not None
            before = held_mb(server.pid, "VmRSS")
            with ThreadPoolExecutor(MOST_CLIENTS) as pool:
                list(pool.map(page, [int(found[1])] * MOST_CLIENTS, [pictures] * MOST_CLIENTS))
            print(f"{before} MB before, {held_mb(server.pid, 'VmHWM')} MB at most with {MOST_CLIENTS} pages")
        finally:
            server.terminate()


def held_mb(process: int, name: str) -> int:
    """What a process holds in memory, by the name of its row in `/proc`."""
    (row,) = re.findall(rf"{name}:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text())
    return int(row) // 1000


if __name__ == "__main__":
    main()
