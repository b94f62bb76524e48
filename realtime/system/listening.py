"""Sockets that others may reach: who can, and a listening one that says in a line why it cannot be had."""

from __future__ import annotations

import ipaddress
import socket

from ..errors import EmoscopeError


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address."""
    try:
        return host.lower() == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def listen(host: str, port: int, cure: str = "choose another --port or --host") -> socket.socket:
    """A listening socket; port 0 takes a free one.

    Args:
        host: address or name of this machine.
        port: TCP port.
        cure: what to do where it cannot be had, for the error's line.

    Raises:
        EmoscopeError: the address is not this machine's, or the port is taken.
    """
    try:
        family, _, _, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        return socket.create_server(place[:2], family=family)
    except OSError as error:
        reason = error.strerror or str(error)
        raise EmoscopeError(f"cannot listen at {host} port {port} ({reason}): {cure}") from None
