"""What is said about a data set that was read: pictures that were left out, faces that were cut out."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Sequence

from ...media.jxl import reads_jxl
from ...report.counted import counted
from .dataset import Dataset
from .load import Pictures

SHOWN = 20
"""Names before the rest is only counted."""


def what_was_read(data: Dataset | Pictures) -> Iterator[str]:
    """A line for everything that did not go into the data set as it was found."""
    if data.unreadable:
        yield f"skipped, not readable pictures ({len(data.unreadable):,}): {_named(data.unreadable)}"
        if any(name.lower().endswith((".heic", ".heif", ".hif")) for name in data.unreadable) and not _reads_heif():
            yield 'HEIC pictures that are made of tiles need: pip install "emoscope[heif]"'
        if any(name.lower().endswith(".jxl") for name in data.unreadable) and not reads_jxl():
            yield 'JPEG XL pictures need: pip install "emoscope[jxl]"'
    if data.flawed:
        yield f"kept, could only be read with errors ({len(data.flawed):,}): {_named(data.flawed)}"
    if data.further:
        yield f"read the first picture of files that hold several ({len(data.further):,}): {_named(data.further)}"
    for label, count in data.strange.items():
        yield f"left out: {counted(count, 'picture')} of {label}, which is none of {', '.join(data.labels)}"
    cuts = data.cuts
    if cuts is None or not (cuts.cut or cuts.faceless):
        return
    yield f"faces cut out of {counted(cuts.cut, 'picture')}, {cuts.bare:,} taken as they are"
    if cuts.faceless:
        yield f"no face in {counted(len(cuts.faceless), 'picture')}, left out: {_named(cuts.faceless)}"
    if cuts.several:
        several = counted(len(cuts.several), "picture")
        yield f"several faces in {several}, of which the largest was taken: {_named(cuts.several)}"


def what_was_held_out(data: Dataset) -> Iterator[str]:
    """A line where pictures that belong together were kept on one side, or pictures of a class are all on one."""
    if data.together:
        yield f"kept on one side when pictures were held out: {data.together} (--groups says otherwise)"
    for name, split in data.splits.items():
        shares = split.targets.sum(axis=(0, 1))
        missing = [label for label, share in zip(data.labels, shares, strict=True) if not share]
        if missing:
            yield f"no picture of {', '.join(missing)} in {name}: figures are of the others"


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN:,} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def _reads_heif() -> bool:
    return importlib.util.find_spec("pillow_heif") is not None
