"""One picture: faces read and drawn at its own size, one frame in the table."""

from __future__ import annotations

import json
from dataclasses import replace
from time import perf_counter
from typing import Any

import cv2

from ..draw.hiding import hide
from ..draw.patch import lay
from ..draw.picture import compose
from ..errors import printable, unwritten
from ..media.photo import read_photo
from ..reading.analysis import Analyser
from ..reading.chip import portrait_of
from ..reading.subject import Subject
from ..report.rows import FORMATS
from ..types import Image, Reading
from ..view.scene import Scene, raw
from ..view.state import ViewState
from ..view.views import request_of
from .film import Outcome
from .record import KEY
from .results import PICTURE, ROWS, SUMMARY, Drafts, Results
from .settings import Settings


def process_still(results: Results, analyser: Analyser, settings: Settings) -> Outcome:
    """Processes one picture.

    Raises:
        SourceError: it cannot be read.
        ResultError: the results cannot be written.
    """
    start = perf_counter()
    image = read_photo(results.source)
    state = settings.look(analyser.network.contract)
    analyser.finder.reset()
    found = analyser.read(image, 0.0, request_of(state), state.target)
    readings = [replace(reading, face=replace(reading.face, track=n)) for n, reading in enumerate(found, 1)]
    with Drafts(results) as drafts:
        if settings.rows is not None:
            table = FORMATS[settings.rows]
            with table(drafts.path(ROWS + table.suffix), state.labels) as rows:
                rows.add(0, 0.0, readings)
        _tell(drafts, analyser, settings, readings)
        if settings.video:
            if settings.blur:
                for reading in readings:
                    hide(image, reading.face.box_xyxy)
            draw(image, readings, state)
            _save(drafts, image)
        written = drafts.finish()
    return Outcome(results.source, 1, perf_counter() - start, written)


def _tell(drafts: Drafts, analyser: Analyser, settings: Settings, readings: list[Reading]) -> None:
    """The summary: what the picture shows, and what made it."""
    source = drafts.results.source
    about: dict[str, Any] = {"source": printable(source.name), "model": analyser.network.name, "faces": len(readings)}
    if settings.maker is not None:
        about[KEY] = settings.maker.record(source, analyser.network.provider)
    path = drafts.path(SUMMARY)
    try:
        path.write_text(json.dumps(about, indent=1, ensure_ascii=False) + "\n", "utf-8")
    except OSError as error:
        raise unwritten(path, error) from None


def draw(image: Image, readings: list[Reading], state: ViewState) -> None:
    """Draws on a (H, W, 3) BGR picture, in place, what was read in it."""
    shown = tuple(raw(reading) for reading in readings)
    chosen = Subject().pick([reading.face for reading in readings])
    subject = None if chosen is None else portrait_of(image, readings[chosen])
    height, width = image.shape[:2]
    lay(image, compose(Scene(shown, chosen, subject), state, width, height))


def _save(drafts: Drafts, image: Image) -> None:
    _, data = cv2.imencode(".png", image)
    path = drafts.path(PICTURE)
    try:
        path.write_bytes(data.tobytes())
    except OSError as error:
        raise unwritten(path, error) from None
