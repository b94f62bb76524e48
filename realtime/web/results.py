"""What can be taken home from the page: the figure of a face, or the page about all faces of a picture."""

from __future__ import annotations

from ..errors import SourceError
from ..media.photo import decode_photo
from ..reading.session import Session
from ..report.explain.choice import choose
from ..report.explain.figure import figure
from ..report.explain.page import page
from ..report.explain.study import Study, study_photo
from .app_state import AppState
from .uploads import MOST_PICTURE_PIXELS

MEDIA_TYPES = {
    "png": "image/png",
    "svg": "image/svg+xml",
    "pdf": "application/pdf",
    "html": "text/html",
}


def make(app_state: AppState, kind: str, data: bytes, name: str, face: int) -> bytes:
    """A figure (png, svg, pdf) of one face, counted from the left, or the page (html) about all of them.

    Raises:
        SourceError: the picture is damaged or too large, or shows no face.
    """
    studies = _studies(app_state, data, name)
    if kind == "html":
        return page(studies, app_state.network.name, app_state.network.contract, app_state.model).encode()
    study = studies[min(max(face, 1), len(studies)) - 1]
    return figure(study, app_state.network.name).encoded(kind)


def _studies(app_state: AppState, data: bytes, name: str) -> list[Study]:
    photo = decode_photo(data, name, MOST_PICTURE_PIXELS)
    with Session(app_state.open_finder(), app_state.network) as session:
        studies = study_photo(session, choose(app_state.network.contract), photo, name)
    if not studies:
        raise SourceError(f"{name}: no face found; give a larger picture")
    return studies
