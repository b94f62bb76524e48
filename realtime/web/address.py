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
from urllib.parse import urlsplit

from ..errors import EmoscopeError
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
        scheme: "https" where the server itself ends TLS, else "http".
        public: "https://name" or "http://name:port" under which a proxy before the server is known, "" without one.
    """

    host: str
    port: int
    token: str = ""
    scheme: str = "http"
    public: str = ""

    @property
    def url(self) -> str:
        """What to type into a browser."""
        return self._url(socket.gethostname() if self.host in ANY else self.host)

    @property
    def numeric_url(self) -> str:
        """The same with a number for this machine, for a telephone, which may not know its name."""
        return self._url(lan_number() if self.host in ANY else self.host)

    @property
    def is_secure(self) -> bool:
        """Whether browsers reach it by https."""
        return (self.public or f"{self.scheme}:").startswith("https:")

    def _url(self, host: str) -> str:
        name = f"[{host}]" if ":" in host else host
        own = self.public or f"{self.scheme}://{name}:{self.port}"
        return f"{own}/" + (f"?token={self.token}" if self.token else "")

    def is_ours(self, host: str) -> bool:
        """Whether a request's `Host` names this server.

        A numeric address cannot be another site's name, so where the server listens on all addresses each will do.
        """
        if self.public:
            return host.lower() == urlsplit(self.public).netloc
        usual = "443" if self.scheme == "https" else "80"
        name, _, port = (host if _has_port(host) else f"{host}:{usual}").lower().rpartition(":")
        if port != str(self.port):
            return False
        known = (self.host,) if is_loopback(self.host) else (self.host, socket.gethostname())
        if name.strip("[]") in map(str.lower, known):
            return True
        return name in LOOPBACK_NAMES if is_loopback(self.host) else self.host in ANY and _is_numeric(name)

    def is_own_origin(self, origin: str, host: str) -> bool:
        """Whether a request's `Origin` is the very page that its `Host` serves."""
        return origin.lower() == (self.public or f"{self.scheme}://{host}".lower())

    def admits(self, token: str) -> bool:
        """Whether a token opens the door."""
        return not self.token or secrets.compare_digest(token.encode(), self.token.encode())


def address(host: str, port: int, scheme: str = "http", public: str = "", token: str = "") -> Address:
    """An address, with a token where it can be reached from elsewhere.

    Args:
        host: address or name of this machine.
        port: TCP port.
        scheme: "http" or "https"; see `Address`.
        public: address of a proxy before the server, as somebody typed it, "" without one.
        token: to keep; "" makes a fresh one.

    Raises:
        EmoscopeError: the public address is none.
    """
    known = public and public_address(public)
    alone = is_loopback(host) and not known
    return Address(host, port, "" if alone else token or secrets.token_urlsafe(18), scheme, known)


def public_address(given: str) -> str:
    """An address as browsers name it in `Origin`: no path, no port that goes without saying, small letters.

    Raises:
        EmoscopeError: it is none, or has a path.
    """
    try:
        parts = urlsplit(given.strip().lower())
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
        raise EmoscopeError(f"--public-url {given!r} is no address: give https://name or http://name:port")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise EmoscopeError(f"--public-url {given!r} has a path: the page lives at the root of a name of its own")
    name = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    usual = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{name}" + ("" if port in (None, usual) else f":{port}")


def lan_number() -> str:
    """This machine's number in its network, as the system would choose it; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        try:
            out.connect(("192.0.2.1", 9))  # an address for documentation: a datagram socket only looks up the way
            return str(out.getsockname()[0])
        except OSError:
            return socket.gethostname()


def _has_port(host: str) -> bool:
    return ":" in host and not host.endswith("]")


def _is_numeric(name: str) -> bool:
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True
