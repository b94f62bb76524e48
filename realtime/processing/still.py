"""One picture: faces read and drawn at its own size, one frame in the table."""

from __future__ import annotations

import json
from time import perf_counter
from typing import Any

import cv2

from ..draw.hiding import hide
from ..draw.patch import lay
from ..draw.picture import compose
from ..errors import printable, unwritten
from ..media.further import told_further
from ..media.photo import read_photo
from ..media.raster import Bgr
from ..reading.crops import face_chip
from ..reading.session import Seen, Session
from ..report.summary import MADE
from ..types import Image
from ..view.scene import Scene
from ..view.state import ViewState, wish_of
from .film import Outcome
from .results import PICTURE, SUMMARY, AtomicResults, Results
from .settings import Settings
from .table import open_rows


def process_still(results: Results, session: Session, settings: Settings) -> Outcome:
    """Processes one picture.

    Raises:
        SourceError: it cannot be read.
        ResultError: the results cannot be written.
    """
    start = perf_counter()
    image = read_photo(results.source)
    state = settings.look(session.network.contract)
    seen = session.read_still(image, wish_of(state))
    with AtomicResults(results) as drafts:
        if settings.rows is not None:
            with open_rows(drafts, settings, session.network.contract, state.prior) as rows:
                rows.add(0, 0.0, seen.readings)
        if SUMMARY in results.kinds:
            _tell(drafts, session, settings, seen)
        if settings.video:
            if settings.blur:
                for reading in seen.readings:
                    hide(image, reading.face.box_xyxy)
            draw(image, seen, state)
            _save(drafts, image)
        written = drafts.finish(settings.overwrite)
    told = told_further(results.source)
    return Outcome(results.source, 1, perf_counter() - start, written, notes=[told] if told else [])


def _tell(drafts: AtomicResults, session: Session, settings: Settings, seen: Seen) -> None:
    """The summary: what the picture shows, and what made it."""
    source, network = drafts.results.source, session.network
    about: dict[str, Any] = {"source": printable(source.name), "model": network.name, "faces": len(seen.faces)}
    about["prior"] = settings.look(network.contract).prior
    if settings.maker is not None:
        about[MADE] = settings.maker.record(source, network.provider)
    path = drafts.path(SUMMARY)
    try:
        path.write_text(json.dumps(about, indent=1, ensure_ascii=False) + "\n", "utf-8")
    except OSError as error:
        raise unwritten(path, error) from None


def draw(image: Image, seen: Seen, state: ViewState) -> None:
    """Draws on a (H, W, 3) BGR picture, in place, what was read in it."""
    chip = None if seen.subject is None else face_chip(Bgr(image), seen.subject.reading)
    height, width = image.shape[:2]
    lay(image, compose(Scene(seen.faces, seen.chosen, chip), state, width, height))


def _save(drafts: AtomicResults, image: Image) -> None:
    _, data = cv2.imencode(".png", image)
    path = drafts.path(PICTURE)
    try:
        path.write_bytes(data.tobytes())
    except OSError as error:
        raise unwritten(path, error) from None
