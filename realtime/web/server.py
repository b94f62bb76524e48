"""Runs the application until Ctrl-C."""

from __future__ import annotations

import logging
import socket
from contextlib import suppress

import uvicorn
from starlette.types import ASGIApp

from .certificate import Certificate
from .connection import Connection

MOST_MESSAGE_BYTES = 4_000_000
MOST_MESSAGES = 4
"""WebSocket messages that wait unread; a page that sends more is slowed down by its own connection."""
FAREWELL_S = 2


def run(app: ASGIApp, listening: socket.socket, certificate: Certificate | None = None) -> None:
    """Serves an application on a listening socket, by https where there is a certificate, until Ctrl-C."""
    logging.getLogger("asyncio").setLevel(logging.ERROR)  # it warns of every word that a page that left did not hear
    with suppress(KeyboardInterrupt):  # which is how a server ends
        prepared(app, certificate).run(sockets=[listening])


def prepared(app: ASGIApp, certificate: Certificate | None = None) -> uvicorn.Server:
    """The server, not yet running: quiet, and bounded in all that a page can send."""
    config = uvicorn.Config(
        app,
        http=Connection,
        ssl_certfile=certificate and certificate.chain,
        ssl_keyfile=certificate and certificate.key,
        access_log=False,
        log_level="error",
        lifespan="off",
        server_header=False,
        ws_max_size=MOST_MESSAGE_BYTES,
        ws_max_queue=MOST_MESSAGES,
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=FAREWELL_S,
    )
    return uvicorn.Server(config)
