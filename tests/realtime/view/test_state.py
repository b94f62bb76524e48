"""The view state's actions: each does what it says, and touches nothing else."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from emoscope.errors import EmoscopeError
from emoscope.network.contract import LayerSpec
from emoscope.network.network import PREDICTED
from emoscope.reading.session import NOBODY
from emoscope.view import actions as view
from emoscope.view.actions import choose_face, pin, step_face, step_prior, toggle_rest
from emoscope.view.state import COLOUR_MAPS, INSET_SIZES, ViewOptions, ViewState, first_state, wish_of
from emoscope.view.told import news_of
from tests.realtime.tiny import CONTRACT, LABELS

KINDS = ("norm", "conv", "activation", "conv", "pool")
LAYERS = tuple(LayerSpec(f"l{n}", kind, f"t{n}", 8, 8, 2 + n) for n, kind in enumerate(KINDS))
STATE = ViewState(LABELS, LAYERS, ("gradcam", "layercam", "saliency"), layer=2, tracks=(4, 7, 9))
EMPTY = ViewState()


def changes(action: view.Action, before: ViewState = STATE) -> dict[str, object]:
    """The fields that an action changed, after checking that it left the state it was given alone."""
    copy = replace(before)
    after = action(before)
    assert before == copy
    return {
        field.name: getattr(after, field.name)
        for field in fields(ViewState)
        if getattr(after, field.name) != getattr(before, field.name)
    }


CASES = [
    (view.ask("quit"), STATE, {"asked": "quit"}),
    (view.toggle("bars"), STATE, {"bars": False}),
    (view.toggle("bars"), replace(STATE, bars=False), {"bars": True}),
    (view.show("maps"), STATE, {"view": "maps"}),
    (view.show("gradcam"), STATE, {"view": "off"}),
    (view.cycle_view(("gradcam", "maps", "off"), 1), STATE, {"view": "maps"}),
    (view.cycle_view(("gradcam", "maps", "off"), 1), replace(STATE, view="off"), {"view": "gradcam"}),
    (view.cycle_view(("gradcam", "maps", "off"), -1), STATE, {"view": "off"}),
    (view.step_layer(1), STATE, {"layer": 3}),
    (view.step_layer(-1), STATE, {"layer": 1}),
    (view.step_layer(99), STATE, {"layer": 4}),
    (view.step_layer(-99), replace(STATE, unit=3), {"layer": 0, "unit": 1}),
    (view.step_layer(1), EMPTY, {}),
    (view.end_convolution(last=False), STATE, {"layer": 1}),
    (view.end_convolution(last=True), STATE, {"layer": 3}),
    (view.end_convolution(last=True), EMPTY, {}),
    (view.step_unit(1), STATE, {"view": "map"}),
    (view.step_unit(1), replace(STATE, view="map"), {"unit": 1, "cursor": True}),
    (view.step_unit(-1), replace(STATE, view="map"), {"unit": 3, "cursor": True}),
    (view.step_unit(1), replace(STATE, view="map", unit=3), {"unit": 0, "cursor": True}),
    (view.step_unit(1), replace(STATE, view="maps"), {"cursor": True}),
    (view.step_unit(1), replace(STATE, view="maps", cursor=True), {"unit": 1}),
    (view.step_unit(-1), replace(STATE, view="maps"), {"unit": 3, "cursor": True}),
    (view.step_unit(1), replace(STATE, view="maps", order=(3, 1, 0, 2), page_size=2), {"unit": 3, "cursor": True}),
    (
        view.step_unit(1),
        replace(STATE, view="maps", order=(3, 1, 0, 2), page_size=2, unit=1, cursor=True),
        {"unit": 0, "page": 1},
    ),
    (view.step_page(1), replace(STATE, view="maps", page_size=2), {"page": 1}),
    (view.step_page(-1), replace(STATE, view="maps", page_size=3), {"page": 1}),
    (view.step_page(1), STATE, {"view": "maps"}),
    (view.step_page(1), EMPTY, {}),
    (view.step_order, STATE, {"held": True}),
    (view.step_order, replace(STATE, held=True), {"held": False, "sort": False}),
    (view.step_order, replace(STATE, sort=False), {"sort": True}),
    (view.step("inset", INSET_SIZES), STATE, {"inset": "half"}),
    (view.step("inset", INSET_SIZES), replace(STATE, inset="whole"), {"inset": "small"}),
    (view.step_unit(1), EMPTY, {}),
    (view.enlarge(2), STATE, {"view": "map", "unit": 2, "cursor": True}),
    (view.step_method(1), STATE, {"method": 1}),
    (view.step_method(-1), STATE, {"method": 2}),
    (view.step_method(1), replace(STATE, view="maps"), {"view": "gradcam", "method": 1}),
    (view.step_method(1), replace(STATE, view="maps", heat=True), {"method": 1}),
    (view.step_method(1), EMPTY, {}),
    (pin(2), STATE, {"target": 1}),
    (pin(0), replace(STATE, target=1), {"target": PREDICTED}),
    (pin(3), STATE, {"target": 2}),
    (pin(4), replace(STATE, target=1), {"asked": "classes"}),
    (step_face(1), STATE, {"face": 4}),
    (step_face(1), replace(STATE, face=9), {"face": 4}),
    (step_face(-1), replace(STATE, face=7), {"face": 4}),
    (step_face(1), replace(STATE, face=5), {"face": 4}),
    (step_face(1), replace(STATE, subject=7), {"face": 9}),
    (step_face(-1), replace(STATE, face=5, subject=7), {"face": 4}),
    (step_face(1), replace(STATE, face=4, subject=9), {"face": 7}),
    (step_face(1), EMPTY, {}),
    (choose_face(9), STATE, {"face": 9}),
    (view.more_heat(0.1), STATE, {"opacity": 0.6}),
    (view.more_heat(-0.1), replace(STATE, opacity=0.1), {}),
    (view.more_heat(0.1), replace(STATE, opacity=1.0), {}),
    (view.step_colours, STATE, {"colours": 1}),
    (view.step_colours, replace(STATE, colours=len(COLOUR_MAPS) - 1), {"colours": 0}),
]


@pytest.mark.parametrize(("action", "before", "expected"), CASES)
def test_action(action: view.Action, before: ViewState, expected: dict[str, object]):
    assert changes(action, before) == expected


def test_the_first_state_is_the_models_own():
    state = first_state(CONTRACT, "maps")
    assert (state.view, state.layer_name, state.method_name) == ("maps", "pool1", "gradcam")
    assert (state.labels, state.target, state.face) == (LABELS, PREDICTED, NOBODY)


def test_a_model_without_layers_or_methods_has_no_names():
    state = first_state(CONTRACT.with_(layers=(), methods=(), default_layer="", default_method=""))
    assert (state.layer_name, state.method_name) == ("", "")


def test_colour_maps_are_those_that_can_be_drawn():
    from emoscope.draw import maps

    assert set(COLOUR_MAPS) == set(maps.COLOUR_MAPS)
    assert replace(STATE, colours=1).colour_map == COLOUR_MAPS[1]


RESTING = ViewState(("happy", "neutral"), subject=3, priors=(0.0, 0.5, 1.0), prior=0.5)


def test_the_prior_goes_round_and_says_what_it_means():
    one = step_prior(RESTING)
    two, three = step_prior(one), step_prior(step_prior(one))
    assert [state.prior for state in (one, two, three)] == [1.0, 0.0, 0.5]
    assert news_of(one, one.asked) == "prior taken off: 1, all classes alike"
    assert news_of(two, two.asked) == "prior taken off: 0, as in the training pictures"
    assert news_of(three, three.asked) == "prior taken off: 0.5"
    silent = step_prior(ViewState())
    assert silent.prior is None
    assert "does not say what it was trained on" in news_of(silent, silent.asked)


def test_a_neutral_face_is_taken_off_and_put_back():
    on = toggle_rest(RESTING)
    assert on.at_rest == (3,)
    assert news_of(on, on.asked) == "face 3: show your neutral face for 3 s"
    other = toggle_rest(replace(on, subject=4))
    assert other.at_rest == (3, 4)
    off = toggle_rest(replace(other, subject=3))
    assert off.at_rest == (4,)
    assert news_of(off, off.asked) == "face 3: read like any other again"


def test_a_neutral_face_needs_a_face_and_a_class():
    nobody, classless = toggle_rest(replace(RESTING, subject=0)), toggle_rest(replace(RESTING, labels=("happy", "sad")))
    assert nobody.at_rest == classless.at_rest == ()
    assert news_of(nobody, nobody.asked) == "no face in the picture"
    assert news_of(classless, classless.asked) == "this model has no class neutral"
    assert news_of(RESTING, "snapshot") == ""


def test_what_options_say_of_the_prior():
    told = CONTRACT.with_(prior=(0.5, 0.3, 0.2), default_prior=0.25)
    assert (first_state(told).priors, first_state(told).prior) == ((0.0, 0.25, 1.0), 0.25)
    state = ViewOptions(prior=0.7).state(told)
    assert (state.priors, state.prior, wish_of(state).prior) == ((0.0, 0.25, 0.7, 1.0), 0.7, 0.7)
    with pytest.raises(EmoscopeError, match="leave --prior out"):
        ViewOptions(prior=0.7).state(CONTRACT)
