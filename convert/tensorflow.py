"""The one place that imports TensorFlow: quietly, on the processor, and with kernels that do not crash.

TensorFlow's oneDNN kernels corrupt memory in a 1×1 convolution of stride 2 (mini-XCEPTION has one), so they are
switched off before the first import; conversion runs a handful of pictures and does not need them.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from emoscope.errors import SystemLibraryError
from emoscope.system.libraries import tensorflow_cure

from .offline import spare_the_socket

_ENVIRONMENT = {"TF_ENABLE_ONEDNN_OPTS": "0", "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}


def tensorflow() -> Any:
    """The module `tensorflow`; SystemLibraryError says how to install it."""
    if "tensorflow" in sys.modules:
        return sys.modules["tensorflow"]
    for name, value in _ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    try:
        with _silence():
            spare_the_socket()
            import tensorflow as tf
    except ImportError:
        raise SystemLibraryError(f"converting a Keras model needs TensorFlow: {tensorflow_cure()}") from None
    tf.get_logger().setLevel("ERROR")
    return tf


@contextmanager
def _silence() -> Iterator[None]:
    """Keeps off the terminal what TensorFlow's libraries print before any setting of theirs counts."""
    kept = os.dup(2)
    with Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
