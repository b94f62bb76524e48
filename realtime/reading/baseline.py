"""A person's own neutral face: how people differ at rest is taken off, so that what is left is what they show.

Resting faces differ more between people than many expressions do: one is read as half sad all day long, another never
as angry. With z̄ the logits that are typical of a person's neutral face, and r those of a neutral face that is read as
`RESTING` neutral and nothing else in particular,

    logits + clip(r − z̄, ±LIMIT)           neutral itself stays; every other class is moved against it

so the person's rest is called neutral, and the same step away from rest weighs the same in everybody. The limit keeps
a grin that was taken for rest from turning happy into neutral.

What is typical is the middle of the densest half of the answers, not their mean: whoever talks, blinks or laughs half
of the time still rests in the other half. Nothing of it outlives the run.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from ..types import Floats

NEUTRAL = "neutral"
RESTING = 0.8
"""Probability of neutral in a face at rest, once its own baseline is taken off."""
LIMIT = 2.0
"""By how much a class may be moved against neutral, in logits. Of six pairs of RESTING and LIMIT, tried on films of six
people from rest to expression with two networks, this one spoilt no expression; with a limit of 3 a point more of the
frames was called right, but a smile that fills most of a film began to be called neutral."""
SMALLEST = 1e-6
SECONDS = 3.0
"""How long a person is to show a neutral face."""
LEAST = 5
"""Answers below which nothing is typical."""
ROUNDS = 8


def typical(answers: Floats) -> Floats | None:
    """The logits that are most typical of a face, up to a constant. (K,)

    Args:
        answers: (T, K) probabilities of one face, without any offset.

    Returns:
        The middle of the densest half: of the half that lies nearest the median, the median, until it stays. None
        where there are fewer answers than `LEAST`.
    """
    if len(answers) < LEAST:
        return None
    logits = np.log(np.maximum(answers, SMALLEST))
    middle = np.median(logits, axis=0)
    for _ in range(ROUNDS):
        apart = np.abs(logits - middle).sum(axis=1)
        before, middle = middle, np.median(logits[apart <= np.median(apart)], axis=0)
        if np.array_equal(before, middle):
            break
    return np.asarray(middle, np.float32)


def own_offset(at_rest: Floats, labels: Sequence[str]) -> Floats:
    """What to add to the logits of a face whose rest is `at_rest`, (K,); nothing where no class is neutral."""
    if NEUTRAL not in labels:
        return np.zeros(len(labels), np.float32)
    neutral = labels.index(NEUTRAL)
    wanted = np.full(len(labels), np.log((1 - RESTING) / (len(labels) - 1)), np.float32)
    wanted[neutral] = np.log(RESTING)
    moved = (wanted - wanted[neutral]) - (at_rest - at_rest[neutral])
    return np.asarray(np.clip(moved, -LIMIT, LIMIT), np.float32)


@dataclass(slots=True)
class _Person:
    answers: list[Floats] = field(default_factory=list)
    first_s: float | None = None
    at_rest: Floats | None = None


class Baselines:
    """The neutral faces of those who are seen, by track number.

    Args:
        labels: class names, in the network's order.
        seconds: how long a person is looked at before the baseline stands.
    """

    def __init__(self, labels: Sequence[str], seconds: float = SECONDS) -> None:
        self._labels, self._seconds = tuple(labels), seconds
        self._people: dict[int, _Person] = {}

    def keep(self, tracks: Collection[int]) -> None:
        """From now on these faces have a baseline: new ones begin to show it, others lose theirs."""
        self._people = {track: self._people.get(track, _Person()) for track in tracks}

    def know(self, at_rest: Mapping[int, Floats]) -> None:
        """These faces' rests are known already, as from an earlier look at the recording; nobody else's is."""
        self._people = {track: _Person(at_rest=rest) for track, rest in at_rest.items()}

    def learns(self, track: int) -> bool:
        """Whether a face's rest is being learnt."""
        person = self._people.get(track)
        return person is not None and person.at_rest is None

    def add(self, track: int, probabilities: Floats, time_s: float) -> None:
        """An answer about a face, heard while its rest is being learnt.

        Args:
            track: number of the face.
            probabilities: (K,), without any offset.
            time_s: of the picture, in seconds.
        """
        if not self.learns(track):
            return
        person = self._people[track]
        if person.first_s is None or time_s < person.first_s:
            person.first_s = time_s
        person.answers.append(probabilities)
        if time_s - person.first_s >= self._seconds:
            person.at_rest = typical(np.stack(person.answers))
            if person.at_rest is not None:
                person.answers.clear()

    def progress(self, track: int, time_s: float) -> float | None:
        """How much of a face's rest has been seen, 0–1, 1 where the baseline stands; None where none is wanted."""
        person = self._people.get(track)
        if person is None:
            return None
        if person.at_rest is not None:
            return 1.0
        since_s = 0.0 if person.first_s is None else time_s - person.first_s
        return min(0.99, max(0.0, since_s / self._seconds))

    def offset(self, track: int, prior: Floats | None = None) -> Floats | None:
        """What to add to a face's logits besides the offset of a prior, (K,); None for nothing."""
        person = self._people.get(track)
        if person is None or person.at_rest is None:
            return None
        return own_offset(person.at_rest if prior is None else person.at_rest + prior, self._labels)

    def reset(self) -> None:
        """Forgets everybody."""
        self._people.clear()
