"""Keys that look inside: what they ask of the network."""

from __future__ import annotations

from dataclasses import replace

from emoscope.network.network import NOTHING, RULES, RUNNER_UP
from emoscope.view.keys import press
from emoscope.view.state import ViewState, first_state, request_of
from tests.realtime.tiny import CONTRACT


def start() -> ViewState:
    return first_state(CONTRACT)


def test_f2_shows_the_map_and_goes_through_all_ways_to_off() -> None:
    state, seen = start(), []
    for _ in range(len(RULES) + 1):
        state = press(state, "f2")
        seen.append(state.rule)
        assert state.view == "map"
    assert seen == [*RULES, ""]


def test_what_is_asked_is_the_chosen_map_of_the_chosen_layer() -> None:
    state = press(press(press(start(), "f2"), "f2"), "n")
    request = request_of(state)
    assert (request.layer, request.rule, request.unit, request.maps) == ("pool1", "gradientxinput", 1, True)
    assert request_of(press(state, "g")).rule == ""  # another view asks for no pixels


def test_f3_goes_from_the_runner_up_through_the_other_classes_to_off() -> None:
    state, seen = replace(start(), target=0), []
    for _ in range(4):
        state = press(state, "f3")
        seen.append(state.against)
    assert seen == [RUNNER_UP, 1, 2, NOTHING]
    assert request_of(press(start(), "f3")).against == RUNNER_UP


def test_without_layers_there_is_nothing_to_follow() -> None:
    assert press(ViewState(), "f2") == ViewState()
