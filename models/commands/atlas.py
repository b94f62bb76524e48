"""`emoscope atlas`: what each filter of a model looks for."""

from __future__ import annotations

from pathlib import Path

import click

from emoscope.convert.atlas.ascent import Climb
from emoscope.convert.atlas.making import AtlasPlan, KeptParts, make
from emoscope.convert.options import Listed
from emoscope.errors import ResultError
from emoscope.network.atlas import SUFFIX, read_atlas
from emoscope.network.bundle import find_model, open_bundle
from emoscope.network.contract import Contract
from emoscope.report.atlas import write_page
from emoscope.types import Image

from ..data.faces import read_faces
from ..data.telling import what_was_read
from .options import CUT
from .progress import Counter


@click.command()
@click.argument("model")
@click.argument("data", required=False, type=Path)
@click.option(
    "-o", "--output", type=click.Path(file_okay=False, path_type=Path), help="Folder [default: beside MODEL]."
)
@click.option(
    "--layers", type=Listed(str), help="Only these layers [default: where stem and blocks end, and the model's own]."
)
@click.option("--all-layers", is_flag=True, help="Every layer; takes as many times as long.")
@click.option("-n", "--number", type=click.IntRange(min=1), help="At most so many pictures of DATA [default: all].")
@CUT
@click.option("--keep-pictures", is_flag=True, help="Put parts of the nine best pictures of each filter into the file.")
@click.option("--no-names", is_flag=True, help="Leave out which pictures of DATA excite a filter most.")
@click.option("--seed", default=0, show_default=True, help="Of noise and shifts; the same seed gives the same file.")
@click.option("--resume", is_flag=True, help="Go on where a run that was stopped left off.")
def atlas(
    model: str,
    data: Path | None,
    output: Path | None,
    layers: tuple[str, ...] | None,
    all_layers: bool,
    number: int | None,
    cut: str,
    keep_pictures: bool,
    no_names: bool,
    seed: int,
    resume: bool,
) -> None:
    """Make NAME.atlas: for each filter of MODEL the input that excites it most and, with DATA, what it says about
    classes and which faces excite it most. `explain` shows it where it lies beside MODEL.

    DATA is a folder of pictures, a .zip archive or FER2013's CSV; where it says what is held out, only that counts. Of
    it only names and numbers go into the file, unless --keep-pictures is given. NAME.atlas.html shows it all.
    """
    bundle = open_bundle(model)
    contract = bundle.contract
    chosen = layers or (contract.layer_names if all_layers else telling(contract))
    known = tuple(contract.layer(name).name for name in chosen)
    images, called = _faces(data, contract, number, cut) if data else (None, ())
    plan = AtlasPlan(bundle, known, images, called, keep_pictures, not no_names, Climb(seed=seed))
    path = (output or find_model(model).parent) / f"{bundle.name}{SUFFIX}"
    parts = KeptParts(path.with_name(f".{path.name}.{plan.digest}"))
    if not resume:
        parts.clear()
    try:
        with Counter(plan.steps, f"{plan.steps - len(called):,} filters, {len(called):,} faces") as counter:
            make(plan, path, parts, counter.step)
    except OSError as error:
        raise ResultError(f"cannot write {path}: {error.strerror or error}; choose another folder with -o") from None
    made = read_atlas(path)
    assert made is not None
    page = path.with_name(f"{path.name}.html")
    write_page(page, made, contract)
    parts.clear()
    click.echo(f"{path}  {path.stat().st_size / 1e6:.2f} MB\n{page}")


def _faces(data: Path, contract: Contract, number: int | None, cut: str) -> tuple[Image, tuple[str, ...]]:
    """Faces as the network is shown them, and where each stands; what was left out is told."""
    read = read_faces(data, contract, number, cut)
    for line in what_was_read(read):
        click.echo(line, err=True)
    found = read.splits[""]
    return found.images, tuple(map(str, found.names))


def telling(contract: Contract) -> tuple[str, ...]:
    """Where stem and blocks end, and the layer that is looked at first, from input to output."""
    wanted = {layer.name for layer in (*contract.stage_ends, *contract.block_ends)} | {contract.default_layer}
    return tuple(name for name in contract.layer_names if name in wanted)
