"""What the page says of things that cannot be, and that its controls leave the keys alone."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from tests.realtime.web.browser import TEXT, Page, drop

HASTE = "(() => { const later = setTimeout; window.setTimeout = (act, ms) => later(act, ms / 100); })()"
"""Notices that go by themselves are gone in a few hundredths of a second."""


def test_what_cannot_be_done_stays_to_be_read_until_the_next_action(page: Page) -> None:
    page.run(HASTE)
    drop(page, "plain.png", cv2.imencode(".png", np.full((90, 120, 3), 90, np.uint8))[1].tobytes())
    page.wait(f"{TEXT.format('#notice')} === 'no face found'")
    page.press("x")
    page.wait(f"{TEXT.format('#notice')} === 'this source cannot be moved in'")
    page.run("new Promise((done) => setTimeout(done, 20_000))")
    assert page.run(TEXT.format("#notice")) == "this source cannot be moved in"
    page.press("b")
    page.wait(f"!{TEXT.format('#notice')}")


def test_a_heic_picture_is_read(page: Page, shared: Path) -> None:
    drop(page, "person.heic", (shared / "cases" / "media" / "face.heic").read_bytes())
    page.wait("document.querySelector('#faces button')")
    page.wait("document.querySelector('#status').innerText.includes('person.heic')")


def test_keys_go_on_after_a_click_on_a_control(watching: Page) -> None:
    watching.click("#heat")
    watching.run("document.querySelector('#heat').focus()")
    watching.press("b")
    watching.wait("document.querySelector('#bars').hidden")
    watching.run("document.querySelector('#layer').focus()")
    watching.press("b")
    watching.wait("!document.querySelector('#bars').hidden")
    watching.press("9")
    watching.wait(f"{TEXT.format('#notice')} === 'the model has 7 classes'")
    watching.press("y")
    watching.wait(f"{TEXT.format('#history figcaption')}.match(/^face \\d+ • probabilities over/)")
