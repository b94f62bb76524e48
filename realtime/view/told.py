"""What a key says when it has changed something, or cannot: one line that names the new value, or the reason.

Each function compares the state before and after; "" where the picture itself says enough.
"""

from __future__ import annotations

from collections.abc import Callable

from ..network.network import NOTHING, PREDICTED, RUNNER_UP
from ..reading.baseline import NEUTRAL, SECONDS
from ..reading.session import NOBODY
from .actions import PRIOR, REST
from .state import METHOD_NAMES, RULE_NAMES, ViewState

Told = Callable[[ViewState, ViewState], str]


def nothing(before: ViewState, after: ViewState) -> str:
    """The picture says it."""
    return ""


def layer(before: ViewState, after: ViewState) -> str:
    """The layer, its size, and which one of how many."""
    if not after.layers:
        return "this model shows no layers"
    spec = after.layers[after.layer]
    which = f"{spec.name}  {spec.height}×{spec.width}×{spec.channels}  ({after.layer + 1} of {len(after.layers)})"
    if before.layer == after.layer:
        end = {0: "first", len(after.layers) - 1: "last"}.get(after.layer)
        return f"{which} • the {end} layer" if end else which
    return f"layer {which}"


def method(before: ViewState, after: ViewState) -> str:
    """The CAM method."""
    if not after.methods:
        return "this model has no CAM method: see `emoscope convert`"
    if len(after.methods) == 1:
        return f"{method_words(after)} is the only method of this model"
    return f"method: {method_words(after)}"


def method_words(state: ViewState) -> str:
    """The method's name as its paper writes it."""
    return METHOD_NAMES.get(state.method_name, state.method_name)


def colours(before: ViewState, after: ViewState) -> str:
    """The colour map."""
    return f"colours: {after.colour_map}"


def opacity(before: ViewState, after: ViewState) -> str:
    """How opaque heat is, and where it ends."""
    end = {1.0: ", the most", 0.1: ", the least"}.get(after.opacity, "") if before.opacity == after.opacity else ""
    return f"heat {round(100 * after.opacity)} %{end}"


def all_layers(before: ViewState, after: ViewState) -> str:
    """How many layers the strip shows."""
    if not after.layers:
        return "this model shows no layers"
    return f"all {len(after.layers)} layers, from the input on" if after.all_layers else ""


def target(before: ViewState, after: ViewState) -> str:
    """The class that heat speaks for."""
    if after.target == PREDICTED:
        return "heat explains the predicted class"
    return f"heat explains: {after.labels[after.target]}" if after.target < len(after.labels) else ""


def order(before: ViewState, after: ViewState) -> str:
    """The order of maps."""
    if not after.sort:
        return "maps by number"
    return "maps: this order is held" if after.held else "maps: the most active first"


def page(before: ViewState, after: ViewState) -> str:
    """Whether there are other pages."""
    if not after.layers:
        return "this model shows no layers"
    size = after.page_size or after.layers[after.layer].channels
    return "" if after.layers[after.layer].channels > size else "all maps are on this page"


def unit(before: ViewState, after: ViewState) -> str:
    """Why there is no map."""
    return "" if after.layers else "this model shows no layers"


def inset(before: ViewState, after: ViewState) -> str:
    """The size of the inset."""
    return f"inset: {after.inset}" if after.view != "off" else f"inset: {after.inset} • v or g shows it"


def text(before: ViewState, after: ViewState) -> str:
    """The size of text."""
    return f"text {round(100 * after.text_scale)} %"


def face(before: ViewState, after: ViewState) -> str:
    """Why no other face is chosen."""
    return "there is no other face" if len(after.tracks) == 1 else ""


def loop(before: ViewState, after: ViewState) -> str:
    """Whether a film starts again at its end."""
    return "the film starts again at its end" if after.loop else "the film ends at its end"


def mirror(before: ViewState, after: ViewState) -> str:
    """Whether the picture is flipped."""
    return "mirrored" if after.mirror else "not mirrored"


def switch(name: str, words: str) -> Told:
    """Whether a switch is on."""
    return lambda before, after: f"{words} on" if getattr(after, name) else f"{words} off"


def rule(before: ViewState, after: ViewState) -> str:
    """By which way the map is followed back to the pixels."""
    if not after.layers:
        return "this model shows no layers"
    return f"map {after.unit}, back to the pixels: {RULE_NAMES.get(after.rule, 'off')}"


def against(before: ViewState, after: ViewState) -> str:
    """What heat is told against."""
    other = rival(after)
    return f"heat for the class rather than {other}" if other else "heat for the class itself"


def rival(state: ViewState) -> str:
    """The class that heat is told against; "" where it is told for the class itself."""
    if state.against == NOTHING:
        return ""
    return "the runner-up" if state.against == RUNNER_UP else state.labels[state.against]


NEWS = {
    "no prior": "this model does not say what it was trained on: its prior stays",
    "prior": "prior taken off: {prior}",
    "prior 0": "prior taken off: 0, as in the training pictures",
    "prior 1": "prior taken off: 1, all classes alike",
    "no neutral": "this model has no class neutral",
    "no face": "no face in the picture",
    "rest": f"face {{face}}: show your neutral face for {SECONDS:g} s",
    "no rest": "face {face}: read like any other again",
}
"""The sentences of `news_of`, which the page without a server says too."""


def news_of(state: ViewState, asked: str) -> str:
    """What is to be said after `actions.step_prior` or `actions.toggle_rest`; "" after anything else."""
    if asked == PRIOR:
        return _of_prior(state)
    return _of_rest(state) if asked == REST else ""


def _of_prior(state: ViewState) -> str:
    if not state.priors:
        return NEWS["no prior"]
    prior = f"{state.prior or 0.0:g}"
    return NEWS.get(f"prior {prior}", NEWS["prior"]).format(prior=prior)


def _of_rest(state: ViewState) -> str:
    if NEUTRAL not in state.labels:
        return NEWS["no neutral"]
    if state.subject == NOBODY:
        return NEWS["no face"]
    return NEWS["rest" if state.subject in state.at_rest else "no rest"].format(face=state.subject)
