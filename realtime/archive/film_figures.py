"""What one film shows, in numbers: how long each face showed what, what followed what, who showed what together.

Every frame counts for as long as it is shown, by the rules of a film's own summary (`emoscope.report.spans`), so that
its shares are the summary's.

    together    each moment with several readable faces counts once, shared among all pairs of them
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..report.spans import GAP_S, NOTHING, EmotionSpan
from ..types import Floats
from .tables import NOBODY, FilmRows

USUAL_S = 0.04
"""How long the frame of a picture counts, or the only one of a film."""

ROUNDED_S = 1e-6
"""Times in tables are rounded to this: a frame that lies on an edge by less belongs behind it."""

Numbers = NDArray[np.int64]
Seconds = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class FaceFigures:
    """What one face showed.

    Attributes:
        face: its number in the film.
        frames: in which it was seen.
        first_s, last_s: when it was first seen, and until when.
        seconds: (K,) time per emotion.
        unreadable_s: time in which it could not be read.
        weighted: (K,) probabilities summed over time, in seconds.
        followed: (K, K) how often an emotion (row) was followed by another (column).
        spans: each emotion without a break, in order of time.
    """

    face: int
    frames: int
    first_s: float
    last_s: float
    seconds: Seconds
    unreadable_s: float
    weighted: Seconds
    followed: Numbers
    spans: tuple[EmotionSpan, ...]

    @property
    def seen_s(self) -> float:
        """How long it was seen."""
        return float(self.seconds.sum()) + self.unreadable_s


class FilmFigures:
    """What one film shows.

    Args:
        rows: of the film.

    Attributes:
        rows: of the film.
        film: its name.
        source: its full path; "" where nobody tells.
        labels: class names.
    """

    def __init__(self, rows: FilmRows) -> None:
        self.rows, self.film, self.source, self.labels = rows, rows.film, rows.source, rows.labels
        self._durations = _durations(rows)

    @cached_property
    def seconds_long(self) -> float:
        """How long the film is, as far as it was looked at, in seconds."""
        first = np.unique(self.rows.frames, return_index=True)[1]
        return float(self._durations[first].sum())

    @cached_property
    def frames(self) -> int:
        """How many frames were looked at."""
        return len(np.unique(self.rows.frames))

    @cached_property
    def faces(self) -> tuple[FaceFigures, ...]:
        """Of each face, by number."""
        numbers = np.unique(self.rows.faces)
        return tuple(self._face(int(number)) for number in numbers if number != NOBODY)

    @cached_property
    def seconds(self) -> Seconds:
        """(K,) time per emotion, all faces together."""
        return sum((face.seconds for face in self.faces), np.zeros(len(self.labels)))

    @cached_property
    def shares(self) -> Seconds | None:
        """(K,) shares of the time in which faces could be read; None where none could."""
        total = float(self.seconds.sum())
        return self.seconds / total if total > 0 else None

    @cached_property
    def followed(self) -> Numbers:
        """(K, K) how often an emotion (row) was followed by another (column), in any face."""
        return sum((face.followed for face in self.faces), np.zeros((len(self.labels),) * 2, np.int64))

    @cached_property
    def together(self) -> Seconds:
        """(K, K) seconds in which one face showed an emotion and another one showed one; symmetric."""
        read = self.rows.emotions != NOTHING
        frames, places = np.unique(self.rows.frames[read], return_inverse=True)
        counts = np.zeros((len(frames), len(self.labels)))
        np.add.at(counts, (places, self.rows.emotions[read]), 1)
        lasting = np.zeros(len(frames))
        lasting[places] = self._durations[read]
        several = counts.sum(axis=1) > 1
        counts, people = counts[several], counts[several].sum(axis=1)
        weights = lasting[several] / (people * (people - 1))
        weighted: Seconds = counts.T * weights
        together: Seconds = weighted @ counts - np.diag(weighted.sum(axis=1))
        return together

    def course(self, begin_s: float, edges_s: Seconds) -> Floats:
        """(T, K) mean probabilities of all readable faces between edges that count from `begin_s`; NaN for none.

        Args:
            begin_s: on the film's clock.
            edges_s: (T + 1,) rising.
        """
        steps, labels = len(edges_s) - 1, len(self.labels)
        read = self.rows.emotions != NOTHING
        places = np.searchsorted(edges_s, self.rows.times_s[read] - begin_s + ROUNDED_S, side="right") - 1
        inside = (places >= 0) & (places < steps)
        sums, weights = np.zeros((steps, labels)), np.zeros(steps)
        lasting = self._durations[read][inside]
        np.add.at(sums, places[inside], self.rows.probabilities[read][inside] * lasting[:, None])
        np.add.at(weights, places[inside], lasting)
        with np.errstate(invalid="ignore"):
            return (sums / weights[:, None]).astype(np.float32)

    @property
    def first_s(self) -> float:
        """When the film begins, on its own clock."""
        return float(self.rows.times_s[0])

    def _face(self, number: int) -> FaceFigures:
        own = self.rows.faces == number
        starts, lasting = self.rows.times_s[own], self._durations[own]
        emotions, ends = self.rows.emotions[own], self.rows.times_s[own] + self._durations[own]
        read, count = emotions != NOTHING, len(self.labels)
        gone = starts[1:] - ends[:-1] > GAP_S
        changed = (emotions[1:] != emotions[:-1]) & ~gone & read[1:] & read[:-1]
        followed = np.zeros((count, count), np.int64)
        np.add.at(followed, (emotions[:-1][changed], emotions[1:][changed]), 1)
        return FaceFigures(
            number,
            int(own.sum()),
            float(starts[0]),
            float(ends[-1]),
            np.bincount(emotions[read], lasting[read], count).astype(np.float64),
            float(lasting[~read].sum()),
            (self.rows.probabilities[own][read].astype(np.float64) * lasting[read][:, None]).sum(axis=0),
            followed,
            tuple(self._spans(starts, ends, emotions, gone)),
        )

    def _spans(
        self, starts: Seconds, ends: Seconds, emotions: Numbers, gone: NDArray[np.bool_]
    ) -> Iterator[EmotionSpan]:
        cuts = np.flatnonzero(gone | (emotions[1:] != emotions[:-1])) + 1
        for first, end in zip([0, *cuts.tolist()], [*cuts.tolist(), len(emotions)], strict=True):
            if emotions[first] != NOTHING:
                begin_s, end_s = float(starts[first]), float(ends[end - 1])
                yield EmotionSpan(end_s - begin_s, self.labels[emotions[first]], begin_s, end_s)


def _durations(rows: FilmRows) -> Seconds:
    """(N,) how long the frame of each row is shown: until the next one; the last as long as the one before."""
    _, first, places = np.unique(rows.frames, return_index=True, return_inverse=True)
    lasting = np.diff(rows.times_s[first])
    last = lasting[-1] if len(lasting) else USUAL_S
    return np.append(lasting, last)[places]
