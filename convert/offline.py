"""No socket for a mere question: urllib3, which Keras brings along, opens one when it is imported.

It wants to know whether the machine speaks IPv6, which nothing here ever needs, and is told that it does not.
"""

from __future__ import annotations

import importlib.util
import socket
import sys


def spare_the_socket() -> None:
    """Imports urllib3, where it is installed, without the socket that it would open."""
    if "urllib3" in sys.modules or importlib.util.find_spec("urllib3") is None:
        return
    speaks = socket.has_ipv6
    try:
        socket.has_ipv6 = False
        importlib.import_module("urllib3")
    finally:
        socket.has_ipv6 = speaks
