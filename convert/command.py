"""`emoscope convert`: a classifier to the pair of graphs, verified before it is written."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import click

from convert.cam import METHODS
from convert.verify import Difference
from realtime.contract import Contract


@click.command()
@click.argument("model", type=click.Path(exists=True, path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Folder for the pair [default: beside MODEL].")
@click.option("-n", "--name", help="Name of the pair [default: the model's, or its folder's].")
def convert(model: Path, output: Path | None, name: str | None) -> None:
    """Turn MODEL, a Keras classifier, into NAME.onnx and NAME.activations.onnx."""
    from convert.keras_to_onnx import export, load_keras
    from convert.pair import build, write
    from convert.reference import KerasReference
    from convert.verify import verify

    contract = Contract.read(model.with_name("contract.json"))
    loaded = load_keras(model)
    contract = contract.with_(source_sha256=hashlib.sha256(model.read_bytes()).hexdigest())
    pair = build(export(loaded), contract, tuple(METHODS))
    reference = KerasReference(loaded)
    rows = verify(pair.classifier, pair.activations, reference, contract.input.shape, len(contract.labels))
    click.echo(table(rows))
    for path in write(pair, output or model.parent, name or default_name(model)):
        click.echo(f"{path}  {path.stat().st_size / 1e6:.1f} MB")


def default_name(model: Path) -> str:
    """The file's stem, or for the `model.keras` of a training run the name of its folder."""
    return model.resolve().parent.name if model.stem == "model" else model.stem


def table(rows: Iterable[Difference]) -> str:
    """Differences as lines of text, one output a line."""
    lines = [f"{row.output:<44}{row.relative:>10.1e}{row.worst:>10.1e}" for row in rows]
    return "\n".join([f"{'relative difference from the model':<44}{'median':>10}{'worst':>10}", *lines])
