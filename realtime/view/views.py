"""The table of views: what each is called, what it needs of the network, and what it puts into the inset."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..draw import inset
from ..draw.inset import InsetPicture
from ..network.network import Request
from ..types import Image
from .scene import Shown
from .state import ViewState

Picture = Callable[[Shown, Image, ViewState, int], InsetPicture]


@dataclass(frozen=True, slots=True)
class View:
    """One row of the table.

    Attributes:
        name: for `--view`.
        key: that turns it on, "" for none.
        help: what it shows, in a few words.
        maps: whether it needs the layer's activations.
        heat: whether it needs a heatmap.
        picture: what it puts into the inset, or None for no inset.
    """

    name: str
    key: str
    help: str
    maps: bool = False
    heat: bool = False
    picture: Picture | None = None


VIEWS: dict[str, View] = {
    view.name: view
    for view in (
        View("gradcam", "g", "heat: where the network looks", heat=True, picture=inset.heat_picture),
        View("maps", "a", "feature maps of the layer", maps=True, picture=inset.grid_picture),
        View("map", "m", "one feature map, large", maps=True, picture=inset.map_picture),
        View("crop", "i", "the crop the network sees", picture=inset.crop_picture),
        View("off", "", "no inset"),
    )
}


def request_of(state: ViewState) -> Request:
    """What a state asks of the network."""
    view = VIEWS[state.view]
    heat = (view.heat or state.heat) and bool(state.method_name)
    if not state.layers or not (heat or view.maps):
        return Request()
    return Request(state.layer_name, maps=view.maps, method=state.method_name if heat else "")
