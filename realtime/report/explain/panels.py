"""The first row of a figure: the photo with the face's box, the crop as the network sees it, the probabilities."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Colormap, Normalize
from matplotlib.patches import Rectangle

from ...types import Image, Prediction
from .colours import emotion_colour
from .sheet import FAINT, HEAD_PT, INK, SMALL_PT, SOFT, TEXT_PT, Sheet, Slot, first_fitting, width_of
from .study import Study, ranking

MOST_PIXELS_ALONG = 1600
HEAD_IN, LINE_IN = 0.26, 0.165
"""Room for the heading above a panel, and for a line of text."""


def heading(sheet: Sheet, slot: Slot, title: str, note: str = "") -> Slot:
    """A heading at the top of a slot; returns the room below.

    Args:
        sheet: that is drawn on.
        slot: where.
        title: its words.
        note: a few words at the right end of the line; "" for none.
    """
    sheet.text(slot.x, slot.y, title, HEAD_PT, weight="bold")
    if note:
        sheet.text(slot.x + slot.width, slot.y + 0.03, note, TEXT_PT, color=SOFT, ha="right")
    return Slot(slot.x, slot.y + HEAD_IN, slot.width, slot.height - HEAD_IN)


def noted(sheet: Sheet, slot: Slot, title: str, lines: Sequence[str]) -> Slot:
    """A heading at the top of a slot and some lines under it; returns the room below.

    Args:
        sheet: that is drawn on.
        slot: where.
        title: words of the heading.
        lines: that are no wider than the slot.
    """
    room = heading(sheet, slot, title)
    for number, line in enumerate(lines):
        sheet.text(room.x, room.y + number * LINE_IN, line, TEXT_PT, color=SOFT)
    high = note_height(lines)
    return Slot(slot.x, slot.y + high, slot.width, slot.height - high)


def note_height(lines: Sequence[str]) -> float:
    """Inches that a heading with some lines under it needs."""
    return HEAD_IN + len(lines) * LINE_IN + 0.08


def photo_panel(sheet: Sheet, slot: Slot, study: Study) -> None:
    """The photo; this face's box strong, the others' faint."""
    height, width = study.photo.shape[:2]
    several = f"face {study.number} of {len(study.boxes)}" if len(study.boxes) > 1 else ""
    room = fitted(heading(sheet, slot, "Photo", several), width, height)
    axes = sheet.axes(room)
    axes.imshow(_smaller(rgb(study.photo)), extent=(0, width, height, 0), interpolation="antialiased")
    said = study.prediction
    colour = emotion_colour(said.emotion, said.index) if said.readable else "lightgray"
    for number, (x0, y0, x1, y1) in enumerate(study.boxes, start=1):
        chosen = number == study.number
        for edge, thick in (("black", 3.2), (colour if chosen else "white", 1.8)):
            thick = thick if chosen else thick / 2
            axes.add_patch(Rectangle((x0, y0), x1 - x0, y1 - y0, fill=False, edgecolor=edge, linewidth=thick))
    axes.set(xlim=(0, width), ylim=(height, 0))


def crop_panel(sheet: Sheet, slot: Slot, study: Study) -> None:
    """The network's input, every pixel a square."""
    height, width = study.crop.shape[:2]
    depth = "gray" if study.crop.ndim == 2 else "colour"
    title, note = "What the network sees", f"{width}×{height} {depth}"
    if width_of(f"{title} {note}", HEAD_PT) > slot.width:  # in half a column there is no room for both
        title, note = f"Seen: {width}×{height}", ""
    room = fitted(heading(sheet, slot, title, note), width, height)
    axes = sheet.axes(room)
    axes.imshow(rgb(study.crop), interpolation="nearest", vmin=0, vmax=255)


def bars_panel(sheet: Sheet, slot: Slot, prediction: Prediction) -> None:
    """A bar a class in the model's order; the prediction in bold, the runner-up's number dark."""
    title = "What it says"
    note = first_fitting(("probability in percent", "in percent"), TEXT_PT, slot.width - width_of(title, HEAD_PT) - 0.1)
    room = heading(sheet, slot, title, note)
    names = 0.22 + 0.075 * max(len(label) for label in prediction.labels)
    axes = sheet.axes(Slot(room.x + names, room.y, room.width - names - 0.5, room.height))
    first, second = ranking(prediction.probabilities)[:2]
    for number, (label, probability) in enumerate(zip(prediction.labels, prediction.probabilities, strict=True)):
        share, weight = float(probability), "bold" if number == first else "normal"
        axes.barh(number, 1, color=FAINT, height=0.56, alpha=0.45)
        axes.barh(number, share, color=emotion_colour(label, number), height=0.56, edgecolor=INK, linewidth=0.4)
        axes.text(-0.025, number, label, ha="right", va="center", fontsize=TEXT_PT, weight=weight, color=INK)
        colour = INK if number in (first, second) else SOFT
        axes.text(1.025, number, f"{100 * share:.1f}", va="center", fontsize=TEXT_PT, weight=weight, color=colour)
    axes.set(xlim=(0, 1), ylim=(len(prediction.labels) - 0.4, -0.6))


def colour_bar(sheet: Sheet, slot: Slot, colours: Colormap, scale: Normalize, ground: str = "white") -> None:
    """An upright colour bar with a few numbers at its right; `ground` shines through where colours are transparent.

    Args:
        sheet: that is drawn on.
        slot: where.
        colours: the colour map.
        scale: from values to parts of it.
        ground: colour that shines through where colours are transparent.
    """
    axes = sheet.axes(slot)
    axes.set_axis_on()
    axes.set_facecolor(ground)
    bar = axes.figure.colorbar(ScalarMappable(scale, colours), cax=axes, ticks=_ticks(scale), format="%.3g")
    bar.ax.tick_params(labelsize=SMALL_PT, length=2, width=0.5, pad=1.5, colors=INK)
    bar.outline.set_linewidth(0.5)


def fitted(slot: Slot, width: float, height: float) -> Slot:
    """The largest part of a slot with these proportions, at its upper left."""
    scale = min(slot.width / width, slot.height / height)
    return Slot(slot.x, slot.y, width * scale, height * scale)


def rgb(picture: Image) -> Image:
    """A gray or BGR picture as RGB."""
    code = cv2.COLOR_GRAY2RGB if picture.ndim == 2 else cv2.COLOR_BGR2RGB
    return np.asarray(cv2.cvtColor(picture, code), np.uint8)


def _smaller(picture: Image) -> Image:
    factor = MOST_PIXELS_ALONG / max(picture.shape[:2])
    if factor >= 1:
        return picture
    return np.asarray(cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), np.uint8)


def _ticks(scale: Normalize) -> list[float]:
    """Both ends and the middle."""
    low, high = float(scale.vmin or 0.0), float(scale.vmax or 0.0)
    return [low, (low + high) / 2, high]
