"""`emoscope explain`: pictures in, for each face a figure of everything between photo and decision."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import click

from ..errors import EmoscopeError
from ..media.photo import read_photo
from ..reading.session import Session, open_session
from ..report.explain.choice import choose
from ..report.explain.figure import FORMATS, MAPS, draw_figure
from ..report.explain.inputs import Job, left_out, plan_jobs
from ..report.explain.page import write_page
from ..report.explain.study import Study, study_crop, study_photo
from ..types import Image
from .options import model_options, prior_option

Studier = Callable[[Image, str], Sequence[Study]]
REPORT = "emoscope-report.html"
SESSIONS = 64
"""Every picture is asked for the same layers and methods, so what was built for one serves the next."""


@click.command()
@click.argument("images", nargs=-1, required=True, type=Path, metavar="IMAGE...")
@click.option("-o", "--output", type=click.Path(file_okay=False, path_type=Path), help="Folder for the figures.")
@click.option("--format", "kind", type=click.Choice(FORMATS), default="png", show_default=True)
@click.option("--layer", "layers", multiple=True, help="Show this layer; may be given several times.")
@click.option("--all-layers", is_flag=True, help="Show every layer.")
@click.option("--heat-layer", default="", help="Layer that heat is taken from; default: the model's own.")
@click.option("--maps", default=MAPS, show_default=True, type=click.IntRange(1, 256), help="Feature maps per layer.")
@click.option("--crop", is_flag=True, help="IMAGEs are faces already, cut as the network was trained.")
@click.option("--report", is_flag=True, help=f"Also write {REPORT}, one page with everything inside.")
@model_options
@prior_option
def explain(
    images: tuple[Path, ...],
    output: Path | None,
    kind: str,
    layers: tuple[str, ...],
    all_layers: bool,
    heat_layer: str,
    maps: int,
    crop: bool,
    report: bool,
    model: str,
    provider: str,
    detector: str,
    prior: float | None,
) -> int:
    """Draw, for each face of each IMAGE (file or folder), why the network says what it says.

    The figures stand beside their picture, or in the --output folder. Exit status 1 where a picture could not be
    read or shows no face; the others are done all the same.
    """
    jobs = plan_jobs(images, output)
    for line in left_out(images):
        click.echo(f"note: {line}", err=True)
    with open_session(model, provider, detector, kept=SESSIONS) as session:
        choice = choose(session.network.contract, layers, all_layers, heat_layer, prior)

        def study(photo: Image, name: str) -> Sequence[Study]:
            if crop:
                return [study_crop(session.network, choice, photo, name)]
            return study_photo(session, choice, photo, name)

        done = [_explain(job, study, session.network.name, kind, maps) for job in jobs]
        studies = [study for found in done for study in found]
        if report and studies:
            _report(studies, session, (output or jobs[0].photo.parent) / REPORT, model)
    return 0 if all(done) else 1


def _explain(job: Job, study: Studier, model: str, kind: str, maps: int) -> Sequence[Study]:
    """The figures of one picture; nothing, and a line on standard error, where there is nothing to explain."""
    try:
        studies = study(read_photo(job.photo), job.photo.name)
        if not studies:
            raise EmoscopeError(f"{job.photo}: no face found; give a larger picture, or --crop for a bare face")
        for one in studies:
            path = job.figure(one.number, kind)
            draw_figure(path, one, model, maps)
            click.echo(f"{path}  {one.prediction.words}")
    except EmoscopeError as error:
        click.echo(f"emoscope: {error}", err=True)
        return []
    return studies


def _report(studies: Sequence[Study], session: Session, path: Path, model: str) -> None:
    write_page(path, studies, session.network.name, session.network.contract, model)
    click.echo(str(path))
