"""`emoscope tune`: many short runs in search of better settings."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from emoscope.report.counted import counted
from emoscope.system.terminal import command

from .. import backend
from ..architectures import ARCHITECTURES, architecture
from ..asking import plan
from ..data.telling import what_was_held_out, what_was_read
from ..tuning.report import draw_importances, reached, short, table, told
from ..tuning.space import searched
from ..tuning.study import DIVERGED, Trials, open_study, search, write_best
from .options import training_options, typed, usage
from .progress import Progress

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
@click.pass_context
def tune(ctx: click.Context, /, data: Path, arch: str, trials: int, output: Path, **given: Any) -> None:
    """Searches learning rate, width, dropout, augmentation and loss for a network on DATA.

    What is typed of these stays as it is typed; the rest is searched. The best settings are kept in STUDY/best.json,
    which `emoscope train --config` takes. Several processes may work on one study at once: start the command again with
    the same -o.
    """
    said = typed(ctx, given)
    with usage():
        made = plan(arch, data, {**said, "epochs": given["epochs"] or EPOCHS})
        names = searched(made, said)
    study = open_study(output, made, names)
    dataset, _ = made.dataset()
    for line in (*what_was_read(dataset), *what_was_held_out(dataset)):
        click.echo(line, err=True)
    backend.start(architecture(arch).onednn)
    monitor = made.recipe.monitor
    with _Shown(study, trials, made.recipe.epochs, monitor) as shown:
        search(study, Trials(output, made, names, dataset, shown.begun, shown.ended, _wait), trials)
    diverged = [str(trial.number + 1) for trial in study.trials if DIVERGED in trial.user_attrs]
    if diverged:
        click.echo(f"trials whose loss was no longer a number: {', '.join(diverged)}")
    if not any(reached(trial) is not None for trial in study.trials):
        click.echo("no trial has come to an end yet")
        return
    draw_importances(study, output / "importances.png", monitor)
    click.echo(table(study, monitor))
    click.echo(f"{output / 'importances.png'}")
    best = write_best(study, output, None if "epochs" in said else architecture(arch).recipe.epochs)
    if best:
        click.echo(f"train the winner to its end:  {command('train', '--config', best, '-o', 'RUN')}")


class _Shown:
    """What a search says while it goes on: a line for every trial, and how far the running one is."""

    def __init__(self, study: Any, trials: int, epochs: int, monitor: str) -> None:
        self._study, self._trials, self._epochs, self._monitor = study, trials, epochs, monitor
        self._progress = Progress(epochs)
        self._began = time.monotonic()

    def __enter__(self) -> _Shown:
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.__exit__()

    def begun(self, trial: Any) -> Callable[[int, int, int, float], None]:
        """A trial begins; what hears of its steps."""
        self._began = time.monotonic()
        self._progress = Progress(self._epochs, f"trial {trial.number + 1}/{self._trials}  ")
        return self._progress.step

    def ended(self, number: int) -> None:
        """A trial has ended."""
        trial = self._study.trials[number]
        value, settings = reached(trial), "  ".join(f"{name} {short(one)}" for name, one in trial.params.items())
        figure = "the loss was no longer a number" if value is None else f"{told(value, self._monitor):.4f}"
        epochs = len(trial.intermediate_values)
        done = f"{trial.state.name.lower()} after {counted(epochs, 'epoch')}"
        took_s = time.monotonic() - self._began
        self._progress.line(
            f"trial {number + 1}/{self._trials}  {self._monitor} {figure}  {done}, {took_s:.0f} s  {settings}"
        )


def _wait() -> None:
    """The last trials are other processes'; one that was killed gives its trial up after two minutes."""
    time.sleep(WAIT_S)
