"""The page for everybody: axe-core finds nothing to complain about, wide and narrow, light and dark."""

from __future__ import annotations

import cv2

from emoscope.system.bundled import assets
from tests.realtime.web.browser import Page, drop

SIZES = ((1280, 800), (360, 740))
COMPLAINTS = """axe.run({ resultTypes: ["violations"] }).then(({ violations }) => {
    const told = ({ html, any, all }) => [html, ...[...any, ...all].map(({ message }) => message)];
    return violations.map(({ help, nodes }) => [help, nodes.map(told)]);
})"""
"""What axe asks for and where, of each rule that is broken."""


def check(page: Page, where: str) -> None:
    """Fails with what axe finds in the page as it stands, at every size and in both colours."""
    for width, height in SIZES:
        for dark in (False, True):
            page.size(width, height, dark)
            assert page.run(COMPLAINTS) == [], f"{where}, {width} pixels wide, {'dark' if dark else 'light'}"


def test_nobody_is_kept_out(page: Page, axe: str) -> None:
    page.run(axe)
    check(page, "first screen")
    page.click("#start")
    page.wait("document.querySelector('#faces button')")
    page.press("y")
    page.press(" ")
    page.wait("document.querySelector('#insettitle').textContent.startsWith('LayerCAM')")
    check(page, "watching")
    page.press("Enter")
    page.wait("document.querySelectorAll('#heats canvas').length > 0")
    check(page, "inside")
    page.press("h")
    page.wait("document.querySelector('#help').open")
    check(page, "table of keys")
    page.press("Escape")
    _, image = cv2.VideoCapture(str(assets() / "demo.mp4")).read()
    drop(page, "person.png", cv2.imencode(".png", cv2.resize(image, (480, 270)))[1].tobytes())
    page.wait("document.querySelector('#status').innerText.includes('person.png')")
    page.wait("document.querySelector('#faces button')")
    check(page, "inside a picture")
    page.press("Enter")
    page.press("a")
    page.wait("document.querySelectorAll('#insetmaps canvas').length > 0")
    check(page, "a picture")
    page.click("#lesson")
    page.wait("document.querySelector('#lessonpage').open")
    check(page, "lesson")
