"""`emoscope data`: a first look at a data set."""

from __future__ import annotations

import json
from pathlib import Path

import click

from emoscope.errors import DataError
from emoscope.system.atomic import atomic_write

from ..asking import names
from ..data.load import labels_of, records
from ..data.numbers import are_numbers, asking
from ..explore.balance import draw_balance
from ..explore.sheets import draw_sheet
from ..explore.survey import Survey, survey
from ..explore.text import as_json, describe
from ..writing import writing
from .options import NUMBERS, SEED, usage


@click.command()
@click.argument("data", type=Path)
@click.option("--classes", help="Class names. [default: the seven emotions, or the names of the folders]")
@NUMBERS
@click.option("--seed", type=SEED, default=0, show_default=True, help="Of the sample pictures.")
@click.option("-o", "--output", type=Path, help="Folder for survey.json, balance.png and a sheet per class.")
def data(data: Path, classes: str | None, numbers: str | None, seed: int, output: Path | None) -> None:
    """Counts DATA's pictures by class and split, finds copies and broken files, draws sample sheets."""
    with usage():
        labels = names(classes) or labels_of(data, numbers or "")
    if are_numbers(labels) and not classes:
        click.echo(f"{data}: {asking(labels)}\n", err=True)
    found = survey(records(data, labels, numbers=numbers or ""), labels, seed=seed)
    if not found.splits:
        raise DataError(f"{data}: no readable picture")
    missing = set(labels) - {label for _, label in found.counts}
    if missing:
        raise DataError(f"{data}: no picture of {', '.join(sorted(missing))}: add some, or name the rest by --classes")
    click.echo(describe(found))
    if output:
        _write(found, output)
        click.echo(f"\n{output}: survey.json, balance.png, {', '.join(f'{label}.png' for label in found.samples)}")


def _write(found: Survey, folder: Path) -> None:
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        draw_balance(found, folder / "balance.png")
        for label, pictures in found.samples.items():
            draw_sheet(pictures, folder / f"{label}.png")
    atomic_write(folder / "survey.json", json.dumps(as_json(found), indent=1) + "\n")
