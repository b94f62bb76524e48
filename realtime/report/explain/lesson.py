"""A guided lesson: ten steps through one's own face, each a picture or two and two sentences.

    photo → pixels → one filter → Relu → many filters → pooling → parts → the whole face → classes → where it looked

For whoever has never seen the inside of such a network. Nothing said here is wrong, though much is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from markupsafe import Markup

from ...draw.maps import order
from ...errors import EmoscopeError
from ...network.contract import Contract, LayerSpec
from ...system.atomic import atomic_write
from ...types import Image
from ..html import part, render
from .beside import Beside
from .pieces import (
    crop_address,
    heat_address,
    map_address,
    own_map_address,
    photo_address,
    pixels_address,
    sprite_address,
)
from .study import LayerMaps, Study, Unit

NUMBERS = 8
"""Pixels a side of the part of the face whose numbers are written out."""
MAPS = 12


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its heading, two sentences, and its pictures as HTML."""

    head: str
    sentences: tuple[str, str]
    pictures: Markup


def lesson_layers(contract: Contract) -> tuple[str, ...]:
    """The layers that the lesson passes, from input to output; see `LessonWay`."""
    way = LessonWay.of(contract)
    names = (way.first, way.answered, way.before, way.pool, way.parts, way.whole)
    return tuple(dict.fromkeys(layer.name for layer in names))


@dataclass(frozen=True, slots=True)
class LessonWay:
    """The way through a network.

    Attributes:
        first: the first convolution.
        answered: the first layer of its size that gives nothing below zero, as behind a Relu.
        before: what the first pooling reads.
        pool: the first pooling, or the first layer of smaller maps.
        parts: the end of the stage in the middle, where cells see parts of a face.
        whole: the end of the last stage.
    """

    first: LayerSpec
    answered: LayerSpec
    before: LayerSpec
    pool: LayerSpec
    parts: LayerSpec
    whole: LayerSpec

    @classmethod
    def of(cls, contract: Contract) -> LessonWay:
        """The way through a network; EmoscopeError where it has too few layers to tell of."""
        layers, ends = contract.layers, contract.stage_ends
        smaller = next((n for n, one in enumerate(layers) if one.height < layers[0].height), 0)
        if not smaller or len(ends) < 2:
            raise EmoscopeError("this network is too short for a lesson: choose another with --model")
        first = next((layer for layer in layers if layer.kind == "conv"), layers[0])
        answered = next((layer for layer in layers[:smaller] if layer.kind == "activation"), layers[smaller - 1])
        parts = ends[max(1, len(ends) - 2)] if len(ends) > 2 else ends[0]
        return cls(first, answered, layers[smaller - 1], layers[smaller], parts, ends[-1])


def write_lesson(path: Path, study: Study, contract: Contract, known: Beside) -> None:
    """Writes the lesson about one face; it appears only when it is whole.

    Args:
        path: of the HTML file.
        study: of the face, with the layers of `lesson_layers`.
        contract: of the network.
        known: what is known of the model beside its answers.

    Raises:
        ResultError: the file cannot be written.
    """
    atomic_write(path, lesson(study, contract, known), "choose another folder with -o")


def lesson(study: Study, contract: Contract, known: Beside) -> str:
    """The whole page as text."""
    return render("lesson.html", name=known.name, steps=steps(study, contract, known))


def steps(study: Study, contract: Contract, known: Beside) -> Iterator[Step]:
    """The ten steps."""
    way, maps = LessonWay.of(contract), {layer.spec.name: layer for layer in study.layers}
    units = {unit.spec.name: unit for unit in study.units}
    said = study.prediction
    yield _photo(study)
    yield _pixels(study)
    channel = int(order(maps[way.answered.name].maps, True)[0]) % way.first.channels
    yield _filter(maps[way.first.name], channel, way.answered, known)
    yield _relu(maps[way.first.name], maps[way.answered.name], channel)
    yield _many(maps[way.answered.name])
    yield _pooling(maps[way.before.name], maps[way.pool.name])
    yield _parts(study, units[way.parts.name], known)
    yield _whole(study, units[way.whole.name], contract, known)
    yield _classes(study, way.whole)
    yield Step(
        "Where it looked",
        (
            f"Brighter places spoke most for “{said.emotion}”, found by asking how the score would change if a map "
            "changed there.",
            "That tells what moved this network, not what the person feels, nor whether the network is right.",
        ),
        _row(
            (_own_heat(study), f"for {said.emotion}"),
            (crop_address(study.crop), "the face it was given"),
        ),
    )


def _photo(study: Study) -> Step:
    found = (
        "You gave a face already cut out" if not study.boxes else "Another small network found the face in the photo"
    )
    return Step(
        "The photo",
        (
            f"{found}; the one we follow has not looked at anything yet.",
            "Everything around the face will be cut away, so it can only judge by what is left.",
        ),
        _row((photo_address(study.photo), "")),
    )


def _pixels(study: Study) -> Step:
    height, width = study.crop.shape[:2]
    gray = study.crop if study.crop.ndim == 2 else np.asarray(cv2.cvtColor(study.crop, cv2.COLOR_BGR2GRAY), np.uint8)
    row, column = round(height * 0.40) - NUMBERS // 2, round(width * 0.32) - NUMBERS // 2
    eye = gray[max(0, row) : row + NUMBERS, max(0, column) : column + NUMBERS]
    numbers = "numbers, 0 for black and 255 for white"
    if study.crop.ndim == 3:
        numbers = "cells of three numbers, how much red, green and blue each holds, 0 for none and 255 for most"
    table = "The table shows the ones around an eye" + (", their mean brightness" if study.crop.ndim == 3 else "")
    return Step(
        "Pixels are numbers",
        (
            f"This is all that the network is given: {width}×{height} {numbers}.",
            f"{table}; from here on there is nothing but arithmetic.",
        ),
        part("pixels", crop_address(study.crop), eye.tolist()),
    )


def _filter(layer: LayerMaps, channel: int, answered: LayerSpec, known: Beside) -> Step:
    answers = own_map_address(layer.maps[:, :, channel])
    pictures = [(answers, f"its answers: map {channel} of {layer.spec.name}, red above zero, blue below")]
    sprite = _sprite(layer.spec.name, channel, known)
    if sprite is None:
        sprite = _sprite(answered.name, channel, known)
    if sprite is not None:
        pictures.insert(0, (sprite_address(sprite), "the pattern it likes best"))
    return Step(
        "One filter slides over the face",
        (
            "A filter compares a small pattern of light and dark with every place of the face and writes down how "
            "well it fits.",
            "Nobody drew that pattern: the network found it by itself, while it was trained on thousands of faces.",
        ),
        _row(*pictures, hard=True),
    )


def _relu(before: LayerMaps, after: LayerMaps, channel: int) -> Step:
    return Step(
        "Below zero becomes zero",
        (
            "Where the pattern is the wrong way round, light for dark, the answer is low or below zero.",
            "A threshold, learnt in training, and a simple rule called ReLU set all those answers to zero, so that "
            "each filter speaks up only for what it looks for.",
        ),
        _row(
            (own_map_address(before.maps[:, :, channel]), "before"),
            (own_map_address(after.maps[:, :, channel]), "after: dark is zero"),
            hard=True,
        ),
    )


def _many(layer: LayerMaps) -> Step:
    count = layer.spec.channels
    shown = order(layer.maps, True)[:MAPS]
    return Step(
        "Many filters, many maps",
        (
            f"There are {count} such filters side by side, and each draws its own map of the same face.",
            "Some follow edges that rise or fall, some follow brightness; together they are a description of the face.",
        ),
        part("many", [map_address(layer, int(one)) for one in shown]),
    )


def _pooling(before: LayerMaps, after: LayerMaps) -> Step:
    channel = int(order(after.maps, True)[0]) % before.spec.channels
    old, new = (f"{one.spec.width}×{one.spec.height}" for one in (before, after))
    return Step(
        "Pooling: less exactly where",
        (
            f"The maps shrink from {old} to {new} cells, each small neighbourhood giving one number.",
            "What was found stays, but not exactly where, so a face that moves a little still looks the same.",
        ),
        _row((map_address(before, channel), old), (map_address(after, channel), new), hard=True),
    )


def _parts(study: Study, unit: Unit, known: Beside) -> Step:
    pictures = [(own_map_address(unit.map), f"map {unit.channel} of {unit.spec.name}")]
    if "field" in unit.pixels:
        pictures.append((pixels_address(unit.pixels["field"]), "pixels that move its strongest cell"))
    layer = known.atlas.layer(unit.spec.name) if known.atlas else None
    sprite = _sprite(unit.spec.name, unit.channel, known)
    sees = "a part of the face, such as an eye or a corner of the mouth"
    if layer is not None:
        sees = f"about {layer.field}×{layer.field} pixels of the face"
    if sprite is not None:
        pictures.append((sprite_address(sprite), "what this filter likes best, made up"))
    return Step(
        "From edges to parts",
        (
            f"Filters further on look at the maps of those before, so one cell here depends mostly on {sees}.",
            "Patterns of patterns can be parts of a face, though not every filter looks for what we have a word for.",
        ),
        _row(*pictures, hard=True),
    )


def _whole(study: Study, unit: Unit, contract: Contract, known: Beside) -> Step:
    pictures = [(own_map_address(unit.map), f"map {unit.channel} of {unit.spec.name}")]
    sprite = _sprite(unit.spec.name, unit.channel, known)
    if sprite is not None:
        pictures.append((sprite_address(sprite), "what this filter likes best, made up"))
    spec = unit.spec
    return Step(
        "The whole face in a few cells",
        (
            f"At the end there are {spec.channels} maps of only {spec.width}×{spec.height} cells, and a cell may "
            "depend on most of the face.",
            "What such a filter likes best may look like a face, or like nothing that we have a word for: both are "
            "honest answers.",
        ),
        _row(*pictures, hard=True),
    )


def _classes(study: Study, last: LayerSpec) -> Step:
    said = study.prediction
    return Step(
        "A vote",
        (
            f"The numbers in those {last.channels} maps are weighed and added up, for and against each of the "
            f"{len(said.labels)} words.",
            f"The sums are turned into shares of 100 %: {said.words}.",
        ),
        part("bars", said),
    )


def _own_heat(study: Study) -> str:
    heats = study.of(study.targets[0])
    heat = next((one for one in heats if one.method == "layercam"), heats[0])
    return heat_address(heat, study.chip, 1.0)


def _sprite(layer: str, channel: int, known: Beside) -> Image | None:
    found = known.atlas.layer(layer) if known.atlas else None
    return None if found is None else found.sprite(channel)


def _row(*pictures: tuple[str, str], hard: bool = False) -> Markup:
    """Pictures side by side, each an address and a caption; `hard` shows each pixel as a square."""
    return part("row", pictures, hard)
