"""Rows of made-up films as drafts of a data set: what a film shows is told by its number."""

from __future__ import annotations

from pathlib import Path

from emoscope.archive.drafts import DraftRows, Whose, dataset_columns
from emoscope.archive.layout import Layout
from emoscope.archive.manifest import MakerRow, Manifest, Mark
from tests.realtime.tiny import LABELS, reading

MAKER = MakerRow("tiny-0123", "s4567", {"asked": {}})
COLUMNS = dataset_columns(LABELS, relative=False)


def path_of(number: int) -> str:
    """The path of a film."""
    return f"/films/{number:03}.mp4"


def opened(layout: Layout, maker: MakerRow = MAKER) -> Manifest:
    """The manifest of a data set, made where it is missing."""
    layout.make()
    return Manifest(layout.manifest, maker, COLUMNS, layout.shard)


def write_draft(layout: Layout, number: int, frames: int | None = None) -> Path:
    """The rows of a film: as many frames as its number says, and one more; one face, now and then."""
    path = layout.draft_file(path_of(number))
    whose = Whose(path_of(number), f"{number:016x}", Mark(number, number), (MAKER.model, MAKER.settings))
    with DraftRows(path, LABELS, None, False, whose) as rows:
        for frame in range(number + 1 if frames is None else frames):
            rows.add(frame, frame / 25, [] if frame % 3 == 2 else [reading(best=frame % 3)])
    return path


def finish(manifest: Manifest, layout: Layout, number: int, frames: int | None = None) -> None:
    """A film is done: its draft is there, and the manifest says so."""
    write_draft(layout, number, frames)
    known = manifest.known(path_of(number))
    assert known is not None
    manifest.finish(known.id, number + 1, 0.5, "here", f"{number:016x}", rows=True)
