"""What was collected as one HTML page: how many films, what they show on average and how sure that is, in charts.

How it looks says `collected.html` among the templates of reports; here is what it says.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..report.html import render
from ..system.atomic import atomic_write
from . import charts
from .collected import Collected, short_names
from .events import START
from .film_figures import FilmFigures, Seconds
from .intervals import DRAWS, FEW, Mean

KEPT = charts.MOST_BARS


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page.

    Attributes:
        title: of it.
        told: what the chart shows.
        chart: as SVG, "" for none.
        alt: what stands for the chart where it cannot be seen.
        head: of a table.
        rows: of it.
    """

    title: str
    told: str
    chart: str = ""
    alt: str = ""
    head: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()

    @property
    def address(self) -> str:
        """The chart inside the page."""
        return f"data:image/svg+xml;base64,{base64.b64encode(self.chart.encode('utf-8')).decode('ascii')}"


class Page:
    """Takes note of the films that are shown one by one, and writes the page."""

    def __init__(self) -> None:
        self._films: list[tuple[str, Seconds]] | None = []

    def add(self, film: FilmFigures) -> None:
        """Adds a film; of many none is shown by itself."""
        if self._films is None or film.shares is None:
            return
        self._films.append((film.film, film.shares))
        if len(self._films) > KEPT:
            self._films = None

    def write(self, path: Path, collected: Collected, sources: Sequence[str]) -> None:
        """Writes the page.

        Args:
            path: of the HTML file; it appears only when it is whole.
            collected: what it tells.
            sources: what was collected, as the user named it.

        Raises:
            ResultError: the file cannot be written.
        """
        atomic_write(path, self._page(collected, sources), "choose another folder with -o")

    def _page(self, collected: Collected, sources: Sequence[str]) -> str:
        sections = [_shares(collected), self._each(collected), _transitions(collected), _together(collected)]
        sections += [_course(kind, mean, collected) for kind, mean in sorted(collected.courses.means.items())]
        return render(
            "collected.html",
            films=f"{collected.films:,} film{'s' * (collected.films != 1)}",
            sources=sources,
            facts=_facts(collected),
            sections=[section for section in sections if section is not None],
        )

    def _each(self, collected: Collected) -> Section | None:
        if not self._films or len(self._films) < 2:
            return None
        names = short_names([film for film, _ in self._films])
        chart = charts.films_chart(
            [names[film] for film, _ in self._films], [shares for _, shares in self._films], collected.labels
        )
        return Section("Film by film", "Shares of the time in which a face could be read.", chart, "a bar a film")


def _facts(collected: Collected) -> dict[str, str]:
    readable = float(collected.seconds.sum())
    return {
        "films": f"{collected.films:,}",
        "with a readable face": f"{collected.films_read:,}",
        "faces": f"{collected.faces:,}",
        "length": _length(collected.length_s),
        "readable time, all faces": _length(readable),
        "could not be read": f"{100 * collected.unreadable_s / max(readable + collected.unreadable_s, 1e-9):.1f} %",
    }


def _shares(collected: Collected) -> Section:
    if not collected.films_read:
        return Section("Shares of time", "In none of the films could a face be read.")
    mean, low, high, method = collected.mean_shares()
    how = f"percentile bootstrap over films, {DRAWS:,} draws" if method == "bootstrap" else "Student’s t over films"
    few = f" Of fewer than {FEW} films they are too narrow." if collected.films_read < FEW else ""
    sure = f"Lines are 95 % confidence intervals of the mean ({how}).{few}" if collected.films_read > 1 else ""
    dots = " A dot is a film." if 1 < len(collected.shares) <= charts.MOST_DOTS else ""
    told = f"Mean over films of each film’s share of the time in which a face could be read. {sure}{dots}"
    total = float(collected.seconds.sum()) or 1.0
    rows = [
        (label, _share(mean[number]), _ends(low[number], high[number]), _share(collected.seconds[number] / total))
        for number, label in enumerate(collected.labels)
    ]
    head = ("emotion", "mean over films", "95 % interval", "of all time, long films counting more")
    return Section("Shares of time", told, charts.shares_chart(collected), "shares of time", head, rows)


def _transitions(collected: Collected) -> Section | None:
    changes = int(collected.followed.sum())
    if not changes:
        return None
    told = (
        f"{changes:,} changes from one emotion to another in a face that was neither gone nor unreadable in between; "
        "a row is what followed, as a share, mean over the films in which that emotion was left. Intervals "
        "(Student’s t over films) are in the table “transitions”."
    )
    return Section("What follows what", told, charts.transitions_chart(collected), "transitions")


def _together(collected: Collected) -> Section | None:
    total = float(collected.together.sum())
    if not total:
        return None
    same, chance, more = collected.agreeing.mean
    low, high = (float(end[2]) for end in collected.agreeing.interval())
    films = int(collected.agreeing.count[0])
    sure = f" (95 % interval {_points(low)} to {_points(high)}, Student’s t over films)" if films > 1 else ""
    told = (
        f"{_length(total)} in {films:,} film{'s' * (films != 1)} with several readable faces. Two faces show the same "
        f"emotion {_share(same)} of that time, where chance would make it {_share(chance)}: {_points(more)} points"
        f"{sure}."
    )
    chart = charts.together_chart(collected)
    if chart:
        told += " Cells tell how many times as often as by chance; empty ones would have less than a second."
    return Section("Together", told, chart, "co-occurrence")


def _course(kind: str, mean: Mean, collected: Collected) -> Section | None:
    moments, films = collected.courses.moments[kind], int(mean.count.max(initial=0))
    title = "From the start" if kind == START else f"Around “{kind}”"
    times = "" if kind == START else f"{moments:,} time{'s' * (moments != 1)} in "
    if films < charts.LEAST_FILMS:
        return None
    told = (
        f"Mean probability of all readable faces, {times}{films:,} film{'s' * (films != 1)}, first within each film. "
        "Bands are 95 % confidence intervals (Student’s t over films). Lines end where less than half of the films go "
        "on; the table “courses” goes to the end, with the number of films at each step."
    )
    return Section(title, told, charts.courses_chart(mean, collected), "courses over time")


def _share(share: float) -> str:
    return "–" if np.isnan(share) else f"{100 * share:.1f} %"


def _points(share: float) -> str:
    return f"{100 * share:+.1f}".replace("-", "−")


def _ends(low: float, high: float) -> str:
    return "–" if np.isnan(low) else f"{100 * low:.1f} – {100 * high:.1f} %"


def _length(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:,.1f} h"
