"""`emoscope train`: a data set in, a folder with a trained network out."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import click

from models import backend
from models.architectures import ARCHITECTURES, Design, architecture
from models.data.load import load, with_votes
from models.data.votes import read_votes
from models.labels import EMOTIONS
from models.training.history import Epoch
from models.training.run_folder import RunFolder
from realtime.contract import Contract

TASKS = {"labels": ("labels",), "votes": ("votes",), "both": ("votes", "labels")}


@click.command()
@click.argument("data", type=click.Path(path_type=Path))
@click.option("--arch", required=True, type=click.Choice(list(ARCHITECTURES)), help="Which network.")
@click.option("-o", "--output", "run", required=True, type=click.Path(path_type=Path), help="The run's folder.")
@click.option("--epochs", type=click.IntRange(1), help="Passes over the training pictures.")
@click.option("--batch", type=click.IntRange(1), help="Pictures per step.")
@click.option("--lr", type=click.FloatRange(0, min_open=True), help="Peak learning rate.")
@click.option("--seed", type=int, help="Of order, augmentation and initial weights.")
@click.option("--resume", is_flag=True, help="Continue the run in this folder where it stopped.")
@click.option("--votes", type=click.Path(path_type=Path), help="FER+ votes to learn from, a CSV file.")
@click.option("--targets", type=click.Choice(list(TASKS)), help="What to learn: [default: votes where there are any]")
def train(
    data: Path, arch: str, run: Path, resume: bool, votes: Path | None, targets: str | None, **changes: Any
) -> None:
    """Trains a network on DATA, a folder of pictures sorted by emotion."""
    row = architecture(arch)
    recipe = replace(row.recipe, **{key: value for key, value in changes.items() if value is not None})
    folder = RunFolder(run)
    dataset = load(data, row.input, EMOTIONS, recipe.seed)
    if votes:
        shares = read_votes(votes, dataset.labels)
        dataset = with_votes(dataset, shares, TASKS[targets or "votes"])
    if not resume:
        folder.create()
    backend.start(row.onednn)
    from models.training.loop import START, Run

    design = Design(row.input, len(dataset.labels), dropout=row.dropout)
    folder.write_config(
        {"arch": arch, "tasks": dataset.tasks, "recipe": asdict(recipe), "data_sha256": dataset.checksum}
    )
    folder.write_contract(Contract(dataset.labels, row.input))
    training = Run(run, arch, design, recipe, dataset, _report)
    _summary(run, training.go(training.resume() if resume else START))


def _report(epoch: int, step: int, steps: int, speed: float) -> None:
    end = "\n" if step == steps else "\r"
    if step == steps or step % 20 == 0:
        print(f"epoch {epoch:3d}  {step:4d}/{steps}  {speed:6.0f} images/s", end=end, flush=True)


def _summary(run: Path, history: list[Epoch]) -> None:
    best = max(history, key=lambda epoch: epoch.val_accuracy)
    click.echo(f"{run / 'model.keras'}: validation accuracy {best.val_accuracy:.4f} (epoch {best.epoch})")
