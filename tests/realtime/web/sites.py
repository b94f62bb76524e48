"""A site as a host gives it out: any file as it is, and nothing else; every request is noted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from emoscope.network.bundle import ModelBundle
from emoscope.report.explain.beside import Beside
from emoscope.view.state import first_state
from emoscope.web.site.runtime import SUMS
from emoscope.web.site.writer import SiteParts


class Host:
    """A running host.

    Attributes:
        url: of its folder.
        asked: paths that were asked for.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.asked: list[str] = []


@contextmanager
def hosted(folder: Path) -> Iterator[Host]:
    """Gives a folder out, on a free port of this machine."""

    class Handler(SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path != "/favicon.ico":  # which the browser asks for by itself, of any host
                return super().do_GET()
            self.send_response(204)
            return self.end_headers()

        def log_message(self, format: str, *words: object) -> None:
            host.asked.extend({self.path} - {"/favicon.ico"})

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder))) as server:
        host = Host(f"http://127.0.0.1:{server.server_address[1]}")
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield host
        finally:
            server.shutdown()
            thread.join()


def site_of(bundle: ModelBundle, detector: str = "yunet", known: Beside | None = None) -> SiteParts:
    """A site that shows a bundle's own defaults."""
    return SiteParts(bundle, first_state(bundle.contract), known or Beside(bundle.name), detector)


def stand_in(folder: Path) -> Path:
    """Files with the names of the runtime's, for tests that never run it."""
    folder.mkdir()
    for name in SUMS:
        (folder / name).write_text("")
    return folder
