"""The parts of an atlas put together; each is kept as soon as it is done, so that a run that was stopped can go on.

layer → sprites  ─┐
layer → sprites  ─┼─▶ NAME.atlas
pictures → table ─┘
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from typing import Any

import cv2
import numpy as np

from emoscope.network.atlas import NINE, VERSION, write_atlas
from emoscope.network.bundle import ModelBundle
from emoscope.network.contract import LayerSpec
from emoscope.reading.crops import as_fed
from emoscope.types import Image

from .ascent import Climb, drawn, excite
from .classes import ClassAnswers, class_answers
from .inside import OpenedLayer, open_layer
from .receptive import cell_centre, field_edge, square_about

COLUMNS = 16
Step = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class AtlasPlan:
    """What an atlas is made of.

    Attributes:
        bundle: the model.
        layers: names.
        images: (N, h, w, c) faces in the network's size and channels, or None for no table.
        called: where each of them stands.
        keep_pictures: whether parts of them go into the file.
        names: whether the names of the nine best do.
        climb: how inputs are made up.
    """

    bundle: ModelBundle
    layers: tuple[str, ...]
    images: Image | None = None
    called: Sequence[str] = ()
    keep_pictures: bool = False
    names: bool = True
    climb: Climb = field(default_factory=Climb)

    @property
    def specs(self) -> list[LayerSpec]:
        """The layers."""
        return [self.bundle.contract.layer(name) for name in self.layers]

    @property
    def steps(self) -> int:
        """How many channels and pictures there are to do."""
        return sum(spec.channels for spec in self.specs) + len(self.called)

    @property
    def digest(self) -> str:
        """Tells plans apart whose parts must not be mixed."""
        told = [self.bundle.contract.source_sha256, asdict(self.climb), list(self.called), VERSION]
        digest = hashlib.sha256(json.dumps(told).encode())
        for image in () if self.images is None else self.images:
            digest.update(image.tobytes())
        return digest.hexdigest()[:16]


class KeptParts:
    """Finished parts on disk, in a folder of their plan's.

    Args:
        folder: where they are kept; removed when the atlas is whole.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def take(self, name: str, make: Callable[[], dict[str, np.ndarray]], skipped: Callable[[], None]) -> dict[str, Any]:
        """A part: as it was left, or made now."""
        path = self._folder / f"{name}.npz"
        if path.is_file():
            skipped()
            with np.load(path) as kept:
                return dict(kept)
        made = make()
        self._folder.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial.npz")
        np.savez_compressed(partial, **made)  # type: ignore[arg-type]
        partial.replace(path)
        return made

    def clear(self) -> None:
        """Removes what is no longer needed."""
        shutil.rmtree(self._folder, ignore_errors=True)


def make(plan: AtlasPlan, path: Path, parts: KeptParts, step: Step) -> None:
    """Makes an atlas and writes it.

    Args:
        plan: what it is made of.
        path: of the file.
        parts: keep what is finished, so that a run can be resumed.
        step: hears how many more channels or pictures are done.

    Raises:
        OSError: a part cannot be kept.
        ResultError: the atlas cannot be written.
    """
    spec, sheets, entries = plan.bundle.contract.input, dict[str, bytes](), list[dict[str, Any]]()
    said = _listened(plan, parts, step)
    for layer in plan.specs:
        opened = open_layer(plan.bundle, layer.name)

        def climbed(opened: OpenedLayer = opened) -> dict[str, np.ndarray]:
            edge = field_edge(opened, spec)
            faces, answers = excite(opened, spec, plan.climb, edge, step)
            return {"pictures": drawn(faces, spec), "answers": answers, "edge": np.array(edge)}

        part = parts.take(layer.name, climbed, lambda count=layer.channels: step(count))  # type: ignore[misc]
        edge = int(part["edge"])
        row, column = cell_centre(opened, spec, layer.height // 2, layer.width // 2)
        tiles = [square_about(picture, row, column, edge) for picture in part["pictures"]]
        sheets[f"sprites/{layer.name}.png"] = encoded(sheet(tiles, COLUMNS), ".png", spec.channels)
        entry = {"name": layer.name, "channels": layer.channels, "field": edge, "tile": tiles[0].shape[0]}
        entry |= {"columns": COLUMNS, "excited": rounded(part["answers"])}
        if layer.name in said:
            entry |= _told(said[layer.name], plan)
            if plan.keep_pictures:
                examples, backs = _seen(plan, opened, said[layer.name], edge)
                sheets[f"examples/{layer.name}.jpg"] = encoded(sheet(examples, NINE), ".jpg", spec.channels)
                sheets[f"backs/{layer.name}.png"] = encoded(sheet(backs, NINE), ".png", "gray")
        entries.append(entry)
    contract = plan.bundle.contract
    made = {"emoscope": version("emoscope"), "climb": asdict(plan.climb)}
    table = {"version": VERSION, "model": plan.bundle.name, "source_sha256": contract.source_sha256}
    table |= {"labels": contract.labels, "pictures": len(plan.called), "made": made, "layers": entries}
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atlas(path, table, sheets)


def _listened(plan: AtlasPlan, parts: KeptParts, step: Step) -> dict[str, ClassAnswers]:
    if plan.images is None:
        return {}
    images, names = plan.images, ClassAnswers.__slots__

    def heard() -> dict[str, np.ndarray]:
        found = class_answers(plan.bundle, images, plan.layers, step)
        return {f"{layer}/{name}": getattr(said, name) for layer, said in found.items() for name in names}

    key = hashlib.sha256(json.dumps(plan.layers).encode()).hexdigest()[:8]
    kept = parts.take(f"pictures-{key}", heard, lambda: step(len(images)))
    return {layer: ClassAnswers(*(kept[f"{layer}/{name}"] for name in names)) for layer in plan.layers}


def _told(said: ClassAnswers, plan: AtlasPlan) -> dict[str, Any]:
    means = [[None if np.isnan(value) else round(float(value), 4) for value in row] for row in said.means]
    best = [
        [
            [PurePosixPath(plan.called[number]).name, int(row), int(column), round(float(value), 4)]
            for number, (row, column), value in zip(*places, strict=True)
        ]
        for places in zip(said.best, said.cells, said.values, strict=True)
    ]
    return {"means": means, "shares": rounded(said.shares), **({"best": best} if plan.names else {})}


def _seen(
    plan: AtlasPlan, opened: OpenedLayer, said: ClassAnswers, edge: int
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """The nine places of every channel, and what drives it there, each a tile a cell's field wide."""
    spec, examples, backs = plan.bundle.contract.input, list[np.ndarray](), list[np.ndarray]()
    assert plan.images is not None
    for channel, (numbers, cells) in enumerate(zip(said.best, said.cells, strict=True)):
        faces = as_fed(plan.images[numbers], spec)
        _, pull = opened(faces, np.full(len(numbers), channel), cells)
        slopes = pull if spec.layout == "NHWC" else pull.transpose(0, 2, 3, 1)
        for place in range(NINE):
            if place < len(numbers):
                middle = cell_centre(opened, spec, *cells[place])
                examples.append(square_about(pixels(faces[place], spec), *middle, edge))
                backs.append(square_about(signed(slopes[place].sum(-1, keepdims=True)), *middle, edge))
            else:
                examples.append(np.full_like(examples[-1], 128))
                backs.append(np.full_like(backs[-1], 128))
    return examples, backs


def pixels(face: np.ndarray, spec: Any) -> np.ndarray:
    """One fed face as pixels 0–255, (H, W, C)."""
    last = face if spec.layout == "NHWC" else face.transpose(1, 2, 0)
    return np.asarray(np.clip((last - np.float32(spec.offset)) / np.float32(spec.scale), 0, 255), np.uint8)


def signed(values: np.ndarray) -> np.ndarray:
    """Values of both signs as bytes: 128 is zero, the largest is 255 or 1."""
    most = float(np.abs(values).max()) or 1.0
    return np.asarray(np.rint(128 + 127 * values / most), np.uint8)


def sheet(tiles: Sequence[np.ndarray], columns: int) -> np.ndarray:
    """Tiles (edge, edge, C) side by side, so many a row."""
    empty = np.full_like(tiles[0], 128)
    filled = [*tiles, *[empty] * (-len(tiles) % columns)]
    return np.vstack([np.hstack(filled[first : first + columns]) for first in range(0, len(filled), columns)])


def encoded(picture: np.ndarray, kind: str, channels: str) -> bytes:
    """A picture in the network's order of channels as a PNG or JPEG file."""
    bgr = picture[..., ::-1] if channels == "rgb" else picture
    style = [cv2.IMWRITE_PNG_COMPRESSION, 9] if kind == ".png" else [cv2.IMWRITE_JPEG_QUALITY, 88]
    return bytes(cv2.imencode(kind, np.ascontiguousarray(bgr), style)[1])


def rounded(values: np.ndarray) -> list[Any]:
    """Numbers with four digits behind the point, which is what is read of them."""
    return list(np.round(values.astype(float), 4).tolist())
