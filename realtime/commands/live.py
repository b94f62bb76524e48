"""`emoscope live`: a camera, file or stream in a window."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from ..live.opening import open_source
from ..sinks.options import SinkOptions
from ..system.display import require_display
from ..system.size import Size
from ..view.state import ViewOptions, first_state
from .options import (
    folder,
    list_cameras_option,
    look_options,
    model_options,
    reidentify_option,
    sink_options,
    video_stream_option,
)
from .profile import Profile, profile_option
from .watch import Watch


@click.command()
@click.argument("source", default="0")
@model_options
@look_options
@click.option("--size", type=Size(), help="Size of the camera's picture and of the window.")
@click.option(
    "--fps", type=click.FloatRange(1, 1000), help="Frames a second to ask of the camera, or of numbered pictures."
)
@video_stream_option
@reidentify_option
@click.option("--mirror/--no-mirror", default=None, help="Flip left to right; cameras do unless told otherwise.")
@click.option("--fullscreen", is_flag=True, help="Fill the screen.")
@click.option("--loop", is_flag=True, help="Start a film again at its end.")
@list_cameras_option
@sink_options()
@profile_option(made=True)
@click.option("--text-scale", type=click.FloatRange(0.5, 4), default=1.0, help="Size of text and panels; 1 is usual.")
@click.option("--record-notices", is_flag=True, help="Recordings hold notices, red dot, strip and help as well.")
@click.option(
    "-o", "--output", type=click.Path(file_okay=False, path_type=Path), help="Folder for snapshots, recordings, logs."
)
def live(
    source: str,
    model: str,
    provider: str,
    detector: str,
    size: tuple[int, int] | None,
    fps: float | None,
    video_stream: int | None,
    reidentify: bool,
    mirror: bool | None,
    fullscreen: bool,
    loop: bool,
    text_scale: float,
    record_notices: bool,
    output: Path | None,
    sinks: SinkOptions,
    profile: Profile | None,
    **look: Any,
) -> None:
    """Watch SOURCE in a window.

    SOURCE is a camera's number (0 by default) or part of its name, a file, a folder of pictures, a stream address or a
    pipe (-).
    """
    require_display()
    wanted, place = ViewOptions(**look), folder(output)
    watch = Watch(
        model, provider, detector, wanted, size, fullscreen, place, text_scale, record_notices, sinks, reidentify
    )
    with open_source(source, size, fps, video_stream) as opened:
        click.echo("Press h in the window for the keys, q to leave.", err=True)
        mirrors = opened.is_camera if mirror is None else mirror
        if profile is None:
            watch.show(opened, mirrors, loop)
            return
        state, contract = watch.show(opened, mirrors, loop, profile.recalled)
        usual = replace(first_state(contract), mirror=opened.is_camera)
        if told := profile.keep(click.get_current_context(), state, usual):
            click.echo(told, err=True)
