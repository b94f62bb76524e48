"""What can be taken home from the page: the figure of a face, a lesson about it, or the page about all faces."""

from __future__ import annotations

from ..errors import SourceError
from ..media.small import decode_small
from ..reading.session import Session
from ..report.explain.choice import Choice, choose, narrow
from ..report.explain.figure import figure
from ..report.explain.lesson import lesson, lesson_layers
from ..report.explain.page import page
from ..report.explain.study import Study, study_photo
from .app_state import AppState
from .uploads import MOST_DECODING_BYTES

RESULT_EDGE = 2560
"""Pixels of a picture's longer edge; the page sends what it shows, which is smaller."""
LESSON = "lesson"
MEDIA_TYPES = {
    "png": "image/png",
    "svg": "image/svg+xml",
    "pdf": "application/pdf",
    "html": "text/html",
    LESSON: "text/html",
}


def make(app_state: AppState, kind: str, data: bytes, name: str, face: int) -> bytes:
    """A figure (png, svg, pdf) of one face, counted from the left, a lesson about it, or the page (html) about all.

    Args:
        app_state: network and what is known of it.
        kind: "png", "svg", "pdf", "html" or the lesson's.
        data: bytes of the picture's file.
        name: of the file, which the figure is headed with.
        face: which one, from the left.

    Raises:
        SourceError: the picture is damaged or too large, or shows no face.
        EmoscopeError: the network is too short for a lesson.
    """
    network, known = app_state.network, app_state.known
    if kind == LESSON:
        choice = choose(network.contract, lesson_layers(network.contract), methods=narrow(network.contract))
        study = _one(_studies(app_state, choice, data, name), face)
        return lesson(study, network.contract, known).encode()
    studies = _studies(app_state, choose(network.contract), data, name)
    if kind == "html":
        return page(studies, network.name, network.contract, app_state.model, known).encode()
    return figure(_one(studies, face), network.name, known=known)[0].encoded(kind)


def _one(studies: list[Study], face: int) -> Study:
    return studies[min(max(face, 1), len(studies)) - 1]


def _studies(app_state: AppState, choice: Choice, data: bytes, name: str) -> list[Study]:
    photo = decode_small(data, name, RESULT_EDGE, MOST_DECODING_BYTES)
    with Session(app_state.open_finder(), app_state.network) as session:
        studies = study_photo(session, choice, photo, name)
    if not studies:
        raise SourceError(f"{name}: no face found; give a larger picture")
    return studies
