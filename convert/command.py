"""`emoscope convert`: a classifier to the bundle of two graphs, verified before it is written."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import click

from emoscope.network.contract import CHANNELS, LAYOUTS, Contract
from emoscope.system.terminal import MovingLine

from .cam import KNOWN
from .describe import Told, check_labels, described, first, with_numbers
from .forward import Facts
from .further import FurtherOutputType
from .options import Listed
from .presets import PRESETS, CropRule
from .verify import Difference

if TYPE_CHECKING:
    from emoscope.network.bundle import ModelBundle

    from .opening import ModelFile


@click.command()
@click.argument("model", type=Path)
@click.option("-o", "--folder", type=Path, help="Folder for the bundle [default: beside MODEL].")
@click.option("-n", "--name", help="Name of the bundle [default: the model's, or its folder's].")
@click.option("--labels", type=Listed(str), help="Classes in the order of the outputs: a,b,c.")
@click.option("--channels", type=click.Choice(list(CHANNELS)), help="What the input's channels are.")
@click.option("--scale", type=Listed(float), help="Factor on pixels 0–255; one, or one per channel.")
@click.option("--offset", type=Listed(float), help="Added after scaling; one, or one per channel.")
@click.option("--layout", type=click.Choice(LAYOUTS), help="Order of the input's axes.")
@click.option("--size", type=Listed(int, "x", count=2, least=1), help="HEIGHTxWIDTH, where the file leaves it open.")
@click.option("--stretch", type=Listed(float, count=2, least=0), help="Percentiles that become 0 and 255: 1,99.")
@click.option("--input-preset", "preset", type=click.Choice(list(PRESETS)), help="Scale and offset by name.")
@click.option(
    "--crop-rule",
    "crop",
    type=CropRule(),
    help="How faces are cut: eyes:2.7,0.40,turned or box:MARGIN. A network is right most often on crops like those it "
    "learned from.",
)
@click.option(
    "--fit-crop", "fitted", type=Path, metavar="DATA", help="Find the crop that it is most often right with, on DATA."
)
@click.option("--list", "listed", is_flag=True, help="Show layers and outputs; write nothing.")
@click.option("--output", help="Which output is about classes, where there are several.")
@click.option(
    "--keep",
    type=FurtherOutputType(),
    multiple=True,
    help="A further output whose numbers are kept and shown: va=valence,arousal. May be given again.",
)
@click.option(
    "--arch", type=Path, help="Architecture of weights alone: a .json of Keras, or a model of the same layers."
)
@click.option("--layers", type=Listed(str), help="Explain only these layers.")
@click.option("--unverified", type=Listed(str), help="Layers whose heat is taken on trust; stamped.")
@click.option("--methods", type=Listed(str, known=KNOWN), help=f"CAM methods [default: all: {','.join(KNOWN)}].")
@click.option("--fp16", is_flag=True, help="Keep weights in float16: half the size, compared with the whole.")
@click.option(
    "--int8", type=Path, metavar="DATA", help="Make the classifier of eight bits, calibrated and judged on DATA."
)
def convert(
    model: Path,
    folder: Path | None,
    name: str | None,
    fp16: bool,
    int8: Path | None,
    fitted: Path | None,
    unverified: tuple[str, ...] | None,
    listed: bool,
    **options: Any,
) -> None:
    """Turn MODEL, a Keras or ONNX classifier, into NAME.onnx and NAME.activations.onnx.

    MODEL is a .keras, .h5, .hdf5, .json (with its weights beside it) or .onnx file or a SavedModel folder. A
    contract.json beside it answers all questions.
    MODEL is never replaced: the bundle of an .onnx file needs another name or folder.

    DATA is a folder with a folder of pictures for each class, called as the labels are; photos, or bare crops as
    FER2013's are.
    """
    if fp16 and int8:
        raise click.UsageError("--fp16 and --int8 are two ways to keep weights in less: give one")
    from .bundle import build, check_free, save_bundle
    from .opening import Asked, read_model_file
    from .verify import verify

    layers, methods = options.pop("layers"), options.pop("methods")
    output, arch, keep = (options.pop(name) for name in ("output", "arch", "keep"))
    asked = Asked(options.get("layout"), output, arch, keep, options.get("labels") or ())
    told = _told(**options)
    if listed:
        file = read_model_file(model, asked)
        click.echo("\n".join(inside(file, described(model, file.facts, guessed(told, file.facts)))))
        return
    with steps() as now:
        now(f"reading {model.name}")
        file = read_model_file(model, asked)
        contract = described(model, file.facts, told)
        place, stem = folder or model.parent, name or default_name(model)
        check_free(model, place, stem)
        now("writing its graph with every layer")
        opened = file.open(contract.input)
        check_labels(model, contract, opened.classes)
        contract = with_numbers(model, contract, opened.forward.numbers, opened.numbers)
        forward = opened.forward.only(layers)
        forward.only(unverified)
        stamped = contract.with_(source_sha256=checksum(model), unverified=unverified or ())
        now(f"differentiating it at {len(forward.layers)} layers")
        bundle = build(forward, stamped, methods or KNOWN, stem)
        now("checking answers, maps and heat against the model")
        rows = verify(bundle, opened.reference(forward), unverified or ())
    click.echo(table(rows))
    if fitted:
        bundle = _with_crop(bundle, fitted)
    if fp16 or int8:
        bundle = _in_less(bundle, int8)
    for path in save_bundle(bundle, place):
        click.echo(f"{path}  {path.stat().st_size / 1e6:.2f} MB")


def _with_crop(bundle: ModelBundle, data: Path) -> ModelBundle:
    from .bundle import stamped
    from .crop_search import fit_crop
    from .int8 import asking

    with steps() as now:
        found = fit_crop(bundle.contract, asking(bundle.classifier), data, now)
    click.echo("\n".join(found.lines))
    return stamped(bundle, bundle.contract.with_(crop=found.crop))


def _in_less(light: ModelBundle, data: Path | None) -> ModelBundle:
    """Its weights in float16, or its classifier in eight bits where there are pictures to calibrate it with."""
    from emoscope.network.held import filled

    bundle = replace(light, classifier=filled(light.classifier), activations=filled(light.activations))
    if data is None:
        from .half import compare, halved

        small = halved(bundle)
        lines = list(compare(small, bundle))
    else:
        from . import int8

        with steps() as now:
            calibrating, judging = int8.faces_of(bundle.contract, data, now)
            now("counting what numbers there are")
            small = int8.quantised(bundle, calibrating.fed)
        lines = list(int8.compare(small, bundle, judging))
    click.echo("\n".join(lines))
    return small


@contextmanager
def steps() -> Iterator[Callable[[str], None]]:
    """What is being done, in a line that moves where somebody can see it, and is gone afterwards."""
    line = MovingLine()
    try:
        yield line.show
    finally:
        line.show("")


def _told(scale: Any, offset: Any, size: Any, **plain: Any) -> Told:
    return Told(scale=_one(scale), offset=_one(offset), size=size, **plain)


def _one(values: tuple[float, ...] | None) -> float | tuple[float, ...] | None:
    return values[0] if values and len(values) == 1 else values


def guessed(told: Told, facts: Facts) -> Told:
    """What a look inside needs, made up where nobody says it: it changes nothing that is shown."""
    return replace(
        told,
        labels=told.labels or ("a", "b"),
        scale=first(told.scale, 1.0),
        channels=told.channels or (None if facts.depth == 1 else "rgb"),
    )


def inside(file: ModelFile, contract: Contract) -> Iterator[str]:
    """What there is in a model, a line for each layer."""
    from .autodiff import Graph
    from .layers import default_layer
    from .observe import observed_shapes

    opened = file.open(contract.input)
    forward = opened.forward.only(None)
    graph = Graph(forward.model, observed_shapes(forward.model, contract.input.shape))
    chosen = default_layer(forward, graph)
    yield f"{opened.classes} classes of pictures {contract.input.height}×{contract.input.width}; layers, input first:"
    for layer in forward.layers:
        height, width, channels = layer.size(graph.shapes[layer.tensor])
        mark = "  ← heat by default" if layer is chosen else ""
        yield f"{layer.name:<40}{layer.kind:<12}{height}×{width}×{channels}{mark}"


PART = 1 << 20


def checksum(model: Path) -> str:
    """SHA-256 of a file, or of a folder's files in the order of their names."""
    digest = hashlib.sha256()
    for path in [model] if model.is_file() else sorted(path for path in model.rglob("*") if path.is_file()):
        with path.open("rb") as file:
            while part := file.read(PART):
                digest.update(part)
    return digest.hexdigest()


def default_name(model: Path) -> str:
    """The file's stem, or for the `model.keras` of a training run the name of its folder."""
    return model.resolve().parent.name if model.stem == "model" else model.stem


def table(rows: Iterable[Difference]) -> str:
    """Differences as lines of text: one for each kind of output, with the layer where it is worst."""
    kinds: defaultdict[str, list[Difference]] = defaultdict(list)
    for row in rows:
        kinds[_parted(row.output)[0]].append(row)
    heading = f"{'relative difference from the model':<40}{'median':>10}{'worst':>10}"
    return "\n".join([heading, *(_kind(kind, of_kind) for kind, of_kind in kinds.items())])


def _parted(output: str) -> tuple[str, str]:
    """What an output tells of a layer, and of which; "" for no layer."""
    words = {"activation": 1, "finite differences": 1, "cam": 2, "unit": 2}.get(output.partition("/")[0], 0)
    first = output.split("/")[:words]
    return ("/".join(first), "/".join(output.split("/")[words:])) if words else (output, "")


def _kind(kind: str, rows: Sequence[Difference]) -> str:
    name = rows[0].output if len(rows) == 1 else f"{kind} ({len(rows)} layers)"
    judged = [row for row in rows if row.judged]
    if not judged:
        return f"{name:<40}{'cannot be judged':>20}"
    worst = max(judged, key=lambda row: row.worst)
    figures = f"{median(row.relative for row in judged):>10.1e}{worst.worst:>10.1e}"
    where = [_parted(worst.output)[1]] if len(rows) > 1 and worst.worst else []
    left = [f"{len(rows) - len(judged)} cannot be judged"] if len(judged) < len(rows) else []
    return f"{name:<40}{figures}  {'; '.join([*where, *left])}".rstrip()
