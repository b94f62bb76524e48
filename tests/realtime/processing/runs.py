"""What tests of whole runs share: a run that tells nobody of its progress, and its table."""

from __future__ import annotations

import csv
from pathlib import Path

from realtime.analysis import Analyser
from realtime.processing.batch import results_of
from realtime.processing.film import Outcome, process_film
from realtime.processing.settings import Settings


def ignore(*_: object) -> None:
    """Hears of progress and does nothing."""


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.open(encoding="utf-8", newline="")))


def processed(source: Path, analyser: Analyser, settings: Settings) -> Outcome:
    return process_film(results_of(source, None, settings), analyser, settings, ignore)
