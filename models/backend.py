"""The one place that starts TensorFlow: silent, deterministic where asked, and only when somebody needs it.

TensorFlow takes seconds to import and talks while it does. Nothing in `models` imports it, or Keras, before
`start` has set the switches that only count before the first import.
"""

from __future__ import annotations

import importlib
import importlib.util
import logging
import os
import sys
from typing import Any

from emoscope.convert.offline import spare_the_socket
from emoscope.errors import SystemLibraryError
from emoscope.system.libraries import tensorflow_cure
from emoscope.system.overheard import muted


def start(onednn: bool = True) -> Any:
    """Imports TensorFlow quietly and returns it; later calls are free.

    Args:
        onednn: whether convolutions may use oneDNN. Its kernels corrupt memory in strided 1×1
            convolutions at odd batch sizes (TensorFlow 2.21), so networks that have them say False.

    Raises:
        SystemLibraryError: TensorFlow is not installed.
    """
    if "tensorflow" not in sys.modules:
        _require_installed()
        _set_switches(onednn)
        with muted():
            spare_the_socket()
            _first_import()
    return importlib.import_module("tensorflow")


def keras() -> Any:
    """Keras on TensorFlow, started quietly."""
    start()
    return importlib.import_module("keras")


def _first_import() -> None:
    """Imports TensorFlow and makes its context, which both write to the terminal whatever the log level."""
    tensorflow = importlib.import_module("tensorflow")
    tensorflow.get_logger().setLevel(logging.ERROR)
    tensorflow.constant(0)


def _require_installed() -> None:
    if importlib.util.find_spec("tensorflow") is None:
        raise SystemLibraryError(f"this command needs TensorFlow: {tensorflow_cure()}")


def _set_switches(onednn: bool) -> None:
    os.environ["KERAS_BACKEND"] = "tensorflow"
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    if onednn:
        os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
    else:
        os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"
    logging.getLogger("absl").setLevel(logging.ERROR)
