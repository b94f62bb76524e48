"""What is written beside the film: rows as they come, summary and chart at the end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..errors import ResultError, printable
from ..media.reader import Recording
from ..network.network import Network
from ..report.lanes import Lanes
from ..report.rows import Rows
from ..report.summary import MADE, Summary, write_summary
from ..system.closing import Closing
from ..types import Reading
from .results import CHART, SUMMARY, AtomicResults
from .settings import Settings
from .table import open_rows


class Tables(Closing):
    """Rows, summary and chart of one recording; a context manager that closes the rows.

    Args:
        drafts: where they are written.
        recording: what they tell of.
        network: that reads it.
        settings: of the run.
        own: numbers of the faces whose own baseline is taken off.

    Attributes:
        beside: a line for each track of sound or subtitles that is not in the new film as it was.
    """

    def __init__(
        self,
        drafts: AtomicResults,
        recording: Recording,
        network: Network,
        settings: Settings,
        own: Sequence[int] = (),
    ) -> None:
        labels, prior = network.contract.labels, settings.look(network.contract).prior
        self._drafts, self._recording, self._settings = drafts, recording, settings
        frame_s = _frame_s(recording)
        self._summary, self._lanes = Summary(labels, frame_s), Lanes(labels, frame_s)
        self._about: dict[str, Any] = {
            "source": printable(recording.path.name),
            "model": network.name,
            "every": settings.every,
            "prior": prior,
            "baseline": settings.baseline,
        }
        if settings.baseline is not None:
            self._about["faces_with_baseline"] = sorted(own)
        if settings.maker is not None:
            self._about[MADE] = settings.maker.record(drafts.results.source, network.provider)
        self.beside: list[str] = []
        self._rows: Rows | None = None
        if settings.rows is not None:
            self._rows = open_rows(drafts, settings, network.contract, prior)

    def add(self, index: int, time_s: float, readings: Sequence[Reading]) -> None:
        """Adds a frame that was looked at: its number, its time in seconds, what was read of each face."""
        if self._rows is not None:
            self._rows.add(index, time_s, readings)
        self._summary.add(time_s, readings)
        self._lanes.add(time_s, readings)

    def finish(self, recording: Recording | None = None) -> None:
        """Writes chart and summary; call it when the rows are closed.

        Args:
            recording: knows what could not be read, and what was done to the pictures; None for the one of before.

        Raises:
            ResultError: they cannot be written.
        """
        self._recording = recording or self._recording
        self._summary.close()
        self._lanes.close()
        try:
            self._write_end()
        except OSError as error:
            told = f"chart and summary cannot be written ({error.strerror}): is the disk full, or the folder gone?"
            raise ResultError(f"{self._drafts.results.folder}: {told}") from None

    def _write_end(self) -> None:
        damage = self._recording.damage
        if self._settings.chart:
            # Imported here: a run without charts need not wait for matplotlib.
            from ..report.timeline import draw_timeline

            title = str(self._about["source"])
            draw_timeline(self._drafts.path(CHART), title, self._lanes, self._summary.last_s, damage.stretches)
        if SUMMARY not in self._drafts.results.kinds:
            return
        about = {**self._about, "picture": self._recording.as_json(), "sound_and_subtitles": self.beside}
        about["damage"] = damage.as_json()
        write_summary(self._drafts.path(SUMMARY), self._summary, about)

    def close(self) -> None:
        """Writes the rows that are still held back, and closes their file."""
        if self._rows is not None:
            self._rows.close()


def _frame_s(recording: Recording) -> float:
    return float(1 / recording.rate) if recording.rate else 0.04
