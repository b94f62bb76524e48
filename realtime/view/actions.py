"""What keys and mouse do: pure actions, each of which turns a state into the next.

An action never touches the window. What only the running program can do (take a snapshot, seek, leave) is left in
`asked`, which the loop reads and clears: the window's is `live/viewer.py` (`_commands`), the page's `web/page/main.js`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from ..network.network import NOTHING, PREDICTED, RULES, RUNNER_UP
from ..reading.baseline import NEUTRAL
from ..reading.session import NOBODY
from .state import COLOUR_MAPS, ViewState

PRIOR, REST = "prior", "rest"
"""What is asked when the loop is to say what became of a prior or of a neutral face."""

T = TypeVar("T")
Action = Callable[[ViewState], ViewState]


def ask(what: str) -> Action:
    """Leaves a wish for the loop."""
    return lambda state: replace(state, asked=what)


def step(name: str, choices: Sequence[T]) -> Action:
    """The next of some choices for one of the state's fields, around the end."""
    return lambda state: replace(state, **{name: next_of(tuple(choices), getattr(state, name), +1)})


def toggle(name: str) -> Action:
    """Turns one of the state's switches."""
    return lambda state: replace(state, **{name: not getattr(state, name)})  # type: ignore[arg-type]


def show(view: str) -> Action:
    """Turns the inset to a view; the same view again turns it off."""
    return lambda state: replace(state, view="off" if state.view == view else view)


def cycle_view(views: Sequence[str], step: int) -> Action:
    """The next view of the table, "off" among them."""
    return lambda state: replace(state, view=next_of(tuple(views), state.view, step))


def step_layer(step: int) -> Action:
    """The next layer towards the output (+1) or the input (-1); stays at the ends."""
    return lambda state: _at_layer(state, state.layer + step)


def to_layer(number: int) -> Action:
    """The layer of this number, from 0."""
    return lambda state: _at_layer(state, number)


def end_convolution(last: bool) -> Action:
    """Jumps to the first or the last convolution."""

    def action(state: ViewState) -> ViewState:
        numbers = [number for number, layer in enumerate(state.layers) if layer.kind == "conv"]
        return _at_layer(state, numbers[-1 if last else 0]) if numbers else state

    return action


def step_unit(step: int) -> Action:
    """The next feature map of the layer in the order that is shown, around the end.

    In the grid it moves the cursor, from the page that is shown; where no maps are shown it shows the one there is.
    """

    def action(state: ViewState) -> ViewState:
        if not state.layers:
            return state
        if state.view not in ("maps", "map"):
            return replace(state, view="map")
        order, size = _order(state), _page_size(state)
        first, last = state.page * size, min(len(order), (state.page + 1) * size) - 1
        place = order.index(state.unit) if state.unit in order else 0
        if state.view == "maps" and not (state.cursor and first <= place <= last):
            place = first - step if step > 0 else last - step
        place = (place + step) % len(order)
        return replace(state, unit=order[place], page=place // size, cursor=True)

    return action


def step_page(step: int) -> Action:
    """The next page of the grid of maps, around the end; shows the grid where none is shown."""

    def action(state: ViewState) -> ViewState:
        if not state.layers:
            return state
        pages = -(-state.layers[state.layer].channels // _page_size(state))
        page = (state.page + step) % pages if state.view == "maps" else min(state.page, pages - 1)
        return replace(state, view="maps", page=page)

    return action


def enlarge(unit: int) -> Action:
    """Shows one feature map large."""
    return lambda state: replace(state, view="map", unit=unit, cursor=True)


def step_order(state: ViewState) -> ViewState:
    """Most active first, then the order held as it is, then by number."""
    if state.sort and not state.held:
        return replace(state, held=True)
    return replace(state, sort=not state.sort, held=False)


def _order(state: ViewState) -> tuple[int, ...]:
    channels = state.layers[state.layer].channels
    return state.order if state.sort and len(state.order) == channels else tuple(range(channels))


def _page_size(state: ViewState) -> int:
    return state.page_size or state.layers[state.layer].channels


def step_method(step: int) -> Action:
    """The next CAM method, around the end; shows heat where none is shown."""
    return lambda state: replace(
        state, view=state.view if state.heat else "gradcam", method=(state.method + step) % max(1, len(state.methods))
    )


def more_heat(step: float) -> Action:
    """Heat more or less opaque."""
    return lambda state: replace(state, opacity=min(1.0, max(0.1, round(state.opacity + step, 2))))


def step_colours(state: ViewState) -> ViewState:
    """The next colour map."""
    return replace(state, colours=(state.colours + 1) % len(COLOUR_MAPS))


def next_of(choices: tuple[T, ...], current: T, step: int) -> T:
    """A choice some steps on, around the end.

    Args:
        choices: all of them, in order.
        current: the one from which to go; where it is none of them, the first is taken.
        step: how many on, below 0 for back.
    """
    return choices[(choices.index(current) + step) % len(choices)] if current in choices else choices[0]


def pin(number: int) -> Action:
    """Explains the class of this number, counted from 1; 0 follows the prediction.

    A number beyond the model's classes changes nothing, and asks the loop to say so.
    """

    def action(state: ViewState) -> ViewState:
        if number > len(state.labels):
            return ask("classes")(state)
        return replace(state, target=number - 1 if number else PREDICTED)

    return action


def step_face(step: int) -> Action:
    """The face to the right of the one that is shown, then the first again."""

    def action(state: ViewState) -> ViewState:
        shown = state.face if state.face in state.tracks else state.subject
        return replace(state, face=next_of(state.tracks, shown, step)) if state.tracks else state

    return action


def step_prior(state: ViewState) -> ViewState:
    """More of the prior taken off: none, the model's default, all of it, then none again."""
    prior = next_of(state.priors, state.prior, +1) if state.priors else state.prior
    return replace(state, prior=prior, asked=PRIOR)


def toggle_rest(state: ViewState) -> ViewState:
    """Takes the own neutral face of the face that is shown off, or no longer does."""
    track, asked = state.subject, replace(state, asked=REST)
    if track == NOBODY or NEUTRAL not in state.labels:
        return asked
    others = tuple(one for one in state.at_rest if one != track)
    return replace(asked, at_rest=others if track in state.at_rest else (*others, track))


def step_rule(state: ViewState) -> ViewState:
    """The next way from the chosen map back to the pixels, off among them; shows the map large where it is not."""
    shown = state.rule if state.view == "map" else ""
    return replace(state, view="map", rule=next_of(("", *RULES), shown, +1)) if state.layers else state


def step_contrast(state: ViewState) -> ViewState:
    """Heat for the class rather than for the runner-up, then rather than for each other class, then for itself."""
    others = [number for number in range(len(state.labels)) if number != state.target]
    view = state.view if state.heat else "gradcam"
    return replace(state, view=view, against=next_of((NOTHING, RUNNER_UP, *others), state.against, +1))


def choose_face(track: int) -> Action:
    """Keeps the inset on this face."""
    return lambda state: replace(state, face=track)


def _at_layer(state: ViewState, number: int) -> ViewState:
    if not state.layers:
        return state
    number = min(max(number, 0), len(state.layers) - 1)
    unit = min(state.unit, state.layers[number].channels - 1)
    return replace(state, layer=number, unit=unit, order=(), page=0)
