"""`--profile`: what is set at the end of `live` is what it, `capture` and `serve` begin with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from emoscope.cli import run
from emoscope.commands import live as command
from emoscope.commands.watch import Watch
from emoscope.network.contract import Contract
from emoscope.network.network import PREDICTED
from emoscope.reading.session import open_session
from emoscope.system.bundled import assets
from emoscope.system.profiles import profile_path, read_profile
from emoscope.view.state import ViewState

CLIP = str(assets() / "demo.mp4")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("APPDATA", str(tmp_path / "config"))
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    return tmp_path


@pytest.fixture
def live(tiny: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[Watch, ViewState]]:
    """Runs `live` without a window: what it would watch with, and its first state, which a user changes then."""
    seen: list[tuple[Watch, ViewState]] = []
    user: dict[str, Any] = {}

    def show(watch: Watch, source: Any, mirror: bool, loop: bool, recall: Any = None) -> tuple[ViewState, Contract]:
        with open_session(watch.model, "cpu", watch.detector) as session:
            state = watch.look.state(session.network.contract)
            state = replace(state, mirror=mirror, loop=loop, text_scale=watch.text_scale)
            state = state if recall is None else recall(state)
            seen.append((watch, state))
            return replace(state, **user), session.network.contract

    monkeypatch.setattr(Watch, "show", show)
    monkeypatch.setattr(command, "require_display", lambda: None)

    def started(*arguments: str, **changes: Any) -> tuple[Watch, ViewState]:
        user.clear()
        user.update(changes)
        assert run(["live", *arguments]) == 0
        return seen[-1]

    return started


def saved(name: str = "lab") -> dict[str, Any]:
    found = read_profile(name)
    assert found is not None
    return found


Live = Callable[..., tuple[Watch, ViewState]]


def test_saved_changed_used(live: Live, tiny: str, capsys: pytest.CaptureFixture[str]):
    live(CLIP, "--model", tiny, "--size", "800x600", "--profile", "lab", bars=False, layer=0, loop=True, colours=1)
    assert capsys.readouterr().err.splitlines()[-1] == f"profile lab: remembered in {profile_path('lab')}"
    told = saved()
    assert (told["source"], told["model"], told["size"], told["layer"]) == (CLIP, tiny, "800x600", "conv1")
    assert told["loop"] is True and "prior" not in told and told["window"]["bars"] is False
    watch, state = live("--profile", "lab")
    assert (watch.model, watch.size) == (tiny, (800, 600))
    assert (state.bars, state.layer_name, state.loop, state.colour_map) == (False, "conv1", True, "viridis")
    text = profile_path("lab").read_text("utf-8").replace('layer = "conv1"', 'view = "maps"')
    profile_path("lab").write_text(text, "utf-8")
    _, state = live("--profile", "lab")
    assert (state.view, state.layer_name) == ("maps", "pool1")


def test_where_nothing_changed_the_file_stays_as_somebody_wrote_it(
    live: Live, tiny: str, capsys: pytest.CaptureFixture[str]
):
    live(CLIP, "--model", tiny, "--profile", "lab")
    text = profile_path("lab").read_text("utf-8") + "# mine\n"
    profile_path("lab").write_text(text, "utf-8")
    capsys.readouterr()
    live("--profile", "lab")
    assert profile_path("lab").read_text("utf-8") == text
    assert "remembered" not in capsys.readouterr().err


def test_an_option_goes_before_the_profile(live: Live, tiny: str):
    live(CLIP, "--model", tiny, "--profile", "lab", "--view", "maps", "--text-scale", "2")
    watch, state = live("--profile", "lab", "--view", "crop")
    assert (state.view, watch.text_scale) == ("crop", 2.0)


def test_what_a_key_set_back_to_usual_is_forgotten(live: Live, tiny: str):
    live(CLIP, "--model", tiny, "--profile", "lab", "--target", "sad", "--method", "layercam", "--mirror")
    assert (saved()["target"], saved()["method"], saved()["mirror"]) == ("sad", "layercam", True)
    live("--profile", "lab", target=PREDICTED, method=0, mirror=False)
    assert {"target", "method", "mirror"} & set(saved()) == set()


def test_a_log_and_a_face_are_not_remembered_and_publishing_is(live: Live, tiny: str):
    pytest.importorskip("websockets")
    arguments = ("--log", "a.csv", "--publish", "ws://:8765", "--profile", "lab")
    live(CLIP, "--model", tiny, *arguments, face=3, tracks=(3,), at_rest=(3,), subject=3)
    assert saved()["publish"] == ["ws://:8765"]
    assert {"log", "face", "tracks", "at_rest", "subject"} & {*saved(), *saved()["window"]} == set()
    watch, _ = live("--profile", "lab")
    assert watch.sinks.publish == ("ws://:8765",) and watch.sinks.log is None


def test_capture_begins_with_it_and_leaves_it_alone(live: Live, tiny: str, tmp_path: Path):
    live(CLIP, "--model", tiny, "--profile", "lab", "--output", str(tmp_path / "out"), bars=False)
    before = profile_path("lab").read_bytes()
    assert run(["capture", "--profile", "lab", "--pictures", "1", "--seconds", "0.2"]) == 0
    assert list((tmp_path / "out").glob("*.json"))
    assert profile_path("lab").read_bytes() == before


@pytest.mark.parametrize(
    ("name", "content", "line"),
    [
        ("none", None, "there is no profile 'none' (there are: none): `emoscope live` makes one"),
        ("a/b", None, "'a/b' is no name for a profile"),
        ("lab", "bras = 1", "FILE: there is no setting 'bras'; there are source"),
        ("lab", "log = 'a.csv'", "FILE: there is no setting 'log'; there are source"),
        ("lab", "prior = 7", "FILE: prior: 7.0 is not in the range 0<=x<=1."),
        ("lab", "size = 'big'", "FILE: size: 'big' is not a size such as 1280x720"),
        ("lab", "window = 1", "FILE: [window] is no table"),
        ("lab", "[window]\nbars = 3", "FILE: [window] bars is true or false, not 3"),
        ("lab", "[view]\na = 1", "FILE: view: "),
    ],
)
def test_what_is_wrong_is_one_line_that_names_the_file(
    name: str, content: str | None, line: str, tiny: str, capsys: pytest.CaptureFixture[str]
):
    if content is not None:
        profile_path(name).parent.mkdir(parents=True)
        profile_path(name).write_text(content, "utf-8")
    assert run(["capture", CLIP, "--model", tiny, "--profile", name]) == 1
    told = capsys.readouterr().err
    expected = line.replace("FILE", str(profile_path(name))) if content is not None else line
    assert told.startswith(f"emoscope: {expected}") and told.count("\n") == 1
