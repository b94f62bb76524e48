"""The application: the page's files, what it must know, uploads, figures, and the WebSocket."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from contextlib import suppress
from itertools import takewhile
from pathlib import Path
from threading import Event
from urllib.parse import unquote

import cv2
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp
from starlette.websockets import WebSocket

from ..errors import EmoscopeError, line_of
from ..network.atlas import AtlasLayer
from ..system.memory import return_memory
from .about import about
from .address import Address
from .app_state import MOST_CLIENTS, AppState
from .atlas import told
from .client_state import ClientState
from .guard import Guard
from .handler import WebSocketHandler
from .results import MEDIA_TYPES, make
from .uploads import MOST_PICTURE_BYTES, MOST_VIDEO_BYTES, accept

PAGE = Path(__file__).with_name("page")
MOST_WAITING = 4
"""Uploads and figures that may wait for each other; one more is told to come back."""
MOST_COMING, MOST_COMING_BYTES = 16, 40_000_000
"""Bodies that may be on their way at once, and bytes that may be held of them and of those that wait; the oldest may be
larger, so that one of them always comes."""
STILL_S, COMING_S = 8.0, 120.0
"""How long a body may bring nothing, and how long it may take, in seconds."""
GONE = 400
"""Status that nobody reads, since whoever asked is gone."""
TOO_MANY = 4000
"""WebSocket close code of our own: too many pages are open."""


def application(app_state: AppState, address: Address) -> ASGIApp:
    """The whole application, behind its door."""
    server = _Server(app_state)
    routes = [
        Route("/", server.page),
        Route("/about.json", server.about),
        Route("/atlas/{layer}.json", server.atlas),
        Route("/atlas/{layer}.png", server.sprites),
        Route("/upload", server.upload, methods=["POST"]),
        Route("/result/{kind}", server.result, methods=["POST"]),
        WebSocketRoute("/talk", server.talk),
        Mount("/page", StaticFiles(directory=PAGE)),
    ]
    return Guard(Starlette(routes=routes), address)


class _TooLargeError(Exception):
    """A request's body is larger than it may be."""


class _BusyError(Exception):
    """There is no room for another file now."""


class _Server:
    def __init__(self, app_state: AppState) -> None:
        self._app_state = app_state
        self._waiting = self._coming = 0
        self._held: dict[object, int] = {}  # bytes of each body, the oldest first

    async def page(self, request: Request) -> Response:
        return FileResponse(PAGE / "index.html")

    async def about(self, request: Request) -> Response:
        shared = self._app_state
        told = about(shared.network, shared.state, shared.known)
        return JSONResponse(told | {"results": list(MEDIA_TYPES), "lesson_of": "", "samples": []})

    async def atlas(self, request: Request) -> Response:
        """What the filters of a layer look for, and what they say about classes."""
        layer = self._atlas_layer(request)
        return PlainTextResponse("not in the atlas", 404) if layer is None else JSONResponse(told(layer))

    async def sprites(self, request: Request) -> Response:
        """The inputs that excite the filters of a layer most, as one sheet."""
        layer = self._atlas_layer(request)
        if layer is None:
            return PlainTextResponse("not in the atlas", 404)
        return Response(cv2.imencode(".png", layer.sheet)[1].tobytes(), media_type="image/png")

    def _atlas_layer(self, request: Request) -> AtlasLayer | None:
        atlas = self._app_state.known.atlas
        return atlas.layer(request.path_params["layer"]) if atlas else None

    async def upload(self, request: Request) -> Response:
        """A dropped file, decoded and encoded again."""
        name = _name(request)

        def work(data: bytes, gone: Event) -> Response:
            shown = accept(data, name, gone.is_set)
            return Response(shown.data, media_type=shown.media_type)

        return await self._slowly(request, MOST_VIDEO_BYTES, work)

    async def result(self, request: Request) -> Response:
        """The figure, the lesson, or the page about all faces, of the picture that is sent."""
        kind, name, face = request.path_params["kind"], _name(request), _face(request)
        if kind not in MEDIA_TYPES:
            return PlainTextResponse(f"results are {', '.join(MEDIA_TYPES)}", 404)

        def work(data: bytes, gone: Event) -> Response:
            return Response(make(self._app_state, kind, data, name, face), media_type=MEDIA_TYPES[kind])

        return await self._slowly(request, MOST_PICTURE_BYTES, work)

    async def talk(self, socket: WebSocket) -> None:
        await socket.accept()
        if self._app_state.clients >= MOST_CLIENTS:
            return await socket.close(TOO_MANY, f"{MOST_CLIENTS} pages are open already: close one")
        self._app_state.clients += 1
        try:
            client = await asyncio.to_thread(ClientState, self._app_state)
            try:
                await WebSocketHandler(socket, client, self._app_state.frames).run()
            finally:
                client.close()
        finally:
            self._app_state.clients -= 1

    async def _slowly(self, request: Request, most: int, work: Callable[[bytes, Event], Response]) -> Response:
        """The answer to a file of at most `most` bytes, one at a time; only a few may wait, so memory is bounded.

        `work` is told by its event that whoever asked is gone.
        """
        body, waits = object(), False

        def hold(size: int) -> None:
            self._held[body] = self._held.get(body, 0) + size
            if self._held[body] > most:
                raise _TooLargeError
            older = sum(self._held[one] for one in takewhile(lambda one: one is not body, self._held))
            if older and older + self._held[body] > MOST_COMING_BYTES:
                raise _BusyError

        self._coming += 1
        try:
            if self._coming > MOST_COMING or self._waiting >= MOST_WAITING:
                raise _BusyError
            data = await asyncio.wait_for(_body(request, hold), COMING_S)
            if self._waiting >= MOST_WAITING:
                raise _BusyError
            self._waiting, waits = self._waiting + 1, True
            return await self._worked(request, data, work)
        except ClientDisconnect:
            return Response(status_code=GONE)
        except asyncio.TimeoutError:
            return PlainTextResponse("the file came too slowly: send it again", 408, {"Connection": "close"})
        except _BusyError:
            return PlainTextResponse("the server is busy with other files: try again in a moment", 503)
        except _TooLargeError:
            return PlainTextResponse(f"larger than {most // 10**6} MB: cut or shrink it", 413)
        except EmoscopeError as error:
            return PlainTextResponse(str(error), 422)
        except Exception as error:  # a defect of the program: the page tells it, and goes on
            return PlainTextResponse(line_of(error), 500)
        finally:
            self._coming, self._waiting = self._coming - 1, self._waiting - waits
            self._held.pop(body, None)

    async def _worked(self, request: Request, data: bytes, work: Callable[[bytes, Event], Response]) -> Response:
        """What a thread makes of a file; it is told when whoever asked is gone."""
        gone = Event()
        watch = asyncio.create_task(_watch(request, gone))

        def tidily() -> Response:
            try:
                return work(data, gone)
            finally:
                return_memory()

        try:
            return await asyncio.get_running_loop().run_in_executor(self._app_state.slow, tidily)
        finally:
            watch.cancel()


async def _body(request: Request, hold: Callable[[int], None]) -> bytes:
    """The request's body, given up where it stands still, or as soon as `hold` has no room for another part."""
    body, stream = io.BytesIO(), aiter(request.stream())  # which gives its bytes away without another copy
    with suppress(StopAsyncIteration):
        while True:
            part = await asyncio.wait_for(anext(stream), STILL_S)
            hold(len(part))
            body.write(part)
    return body.getvalue()


async def _watch(request: Request, gone: Event) -> None:
    """Waits until whoever asked is gone."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
    gone.set()


def _name(request: Request) -> str:
    """The file's name as people know it, without any folder."""
    given = unquote(request.headers.get("x-file-name", "")).replace("\\", "/").rpartition("/")[2]
    return "".join(letter for letter in given if letter.isprintable())[:100] or "the file"


def _face(request: Request) -> int:
    given = request.query_params.get("face", "1")
    return int(given) if given.isdecimal() and len(given) < 6 else 1
