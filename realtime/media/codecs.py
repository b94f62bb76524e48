"""Encoders and how each is told quality and speed: every one has words and numbers of its own.

    codec                          quality                              speed
    libx264, libx265               crf 0–51                             ultrafast … placebo
    libsvtav1                      crf 0–63                             0 (slowest) – 13
    h264_nvenc, hevc_nvenc, …      cq 0–51, as a variable bit rate      p1 (quickest) – p7
    h264_videotoolbox, hevc_…      1–100, larger is better; from crf    –

What stands in no row is told `crf` and `preset` by FFmpeg's names, and takes what it knows of them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass

X264 = ("ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow", "placebo")
NVENC = (*(f"p{number}" for number in range(1, 8)), "slow", "medium", "fast")
LAMBDA = 118
"""FFmpeg's unit of a quality that is no rate factor (FF_QP2LAMBDA)."""
WORST = 51.0

Options = dict[str, str]


@dataclass(frozen=True, slots=True)
class Codec:
    """An encoder.

    Attributes:
        crf: quality where none is asked for; smaller is better.
        preset: speed where none is asked for, "" where there is none.
        presets: all that it knows; empty where any may be asked for.
        told: from quality and speed to FFmpeg's options.
    """

    crf: float
    preset: str
    presets: tuple[str, ...]
    told: Callable[[float, str], Options]


def _by_crf(crf: float, preset: str) -> Options:
    return {"crf": f"{crf:g}", "preset": preset}


def _x265(crf: float, preset: str) -> Options:
    """It writes to standard error itself, past everyone's logging."""
    return {**_by_crf(crf, preset), "x265-params": "log-level=error"}


def _svt(crf: float, preset: str) -> Options:
    """It too, and is quiet only by its environment; whoever set that has the last word."""
    os.environ.setdefault("SVT_LOG", "1")
    return _by_crf(crf, preset)


def _nvenc(crf: float, preset: str) -> Options:
    return {"preset": preset, "rc": "vbr", "cq": f"{crf:g}", "b": "0"}


def _videotoolbox(crf: float, preset: str) -> Options:
    quality = max(1, round(100 * (1 - min(crf, WORST) / WORST)))
    return {"flags": "+qscale", "global_quality": str(quality * LAMBDA)}


OTHER = Codec(23.0, "veryfast", (), _by_crf)
CODECS: Mapping[str, Codec] = {
    "libx264": Codec(23.0, "veryfast", X264, _by_crf),
    "libx265": Codec(23.0, "veryfast", X264, _x265),
    "libsvtav1": Codec(35.0, "8", tuple(map(str, range(14))), _svt),
    **{name: Codec(23.0, "p4", NVENC, _nvenc) for name in ("h264_nvenc", "hevc_nvenc", "av1_nvenc")},
    **{name: Codec(23.0, "", (), _videotoolbox) for name in ("h264_videotoolbox", "hevc_videotoolbox")},
}
"""FFmpeg's name → the encoder."""


def codec_of(name: str) -> Codec:
    """An encoder by FFmpeg's name."""
    return CODECS.get(name, OTHER)
