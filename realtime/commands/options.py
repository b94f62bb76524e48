"""Options that several commands share, and what they stand for."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click

from ..faces import FINDERS
from ..faces.mediapipe import CURE, SILENT, reporting
from ..live.devices import listed_cameras
from ..network.bundle import DEFAULT_MODEL
from ..sinks.lsl import SCOPES
from ..sinks.options import SinkOptions
from ..system.providers import AUTO
from ..view.state import VIEWS

F = TypeVar("F", bound=Callable[..., Any])


def model_options(command: F) -> F:
    """--model, --provider, --detector."""
    for option in (
        click.option(
            "--model", default=DEFAULT_MODEL, show_default=True, help="Shipped name, or path of an .onnx bundle."
        ),
        click.option(
            "--provider",
            default=AUTO,
            show_default=True,
            help="onnxruntime's execution provider, for network and detectors; auto: CUDA, DirectML or CoreML where "
            "it is installed, else CPU.",
        ),
        click.option(
            "--detector",
            type=click.Choice(list(FINDERS)),
            default="auto",
            show_default=True,
            callback=_told,
            help="Face finder; mediapipe needs the extra of this name.",
        ),
    ):
        command = option(command)
    return command


def _told(context: click.Context, param: click.Parameter, detector: str) -> str:
    """The name of a detector, after a word to the user where it does what nobody asked for."""
    version = reporting() if detector == "mediapipe" else ""
    if version and not context.resilient_parsing:
        click.echo(f"MediaPipe {version} reports its use to its makers; {SILENT} does not: {CURE}", err=True)
    return detector


prior_option = click.option(
    "--prior",
    type=click.FloatRange(0, 1),
    help="0: classes as frequent as in the training pictures; 1: all alike; default: the model's own.",
)

reidentify_option = click.option(
    "--reidentify/--no-reidentify",
    default=True,
    show_default=True,
    help="Whether a person who was away gets their number back, by appearance.",
)

video_stream_option = click.option(
    "--video-stream",
    type=click.IntRange(0),
    metavar="N",
    help="Which video of a file that holds several, from 0, as FFmpeg counts; default: the largest.",
)


def look_options(command: F) -> F:
    """--view, --layer, --method, --target, --prior."""
    for option in (
        click.option("--view", type=click.Choice(list(VIEWS)), default="gradcam", show_default=True, help="The inset."),
        click.option("--layer", default="", help="Layer to look at; default: the model's own."),
        click.option("--method", default="", help="CAM method; default: the model's own."),
        click.option("--target", default="", help="Class to explain; default: the predicted one."),
        prior_option,
    ):
        command = option(command)
    return command


def sink_options(pictures: bool = True) -> Callable[[F], F]:
    """--log, --publish, --lsl and, where there are pictures to give, --virtual-camera; the command gets one `sinks`.

    What can be told to be wrong without opening anything is told before the command begins.
    """
    options = [
        click.option(
            "--log",
            type=click.Path(path_type=Path),
            metavar="FILE",
            help="Log all readings, as rows, into this .csv, .jsonl or .parquet file.",
        ),
        click.option(
            "--publish",
            multiple=True,
            metavar="ADDRESS",
            help="Publish all readings: ws://127.0.0.1:8765 serves WebSockets, osc://127.0.0.1:9000 sends OSC; may be "
            "given again.",
        ),
        click.option(
            "--lsl",
            type=click.Choice(SCOPES),
            help="Stream to Lab Streaming Layer. It announces itself on the local network, or on this machine only; "
            "either way its library answers at ports 16572 and up, which a firewall can close.",
        ),
    ]
    if pictures:
        words = "Give what is shown to a virtual camera, for video calls."
        options.append(click.option("--virtual-camera", is_flag=True, help=words))

    def decorate(command: F) -> F:
        @wraps(command)
        def gathered(**given: Any) -> Any:
            log, publish, lsl = (given.pop(name) for name in ("log", "publish", "lsl"))
            sinks = SinkOptions(log, tuple(publish), lsl or "", given.pop("virtual_camera", False))
            sinks.check()
            return command(sinks=sinks, **given)

        made: Any = gathered
        for option in reversed(options):
            made = option(made)
        return made  # type: ignore[no-any-return]

    return decorate


def _list_cameras(context: click.Context, param: click.Parameter, wanted: bool) -> None:
    if wanted and not context.resilient_parsing:
        click.echo(listed_cameras())
        context.exit()


list_cameras_option = click.option(
    "--list-cameras",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_list_cameras,
    help="Print the numbers and names of this machine's cameras, and end.",
)


def folder(path: Path | None) -> Path:
    """The folder for results: the one that was named, else the current one."""
    return Path.cwd() if path is None else path
