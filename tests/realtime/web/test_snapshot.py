"""A snapshot of the page tells what one of the window tells, under the same names.

The page without a server is asked where it is made, in `test_site_page`.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from emoscope.faces import open_finder
from emoscope.live.snapshot import circumstances, describe
from emoscope.media.raster import raster_of
from emoscope.network.bundle import open_bundle
from emoscope.network.network import Network
from emoscope.reading.session import Session
from emoscope.system.bundled import assets
from emoscope.types import Frame
from emoscope.view.scene import Scene
from emoscope.view.state import first_state, wish_of
from tests.realtime.web.browser import Page, drop
from tests.waiting import until

NOTICES = """(() => {
    const notice = document.querySelector("#notice");
    window.notices = [];
    new MutationObserver(() => window.notices.push(notice.textContent)).observe(notice, { childList: true });
})()"""
"""Keeps what is said: it goes by itself."""


def person() -> bytes:
    """A person, as PNG."""
    film = cv2.VideoCapture(str(assets() / "demo.mp4"))
    return cv2.imencode(".png", cv2.resize(film.read()[1], (640, 360)))[1].tobytes()


def windows(picture: bytes) -> dict[str, Any]:
    """What the window would tell of it."""
    network = Network(open_bundle(), "cpu")
    state, image = first_state(network.contract), cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR)
    with Session(open_finder("yunet"), network) as session:
        seen = session.read(image, 0.0, wish_of(state))
        frame = Frame(0, 0.0, raster_of(image), 0.0, source="person.png")
        about = circumstances(frame, session, state)
    scene = Scene(seen.faces, seen.chosen)
    return json.loads(json.dumps(about | describe(frame, scene, state.prior)))


def taken(page: Page, picture: bytes, folder: Path) -> dict[str, Any]:
    """What the page tells of it, once its three files are there."""
    page.send("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(folder))
    drop(page, "person.png", picture)
    page.wait("document.querySelector('#faces button')")
    page.wait("document.querySelector('#insettitle').textContent.startsWith('LayerCAM')")
    page.run(NOTICES)
    page.press("s")
    until(lambda: len(list(folder.glob("*.png"))) == 2 and list(folder.glob("*.json")), lambda: list(folder.iterdir()))
    page.wait("window.notices.some((words) => words.match(/^saved .*.png, .clean.png and .json$/))")
    files = sorted(path.name for path in folder.iterdir())
    name = files[0].partition(".")[0]
    assert files == [f"{name}.clean.png", f"{name}.json", f"{name}.png"] and re.fullmatch(r"emoscope-[\d-]+", name)
    clean, drawn = (cv2.imread(str(folder / f"{name}{kind}")) for kind in (".clean.png", ".png"))
    assert clean.shape == (360, 640, 3)
    assert np.abs(np.int16(clean) - cv2.imdecode(np.frombuffer(picture, np.uint8), 1)).mean() < 3
    assert drawn.shape[0] >= 360, "with what is drawn on it"
    return json.loads((folder / f"{name}.json").read_text("utf-8"))


def compare(told: dict[str, Any], other: dict[str, Any], begun: datetime) -> None:
    """Fails where a snapshot of the page does not tell what the window tells."""
    assert told.keys() == other.keys()
    own = ("taken", "frame", "faces", "provider", "versions", "model")
    assert {key: told[key] for key in other if key not in own} == {key: other[key] for key in other if key not in own}
    assert begun.replace(microsecond=0) <= datetime.fromisoformat(told["taken"]) <= datetime.now().astimezone()
    assert told["versions"]["emoscope"] == other["versions"]["emoscope"]
    for mine, theirs in zip(told["faces"], other["faces"], strict=True):
        assert mine.keys() == theirs.keys()
        assert mine["box_xyxy"] == pytest.approx(theirs["box_xyxy"], abs=3)
        for said in ("shown", "network"):
            assert mine[said].keys() == theirs[said].keys() and mine[said]["label"] == theirs[said]["label"]
            assert mine[said]["probabilities"] == pytest.approx(theirs[said]["probabilities"], abs=0.05)


def tells_what_the_window_tells(page: Page, folder: Path) -> None:
    """Fails where a page's snapshot of a person does not; its files come into a folder."""
    begun, picture = datetime.now().astimezone(), person()
    compare(taken(page, picture, folder), windows(picture), begun)


def test_the_served_page_tells_what_the_window_tells(page: Page, tmp_path: Path) -> None:
    tells_what_the_window_tells(page, tmp_path)
