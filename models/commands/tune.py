"""`emoscope tune`: many short runs in search of better settings."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import click

from .. import backend
from ..architectures import ARCHITECTURES, architecture
from ..tuning.report import draw_importances, reached, table
from ..tuning.study import DIVERGED, open_study, search
from .options import plan, training_options

EPOCHS = 6
"""Of a trial, where the user does not say."""

WAIT_S = 1.0
"""Between looks at the trials of other processes."""


@click.command()
@click.argument("data", type=Path)
@click.option("--arch", required=True, type=click.Choice(list(ARCHITECTURES)), help="Which network.")
@click.option("--trials", type=click.IntRange(1), default=20, show_default=True, help="How many the study shall have.")
@click.option("-o", "--output", required=True, type=Path, help="The study's folder; an old study in it goes on.")
@training_options
def tune(data: Path, arch: str, trials: int, output: Path, **given: Any) -> None:
    """Searches learning rate, width, dropout, augmentation and loss for a network on DATA.

    Several processes may work on one study at once: start the command again with the same -o.
    """
    made = plan(arch, data, {**given, "epochs": given["epochs"] or EPOCHS})
    study = open_study(output, made)
    dataset, _ = made.dataset()
    backend.start(architecture(arch).onednn)
    search(study, output, made, dataset, trials, _wait)
    diverged = [trial for trial in study.trials if DIVERGED in trial.user_attrs]
    if diverged:
        click.echo(f"trials whose loss was no longer a number: {', '.join(str(trial.number) for trial in diverged)}")
    if not any(reached(trial) is not None for trial in study.trials):
        click.echo("no trial has come to an end yet")
        return
    draw_importances(study, output / "importances.png")
    click.echo(table(study))
    click.echo(f"{output / 'importances.png'}")


def _wait() -> None:
    """The last trials are other processes'; one that was killed gives its trial up after two minutes."""
    time.sleep(WAIT_S)
