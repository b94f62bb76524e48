"""The web page with eight clients at once: each hears what it would hear alone, in memory that does not grow."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from emoscope.network.bundle import open_bundle
from emoscope.network.network import Network
from emoscope.system.bundled import assets
from emoscope.view.state import first_state
from emoscope.web.address import Address
from emoscope.web.app_state import WORKERS, AppState
from emoscope.web.client_state import ClientState
from tests.realtime.tiny import FixedFinder, face, gray, write_bundle
from tests.realtime.web.conftest import jpeg, serving
from tests.realtime.web.talking import hear, talk
from tests.reliability.serving import answers, message, pictures, served
from tests.waiting import PATIENCE_S, until

CLIENTS = 8
FRAMES = 12
MOST_MB, MOST_GROWTH_MB = 700, 60
"""Resident memory of the server with eight pages open, and what more rounds of eight may add to it."""
CLOSING_S = 0.5
"""Until the faces that closed pages remembered are forgotten."""


def resident_mb(pid: int, name: str) -> float:
    """What the kernel counts under a name of /proc/PID/status, in megabytes."""
    lines = Path(f"/proc/{pid}/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{name}:"))


def test_eight_pages_hear_what_each_would_hear_alone(tmp_path: Path):
    film = pictures(assets() / "demo.mp4", CLIENTS + FRAMES)
    seen = [film[client : client + FRAMES] for client in range(CLIENTS)]
    with served(tmp_path) as (address, pid), ThreadPoolExecutor(CLIENTS) as pages:
        alone = [answers(address, shown) for shown in seen]
        rounds, memory_mb = [], []
        for _ in range(3):
            rounds.append(list(pages.map(lambda shown: answers(address, shown), seen)))
            time.sleep(CLOSING_S)
            memory_mb.append(resident_mb(pid, "VmRSS"))
        peak_mb = resident_mb(pid, "VmHWM")
    faces = [len(answer["faces"]) for heard in alone for answer in heard]
    assert sum(faces) > CLIENTS * FRAMES / 2
    assert alone[0] != alone[1], "the pages see different frames"
    assert rounds == [alone] * 3
    assert peak_mb < MOST_MB
    assert max(memory_mb) - memory_mb[0] < MOST_GROWTH_MB, memory_mb


@pytest.fixture
def app_state(tmp_path: Path) -> Iterator[AppState]:
    """A app_state with the hand-made network, whose finders see one face."""
    network = Network(open_bundle(str(write_bundle(tmp_path))), "cpu")
    finders: Any = lambda: FixedFinder(face())  # noqa: E731
    with AppState(network, finders, first_state(network.contract), "tiny.onnx") as opened:
        yield opened


class Busy:
    """Counts how many frames are worked on at once, and has the first wait until all pages have sent all of theirs."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = self.most = 0
        self.sent = threading.Barrier(CLIENTS, self._all_at_work, PATIENCE_S)
        self._go = threading.Event()
        self._lock, self._read = threading.Lock(), ClientState.read
        monkeypatch.setattr(ClientState, "read", lambda client, *arguments: self._counted(client, *arguments))

    def _counted(self, client: ClientState, *arguments: Any) -> bytes:
        with self._lock:
            self.now += 1
            self.most = max(self.most, self.now)
        self._go.wait(PATIENCE_S)
        try:
            return self._read(client, *arguments)
        finally:
            with self._lock:
                self.now -= 1

    def _all_at_work(self) -> None:
        until(lambda: self.now >= WORKERS)
        self._go.set()


def flood(
    address: Address, shade: int, frames: int, sent: threading.Barrier | None = None
) -> tuple[list[int], list[int], set[float]]:
    """Sends frames of one shade without waiting: those that were answered, those skipped, and what was said."""
    answered, skipped, said = [], [], set()
    with talk(address) as socket:
        hear(socket)
        for number in range(frames):
            socket.send(message(number, jpeg(gray(shade))))
        if sent is not None:
            sent.wait()
        while len(answered) + len(skipped) < frames:
            heard = hear(socket)
            if "skipped" in heard:
                skipped.append(heard["skipped"])
            else:
                answered.append(heard["number"])
                said.add(json.dumps([one["probabilities"] for one in heard["faces"]]))
    return answered, skipped, said


def test_eight_pages_that_send_faster_than_they_are_answered(app_state: AppState, monkeypatch: pytest.MonkeyPatch):
    frames, shades = 60, [20 + 25 * client for client in range(CLIENTS)]
    with serving(app_state) as address, ThreadPoolExecutor(CLIENTS) as pages:
        alone = [flood(address, shade, 1)[2] for shade in shades]
        busy = Busy(monkeypatch)
        heard = list(pages.map(lambda shade: flood(address, shade, frames, busy.sent), shades))
    assert busy.most == WORKERS, "no more threads than that work, however many pages"
    assert [said for _, _, said in heard] == alone
    for answered, skipped, _ in heard:
        assert sorted(answered + skipped) == list(range(frames)), "every frame is accounted for once"
        assert answered == sorted(answered)
        assert answered[-1] == frames - 1, "the newest is never skipped"
        assert skipped
