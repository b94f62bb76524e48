"""The door, tried from outside on a running server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from websockets.exceptions import InvalidStatus

from emoscope.web.address import Address
from emoscope.web.app_state import AppState
from tests.realtime.web.conftest import serving
from tests.realtime.web.talking import ask, hear, talk

PATHS = ("/", "/about.json", "/page/main.js")


@pytest.fixture
def guarded(app_state: AppState) -> Iterator[Address]:
    with serving(app_state, token="secret") as address:
        yield address


@pytest.mark.parametrize("path", PATHS)
def test_the_own_page_is_served_with_its_policy(server: Address, path: str) -> None:
    status, headers, body = ask(server, path=path)
    assert status == 200
    assert body
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", PATHS)
def test_another_name_for_this_machine_is_refused(server: Address, path: str) -> None:
    status, _, body = ask(server, path=path, Host=f"evil.example:{server.port}")
    assert status == 403
    assert b"does not answer to that name" in body


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1"])
def test_another_page_can_neither_read_nor_act(server: Address, origin: str) -> None:
    assert ask(server, path="/about.json", Origin=origin)[0] == 403
    assert ask(server, "POST", "/upload", b"x", Origin=origin)[0] == 403
    with pytest.raises(InvalidStatus, match="403"):
        talk(server, origin=origin)


def test_acting_without_an_origin_is_refused(server: Address) -> None:
    assert ask(server, "POST", "/upload", b"x", Origin="")[0] == 403


def test_without_the_token_nothing_is_served(guarded: Address) -> None:
    for path in (*PATHS, "/?token=wrong", "/about.json?token=secret"):
        assert ask(guarded, path=path)[0] == 403
    assert ask(guarded, Cookie="emoscope=wrong")[0] == 403
    with pytest.raises(InvalidStatus, match="403"):
        talk(guarded)


def test_the_token_leaves_the_address_for_a_cookie(guarded: Address) -> None:
    status, headers, _ = ask(guarded, path="/?token=secret")
    assert (status, headers["location"]) == (303, "/")
    cookie = headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert ask(guarded, Cookie=cookie.split(";")[0])[0] == 200
    with talk(guarded, Cookie=cookie.split(";")[0]) as socket:
        assert "state" in hear(socket)


def test_files_outside_the_pages_folder_are_not_served(server: Address) -> None:
    for path in ("/page/../app.py", "/page/%2e%2e/app.py", "/page/..%2fapp.py"):
        assert ask(server, path=path)[0] == 404
