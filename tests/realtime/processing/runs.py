"""What tests of whole runs share: a run that tells nobody of its progress, and its table."""

from __future__ import annotations

import csv
from pathlib import Path

from emoscope.processing.batch import results_of
from emoscope.processing.film import Outcome, process_film
from emoscope.processing.settings import Settings
from emoscope.reading.session import Session


def ignore(*_: object) -> None:
    """Hears of progress and does nothing."""


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.open(encoding="utf-8", newline="")))


def processed(source: Path, session: Session, settings: Settings) -> Outcome:
    return process_film(results_of(source, None, settings), session, settings, ignore)
