"""One row of the table of bad input, and the common ways of writing one."""

from __future__ import annotations

from dataclasses import dataclass

DRAWN = "process -o out --no-chart"


@dataclass(frozen=True, slots=True)
class Row:
    """One run.

    Attributes:
        arguments: of `emoscope`, parted by single spaces.
        status: 0 where something could be read, 1 where nothing could, 2 for wrong usage.
        err: standard error, whole, folders cut off.
        left: files that it leaves.
    """

    arguments: str
    status: int
    err: str
    left: tuple[str, ...] = ()


def refused(arguments: str, why: str) -> Row:
    """One line, status 1, nothing left."""
    return Row(arguments, 1, f"emoscope: {why}\n")


def read(arguments: str, stem: str, warning: str = "") -> Row:
    """A film whose rows are whole, with at most one warning."""
    said = f"warning: {warning}\n" if warning else ""
    return Row(arguments, 0, said, (f"out/{stem}.faces.csv", f"out/{stem}.summary.json"))


def wrong(arguments: str, command: str, takes: str, why: str) -> Row:
    """Wrong usage: what is right, and what is wrong."""
    usage = f"Usage: emoscope {command} {takes}\nTry 'emoscope {command} --help' for help.\n\nError: {why}\n"
    return Row(arguments, 2, usage)
