"""`emoscope evaluate`: networks against a split, in figures and pictures."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from pathlib import Path

import click

from emoscope.convert.describe import Told
from emoscope.convert.presets import PRESETS
from emoscope.network.bundle import find_model, shipped_models

from ..asking import names
from ..data.dataset import ALL
from ..data.numbers import meanings
from ..data.records import SPLITS
from ..evaluation.classifier import narrowed, open_classifier, told_apart
from ..evaluation.judge import Judge, Question
from ..evaluation.pictures import write_pictures
from ..evaluation.report import comparison, details, write
from ..evaluation.robustness import heading, line, write_robustness
from .options import CUT, NUMBERS, SEED, Number, usage


@click.command()
@click.argument("models", nargs=-1, required=True, metavar="MODEL...")
@click.argument("data", type=Path)
@click.option(
    "--split", type=click.Choice([*SPLITS, ALL]), default="test", show_default=True, help="Which pictures to judge on."
)
@click.option("--votes", type=Path, help="Judge against the majorities of these FER+ votes.")
@click.option("--tta", type=click.Choice(["flip"]), help="Average answers with those for the mirror image.")
@click.option("--leak-free", is_flag=True, help="Leave out pictures that also stand in the training split.")
@click.option(
    "--seed", type=SEED, help="Of the held-out pictures where DATA does not name them. [default: of MODEL's own run]"
)
@click.option("--labels", help="Class names in the network's order, where the file does not say: a,b,c")
@click.option("--channels", type=click.Choice(["gray", "rgb", "bgr"]), help="What the network is fed.")
@click.option("--scale", type=Number(), help="Factor on pixels 0–255, where the file does not say.")
@click.option("--offset", type=Number(), help="Added after scaling.")
@click.option("--input-preset", "preset", type=click.Choice(list(PRESETS)), help="Scale and offset by name.")
@click.option("--classes", help="Judge on these classes only, and let the network choose among them: a,b,c")
@CUT
@NUMBERS
@click.option("--through-detector", is_flag=True, help="Also show the pictures as frames to our detector and cropper.")
@click.option("--robustness", "robust", is_flag=True, help="Also judge on the pictures darkened, blurred, made noisy …")
@click.option("-o", "--output", type=Path, help="Folder for figures, charts, predictions (CSV) and mistakes.")
def evaluate(
    models: tuple[str, ...],
    data: Path,
    split: str,
    votes: Path | None,
    tta: str | None,
    leak_free: bool,
    seed: int | None,
    labels: str | None,
    channels: str | None,
    scale: float | None,
    offset: float | None,
    preset: str | None,
    classes: str | None,
    cut: str,
    numbers: str | None,
    through_detector: bool,
    robust: bool,
    output: Path | None,
) -> None:
    """Judges networks on a split of DATA, a folder of pictures or a CSV file.

    MODEL is a file (.keras, .h5, .hdf5, .onnx) or a shipped name. A second network of one name gets a number. Of
    several, labels and input are those of the files that do not say them.
    """
    told = Told(names(labels) or None, channels, scale, offset, preset=preset)
    with usage():
        meanings(numbers or "")
    question = Question(data, split, votes, tta == "flip", leak_free, seed, cut, numbers or "")
    alone = len(models) == 1
    classifiers = told_apart([open_classifier(_file(model), told, overrules=alone) for model in models])
    if classes:
        classifiers = [narrowed(classifier, names(classes)) for classifier in classifiers]
    judge = Judge(question, classifiers, partial(click.echo, err=True))
    verdicts = [judge.judge(classifier) for classifier in classifiers]
    click.echo(comparison(verdicts))
    if len(verdicts) == 1:
        click.echo(f"\n{details(verdicts[0])}")
    for classifier in classifiers if through_detector else ():
        click.echo(f"\n{classifier.name} {judge.check_crops(classifier)}")
    for classifier in classifiers if robust else ():
        click.echo(f"\n{classifier.name}\n{heading()}")
        rows = []
        for row in judge.robustness(classifier):
            click.echo(line(row))
            rows.append(row)
        if output:
            write_robustness(classifier.name, rows, output)
    if output:
        for classifier, verdict in zip(classifiers, verdicts, strict=True):
            write(verdict, output, {key: str(value) for key, value in asdict(question).items()})
            write_pictures(verdict.name, verdict.labels, judge.pictures(classifier), judge.answers(classifier), output)
            click.echo(f"figures, charts, predictions and mistakes:  {output / verdict.name}.*")


def _file(model: str) -> Path:
    return find_model(model) if model in shipped_models() else Path(model)
