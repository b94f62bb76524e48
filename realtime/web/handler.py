"""The WebSocket handler of a page: frames in, answers out, never more than one frame waiting.

    page ──frame──▶ newest ──▶ thread ──▶ answer ──▶ page
    page ──key────▶ state ───────────────────────▶ page        (at once, also while a frame is worked on)

A frame that comes while another waits replaces it; the page is told which one was skipped.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import MutableMapping
from concurrent.futures import Executor, Future, wait
from contextlib import suppress
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from ..errors import EmoscopeError, line_of
from .client_state import ClientState, Sent
from .packet import unpack

Waiting = tuple[Sent, bytes, int]
"""A frame, its picture, and the number of the source that the page watched when it came."""
FAULT, MOST_REASON = 1011, 40
"""WebSocket close code for a defect of the program, and letters of its reason; 123 bytes are allowed."""


class WebSocketHandler:
    """One page's WebSocket, from its first message to its end.

    Args:
        socket: accepted already.
        client: answers.
        pool: where frames are worked on.
    """

    def __init__(self, socket: WebSocket, client: ClientState, pool: Executor) -> None:
        self._socket, self._client, self._pool = socket, client, pool
        self._newest: Waiting | None = None
        self._job: Future[bytes] | None = None
        self._arrived = asyncio.Event()
        self._sending = asyncio.Lock()

    async def run(self) -> None:
        """Talks until the page is closed; afterwards no thread works for it any more."""
        tasks = asyncio.create_task(self._listen()), asyncio.create_task(self._work())
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._job is not None:
            await asyncio.to_thread(wait, [self._job])
        for error in (task.exception() for task in done):
            if isinstance(error, Exception) and not isinstance(error, WebSocketDisconnect):
                with suppress(WebSocketDisconnect, RuntimeError):  # the page may be gone
                    await self._socket.close(FAULT, line_of(error)[:MOST_REASON])
                return

    async def _listen(self) -> None:
        await self._tell(state=self._client.choose({}))
        while True:
            await self._hear(await self._socket.receive())

    async def _hear(self, message: MutableMapping[str, Any]) -> None:
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1000))
        try:
            if message.get("bytes") is not None:
                await self._frame(*unpack(message["bytes"]))
            else:
                await self._wish(json.loads(message.get("text") or ""))
        except (EmoscopeError, ValueError, RecursionError) as error:
            known = isinstance(error, EmoscopeError)
            await self._tell(error=str(error) if known else "not a message of this page: load the page again")

    async def _frame(self, header: dict[str, Any], picture: bytes) -> None:
        sent = Sent.of(header)
        skipped, self._newest = self._newest, (sent, picture, self._client.source)
        self._arrived.set()
        if skipped is not None:
            await self._tell(skipped=skipped[0].number)

    async def _wish(self, wish: Any) -> None:
        match wish:
            case {"key": str(key)}:
                await self._tell(state=self._client.press(key))
            case {"choose": dict(choices)}:
                await self._tell(state=self._client.choose(choices))
            case {"forget": True}:
                await self._forget()
            case _:
                raise ValueError("unknown wish")

    async def _forget(self) -> None:
        """At once, so that what is chosen from now on holds; a frame of the source before that waits is skipped."""
        self._client.forget()
        skipped, self._newest = self._newest, None
        if skipped is not None:
            await self._tell(skipped=skipped[0].number)

    async def _work(self) -> None:
        """Answers one frame after the other; a frame that cannot be read is answered with the reason."""
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            waiting, self._newest = self._newest, None
            if waiting is None:
                continue
            self._job = self._pool.submit(self._client.read, *waiting)
            try:
                answer = await asyncio.wrap_future(self._job)
            except Exception as error:  # if it is a defect of the program, the page tells it, and goes on
                words = str(error) if isinstance(error, EmoscopeError) else line_of(error)
                await self._tell(error=words, skipped=waiting[0].number)
                continue
            async with self._sending:
                await self._socket.send_bytes(answer)

    async def _tell(self, **words: Any) -> None:
        async with self._sending:
            await self._socket.send_text(json.dumps(words, ensure_ascii=False))
