"""What the viewer shows: the table of views, one frozen state, and what a state asks of session and network."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..errors import EmoscopeError
from ..network.contract import Contract, LayerSpec
from ..network.network import NO_UNIT, NOTHING, PREDICTED, Request
from ..network.offset import prior_offset
from ..reading.session import NOBODY, Wish

INSET_SIZES = ("small", "half", "whole")
STATUS = ("line", "table", "off")
TEXT_SCALES = (0.8, 1.0, 1.25, 1.5, 2.0)
COLOUR_MAPS = ("inferno", "viridis", "turbo", "bone")
METHOD_NAMES = {
    "gradcam": "Grad-CAM",
    "gradcam++": "Grad-CAM++",
    "xgradcam": "XGrad-CAM",
    "hirescam": "HiResCAM",
    "layercam": "LayerCAM",
    "saliency": "Saliency",
    "eigencam": "Eigen-CAM",
    "rollout": "Attention rollout",
    "gradientxinput": "Gradient × input",
    "scorecam": "Score-CAM",
    "integrated": "Integrated gradients",
    "smoothgrad": "SmoothGrad",
    "occlusion": "Occlusion",
}
"""How a method is written, as its paper does."""
RULE_NAMES = {
    "gradient": "gradient",
    "gradientxinput": "gradient × input",
    "guided": "guided (no true gradient)",
    "deconvolution": "deconvolution (no true gradient)",
    "field": "strongest cell",
}
"""Guided backpropagation and deconvolution may ignore later weights, which is said wherever they are shown."""


@dataclass(frozen=True, slots=True)
class View:
    """One row of the table of views; what each draws stands in `emoscope.draw.inset_pictures`.

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
        priors: how much of the training pictures' prior can be taken off, 0–1; none where the model does not say it.
        prior: how much is, or None for what the model does itself.
        at_rest: track numbers of the faces whose own neutral face is taken off.
        sort: whether the grid shows the most active maps first, else in order.
        held: whether the order of the most active stays as it is.
        order: channels, most active first, as whoever shows them found; () where nobody has looked.
        page: of the grid, from 0.
        page_size: maps on a page, as whoever shows them found; 0 where nobody has looked.
        cursor: whether `unit` is marked in the grid.
        inset: size of the inset, one of INSET_SIZES.
        text_scale: size of text and panels, in parts of the usual one.
        heat: whether heat lies on the faces.
        opacity: of the heat, 0.1–1.
        colours: number of the colour map.
        bars: whether probability bars are shown.
        names: whether faces are labelled.
        hud: what is told of the program: "line", "table" or "off".
        history: whether the strip chart is shown.
        help: whether the table of keys is shown.
        paused: whether the picture stands still.
        mirror: whether the picture is flipped left to right.
        loop: whether a film starts again at its end.
        rule: the way by which the chosen map is followed back to the pixels, "" for none.
        against: class that heat is told against, RUNNER_UP, or NOTHING.
        all_layers: whether all layers stand in a strip at the foot.
        leaders: of each layer the map that stands for it there, as whoever shows them found; () where nobody looked.
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
    priors: tuple[float, ...] = ()
    prior: float | None = None
    at_rest: tuple[int, ...] = ()
    sort: bool = True
    held: bool = False
    order: tuple[int, ...] = ()
    page: int = 0
    page_size: int = 0
    cursor: bool = False
    inset: str = "small"
    text_scale: float = 1.0
    heat: bool = False
    opacity: float = 0.5
    colours: int = 0
    bars: bool = True
    names: bool = True
    hud: str = "line"
    history: bool = False
    help: bool = False
    paused: bool = False
    mirror: bool = False
    loop: bool = False
    rule: str = ""
    against: int = NOTHING
    all_layers: bool = False
    leaders: tuple[int, ...] = ()
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
    if not state.layers or not (heat or view.maps or state.all_layers):
        return Request()
    rule = state.rule if state.view == "map" else ""
    return Request(
        state.layer_name,
        maps=view.maps,
        method=state.method_name if heat else "",
        against=state.against if heat else NOTHING,
        rule=rule,
        unit=state.unit if rule else NO_UNIT,
        every=state.all_layers,
    )


def wish_of(state: ViewState) -> Wish:
    """What a state asks of the session: only heat on the faces is looked for on more than the one in the inset."""
    return Wish(request_of(state), state.target, state.face, state.heat, prior=state.prior, at_rest=state.at_rest)


def _number(name: str, names: tuple[str, ...], what: str) -> int:
    if name not in names:
        raise EmoscopeError(f"the model has no {what} {name!r}; it has {', '.join(names) or 'none'}")
    return names.index(name)
