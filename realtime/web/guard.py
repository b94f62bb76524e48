"""The door: every request passes here first. Wrong host, foreign page or missing token end at it, with a sentence."""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .address import Address
from .headers import HEADERS

COOKIE = "emoscope"
SAFE = ("GET", "HEAD")
HEALTH = "/healthz"
"""Answered under any name and without a token, to whoever looks after servers: that this one runs, and no more."""
POLICY_CODE = 1008
"""WebSocket close code: refused by policy."""


class Guard:
    """ASGI middleware in front of the application.

    Args:
        app: what is guarded.
        address: says who may enter.
    """

    def __init__(self, app: ASGIApp, address: Address) -> None:
        self._app, self._address = app, address

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lets a request through, or answers it."""
        if scope["type"] == "lifespan":
            return await self._app(scope, receive, send)
        if scope["type"] == "http" and scope["path"] == HEALTH and scope["method"] in SAFE:
            return await PlainTextResponse("ok\n")(scope, receive, _with_headers(send))
        answer = self._refusal(scope)
        if answer is None:
            return await self._app(scope, receive, _with_headers(send))
        if scope["type"] == "websocket":
            return await send({"type": "websocket.close", "code": POLICY_CODE, "reason": "refused"})
        return await answer(scope, receive, _with_headers(send))

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        host, origin = headers.get("host", ""), headers.get("origin", "")
        if not self._address.is_ours(host):
            return _no("this server does not answer to that name: open the address that `emoscope serve` printed")
        acts = scope["type"] == "websocket" or scope["method"] not in SAFE
        if (acts or origin) and not self._address.is_own_origin(origin, host):
            return _no("only EmoScope's own page may ask for that")
        return self._without_token(scope, headers)

    def _without_token(self, scope: Scope, headers: Headers) -> Response | None:
        """The address with the token leaves it in a cookie, so that it does not stay in the address bar."""
        if self._address.admits(_cookie(headers)):
            return None
        given = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("token", [""])[0]
        if scope["type"] == "http" and scope["path"] == "/" and self._address.admits(given):
            answer = RedirectResponse("/", 303)
            answer.set_cookie(
                COOKIE, self._address.token, secure=self._address.is_secure, httponly=True, samesite="strict"
            )
            return answer
        return _no("the token is missing: open the whole address that `emoscope serve` printed")


def _no(sentence: str) -> Response:
    return PlainTextResponse(sentence + "\n", 403)


def _cookie(headers: Headers) -> str:
    try:
        morsel = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return morsel.value if morsel else ""


def _with_headers(send: Send) -> Send:
    async def sender(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).update(HEADERS)
        await send(message)

    return sender
