"""What can be taken home from the page: the figure of a face, or the page about all faces of a picture."""

from __future__ import annotations

from ..errors import SourceError
from ..media.photo import decode_photo
from ..reading.session import Session
from ..report.explain.choice import choose
from ..report.explain.figure import figure
from ..report.explain.page import page
from ..report.explain.study import Study, study_photo
from .studio import Studio
from .uploads import MOST_PICTURE_PIXELS

MEDIA_TYPES = {
    "png": "image/png",
    "svg": "image/svg+xml",
    "pdf": "application/pdf",
    "html": "text/html",
}


def make(studio: Studio, kind: str, data: bytes, name: str, face: int) -> bytes:
    """A figure (png, svg, pdf) of one face, counted from the left, or the page (html) about all of them.

    Raises:
        SourceError: the picture is damaged or too large, or shows no face.
    """
    studies = _studies(studio, data, name)
    if kind == "html":
        return page(studies, studio.network.name, studio.network.contract, studio.model).encode()
    study = studies[min(max(face, 1), len(studies)) - 1]
    return figure(study, studio.network.name).encoded(kind)


def _studies(studio: Studio, data: bytes, name: str) -> list[Study]:
    photo = decode_photo(data, name, MOST_PICTURE_PIXELS)
    with Session(studio.open_finder(), studio.network) as session:
        studies = study_photo(session, choose(studio.network.contract), photo, name)
    if not studies:
        raise SourceError(f"{name}: no face found; give a larger picture")
    return studies
