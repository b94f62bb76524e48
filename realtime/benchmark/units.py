"""What it costs to follow one map back to the pixels, in parts of the plain network's processor time.

    python -m emoscope.benchmark.units [MODEL…]

One face, one thread, the requests of the window (probabilities, maps and one rule), all in turns in the same run; the
median of each, first at the first layer, then where each stage ends.
"""

from __future__ import annotations

from statistics import median
from time import process_time

import click
import numpy as np

from ..network.bundle import DEFAULT_MODEL, open_bundle
from ..network.network import Network, Request

TURNS, WARM_UP = 60, 5


def costs(network: Network) -> dict[Request, float]:
    """Median milliseconds of processor time of each request, the plain one first."""
    contract = network.contract
    faces = np.random.default_rng(0).random((1, *contract.input.shape), np.float32)
    layers = dict.fromkeys((contract.layer_names[0], *(layer.name for layer in contract.stage_ends)))
    asked = [Request(name, maps=True, rule=rule, unit=0) for name in layers for rule in network.rules(name)]
    spent: dict[Request, list[float]] = {Request(): [], **{request: [] for request in asked}}
    for turn in range(WARM_UP + TURNS):
        for request, times in spent.items():
            begin = process_time()
            network.answer(faces, request)
            times += [1000 * (process_time() - begin)] if turn >= WARM_UP else []
    return {request: median(times) for request, times in spent.items()}


@click.command()
@click.argument("models", nargs=-1)
def main(models: tuple[str, ...]) -> None:
    """Measure MODELS, shipped names or paths [default: the default network]."""
    for model in models or (DEFAULT_MODEL,):
        found = costs(Network(open_bundle(model), kept=100))
        plain = found.pop(Request())
        click.echo(f"{model}: the plain network {plain:.2f} ms")
        for request, spent in found.items():
            click.echo(f"  {request.layer:<20}{request.rule:<16}{spent:6.2f} ms{spent / plain:7.2f} ×")


if __name__ == "__main__":
    main()
