"""A million films, and a stand-in for the work on each: what the list, the manifest and the memory of a long run cost.

    python -m emoscope.benchmark.archive [FILMS...] [--folder DIR] [--workers N]

For each number of films, empty files and a list of them are made, and `process --inputs LIST --dataset DIR` is run in a
process of its own with everything but the work and its rows: how long until the first film is begun, how long a film
takes, how large the process is after a tenth of the films and at the end; then once more with `--resume`, where every
film is found done. With `--workers` films go over a Dask cluster of so many processes here, whose scheduler lives in
the measured process. Where times a film stay the same, no step grows faster than the list.
"""

from __future__ import annotations

import json
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter, process_time

import click

from ..archive.layout import Layout
from ..archive.manifest import DueFilm, MakerRow
from ..processing.archive import DatasetWork
from ..processing.batch import Progress
from ..processing.cluster import LOCAL, process_on_cluster
from ..processing.film import Outcome
from ..processing.record import Maker
from ..processing.results import Results
from ..processing.settings import RowStore, Settings
from ..processing.todo import Order
from ..reading.session import open_session
from ..system.memory import peak_mb, resident_mb
from ..view.state import first_state

A_FOLDER = 1_000
"""Films in one folder."""
NUMBERS = (10_000, 100_000, 1_000_000)
HASH = "0" * 64


@dataclass(frozen=True, slots=True)
class ArchiveRun:
    """What a run over many films cost.

    Attributes:
        first_s: until the first film was begun.
        whole_s: until the end.
        processor_s: of this, at work on the processor: what counts where the machine has other things to do.
        early_mb: size of the process after a tenth of the films.
        peak_mb: at most, up to the end.
        done: films that were done, or found done.
    """

    first_s: float
    whole_s: float
    processor_s: float
    early_mb: float
    peak_mb: float
    done: int


class _StandIn(DatasetWork):
    """Notes what is done without asking for its rows."""

    def _finish(self, film: DueFilm, outcome: Outcome) -> None:
        self._manifest.finish(film.id, outcome.frames, outcome.seconds, platform.node(), HASH[:16], rows=False)


def simulate(listing: Path, folder: Path, films: int, resume: bool, workers: int) -> ArchiveRun:
    """Runs over the films of a list, and does nothing with each.

    Args:
        listing: names them.
        folder: of the data set.
        films: how many there are.
        resume: whether they are done already.
        workers: of a cluster; 0 for none.
    """
    begun, worked, first_s, early_mb, done = perf_counter(), process_time(), 0.0, 0.0, 0
    order, settings = Order((), resume=resume, listing=listing), _settings(folder)
    with _StandIn(order, settings) as work:

        def start(source: Path, frames: int, share: float | None) -> None:
            nonlocal first_s
            first_s = first_s or perf_counter() - begun
            work.started(source)

        everything = (one for chunk in work.chunks() for one in chunk)
        if workers:
            told: list[str] = []
            outcomes: Iterator[Outcome] = process_on_cluster(
                everything, settings, start, LOCAL, workers, told.append, beat=work.beat, work=stand_in
            )
        else:
            outcomes = (_alone(one, start) for one in everything)
        for outcome in outcomes:
            assert not outcome.error, outcome.error
            work.note(outcome)
            done += 1
            if done == films // 10:
                early_mb = resident_mb()
        work.finish()
    return ArchiveRun(first_s, perf_counter() - begun, process_time() - worked, early_mb, peak_mb(), done)


def _alone(one: Results | Outcome, start: Progress) -> Outcome:
    start(one.source, 0, None)
    return stand_in(one) if isinstance(one, Results) else one


def stand_in(results: Results, *_: object) -> Outcome:
    """What a worker does with a film: nothing."""
    return Outcome(results.source, frames=250, seconds=1.0)


def _settings(folder: Path) -> Settings:
    row = MakerRow("nothing-000000000000", "s000000000000", {"asked": {}})
    maker = Maker({}, {}, HASH, HASH)
    dataset = RowStore(Layout(folder), row, ("happy", "sad"))
    return Settings(open_session, first_state, video=False, rows="parquet", chart=False, maker=maker, dataset=dataset)


def make_films(folder: Path, count: int) -> Path:
    """Makes so many empty files in folders of a thousand; returns the list of them."""
    listing = folder / "films.txt"
    with listing.open("w", encoding="utf-8") as out:
        for number in range(count):
            place = folder / f"{number // A_FOLDER:04}"
            if number % A_FOLDER == 0:
                place.mkdir()
            path = place / f"film-{number:07}.mp4"
            path.touch()
            out.write(f"{path}\n")
    return listing


@click.command()
@click.argument("numbers", nargs=-1, type=click.IntRange(10), metavar="[FILMS]...")
@click.option("--folder", type=Path, help="For the files that are made; default: the system's for such.")
@click.option("--workers", default=0, type=click.IntRange(0), help="Of a Dask cluster on this machine; default: none.")
@click.option("--only", nargs=3, type=str, hidden=True)
def main(numbers: tuple[int, ...], folder: Path | None, workers: int, only: tuple[str, str, str] | None) -> None:
    """Prints what a run over so many films costs: by default over ten thousand, a hundred thousand and a million."""
    if only is not None:
        listing, place, resume = only
        run = simulate(Path(listing), Path(place), numbers[0], resume == "resume", workers)
        print(json.dumps(asdict(run)))
        return
    heads = ("first begun", "whole", "processor", "a film", "after 1/10", "at most")
    print(f"{'films':>10} {'':8}" + "".join(f"{head:>13}" for head in heads))
    for number in numbers or NUMBERS:
        with tempfile.TemporaryDirectory(dir=folder, prefix="emoscope-") as made:
            listing_path = make_films(Path(made), number)
            for how in ("anew",) if workers else ("anew", "resume"):  # what is done already never goes to a worker
                arguments = (str(number), "--workers", str(workers), "--only", str(listing_path), f"{made}/set", how)
                line = [sys.executable, "-m", "emoscope.benchmark.archive", *arguments]
                run = ArchiveRun(**json.loads(subprocess.run(line, check=True, capture_output=True, text=True).stdout))
                assert run.done == number
                film_us = 1e6 * run.processor_s / number
                times = (
                    f"{run.first_s:.2f} s",
                    f"{run.whole_s:.1f} s",
                    f"{run.processor_s:.1f} s",
                    f"{film_us:.0f} µs",
                )
                cells = (*times, f"{run.early_mb:.0f} MB", f"{run.peak_mb:.0f} MB")
                print(f"{number:>10,} {how:8}" + "".join(f"{cell:>13}" for cell in cells), flush=True)


if __name__ == "__main__":
    main()
