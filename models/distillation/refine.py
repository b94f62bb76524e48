"""The student's last hour, on an ordinary processor: fewer bad pictures, and targets that are surer than any one view.

    python -m emoscope.models.distillation.refine faces.npz RUN --epochs 10

It goes on from RUN/student.npz and writes RUN/refined.npz. What is asked for is a mixture of what the
teachers said of this view, what they said of all views of the picture (mirrored, moved: 77 % of the labels and 94 % of
the majorities are theirs, of one view 75 and 92), and the votes and labels themselves.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from emoscope.reading.crops import fed

from .. import backend
from ..architectures import Design, architecture, build
from ..labels import EMOTIONS
from . import EDGE
from .faces import Faces, save, unpack

tf = backend.start()

import keras  # noqa: E402

from ..training.norm import FusedNorm  # noqa: E402
from ..training.precision import policy, precision  # noqa: E402

CLASSES = len(EMOTIONS)
BATCH = 128
MOMENTUM, WARM_UP, LONGEST, DECAY, AVERAGE = 0.9, 0.05, 1.0, 3e-4, 0.998
VIEW, PICTURE, TRUTH = 0.4, 0.4, 0.2
"""Shares of the target: the teachers of this view, of all views, and what people said."""
PLAIN, LIT, DEGRADED, COVERED = 0.4, 0.5, 0.22, 0.1
"""Shares of the pictures that are shown just as they are (or mirrored), in other light, degraded, partly covered."""
NO_FACE = 32
SPOKEN = 100
"""Steps from one line to the next."""
QUALITY_WEIGHT = 0.1

Floats = NDArray[np.float32]
Pixels = Any
"""(48, 48) float32, 0–255; OpenCV's types say less than that."""
SPEC = architecture("emoscope").input


def view(picture: NDArray[np.uint8], how: Floats) -> Pixels:
    """The picture through a map from crop to picture, as `views.sampled` does."""
    return cv2.warpAffine(
        picture.astype(np.float32), how, (EDGE, EDGE),
        flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip


def lit(pixels: Pixels, random: np.random.Generator) -> Pixels:
    """Other light: contrast, brightness, gamma, a lamp from one side, too long an exposure."""
    contrast, bright, gamma, side, turn, exposed = random.random(6)
    mean = pixels.mean()
    pixels = (pixels - mean) * np.exp(0.9 * contrast - 0.5) + mean + 80 * bright - 40
    if exposed < 0.12:
        pixels = pixels * (1.2 + 8 * exposed) + 20
    pixels = 255 * (np.clip(pixels, 0, 255) / 255) ** np.exp(gamma - 0.5)
    if side < 0.3:
        ramp = np.linspace(-1, 1, EDGE, dtype=np.float32)
        slope = np.cos(6.2832 * turn) * ramp[None] + np.sin(6.2832 * turn) * ramp[:, None]
        pixels = pixels * np.exp(2 * side * slope)
    return pixels


def degraded(pixels: Pixels, random: np.random.Generator) -> Pixels:
    """Worse in some of the ways of `degrade`: soft, dim, noisy, compressed."""
    soft, which, power, dim, dark, level, noise, sigma, jpeg, quality = random.random(10)
    if soft < 0.24:
        pixels = cv2.GaussianBlur(pixels, (0, 0), 0.4 + 2.8 * which)
    elif soft < 0.48:
        small = cv2.resize(pixels, (int(9 + 24 * power**1.3),) * 2, interpolation=cv2.INTER_AREA)
        pixels = cv2.resize(small, (EDGE, EDGE), interpolation=cv2.INTER_CUBIC if which < 0.6 else cv2.INTER_LINEAR)
    elif soft < 0.56:
        size = int(3 + 2 * np.floor(power * 4))
        pixels = cv2.blur(pixels, (size, 1) if which < 0.5 else (1, size))
    is_dim = dim < 0.38
    if dim < 0.3:
        pixels = to_bytes(pixels * np.exp(np.log(0.05) + dark * np.log(12)))
    elif is_dim:
        pixels = to_bytes(pixels * (0.15 + 0.5 * dark) + level * 120)
    if noise < (0.6 if is_dim else 0.25 if soft < 0.56 else 0.7):
        deviation = 9 * sigma**1.5 if is_dim else 40 * sigma
        pixels = pixels + deviation * random.standard_normal(pixels.shape, np.float32)
    if jpeg < (0.1 if is_dim else 0.35):
        _, encoded = cv2.imencode(
            ".jpg", to_bytes(pixels).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, int(5 + 50 * quality**1.3)]
        )
        pixels = np.float32(cv2.imdecode(encoded, cv2.IMREAD_GRAYSCALE))
    return pixels


def covered(pixels: Pixels, random: np.random.Generator, largest: float) -> Pixels:
    """A rectangle of it painted grey or rough."""
    area, form, x, y, grey, rough = random.random(6)
    area = 0.02 + (largest - 0.02) * area**2
    form = 2.5 ** (2 * form - 1)
    tall, wide = (int(np.clip(EDGE * np.sqrt(one), 1, EDGE)) for one in (area * form, area / form))
    top, left = int(y * (EDGE - tall + 1)), int(x * (EDGE - wide + 1))
    pixels = np.array(pixels)
    paint = 255 * grey + 60 * (rough > 0.5) * random.standard_normal((tall, wide))
    pixels[top : top + tall, left : left + wide] = paint
    return pixels


def no_face(pixels: Pixels, random: np.random.Generator) -> Pixels:
    """Noise, gradients, a torn face or one upside down."""
    kind = random.integers(5)
    if kind == 0:
        return pixels[::-1]
    if kind == 1:
        cells = pixels.reshape(6, 8, 6, 8).transpose(0, 2, 1, 3).reshape(36, 8, 8)
        return cells[random.permutation(36)].reshape(6, 6, 8, 8).transpose(0, 2, 1, 3).reshape(EDGE, EDGE)
    noise = random.standard_normal(pixels.shape, np.float32)
    level, spread, which = random.random(3)
    if kind == 2:
        return np.asarray(255 * level + 60 * spread**2 * (0.02 if which < 0.3 else 1) * noise, np.float32)
    ramp = np.linspace(-1, 1, EDGE, dtype=np.float32)
    across, down = random.uniform(-1, 1, 2)
    gradient = across * ramp[None] + down * ramp[:, None]
    if kind == 3:
        return np.asarray(255 * level + 120 * spread * gradient + 8 * which * noise, np.float32)
    clouds = cv2.GaussianBlur(noise, (0, 0), 0.5 + 4 * which)
    return np.asarray(255 * level + 90 * spread * clouds / (clouds.std() + 1e-6) + 30 * gradient, np.float32)


def to_bytes(pixels: Pixels) -> Pixels:
    """Rounded and clipped to what a byte holds."""
    return np.clip(np.rint(pixels), 0, 255)


class ViewBatches:
    """Batches of views, and what the teachers said of them.

    Args:
        faces: pictures, votes and labels.
        maps: (V, N, 2, 3) affine map of each view of each picture.
        bank: (V, N, 2, K) log-probabilities of both heads of the teachers for each view.
        seed: of order, views and degradations.
    """

    def __init__(self, faces: Faces, maps: Floats, bank: NDArray[np.float16], seed: int) -> None:
        self.faces, self.maps, self.bank, self.seed = faces, maps, bank, seed
        labels = np.eye(CLASSES, dtype=np.float32)[faces.labels]
        votes = faces.votes / np.maximum(faces.votes.sum(1, keepdims=True), 1e-6)
        self.mean = np.exp(bank.astype(np.float32)).mean(0)
        nobody = faces.votes.sum(1) < 0.5
        votes[nobody] = self.mean[nobody, 0]
        self.people = np.stack([votes, labels], 1)

    @property
    def steps(self) -> int:
        """In an epoch."""
        return max(1, len(self.faces) // BATCH)

    def epoch(self, number: int) -> Iterator[tuple[Floats, Floats, Floats]]:
        """(inputs, targets, whether each is a face), prepared a step ahead."""
        order = np.random.default_rng((self.seed, number)).permutation(len(self.faces))
        with ThreadPoolExecutor(1) as pool:
            coming = pool.submit(self.batch, number, 0, order)
            for step in range(1, self.steps + 1):
                ready = coming.result()
                if step < self.steps:
                    coming = pool.submit(self.batch, number, step, order)
                yield ready

    def batch(self, number: int, step: int, order: NDArray[np.int64]) -> tuple[Floats, Floats, Floats]:
        """One batch; depends on seed, epoch and step alone."""
        random = np.random.default_rng((self.seed, number, step))
        chosen = order[step * BATCH : (step + 1) * BATCH]
        views = random.integers(0, len(self.maps), len(chosen))
        none = max(1, len(chosen) // NO_FACE)
        plain = random.random(len(chosen)) < PLAIN
        seen = [self.seen(*one, random) for one in zip(chosen, views, plain, strict=True)]
        seen[:none] = [no_face(pixels, random) for pixels in seen[:none]]
        pixels = to_bytes(np.stack(seen)).astype(np.uint8)
        told = np.exp(self.bank[views, chosen].astype(np.float32))
        told[plain] = self.mean[chosen[plain]]
        targets = VIEW * told + PICTURE * self.mean[chosen] + TRUTH * self.people[chosen]
        is_face = (np.arange(len(chosen)) >= none).astype(np.float32)
        return fed(pixels[..., None], SPEC), targets, is_face

    def seen(self, place: int, turn: int, plain: bool, random: np.random.Generator) -> Pixels:
        """One picture as the student sees it.

        Args:
            place: number of the picture.
            turn: number of the view.
            plain: whether it is taken as it is, rather than as a view.
            random: draws what is done to it.

        Returns:
            (48, 48), 0–255.
        """
        picture = self.faces.pictures[place]
        pixels = picture.astype(np.float32) if plain else view(picture, self.maps[turn, place])
        if plain and random.random() < 0.5:
            pixels = pixels[:, ::-1]
        likes = random.random(3)
        if likes[0] < LIT:
            pixels = lit(pixels, random)
        if likes[1] < DEGRADED:
            pixels = degraded(np.asarray(to_bytes(pixels), np.float32), random)
        return covered(pixels, random, 0.5) if likes[2] < COVERED else pixels


class Student:
    """The network, one step, and the average of its weights."""

    def __init__(self, path: Path, rate: float) -> None:
        design = Design(architecture("emoscope").input, 2 * CLASSES, dropout=0.0, norm=FusedNorm, quality=True)
        with precision(policy(onednn=True)):
            built = build("emoscope", design)
        self.network = keras.Model(built.inputs, [built.get_layer(name).output for name in ("logits", "quality")])
        with np.load(path) as file:
            for variable in self.network.variables:
                variable.assign(file[variable.path])
        self.variables = self.network.trainable_variables
        self.speeds = [tf.Variable(tf.zeros_like(variable.value)) for variable in self.variables]
        self.averages = [tf.Variable(variable.value) for variable in self.network.variables]
        self.rate = rate
        self.done = tf.Variable(0.0)

    @tf.function(reduce_retracing=True)  # type: ignore[untyped-decorator]  # TensorFlow is untyped
    def step(self, inputs: Any, targets: Any, is_face: Any, progress: Any) -> Any:
        """One step at `progress` (0–1) of the course; returns the divergence from the targets.

        Args:
            inputs: (N, 48, 48, 1), as the network is fed.
            targets: (N, 2, K) distributions, one for each head.
            is_face: (N,) 1 for faces, 0 for pictures without one.
            progress: share of the course that is done, 0–1; the learning rate follows from it.
        """
        with tf.GradientTape() as tape:
            logits, quality = self.network(inputs, training=True)
            said = tf.nn.log_softmax(tf.reshape(tf.cast(logits, tf.float32), (-1, 2, CLASSES)))
            apart = tf.reduce_sum(targets * (tf.math.log(targets + 1e-8) - said), (1, 2)) / 2
            divergence = tf.reduce_sum(is_face * apart) / tf.reduce_sum(is_face)
            called = tf.argmax(tf.reduce_mean(tf.stop_gradient(said), 1), 1)
            likely = tf.reduce_mean(targets, 1)
            readable = is_face * tf.gather(likely, called, batch_dims=1) / tf.reduce_max(likely, 1)
            quality = tf.clip_by_value(tf.cast(quality, tf.float32)[:, 0], 1e-6, 1 - 1e-6)
            surprise = -(readable * tf.math.log(quality) + (1 - readable) * tf.math.log(1 - quality))
            loss = divergence + QUALITY_WEIGHT * tf.reduce_mean(surprise)
        gradients, _ = tf.clip_by_global_norm(tape.gradient(loss, self.variables), LONGEST)
        rate = self.rate * tf.minimum(1.0, progress / WARM_UP + 1e-3) * 0.5 * (1 + tf.cos(np.pi * progress))
        for variable, speed, gradient in zip(self.variables, self.speeds, gradients, strict=True):
            push = gradient + (DECAY * variable.value if len(variable.shape) > 1 else 0.0)
            speed.assign(MOMENTUM * speed + push)
            variable.assign(variable.value - rate * (push + MOMENTUM * speed))
        keep = tf.minimum(AVERAGE, (1 + self.done) / (10 + self.done))
        for average, variable in zip(self.averages, self.network.variables, strict=True):
            average.assign(keep * average + (1 - keep) * variable.value)
        self.done.assign_add(1.0)
        return divergence

    def named(self) -> dict[str, Floats]:
        """The averaged weights by name."""
        pairs = zip(self.network.variables, self.averages, strict=True)
        return {variable.path: average.numpy() for variable, average in pairs}


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("faces", type=Path)
    parser.add_argument("run", type=Path)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--rate", type=float, default=0.02)
    parser.add_argument("--minutes", type=float, default=1e9, help="it comes to its end by then, however slow")
    parser.add_argument("--limit", type=int, default=0)
    given = parser.parse_args()
    sets = unpack(given.faces, given.limit)
    with np.load(given.run / "bank.npz") as file:
        bank = file["answers"]
    maps = np.load(given.run / "maps.npy")
    pictures = ViewBatches(sets["train"], maps[:, : len(sets["train"])], bank[:, : len(sets["train"])], 11)
    student = Student(given.run / "student.npz", given.rate)
    began, steps, losses = time.monotonic(), pictures.steps * given.epochs, []
    for number in range(given.epochs):
        for batch in pictures.epoch(number):
            spent = (time.monotonic() - began) / (60 * given.minutes)
            progress = max(spent, float(student.done) / steps)
            if progress >= 1:
                break
            losses.append(student.step(*batch, np.float32(progress)))
            if len(losses) % SPOKEN == 0:
                print(f"step {len(losses)} of {steps}, {progress:.0%}: {np.mean(losses[-SPOKEN:]):.4f}", flush=True)
                save(given.run / "refined.npz", student.named())
    save(given.run / "refined.npz", student.named())
    print(f"{len(losses)} steps", flush=True)


if __name__ == "__main__":
    main()
