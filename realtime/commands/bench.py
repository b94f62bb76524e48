"""`emoscope bench`: each stage in ms, and the whole against a plain transcode of the same file."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import click

from ..benchmark.measure import RUNS, Bench, measure_processing
from ..media.encoding import Encoding
from ..processing.finding import PACE
from ..processing.settings import Settings
from ..reading.session import open_session
from ..system.bundled import assets, bundled
from ..view.state import ViewOptions
from .options import look_options, model_options

BAR_MS = 0.5
"""Milliseconds that one block of a stage's bar stands for."""


@click.command()
@click.argument("video", required=False, type=Path)
@model_options
@look_options
@click.option("--runs", type=click.IntRange(1), default=RUNS, show_default=True, help="Of which medians are taken.")
@click.option("--json", "as_json", is_flag=True, help="The figures as JSON.")
def bench(video: Path | None, model: str, provider: str, detector: str, runs: int, as_json: bool, **look: Any) -> None:
    """Time the processing of VIDEO (default: the demo clip), stage by stage and against a plain transcode."""
    settings = Settings(
        partial(open_session, model, provider, detector, pace=PACE, steady=True),
        ViewOptions(**look).state,
        encoding=Encoding(),
    )
    result = measure_processing(video or bundled(assets(), "demo.mp4"), settings, runs)
    click.echo(json.dumps(result.as_json(), indent=1, ensure_ascii=False) if as_json else table(result))


def table(result: Bench) -> str:
    """The figures for people."""
    speeds = result.frames_per_s
    lines = [
        f"{result.video}: {result.width}×{result.height}, {result.frames} frames, {result.faces:g} faces in a frame",
        f"{result.machine}; medians of {result.runs}",
        "",
        "one frame, stage by stage on one thread",
        *(f"  {name:<9}{ms:7.2f} ms  {'▪' * round(ms / BAR_MS)}" for name, ms in result.stages_ms.items()),
        "",
        "whole file, all stages at once",
        f"  with film {speeds['with film']:7.1f} frames/s   {result.with_film:.2f} of a plain transcode"
        f" ({speeds['transcode']:.1f}), {result.with_film_all_threads:.2f} of one on all threads"
        f" ({speeds['transcode, all threads']:.1f})",
        f"  rows only {speeds['rows only']:7.1f} frames/s   {result.rows_only:.2f} of plain decoding"
        f" ({speeds['decode']:.1f}), {result.rows_only_all_threads:.2f} on all threads"
        f" ({speeds['decode, all threads']:.1f}), {result.rows_only_bgr:.2f} of decoding to BGR pictures"
        f" ({speeds['decode to BGR']:.1f})",
        "",
        "one frame, processor time of all threads together",
        *(f"  {name:<23}{ms:7.2f} ms  {_times(name, result)}".rstrip() for name, ms in result.processor_ms.items()),
        "",
        f"  memory    {result.peak_mb:7.0f} MB at most, in a process of its own",
    ]
    return "\n".join(lines)


def _times(name: str, result: Bench) -> str:
    """How processing compares with its yardstick; nothing for the yardsticks themselves."""
    shares = {"with film": result.with_film_processor, "rows only": result.rows_only_processor}
    return f"{shares[name]:.2f} times a plain transcode" if name in shares else ""
