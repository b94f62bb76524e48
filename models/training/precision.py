"""Which numbers a network is trained in: bfloat16 where the machine multiplies it in hardware, else float32."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

CPU_INFO = Path("/proc/cpuinfo")
BFLOAT16_FLAGS = frozenset({"avx512_bf16", "amx_bf16"})


def policy(onednn: bool) -> str:
    """The Keras dtype policy to train in; without oneDNN's kernels bfloat16 is emulated, and slow."""
    fast = bool(tf.config.list_physical_devices("GPU")) or (onednn and bool(BFLOAT16_FLAGS & _cpu_flags()))
    return "mixed_bfloat16" if fast else "float32"


class Precision:
    """Layers that are made inside the `with` compute in this policy."""

    def __init__(self, chosen: str) -> None:
        self._chosen = chosen

    def __enter__(self) -> None:
        self._before = keras.config.dtype_policy()
        keras.config.set_dtype_policy(self._chosen)

    def __exit__(self, *_: Any) -> None:
        keras.config.set_dtype_policy(self._before)


def _cpu_flags() -> set[str]:
    lines = CPU_INFO.read_text("utf-8").splitlines() if CPU_INFO.exists() else []
    return next((set(line.split()) for line in lines if line.startswith("flags")), set())
