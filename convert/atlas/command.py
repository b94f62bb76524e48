"""`emoscope atlas`: what each filter of a model looks for."""

from __future__ import annotations

from pathlib import Path

import click

from emoscope.errors import ResultError
from emoscope.network.atlas import SUFFIX, read_atlas
from emoscope.network.bundle import find_model, open_bundle
from emoscope.network.contract import Contract
from emoscope.report.atlas import write_page

from ..faithfulness.pictures import choose
from ..options import Listed
from .ascent import Climb
from .making import AtlasPlan, KeptParts, make

EVERY = 10**9


@click.command()
@click.argument("model")
@click.argument("data", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "-o", "--output", type=click.Path(file_okay=False, path_type=Path), help="Folder [default: beside MODEL]."
)
@click.option(
    "--layers", type=Listed(str), help="Only these layers [default: where stem and blocks end, and the model's own]."
)
@click.option("--all-layers", is_flag=True, help="Every layer; takes as many times as long.")
@click.option("-n", "--number", type=click.IntRange(min=1), help="At most so many pictures of DATA [default: all].")
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
    keep_pictures: bool,
    no_names: bool,
    seed: int,
    resume: bool,
) -> None:
    """Make NAME.atlas: for each filter of MODEL the input that excites it most and, with DATA, a folder of faces, what
    it says about classes and which pictures excite it most. `explain` shows it where it lies beside MODEL.

    Of DATA only names and numbers go into the file, unless --keep-pictures is given. NAME.atlas.html shows it all.
    """
    bundle = open_bundle(model)
    contract = bundle.contract
    chosen = layers or (contract.layer_names if all_layers else telling(contract))
    paths = choose(data, number or EVERY) if data else []
    known = tuple(contract.layer(name).name for name in chosen)
    plan = AtlasPlan(bundle, known, paths, keep_pictures, not no_names, Climb(seed=seed))
    path = (output or find_model(model).parent) / f"{bundle.name}{SUFFIX}"
    parts = KeptParts(path.with_name(f".{path.name}.{plan.digest}"))
    if not resume:
        parts.clear()
    try:
        with click.progressbar(length=plan.steps, label=f"{plan.steps} filters and pictures") as bar:
            make(plan, path, parts, bar.update)
    except OSError as error:
        raise ResultError(f"cannot write {path}: {error.strerror or error}; choose another folder with -o") from None
    made = read_atlas(path)
    assert made is not None
    page = path.with_name(f"{path.name}.html")
    write_page(page, made, contract)
    parts.clear()
    click.echo(f"{path}  {path.stat().st_size / 1e6:.2f} MB\n{page}")


def telling(contract: Contract) -> tuple[str, ...]:
    """Where stem and blocks end, and the layer that is looked at first, from input to output."""
    wanted = {layer.name for layer in (*contract.stage_ends, *contract.block_ends)} | {contract.default_layer}
    return tuple(name for name in contract.layer_names if name in wanted)
