"""A trained network to the pair that is run, from within the program: the very command `convert`, without its table."""

from __future__ import annotations

import io
from contextlib import redirect_stdout
from pathlib import Path

import click

from emoscope.errors import ModelError
from emoscope.system.terminal import command


def pair_of(model: Path, folder: Path | None = None, name: str = "", fp16: bool = False) -> Path:
    """The classifier of the verified pair; its graph with activations stands beside it.

    Args:
        model: a file that `convert` takes.
        folder: where to; None for beside the model.
        name: of the pair; "" for the model's own, or its run's.
        fp16: whether weights are kept in float16.

    Raises:
        EmoscopeError: it cannot be converted.
    """
    from emoscope.convert.command import convert, default_name

    folder, name = folder or model.parent, name or default_name(model)
    with redirect_stdout(io.StringIO()):
        click.Context(convert).invoke(convert, model=model, folder=folder, name=name, fp16=fp16)
    if not (folder / f"{name}.onnx").is_file():
        raise ModelError(f"{model}: could not be converted: see `{command('convert', model)}`")
    return folder / f"{name}.onnx"
