"""The one place that imports TensorFlow: quietly, on the processor, and with kernels that do not crash.

TensorFlow's oneDNN kernels corrupt memory in a 1×1 convolution of stride 2 (mini-XCEPTION has one), so they are
switched off before the first import; conversion runs a handful of pictures and does not need them.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from emoscope.errors import SystemLibraryError
from emoscope.system.libraries import tensorflow_cure
from emoscope.system.overheard import muted

from .offline import spare_the_socket

_ENVIRONMENT = {"TF_ENABLE_ONEDNN_OPTS": "0", "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}


def tensorflow() -> Any:
    """The module `tensorflow`; SystemLibraryError says how to install it."""
    if "tensorflow" in sys.modules:
        return sys.modules["tensorflow"]
    for name, value in _ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    try:
        with muted():  # what its libraries print before any setting of theirs counts
            spare_the_socket()
            import tensorflow as tf
    except ImportError:
        raise _missing() from None
    tf.get_logger().setLevel("ERROR")
    return tf


def hdf5() -> Any:
    """The module `h5py`, which TensorFlow brings; SystemLibraryError says how to install it."""
    try:
        import h5py
    except ImportError:
        raise _missing() from None
    return h5py


def _missing() -> SystemLibraryError:
    return SystemLibraryError(f"converting a Keras model needs TensorFlow: {tensorflow_cure()}")
