"""Where the readings of pages go: a log for each page, by its own keys; publishers that all share."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from emoscope.errors import EmoscopeError
from emoscope.sinks import options as opening
from emoscope.sinks.about import About
from emoscope.sinks.options import SinkOptions
from emoscope.sinks.sink import ListSink
from emoscope.web.app_state import AppState
from emoscope.web.client_state import ClientState, Sent
from emoscope.web.page_sinks import ServerSinks
from tests.realtime.tiny import LABELS, gray
from tests.realtime.web.conftest import jpeg

ABOUT = About(LABELS, "tiny")
PICTURE = jpeg(gray(204))


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def logging(app_state: AppState, tmp_path: Path, told: list[str]) -> Iterator[AppState]:
    """A server that was asked for a log."""
    with ServerSinks(SinkOptions(tmp_path / "a.csv"), ABOUT, told.append) as sinks:
        app_state.sinks = sinks
        yield app_state


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.open(encoding="utf-8", newline="")))


def test_each_page_logs_into_a_file_of_its_own_from_its_first_frame(logging: AppState, tmp_path: Path, told: list[str]):
    first, second = ClientState(logging), ClientState(logging)
    assert list(tmp_path.iterdir()) == []
    for number in range(3):
        first.read(Sent(number, number / 10), PICTURE)
    second.read(Sent(0, 0.0), PICTURE)
    first.close()
    second.close()
    logging.sinks.close()
    assert [row["frame"] for row in rows(tmp_path / "a.csv")] == ["0", "1", "2"]
    assert [row["face"] for row in rows(tmp_path / "a-2.csv")] == ["1"]
    assert sorted(told) == [
        f"logged 1 rows into {tmp_path / 'a-2.csv'}", f"logged 3 rows into {tmp_path / 'a.csv'}",
    ]  # fmt: skip


def test_a_picture_that_is_asked_about_again_is_logged_once(logging: AppState, tmp_path: Path):
    client = ClientState(logging)
    for number in range(3):
        client.read(Sent(number, 5.0, still=True), PICTURE)
    client.close()
    logging.sinks.close()
    assert len(rows(tmp_path / "a.csv")) == 1


def test_each_picture_of_a_page_is_logged_though_all_are_at_0_s(logging: AppState, tmp_path: Path):
    client = ClientState(logging)
    for number in range(3):
        client.forget()
        for again in range(2):
            client.read(Sent(2 * number + again, 0.0, still=True), PICTURE)
    client.close()
    logging.sinks.close()
    assert [(row["frame"], row["face"], row["event"]) for row in rows(tmp_path / "a.csv")] == [
        ("0", "1", ""), ("2", "", "source: page 1"), ("2", "1", ""), ("4", "", "source: page 1"), ("4", "1", ""),
    ]  # fmt: skip


def test_keys_mark_and_end_and_begin_again(logging: AppState, tmp_path: Path):
    client = ClientState(logging)
    assert client.press("!")["said"] == "nobody takes markers: start a log first"
    client.read(Sent(0, 0.0), PICTURE)
    answer = client.press("!")
    assert answer["said"].startswith("marker 1 • ") and answer["asked"] == ""
    assert client.press("f8")["said"] == "the log ends"
    client.read(Sent(1, 0.1), PICTURE)
    assert client.press("f8")["said"] == f"logging into {tmp_path / 'a-2.csv'}"
    client.read(Sent(2, 0.2), PICTURE)
    client.close()
    logging.sinks.close()
    assert [row["event"] for row in rows(tmp_path / "a.csv")] == ["", "marker 1"]
    assert [row["frame"] for row in rows(tmp_path / "a-2.csv")] == ["2"]


def test_a_page_cannot_make_a_server_log_that_was_not_asked_to(client: ClientState, in_folder: Path):
    client.read(Sent(0, 0.0), PICTURE)
    assert client.press("f8")["said"] == (
        "this server keeps no log: start it with `emoscope serve --log FILE.csv`"
    )  # fmt: skip
    assert list(in_folder.iterdir()) == []


def test_pages_share_publishers_and_are_told_apart_by_their_source(
    app_state: AppState, monkeypatch: pytest.MonkeyPatch
):
    shared = ListSink()
    monkeypatch.setattr(opening, "open_publisher", lambda target, about: shared)
    monkeypatch.setattr(opening.Target, "of", lambda text: text)
    with ServerSinks(SinkOptions(publish=("ws://:0",)), ABOUT) as app_state.sinks:
        first, second = ClientState(app_state), ClientState(app_state)
        for client in (first, second):
            client.read(Sent(0, 0.0), PICTURE)
        first.close()
        assert not shared.closed
        third = ClientState(app_state)
        third.read(Sent(0, 0.0), PICTURE)
    assert [sample.source for sample in shared.samples] == ["page 1", "page 2", "page 1"]
    assert shared.closed


def test_what_a_page_cannot_have_is_told_and_the_page_opens(
    app_state: AppState, told: list[str], monkeypatch: pytest.MonkeyPatch
):
    def refused(about: About, scope: str) -> None:
        raise EmoscopeError("all ports are taken")

    monkeypatch.setattr(opening, "LslOutlets", refused)
    with ServerSinks(replace(SinkOptions(), lsl="machine"), ABOUT, told.append) as app_state.sinks:
        ClientState(app_state).read(Sent(0, 0.0), PICTURE)
    assert told == ["all ports are taken"]
