"""The table of views: what each asks of the network, and that each can be drawn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from emoscope.draw.inset_pictures import INSETS
from emoscope.network.network import Request
from emoscope.view.state import VIEWS, first_state, request_of
from tests.realtime.tiny import CONTRACT, explained, shown

STATE = first_state(CONTRACT)
BARE = first_state(CONTRACT.with_(layers=(), methods=(), default_layer="", default_method=""))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"view": "off"}, Request()),
        ({"view": "crop"}, Request()),
        ({"view": "gradcam"}, Request("pool1", method="gradcam")),
        ({"view": "gradcam", "layer": 0, "method": 1}, Request("conv1", method="layercam")),
        ({"view": "maps"}, Request("pool1", maps=True)),
        ({"view": "map"}, Request("pool1", maps=True)),
        ({"view": "off", "heat": True}, Request("pool1", method="gradcam")),
        ({"view": "maps", "heat": True}, Request("pool1", maps=True, method="gradcam")),
    ],
)
def test_what_a_state_asks_of_the_network(change: dict[str, object], expected: Request):
    assert request_of(replace(STATE, **change)) == expected


@pytest.mark.parametrize("view", VIEWS)
def test_a_model_without_layers_is_asked_for_nothing_more(view: str):
    assert request_of(replace(BARE, view=view, heat=True)) == Request()


def test_a_model_without_methods_still_shows_its_maps():
    state = first_state(CONTRACT.with_(methods=(), default_method=""), "maps")
    assert request_of(replace(state, heat=True)) == Request("pool1", maps=True)


def test_every_view_but_off_has_an_inset():
    assert set(INSETS) == set(VIEWS) - {"off"}


@pytest.mark.parametrize("name", INSETS)
@pytest.mark.parametrize("why", [explained(channels=4), None], ids=["explained", "still preparing"])
def test_every_view_fills_its_square(name: str, why: object):
    subject = shown(why=why)
    content = INSETS[name](subject, np.full((30, 30, 3), 90, np.uint8), replace(STATE, view=name), 96)
    height, width, depth = content.picture.shape
    assert depth == 3
    assert max(height, width) <= 96
    assert min(height, width) >= 94
    assert content.subtitle.startswith("face 1")
