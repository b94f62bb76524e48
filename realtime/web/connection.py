"""Connections that bring nothing are ended: whoever opens one has so long for the head of a request.

uvicorn waits for ever for the rest of a head, and a few hundred halves are all the connections there are.
"""

from __future__ import annotations

from asyncio import TimerHandle

from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_S = 10.0
"""How long the head of a request may take, in seconds."""


class Connection(H11Protocol):
    """An HTTP connection whose heads come soon, or never."""

    _timer: TimerHandle | None = None

    def connection_made(self, transport) -> None:  # type: ignore[no-untyped-def]
        """Begins to wait for the first head."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Waits on where a head is not whole; a request that is being answered takes the time that it takes."""
        super().data_received(data)
        if self.transport.get_protocol() is not self or self._is_answering:
            self._stop()
        elif self._timer is None:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stops waiting."""
        self._stop()
        super().connection_lost(exc)

    @property
    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _wait(self) -> None:
        self._timer = self.loop.call_later(HEAD_S, self._end)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _end(self) -> None:
        self._timer = None
        if not self._is_answering and not self.transport.is_closing():
            self.transport.close()
