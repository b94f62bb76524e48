"""`emoscope train`: a data set in, a folder with a trained network out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from emoscope.errors import DataError
from emoscope.system.atomic import atomic_write

from ..architectures import ARCHITECTURES
from ..asking import asked_architecture, kept_plan, plan
from ..data.telling import what_was_read
from ..plan import Plan
from ..running import Extras, Listener, afterwards, begin, continued, go_on
from ..training.repeats import SUMMARY, RunScore, repeats, summary, summary_csv
from ..training.run_folder import CURVES, MODEL, RunFolder
from .options import training_options, typed, usage
from .progress import Progress


@click.command()
@click.argument("data", required=False, type=Path)
@click.option("--arch", type=click.Choice(list(ARCHITECTURES)), help="Which network.")
@click.option(
    "--from",
    "start",
    metavar="NETWORK",
    help="Start from what this has learnt: ferplus, or a run's model.keras. Epochs, rate and batch go by DATA's size.",
)
@click.option("-o", "--output", type=Path, help="The run's folder.")
@click.option(
    "--resume",
    type=Path,
    metavar="RUN",
    help="Continue the run in this folder; DATA where it has moved, --epochs for more.",
)
@click.option(
    "--config", type=Path, metavar="JSON", help="Settings of a run (RUN/config.json) or of a search (STUDY/best.json)."
)
@click.option("--folds", type=click.IntRange(2), help="Runs over as many parts of DATA, each of them the test once.")
@click.option("--seeds", type=click.IntRange(2), help="As many runs of different seeds on one split, or on each fold.")
@click.option("--tensorboard", is_flag=True, help="Log to RUN/tensorboard as well.")
@click.option("--h5", is_flag=True, help="Write RUN/model.h5 as well, Keras' older format.")
@click.option("--preview", type=Path, metavar="PNG", help="Draw how pictures are augmented, and stop.")
@training_options
@click.pass_context
def train(
    ctx: click.Context,
    /,
    data: Path | None,
    arch: str | None,
    start: str | None,
    output: Path | None,
    resume: Path | None,
    config: Path | None,
    folds: int | None,
    seeds: int | None,
    tensorboard: bool,
    h5: bool,
    preview: Path | None,
    **given: Any,
) -> None:
    """Trains a network on DATA: pictures in folders by class, a .zip of them, or FER2013's CSV file.

    With --folds or --seeds -o is the folder of several runs, and the mean of their figures is told with its interval.
    """
    extras = Extras(tensorboard, h5)
    if resume:
        _require_alone(ctx)
        with usage():
            _train(continued(resume, data, given["epochs"]), resume, extras, resumes=True)
        return
    kept = kept_plan(config) if config else None
    if kept and data is None:
        data = Path(kept.data)
    if data is None or not (arch or start or kept) or (output is None and preview is None):
        raise click.UsageError("give DATA, --arch or --from, and -o RUN for a new run, or --resume RUN")
    with usage():
        chosen = asked_architecture(arch, start, kept)
        made = plan(chosen, data, {**typed(ctx, given), "start": start}, kept)
        if preview:
            _preview(made, preview)
        elif output and (folds or seeds):
            _repeat(made, output, folds or 0, seeds or 0, extras)
        elif output:
            _train(made, output, extras)


def _require_alone(ctx: click.Context) -> None:
    """A run that is continued keeps its settings."""
    typed = [
        one
        for one in ctx.command.params
        if ctx.get_parameter_source(one.name or "") == ParameterSource.COMMANDLINE
        and one.name not in ("resume", "tensorboard", "h5", "data", "epochs")
    ]
    others = [one.opts[0] for one in typed]
    if others:
        raise click.UsageError(f"--resume takes all settings from the run: leave out {', '.join(others)}")


def _train(made: Plan, path: Path, extras: Extras, resumes: bool = False) -> None:
    """Trains, and says so."""
    with Progress(made.recipe.epochs) as progress:
        listener = Listener(progress.line, progress.warning, progress.step, progress.epoch)
        (go_on if resumes else begin)(made, path, listener, extras)


def _repeat(made: Plan, path: Path, folds: int, seeds: int, extras: Extras) -> None:
    """Trains and judges every run; one that is done already is only judged, one that was stopped goes on."""
    from ..evaluation.classifier import open_classifier
    from ..evaluation.judge import verdict

    runs = [(name, one, RunFolder(path / name)) for name, one in repeats(made, folds, seeds)]
    for _, one, run in runs:
        if run.exists() and (differences := one.differences(Plan.from_config(run.config()))):
            raise DataError(f"{run.path}: was trained otherwise ({differences}): choose another -o")
    extras = replace(extras, pictures=(pictures := made.pictures()))
    for line in what_was_read(pictures):
        click.echo(line, err=True)
    for _, one, run in runs:
        if run.exists() and one.dataset(pictures)[0].checksum != run.config()["data_sha256"]:
            raise DataError(f"{run.path}: was trained on other pictures: choose another -o")
    outcomes = []
    for name, one, run in runs:
        click.echo(f"{run.path}:")
        if not run.exists():
            _train(one, run.path, extras)
        elif not (run.path / CURVES).is_file():
            _train(continued(run.path), run.path, extras, resumes=True)
        test = one.dataset(pictures)[0].split("test")
        figures = verdict(open_classifier(run.path / MODEL), test.take(test.decided())).figures
        shares = figures.accuracy, figures.balanced_accuracy, figures.macro_f1
        outcomes.append(RunScore(name, figures.pictures, *shares))
    atomic_write(path / SUMMARY, summary_csv(outcomes))
    click.echo(f"on the test pictures of each run:\n{summary(outcomes)}\n{path / SUMMARY}")
    name, one, run = runs[0]
    click.echo("\n".join([f"of every run, here of {name}:", *afterwards(run.path, one, extras, can_be_judged=True)]))


def _preview(made: Plan, path: Path) -> None:
    from ..explore.sheets import draw_augmentations

    dataset, _ = made.dataset()
    draw_augmentations(dataset.split("train"), made.recipe, made.contract, path)
    click.echo(f"{path}: each row a picture of training, as it is and then as it is shown")
