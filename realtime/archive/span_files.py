"""Spans of emotion for those who annotate by hand: subtitles (WebVTT), and ELAN's own format (EAF 3.0).

A span is one emotion of one face without a break. Spans shorter than a fifth of a second, which nobody could annotate,
are left out unless they are asked for.

EAF is written with Python's own XML: forty lines, where `pympi-ling` would be a package more for what is no more than
tiers of spans. Its elements stand in the order that ELAN's schema (EAFv3.0.xsd) demands.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path, PurePath
from xml.etree import ElementTree

from ..report.spans import EmotionSpan
from ..system.address import is_address
from ..system.atomic import atomic_write
from .film_figures import ROUNDED_S, FilmFigures

SHORTEST_S = 0.2
SCHEMA = "http://www.mpi.nl/tools/elan/EAFv3.0.xsd"
SCHEMA_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
KIND, WORDS, LANGUAGE = "emotion", "emotions", "und"
LANGUAGE_SAYS = {
    "LANG_DEF": "http://cdb.iso.org/lg/CDB-00130975-001",
    "LANG_ID": LANGUAGE,
    "LANG_LABEL": "undetermined (und)",
}
VIDEO = "video/mp4"


@dataclass(frozen=True, slots=True)
class FaceSpans:
    """The spans of one face, in order of time."""

    face: int
    spans: Sequence[EmotionSpan]


def spans_of(film: FilmFigures, shortest_s: float = SHORTEST_S) -> list[FaceSpans]:
    """The spans of all faces of a film that last at least so many seconds."""
    found = (
        FaceSpans(face.face, [span for span in face.spans if span.seconds >= shortest_s - ROUNDED_S])
        for face in film.faces
    )
    return [face for face in found if face.spans]


def vtt(film: FilmFigures, faces: Sequence[FaceSpans]) -> str:
    """Spans as subtitles: a cue each, in order of time, spoken by the face."""
    cues = sorted((span.start_s, face.face, span) for face in faces for span in face.spans)
    lines = [f"WEBVTT - {_line(PurePath(film.source or film.film).name)}", ""]
    for start_s, number, span in cues:
        lines += [f"{_clock(start_s)} --> {_clock(span.end_s)}", f"<v face {number}>{_escaped(span.emotion)}", ""]
    return "\n".join(lines)


def eaf(film: FilmFigures, faces: Sequence[FaceSpans]) -> str:
    """Spans as an annotation document: a tier a face, emotions as a controlled vocabulary, times in milliseconds."""
    document = ElementTree.Element("ANNOTATION_DOCUMENT")
    document.attrib = {
        "AUTHOR": "EmoScope",
        "DATE": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "FORMAT": "3.0",
        "VERSION": "3.0",
        f"{{{SCHEMA_INSTANCE}}}noNamespaceSchemaLocation": SCHEMA,
    }
    header = ElementTree.SubElement(document, "HEADER", MEDIA_FILE="", TIME_UNITS="milliseconds")
    path = PurePath(film.source or film.film)
    ElementTree.SubElement(
        header,
        "MEDIA_DESCRIPTOR",
        MEDIA_URL=_url(film.source or film.film),
        MIME_TYPE=mimetypes.guess_type(path.name)[0] or VIDEO,
        RELATIVE_MEDIA_URL=f"./{path.name}",
    )
    order = ElementTree.SubElement(document, "TIME_ORDER")
    count = 0
    for face in faces:
        tier = ElementTree.SubElement(
            document, "TIER", TIER_ID=f"face {face.face}", LINGUISTIC_TYPE_REF=KIND, LANG_REF=LANGUAGE
        )
        for span in face.spans:
            count += 1
            slots = [f"ts{2 * count - 1}", f"ts{2 * count}"]
            for slot, seconds in zip(slots, (span.start_s, span.end_s), strict=True):
                ElementTree.SubElement(order, "TIME_SLOT", TIME_SLOT_ID=slot, TIME_VALUE=str(_milliseconds(seconds)))
            holder = ElementTree.SubElement(tier, "ANNOTATION")
            annotation = ElementTree.SubElement(
                holder,
                "ALIGNABLE_ANNOTATION",
                ANNOTATION_ID=f"a{count}",
                TIME_SLOT_REF1=slots[0],
                TIME_SLOT_REF2=slots[1],
                CVE_REF=_entry(film.labels.index(span.emotion)),
            )
            ElementTree.SubElement(annotation, "ANNOTATION_VALUE").text = span.emotion
    _vocabulary(document, film.labels)
    ElementTree.indent(document)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(document, encoding="unicode") + "\n"


def _vocabulary(document: ElementTree.Element, labels: Sequence[str]) -> None:
    ElementTree.SubElement(
        document,
        "LINGUISTIC_TYPE",
        LINGUISTIC_TYPE_ID=KIND,
        TIME_ALIGNABLE="true",
        GRAPHIC_REFERENCES="false",
        CONTROLLED_VOCABULARY_REF=WORDS,
    )
    ElementTree.SubElement(document, "LANGUAGE", LANGUAGE_SAYS)
    words = ElementTree.SubElement(document, "CONTROLLED_VOCABULARY", CV_ID=WORDS)
    ElementTree.SubElement(words, "DESCRIPTION", LANG_REF=LANGUAGE).text = "Classes of the network"
    for number, label in enumerate(labels):
        entry = ElementTree.SubElement(words, "CV_ENTRY_ML", CVE_ID=_entry(number))
        ElementTree.SubElement(entry, "CVE_VALUE", DESCRIPTION="", LANG_REF=LANGUAGE).text = label


FORMATS: dict[str, Callable[[FilmFigures, Sequence[FaceSpans]], str]] = {"eaf": eaf, "vtt": vtt}
"""Name and suffix → writer; the choices of `--export`."""


def export(film: FilmFigures, folder: Path, name: str, kinds: Sequence[str], shortest_s: float) -> None:
    """Writes the spans of a film.

    Args:
        film: whose spans they are.
        folder: for the files, which is made where it is missing.
        name: of the files without suffix.
        kinds: of FORMATS.
        shortest_s: spans that are shorter are left out.

    Raises:
        ResultError: they cannot be written.
    """
    faces = spans_of(film, shortest_s)
    for kind in kinds:
        atomic_write(folder / f"{name}.{kind}", FORMATS[kind](film, faces))


def _url(film: str) -> str:
    path = PurePath(film)
    if is_address(film):
        return film
    return path.as_uri() if path.is_absolute() else path.as_posix()


def _entry(number: int) -> str:
    return f"cve{number}"


def _milliseconds(seconds: float) -> int:
    return max(0, round(1000 * seconds))


def _clock(seconds: float) -> str:
    minutes, milliseconds = divmod(_milliseconds(seconds), 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{milliseconds // 1000:02}.{milliseconds % 1000:03}"


def _line(text: str) -> str:
    """A text that fits into a line of a header, which must not look like a time."""
    return " ".join(text.replace("-->", "→").split())


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
