"""What is to be done with every input of one run."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from ..archive.layout import Layout
from ..archive.manifest import MakerRow
from ..errors import ResultError
from ..media.encoding import Encoding
from ..media.span import WHOLE, Span
from ..network.contract import Contract
from ..reading.session import Session
from ..report.rows import check_format
from ..view.state import ViewState
from .record import Maker
from .sections import SECTION_S

AUTO = "auto"


@dataclass(frozen=True, slots=True)
class RowStore:
    """Where the rows of all films go.

    Attributes:
        layout: of the data set's folder.
        maker: what makes its rows, as its folders name it.
        labels: class names, in the network's order.
        numbers: names of what else the network says.
    """

    layout: Layout
    maker: MakerRow
    labels: tuple[str, ...]
    numbers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Settings:
    """What is to be done; every field can be handed to another process.

    Attributes:
        open_session: opens what reads the faces.
        look: what is drawn, for the model's contract.
        video: whether annotated films and pictures are written.
        rows: format of the table, or None for none.
        chart: whether the timeline is drawn.
        encoding: how films are compressed.
        span: the part of each recording that is looked at.
        film: number of the video stream that is read, from 0; None for the largest of each recording.
        fps: pictures a second, where numbered files are a film; None for 25.
        hwaccel: kind of device that decodes where it can, by FFmpeg's name; "" for the processor.
        every: looks at every Nth frame only; the film keeps all, and shows the last reading in between.
        blur: whether faces are made unrecognisable in what is drawn, for publishing.
        baseline: what a face's own neutral face is taken from: AUTO for its most typical answer over a recording, or
            its first so many seconds; None where none is taken off.
        maker: what makes the results, for their record; None where nobody will ask.
        dataset: that the rows go to, instead of a table per film.
        overwrite: whether results that are there are replaced.
        resume: whether what an unfinished run has done is gone on with.
        section_s: length of the sections that films are done in, in seconds of their own clocks.
        since_s: when the run began, in seconds as `time.time` counts them: what is newer, another run has done.
    """

    open_session: Callable[[], AbstractContextManager[Session]]
    look: Callable[[Contract], ViewState]
    video: bool = True
    rows: str | None = "csv"
    chart: bool = True
    encoding: Encoding = field(default_factory=Encoding)
    span: Span = WHOLE
    film: int | None = None
    fps: Fraction | None = None
    hwaccel: str = ""
    every: int = 1
    blur: bool = False
    baseline: float | str | None = None
    maker: Maker | None = None
    dataset: RowStore | None = None
    overwrite: bool = False
    resume: bool = False
    section_s: float = SECTION_S
    since_s: float = 0.0

    def __post_init__(self) -> None:
        if not (self.video or self.rows or self.chart):
            raise ResultError("nothing is left to write: drop one of --no-video, --no-rows and --no-chart")
        if self.rows is not None:
            check_format(self.rows)

    @property
    def source(self) -> dict[str, Any]:
        """How each recording is opened, as `Recording` takes it."""
        return {"film": self.film, "fps": self.fps, "hwaccel": self.hwaccel}
