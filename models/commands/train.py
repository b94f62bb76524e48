"""`emoscope train`: a data set in, a folder with a trained network out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from emoscope.errors import DataError
from emoscope.system.atomic import atomic_write

from .. import backend
from ..architectures import ARCHITECTURES, architecture
from ..data.dataset import Dataset
from ..data.telling import what_was_read
from ..plan import Plan
from ..starting import find_start
from ..training.curves import draw_curves
from ..training.history import best
from ..training.repeats import SUMMARY, RunScore, repeats, summary, summary_csv
from ..training.run_folder import CURVES, MODEL, RunFolder
from .options import plan, training_options
from .progress import Progress

if TYPE_CHECKING:
    from ..training.learner import Learner


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
@click.option("--folds", type=click.IntRange(2), help="Runs over as many parts of DATA, each of them the test once.")
@click.option("--seeds", type=click.IntRange(2), help="As many runs of different seeds on one split.")
@click.option("--tensorboard", is_flag=True, help="Log to RUN/tensorboard as well.")
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
    folds: int | None,
    seeds: int | None,
    tensorboard: bool,
    preview: Path | None,
    **given: Any,
) -> None:
    """Trains a network on DATA: pictures in folders by class, a .zip of them, or FER2013's CSV file.

    With --folds or --seeds -o is the folder of several runs, and the mean of their figures is told with its interval.
    """
    if resume:
        _require_alone(ctx)
        _continue(resume, tensorboard, data, given["epochs"])
        return
    if folds and seeds:
        raise click.UsageError("--folds and --seeds are two ways to repeat a run: give one of them")
    if data is None or (arch is None and start is None) or (output is None and preview is None):
        raise click.UsageError("give DATA, --arch or --from, and -o RUN for a new run, or --resume RUN")
    made = plan(_architecture(arch, start), data, {**given, "start": start})
    if preview:
        _preview(made, preview)
    elif output and (folds or seeds):
        _repeat(made, output, folds or 0, seeds or 0, tensorboard)
    elif output:
        _start(made, output, tensorboard)


def _architecture(arch: str | None, start: str | None) -> str:
    """The network that is asked for; what it starts from says it too."""
    if start is None:
        return arch or ""
    begun = find_start(start).arch
    if arch not in (None, begun):
        raise click.UsageError(f"{start} is of the architecture {begun}: leave --arch {arch} out")
    return begun


def _require_alone(ctx: click.Context) -> None:
    """A run that is continued keeps its settings."""
    typed = [
        one
        for one in ctx.command.params
        if ctx.get_parameter_source(one.name or "") == ParameterSource.COMMANDLINE
        and one.name not in ("resume", "tensorboard", "data", "epochs")
    ]
    others = [one.opts[0] for one in typed]
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
    try:
        _run(made, dataset, path, tensorboard, resumes=False)
    except BaseException:
        folder.remove_empty()
        raise


def _continue(path: Path, tensorboard: bool, moved: Path | None = None, epochs: int | None = None) -> None:
    config = RunFolder(path).config()
    made = Plan.from_config(config)
    if moved is not None:
        made = replace(made, data=str(moved.resolve()))
    elif not Path(made.data).exists():
        raise DataError(f"{made.data}: no longer there: say where it is, emoscope train --resume {path} DATA")
    if epochs is not None:
        made = replace(made, recipe=replace(made.recipe, epochs=epochs))
    dataset, _ = made.dataset()
    if dataset.checksum != config["data_sha256"]:
        raise DataError(f"{made.data}: not the data set that {path} was started on: start the run again")
    _run(made, dataset, path, tensorboard, resumes=True)


def _repeat(made: Plan, path: Path, folds: int, seeds: int, tensorboard: bool) -> None:
    """Trains and judges every run; one that is done already is only judged, one that was stopped goes on."""
    from ..evaluation.classifier import open_classifier
    from ..evaluation.judge import verdict

    outcomes = []
    for name, one in repeats(made, folds, seeds):
        run = RunFolder(path / name)
        click.echo(f"{run.path}:")
        if not run.exists():
            _start(one, run.path, tensorboard)
        elif differences := one.differences(Plan.from_config(run.config())):
            raise DataError(f"{run.path}: was trained otherwise ({differences}): choose another -o")
        elif not (run.path / CURVES).is_file():
            _continue(run.path, tensorboard)
        test = one.dataset()[0].split("test")
        figures = verdict(open_classifier(run.path / MODEL), test.take(test.decided())).figures
        shares = figures.accuracy, figures.balanced_accuracy, figures.macro_f1
        outcomes.append(RunScore(name, figures.pictures, *shares))
    atomic_write(path / SUMMARY, summary_csv(outcomes))
    click.echo(f"on the test pictures of each run:\n{summary(outcomes)}\n{path / SUMMARY}")


def _run(made: Plan, dataset: Dataset, path: Path, tensorboard: bool, resumes: bool) -> None:
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
            training.folder.write_split(dataset)
        training.folder.write_config(made.config(dataset))
        training.folder.write_contract(made.contract_for(dataset))
        for line in _ahead(made, dataset, training.learner):
            click.echo(line)
        try:
            history = training.go(training.resume() if resumes else START)
        except KeyboardInterrupt:
            if training.history:
                draw_curves(training.history, path / "curves.partial.png", made.recipe.monitor)
            done = f"after epoch {len(training.history)} of {made.recipe.epochs}"
            click.echo(f"\nstopped {done}; go on with: emoscope train --resume {path}", err=True)
            raise
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
    for line in _next(path, made):
        click.echo(line)


def _ahead(made: Plan, dataset: Dataset, learner: Learner) -> Iterator[str]:
    """What is going to be done."""
    counts = ", ".join(f"{len(split):,} {name}" for name, split in dataset.splits.items())
    yield f"{counts} pictures; {len(made.labels)} classes: {', '.join(made.labels)}"
    size = f"{learner.plain.count_params() / 1e6:.2f} M parameters"
    seen = f"{made.input.width}×{made.input.height} {made.input.channels}"
    yield f"{made.arch}: {size}, input {seen}, {learner.precision} on {learner.device}, {made.recipe.epochs} epochs"


def _next(path: Path, made: Plan) -> Iterator[str]:
    """What may be done with the network."""
    yield f"judge it on the pictures held out:  emoscope evaluate {path / MODEL} {made.data}"
    yield f"make the pair that is run:          emoscope convert {path / MODEL}"
    yield f"watch with it:                      emoscope live --model {path / path.resolve().name}.onnx"


def _preview(made: Plan, path: Path) -> None:
    from ..explore.sheets import draw_augmentations

    dataset, _ = made.dataset()
    draw_augmentations(dataset.split("train"), made.recipe, made.contract, path)
    click.echo(str(path))
