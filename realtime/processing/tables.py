"""What is written beside the film: rows as they come, summary and chart at the end."""

from __future__ import annotations

from types import TracebackType
from typing import Any

from ..errors import ResultError, printable
from ..media.damage import Damage
from ..media.reader import Recording
from ..network.network import Network
from ..report.lanes import Lanes
from ..report.rows import FORMATS, Rows
from ..report.summary import Summary, write_summary
from .reading import Read
from .record import KEY
from .results import CHART, ROWS, SUMMARY, Drafts
from .settings import Settings


class Tables:
    """Rows, summary and chart of one recording; a context manager that closes the rows."""

    def __init__(self, drafts: Drafts, recording: Recording, network: Network, settings: Settings) -> None:
        labels = network.contract.labels
        self._drafts, self._settings = drafts, settings
        self._summary, self._lanes = Summary(labels, _frame_s(recording)), Lanes(labels)
        self._about: dict[str, Any] = {
            "source": printable(recording.path.name),
            "model": network.name,
            "every": settings.every,
        }
        if settings.maker is not None:
            self._about[KEY] = settings.maker.record(recording.path, network.provider)
        self._rows: Rows | None = None
        if settings.rows is not None:
            table = FORMATS[settings.rows]
            self._rows = table(drafts.path(ROWS + table.suffix), labels)

    def add(self, read: Read) -> None:
        """Adds a frame that was looked at."""
        frame = read.frame
        if self._rows is not None:
            self._rows.add(frame.index, frame.time_s, read.seen.readings)
        self._summary.add(frame.time_s, read.seen.readings)
        self._lanes.add(frame.time_s, read.seen.readings)

    def finish(self, damage: Damage) -> None:
        """Writes chart and summary; call it when the rows are closed.

        Raises:
            ResultError: they cannot be written.
        """
        self._summary.close()
        try:
            self._write_end(damage)
        except OSError as error:
            told = f"chart and summary cannot be written ({error.strerror}): is the disk full, or the folder gone?"
            raise ResultError(f"{self._drafts.results.folder}: {told}") from None

    def _write_end(self, damage: Damage) -> None:
        if self._settings.chart:
            # Imported here: a run without charts need not wait for matplotlib.
            from ..report.timeline import draw_timeline

            title = str(self._about["source"])
            draw_timeline(self._drafts.path(CHART), title, self._lanes, self._summary.last_s, damage.stretches)
        write_summary(self._drafts.path(SUMMARY), self._summary, {**self._about, "damage": damage.as_json()})

    def __enter__(self) -> Tables:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._rows is not None:
            self._rows.close()


def _frame_s(recording: Recording) -> float:
    return float(1 / recording.rate) if recording.rate else 0.04
