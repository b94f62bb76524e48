"""`emoscope serve` in a process of its own, and pages that speak to it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import av
import cv2

from emoscope.web.address import Address
from emoscope.web.packet import LENGTH
from tests.command import EMOSCOPE, environment
from tests.realtime.web.talking import hear, talk

END_S = 300


@contextmanager
def served(folder: Path, before: Sequence[str] = (), model: str = "gmp") -> Iterator[tuple[Address, int]]:
    """The server's address and process number; it ends as it does with Ctrl-C.

    Args:
        folder: the current folder.
        before: a program that runs the command, such as strace, with its options.
        model: what reads the faces.
    """
    command = [*before, *EMOSCOPE, "serve", "--port", "0", "--no-open", "--model", model]
    with subprocess.Popen(
        command, cwd=folder, env=environment(), stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        try:
            assert process.stdout is not None
            found = re.search(r"http://127.0.0.1:(\d+)/", process.stdout.readline())
            assert found is not None
            yield Address("127.0.0.1", int(found[1])), process.pid
        finally:
            os.killpg(process.pid, signal.SIGINT)
            process.wait(END_S)


def pictures(film: Path, count: int) -> list[bytes]:
    """The first frames of a film as a page sends them."""
    with av.open(str(film)) as container:
        frames = (frame.to_ndarray(format="bgr24") for frame in container.decode(video=0))
        return [cv2.imencode(".jpg", next(frames))[1].tobytes() for _ in range(count)]


def message(number: int, picture: bytes) -> bytes:
    """One frame of a film of 10 frames a second as a page sends it."""
    header = json.dumps({"number": number, "time_s": number / 10, "still": True, "inside": False}).encode()
    return LENGTH.pack(len(header)) + header + picture


def answers(address: Address, shown: Sequence[bytes]) -> list[dict[str, Any]]:
    """What a page hears that sends these pictures one after the other; how long stages took is left out."""
    heard = []
    with talk(address) as socket:
        hear(socket)
        for number, picture in enumerate(shown):
            socket.send(message(number, picture))
            heard.append(hear(socket))
    return [{name: value for name, value in one.items() if name != "stages"} for one in heard]
