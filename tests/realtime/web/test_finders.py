"""Detectors that all pages share: each page still has its own faces, and closing one leaves the others be."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import cv2

from emoscope.faces import FaceFinder, open_finder
from emoscope.system.bundled import assets
from emoscope.types import Face, Image
from emoscope.web.finders import SharedFinders


def seen(finder: FaceFinder, frames: list[Image]) -> list[list[Face]]:
    return [finder.find(frame, number / 24) for number, frame in enumerate(frames)]


def test_pages_share_detectors_but_not_faces() -> None:
    opened = []

    def first():  # type: ignore[no-untyped-def]
        opened.append(open_finder("yunet"))
        return opened[-1]

    film = cv2.VideoCapture(str(assets() / "demo.mp4"))
    frames = [film.read()[1] for _ in range(6)]
    with SharedFinders(first) as shared, open_finder("yunet") as alone:
        expected = seen(alone, frames)
        finders = [shared() for _ in range(3)]
        with ThreadPoolExecutor(3) as pool:
            asked = [pool.submit(seen, finder, frames) for finder in finders]
            assert [job.result() for job in asked] == [expected] * 3
        finders[0].close()
        assert finders[1].find(frames[0], 9.0)
        assert shared().find(frames[0], 0.0)[0].track == 1
    assert len(opened) == 1
    assert not hasattr(opened[0]._closer, "_session"), "the detectors are still open"
