"""`emoscope demo`: the main job on the bundled clip, in a window where there is a screen, else into files."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import click

from ..live.film import Film
from ..processing.run import run
from ..processing.settings import Settings
from ..processing.todo import Order
from ..reading.session import open_session
from ..system.bundled import assets, bundled
from ..system.display import has_display
from ..view.state import ViewOptions
from .options import folder, look_options, model_options
from .watch import Watch

CLIP = "demo.mp4"
RESULTS = "emoscope-demo"


@click.command()
@model_options
@look_options
@click.option("-o", "--output", type=Path, help="Write files into this folder; open no window.")
def demo(model: str, provider: str, detector: str, output: Path | None, **look: Any) -> int:
    """Show the bundled clip with its emotions explained.

    In a window where there is a screen; else, or with --output, as an annotated film with rows and a chart.
    """
    clip = bundled(assets(), CLIP)
    wanted = ViewOptions(**look)
    if output is None and has_display():
        click.echo("The demo clip, again and again: press h for the keys, q to leave.")
        with Film(clip, endless=True) as film:
            Watch(model, provider, detector, wanted, None, False, folder(None)).show(film, loop=True)
        return 0
    settings = Settings(partial(open_session, model, provider, detector), wanted.state)
    place = output or Path(RESULTS)
    status = run(Order((str(clip),), place, overwrite=True), settings)
    if status == 0:
        click.echo(f"The annotated clip, its rows and its chart are in {place.resolve()}")
    return status
