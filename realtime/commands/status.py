"""`emoscope status`: how far the films of a data set are."""

from __future__ import annotations

import json
from pathlib import Path

import click

from ..archive.manifest import DONE, FAILED, QUEUED, RUNNING, WAITING
from ..archive.status import DatasetStatus, films_in, status_of
from ..errors import printable
from ..processing.progress import clock

SHOWN = 20
STATES = (DONE, FAILED, RUNNING, WAITING)


@click.command()
@click.argument("folder", type=Path, metavar="DIR")
@click.option(
    "--list", "state", type=click.Choice(STATES), help="Print the paths of the films in this state, and no more."
)
@click.option("--json", "as_json", is_flag=True, help="All of it as JSON.")
def status(folder: Path, state: str | None, as_json: bool) -> int:
    """Tell how far a data set is: DIR is the folder that `process --dataset` writes, also while it does."""
    told = status_of(folder)
    if state is not None:
        for film in films_in(folder, state):
            click.echo(printable(film))
    elif as_json:
        click.echo(json.dumps(told.as_json(), indent=1, ensure_ascii=False))
    else:
        _tell(told)
    return 0


def _tell(told: DatasetStatus) -> None:
    waiting = told.states[WAITING] + told.states[QUEUED]
    total = sum(told.states.values())
    parts = [f"{told.states[DONE]:,} done", f"{told.states[FAILED]:,} failed", f"{told.states[RUNNING]:,} running"]
    more = "" if told.all_listed or not told.runs else ", and more are being listed"
    click.echo(f"{', '.join(parts)}, {waiting:,} waiting, of {total:,}{more}")
    if told.frames:
        rate = told.frames / max(told.seconds, 1e-9)
        click.echo(f"{told.frames:,} frames in {clock(told.seconds)} of work ({rate:.0f} frames/s a worker)")
    for one in told.running[:SHOWN]:
        where = f"by {one.run}, for {clock(one.for_s)}" if one.run else "when its run ended; it waits"
        click.echo(f"running: {printable(one.film)}, {where}")
    _more(len(told.running), RUNNING)
    for failure in told.failures[:SHOWN]:
        tries = f" ({failure.attempts} tries)" if failure.attempts > 1 else ""
        click.echo(printable(f"failed{tries}: {failure.error or failure.film}"))
    _more(len(told.failures), FAILED)
    if not told.runs:
        left = told.states[FAILED] + told.states[RUNNING] + waiting
        click.echo("no run is at work" + (": process --resume goes on" if left else ""))
    elif told.left_s is not None:
        click.echo(f"{clock(told.left_s)} left, as fast as in the last half hour")


def _more(count: int, state: str) -> None:
    if count > SHOWN:
        click.echo(f"{state}: {count - SHOWN:,} more, which --list {state} names")
