"""What a profile remembers of a window, and what it refuses."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest

from emoscope.errors import EmoscopeError
from emoscope.view.remembered import recalled, remembered
from emoscope.view.state import ViewState

SET = ViewState(bars=False, names=False, history=True, heat=True, hud="off", inset="whole", colours=2, opacity=0.3)


def test_what_is_remembered_is_recalled():
    told = remembered(replace(SET, all_layers=True, sort=False))
    assert recalled(ViewState(), told) == replace(SET, all_layers=True, sort=False)
    assert told["colours"] == "turbo"


def test_nothing_of_a_face_is_in_it():
    watched = replace(SET, face=3, subject=3, tracks=(3, 4), at_rest=(3,), unit=7, order=(2, 1), leaders=(1,))
    assert remembered(watched) == remembered(SET)
    assert set(remembered(watched)) < {field.name for field in fields(ViewState)}


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        ("bars", 1, "bars is true or false, not 1"),
        ("hud", "loud", "hud is one of line, table, off, not 'loud'"),
        ("colours", 2, "colours is one of inferno, viridis, turbo, bone, not 2"),
        ("opacity", 0, "opacity is a number from 0.1 to 1, not 0"),
        ("opacity", True, "opacity is a number from 0.1 to 1, not True"),
        ("opacity", float("nan"), "opacity is a number from 0.1 to 1, not nan"),
        ("face", 3, "there is no setting 'face'; there are bars, names"),
        ("hud", ["line"], r"hud is one of line, table, off, not \['line'\]"),
    ],
)
def test_what_is_refused(name: str, value: Any, line: str):
    with pytest.raises(EmoscopeError, match=f"^{line}"):
        recalled(ViewState(), {name: value})
