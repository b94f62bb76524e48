"""NAME.atlas: what each filter of a network looks for, in one compact file beside the model.

A ZIP archive, members stored as they are:

    atlas.json               one object, described below
    sprites/LAYER.png        the input that excites each channel most: tiles of `edge` × `edge` pixels, `columns` a row,
                             channel 0 first; grey or colour; contrast stretched about grey
    examples/LAYER.jpg       the nine places in real pictures that excite each channel most, nine tiles a row, a row a
    backs/LAYER.png          channel, and what drives it there (128 is zero, each tile on its own scale); only in files
                             that were made with --keep-pictures

atlas.json: `version` 1; `model`; `source_sha256`, the contract's; `labels`; `made`, version and settings; `pictures`,
how many faces were shown; `layers`, a list of

    name, channels           as in the contract
    field                    edge in input pixels of the square that a cell effectively sees
    tile, columns            of the sprites
    excited                  [channels] answer of the middle cell to the made-up input as it is shown, before a Relu
    means                    [channels][labels] mean activation on faces that the network calls so; null for none
    shares                   [channels][labels] mean gradient × activation as a signed share of the layer's absolute sum
    best                     [channels][≤ 9] of [name of the picture, row, column, value]; empty where left out
"""

from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from ..errors import ModelError
from ..system.atomic import atomic_file
from ..types import Floats, Image
from .bundle import find_model
from .contract import Contract

SUFFIX, TABLE, VERSION = ".atlas", "atlas.json", 1
NINE = 9


@dataclass(frozen=True, slots=True)
class Example:
    """A place in a real picture that excites a channel.

    Attributes:
        picture: its file's name.
        row: of the cell.
        column: of the cell.
        value: the cell's activation.
    """

    picture: str
    row: int
    column: int
    value: float


@dataclass(frozen=True, slots=True)
class AtlasLayer:
    """One layer.

    Attributes:
        name: as in the contract.
        channels: number of its maps.
        field: edge of a cell's effective field, in input pixels.
        tile: edge of a sprite, in pixels.
        columns: sprites in a row of the sheet.
        sheet: all sprites, gray or BGR.
        excited: (channels,) answers to the sprites.
        means: (channels, K), NaN for a class that no picture was called; None without pictures.
        shares: (channels, K), −1 … 1; None without pictures.
        best: for each channel the places that excite it most.
        examples: sheet of those places, nine tiles a row, or None.
        backs: sheet of what drives the channel there, likewise.
    """

    name: str
    channels: int
    field: int
    tile: int
    columns: int
    sheet: Image
    excited: Floats
    means: Floats | None
    shares: Floats | None
    best: tuple[tuple[Example, ...], ...]
    examples: Image | None = None
    backs: Image | None = None

    def sprite(self, channel: int) -> Image:
        """The input that excites a channel most, (tile, tile) gray or (tile, tile, 3) BGR."""
        return _tile(self.sheet, self.tile, *divmod(channel, self.columns))

    def caption(self, channel: int) -> str:
        """What is to be said of a sprite: that the filter likes it best, or that nothing was found that wakes it."""
        return "likes best" if self.excited[channel] > 0 else "none found"

    def example(self, channel: int, place: int) -> Image | None:
        """One of the nine real places, or None where pictures were not kept."""
        return None if self.examples is None else _tile(self.examples, self.tile, channel, place)

    def back(self, channel: int, place: int) -> Image | None:
        """What drives the channel at one of the nine places: gray, 128 is zero."""
        return None if self.backs is None else _tile(self.backs, self.tile, channel, place)


@dataclass(frozen=True, slots=True)
class Atlas:
    """What all filters look for.

    Attributes:
        model: name of the network.
        labels: its classes, in the order of all columns.
        pictures: how many real faces it was shown; 0 where there were none, and then no means and shares.
        made: the settings with which pictures were made up, by name.
        layers: what each layer's filters look for, by its name, from input to output.
    """

    model: str
    labels: tuple[str, ...]
    pictures: int
    made: dict[str, Any]
    layers: dict[str, AtlasLayer]

    def layer(self, name: str) -> AtlasLayer | None:
        """A layer's part, or None where the atlas leaves it out."""
        return self.layers.get(name)


def atlas_of(model: str, contract: Contract) -> Atlas | None:
    """The atlas beside a model, named as `--model` names it; None where there is none or it is another network's."""
    path = find_model(model).with_suffix(SUFFIX)
    return read_atlas(path, contract) if path.is_file() else None


def read_atlas(path: Path, contract: Contract | None = None) -> Atlas | None:
    """Reads an atlas; None where it was made for another network than the contract's.

    Raises:
        ModelError: it is damaged, or newer than this program.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            table = json.loads(archive.read(TABLE))
            if table["version"] != VERSION:
                raise ModelError(
                    f"{path}: an atlas of version {table['version']}, this program reads {VERSION}: update"
                )
            if contract is not None and table["source_sha256"] != contract.source_sha256:
                return None
            layers = {entry["name"]: _layer(archive, entry) for entry in table["layers"]}
        return Atlas(table["model"], tuple(table["labels"]), int(table["pictures"]), dict(table["made"]), layers)
    except (OSError, zipfile.BadZipFile, ValueError, KeyError, TypeError, AttributeError, cv2.error) as error:
        cure = "make it again with `emoscope atlas`, or delete it"
        raise ModelError(f"{path}: not a whole atlas ({type(error).__name__}: {error}): {cure}") from None


def write_atlas(path: Path, table: dict[str, Any], sheets: dict[str, bytes]) -> None:
    """Writes an atlas; it appears only when it is whole.

    Args:
        path: of the file.
        table: all but the pictures, as JSON takes it.
        sheets: name of a member → the bytes of its picture.

    Raises:
        ResultError: it cannot be written.
    """
    with atomic_file(path, "choose another folder with -o") as draft, zipfile.ZipFile(draft, "w") as archive:
        _add(archive, TABLE, json.dumps(table, ensure_ascii=False, separators=(",", ":")).encode())
        for name, data in sheets.items():
            _add(archive, name, data)


def _add(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    """A member without the hour it was made at: the same atlas is the same file."""
    info = zipfile.ZipInfo(name)
    info.compress_type = zipfile.ZIP_DEFLATED if name == TABLE else zipfile.ZIP_STORED
    archive.writestr(info, data)


def _layer(archive: zipfile.ZipFile, entry: dict[str, Any]) -> AtlasLayer:
    name, there = entry["name"], set(archive.namelist())
    optional = {kind: f"{kind}/{name}.{ending}" for kind, ending in (("examples", "jpg"), ("backs", "png"))}
    examples, backs = (_sheet(archive, file) if file in there else None for file in optional.values())
    best = tuple(tuple(Example(*one) for one in channel) for channel in entry.get("best", ()))
    sheet = _sheet(archive, f"sprites/{name}.png")
    channels, field, tile, columns = (int(entry[key]) for key in ("channels", "field", "tile", "columns"))
    if sheet.shape[:2] != (-(-channels // columns) * tile, columns * tile):
        raise ValueError(f"the sheet of {name} has another size than its table says")
    excited, (means, shares) = np.array(entry["excited"], np.float32), (_numbers(entry.get(key)) for key in TABLES)
    return AtlasLayer(name, channels, field, tile, columns, sheet, excited, means, shares, best, examples, backs)


TABLES = ("means", "shares")


def _numbers(rows: Any) -> Floats | None:
    return None if rows is None else np.array(rows, np.float32)


def _sheet(archive: zipfile.ZipFile, name: str) -> Image:
    found = cv2.imdecode(np.frombuffer(archive.read(name), np.uint8), cv2.IMREAD_UNCHANGED)
    if found is None:
        raise ValueError(f"{name} is no picture")
    return np.asarray(found, np.uint8)


def _tile(sheet: Image, edge: int, row: int, column: int) -> Image:
    return sheet[row * edge : (row + 1) * edge, column * edge : (column + 1) * edge]
