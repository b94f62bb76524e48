"""`emoscope faithfulness`: which heatmap tells the truth about a model."""

from __future__ import annotations

from pathlib import Path

import click

from emoscope.convert.faithfulness.interval import interval
from emoscope.convert.faithfulness.report import class_table, table, write_chart, write_class_csv, write_csv
from emoscope.convert.faithfulness.study import BASELINES, MethodStudy, explained, study
from emoscope.convert.options import Listed
from emoscope.errors import ModelError, ResultError
from emoscope.network.bundle import open_bundle
from emoscope.network.contract import Contract
from emoscope.network.measured import FORGETS_BELOW
from emoscope.network.stills import STILLS
from emoscope.reading.crops import as_fed

from ..data.faces import read_faces
from ..data.telling import what_was_read
from .options import CUT
from .progress import Counter

ON_REQUEST = tuple(STILLS)


@click.command()
@click.argument("model")
@click.argument("data", type=Path)
@click.option("-n", "--number", default=200, show_default=True, type=click.IntRange(min=2), help="Pictures.")
@click.option("-o", "--output", default=Path(), type=Path, help="Folder of table and chart.")
@click.option("--layers", type=Listed(str), help="Only these layers [default: poolings, and where blocks end].")
@click.option(
    "--methods",
    type=Listed(str),
    help=f"Only these methods; {', '.join(ON_REQUEST)} on request [default: the model's].",
)
@CUT
def faithfulness(
    model: str,
    data: Path,
    number: int,
    output: Path,
    layers: tuple[str, ...] | None,
    methods: tuple[str, ...] | None,
    cut: str,
) -> None:
    """Measure the heatmaps of MODEL on faces of DATA: a folder of pictures, a .zip archive or FER2013's CSV; where it
    says what is held out, only that counts.

    Two ways of taking pixels away by heat, blurring and ROAD's imputation, each beside chance and the middle of the
    picture, with 95 % intervals over the pictures and per class; which parts of the face heat points at; and how much
    of it stays when weights are shuffled ("memory": the less, the better). Beside MODEL (-o), NAME.faithfulness.csv is
    where `explain` reads its scores.
    """
    bundle = open_bundle(model)
    where = layers or telling(bundle.contract)
    ways = methods or bundle.contract.methods
    _known(bundle.contract, where, ways)
    read = read_faces(data, bundle.contract, number, cut)
    for line in what_was_read(read):
        click.echo(line, err=True)
    faces = [as_fed(image[None], bundle.contract.input) for image in read.splits[""].images]
    places = explained(bundle, ways, where)
    steps = len(faces) * (len(places) + len(BASELINES))
    with Counter(steps, f"{len(faces)} faces × {len(places)} heatmaps") as counter:
        findings = study(bundle, faces, places, counter.step)
    click.echo(table(findings))
    click.echo(class_table(findings, bundle.contract.labels))
    click.echo(verdict(findings))
    shown = tuple(dict.fromkeys(layer for _, layer in places))
    title = f"{bundle.name}: {len(faces)} faces"
    _written(findings, bundle.contract.labels, shown, title, output / f"{bundle.name}.faithfulness")


def telling(contract: Contract) -> tuple[str, ...]:
    """The layers worth measuring: where maps of one size end, and what poolings make of them."""
    kept = {layer.name for layer in contract.stage_ends} | {contract.default_layer}
    return tuple(layer.name for layer in contract.layers if layer.name in kept or layer.kind == "pool")


def verdict(findings: list[MethodStudy]) -> str:
    """The most faithful method that forgets with the network, and how sure that is."""
    fit = [one for one in findings if one.method not in BASELINES and not one.memory >= FORGETS_BELOW]
    if not fit:
        return "No method forgets when the weights are shuffled: none can be recommended."
    best, beaten = fit[0], [one.method for one in findings if one.method in BASELINES and one.score < fit[0].score]
    alike = [f"{one.method} at {one.layer}" for one in fit[1:] if interval((best.both - one.both).tolist()).low <= 0]
    text = f"Most faithful: {best.method} at {best.layer}; it beats {' and '.join(beaten) or 'no baseline'}."
    ways = {name: max(fit, key=lambda one: getattr(one, name).mean()) for name in ("scores", "roads")}
    if alike:
        text += f" These pictures cannot tell it from {', '.join(alike[:4])}{' and others' if len(alike) > 4 else ''}."
    if len({id(one) for one in ways.values()}) > 1:
        blur, road = (f"{one.method} at {one.layer}" for one in ways.values())
        text += f" Blurring alone would choose {blur}, ROAD alone {road}."
    return text


def _known(contract: Contract, layers: tuple[str, ...], methods: tuple[str, ...]) -> None:
    for layer in layers:
        contract.layer(layer)
    unknown = set(methods) - {*contract.methods, *ON_REQUEST}
    if unknown:
        there = ", ".join((*contract.methods, *ON_REQUEST))
        raise ModelError(f"no method {', '.join(sorted(unknown))}; there are {there}")


def _written(
    findings: list[MethodStudy], labels: tuple[str, ...], layers: tuple[str, ...], title: str, stem: Path
) -> None:
    chart, rows, classes = (stem.with_name(f"{stem.name}{kind}") for kind in (".png", ".csv", ".classes.csv"))
    try:
        stem.parent.mkdir(parents=True, exist_ok=True)
        write_csv(findings, rows)
        write_class_csv(findings, labels, classes)
        write_chart(findings, layers, title, chart)
    except OSError as error:
        raise ResultError(f"cannot write {chart}: {error.strerror}; choose another folder with -o") from None
    click.echo(f"{rows}\n{classes}\n{chart}")
