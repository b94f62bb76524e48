"""Addresses to publish under: what they mean, and what is none."""

from __future__ import annotations

import pytest

from emoscope.errors import EmoscopeError, SystemLibraryError
from emoscope.sinks import publish
from emoscope.sinks.publish import Target


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("ws://127.0.0.1:8765", Target("ws", "127.0.0.1", 8765)),
        ("ws://:8765", Target("ws", "127.0.0.1", 8765)),
        ("WS://localhost:0/", Target("ws", "localhost", 0)),
        ("ws://[::1]:80", Target("ws", "::1", 80)),
        ("osc://studio.local:9000", Target("osc", "studio.local", 9000)),
    ],
)
def test_what_is_one(text: str, target: Target):
    assert Target.of(text) == target


def test_it_is_written_as_it_was_typed():
    assert [str(Target.of(text)) for text in ("ws://[::1]:80", "osc://host:9")] == ["ws://[::1]:80", "osc://host:9"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is no address to publish under"),
        ("8765", "is no address to publish under"),
        ("http://127.0.0.1:80", "is no address to publish under"),
        ("wss://127.0.0.1:80", "is no address to publish under"),
        ("ws://127.0.0.1:99999", "is no address to publish under"),
        ("ws://[::1:80", "is no address to publish under"),
        ("ws://127.0.0.1", "names no port"),
        ("osc://127.0.0.1:0", "names no port"),
        ("ws://127.0.0.1:80/path", "an address ends with its port"),
        ("ws://name@127.0.0.1:80", "an address ends with its port"),
    ],
)
def test_what_is_none_names_two_that_are(text: str, words: str):
    with pytest.raises(EmoscopeError, match=words) as caught:
        Target.of(text)
    assert "write ws://127.0.0.1:8765 or osc://127.0.0.1:9000" in str(caught.value)


@pytest.mark.parametrize(("text", "package"), [("ws://:1", "websockets"), ("osc://:1", "python-osc")])
def test_a_missing_package_names_the_extra(text: str, package: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(publish, "find_spec", lambda module: None)
    with pytest.raises(SystemLibraryError, match=rf'package {package}: run `pip install "emoscope\[stream\]"`'):
        Target.of(text)
