"""`emoscope faithfulness`: which heatmap tells the truth about a model."""

from __future__ import annotations

from pathlib import Path

import click

from emoscope.errors import ModelError, ResultError
from emoscope.network.bundle import open_bundle
from emoscope.network.contract import Contract

from ..options import Listed
from .pictures import choose, read
from .report import table, write_chart, write_csv
from .study import BASELINES, SCORE_CAM, Finding, explained, study

PASSES_BELOW = 0.5
"""Rank correlation with the heat of shuffled weights, above which a method is not recommended."""


@click.command()
@click.argument("model")
@click.argument("data", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("-n", "--number", default=200, show_default=True, type=click.IntRange(min=2), help="Pictures.")
@click.option("-o", "--output", default=Path(), type=Path, help="Folder of table and chart.")
@click.option("--layers", type=Listed(str), help="Only these layers [default: all].")
@click.option("--methods", type=Listed(str), help=f"Only these methods; {SCORE_CAM} on request [default: the model's].")
def faithfulness(
    model: str, data: Path, number: int, output: Path, layers: tuple[str, ...] | None, methods: tuple[str, ...] | None
) -> None:
    """Measure the heatmaps of MODEL on pictures of faces in DATA, those of PublicTest in FER2013's tree.

    Deletion and insertion curves with their areas beside chance and the middle of the picture, and how much of the heat
    stays when all weights are shuffled ("memory": the less, the better).
    """
    pair = open_bundle(model)
    where = layers or pair.contract.layer_names
    ways = methods or pair.contract.methods
    _known(pair.contract, where, ways)
    faces = [read(path, pair.contract.input) for path in choose(data, number)]
    places = explained(pair, ways, where)
    with click.progressbar(length=len(faces) * len(places), label=f"{len(faces)} pictures") as bar:
        findings = study(pair, faces, places, lambda: bar.update(1))
    click.echo(table(findings))
    click.echo(verdict(findings))
    shown = tuple(dict.fromkeys(layer for _, layer in places))
    _written(findings, shown, f"{pair.name}: {len(faces)} pictures", output / f"{pair.name}.faithfulness")


def verdict(findings: list[Finding]) -> str:
    """The most faithful method that forgets with the network, in a sentence."""
    fit = [one for one in findings if one.method not in BASELINES and not one.memory >= PASSES_BELOW]
    if not fit:
        return "No method forgets when the weights are shuffled: none can be recommended."
    best, beaten = fit[0], [one.method for one in findings if one.method in BASELINES and one.score < fit[0].score]
    return f"Most faithful: {best.method} at {best.layer}; it beats {' and '.join(beaten) or 'no baseline'}."


def _known(contract: Contract, layers: tuple[str, ...], methods: tuple[str, ...]) -> None:
    for layer in layers:
        contract.layer(layer)
    unknown = set(methods) - {*contract.methods, SCORE_CAM}
    if unknown:
        there = ", ".join((*contract.methods, SCORE_CAM))
        raise ModelError(f"no method {', '.join(sorted(unknown))}; there are {there}")


def _written(findings: list[Finding], layers: tuple[str, ...], title: str, stem: Path) -> None:
    chart, rows = stem.with_name(f"{stem.name}.png"), stem.with_name(f"{stem.name}.csv")
    try:
        stem.parent.mkdir(parents=True, exist_ok=True)
        write_csv(findings, rows)
        write_chart(findings, layers, title, chart)
    except OSError as error:
        raise ResultError(f"cannot write {chart}: {error.strerror}; choose another folder with -o") from None
    click.echo(f"{rows}\n{chart}")
