"""What many films show together: sums and intervals over films, from one film after another.

What is kept grows with the number of films by their shares of time alone, 64 bytes a film.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from .events import Courses, Events, TimeWindow
from .film_figures import FilmFigures, Numbers, Seconds
from .intervals import Mean, Values, interval


class Collected:
    """Everything about all films.

    Args:
        labels: class names.
        window: around the moments at which time courses are aligned.
        events: these moments; None for the start of each film.

    Attributes:
        labels: class names.
        films: how many there are.
        films_read: in how many a face could be read.
        faces: how many there are in all films.
        frames: that were looked at.
        length_s: of all films.
        seconds: (K,) time per emotion, all films together.
        unreadable_s: time in which a face could not be read.
        followed: (K, K) how often an emotion (row) was followed by another (column).
        following: (K, K) shares of what followed an emotion (row), mean over the films in which something did.
        together: (K, K) seconds in which two faces showed an emotion each.
        agreeing: [same emotion, the same by chance, difference], shares of the time with several faces, over films.
        courses: mean probabilities over time.
    """

    def __init__(self, labels: tuple[str, ...], window: TimeWindow, events: Events | None = None) -> None:
        count = len(labels)
        self.labels = labels
        self.films = self.films_read = self.faces = self.frames = 0
        self.length_s = self.unreadable_s = 0.0
        self.seconds: Seconds = np.zeros(count)
        self.followed: Numbers = np.zeros((count, count), np.int64)
        self.following = Mean((count, count))
        self.together: Seconds = np.zeros((count, count))
        self.agreeing = Mean((3,))
        self.courses = Courses(labels, window, events)
        self._shares: list[Seconds] = []

    def add(self, film: FilmFigures) -> None:
        """Adds a film."""
        self.films += 1
        self.faces += len(film.faces)
        self.frames += film.frames
        self.length_s += film.seconds_long
        self.unreadable_s += sum(face.unreadable_s for face in film.faces)
        self.seconds += film.seconds
        if film.shares is not None:
            self.films_read += 1
            self._shares.append(film.shares)
        self._add_followed(film.followed)
        self._add_together(film.together)
        self.courses.add(film)

    @property
    def shares(self) -> Values:
        """(films, K) shares of time in each film in which a face could be read."""
        return np.stack(self._shares) if self._shares else np.empty((0, len(self.labels)))

    def mean_shares(self) -> tuple[Values, Values, Values, str]:
        """(K,) mean share over films, both ends of its interval, and what the interval is from."""
        shares = self.shares
        mean = shares.mean(axis=0) if len(shares) else np.full(len(self.labels), np.nan)
        return (mean, *interval(shares))

    def expected_together(self) -> Seconds:
        """(K, K) seconds in which two faces would show these emotions if neither knew of the other."""
        total = self.together.sum()
        own = self.together.sum(axis=0)
        return np.outer(own, own) / total if total > 0 else np.zeros_like(self.together)

    def _add_followed(self, followed: Numbers) -> None:
        self.followed += followed
        total = followed.sum(axis=1, keepdims=True)
        self.following.add(np.where(total > 0, followed / np.maximum(total, 1), np.nan))

    def _add_together(self, together: Seconds) -> None:
        self.together += together
        total = float(together.sum())
        if total > 0:
            own = together.sum(axis=0) / total
            same, chance = float(np.trace(together)) / total, float(own @ own)
            self.agreeing.add(np.array([same, chance, same - chance]))


def short_names(films: list[str]) -> dict[str, str]:
    """Films by names that are short and no two of them alike: the file's, with as many of its folders as it takes."""
    parts = {film: film.replace("\\", "/").split("/") for film in films}
    names = dict.fromkeys(films, 1)
    while True:
        groups: dict[str, list[str]] = defaultdict(list)
        for film in films:
            groups["/".join(parts[film][-names[film] :])].append(film)
        alike = [
            film for group in groups.values() if len(group) > 1 for film in group if names[film] < len(parts[film])
        ]
        if not alike:
            return {film: "/".join(parts[film][-names[film] :]) for film in films}
        for film in alike:
            names[film] += 1
