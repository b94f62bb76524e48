"""The table of keys: no key twice, and help, README and dispatch say the same."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from emoscope.live.keycodes import SPECIAL, key_name
from emoscope.live.viewer import Viewer
from emoscope.reading.session import Session
from emoscope.view.actions import ask
from emoscope.view.keys import (
    BINDINGS,
    BY_KEY,
    CLASSES,
    KEYS,
    SIGNS,
    Binding,
    answered,
    by_key,
    press,
    readme_block,
)
from emoscope.view.state import VIEWS, ViewState
from tests.realtime.live.doubles import ListSource, ListWindow
from tests.realtime.tiny import CONTRACT, LABELS, gray

README = Path(__file__).parents[3] / "README.md"
LAYERS = (*CONTRACT.layers, replace(CONTRACT.layers[0], name="conv2"))
STATE = ViewState(LABELS, LAYERS, CONTRACT.methods, tracks=(1, 2))


def test_a_key_that_stands_twice_is_refused():
    once = Binding(("a", "b"), ask("x"), "first", "Group")
    twice = Binding(("b",), ask("y"), "second", "Group")
    with pytest.raises(ValueError, match="key 'b' stands for 'first' and for 'second'"):
        by_key([once, twice])


def test_every_key_does_something():
    middle = replace(STATE, layer=1, target=4)
    assert [key for key, binding in BY_KEY.items() if binding.action(middle) == middle] == []


def test_pressing_a_key_is_its_action():
    assert press(STATE, "b").bars is False
    assert press(STATE, "q").asked == "quit"
    assert answered(press(STATE, "q")) == STATE


def test_an_unknown_key_changes_nothing():
    assert press(STATE, "ß") is STATE


def test_every_key_can_be_typed_in_the_window():
    names = set(SPECIAL.values())
    assert all(key in names or (len(key) == 1 and 32 < ord(key) < 127) for key in BY_KEY)
    assert not any(key.isupper() for key in BY_KEY)


def test_every_special_key_of_the_window_is_drawn_with_a_sign():
    assert {name for name in SPECIAL.values() if len(name) > 1} == set(SIGNS)


def test_what_the_window_libraries_report_of_keys():
    arrows = ("left", "up", "right", "down")
    assert tuple(map(key_name, (65361, 65362, 65363, 65364))) == arrows
    assert tuple(map(key_name, (63234, 63232, 63235, 63233))) == arrows
    assert tuple(map(key_name, (2424832, 2490368, 2555904, 2621440))) == arrows
    num_lock = 0x100000
    assert (key_name(num_lock | 65361), key_name(num_lock | ord("g"))) == ("left", "g")
    assert [key_name(code) for code in (-1, 0, 200, 0x10 << 16)] == [None] * 4


def test_every_arrow_has_a_letter_beside_it():
    for key in ("left", "right", "up", "down", "home", "end", "pageup", "pagedown"):
        assert any(len(other) == 1 for other in BY_KEY[key].keys)


@pytest.mark.parametrize("block", [KEYS, None], ids=["help", "readme"])
def test_every_key_is_listed_once(block: object):
    text = (
        readme_block() if block is None else "\n".join(f"`{keys}` {words}" for _, rows in KEYS for keys, words in rows)
    )
    listed = [key for keys in re.findall(r"`([^`]+)`", text) for key in keys.split(" ")]
    expected = [SIGNS.get(key, key) for key in BY_KEY if key not in set("23456789")]
    assert sorted(listed) == sorted([*expected, "…", str(CLASSES)])


def test_every_view_with_a_key_is_bound_to_it():
    for view in VIEWS.values():
        if view.key:
            assert press(replace(STATE, view="off"), view.key).view == view.name


def test_the_readme_shows_this_table():
    text = README.read_text("utf-8")
    block = text.split("<!-- keys -->")[1].split("<!-- /keys -->")[0]
    assert block.strip() == readme_block().strip(), "run the generator: the README's table of keys is an old one"


def test_everything_a_key_asks_for_is_done_by_the_viewer(session: Session, tmp_path: Path):
    asked = {binding.action(STATE).asked for binding in BINDINGS} - {"", "quit"}
    viewer = Viewer(ListSource([gray()]), session, ListWindow(), STATE, tmp_path)
    assert asked == set(viewer._commands())
