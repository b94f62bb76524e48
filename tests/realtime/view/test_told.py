"""What keys say of what they did, or why they could not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from emoscope.view.keys import press, said
from emoscope.view.state import ViewState, first_state
from tests.realtime.tiny import CONTRACT

STATE = first_state(CONTRACT)
BARE = ViewState(labels=("a", "b"))


@pytest.mark.parametrize(
    ("key", "state", "words"),
    [
        ("t", STATE, "method: LayerCAM"),
        ("t", BARE, "this model has no CAM method: see `emoscope convert`"),
        ("t", replace(STATE, methods=("gradcam",)), "Grad-CAM is the only method of this model"),
        ("u", STATE, "colours: viridis"),
        ("+", STATE, "heat 60 %"),
        ("+", replace(STATE, opacity=1.0), "heat 100 %, the most"),
        ("-", replace(STATE, opacity=0.1), "heat 10 %, the least"),
        ("k", STATE, "layer conv1  4×4×2  (1 of 2)"),
        ("k", replace(STATE, layer=0), "conv1  4×4×2  (1 of 2) • the first layer"),
        ("j", STATE, "pool1  2×2×2  (2 of 2) • the last layer"),
        ("j", BARE, "this model shows no layers"),
        ("n", BARE, "this model shows no layers"),
        ("2", STATE, "heat explains: sad"),
        ("0", replace(STATE, target=1), "heat explains the predicted class"),
        ("e", STATE, "maps: this order is held"),
        ("f6", STATE, "all maps are on this page"),
        ("f9", STATE, "text 125 %"),
        ("enter", STATE, "inset: half"),
        ("f10", STATE, "the film starts again at its end"),
        ("w", STATE, "mirrored"),
        ("o", STATE, "heat on the faces: on"),
        ("tab", replace(STATE, tracks=(3,)), "there is no other face"),
        ("b", STATE, ""),
        ("ß", STATE, ""),
    ],
)
def test_a_key_says_what_it_is_now_or_why_it_cannot(key: str, state: ViewState, words: str):
    assert said(key, state, press(state, key)) == words
