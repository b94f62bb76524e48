"""`emoscope site`: the page as a static folder, in which visitors' own browsers do all the work."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Any

import click

from ..errors import SystemLibraryError, UnknownDetectorError
from ..network.bundle import open_bundle
from ..report.explain.beside import beside
from ..view.state import ViewOptions
from ..web.site.runtime import VERSION, fetched, found, is_there
from ..web.site.writer import DETECTORS, SiteParts, write_site
from .options import look_options, model_options


@click.command()
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="Folder to write.")
@click.option(
    "--runtime",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    metavar="FOLDER",
    help=f"Folder that holds onnxruntime-web {VERSION}.",
)
@click.option("--fetch-runtime", is_flag=True, help="Fetch it with npm.")
@model_options
@look_options
def site(
    output: Path, runtime: Path | None, fetch_runtime: bool, model: str, provider: str, detector: str, **look: Any
) -> None:
    """Write the page as a static folder: it runs on any web server, and no picture leaves the visitor's browser.

    Camera, pictures and films, the inside of the network and the atlas are there; figures for papers need `serve`.
    """
    if detector not in DETECTORS:
        raise UnknownDetectorError(f"the page has no detector {detector!r}: choose {' or '.join(DETECTORS)}")
    bundle = open_bundle(model)
    state = ViewOptions(**look).state(bundle.contract)
    known = beside(model, bundle.contract, "`emoscope site`")
    with _runtime(output, runtime, fetch_runtime) as folder:
        size = write_site(SiteParts(bundle, state, known, detector), folder, output)
    click.echo(f"{output}: {size / 1e6:.1f} MB; try it with `python -m http.server -d {output}`")


def _runtime(output: Path, runtime: Path | None, fetch: bool) -> Any:
    if fetch:
        return fetched()
    if runtime is not None:
        return nullcontext(found(runtime))
    if is_there(output / "ort"):
        return nullcontext(output / "ort")
    told = "the page needs onnxruntime-web, which is no part of EmoScope"
    raise SystemLibraryError(f"{told}: --fetch-runtime fetches it with npm, --runtime FOLDER names where it lies")
