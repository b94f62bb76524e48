"""Options that several commands share, and what they stand for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import click

from ..errors import EmoscopeError
from ..faces import FINDERS, open_finder
from ..network.bundle import DEFAULT_MODEL, open_pair
from ..network.contract import Contract
from ..network.network import KEPT, Network
from ..reading.analysis import Analyser
from ..view.state import ViewState, first_state
from ..view.views import VIEWS

F = TypeVar("F", bound=Callable[..., Any])


class Size(click.ParamType):  # type: ignore[type-arg,unused-ignore]
    """WIDTHxHEIGHT in pixels."""

    name = "WxH"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, int]:
        if isinstance(value, tuple):
            return value
        width, _, height = str(value).lower().partition("x")
        if not (width.isdecimal() and height.isdecimal() and int(width) and int(height)):
            self.fail(f"{value!r} is not a size such as 1280x720", param, ctx)
        return int(width), int(height)


@dataclass(frozen=True, slots=True)
class Look:
    """What is looked at, as options say it; empty where they say nothing.

    Attributes:
        view: name of the inset's view.
        layer: name of the layer.
        method: name of the CAM method.
        target: class that heatmaps speak for.
    """

    view: str = "gradcam"
    layer: str = ""
    method: str = ""
    target: str = ""

    def state(self, contract: Contract) -> ViewState:
        """The state that a viewer of this model starts in.

        Raises:
            EmoscopeError: the model has no such layer, method or class; the message names those it has.
        """
        state = first_state(contract, self.view)
        if self.layer:
            state = replace(state, layer=_number(self.layer, contract.layer_names, "layer"))
        if self.method:
            state = replace(state, method=_number(self.method, contract.methods, "method"))
        if self.target:
            state = replace(state, target=_number(self.target, contract.labels, "class"))
        return state


def model_options(command: F) -> F:
    """--model, --provider, --detector."""
    for option in (
        click.option(
            "--model", default=DEFAULT_MODEL, show_default=True, help="Shipped name, or path of an .onnx pair."
        ),
        click.option("--provider", default="auto", show_default=True, help="onnxruntime's execution provider."),
        click.option("--detector", type=click.Choice(list(FINDERS)), default="auto", show_default=True),
    ):
        command = option(command)
    return command


video_stream_option = click.option(
    "--video-stream",
    type=click.IntRange(0),
    metavar="N",
    help="Which video of a file that holds several, from 0, as FFmpeg counts; default: the largest.",
)


def look_options(command: F) -> F:
    """--view, --layer, --method, --target."""
    for option in (
        click.option("--view", type=click.Choice(list(VIEWS)), default="gradcam", show_default=True, help="The inset."),
        click.option("--layer", default="", help="Layer to look at; default: the model's own."),
        click.option("--method", default="", help="CAM method; default: the model's own."),
        click.option("--target", default="", help="Class to explain; default: the predicted one."),
    ):
        command = option(command)
    return command


@contextmanager
def open_analyser(
    model: str, provider: str, detector: str, threads: int = 1, pace: float = 1.0, kept: int = KEPT
) -> Iterator[Analyser]:
    """A finder, which looks for new faces at a pace of its own, and a network, ready to read; closed at the end."""
    network = Network(open_pair(model), provider, threads, kept)
    with open_finder(detector, pace) as finder:
        yield Analyser(finder, network)


def folder(path: Path | None) -> Path:
    """The folder for results: the one that was named, else the current one."""
    return Path.cwd() if path is None else path


def _number(name: str, names: tuple[str, ...], what: str) -> int:
    if name not in names:
        raise EmoscopeError(f"the model has no {what} {name!r}; it has {', '.join(names) or 'none'}")
    return names.index(name)
