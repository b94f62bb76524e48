"""Moments at which time courses are laid one upon another: the start of each film, or events from a CSV file.

film,time_s,event          `film` as a path, a file's name or its stem; `event` may be missing
interview.mp4,12.5,question
"""

from __future__ import annotations

import csv
import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path, PurePath

import numpy as np

from ..errors import SourceError
from ..media.kinds import bare_name
from ..system.texts import no_text, open_text
from ..types import Floats
from .film_figures import FilmFigures, Seconds
from .intervals import Mean

START = "start"
BEFORE_S, AFTER_S, STEP_S = 2.0, 8.0, 0.2
"""Around an event, in seconds."""
FIRST_S, FIRST_STEP_S = 60.0, 1.0
"""After a film's start."""
MOST_STEPS = 2_000


@dataclass(frozen=True, slots=True)
class TimeWindow:
    """What is looked at around a moment, in seconds."""

    before_s: float
    after_s: float
    step_s: float

    @classmethod
    def of(cls, before_s: float | None, after_s: float | None, step_s: float | None, events: bool) -> TimeWindow:
        """What was asked for, and what is usual around events, or after a film's start.

        Args:
            before_s: seconds before the moment; None for what is usual.
            after_s: seconds after it; likewise.
            step_s: of the time course; likewise.
            events: whether moments are events, else each film's start.

        Raises:
            SourceError: it holds no step, or too many.
        """
        usual = (BEFORE_S, AFTER_S, STEP_S) if events else (0.0, FIRST_S, FIRST_STEP_S)
        asked = (before_s, after_s, step_s)
        before, after, step = (low if high is None else high for low, high in zip(usual, asked, strict=True))
        window = cls(before, after, step)
        if not 1 <= window.steps <= MOST_STEPS:
            told = f"{window.steps} steps of {step:g} s from -{before:g} to {after:g} s"
            raise SourceError(f"time courses of {told}: choose --before, --after and --step for 1 to {MOST_STEPS:,}")
        return window

    @property
    def steps(self) -> int:
        """How many there are."""
        return math.floor((self.before_s + self.after_s) / self.step_s + 1e-9)

    @property
    def edges_s(self) -> Seconds:
        """(steps + 1,) where steps begin and end, the moment itself at 0."""
        return np.arange(self.steps + 1, dtype=np.float64) * self.step_s - self.before_s


@dataclass(slots=True)
class Events:
    """Moments of films, by their name.

    Attributes:
        moments: of each film as it is named, (seconds, event).
        unused: names that no film has had so far.
    """

    moments: dict[str, list[tuple[float, str]]]
    unused: set[str] = field(default_factory=set)
    _alike: dict[str, list[str]] = field(init=False)

    def __post_init__(self) -> None:
        self._alike = defaultdict(list)
        for name in self.moments:
            self._alike[bare_name(name)].append(name)

    def of(self, film: str, source: str) -> list[tuple[float, str]]:
        """The moments of a film, whatever of its path it is named by.

        Args:
            film: what it is called, as `FilmRows` says.
            source: its full path; "" where nobody tells.
        """
        found = []
        for name in self._names(film, source):
            found += self.moments.get(name, [])
            self.unused.discard(name)
        return found

    def _names(self, film: str, source: str) -> Iterable[str]:
        path, called = PurePath(source), PurePath(film).name
        told = (source, path.name, path.stem) if source else ()
        # Of its suffix nothing is known, or the film was a link of this name to a file that is called otherwise.
        guessed = self._alike.get(called, ()) if path.stem != called else ()
        return dict.fromkeys((film, called, *told, *guessed))


def read_events(path: Path) -> Events:
    """Events from a CSV file.

    Raises:
        SourceError: it cannot be read, or a line is none.
    """
    moments: dict[str, list[tuple[float, str]]] = defaultdict(list)
    try:
        with open_text(path) as file:
            rows = csv.DictReader(file)
            if not {"film", "time_s"} <= set(rows.fieldnames or ()):
                raise SourceError(f"{path}: its first line does not name the columns film and time_s")
            for number, row in enumerate(rows, start=2):
                moments[row["film"]].append((_seconds(row["time_s"], path, number), row.get("event") or "event"))
    except UnicodeError as error:
        raise SourceError(no_text(path, error)) from None
    except (OSError, ValueError, csv.Error) as error:
        raise SourceError(f"{path}: cannot be read ({getattr(error, 'strerror', None) or error})") from None
    if not moments:
        raise SourceError(f"{path}: names no event: write a line film,time_s,event for each")
    return Events(dict(moments), set(moments))


def _seconds(text: str | None, path: Path, line: int) -> float:
    try:
        seconds = float(text or "")
    except ValueError:
        seconds = math.nan
    if not math.isfinite(seconds):
        raise SourceError(f"{path}: line {line}: {text!r} is no time in seconds")
    return seconds


class Courses:
    """Mean probabilities over time, aligned at moments: within a film the mean of its moments, then over films.

    Args:
        labels: class names.
        window: around each moment.
        events: the moments; None for the start of each film.

    Attributes:
        window: around each moment.
        means: of each kind of moment, (T, K).
        moments: how many of each kind there were.
    """

    def __init__(self, labels: tuple[str, ...], window: TimeWindow, events: Events | None) -> None:
        self.window, self.means, self.moments = window, dict[str, Mean](), defaultdict[str, int](int)
        self._labels, self._events = labels, events

    def add(self, film: FilmFigures) -> None:
        """Adds a film."""
        moments = [(film.first_s, START)] if self._events is None else self._events.of(film.film, film.source)
        kinds: dict[str, list[Floats]] = defaultdict(list)
        for time_s, kind in moments:
            kinds[kind].append(film.course(time_s, self.window.edges_s))
            self.moments[kind] += 1
        for kind, courses in kinds.items():
            mean = self.means.setdefault(kind, Mean((self.window.steps, len(self._labels))))
            mean.add(_mean(courses))


def _mean(courses: Iterable[Floats]) -> Floats:
    """Mean of the steps that are known."""
    stacked = np.stack(list(courses))
    known = ~np.isnan(stacked)
    with np.errstate(invalid="ignore"):
        mean: Floats = np.nansum(stacked, axis=0) / np.where(known.any(axis=0), known.sum(axis=0), np.nan)
    return mean
