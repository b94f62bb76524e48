"""A gray square over the chosen face: what the network says then, and how it is dragged on the page."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from emoscope.network.contract import InputSpec
from emoscope.system.bundled import assets
from emoscope.web.app_state import AppState
from emoscope.web.client_state import ClientState, Sent
from emoscope.web.cover import Cover, lay
from tests.realtime.tiny import gray
from tests.realtime.web.browser import TEXT, Page, drop
from tests.realtime.web.conftest import jpeg
from tests.realtime.web.talking import opened

HEADER = {"number": 1, "time_s": 0.0, "still": True, "inside": False}
COVERED = "!document.querySelector('#covered').hidden"
AT = """(({ x, y, width, height }) => [x + width / 2, y + height / 2, width])(
    document.querySelector('#square').getBoundingClientRect())"""
"""Middle and edge of the square, in pixels of the page."""


@pytest.mark.parametrize(
    "told", [None, [], [0.5, 0.5], [0.5, 0.5, 0], [2, 0.5, 0.5], [0.5, float("nan"), 1], ["a", 0, 1], {"x": 1}, 3]
)
def test_what_is_no_square_covers_nothing(told: object) -> None:
    assert Sent.of(HEADER | {"cover": told}).cover is None


def test_a_square_is_told_in_edges_of_the_crop() -> None:
    cover = Sent.of(HEADER | {"cover": [0.5, 1, 0.25]}).cover
    assert cover == Cover(0.5, 1, 0.25)
    assert (cover.pixels(cover.x, 48), cover.pixels(cover.y, 48)) == (slice(18, 30), slice(42, 54))
    assert Cover(1, 0, 0.001).pixels(1, 4) == slice(3, 4), "at least a pixel"


@pytest.mark.parametrize("layout", ["NHWC", "NCHW"])
def test_the_middle_gray_is_laid_as_the_network_is_fed(layout: str) -> None:
    spec = InputSpec(
        height=4, width=8, channels="rgb", layout=layout, scale=(1 / 255, 1.0, 2.0), offset=(0.0, -1.0, 3.0)
    )
    batch = np.zeros((1, *spec.shape), np.float32)
    lay(batch, Cover(0.25, 0.5, 0.5), spec)
    seen = batch[0] if layout == "NHWC" else batch[0].transpose(1, 2, 0)
    assert np.allclose(seen[1:3, 0:4], (0.5, 126.5, 258.0))
    assert not seen[[0, 3]].any() and not seen[:, 4:].any()


def test_the_network_answers_for_the_covered_face(client: ClientState) -> None:
    told = opened(client.read(Sent(1, 0.0, still=True, cover=Cover(0.5, 0.5, 1)), jpeg(gray(255))))
    bare = opened(client.read(Sent(2, 0.0, still=True), jpeg(gray(255))))
    assert "covered" not in bare and told["faces"] == bare["faces"], "the whole face is read as ever"
    one, two = np.exp([1, 1, 0]) / np.exp([1, 1, 0]).sum(), np.exp([2, 0, 0]) / np.exp([2, 0, 0]).sum()
    assert told["covered"] == {"square": [0.5, 0.5, 1], "probabilities": pytest.approx(one, abs=1e-4)}
    assert told["faces"][0]["raw"] == pytest.approx(two, abs=1e-2)


def test_the_prior_is_taken_off_the_covered_face_too(app_state: AppState) -> None:
    contract = replace(app_state.network.contract, prior=(0.8, 0.1, 0.1))
    app_state.network.contract = contract
    app_state.state = replace(app_state.state, priors=(0.0, 1.0), prior=1.0)
    told = opened(ClientState(app_state).read(Sent(1, 0.0, still=True, cover=Cover(0.5, 0.5, 1)), jpeg(gray(255))))
    shares = np.exp([1, 1, 0]) / np.array([0.8, 0.1, 0.1])
    assert told["covered"]["probabilities"] == pytest.approx(shares / shares.sum(), abs=1e-4)


@pytest.fixture
def covered(page: Page) -> Page:
    """A page that shows a picture with the square: in a film that was paused, a frame that is still under way may move
    the face, and nobody knows which face it is.
    """
    _, image = cv2.VideoCapture(str(assets() / "demo.mp4")).read()
    drop(page, "person.jpg", jpeg(image))
    page.wait("document.querySelector('#faces button')")
    page.click("#cover")
    page.wait(COVERED)
    return page


def test_the_square_is_moved_by_mouse_finger_and_keys(covered: Page) -> None:
    page = covered
    before = page.run(AT)
    page.press("ArrowDown")
    page.press("+")
    after = page.run(AT)
    assert after[1] > before[1] + 3 and after[2] > before[2] + 3
    for kind, x in (("mousePressed", 0), ("mouseMoved", 20), ("mouseMoved", 40), ("mouseReleased", 40)):
        page.send("Input.dispatchMouseEvent", type=kind, x=after[0] + x, y=after[1], button="left", clickCount=1)
    dragged = page.run(AT)
    assert dragged == pytest.approx([after[0] + 40, *after[1:]], abs=1.5), "a drag is no click"
    page.send("Emulation.setTouchEmulationEnabled", enabled=True)
    for kind, y in (("touchStart", 0), ("touchMove", -20), ("touchMove", -50), ("touchEnd", -50)):
        points = [] if kind == "touchEnd" else [{"x": dragged[0], "y": dragged[1] + y}]
        page.send("Input.dispatchTouchEvent", type=kind, touchPoints=points)
    assert page.run(AT) == pytest.approx([dragged[0], dragged[1] - 50, dragged[2]], abs=1.5)
    page.send("Emulation.setTouchEmulationEnabled", enabled=False)
    assert not page.run("document.querySelector('#help').open"), "a finger on the square is no long press"
    page.press("Enter")
    assert page.run(AT)[2] > dragged[2] + 3
    assert page.run("document.body.dataset.mode") == "watch"
    page.press("Escape")
    page.wait("document.querySelector('#square').hidden && document.querySelector('#covered').hidden")
    assert page.run("document.activeElement.id") == "cover"


def test_the_bars_are_those_of_the_covered_face(covered: Page) -> None:
    marks = "[...document.querySelectorAll('.bar b')].map((mark) => parseFloat(mark.style.left.slice(5)))"
    shares = "[...document.querySelectorAll('.bar i')].map((bar) => parseFloat(bar.style.width))"
    for _ in range(6):
        covered.press("ArrowDown")
    covered.wait(f"{marks}.some((mark, number) => Math.abs(mark - {shares}[number]) > 0.5)")
    assert covered.run(TEXT.format("#covered")).startswith("Covered: ")
    whole, seen = covered.run(marks), covered.run(shares)
    assert sum(whole) == pytest.approx(100, abs=1) and sum(seen) == pytest.approx(100, abs=1)
    covered.press("Escape")
    covered.wait(
        "document.querySelector('#covered').hidden && document.querySelectorAll('.bar b:not([hidden])').length === 0"
    )
