"""A running server with the hand-made bundle, and one with the shipped network in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from threading import Thread

import cv2
import pytest

from emoscope.errors import SystemLibraryError
from emoscope.faces import open_finder
from emoscope.network.bundle import DEFAULT_MODEL, ModelBundle, open_bundle
from emoscope.network.network import Network
from emoscope.system.atomic import atomic_write
from emoscope.system.bundled import assets
from emoscope.system.listening import listen
from emoscope.types import Image
from emoscope.view.state import first_state
from emoscope.web.address import Address
from emoscope.web.app import application
from emoscope.web.app_state import AppState
from emoscope.web.certificate import Certificate
from emoscope.web.client_state import ClientState
from emoscope.web.server import prepared
from emoscope.web.site.npm import LOCK, npm_packages
from emoscope.web.site.runtime import fetched, install, is_there
from tests.realtime.tiny import FixedFinder, face
from tests.realtime.web.browser import FEW, Browser, Page, chromium
from tests.realtime.web.film import camera_film

AXE = Path(__file__).with_name("axe")
"""Where the version of axe-core is named that the tests use; it is no part of EmoScope."""


@pytest.fixture
def app_state(tiny_bundle: ModelBundle) -> Iterator[AppState]:
    """A app_state whose finders see one face of 20 pixels at (40, 30)."""
    network = Network(tiny_bundle, "cpu")
    state = first_state(network.contract)
    with AppState(network, lambda: FixedFinder(face()), state, "tiny.onnx") as opened:  # type: ignore[arg-type,return-value]
        yield opened


@pytest.fixture
def client(app_state: AppState) -> ClientState:
    """One page's side of the server."""
    return ClientState(app_state)


@pytest.fixture
def server(app_state: AppState) -> Iterator[Address]:
    """A server on a free port of this machine."""
    with serving(app_state) as address:
        yield address


@pytest.fixture(scope="session")
def shared_browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A Chromium that is started once, whose camera shows the demo clip; tests take it as `browser`."""
    folder = tmp_path_factory.mktemp("chromium")
    film = camera_film(assets() / "demo.mp4", folder / "camera.mjpeg", 4)
    with chromium(folder / "profile", film) as running:
        yield running


@pytest.fixture
def browser(shared_browser: Browser) -> Iterator[Browser]:
    """A Chromium without tabs of another test."""
    yield shared_browser
    shared_browser.close_pages()


@pytest.fixture(scope="session")
def url() -> Iterator[str]:
    """The address of a server with the shipped network, which is started once."""
    network = Network(open_bundle(), "cpu")
    with (
        AppState(network, open_finder, first_state(network.contract), DEFAULT_MODEL) as app_state,
        serving(app_state) as address,
    ):
        yield address.url


@pytest.fixture(scope="session")
def runtime(pytestconfig: pytest.Config) -> Path:
    """The site's runtime; npm fetches it once, and the tests that need it skip where it cannot."""
    assert pytestconfig.cache is not None
    folder = pytestconfig.cache.mkdir("onnxruntime-web")
    if not is_there(folder):
        with _or_skipped(fetched()) as source:
            install(source, folder)
    return folder


@pytest.fixture(scope="session")
def axe(pytestconfig: pytest.Config) -> str:
    """The script that looks for what keeps people out; as with the runtime."""
    assert pytestconfig.cache is not None
    (lock,) = re.findall(r'"axe-core": "(.+)"', (AXE / LOCK[0]).read_text())
    script = pytestconfig.cache.mkdir("axe-core") / f"axe.{lock}.js"
    if not script.is_file():
        with _or_skipped(npm_packages(AXE, "axe-core")) as folder:
            atomic_write(script, (folder / "node_modules" / "axe-core" / "axe.min.js").read_bytes())
    return script.read_text("utf-8")


@contextmanager
def _or_skipped(fetching: AbstractContextManager[Path]) -> Iterator[Path]:
    """What is fetched, for the body; the test skips where it cannot be."""
    with ExitStack() as opened:
        try:
            folder = opened.enter_context(fetching)
        except SystemLibraryError as error:
            pytest.skip(str(error))
        yield folder


@pytest.fixture
def page(browser: Browser, url: str) -> Iterator[Page]:
    """A fresh page; afterwards, whether its scripts ran without a fault."""
    opened = browser.open()
    opened.size(1280, 800)
    opened.go(url)
    yield opened
    opened.run("document.body.dataset.shown")
    assert opened.errors == []


@pytest.fixture
def watching(page: Page) -> Page:
    """A page that shows the camera."""
    page.click("#start")
    page.wait(FEW)
    page.wait("document.querySelector('#faces button')")
    return page


@contextmanager
def serving(
    app_state: AppState, token: str = "", public: str = "", certificate: Certificate | None = None, port: int = 0
) -> Iterator[Address]:
    """Runs a server on a thread."""
    with listen("127.0.0.1", port) as listening:
        scheme = "https" if certificate else "http"
        address = Address("127.0.0.1", listening.getsockname()[1], token, scheme, public)
        server = prepared(application(app_state, address), certificate)
        thread = Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield address
        finally:
            server.should_exit = True
            thread.join()


def jpeg(image: Image) -> bytes:
    """A picture as the page sends it."""
    return cv2.imencode(".jpg", image)[1].tobytes()
