"""`emoscope capture`: some pictures and a short clip, with class and confidence for each."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import click

from ..draw.face import words_of
from ..live import capture as taking
from ..live.opening import open_source
from ..reading.session import open_session
from ..reading.smoothing import Shown
from ..sinks.about import About
from ..sinks.options import SinkOptions
from ..system.size import Size
from ..view.state import ViewOptions
from .options import folder, list_cameras_option, look_options, model_options, sink_options
from .profile import Profile, profile_option


@click.command()
@click.argument("source", default="0")
@model_options
@look_options
@click.option("--pictures", type=click.IntRange(1, 10_000), default=10, show_default=True, help="How many pictures.")
@click.option(
    "--seconds", type=click.FloatRange(0.1, 86_400), default=5.0, show_default=True, help="Length of the clip."
)
@click.option("--size", type=Size(), help="Size of the camera's picture.")
@click.option("--mirror/--no-mirror", default=False, help="Flip left to right.")
@list_cameras_option
@profile_option()
@sink_options()
@click.option("-o", "--output", type=click.Path(file_okay=False, path_type=Path), help="Folder; default: this one.")
def capture(
    source: str,
    model: str,
    provider: str,
    detector: str,
    pictures: int,
    seconds: float,
    size: tuple[int, int] | None,
    mirror: bool,
    output: Path | None,
    sinks: SinkOptions,
    profile: Profile | None,
    **look: Any,
) -> None:
    """Take pictures and a short clip of SOURCE (camera 0 by default); print class and confidence for each picture."""
    place = folder(output)
    with open_source(source, size) as opened, open_session(model, provider, detector) as session:
        state = replace(ViewOptions(**look).state(session.network.contract), mirror=mirror)
        state = state if profile is None else profile.recalled(state)
        taken, about = 0, About.of(session.network, opened.name)
        with sinks.open(about, opened.size, partial(click.echo, err=True)) as out:
            for name, analysed in taking.capture(opened, session, state, place, pictures, seconds, out):
                taken += 1
                click.echo(f"{name}  {analysed.frame.time_s:7.2f} s  {_said(analysed.faces)}")
    short = "" if taken == pictures else f" ({pictures} were asked for; the source ended)"
    click.echo(f"{taken} pictures{short}, the clip and their readings are in {place}")


def _said(faces: tuple[Shown, ...]) -> str:
    """The words of the picture."""
    return ", ".join(f"face {shown.reading.face.track}: {words_of(shown)}" for shown in faces) or "no face"
