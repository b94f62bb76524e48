"""`emoscope process`: recordings and pictures to annotated ones, rows, chart and summary."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import click

from ..archive.layout import Layout, plain
from ..archive.manifest import MakerRow
from ..errors import ResultError, SourceError
from ..media.codecs import codec_of
from ..media.encoding import Encoding
from ..media.numbered import is_numbered, rate_of
from ..media.opening import devices
from ..media.span import Span
from ..network.bundle import find_model, read_contract, read_onnx
from ..processing.cluster import check_cluster
from ..processing.finding import PACE
from ..processing.record import Maker
from ..processing.run import run
from ..processing.settings import AUTO, RowStore, Settings
from ..processing.todo import Order
from ..reading.session import open_session
from ..report.rows import FORMATS, PARQUET
from ..system.address import ServerPath, place_of, require_bucket
from ..view.state import ViewOptions
from .options import look_options, model_options, reidentify_option, video_stream_option

F = TypeVar("F", bound=Callable[..., Any])
FACELESS = ("gradcam", "off")
"""Views that show no more of a face than the picture beneath them."""


def _known_device(context: click.Context, param: click.Parameter, kind: str) -> str:
    """A kind of device, if this PyAV has heard of it."""
    if kind and kind not in (known := devices()):
        raise click.BadParameter(f"{kind!r} is none that this PyAV knows: {', '.join(known) or 'it knows none'}")
    return kind


def result_options(command: F) -> F:
    """What is written, and how."""
    for option in (
        click.option("--no-video", is_flag=True, help="Write no annotated film or picture."),
        click.option("--blur", is_flag=True, help="Make every face that is found unrecognisable, for publishing."),
        click.option("--no-rows", is_flag=True, help="Write no table."),
        click.option("--no-chart", is_flag=True, help="Draw no timeline."),
        click.option("--rows", type=click.Choice(list(FORMATS)), default="csv", show_default=True, help="The table."),
        click.option("--codec", default="libx264", show_default=True, help="FFmpeg's name of a video encoder."),
        click.option(
            "--crf",
            type=click.FloatRange(0, 63),
            help="Quality, smaller is better; default: the encoder's, 23 of x264.",
        ),
        click.option("--preset", help="Slower is smaller, in the encoder's words; default: its own, veryfast of x264."),
    ):
        command = option(command)
    return command


class Baseline(click.ParamType):  # type: ignore[type-arg,unused-ignore]
    """`auto`, or seconds."""

    name = "auto|SECONDS"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float | str:
        if value == AUTO:
            return AUTO
        try:
            seconds = float(str(value))
        except ValueError:
            seconds = math.nan
        if not 0 < seconds < math.inf:
            self.fail(f"{value!r} is neither auto nor a number of seconds above 0", param, ctx)
        return seconds


class Place(click.ParamType):  # type: ignore[type-arg,unused-ignore]
    """A folder, here or on a server."""

    name = "PATH|URL"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        return value if isinstance(value, Path) else place_of(str(value))


class Shard(click.ParamType):  # type: ignore[type-arg,unused-ignore]
    """Part I of N, from 1."""

    name = "I/N"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, int]:
        if isinstance(value, tuple):
            return value
        number, _, count = str(value).partition("/")
        if not (number.isdecimal() and count.isdecimal() and 1 <= int(number) <= int(count)):
            self.fail(f"{value!r} is not a part such as 3/50, from 1/50 to 50/50", param, ctx)
        return int(number), int(count)


def part_options(command: F) -> F:
    """Which part of a recording is looked at, and against what."""
    for option in (
        click.option("--start", type=float, help="Begin at this second of the recording."),
        click.option("--end", type=float, help="End before this second."),
        click.option(
            "--baseline",
            type=Baseline(),
            help="Take each face's own neutral face off: its most typical answer, or that of its first seconds. The "
            "recording is read twice, and rows hold both answers.",
        ),
        video_stream_option,
        reidentify_option,
        click.option("--fps", type=click.FloatRange(0.001, 1000), help="Of numbered pictures, a second; default: 25."),
        click.option(
            "--hwaccel",
            default="",
            callback=_known_device,
            metavar="KIND",
            help="Decode on a device where it can, such as cuda, qsv or videotoolbox; default: on the processor.",
        ),
        click.option("--every", type=click.IntRange(1), default=1, show_default=True, help="Look at every Nth frame."),
    ):
        command = option(command)
    return command


@click.command()
@click.argument("inputs", nargs=-1, metavar="INPUT...")
@click.option(
    "--inputs", "listing", type=Path, help="Text file that names further inputs, one a line; - for standard input."
)
@click.option("-r", "--recursive", is_flag=True, help="Search folders with all below them; -o gets the same tree.")
@click.option("-o", "--output", type=Place(), help="Folder for results, or its address; default: beside the input.")
@model_options
@look_options
@result_options
@part_options
@click.option("--jobs", type=click.IntRange(1), help="Processes at once; default: one a core, as memory allows.")
@click.option("--resume", is_flag=True, help="Skip inputs whose results are all there, made as is asked now.")
@click.option("--overwrite", is_flag=True, help="Replace results that are there.")
@click.option("--retries", type=click.IntRange(0), default=0, show_default=True, help="For errors that may pass.")
@click.option(
    "--dataset",
    type=Place(),
    metavar="FOLDER",
    help="Folder that gets the rows of all films, as one Parquet data set, and a manifest.",
)
@click.option(
    "--cluster",
    default="",
    metavar="KIND",
    help="Do it on Dask's workers: local, tcp://HOST:8786, or slurm[:FILE] (pbs, lsf, sge); --jobs of them.",
)
@click.option(
    "--shard",
    type=Shard(),
    default=(1, 1),
    metavar="I/N",
    help="Do only part I of N, as each task of a SLURM array does.",
)
def process(
    inputs: tuple[str, ...],
    listing: Path | None,
    output: Path | None,
    jobs: int | None,
    resume: bool,
    overwrite: bool,
    recursive: bool,
    retries: int,
    dataset: Path | None,
    shard: tuple[int, int],
    cluster: str,
    **rest: Any,
) -> int:
    """Annotate recordings and pictures: INPUT is a file, a folder or a quoted pattern such as 'films/**/*.mp4';
    numbered pictures that are a film, as 'frames_%04d.png'; or - for standard input.

    NAME.mp4 becomes NAME.emoscope.mp4 (all frames, sound and metadata kept), NAME.faces.csv (a row per face and
    frame), NAME.timeline.png and NAME.summary.json; a picture becomes NAME.emoscope.png, NAME.faces.csv and
    NAME.summary.json.

    \b
    Many films, one of these roads:
      emoscope process -r films -o out --jobs 8                     cores of this machine
      emoscope process -r films -o out --cluster local              the same by Dask
      emoscope process -r films -o out --cluster tcp://HOST:8786    workers that run already
      emoscope process -r films -o out --cluster slurm:queue.yaml --jobs 50
      sbatch --array=1-50 job.sh, where job.sh says
        emoscope process -r films -o out --shard $SLURM_ARRAY_TASK_ID/50
      emoscope process -r s3://bucket/films -o s3://bucket/out      also gs://, sftp://
    --resume goes on with any of them, and --dataset gathers all rows.
    """
    if isinstance(dataset, ServerPath):
        told = (
            "its manifest is written to all the time, which no server does: name a folder, and copy it when it is done"
        )
        raise click.UsageError(f"--dataset {dataset}: {told}")
    order = Order(inputs, output, resume, overwrite, jobs, recursive, retries, listing, shard, cluster)
    if cluster:
        check_cluster(cluster)
    if output is not None:
        require_bucket(output)
    _check_sources(order, rest["fps"])
    if resume and overwrite:
        raise click.UsageError("--resume keeps what is done, --overwrite does it again: drop one")
    if dataset is not None:
        if rest["no_rows"]:
            raise click.UsageError("--dataset takes the rows, and --no-rows makes none: drop one")
        rest["rows"] = PARQUET
    codec = codec_of(rest["codec"])
    rest["crf"] = codec.crf if rest["crf"] is None else rest["crf"]
    rest["preset"] = codec.preset if rest["preset"] is None else rest["preset"]
    maker = Maker.of(rest, _usual())
    settings = replace(settings_of(**rest), maker=maker)
    if dataset is not None:
        settings = replace(settings, dataset=_dataset(dataset, shard, rest["model"], maker))
    return run(order, settings)


def _check_sources(order: Order, fps: float | None) -> None:
    """What of the options does not go with the inputs; UsageError says it."""
    if not order.inputs and order.listing is None:
        raise click.UsageError("name an INPUT, or a list of them with --inputs")
    several = len(order.inputs) > 1 or order.listing is not None
    if "-" in order.inputs and several and (order.jobs or 1) > 1:
        raise click.UsageError("standard input cannot be read by one of several jobs: drop --jobs")
    if "-" in order.inputs and str(order.listing) == "-":
        raise click.UsageError("standard input is a film or the list of them, not both: drop one -")
    if fps is not None and order.listing is None and not any(is_numbered(Path(name)) for name in order.inputs if name):
        raise click.UsageError("--fps is for numbered pictures, such as frames_%04d.png")


def _dataset(folder: Path, shard: tuple[int, int], model: str, maker: Maker) -> RowStore:
    """The data set that the rows go to."""
    path = find_model(model)
    name = f"{plain(path.stem)}-{maker.model[:12]}"
    row = MakerRow(name, f"s{maker.digest}", maker.as_json())
    contract = read_contract(read_onnx(path), path)
    return RowStore(Layout(folder, shard), row, contract.labels, contract.numbers)


def _usual() -> dict[str, Any]:
    """Defaults of the options that can change a result."""
    usual = {str(option.name): option.get_default(click.get_current_context()) for option in process.params}
    own = codec_of(str(usual["codec"]))
    return {**usual, "crf": own.crf, "preset": own.preset}


def settings_of(
    model: str,
    provider: str,
    detector: str,
    no_video: bool,
    blur: bool,
    no_rows: bool,
    no_chart: bool,
    rows: str,
    codec: str,
    crf: float | None,
    preset: str | None,
    start: float | None,
    end: float | None,
    every: int,
    video_stream: int | None,
    fps: float | None,
    hwaccel: str,
    baseline: float | str | None,
    reidentify: bool,
    **look: Any,
) -> Settings:
    """The options of the command as settings; for what each says see `process`."""
    if blur and look["view"] not in FACELESS:
        raise click.UsageError(f"--blur hides faces, and --view {look['view']} shows them: {' or '.join(FACELESS)}")
    if blur and every > 1:
        raise click.UsageError("--blur looks for faces in every frame, and --every leaves frames out: drop one")
    try:
        return Settings(
            # What is to be published is searched twice as thoroughly as what is only measured.
            open_session=partial(
                open_session, model, provider, detector, pace=1.0 if blur else PACE, reidentify=reidentify, steady=True
            ),
            look=ViewOptions(**look).state,
            video=not no_video,
            rows=None if no_rows else rows,
            chart=not no_chart,
            encoding=Encoding(codec, crf, preset) if not no_video else Encoding(),
            span=Span(-math.inf if start is None else start, math.inf if end is None else end),
            film=video_stream,
            fps=rate_of(fps),
            hwaccel=hwaccel,
            every=every,
            blur=blur,
            baseline=baseline,
        )
    except (ResultError, SourceError) as error:
        raise click.UsageError(str(error)) from None
