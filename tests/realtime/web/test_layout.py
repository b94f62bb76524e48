"""What stands where: long names fit, a phone is not asked to scroll for ever, the chosen face is plain to see."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from emoscope.network.bundle import open_bundle
from emoscope.network.network import Network
from emoscope.view.state import first_state
from emoscope.web.app_state import AppState
from tests.realtime.tiny import CONTRACT, FixedFinder, face, gray, write_bundle
from tests.realtime.web.browser import Browser, Page, drop
from tests.realtime.web.conftest import serving

LONG = (
    "angry with the eyebrows drawn together and the lips pressed on",
    "Verachtungsüberlegenheitsgefühlsausdruckserscheinungsformenn",
    *("disgust", "fear", "neutral", "sad", "surprise"),
    "happy as people are who meet a friend again after many a year",
)
"""Eight names, some of more than sixty letters."""
PHONE, DESK = (360, 740), (1280, 800)
TOO_WIDE = """[...document.querySelectorAll("main *")].filter((one) => {
    const { right, width } = one.getBoundingClientRect(), scrolls = one.closest("#controls, .maps, #heats, #way");
    return width && !scrolls && right > innerWidth + 0.5;
}).map((one) => one.id || one.className || one.textContent)"""
"""Elements that stand out of the page, but for those in rows that are pushed sideways."""
CUT = """[...document.querySelectorAll(".bar span, .share span, #insettitle, #insetnote, h2")]
    .filter((one) => one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).display !== "inline")
    .map((one) => one.textContent)"""
"""Words that are wider than their place."""
ARTICLES = "[...document.querySelectorAll('#dashboard > article')]"
TALL = "document.documentElement.scrollHeight"


@pytest.fixture
def crowded(browser: Browser, tmp_path: Path) -> Iterator[Page]:
    """A page with long names, inside the network, that shows a picture of three faces."""
    path = write_bundle(tmp_path, contract=CONTRACT.with_(labels=LONG), classes=len(LONG))
    network = Network(open_bundle(str(path)), "cpu")
    finder = FixedFinder(face(track=1), face(x=90, track=2), face(x=60, y=80, track=3))
    page = browser.open()
    page.size(*DESK)
    with (
        AppState(network, lambda: finder, first_state(network.contract), "tiny.onnx") as state,  # type: ignore[arg-type,return-value]
        serving(state) as address,
    ):
        page.go(address.url)
        drop(page, "three.png", cv2.imencode(".png", gray(250))[1].tobytes())
        page.wait("document.querySelectorAll('#faces button').length === 3")
        yield page
        assert page.errors == []


@pytest.mark.parametrize("size", [PHONE, DESK])
def test_names_of_sixty_letters_and_eight_classes_fit(crowded: Page, size: tuple[int, int]) -> None:
    crowded.press("y")
    for mode in ("watch", "inside"):
        crowded.click(f"#{mode}")
        crowded.size(*size)
        if mode == "inside":
            crowded.wait("document.querySelectorAll('#heats canvas').length > 0")
        assert crowded.run(TOO_WIDE) == []
        assert crowded.run(CUT) == []
        assert crowded.run("document.documentElement.scrollWidth") <= size[0]
    assert crowded.run("[...document.querySelectorAll('.bar span:first-child')].map((e) => e.textContent)") == [*LONG]


def test_inside_on_a_phone_is_two_screens_tall(watching: Page) -> None:
    watching.click("#inside")
    watching.press(" ")
    watching.wait("document.querySelectorAll('#heats canvas').length > 0")
    watching.size(*PHONE)
    watching.run("document.querySelector('#figures').open = false")
    parts = watching.run("[...document.querySelectorAll('#parts button')].map((one) => one.textContent)")
    assert parts == ["Heat", "Filter", "Maps", "Pooling"]
    for number, seen in enumerate(("heats", "unit", "layer", "pool"), 1):
        watching.click(f"#parts button:nth-child({number})")
        shown = watching.run(f"{ARTICLES}.filter((one) => one.offsetHeight).map((one) => one.className)")
        assert set(shown) - {"crop"} == {"way", seen}
        assert watching.run(TALL) < 2 * PHONE[1]
    watching.click("#parts button:nth-child(3)")
    watching.click("#layermaps button")
    assert watching.run("document.querySelector('#dashboard').dataset.part") == "filter", "where its map is followed"
    watching.size(*DESK)
    assert watching.run(f"{ARTICLES}.every((one) => one.offsetHeight)")


def test_figures_are_folded_on_a_phone_and_unfolded_on_a_desk(browser: Browser, url: str) -> None:
    page = browser.open()
    for size, is_open in ((PHONE, False), (DESK, True)):
        page.size(*size)
        page.go(url)
        assert page.run("document.querySelector('#figures').open") is is_open


def test_the_chosen_of_several_faces_has_a_whole_frame(crowded: Page) -> None:
    sides = """(track) => {
        const canvas = document.querySelector("#picture"), scale = canvas.width / 160;
        const tops = { 1: [40, 30], 2: [90, 30], 3: [60, 80] };
        const [x, y] = tops[track].map((place) => place * scale), side = 20 * scale;
        const { data } = canvas.getContext("2d").getImageData(x - 1, y + side / 2, 3, 1);
        return Math.min(...data.filter((_, at) => at % 4 < 3));
    }"""
    for chosen in (2, 3, 1):
        crowded.run(f"document.querySelector('#faces [data-track=\"{chosen}\"]').click()")
        crowded.wait(f"document.querySelector('#faces [data-track=\"{chosen}\"]').ariaPressed === 'true'")
        crowded.wait(f"({sides})({chosen}) < 200")
        darkest = [crowded.run(f"({sides})({track})") for track in (1, 2, 3)]
        assert np.argmin(darkest) == chosen - 1 and sorted(darkest)[1] > 200, "the others have corners only"
