"""Speaks HTTP and WebSocket to the server as a page does, or as a foreign page would."""

from __future__ import annotations

import http.client
import json
import socket
from typing import Any

from websockets.sync.client import ClientConnection, connect

from emoscope.web.address import Address
from emoscope.web.packet import LENGTH

ANSWER_S = 180


def ask(
    address: Address, method: str = "GET", path: str = "/", body: bytes | None = None, **headers: str
) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body; `Host` and `Origin` are the page's own unless given."""
    own = f"127.0.0.1:{address.port}"
    sent = {"Host": own, **({"Origin": f"http://{own}"} if method == "POST" else {})}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    connection = http.client.HTTPConnection("127.0.0.1", address.port, timeout=ANSWER_S)
    try:
        connection.request(method, path, body, {name: value for name, value in sent.items() if value})
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


def posting(served: Address, body: bytes, length: int) -> socket.socket:
    """A connection with a request whose body is not whole."""
    own = f"Host: 127.0.0.1:{served.port}\r\nOrigin: http://127.0.0.1:{served.port}\r\n"
    opened = socket.create_connection(("127.0.0.1", served.port), ANSWER_S)
    opened.sendall(f"POST /upload HTTP/1.1\r\n{own}Content-Length: {length}\r\n\r\n".encode() + body)
    return opened


def talk(address: Address, origin: str = "", **headers: str) -> ClientConnection:
    """A WebSocket as the page opens it."""
    url = f"ws://127.0.0.1:{address.port}/talk"
    own = origin or f"http://127.0.0.1:{address.port}"
    return connect(url, origin=own, additional_headers=headers, open_timeout=ANSWER_S)  # type: ignore[arg-type]


def hear(page: ClientConnection) -> dict[str, Any]:
    """The next message: text as it is, a reading with its arrays."""
    message = page.recv(timeout=ANSWER_S)
    return json.loads(message) if isinstance(message, str) else opened(message)


def opened(message: bytes) -> dict[str, Any]:
    """A reading with the bytes of its arrays under "bytes"."""
    (length,) = LENGTH.unpack_from(message)
    reading: dict[str, Any] = json.loads(message[LENGTH.size : LENGTH.size + length])
    reading["bytes"] = message[LENGTH.size + length :]
    return reading
