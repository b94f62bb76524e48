"""The input that excites a filter most, by gradient ascent: Erhan et al. 2009; with the care of Olah et al. 2017.

    x ← x + η · smooth(∂a/∂x) / its size        a: the answer of the channel's middle cell

starting from grey with a little noise. Left to itself the ascent finds noise of high frequency that no picture has; so

    jitter      the picture is moved before each step, by up to a tenth of what a cell sees, so that no pattern may hang
                on one pixel
    frequency   the gradient's frequencies are divided by their height: coarse shapes grow first
    blur        every few steps, lightly
    starts      several, each from other noise; half the way up their mean goes on alone, so that chance cancels out

Jitter and blur fade as the climb goes on and are gone before its end: kept up, they hold filters that look for small
things below what a real face wakes in them. All of it follows from `seed`. What comes out shows what the filter *would*
like best, which is no face. Its contrast is stretched about grey, since the ascent of a filter that sees little stays
faint; the answer that is told is to the picture as it is shown.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np

from emoscope.network.contract import InputSpec
from emoscope.types import Floats

from .inside import OpenedLayer, bounds

BATCH = 32
"""Channels that climb together."""
NOISE = 0.05
"""Deviation of the noise at the start, as a share of the range from black to white."""
FREE, LEAST_BLUR = 0.8, 0.15
"""Share of the steps after which nothing is moved or blurred, and the deviation that is too small to blur."""
MOST_QUANTILE = 0.995


@dataclass(frozen=True, slots=True)
class Climb:
    """How the ascent goes.

    Attributes:
        starts: climbs whose mean goes on.
        steps: of each climb, the first half each on its own.
        pace: first step, as a share of the range from black to white; it falls to a third.
        jitter: largest shift at the start, as a share of a cell's field.
        blur: deviation in pixels at the start, every fourth step.
        seed: settles noise and shifts.
    """

    starts: int = 2
    steps: int = 36
    pace: float = 0.08
    jitter: float = 0.1
    blur: float = 0.5
    seed: int = 0


def excite(
    opened: OpenedLayer, spec: InputSpec, climb: Climb, edge: int, step: Callable[[int], None]
) -> tuple[Floats, Floats]:
    """The faces (channels, …) that excite each channel most, full of contrast, and the answers to them, (channels,).

    Args:
        opened: the layer.
        spec: what a face looks like to the network.
        climb: how.
        edge: of a cell's field, in pixels.
        step: called with the number of channels that are done.
    """
    faces, answers = [], []
    for first in range(0, opened.spec.channels, BATCH):
        channels = np.arange(first, min(first + BATCH, opened.spec.channels))
        made = stretched(_excite(opened, spec, climb, channels, edge), spec)
        found, pull = opened(made, channels, middle(opened, len(channels)))
        lost = (found <= 0) & (np.abs(pull).max((1, 2, 3)) == 0)
        made[lost] = sum(bounds(spec)) / 2  # no way led anywhere: what is there is the noise of the start
        faces.append(made)
        answers.append(found)
        step(len(channels))
    return np.concatenate(faces), np.concatenate(answers)


def middle(opened: OpenedLayer, count: int) -> np.ndarray:
    """The middle cell, for each of so many faces."""
    return np.tile([opened.spec.height // 2, opened.spec.width // 2], (count, 1))


def _excite(opened: OpenedLayer, spec: InputSpec, climb: Climb, channels: np.ndarray, edge: int) -> Floats:
    low, high = bounds(spec)
    half, ends, climb = climb.steps // 2, [], replace(climb, jitter=int(climb.jitter * edge))
    for start in range(climb.starts):
        rng = np.random.default_rng([climb.seed, start])
        noise = (NOISE * rng.normal(size=spec.shape)).astype(np.float32)
        x = np.repeat(((low + high) / 2 + (high - low) * noise)[None], len(channels), 0).astype(np.float32)
        ends.append(_climb(opened, spec, climb, channels, x, range(half), rng))
    mean, rng = np.asarray(np.mean(ends, 0), np.float32), np.random.default_rng(climb.seed)
    return _climb(opened, spec, climb, channels, mean, range(half, climb.steps), rng)


def _climb(
    opened: OpenedLayer,
    spec: InputSpec,
    climb: Climb,
    channels: np.ndarray,
    x: Floats,
    steps: range,
    rng: np.random.Generator,
) -> Floats:
    (low, high), space = bounds(spec), (1, 2) if spec.layout == "NHWC" else (2, 3)
    weights, cells = frequencies(spec), middle(opened, len(channels))
    for number in steps:
        left = max(0.0, 1 - number / (FREE * climb.steps))
        reach, blur = round(left * climb.jitter), left * climb.blur
        shift = tuple(int(n) for n in rng.integers(-reach, reach + 1, 2))
        _, pull = opened(np.roll(x, shift, space), channels, cells)
        pull = np.roll(pull, tuple(-n for n in shift), space)
        smooth = np.fft.irfft2(np.fft.rfft2(pull, axes=space) * weights, s=(spec.height, spec.width), axes=space)
        size = np.abs(smooth).max((1, 2, 3), keepdims=True)
        pace = climb.pace * (1 - number / climb.steps * 2 / 3)
        x = x + (pace * (high - low) * smooth / np.maximum(size, 1e-12)).astype(np.float32)
        soft = number % 4 == 3 and blur > LEAST_BLUR
        x = np.clip(blurred(x, blur, spec) if soft else x, low, high).astype(np.float32)
    return x


def stretched(faces: Floats, spec: InputSpec) -> Floats:
    """Faces with the contrast of each stretched about grey to all that there is from black to white, (N, …)."""
    low, high = bounds(spec)
    middle_grey, half = (low + high) / 2, (high - low) / 2
    far = (faces - middle_grey) / half
    most = np.quantile(np.abs(far), MOST_QUANTILE, axis=(1, 2, 3), keepdims=True)
    return np.asarray(middle_grey + half * np.clip(far / np.maximum(most, 1e-6), -1, 1), np.float32)


def drawn(faces: Floats, spec: InputSpec) -> np.ndarray:
    """Faces as pictures, (N, H, W, C) uint8."""
    low, high = bounds(spec)
    bright = (faces - low) / (high - low)
    bright = bright if spec.layout == "NHWC" else bright.transpose(0, 2, 3, 1)
    return np.asarray(np.clip(np.rint(255 * bright), 0, 255), np.uint8)


def frequencies(spec: InputSpec) -> Floats:
    """1 / height of each frequency, in cycles per picture, 1 at the mean; broadcasts against a transformed picture."""
    y = np.fft.fftfreq(spec.height)[:, None] * spec.height
    x = np.fft.rfftfreq(spec.width)[None] * spec.width
    weights = 1 / np.maximum(1, np.hypot(y, x))
    return np.asarray(weights[..., None] if spec.layout == "NHWC" else weights, np.float32)


def blurred(x: Floats, sigma: float, spec: InputSpec) -> Floats:
    """Every picture, lightly blurred."""
    last = x if spec.layout == "NHWC" else x.transpose(0, 2, 3, 1)
    soft = np.stack([cv2.GaussianBlur(one, (0, 0), sigma).reshape(one.shape) for one in last])
    return np.asarray(soft if spec.layout == "NHWC" else soft.transpose(0, 3, 1, 2), np.float32)
