"""`emoscope bench-training`: what the fused normalisation and bfloat16 bring on this machine."""

from __future__ import annotations

import click

from .. import backend


@click.command("bench-training")
@click.option("--batch", type=click.IntRange(2), default=128, show_default=True, help="Pictures per step.")
@click.option(
    "--rounds", type=click.IntRange(1), default=8, show_default=True, help="Steps of each kind that are timed."
)
def bench_training(batch: int, rounds: int) -> None:
    """Times training steps of a 1.2 M-parameter network, plain and ours, in turns."""
    backend.start()
    from ..training.benchmark import measure_training

    speeds = measure_training(batch, rounds)
    click.echo(f"Keras' own normalisation, float32: {speeds.plain:6.0f} images/s")
    click.echo(f"fused normalisation, as trained:   {speeds.ours:6.0f} images/s, {speeds.ratio:.2f} times as many")
