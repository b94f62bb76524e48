"""The `emoscope` command; subcommands are loaded on use, so that `emoscope --help` is instant.

Exit status: 0 done, 1 the work failed (one line on standard error says why), 2 wrong usage.
"""

from __future__ import annotations

import importlib
import sys
import traceback
from collections.abc import Sequence
from io import StringIO
from typing import NamedTuple, NoReturn

import click

from .errors import EmoscopeError, discreet, line_of
from .system.interrupts import hearing_endings, status_of_interruption, was_interrupted
from .system.libraries import missing_library, set_up_libraries, speak_plainly
from .system.terminal import say, say_line


class Entry(NamedTuple):
    """Where a subcommand lives ("module:attribute", below this package) and what it is for."""

    target: str
    help: str


COMMANDS: dict[str, Entry] = {
    "demo": Entry("commands.demo:demo", "The main job on a bundled clip."),
    "live": Entry("commands.live:live", "Camera, file or stream in a window."),
    "capture": Entry("commands.capture:capture", "Ten pictures and a clip, with what was read in each."),
    "process": Entry("commands.process:process", "Recorded files to annotated video, rows and chart."),
    "status": Entry("commands.status:status", "How far a data set is, and what failed."),
    "collect": Entry("commands.collect:collect", "Statistics over many films, in tables and on one page."),
    "explain": Entry("commands.explain:explain", "Pictures to figures of all between photo and decision."),
    "bench": Entry("commands.bench:bench", "Each stage in ms, and the whole against a plain transcode."),
    "serve": Entry("commands.serve:serve", "The same in a browser, on this machine only."),
    "site": Entry("commands.site:site", "The same as a static folder for any web server."),
    "doctor": Entry("commands.doctor:doctor", "What is installed, what is missing, how to get it."),
    "data": Entry("models.commands.data:data", "A first look at a data set."),
    "train": Entry("models.commands.train:train", "Train a network on a data set."),
    "tune": Entry("models.commands.tune:tune", "Search better settings for a network."),
    "bench-training": Entry("models.commands.bench_training:bench_training", "Training speed, plain against ours."),
    "evaluate": Entry("models.commands.evaluate:evaluate", "Networks against a data set, in figures and pictures."),
    "compare": Entry("models.commands.compare:compare", "Networks side by side, with their heat on the same faces."),
    "convert": Entry("convert.command:convert", "A Keras or ONNX classifier to the bundle of two graphs."),
    "faithfulness": Entry("models.commands.faithfulness:faithfulness", "Which heatmap tells the truth."),
    "atlas": Entry("models.commands.atlas:atlas", "What each filter of a network looks for."),
}


class LazyGroup(click.Group):
    """A click group whose subcommands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        row = COMMANDS.get(cmd_name)
        return row and _load(row.target)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, row.help) for name, row in COMMANDS.items()])


def _load(target: str) -> click.Command:
    module, _, attribute = target.partition(":")
    try:
        command: click.Command = getattr(importlib.import_module(f"{__package__}.{module}"), attribute)
    except ImportError as error:
        raise missing_library(error) or error from None
    return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="emoscope")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def cli(debug: bool) -> None:
    """Watch faces, name their emotion, and show why."""


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Runs the command line and exits with its status."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    sys.exit(run(arguments))


def run(arguments: Sequence[str]) -> int:
    """Runs the command line and returns its exit status, with one line on standard error where it fails."""
    set_up_libraries()
    speak_plainly()
    with hearing_endings():
        return _run(arguments)


def _run(arguments: Sequence[str]) -> int:
    try:
        status = cli.main(list(arguments), prog_name="emoscope", standalone_mode=False)
        return status if isinstance(status, int) else 0
    except click.ClickException as error:
        words = StringIO()
        error.show(words)
        say(discreet(words.getvalue()), nl=False, err=True)
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return _interrupted()
    except Exception as error:  # of the program's own as well: nobody who watches faces reads tracebacks
        if "--debug" in arguments:
            traceback.print_exc()
        if was_interrupted() and not isinstance(error, EmoscopeError):  # whatever it broke, the signal did it
            return _interrupted()
        say_line(f"emoscope: {line_of(error)}", err=True)
        return 1


def _interrupted() -> int:
    say("emoscope: interrupted", err=True)  # a terminal that was closed takes no words
    return status_of_interruption()
