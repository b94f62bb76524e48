"""Where the server listens, who may speak to it, and the token that strangers lack.

On this machine's own address no token is needed, but a browser can be tricked into speaking to it by any web site.
So every request must name one of the server's own hosts (a site that points its own name here does not), and what
acts or answers with data must come from the server's own page (`Origin`).
"""

from __future__ import annotations

import ipaddress
import secrets
import socket
from dataclasses import dataclass

from ..system.listening import is_loopback

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")
ANY = ("0.0.0.0", "::")


@dataclass(frozen=True, slots=True)
class Address:
    """Where the server listens.

    Attributes:
        host: address or name of this machine.
        port: TCP port.
        token: what the first request must bring, "" where the server is reached from this machine alone.
    """

    host: str
    port: int
    token: str = ""

    @property
    def url(self) -> str:
        """What to type into a browser."""
        host = socket.gethostname() if self.host in ANY else self.host
        name = f"[{host}]" if ":" in host else host
        return f"http://{name}:{self.port}/" + (f"?token={self.token}" if self.token else "")

    def is_ours(self, host: str) -> bool:
        """Whether a request's `Host` names this server.

        A numeric address cannot be another site's name, so where the server listens on all addresses each will do.
        """
        name, _, port = (host if _has_port(host) else f"{host}:80").lower().rpartition(":")
        if port != str(self.port):
            return False
        known = (self.host,) if is_loopback(self.host) else (self.host, socket.gethostname())
        if name.strip("[]") in map(str.lower, known):
            return True
        return name in LOOPBACK_NAMES if is_loopback(self.host) else self.host in ANY and _is_numeric(name)

    def is_own_origin(self, origin: str, host: str) -> bool:
        """Whether a request's `Origin` is the very page that its `Host` serves."""
        return origin.lower() == f"http://{host}".lower()

    def admits(self, token: str) -> bool:
        """Whether a token opens the door."""
        return not self.token or secrets.compare_digest(token.encode(), self.token.encode())


def address(host: str, port: int) -> Address:
    """An address, with a fresh token where it can be reached from elsewhere."""
    return Address(host, port, "" if is_loopback(host) else secrets.token_urlsafe(18))


def _has_port(host: str) -> bool:
    return ":" in host and not host.endswith("]")


def _is_numeric(name: str) -> bool:
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True
