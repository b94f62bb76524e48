"""Options that several commands share: what they mean for a model, and what they refuse."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from emoscope.commands.options import folder
from emoscope.errors import EmoscopeError, ModelError
from emoscope.reading.session import open_session
from emoscope.system.size import Size
from emoscope.view.state import ViewOptions
from tests.realtime.tiny import CONTRACT, gray, write_bundle


def test_a_look_that_says_nothing_is_the_models_own():
    state = ViewOptions().state(CONTRACT)
    assert (state.view, state.layer_name, state.method_name, state.target) == ("gradcam", "pool1", "gradcam", -1)


def test_a_look_by_names():
    state = ViewOptions("maps", "conv1", "layercam", "sad").state(CONTRACT)
    assert (state.view, state.layer_name, state.method_name, state.target) == ("maps", "conv1", "layercam", 1)


@pytest.mark.parametrize(
    ("look", "message"),
    [
        (ViewOptions(layer="conv9"), "the model has no layer 'conv9'; it has conv1, pool1"),
        (ViewOptions(method="guess"), "the model has no method 'guess'; it has gradcam, layercam"),
        (ViewOptions(target="bored"), "the model has no class 'bored'; it has happy, sad, neutral"),
    ],
)
def test_a_name_that_the_model_does_not_know(look: ViewOptions, message: str):
    with pytest.raises(EmoscopeError) as caught:
        look.state(CONTRACT)
    assert str(caught.value) == message


@pytest.mark.parametrize(("text", "size"), [("640x480", (640, 480)), ("1280X720", (1280, 720)), ((3, 4), (3, 4))])
def test_sizes(text: object, size: tuple[int, int]):
    assert Size().convert(text, None, None) == size


@pytest.mark.parametrize("text", ["", "640", "640x", "0x480", "-3x4", "axb", "1.5x2", "99999x99999", f"{'9' * 5000}x2"])
def test_what_is_no_size(text: str):
    with pytest.raises(click.BadParameter, match="is not a size such as 1280x720"):
        Size().convert(text, None, None)


def test_results_go_where_asked_else_here(in_folder: Path):
    assert folder(None) == in_folder
    assert folder(Path("there")) == Path("there")


def test_a_session_of_real_parts_finds_nobody_on_a_wall(tmp_path: Path):
    with open_session(str(write_bundle(tmp_path)), "cpu", "auto") as session:
        assert session.read(gray(), 0.0).faces == ()


def test_a_wrong_provider_is_refused_before_detectors_are_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("emoscope.reading.session.open_finder", lambda name: pytest.fail("opened"))
    with pytest.raises(ModelError, match="provider 'warp'"), open_session(str(write_bundle(tmp_path)), "warp", "auto"):
        pass
