"""Who the server answers to, for every way of listening."""

from __future__ import annotations

import socket

import pytest

from emoscope.errors import EmoscopeError
from emoscope.system.listening import is_loopback, listen
from emoscope.web.address import Address, address

HOME = Address("127.0.0.1", 8770)
EVERYWHERE = Address("0.0.0.0", 8770, "secret")


@pytest.mark.parametrize("host", ["127.0.0.1:8770", "localhost:8770", "[::1]:8770"])
def test_the_machines_own_names_are_answered(host: str) -> None:
    assert HOME.is_ours(host)


@pytest.mark.parametrize("host", ["evil.example:8770", "127.0.0.1:80", "127.0.0.1", "", "10.0.0.1:8770", "[::1]"])
def test_other_names_are_not(host: str) -> None:
    assert not HOME.is_ours(host)


def test_capitals_in_a_name_mean_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "Desk.Example")
    assert EVERYWHERE.url.startswith("http://Desk.Example:8770/")
    for host in ("desk.example:8770", "Desk.Example:8770"):
        assert EVERYWHERE.is_ours(host)
        assert Address("DESK.example", 8770).is_ours(host)
    assert HOME.is_own_origin("http://desk.example:8770", "Desk.Example:8770")


def test_another_number_of_this_machine_alone_is_answered() -> None:
    other = Address("127.0.0.2", 8770)
    assert other.url == "http://127.0.0.2:8770/"
    assert other.is_ours("127.0.0.2:8770")
    assert other.is_ours("localhost:8770")
    assert not HOME.is_ours("127.0.0.2:8770")


def test_listening_everywhere_numbers_are_answered_but_no_strange_names() -> None:
    assert EVERYWHERE.is_ours("192.168.1.7:8770")
    assert EVERYWHERE.is_ours("[fe80::1]:8770")
    assert EVERYWHERE.is_ours(f"{socket.gethostname()}:8770")
    assert not EVERYWHERE.is_ours("evil.example:8770")


def test_only_the_own_page_is_the_own_origin() -> None:
    assert HOME.is_own_origin("http://localhost:8770", "localhost:8770")
    for origin in ("", "null", "https://localhost:8770", "http://localhost:8771", "http://evil.example"):
        assert not HOME.is_own_origin(origin, "localhost:8770")


def test_a_token_is_made_where_others_can_reach_the_server() -> None:
    assert address("127.0.0.1", 1).token == ""
    far = address("0.0.0.0", 1)
    assert len(far.token) >= 24
    assert far.token in far.url
    assert far.admits(far.token)
    assert not far.admits("")
    assert not far.admits("ä")


def test_loopback_is_known_by_number_and_name() -> None:
    assert [is_loopback(host) for host in ("localhost", "127.0.0.9", "::1")] == [True] * 3
    assert [is_loopback(host) for host in ("0.0.0.0", "::", "example.org", "")] == [False] * 4


def test_a_taken_port_is_said() -> None:
    with listen("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with pytest.raises(EmoscopeError, match=f"cannot listen at 127.0.0.1 port {port} .*choose another --port"):
            listen("127.0.0.1", port)
