"""Cameras are chosen by name; a server that hangs, or was started anew, is told and taken up again."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from emoscope.network.bundle import DEFAULT_MODEL
from tests.realtime.web.browser import FEW, NOTICE, TEXT, Browser, Page, chromium
from tests.reliability.serving import served

NAMES = "[...document.querySelectorAll('#cameras option')].map((one) => one.textContent)"
SOURCE = "document.querySelector('#status dd').textContent"
QUICKLY = "(() => { const now = performance.now.bind(performance); performance.now = () => 6 * now(); })()"
"""Makes what the page waits for come soon, but not while a slow machine only takes its time."""
HUNG = f"{NOTICE}.startsWith('No answer for 15 s: the server is busy, or hangs')"
SETTLED = "!document.querySelector('#notice').textContent && document.querySelector('#again').hidden"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[int, str]]:
    """`emoscope serve` as a user starts it: its process, and its address."""
    with served(tmp_path, model=DEFAULT_MODEL) as (address, process):
        try:
            yield process, address.url
        finally:
            os.kill(process, signal.SIGCONT)


def test_cameras_are_chosen_by_name(url: str, tmp_path: Path) -> None:
    with chromium(tmp_path / "profile", cameras=2) as browser:
        page = browser.open()
        page.size(1280, 800)
        page.go(url)
        page.click("#start")
        page.wait(FEW)
        page.wait("!document.querySelector('#cameras').parentElement.hidden")
        first, second = page.run(NAMES)
        assert page.run(SOURCE) == first != second
        page.run(
            "(({ options }) => Object.assign(document.querySelector('#cameras'), { value: options[1].value })"
            ".dispatchEvent(new Event('change')))(document.querySelector('#cameras'))"
        )
        page.wait(f"{SOURCE} === {second!r}")
        page.wait("document.querySelector('#cameras').selectedIndex === 1")
        page.press("c")
        page.wait(f"{SOURCE} === {first!r}")


def watch(browser: Browser, url: str) -> Page:
    """A page that shows the camera, with a view of its own, to which time runs fast."""
    page = browser.open()
    page.size(1280, 800)
    page.go(url)
    page.click("#start")
    page.wait(FEW)
    for key in "<tao":
        page.press(key)
    page.wait("['layer=', 'method=', 'view=maps', 'heat=yes'].every((word) => location.hash.includes(word))")
    return page


def test_a_server_that_hangs_is_told_and_taken_up_again(browser: Browser, server: tuple[int, str]) -> None:
    process, url = server
    page = watch(browser, url)
    page.run(QUICKLY)
    seen = page.run("location.hash")
    for takes_up in ("by itself", "by the button"):
        os.kill(process, signal.SIGSTOP)
        page.wait(f"{HUNG} && !document.querySelector('#again').hidden")
        if takes_up == "by the button":
            page.click("#again")
            page.wait(f"{NOTICE} === 'connecting…'")
        shown = page.run("document.body.dataset.shown")
        os.kill(process, signal.SIGCONT)
        page.wait(f"{SETTLED} && document.body.dataset.shown !== {shown!r}")
        page.wait(f"location.hash === {seen!r} && document.querySelector('#view').value === 'maps'")


def test_a_server_that_hangs_is_told_when_a_key_is_not_answered(browser: Browser, server: tuple[int, str]) -> None:
    process, url = server
    page = browser.open()
    page.go(url)
    page.run(QUICKLY)
    os.kill(process, signal.SIGSTOP)
    page.press("a")
    page.wait(HUNG)
    os.kill(process, signal.SIGCONT)
    page.wait(f"{SETTLED} && document.querySelector('#view').value === 'maps'")
    assert page.run(TEXT.format("#notice")) == ""
