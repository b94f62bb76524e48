"""`emoscope compare`: several networks side by side, trained here or taken as they are."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import click

from emoscope.errors import DataError

from ..asking import plan
from ..comparison.contestants import Makers, contestants
from ..comparison.faces import in_common, looks, pick
from ..comparison.sheet import draw_comparison
from ..converting import pair_of
from ..data.records import SPLITS
from ..evaluation.judge import Judge, Question
from ..evaluation.report import comparison, write
from ..plan import Plan
from ..training.run_folder import CURVES, MODEL, RunFolder
from .options import NUMBERS, SEED


@click.command()
@click.argument("models", nargs=-1, required=True, metavar="MODEL...")
@click.argument("data", type=Path)
@click.option("-o", "--output", type=Path, default="emoscope-compare", show_default=True, help="Folder for results.")
@click.option("--split", type=click.Choice(SPLITS), default="test", show_default=True)
@click.option("--epochs", type=click.IntRange(1), help="Of the networks that are trained here.")
@click.option("--votes", type=Path, help="Judge against the majorities of these FER+ votes.")
@click.option("--leak-free", is_flag=True, help="Leave out pictures that also stand in the training split.")
@NUMBERS
@click.option("--faces", type=click.IntRange(1, 12), default=7, show_default=True, help="Faces to show heat on.")
@click.option("--seed", type=SEED, default=0, show_default=True, help="Of training, and of the choice of faces.")
@click.pass_context
def compare(
    ctx: click.Context,
    models: tuple[str, ...],
    data: Path,
    output: Path,
    split: str,
    epochs: int | None,
    votes: Path | None,
    leak_free: bool,
    numbers: str | None,
    faces: int,
    seed: int,
) -> None:
    """Put networks side by side: accuracy, size, ms per face, confusion, and their heat on the same faces.

    MODEL is a file (.onnx, .keras, .h5, .hdf5), a shipped name, or an architecture, which is trained on DATA first.
    """
    taking_part = contestants(models, output, _makers(ctx, data, {"epochs": epochs, "seed": seed, "numbers": numbers}))
    question = Question(data, split, votes, leak_free=leak_free, numbers=numbers or "")
    judge = Judge(question, [one.classifier for one in taking_part], partial(click.echo, err=True))
    verdicts = [judge.judge(one.classifier) for one in taking_part]
    splits = [judge.pictures(one.classifier) for one in taking_part]
    places = in_common(splits)
    chosen = pick(splits[0].classes()[places[0]], faces, seed)
    truth = [verdicts[0].labels[number] for number in splits[0].classes()[places[0][chosen]]]
    sights = zip(taking_part, splits, places, strict=True)
    seen = [looks(one, pictures, there[chosen]) for one, pictures, there in sights]
    click.echo(comparison(verdicts))
    for verdict in verdicts:
        write(verdict, output, {key: str(value) for key, value in asdict(question).items()})
    truths = f"{len(splits[0]):,} pictures" + (", FER+ majorities" if votes else "")
    title = f"{len(taking_part)} networks on the {split} split of {data.name}, {truths}"
    draw_comparison(output / "compare.png", title, list(zip(taking_part, verdicts, seen, strict=True)), truth)
    click.echo(f"{output / 'compare.png'}, and figures and charts of each:  {output}")


def is_done(run: Path, asked: Plan) -> bool:
    """Whether a run of just these settings has come to its end; DataError where it is one of others."""
    config = RunFolder(run).config()
    differences = asked.differences(Plan.from_config(config))
    if not differences and asked.dataset()[0].checksum != config["data_sha256"]:
        differences = "other pictures"
    if differences:
        raise DataError(f"{run}: was trained otherwise ({differences}): choose another -o, or remove that folder")
    return (run / CURVES).is_file()


def _makers(ctx: click.Context, data: Path, said: dict[str, Any]) -> Makers:
    """The very commands `train` and `convert`."""

    def train(architecture: str, run: Path) -> Path:
        from .train import train as command

        if not RunFolder(run).exists():
            click.echo(f"training {architecture}")
            ctx.invoke(command, data=data, arch=architecture, output=run, **said)
        elif not is_done(run, plan(architecture, data, said)):
            click.echo(f"continuing {run}")
            ctx.invoke(command, resume=run)
        return run / MODEL

    def convert(model: Path, folder: Path, name: str) -> Path:
        click.echo(f"converting {model}")
        return pair_of(model, folder, name)

    return Makers(train, convert)
