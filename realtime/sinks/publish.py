"""Publishing under an address: ws://HOST:PORT serves WebSockets there, osc://HOST:PORT sends OSC messages there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from urllib.parse import urlsplit

from ..errors import EmoscopeError, SystemLibraryError
from .about import About
from .sink import SampleSink

HERE = "127.0.0.1"
"""Where an address without a host is: on this machine."""
EXAMPLES = "ws://127.0.0.1:8765 or osc://127.0.0.1:9000"


@dataclass(frozen=True, slots=True)
class Target:
    """An address to publish under.

    Attributes:
        scheme: "ws" or "osc".
        host: name or number; this machine where none is given.
        port: 1–65535; 0 takes a free one, which only a server can.
    """

    scheme: str
    host: str
    port: int

    @classmethod
    def of(cls, text: str) -> Target:
        """From what was typed.

        Raises:
            EmoscopeError: it is no such address; the message names two that are.
            SystemLibraryError: the package that it needs is missing.
        """
        try:
            parts = urlsplit(text)
            port = parts.port
        except ValueError:
            raise EmoscopeError(f"{text!r} is no address to publish under: write {EXAMPLES}") from None
        if parts.scheme not in PUBLISHERS:
            raise EmoscopeError(f"{text!r} is no address to publish under: write {EXAMPLES}")
        if port is None or (port == 0 and parts.scheme != "ws"):
            raise EmoscopeError(f"{text!r} names no port: write {EXAMPLES}")
        if parts.path not in ("", "/") or parts.query or parts.fragment or parts.username:
            raise EmoscopeError(f"{text!r}: an address ends with its port: write {EXAMPLES}")
        require_extra(parts.scheme)
        return cls(parts.scheme, parts.hostname or HERE, port)

    def __str__(self) -> str:
        """As it is written."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"


def require_extra(scheme: str) -> None:
    """Raises SystemLibraryError, naming the cure, where the package that a scheme needs is missing."""
    module, package = NEEDS[scheme]
    if find_spec(module) is None:
        raise SystemLibraryError(f'{scheme}:// needs the package {package}: run `pip install "emoscope[stream]"`')


def open_publisher(target: Target, about: About) -> SampleSink:
    """The sink of an address, open.

    Raises:
        EmoscopeError: the host is not known, or its port is taken.
    """
    return PUBLISHERS[target.scheme](target, about)


def _web_socket(target: Target, about: About) -> SampleSink:
    from .websocket import WebSocketPublisher

    return WebSocketPublisher(target, about)


def _osc(target: Target, about: About) -> SampleSink:
    from .osc import OscSender

    return OscSender(target, about)


PUBLISHERS: dict[str, Callable[[Target, About], SampleSink]] = {"ws": _web_socket, "osc": _osc}
"""Scheme → what opens it."""
NEEDS = {"ws": ("websockets", "websockets"), "osc": ("pythonosc", "python-osc")}
"""Scheme → module and package; both stand in the extra `stream`."""
