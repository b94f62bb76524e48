"""`emoscope collect`: what the tables of many films say together."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from ..archive import listing, span_files
from ..archive.collected import Collected
from ..archive.events import Events, TimeWindow, read_events
from ..archive.film_figures import FilmFigures
from ..archive.layout import key_of, plain
from ..archive.tables import films_of
from ..errors import SourceError
from ..media.kinds import bare_name
from ..processing.progress import clock
from ..report.counted import counted

PAGE, SPANS = "collected.html", "spans"
FOLDER = "collected"


class Kinds(click.ParamType):  # type: ignore[type-arg,unused-ignore]
    """Names of formats, with commas between them."""

    name = ",".join(span_files.FORMATS)

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:
        if isinstance(value, tuple):
            return value
        kinds = tuple(dict.fromkeys(str(value).replace(" ", "").split(",")))
        if wrong := [kind for kind in kinds if kind not in span_files.FORMATS]:
            self.fail(f"{wrong[0]!r} is none of {', '.join(span_files.FORMATS)}", param, ctx)
        return kinds


SECONDS = click.FloatRange(0, 86_400)


@click.command()
@click.argument("sources", nargs=-1, required=True, type=Path, metavar="DIR|FILE...")
@click.option("-o", "--output", type=Path, help=f"Folder for the results; default: {FOLDER} in the first DIR.")
@click.option(
    "--format", "kind", type=click.Choice(listing.FORMATS), default="csv", show_default=True, help="Of tables."
)
@click.option("--events", type=Path, help="CSV with the columns film, time_s and, if you like, event.")
@click.option("--before", type=SECONDS, help="Seconds before an event that time courses show; default: 2.")
@click.option("--after", type=SECONDS, help="Seconds behind it; default: 8, and 60 behind a film's start.")
@click.option("--step", type=click.FloatRange(0.001, 3600), help="Of time courses, in seconds; default: 0.2, and 1.")
@click.option("--export", "exports", type=Kinds(), default=(), help="Spans for subtitles and for ELAN.")
@click.option(
    "--shortest",
    type=SECONDS,
    default=span_files.SHORTEST_S,
    show_default=True,
    help="Spans shorter are not exported.",
)
@click.option("--only", default="", help="Part of the name of a folder of rows, where a data set holds several.")
def collect(
    sources: Sequence[Path],
    output: Path | None,
    kind: str,
    events: Path | None,
    before: float | None,
    after: float | None,
    step: float | None,
    exports: Sequence[str],
    shortest: float,
    only: str,
) -> int:
    """Statistics over many films: DIR is a data set or a folder with tables of EmoScope, FILE such a table.

    Shares of time with confidence intervals over films, what follows what, what faces show together, and courses over
    time from each film's start or around events; as tables and as one page with charts.
    """
    # Imported here: matplotlib takes a second, and a wrong option need not wait for it.
    from ..archive.page import Page

    moments = None if events is None else read_events(events)
    window = TimeWindow.of(before, after, step, events is not None)
    folder = output or _beside(sources[0])
    page, wanted = Page(), films_of(sources, only)
    first = next(wanted, None)
    if first is None:
        raise SourceError(f"{sources[0]}: holds no rows yet")
    collected = Collected(first.labels, window, moments)
    spans = _Spans(folder / SPANS, exports, shortest)
    with listing.Films(folder, kind, first.labels) as films:
        for rows in _chain(first, wanted):
            film = FilmFigures(rows)
            for add in (collected.add, films.add, page.add, spans.add):
                add(film)
    listing.write_tables(folder, kind, collected)
    page.write(folder / PAGE, collected, [str(source) for source in sources])
    _tell(folder, collected, moments)
    return 0


def _chain(first: Any, rest: Any) -> Any:
    yield first
    yield from rest


class _Spans:
    """Writes the spans of each film under a name of its own."""

    def __init__(self, folder: Path, kinds: Sequence[str], shortest_s: float) -> None:
        self._folder, self._kinds, self._shortest_s = folder, kinds, shortest_s
        self._names: set[str] = set()

    def add(self, film: FilmFigures) -> None:
        if not self._kinds:
            return
        name = plain(bare_name(Path(film.film).name))
        if name in self._names:
            name = f"{name}-{key_of(film.film)[:8]}"
        self._names.add(name)
        span_files.export(film, self._folder, name, self._kinds, self._shortest_s)


def _beside(source: Path) -> Path:
    return (source if source.is_dir() else source.parent) / FOLDER


def _tell(folder: Path, collected: Collected, moments: Events | None) -> None:
    if moments is not None and moments.unused:
        names = sorted(moments.unused)
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        click.echo(f"note: events of films that are not among these: {', '.join(names[:3])}{more}", err=True)
    found = f"{counted(collected.films, 'film')}, {counted(collected.faces, 'face')}, {clock(collected.length_s)}"
    click.echo(f"{found} → {folder}: {PAGE} and tables")
