"""What every test may use: the folder of real recordings, which stands beside the project where there is one."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

# Read when TensorFlow is first imported, by whichever test that is. Its oneDNN kernels round more coarsely than the
# parity with GradientTape that is asked for, and crash in mini-XCEPTION's strided 1×1 convolution.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

# A shell that runs the tests in the background has them, and every process they start, ignore Ctrl-C.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

SHARED = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real recordings, pictures and damaged files; the test skips where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("needs the real recordings in ../shared/data, which are not part of the project")
    return SHARED
