"""`emoscope explain`: pictures in, for each face a figure of everything between photo and decision."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import click

from ..errors import EmoscopeError, line_of
from ..media.further import told_further
from ..media.photo import read_photo
from ..reading.session import open_session
from ..report.explain.beside import beside
from ..report.explain.choice import Choice, choose, narrow
from ..report.explain.figure import FORMATS, MAPS, WIDTHS, draw_figure
from ..report.explain.inputs import LESSON, Job, left_out, plan_jobs, require_room
from ..report.explain.lesson import lesson_layers, write_lesson
from ..report.explain.page import write_page
from ..report.explain.study import Study, study_crop, study_photo
from ..system.libraries import cores
from ..system.terminal import say_line
from ..types import Image
from .options import model_options, prior_option

Studier = Callable[[Image, str], Sequence[Study]]
Drawer = Callable[[Path, Study], list[Path]]
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
@click.option("--method", "methods", multiple=True, help="Show heat by this method; may be given several times.")
@click.option(
    "--against", default="", metavar="CLASS", help="Tell the prediction against this class [default: the runner-up]."
)
@click.option("--unit", "units", multiple=True, metavar="LAYER:NUMBER", help="Follow this map back to the pixels.")
@click.option(
    "--width",
    type=click.Choice(list(WIDTHS)),
    default="screen",
    show_default=True,
    help="Lay figures out for a screen, or for one or two columns of a page (84, 174 mm).",
)
@click.option("--maps", default=MAPS, show_default=True, type=click.IntRange(1, 256), help="Feature maps per layer.")
@click.option("--crop", is_flag=True, help="IMAGEs are faces already, cut as the network was trained.")
@click.option(
    "--lesson", "teaches", is_flag=True, help="Write a lesson of ten steps about each face instead of a figure."
)
@click.option("--report", is_flag=True, help=f"Also write {REPORT}, one page with everything inside.")
@click.option("--overwrite", is_flag=True, help="Replace results that exist.")
@model_options
@prior_option
def explain(
    images: tuple[Path, ...],
    output: Path | None,
    kind: str,
    layers: tuple[str, ...],
    all_layers: bool,
    heat_layer: str,
    methods: tuple[str, ...],
    against: str,
    units: tuple[str, ...],
    width: str,
    maps: int,
    crop: bool,
    teaches: bool,
    report: bool,
    overwrite: bool,
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
    page, kind = (output or jobs[0].photo.parent) / REPORT, LESSON if teaches else kind
    if not overwrite:
        require_room([*(path for job in jobs for path in job.existing(kind)), *([page] if report else [])])
    for line in left_out(images):
        say_line(f"note: {line}", err=True)
    with open_session(model, provider, detector, threads=cores(), kept=SESSIONS) as session:
        contract = session.network.contract
        if teaches:
            layers, methods = lesson_layers(contract), methods or narrow(contract)
        if width == "one" and not methods:  # a column has no room for a dozen
            methods = narrow(contract)
        choice = choose(contract, layers, all_layers, heat_layer, methods, against, units, prior)
        known = beside(model, contract, settings(choice, detector, crop))

        def study(photo: Image, name: str) -> Sequence[Study]:
            if crop:
                return [study_crop(session.network, choice, photo, name)]
            return study_photo(session, choice, photo, name)

        draw: Drawer = partial(draw_figure, model=session.network.name, most=maps, known=known, width=width)
        if teaches:

            def draw(path: Path, study: Study) -> list[Path]:
                write_lesson(path, study, contract, known)
                return [path]

        done = [_explain(job, study, draw, kind) for job in jobs]
        studies = [study for found in done for study in found]
        if report and studies:
            write_page(page, studies, session.network.name, contract, model, known)
            say_line(str(page))
    return 0 if all(done) else 1


def settings(choice: Choice, detector: str, crop: bool) -> str:
    """How the figures were asked for, in a line that goes into them."""
    found = "bare crops" if crop else f"detector {detector}"
    units = "".join(f", {layer}:{unit}" for layer, unit in choice.units.items())
    return (
        f"{found}; layers {', '.join(choice.layers)}; heat at {choice.heat_layer} by {', '.join(choice.methods)}{units}"
    )


def _explain(job: Job, study: Studier, draw: Drawer, kind: str) -> Sequence[Study]:
    """The figures of one picture; nothing, and a line on standard error, where there is nothing to explain."""
    try:
        studies = study(read_photo(job.photo), job.photo.name)
        if told := told_further(job.photo):
            say_line(f"note: {job.photo.name}: {told}", err=True)
        if not studies:
            raise EmoscopeError(f"{job.photo}: no face found; give a larger picture, or --crop for a bare face")
        for one in studies:
            path = job.lesson(one.number) if kind == LESSON else job.figure(one.number, kind)
            for made in draw(path, one):
                say_line(f"{made}  {one.prediction.words}")
    except EmoscopeError as error:
        say_line(f"emoscope: {line_of(error)}", err=True)
        return []
    return studies
