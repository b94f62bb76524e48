"""What the viewer shows: one frozen state, the table of views, and pure actions that turn a state into the next.

An action never touches the window. What only the running program can do (take a snapshot, seek, leave)
is left in `asked`, which the loop reads and clears.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from ..errors import EmoscopeError
from ..network.contract import Contract, LayerSpec
from ..network.network import PREDICTED, Request
from ..network.offset import prior_offset
from ..reading.baseline import NEUTRAL, SECONDS
from ..reading.session import NOBODY, Wish

COLOUR_MAPS = ("inferno", "viridis", "turbo", "bone")
PRIOR, REST = "prior", "rest"
"""What is asked when the loop is to say what became of a prior or of a neutral face."""


@dataclass(frozen=True, slots=True)
class View:
    """One row of the table of views; what each draws stands in `emoscope.draw.panels`.

    Attributes:
        name: for `--view`.
        key: that turns it on, "" for none.
        help: what it shows, in a few words.
        maps: whether it needs the layer's activations.
        heat: whether it needs a heatmap.
    """

    name: str
    key: str
    help: str
    maps: bool = False
    heat: bool = False


VIEWS: dict[str, View] = {
    view.name: view
    for view in (
        View("gradcam", "g", "heat: where the network looks", heat=True),
        View("maps", "a", "feature maps of the layer", maps=True),
        View("map", "m", "one feature map, large", maps=True),
        View("crop", "i", "the crop the network sees"),
        View("off", "", "no inset"),
    )
}


@dataclass(frozen=True, slots=True)
class ViewState:
    """Everything that the keys and the mouse can change.

    Attributes:
        labels: the model's classes.
        layers: the model's layers, input first.
        methods: the model's CAM methods.
        view: name of the inset's view.
        layer: number of the layer looked at.
        method: number of the CAM method.
        unit: number of the feature map that is shown large.
        target: class that heatmaps speak for, or PREDICTED.
        face: track number of the face that was chosen for the inset, or NOBODY.
        subject: track number of the face that the inset shows, as whoever shows it found, or NOBODY.
        tracks: track numbers that can be chosen, left to right.
        sort: whether the grid shows the most active maps first, else in order.
        heat: whether heat lies on the faces.
        opacity: of the heat, 0.1–1.
        colours: number of the colour map.
        bars: whether probability bars are shown.
        names: whether faces are labelled.
        hud: whether the status panel is shown.
        history: whether the strip chart is shown.
        help: whether the table of keys is shown.
        paused: whether the picture stands still.
        mirror: whether the picture is flipped left to right.
        priors: how much of the training pictures' prior can be taken off, 0–1; none where the model does not say it.
        prior: how much is, or None for what the model does itself.
        at_rest: track numbers of the faces whose own neutral face is taken off.
        asked: what the loop is to do, "" for nothing.
    """

    labels: tuple[str, ...] = ()
    layers: tuple[LayerSpec, ...] = ()
    methods: tuple[str, ...] = ()
    view: str = "gradcam"
    layer: int = 0
    method: int = 0
    unit: int = 0
    target: int = PREDICTED
    face: int = NOBODY
    subject: int = NOBODY
    tracks: tuple[int, ...] = ()
    sort: bool = True
    heat: bool = False
    opacity: float = 0.5
    colours: int = 0
    bars: bool = True
    names: bool = True
    hud: bool = True
    history: bool = False
    help: bool = False
    paused: bool = False
    mirror: bool = False
    priors: tuple[float, ...] = ()
    prior: float | None = None
    at_rest: tuple[int, ...] = ()
    asked: str = ""

    @property
    def layer_name(self) -> str:
        """Name of the layer looked at, "" where the model has none."""
        return self.layers[self.layer].name if self.layers else ""

    @property
    def method_name(self) -> str:
        """Name of the CAM method, "" where the model has none."""
        return self.methods[self.method] if self.methods else ""

    @property
    def colour_map(self) -> str:
        """Name of the colour map."""
        return COLOUR_MAPS[self.colours]


T = TypeVar("T")
Action = Callable[[ViewState], ViewState]


def first_state(contract: Contract, view: str = "gradcam") -> ViewState:
    """The state a program starts in: the model's own default layer and method."""
    layers, methods = contract.layer_names, contract.methods
    return ViewState(
        labels=contract.labels,
        layers=contract.layers,
        methods=methods,
        view=view,
        layer=layers.index(contract.default_layer) if contract.default_layer in layers else 0,
        method=methods.index(contract.default_method) if contract.default_method in methods else 0,
        priors=tuple(sorted({0.0, contract.default_prior, 1.0})) if contract.prior else (),
        prior=contract.default_prior if contract.prior else None,
    )


@dataclass(frozen=True, slots=True)
class ViewOptions:
    """What is looked at at first, as options say it; empty where they say nothing.

    Attributes:
        view: name of the inset's view.
        layer: name of the layer.
        method: name of the CAM method.
        target: class that heatmaps speak for.
        prior: how much of the training pictures' prior is taken off, 0–1; None for what the model does itself.
    """

    view: str = "gradcam"
    layer: str = ""
    method: str = ""
    target: str = ""
    prior: float | None = None

    def state(self, contract: Contract) -> ViewState:
        """The state that a viewer of this model starts in.

        Raises:
            EmoscopeError: the model has no such layer, method or class; the message names those it has. Or it does not
                say what its prior is.
        """
        state = first_state(contract, self.view)
        if self.layer:
            state = replace(state, layer=_number(self.layer, contract.layer_names, "layer"))
        if self.method:
            state = replace(state, method=_number(self.method, contract.methods, "method"))
        if self.target:
            state = replace(state, target=_number(self.target, contract.labels, "class"))
        if self.prior is not None:
            prior_offset(contract, self.prior)
            state = replace(state, prior=self.prior, priors=tuple(sorted({*state.priors, self.prior})))
        return state


def request_of(state: ViewState) -> Request:
    """What a state asks of the network."""
    view = VIEWS[state.view]
    heat = (view.heat or state.heat) and bool(state.method_name)
    if not state.layers or not (heat or view.maps):
        return Request()
    return Request(state.layer_name, maps=view.maps, method=state.method_name if heat else "")


def wish_of(state: ViewState) -> Wish:
    """What a state asks of the session."""
    return Wish(request_of(state), state.target, state.face, prior=state.prior, at_rest=state.at_rest)


def ask(what: str) -> Action:
    """Leaves a wish for the loop."""
    return lambda state: replace(state, asked=what)


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


def end_convolution(last: bool) -> Action:
    """Jumps to the first or the last convolution."""

    def action(state: ViewState) -> ViewState:
        numbers = [number for number, layer in enumerate(state.layers) if layer.kind == "conv"]
        return _at_layer(state, numbers[-1 if last else 0]) if numbers else state

    return action


def step_unit(step: int) -> Action:
    """The next feature map of the layer, around the end; shows the one there is where none was shown."""

    def action(state: ViewState) -> ViewState:
        unit = state.unit + (step if state.view == "map" else 0)
        return replace(state, view="map", unit=unit % state.layers[state.layer].channels) if state.layers else state

    return action


def enlarge(unit: int) -> Action:
    """Shows one feature map large."""
    return lambda state: replace(state, view="map", unit=unit)


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
    """The choice so many steps on, around the end; the first where the current one is none of them."""
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


def news_of(state: ViewState, asked: str) -> str:
    """What is to be said after `step_prior` or `toggle_rest`; "" after anything else."""
    if asked == PRIOR and not state.priors:
        return "this model does not say what it was trained on: its prior stays"
    if asked == PRIOR:
        means = {0.0: ", as in the training pictures", 1.0: ", all classes alike"}.get(state.prior or 0.0, "")
        return f"prior taken off: {state.prior or 0.0:g}{means}"
    if asked == REST and NEUTRAL not in state.labels:
        return "this model has no class neutral"
    if asked == REST and state.subject == NOBODY:
        return "no face in the picture"
    if asked == REST:
        shows = f"show your neutral face for {SECONDS:g} s"
        return f"face {state.subject}: {shows if state.subject in state.at_rest else 'read like any other again'}"
    return ""


def choose_face(track: int) -> Action:
    """Keeps the inset on this face."""
    return lambda state: replace(state, face=track)


def _at_layer(state: ViewState, number: int) -> ViewState:
    if not state.layers:
        return state
    number = min(max(number, 0), len(state.layers) - 1)
    return replace(state, layer=number, unit=min(state.unit, state.layers[number].channels - 1))


def _number(name: str, names: tuple[str, ...], what: str) -> int:
    if name not in names:
        raise EmoscopeError(f"the model has no {what} {name!r}; it has {', '.join(names) or 'none'}")
    return names.index(name)
