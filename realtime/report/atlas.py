"""An atlas as one HTML file: each filter with what excites it most, what it says about classes, where it was seen."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from ..network.atlas import NINE, Atlas, AtlasLayer
from ..network.contract import Contract
from ..system.atomic import atomic_write
from ..types import Image
from .html import render


def write_page(path: Path, atlas: Atlas, contract: Contract) -> None:
    """Writes the page; it appears only when it is whole. ResultError where it cannot be written."""
    atomic_write(path, page(atlas, contract), "choose another folder with -o")


def page(atlas: Atlas, contract: Contract) -> str:
    """The whole page as text; how it looks says `templates/atlas.html`."""
    return render(
        "atlas.html",
        atlas=atlas,
        count=sum(layer.channels for layer in atlas.layers.values()),
        digest=contract.source_sha256[:16],
        nine=NINE,
        most=lambda layer: float(np.abs(layer.shares).max()),
        tiles=_tiles,
        address=address,
    )


def _tiles(layer: AtlasLayer, channel: int) -> Iterator[Image]:
    """What is seen at a filter's nine places, then what drives it there."""
    for seen in (layer.example, layer.back):
        yield from (tile for place in range(NINE) if (tile := seen(channel, place)) is not None)


def address(picture: Image) -> str:
    """A small picture inside the page itself."""
    _, data = cv2.imencode(".png", picture, [cv2.IMWRITE_PNG_COMPRESSION, 9])
    return f"data:image/png;base64,{base64.b64encode(data.tobytes()).decode('ascii')}"
