"""A whole recording in one call: its table, or its frames."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..errors import SourceError
from ..faces.own import OwnDetector
from ..media.span import Span
from ..network.bundle import DEFAULT_MODEL
from ..network.own import OwnClassifier
from ..report.rows import columns_of, rows_of
from .reader import Reader
from .results import FrameReadings
from .watching import FilmPart, OutgrownError


def read_table(
    source: str | os.PathLike[str],
    *,
    model: str | os.PathLike[str] | OwnClassifier = DEFAULT_MODEL,
    detector: str | OwnDetector = "auto",
    provider: str = "auto",
    start_s: float = -math.inf,
    end_s: float = math.inf,
    every: int = 1,
    prior: float | None = None,
) -> Any:
    """The table that `emoscope process` writes beside a film: a row for each face and frame, raw probabilities.

    A frame without a face has one row in which everything from `face` on is empty. Where a film's pictures change their
    size, all are shown in the largest, as `process` does it.

    Args:
        source: film, picture, or folder of pictures.
        model, detector, provider, prior: as in `Reader`.
        start_s, end_s, every: as in `Reader.watch`.

    Returns:
        A pandas DataFrame; a polars one where only that is installed; a list of dictionaries where neither is.

    Raises:
        EmoscopeError: the source or the model cannot be read.
    """
    several = isinstance(source, str | os.PathLike) and Path(source).is_dir()
    with Reader(model, detector, provider, smoothing=0, prior=prior) as reader:
        columns = (*(("picture",) if several else ()), *columns_of(reader.labels, numbers=reader.numbers))
        rows = _rows(reader, source, FilmPart(Span(start_s, end_s), every, fixed=True), several)
    for make in (_pandas, _polars):
        try:
            return make(columns, rows)
        except ImportError:
            continue
    return [dict(zip(columns, row, strict=True)) for row in rows]


def analyse(
    source: str | os.PathLike[str],
    *,
    model: str = DEFAULT_MODEL,
    detector: str = "auto",
    provider: str = "auto",
    layer: str = "",
    method: str = "",
    start_s: float = -math.inf,
    end_s: float = math.inf,
    every: int = 1,
    prior: float | None = None,
    video_stream: int | None = None,
) -> Iterator[FrameReadings]:
    """The frames of one recording, in one call: `Reader(…, smoothing=0).watch(source, …)`.

    Args:
        source: the file.
        model, detector, provider, prior: as in `Reader`.
        layer: the layer whose activations faces are to carry, "" for none.
        method: the CAM method whose heat of this layer they are to carry, "" for none.
        start_s, end_s, every, video_stream: as in `Reader.watch`.

    Raises:
        EmoscopeError: the recording or the model cannot be read; the message says why.
    """
    how = {"explain": method, "layer": layer, "maps": bool(layer), "start_s": start_s, "end_s": end_s, "every": every}
    how["video_stream"] = video_stream
    with Reader(model, detector, provider, smoothing=0, prior=prior) as reader:
        if isinstance(source, str | os.PathLike) and not Path(source).exists():
            raise SourceError(f"{source}: no such file")
        yield from reader.watch(source, **how)  # type: ignore[arg-type]


def _rows(reader: Reader, source: str | os.PathLike[str], part: FilmPart, several: bool) -> list[tuple[Any, ...]]:
    """The rows of all frames, after the picture's name where there are several; anew where a film outgrows them."""
    rows: list[tuple[Any, ...]] = []
    numbers, prior = reader.numbers, reader.prior
    try:
        for frame in reader._frames(source, reader._wish(), part):
            found = rows_of(frame.index, frame.time_s, frame.readings, reader.labels, prior, numbers=numbers)
            rows += [(frame.name, *row) for row in found] if several else list(found)
    except OutgrownError as error:
        return _rows(reader, source, replace(part, canvas=error.largest), several)
    return rows


def _pandas(columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> Any:
    import pandas

    table = pandas.DataFrame(rows, columns=list(columns))
    return table.astype({"face": "Int64"})


def _polars(columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> Any:
    import polars

    return polars.DataFrame(rows, schema=list(columns), orient="row", infer_schema_length=None)
