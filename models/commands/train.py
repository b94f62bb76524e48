"""`emoscope train`: a data set in, a folder with a trained network out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from emoscope.errors import DataError

from .. import backend
from ..architectures import ARCHITECTURES, architecture
from ..data.telling import what_was_read
from ..plan import Plan
from ..training.history import best
from ..training.run_folder import RunFolder
from .options import plan, training_options
from .progress import Progress


@click.command()
@click.argument("data", required=False, type=Path)
@click.option("--arch", type=click.Choice(list(ARCHITECTURES)), help="Which network.")
@click.option("-o", "--output", type=Path, help="The run's folder.")
@click.option("--resume", type=Path, metavar="RUN", help="Continue the run in this folder where it stopped.")
@click.option("--tensorboard", is_flag=True, help="Log to RUN/tensorboard as well.")
@click.option("--preview", type=Path, metavar="PNG", help="Draw how pictures are augmented, and stop.")
@training_options
@click.pass_context
def train(
    ctx: click.Context,
    /,
    data: Path | None,
    arch: str | None,
    output: Path | None,
    resume: Path | None,
    tensorboard: bool,
    preview: Path | None,
    **given: Any,
) -> None:
    """Trains a network on DATA: a folder of pictures sorted by emotion, or FER2013's CSV file."""
    if resume:
        _require_alone(ctx)
        _continue(resume, tensorboard)
        return
    if data is None or arch is None or (output is None and preview is None):
        raise click.UsageError("give DATA, --arch and -o RUN for a new run, or --resume RUN")
    made = plan(arch, data, given)
    if preview:
        _preview(made, preview)
    elif output:
        _start(made, output, tensorboard)


def _require_alone(ctx: click.Context) -> None:
    """A run that is continued keeps its settings."""
    typed = [
        one
        for one in ctx.command.params
        if ctx.get_parameter_source(one.name or "") == ParameterSource.COMMANDLINE
        and one.name not in ("resume", "tensorboard")
    ]
    others = [one.opts[0] if isinstance(one, click.Option) else "DATA" for one in typed]
    if others:
        raise click.UsageError(f"--resume takes all settings from the run: leave out {', '.join(others)}")


def _start(made: Plan, path: Path, tensorboard: bool) -> None:
    folder = RunFolder(path)
    folder.require_new()
    dataset, dropped = made.dataset()
    for line in what_was_read(dataset):
        click.echo(line, err=True)
    if dropped:
        click.echo(f"left out {dropped} training pictures that also stand in a held-out split")
    folder.create()
    _run(made, dataset, path, tensorboard, resumes=False)


def _continue(path: Path, tensorboard: bool) -> None:
    config = RunFolder(path).config()
    made = Plan.from_config(config)
    dataset, _ = made.dataset()
    if dataset.checksum != config["data_sha256"]:
        raise DataError(f"{made.data}: not the data set that {path} was started on: start the run again")
    _run(made, dataset, path, tensorboard, resumes=True)


def _run(made: Plan, dataset: Any, path: Path, tensorboard: bool, resumes: bool) -> None:
    backend.start(architecture(made.arch).onednn)
    from ..training.calibration import ENOUGH
    from ..training.finish import finish
    from ..training.loop import START, Run
    from ..training.tensorboard import watcher

    if made.recipe.augmentation.recrop:
        click.echo("cutting the training pictures out again with our own detector: a minute or two")
    with Progress(made.recipe.epochs) as progress:
        training = Run(path, made, dataset, progress.step, watcher(path, progress.epoch, tensorboard))
        if not resumes:  # no sooner: settings that cannot be trained leave nothing behind
            training.folder.write_config(made.config(dataset))
        training.folder.write_contract(made.contract_for(dataset))
        training.folder.write_split(dataset)
        history = training.go(training.resume() if resumes else START)
    finish(path, history, made, dataset)
    kept = best(history, made.recipe.monitor)
    score = kept.scores[0]
    click.echo(
        f"{path / 'model.keras'}: validation accuracy {score.accuracy:.4f}, balanced {score.balanced:.4f}, "
        f"macro-F1 {score.macro_f1:.4f} (epoch {kept.epoch}, chosen by {made.recipe.monitor})"
    )
    for task, fitted in training.temperatures.items():
        pictures = int(dataset.split("validation").decided(dataset.tasks.index(task)).sum())
        why = f"not fitted: validation has {pictures:,} pictures, {ENOUGH} are needed"
        how = why if pictures < ENOUGH else f"fitted on {pictures:,} pictures of validation, folded into the network"
        click.echo(f"temperature of {task}: {fitted:.3f} ({how})")


def _preview(made: Plan, path: Path) -> None:
    from ..explore.sheets import draw_augmentations

    dataset, _ = made.dataset()
    draw_augmentations(dataset.split("train"), made.recipe, made.contract, path)
    click.echo(str(path))
