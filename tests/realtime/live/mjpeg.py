"""A stream to test with: motion JPEG over HTTP on this machine, which can be cut off and restored."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from types import TracebackType

import cv2

from emoscope.types import Image
from tests.realtime.tiny import gray


class MjpegServer:
    """Sends one picture again and again; a context manager that ends it.

    Args:
        port: 0 for any that is free.
        image: what it sends.
    """

    def __init__(self, port: int = 0, image: Image | None = None) -> None:
        self.cut = Event()
        data = cv2.imencode(".jpg", gray(200) if image is None else image)[1].tobytes()
        cut = self.cut

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
                self.end_headers()
                head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(data)}\r\n\r\n".encode()
                try:
                    while not cut.wait(0.02):
                        self.wfile.write(head + data + b"\r\n")
                except OSError:
                    pass  # the viewer has gone

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    @property
    def address(self) -> str:
        """What a viewer is given."""
        return f"http://127.0.0.1:{self.port}/stream.mjpg"

    def __enter__(self) -> MjpegServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.cut.set()
        self._server.shutdown()
        self._server.server_close()
