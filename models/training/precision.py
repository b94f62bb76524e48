"""Which numbers a network is trained in: bfloat16 where the machine multiplies it in hardware, else float32."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import keras
import tensorflow as tf

CPU_INFO = Path("/proc/cpuinfo")
BFLOAT16_FLAGS = frozenset({"avx512_bf16", "amx_bf16"})


def policy(onednn: bool) -> str:
    """The Keras dtype policy to train in; without oneDNN's kernels bfloat16 is emulated, and slow."""
    fast = bool(tf.config.list_physical_devices("GPU")) or (onednn and bool(BFLOAT16_FLAGS & _cpu_flags()))
    return "mixed_bfloat16" if fast else "float32"


@contextmanager
def precision(chosen: str) -> Iterator[None]:
    """Layers that are made inside the `with` compute in this policy."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(chosen)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def _cpu_flags() -> set[str]:
    lines = CPU_INFO.read_text("utf-8").splitlines() if CPU_INFO.exists() else []
    return next((set(line.split()) for line in lines if line.startswith("flags")), set())
