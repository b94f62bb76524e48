"""What networks are fed, in a word: how pixels are scaled, and how a face is cut out.

--input-preset imagenet     (pixel / 255 − mean) / deviation of each channel, as PyTorch's networks are trained
--crop-rule eyes:2.7,0.40,turned     a square of 2.7 eye distances, the eyes at 0.40 of its height, turned with them
--crop-rule box:0.1                  the detector's box made square, a tenth of its edge added on each side
"""

from __future__ import annotations

from typing import Any, NamedTuple

import click

from emoscope.errors import ContractError
from emoscope.network.contract import CropSpec

MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Of ImageNet's red, green and blue, 0–1, as torchvision's documentation gives them."""


class Preset(NamedTuple):
    """How pixels become what a network is fed.

    Attributes:
        scale: factor on pixels 0–255, one number or one per channel.
        offset: added after scaling, likewise.
        channels: what the channels are, None where any may be.
    """

    scale: float | tuple[float, ...]
    offset: float | tuple[float, ...]
    channels: str | None = None


PRESETS = {
    "imagenet": Preset(
        tuple(1 / (255 * one) for one in DEVIATION),
        tuple(-mean / one for mean, one in zip(MEAN, DEVIATION, strict=True)),
        "rgb",
    ),
    "0..1": Preset(1 / 255, 0.0),
    "-1..1": Preset(2 / 255, -1.0),
    "fer": Preset(1 / 255, 0.0, "gray"),
}


class CropRule(click.ParamType):  # type: ignore[type-arg,unused-ignore]
    """A crop in words."""

    name = "rule"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> CropSpec:
        """ "eyes:2.7,0.40,turned" or "box:0.1" → how to cut."""
        kind, _, numbers = str(value).partition(":")
        parts = [part.strip() for part in numbers.split(",")]
        try:
            if kind == "eyes" and len(parts) in (2, 3) and parts[2:] in ([], ["turned"]):
                return CropSpec(float(parts[0]), float(parts[1]), align=len(parts) == 3)
            if kind == "box" and len(parts) == 1:
                return CropSpec(box_margin=float(parts[0]))
        except (ValueError, ContractError) as error:
            self.fail(f"{value!r}: {error}", param, ctx)
        return self.fail(f"{value!r} is neither eyes:DISTANCES,LINE[,turned] nor box:MARGIN", param, ctx)


def in_words(crop: CropSpec) -> str:
    """How to cut → "eyes:2.7,0.40,turned" or "box:0.1", as `CropRule` reads it."""
    if crop.box_margin is not None:
        return f"box:{crop.box_margin:g}"
    return f"eyes:{crop.eye_distances:g},{crop.eye_line:.2f}" + (",turned" if crop.align else "")
