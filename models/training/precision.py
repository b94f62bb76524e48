"""Which numbers a network is trained in: the shorter ones that the machine multiplies in hardware.

    processor with AMX, through oneDNN                      bfloat16
    NVIDIA card of compute capability 8 or more (Ampere)    bfloat16
    7 (Volta, Turing), which only emulates bfloat16         float16, the loss scaled so that no gradient vanishes
    anything else                                           float32

A processor with AVX512-BF16 alone multiplies bfloat16 too, and is slower for it: a step of `gmp` took 1.5 times as long
as in float32 (Xeon, TensorFlow 2.21, processor time, batch 64).

Capabilities: NVIDIA, CUDA C++ Programming Guide, "Compute Capabilities".
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

CPU_INFO = Path("/proc/cpuinfo")
BFLOAT16_FLAG = "amx_bf16"

BFLOAT16_CARD, FLOAT16_CARD = 8, 7
"""Compute capabilities from which on an NVIDIA card has units for them."""


def policy(onednn: bool) -> str:
    """The Keras dtype policy to train in; without oneDNN's kernels bfloat16 is emulated, and slow."""
    cards = tf.config.list_physical_devices("GPU")
    if cards:
        return card_policy(min(_capability(card) for card in cards))
    return "mixed_bfloat16" if onednn and BFLOAT16_FLAG in _cpu_flags() else "float32"


def card_policy(capability: int) -> str:
    """The same for a card of an NVIDIA compute capability; 0 for one that does not say."""
    if capability >= BFLOAT16_CARD:
        return "mixed_bfloat16"
    return "mixed_float16" if capability >= FLOAT16_CARD else "float32"


def _capability(card: Any) -> int:
    major, _ = tf.config.experimental.get_device_details(card).get("compute_capability", (0, 0))
    return int(major)


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
