"""`emoscope doctor`: what is installed, what works, what is missing and how to get it."""

from __future__ import annotations

import click

from ..doctor import BAD, GOOD, NOTE, examine

COLOURS = {GOOD: "green", NOTE: "yellow", BAD: "red"}


@click.command()
def doctor() -> int:
    """Tell what is installed, what works, what is missing and how to get it.

    Exit status 1 where something that EmoScope needs is missing.
    """
    broken = 0
    for finding in examine():
        broken += finding.verdict == BAD
        verdict = click.style(f"{finding.verdict:<8}", fg=COLOURS[finding.verdict])
        click.echo(f"{verdict}{finding.subject:<31} {finding.detail}")
    return 1 if broken else 0
