"""The training script: teachers, what they say of many views of every picture, and the student that learns it.

    KERAS_BACKEND=jax python -m emoscope.models.distillation faces.npz -o RUN

RUN/teacher-SEED.npz    averaged weights of each teacher
    bank.npz            what they say, together, of each view of each picture: log-probabilities for both heads
    student.npz         averaged weights of the student by name; `ship` makes .keras of it
    *.state.npz         where a stage stood after its last kept epoch; gone when it has ended
    log.txt             everything that is printed
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "jax")

import cv2
import jax
import jax.numpy as jnp
import numpy as np

from ..architectures import Design, architecture
from ..labels import EMOTIONS
from . import degrade, views
from .faces import Faces, save, unpack
from .learner import Course, JaxLearner, State, in_parts, keep, kept, named, sized
from .stretching import stretched

CLASSES = len(EMOTIONS)
SPEC = architecture("emoscope").input

TEACHER = Course(epochs=60, batch=256, rate=0.2, decay=5e-4, average=0.998)
TEACHER_DEGRADED, STUDENT_DEGRADED = 0.15, 0.55
STUDENT = Course(epochs=240, rate=0.2, decay=3e-4, average=0.998)
EARLY = 6
"""Epochs after which a network must have learnt something."""
SLOWEST = 1 / 16
NO_FACE = 16
"""One in so many of the student's pictures shows no face."""
QUALITY_WEIGHT = 0.1


def fed(pixels: Any) -> Any:
    """What a network is fed of (N, 48, 48) whole numbers 0–255."""
    return (stretched(pixels) * SPEC.scale + SPEC.offset)[..., None]


def log_shares(logits: Any) -> Any:
    """(N, 2, K) log-probabilities of both heads."""
    return jax.nn.log_softmax(logits.astype(jnp.float32).reshape(len(logits), 2, CLASSES))


def teacher_batch(key: Any, data: Any, chosen: Any) -> tuple[Any, Any]:
    """New views of labelled pictures, a few degraded, some partly covered."""
    pictures, eyes, targets = (array[chosen] for array in data)
    keys = jax.random.split(key, 5)
    seen = views.lit(keys[1], views.sampled(pictures, views.random_views(keys[0], eyes)))
    worse = jax.random.uniform(keys[2], (len(seen), 1, 1)) < TEACHER_DEGRADED
    seen = jnp.where(worse, degrade.degraded(keys[3], seen), seen)
    seen, _ = degrade.covered(keys[4], seen, share=0.3, largest=0.3)
    return fed(seen), targets


def teacher_loss(answers: Any, targets: Any) -> Any:
    """Cross-entropy with the votes and with the labels."""
    return -jnp.mean(jnp.sum(targets * log_shares(answers[0]), -1))


def student_batch(key: Any, data: Any, chosen: Any) -> tuple[Any, Any]:
    """Known views, relit, about half degraded, some covered, a few that show no face; and what the teachers said."""
    pictures, maps, bank = data
    keys = jax.random.split(key, 8)
    view = jax.random.randint(keys[0], chosen.shape, 0, len(maps))
    clean = views.sampled(pictures[chosen], maps[view, chosen])
    seen = jnp.where(jax.random.uniform(keys[1], (len(clean), 1, 1)) < 0.8, views.lit(keys[2], clean), clean)
    worse = jax.random.uniform(keys[3], (len(seen), 1, 1)) < STUDENT_DEGRADED
    seen = jnp.where(worse, degrade.degraded(keys[4], seen), seen)
    seen, _ = degrade.covered(keys[5], seen, share=0.3, largest=0.6)
    none = max(1, len(seen) // NO_FACE)
    torn = degrade.no_faces(keys[6], seen[:none])
    faces = (jnp.arange(len(seen)) >= none).astype(jnp.float32)
    return fed(seen.at[:none].set(torn)), (bank[view, chosen].astype(jnp.float32), faces)


def student_loss(answers: Any, truth: tuple[Any, Any]) -> Any:
    """How far from the teachers, on faces; and whether quality told that the answer would be theirs.

    Quality's target is the probability that the teachers give to the student's answer, divided by that of their own.
    """
    told, faces = truth
    said, quality = log_shares(answers[0]), answers[1]
    teachers = jnp.exp(told)
    apart = jnp.sum(teachers * (told - said), -1).mean(-1)
    likely = teachers.mean(1)
    called = jax.lax.stop_gradient(said).mean(1).argmax(-1)
    readable = faces * jnp.take_along_axis(likely, called[:, None], 1)[:, 0] / likely.max(-1)
    quality = jnp.clip(quality.astype(jnp.float32)[:, 0], 1e-6, 1 - 1e-6)
    surprise = -(readable * jnp.log(quality) + (1 - readable) * jnp.log(1 - quality))
    return jnp.sum(faces * apart) / jnp.sum(faces) + QUALITY_WEIGHT * surprise.mean()


class Script:
    """The stages, in order; each is skipped where its file exists."""

    def __init__(self, given: argparse.Namespace) -> None:
        self.given, self.run = given, given.output
        self.run.mkdir(parents=True, exist_ok=True)
        self.began = time.monotonic()
        self.sets = unpack(given.faces, given.limit)
        self.train = self.sets["train"]
        self.tell(f"{len(self.train)} pictures; {jax.devices()}; bank of {given.views} views")

    def tell(self, text: str) -> None:
        """Prints and logs a line."""
        line = f"[{time.monotonic() - self.began:6.1f} s] {text}"
        print(line, flush=True)
        with (self.run / "log.txt").open("a", encoding="utf-8") as log:
            log.write(line + "\n")

    def show(self, batch: Any) -> None:
        """Writes shown.png: what a batch looks like to the network, sixteen in a row."""
        pixels = (np.asarray(batch, np.float32)[:128, :, :, 0] - SPEC.offset) / SPEC.scale
        rows = [np.hstack(list(pixels[start : start + 16])) for start in range(0, len(pixels) // 16 * 16, 16)]
        if rows:
            cv2.imwrite(str(self.run / "shown.png"), np.clip(np.vstack(rows), 0, 255).astype(np.uint8))

    def teachers(self) -> list[tuple[JaxLearner, State]]:
        """All teachers, trained or read."""
        labels = np.eye(CLASSES, dtype=np.float32)[self.train.labels]
        targets = jnp.asarray(np.stack([self.train.votes, labels], 1))
        data = (jnp.asarray(self.train.pictures), jnp.asarray(self.train.eyes), targets)
        course = sized(replace(TEACHER, epochs=self.given.teacher_epochs), len(self.train))
        design = Design(SPEC, 2 * CLASSES, self.given.teacher_width, dropout=0.3, deeper=self.given.deeper)
        done: list[tuple[JaxLearner, State]] = []
        for seed in range(1, self.given.teachers + 1):
            learner = JaxLearner(design, course, teacher_batch, teacher_loss, len(self.train), seed)
            if done:  # one compilation serves all: order and start differ by seed, which is data
                learner.epoch, learner.look = done[0][0].epoch, done[0][0].look  # type: ignore[attr-defined]
            else:
                learner.look = self.looker(learner)  # type: ignore[attr-defined]
            done.append((learner, self.learn(learner, data, f"teacher-{seed}", 1000 * seed)))
        return done

    def learn(self, learner: JaxLearner, data: Any, name: str, first: int = 0) -> State:
        """Trains to the end of the course, from where the stage stood.

        Args:
            learner: what learns.
            data: on the accelerator, as the learner's `prepare` takes it.
            name: of the stage, and of its files.
            first: number that the epochs count from; their order and their views follow from it.

        Returns:
            The state at the end.
        """
        state, place = learner.start(), self.run / f"{name}.state.npz"
        ended = self.run / f"{name}.npz"
        if place.exists():
            state = kept(place, state)
        if ended.exists():
            return self.averaged(learner, state, ended)
        gentler, epoch = 1.0, int(state.step) // learner.steps
        while epoch < learner.course.epochs:
            state, loss = learner.epoch(state, data, first + epoch, gentler)
            epoch += 1
            if epoch == EARLY and float(loss) > self.given.lost:
                gentler, epoch, state = gentler / 4, 0, learner.start()
                if gentler < SLOWEST:
                    raise SystemExit(f"{name} learns nothing at any rate")
                self.tell(f"{name} learns nothing (loss {float(loss):.4f}): again at a quarter of the rate")
            elif epoch in (1, EARLY, learner.course.epochs) or epoch % self.given.every == 0:
                figures = self.judged(learner.look(state))  # type: ignore[attr-defined]
                self.tell(f"{name} {epoch}/{learner.course.epochs} loss {float(loss):.4f} {figures}")
                if self.given.keep:
                    keep(place, state)
                if name == "student":
                    save(self.run / "student.running.npz", named(learner, state))
        save(ended, named(learner, state))
        place.unlink(missing_ok=True)
        (self.run / f"{name}.running.npz").unlink(missing_ok=True)
        return state

    def averaged(self, learner: JaxLearner, like: State, path: Path) -> State:
        """A state whose averages are those in a file of `named`."""
        with np.load(path) as file:
            average = [jnp.asarray(file[one.path]) for one in learner.network.trainable_variables]
            rest = [jnp.asarray(file[one.path]) for one in learner.network.non_trainable_variables]
        return like._replace(average=average, average_rest=rest)

    def looker(self, learner: JaxLearner) -> Any:
        """A function of a state: what its average says of the pictures that are looked at on the way."""
        sets = {name: jnp.asarray(faces.pictures) for name, faces in self.sets.items() if name != "train"}

        @jax.jit  # type: ignore[untyped-decorator]
        def look(average: Any, rest: Any, sets: Any) -> Any:
            def run(pictures: Any) -> Any:
                return learner.answers(average, rest, fed(pictures.astype(jnp.float32)))

            return {name: in_parts(run, pictures) for name, pictures in sets.items()}

        return lambda state: look(state.average, state.average_rest, sets)

    def judged(self, looks: Any) -> str:
        """The figures of one look, in a line."""
        return " ".join(
            f"{name} {_figures(np.asarray(said[0], np.float32), self.sets[name])}" for name, said in looks.items()
        )

    def bank(self) -> tuple[Any, Any]:
        """Maps (V, N, 2, 3) of all views, and (V, N, 2, K) log-probabilities that the teachers give together."""
        eyes, pictures = jnp.asarray(self.train.eyes), jnp.asarray(self.train.pictures)
        maps: Any = jax.jit(lambda: jax.lax.map(
            lambda number: views.random_views(jax.random.fold_in(jax.random.key(99), number), eyes),
            jnp.arange(self.given.views),
        ))()  # fmt: skip
        path = self.run / "bank.npz"
        if path.exists():
            with np.load(path) as file:
                return maps, jnp.asarray(file["answers"])
        teachers = self.teachers()
        learner = teachers[0][0]

        @jax.jit  # type: ignore[untyped-decorator]
        def ask(states: Any, view: Any) -> Any:
            def run(shown: Any, how: Any) -> Any:
                inputs = fed(views.sampled(shown, how))
                said = [jnp.exp(log_shares(learner.answers(state[0], state[1], inputs)[0])) for state in states]
                return jnp.log(sum(said) / len(said)).astype(jnp.float16)

            return in_parts(run, pictures, view)

        states = [(state.average, state.average_rest) for _, state in teachers]
        self.tell_ensemble(learner, states)
        answers = jnp.stack([ask(states, view) for view in maps])
        save(path, {"answers": np.asarray(answers)})
        self.tell(f"bank of {answers.shape}")
        return maps, answers

    def tell_ensemble(self, learner: JaxLearner, states: Any) -> None:
        """How good the teachers are together."""
        looks = [learner.look(State([], [], [], state[0], state[1], 0)) for state in states]  # type: ignore[attr-defined]
        for name in looks[0]:
            shares = sum(np.exp(_both(np.asarray(look[name][0], np.float32))) for look in looks) / len(looks)
            self.tell(f"teachers together: {name} {_figures(np.log(shares).reshape(len(shares), -1), self.sets[name])}")

    def student(self) -> None:
        """The network that ships."""
        maps, answers = self.bank()
        data = (jnp.asarray(self.train.pictures), maps, answers)
        course = sized(replace(STUDENT, epochs=self.given.epochs), len(self.train))
        design = Design(SPEC, 2 * CLASSES, self.given.width, dropout=0.0, quality=True)
        learner = JaxLearner(design, course, student_batch, student_loss, len(self.train), 7)
        learner.look = self.looker(learner)  # type: ignore[attr-defined]
        self.show(student_batch(jax.random.key(0), data, jnp.arange(course.batch))[0])
        self.learn(learner, data, "student")
        self.tell("done")


def _both(logits: Any) -> Any:
    shaped = logits.reshape(len(logits), 2, CLASSES)
    shifted = shaped - shaped.max(-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))


def _figures(logits: Any, faces: Faces) -> str:
    """Accuracy against FER+ majorities by the votes' head, against labels by the labels' head, and by both."""
    said = _both(logits)
    truth = faces.majorities
    by_votes = np.mean(said[:, 0].argmax(1)[truth >= 0] == truth[truth >= 0])
    by_labels = np.mean(said[:, 1].argmax(1) == faces.labels)
    mixed = np.mean(said.mean(1).argmax(1)[truth >= 0] == truth[truth >= 0])
    return f"{by_votes:.4f}/{by_labels:.4f}/{mixed:.4f}"


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="emoscope.models.distillation", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("faces", type=Path, help="made by emoscope.models.distillation.pack")
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--teachers", type=int, default=4)
    parser.add_argument("--teacher-epochs", type=int, default=TEACHER.epochs)
    parser.add_argument("--teacher-width", type=float, default=2.0)
    parser.add_argument("--deeper", type=int, default=1)
    parser.add_argument("--views", type=int, default=16)
    parser.add_argument("--epochs", type=int, default=STUDENT.epochs)
    parser.add_argument("--width", type=float, default=1.0)
    parser.add_argument("--every", type=int, default=10, help="epochs between two looks")
    parser.add_argument("--lost", type=float, default=1e9, help="a loss that means that nothing is learnt")
    parser.add_argument("--keep", action="store_true", help="keep the state at every look, to go on from")
    parser.add_argument("--limit", type=int, default=0, help="so many pictures of each set, to try the script")
    return parser


if __name__ == "__main__":
    Script(_options().parse_args(sys.argv[1:])).student()
