"""A WebSocket server that tells every receiver each frame as one JSON object; it listens to nobody.

    hello      once, on connecting: model, source, labels
    frame      a frame's readings (`Sample.as_json`)
    marker     an event (`Marker.as_json`)

A receiver that reads too slowly misses frames, never holds up another one, and is let go when it stands still.
Only programs, and pages of this machine, may listen: any web site could make the user's own browser ask. Where the
server can be reached from elsewhere, receivers bring the token that its address is told with.
"""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
from collections import deque
from collections.abc import Callable
from threading import Event, Thread
from time import monotonic
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from ..errors import EmoscopeError
from ..system.listening import is_loopback, listen
from .about import About
from .sample import Marker, Sample
from .sink import SampleSink

if TYPE_CHECKING:
    from .publish import Target

MOST_RECEIVERS = 256
FULL_BYTES = 1 << 16
"""What may wait for a receiver in this program; frames are left out while there is more."""
STILL_S = 5.0
"""How long a receiver may leave all that waiting before it is let go, in seconds."""
PING_S, PONG_S = 5.0, 10.0
"""How often a receiver is asked whether it is there, and how long it may take to answer, in seconds."""
START_S = 10.0
CLOSE_S = 2.0


class WebSocketPublisher(SampleSink):
    """Serves one address.

    Args:
        target: host and port to listen at; port 0 takes a free one.
        about: what is watched, and by which network.

    Attributes:
        port: that it listens at.
        token: what receivers must bring, "" where only this machine can reach it.

    Raises:
        EmoscopeError: the host is not this machine's, or the port is taken.
    """

    def __init__(self, target: Target, about: About) -> None:
        self._listening = listen(target.host, target.port, "publish under another port")
        self.port = int(self._listening.getsockname()[1])
        self.token = "" if is_loopback(target.host) else secrets.token_urlsafe(18)
        self.name = str(type(target)(target.scheme, target.host, self.port))
        self._hello = _text(about.as_json())
        self._receivers: dict[Any, _Receiver] = {}
        self._news: deque[str] = deque([self._where()])
        self._loop = asyncio.new_event_loop()
        self._ready, self._leaving = Event(), asyncio.Event()
        self._error: Exception | None = None
        self._thread = Thread(target=self._run, name=self.name, daemon=True)
        self._thread.start()
        self._ready.wait(START_S)
        if self._error is not None:
            raise EmoscopeError(f"{self.name}: the server does not start ({self._error})")

    @property
    def receivers(self) -> int:
        """How many listen now."""
        return len(self._receivers)

    def __call__(self, sample: Sample, /) -> None:
        self._tell(sample.as_json)

    def mark(self, marker: Marker) -> None:
        self._tell(marker.as_json)

    def news(self) -> list[str]:
        return [self._news.popleft() for _ in range(len(self._news))]

    def close(self) -> None:
        if self._loop.is_running():
            self._loop.call_soon_threadsafe(self._leaving.set)
        self._thread.join(START_S)
        self._listening.close()

    def _where(self) -> str:
        if not self.token:
            return f"publishing at {self.name}"
        return (
            f"publishing at {self.name}/?token={self.token}: everyone who can reach this address and has the token "
            "can read it, and it is not encrypted"
        )

    def _tell(self, describe: Callable[[], dict[str, Any]]) -> None:
        if self._receivers and self._loop.is_running():
            self._loop.call_soon_threadsafe(self._broadcast, _text(describe()))

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._serve())
        except Exception as error:  # told by whoever started the server
            self._error = error
        finally:
            self._ready.set()
            self._loop.close()

    async def _serve(self) -> None:
        from websockets.asyncio.server import serve

        options: dict[str, Any] = {"compression": None, "max_size": 1024, "close_timeout": CLOSE_S, "logger": _quiet()}
        options |= {"ping_interval": PING_S, "ping_timeout": PONG_S, "server_header": None}
        async with serve(self._receive, sock=self._listening, process_request=self._door, **options):
            self._ready.set()
            await self._leaving.wait()

    def _door(self, connection: Any, request: Any) -> Any:
        """None for whoever may listen, else the answer that says why not."""
        if len(self._receivers) >= MOST_RECEIVERS:
            return connection.respond(503, f"{MOST_RECEIVERS} receivers listen already\n")
        if self.token and not _has_token(request.path, self.token):
            return connection.respond(403, "the address lacks the token that it was told with\n")
        origin = request.headers.get("Origin")
        if origin is not None and not is_loopback(urlsplit(origin).hostname or "") and not self.token:
            return connection.respond(403, "only pages of this machine (http://localhost…) may listen\n")
        return None

    async def _receive(self, connection: Any) -> None:
        from websockets.exceptions import ConnectionClosed

        receiver = _Receiver()
        try:
            await connection.send(self._hello)
            self._receivers[connection] = receiver
            async for _ in connection:
                continue  # nobody is listened to
        except ConnectionClosed as error:
            if error.rcvd is None and error.sent is not None and not receiver.let_go:
                self._news.append(f"{_name(connection)} was let go: it does not answer")
        finally:
            self._receivers.pop(connection, None)
            if receiver.left_out and not receiver.let_go:
                self._news.append(f"{_name(connection)} was too slow for {receiver.left_out} frames")

    def _broadcast(self, text: str) -> None:
        from websockets.asyncio.server import broadcast

        ready = []
        for connection, receiver in list(self._receivers.items()):
            waiting = connection.transport.get_write_buffer_size()
            if receiver.takes(waiting):
                ready.append(connection)
            elif receiver.stands_still:
                receiver.let_go = True
                self._news.append(f"{_name(connection)} was let go: it reads nothing")
                connection.transport.abort()
        broadcast(ready, text)


class _Receiver:
    """What is remembered of one that listens."""

    def __init__(self) -> None:
        self.left_out, self.let_go = 0, False
        self._full_since_s: float | None = None

    def takes(self, waiting: int) -> bool:
        """Whether it may be sent another message while so many bytes wait for it."""
        if waiting <= FULL_BYTES:
            self._full_since_s = None
            return True
        self.left_out += 1
        if self._full_since_s is None:
            self._full_since_s = monotonic()
        return False

    @property
    def stands_still(self) -> bool:
        return self._full_since_s is not None and monotonic() - self._full_since_s > STILL_S


def _text(told: dict[str, Any]) -> str:
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def _has_token(path: str, token: str) -> bool:
    given = parse_qs(urlsplit(path).query).get("token", [""])[0]
    return secrets.compare_digest(given.encode(), token.encode())


def _name(connection: Any) -> str:
    place = connection.remote_address
    return "a receiver" if place is None else f"receiver {place[0]}:{place[1]}"


def _quiet() -> logging.Logger:
    """A log that nobody reads: what a stranger sends is no news to whoever watches."""
    logger = logging.getLogger("emoscope.websocket")
    logger.propagate = False
    logger.addHandler(logging.NullHandler())
    return logger
