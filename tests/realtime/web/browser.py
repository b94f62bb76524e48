"""A headless Chromium and the little of its DevTools protocol that the tests need; no driver program between."""

from __future__ import annotations

import base64
import itertools
import json
import shutil
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import ClientConnection, connect

from tests.waiting import PATIENCE_S, until

FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--remote-debugging-port=0",
    "--remote-allow-origins=*", "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
    "--disable-dev-shm-usage", "--hide-scrollbars",
)  # fmt: skip
POLL_S = 0.05
TEXT = "document.querySelector({!r}).textContent"
"""The words of an element of the page."""
FEW = "Number(document.body.dataset.shown) > 3"
"""Whether some pictures were shown."""


class PageError(AssertionError):
    """The page did not do what was expected, or its script failed."""


class Page:
    """One tab of the browser.

    Args:
        address: its DevTools WebSocket.
    """

    def __init__(self, address: str) -> None:
        self._opened = ExitStack()
        connection = connect(address, max_size=None, open_timeout=PATIENCE_S)
        self._socket: ClientConnection = self._opened.enter_context(connection)
        self._numbers = itertools.count(1)
        self.errors: list[str] = []
        for domain in ("Page", "Runtime", "Log"):
            self.send(f"{domain}.enable")

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """One command and its answer."""
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._socket.recv(timeout=PATIENCE_S))
            if message.get("id") == number:
                if "error" in message:
                    raise PageError(f"{method}: {message['error']['message']}")
                return dict(message["result"])
            self._note(message)

    def go(self, url: str) -> None:
        """Opens an address and waits until the page is ready."""
        self.run("delete document.body?.dataset.ready")  # of the page before, which may still answer
        self.send("Page.navigate", url=url)
        self.wait("'ready' in (document.body?.dataset ?? {})")

    def run(self, script: str) -> Any:
        """The value of an expression in the page; promises are waited for."""
        answer = self.send(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True, userGesture=True
        )
        if "exceptionDetails" in answer:
            raise PageError(answer["exceptionDetails"]["exception"].get("description", "exception"))
        return answer["result"].get("value")

    def wait(self, condition: str) -> None:
        """Waits until an expression is true."""

        def told() -> str:
            return f"waited in vain for {condition}; notice: {self.run(NOTICE)!r}; errors: {self.errors}"

        until(lambda: self.run(f"Boolean({condition})"), told, POLL_S)

    def click(self, selector: str) -> None:
        """Clicks an element."""
        self.run(f"document.querySelector({json.dumps(selector)}).click()")

    def press(self, key: str) -> None:
        """Presses and lets go a key, by the name that `KeyboardEvent.key` has."""
        text = {"text": key} if len(key) == 1 else {"text": "\r"} if key == "Enter" else {}
        code, number = CODES.get(key, ("", 0))
        names = {"key": key, "code": code, "windowsVirtualKeyCode": number}
        self.send("Input.dispatchKeyEvent", type="keyDown", **names, **text)
        self.send("Input.dispatchKeyEvent", type="keyUp", **names)

    def size(self, width: int, height: int, dark: bool = False, scale: float = 1) -> None:
        """The page's size in CSS pixels, and the colours that its user prefers."""
        self.send(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale,
            mobile=False,
        )  # fmt: skip
        value = "dark" if dark else "light"
        self.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": value}])
        self.wait(f"innerWidth === {width} && matchMedia('(prefers-color-scheme: {value})').matches")

    def screenshot(self, path: Path, whole: bool = False) -> None:
        """Writes what is seen as PNG, or the whole page."""
        data = self.send("Page.captureScreenshot", format="png", captureBeyondViewport=whole)["data"]
        path.write_bytes(base64.b64decode(data))

    def close(self) -> None:
        """Closes the connection."""
        self._opened.close()

    def _note(self, message: dict[str, Any]) -> None:
        if message.get("method") == "Runtime.exceptionThrown":
            details = message["params"]["exceptionDetails"]
            self.errors.append(details.get("exception", {}).get("description", details["text"]))
        if message.get("method") == "Log.entryAdded" and message["params"]["entry"]["level"] == "error":
            self.errors.append(message["params"]["entry"]["text"])


NOTICE = "document.querySelector('#notice')?.textContent"
CODES = {"Enter": ("Enter", 13), "Tab": ("Tab", 9), " ": ("Space", 32), "Escape": ("Escape", 27)}


class Browser:
    """A running Chromium.

    Args:
        port: of its DevTools.
        process: its number.
    """

    def __init__(self, port: int, process: int) -> None:
        self._port, self.process = port, process
        self._pages: dict[str, Page] = {}

    def open(self) -> Page:
        """A new tab."""
        told = json.loads(self._ask("new?about:blank", "PUT"))
        page = self._pages[told["id"]] = Page(told["webSocketDebuggerUrl"])
        return page

    def close_pages(self) -> None:
        """Closes every tab that was opened here."""
        for name, page in self._pages.items():
            page.close()
            self._ask(f"close/{name}")
        self._pages.clear()

    def _ask(self, what: str, method: str = "GET") -> bytes:
        request = urllib.request.Request(f"http://127.0.0.1:{self._port}/json/{what}", method=method)
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
            return bytes(answer.read())


@contextmanager
def chromium(folder: Path, camera: Path | None = None, cameras: int = 1) -> Iterator[Browser]:
    """A Chromium with a profile of its own, whose camera shows a film; the test skips where there is none.

    Args:
        folder: for its profile.
        camera: an .mjpeg or .y4m file.
        cameras: how many there are.
    """
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("needs Chromium (Debian package `chromium`)")
    film = [f"--use-file-for-fake-video-capture={camera}"] if camera else []
    several = [f"--use-fake-device-for-media-stream=device-count={cameras}"] if cameras > 1 else []
    command = [program, *FLAGS, *film, *several, f"--user-data-dir={folder}", "about:blank"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        browser = Browser(_port(folder / "DevToolsActivePort", process), process.pid)
        yield browser
        browser.close_pages()
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


def _port(file: Path, process: subprocess.Popen[bytes]) -> int:
    def lines() -> list[str]:
        assert process.poll() is None, "Chromium does not start"
        return file.read_text().splitlines() if file.exists() else []

    return int(until(lines, "Chromium does not start", POLL_S)[0])


def drop(page: Page, name: str, data: bytes) -> None:
    """Drops a file on the page."""
    page.run(f"""(() => {{
        const transfer = new DataTransfer();
        transfer.items.add(new File([new Uint8Array({list(data)})], {name!r}));
        document.dispatchEvent(new DragEvent("drop", {{ dataTransfer: transfer, bubbles: true, cancelable: true }}));
    }})()""")
