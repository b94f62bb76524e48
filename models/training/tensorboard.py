"""What a run tells others after every epoch: the terminal, and TensorBoard where it is installed and asked for."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

from emoscope.errors import SystemLibraryError

from .history import Epoch
from .run_folder import TENSORBOARD


def watcher(run: Path, tell: Callable[[Epoch], None], tensorboard: bool) -> Callable[[Epoch], None]:
    """A function that tells every epoch to `tell`, and with `tensorboard` logs it to RUN/tensorboard.

    Raises:
        SystemLibraryError: TensorBoard is asked for and not installed.
    """
    if not tensorboard:
        return tell
    if importlib.util.find_spec("tensorboard") is None:
        raise SystemLibraryError("--tensorboard needs TensorBoard: run `pip install tensorboard`")
    import tensorflow as tf

    writer = tf.summary.create_file_writer(str(run / TENSORBOARD))

    def watch(epoch: Epoch) -> None:
        tell(epoch)
        _log(tf, writer, epoch)

    return watch


def _log(tf: Any, writer: Any, epoch: Epoch) -> None:
    with writer.as_default(step=epoch.epoch):
        for name in ("lr", "loss", "accuracy", "images_per_s"):
            tf.summary.scalar(name, getattr(epoch, name))
        for score in epoch.scores:
            tf.summary.scalar(f"validation_loss/{score.task}", score.loss)
            tf.summary.scalar(f"validation_accuracy/{score.task}", score.accuracy)
    writer.flush()
