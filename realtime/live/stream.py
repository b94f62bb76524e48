"""A stream by its address (HTTP, RTSP, …), watched as it comes; one that breaks off is opened again.

This is the only place where EmoScope opens a network connection, and only to the address that it was given.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from threading import Event
from time import perf_counter
from urllib.parse import urlsplit, urlunsplit

import av
from av.container import InputContainer
from av.error import FFmpegError

from ..errors import SourceError
from ..media.develop import Developer
from ..media.fields import Fields
from ..media.shape import Shape, usable
from ..types import Frame
from .camera import PAUSES_S
from .source import Source

OPEN_TIMEOUT_S, READ_TIMEOUT_S = 10.0, 5.0
OPTIONS = {"rtsp_transport": "tcp", "fflags": "nobuffer", "flags": "low_delay"}


def is_address(source: str) -> bool:
    """Whether a source is written as an address, such as rtsp://…"""
    return "://" in source


def public(address: str) -> str:
    """An address without what must not be read over somebody's shoulder: name, password, and the query's values."""
    try:
        parts = urlsplit(address)
        host = parts.netloc.rpartition("@")[2]
        query = "&".join(f"{name.partition('=')[0]}=…" for name in parts.query.split("&") if name)
        return urlunsplit((parts.scheme, f"…@{host}" if "@" in parts.netloc else host, parts.path, query, ""))
    except ValueError:
        return f"{address.partition('://')[0]}://…"


class Stream(Source):
    """A stream of pictures from the network.

    Raises:
        SourceError: nothing answers at the address, or what answers is no film.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        self.name = urlsplit(address).hostname or public(address)
        self._closed = Event()
        self._index = 0
        self._start = perf_counter()
        self._container = self._connect()
        self._frames = self._pictures()

    @property
    def size(self) -> tuple[int, int]:
        stream = self._container.streams.video[0]
        shape = Shape(stream.width or 640, stream.height or 480, usable(stream.sample_aspect_ratio))
        return shape.square

    def read(self) -> Frame | None:
        while not self._closed.is_set():
            try:
                return next(self._frames)
            except (StopIteration, FFmpegError):
                self._reconnect()
        return None

    def close(self) -> None:
        self._closed.set()

    def _connect(self) -> InputContainer:
        try:
            container = av.open(self._address, options=OPTIONS, timeout=(OPEN_TIMEOUT_S, READ_TIMEOUT_S))
        except (FFmpegError, OSError, ValueError) as error:
            reason = (getattr(error, "strerror", None) or str(error)).replace(self._address, public(self._address))
            raise SourceError(
                f"{public(self._address)}: no stream there ({reason}): check address and network"
            ) from None
        if not container.streams.video:
            container.close()
            raise SourceError(f"{public(self._address)}: sends no pictures: check the address")
        return container

    def _pictures(self) -> Iterator[Frame]:
        video, develop, fields = self._container.streams.video[0], Developer(fixed=False), Fields()
        for decoded in self._container.decode(video):
            self.notice = ""
            now = perf_counter()
            for sight in fields.push(decoded, 0):
                picture = develop(sight, video.codec_context.sample_aspect_ratio)
                _ = picture.bgr  # for the window, made on this thread; who looks for faces reads the planes
                yield Frame(self._index, now - self._start, picture, now)
                self._index += 1

    def _reconnect(self) -> None:
        """Tries until the stream is back or the source is closed."""
        self._container.close()
        attempt = 0
        while not self._closed.is_set():
            self.notice = f"{self.name} lost • trying again"
            self._closed.wait(PAUSES_S[min(attempt, len(PAUSES_S) - 1)])
            attempt += 1
            with suppress(SourceError):
                self._container = self._connect()
                self._frames = self._pictures()
                return
