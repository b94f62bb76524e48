"""Memory of `emoscope serve`, all its pages inside the network: `python -m tests.realtime.web.tabs`."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2

from emoscope.network.bundle import DEFAULT_MODEL
from emoscope.system.bundled import assets
from emoscope.web.address import Address
from emoscope.web.app_state import MOST_CLIENTS
from emoscope.web.packet import LENGTH
from tests.realtime.web.conftest import jpeg
from tests.realtime.web.talking import hear, talk
from tests.reliability.serving import served

FRAMES, STILL = 25, 5
"""Frames of each page, and how many of them stand still."""


def page(address: Address, pictures: list[bytes]) -> None:
    """One page: a frame after the other, each when the one before was answered."""
    with talk(address) as socket:
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
    with served(Path(), model=DEFAULT_MODEL) as (address, process):
        before = held_mb(process, "VmRSS")
        with ThreadPoolExecutor(MOST_CLIENTS) as pool:
            list(pool.map(page, [address] * MOST_CLIENTS, [pictures] * MOST_CLIENTS))
        print(f"{before} MB before, {held_mb(process, 'VmHWM')} MB at most with {MOST_CLIENTS} pages")


def held_mb(process: int, name: str) -> int:
    """What a process holds in memory, by the name of its row in `/proc`."""
    (row,) = re.findall(rf"{name}:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text())
    return int(row) // 1000


if __name__ == "__main__":
    main()
