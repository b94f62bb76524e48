"""Several runs of one plan, over folds of the data or seeds, and how far their figures scatter.

    RUNS/fold-1/            a run that is judged on the first part of the data and learns from the others
         seed-0/            or a run of this seed, on the split that all share
         fold-1-seed-0/     or a run of this seed on that part
         summary.csv        what each came to on its test pictures

Of K figures the mean and its 95 % interval by Student's t are told; of a fold that was run with several seeds the mean
is one such figure, since the same pictures judged again are no new ones. Runs of different seeds are independent; folds
share most of their training pictures, so that their interval is somewhat too narrow (Bengio & Grandvalet 2004).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import mean, stdev

from ..plan import Plan

SUMMARY = "summary.csv"
AGAIN = "-seed-"
"""What parts a fold's name from the seed's."""
CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class RunScore:
    """What one run came to on its test pictures; shares 0–1.

    Attributes:
        name: of its folder.
        pictures: how many it was judged on.
        accuracy: share called right.
        balanced: mean recall of the classes.
        macro_f1: mean F1 of the classes.
    """

    name: str
    pictures: int
    accuracy: float
    balanced: float
    macro_f1: float


def repeats(plan: Plan, folds: int, seeds: int) -> list[tuple[str, Plan]]:
    """The plan of each run and the name of its folder.

    Args:
        plan: what all have in common.
        folds: into how many parts the data are divided, each of which is the test once; 0 for none.
        seeds: how many runs of different seeds, all on the same split, or on each fold; 0 for none.
    """
    if folds and seeds:
        return [
            (f"{fold}-{seed}", made) for fold, part in repeats(plan, folds, 0) for seed, made in repeats(part, 0, seeds)
        ]
    if folds:
        parts = ((number, replace(plan.splitting, folds=folds, fold=number)) for number in range(1, folds + 1))
        return [(f"fold-{number}", replace(plan, splitting=part)) for number, part in parts]
    numbers = range(plan.recipe.seed, plan.recipe.seed + seeds)
    return [(f"seed-{number}", replace(plan, recipe=replace(plan.recipe, seed=number))) for number in numbers]


def interval(values: Sequence[float]) -> tuple[float, float]:
    """The mean of two or more values, and how far its 95 % interval reaches to either side."""
    from scipy.stats import t

    reach = float(t.ppf((1 + CONFIDENCE) / 2, len(values) - 1)) * stdev(values) / math.sqrt(len(values))
    return mean(values), reach


def summary_csv(scores: Sequence[RunScore]) -> str:
    """The runs as CSV text."""
    rows = [f"{one.name},{one.pictures},{one.accuracy:.4f},{one.balanced:.4f},{one.macro_f1:.4f}" for one in scores]
    return "\n".join(("run,pictures,accuracy,balanced,macro_f1", *rows)) + "\n"


def summary(scores: Sequence[RunScore]) -> str:
    """The runs as a table, and the mean of each figure with its interval."""
    wide = max(len(one.name) for one in scores)
    rows = [
        f"{one.name:{wide}} {one.pictures:8,} {one.accuracy:9.4f} {one.balanced:9.4f} {one.macro_f1:9.4f}"
        for one in scores
    ]
    means = []
    for name, attribute in (("accuracy", "accuracy"), ("balanced", "balanced"), ("macro-F1", "macro_f1")):
        figures: defaultdict[str, list[float]] = defaultdict(list)
        for one in scores:
            figures[one.name.partition(AGAIN)[0]].append(getattr(one, attribute))
        middle, reach = interval([mean(same) for same in figures.values()])
        means.append(f"{name} {middle:.4f} ± {reach:.4f}")
    heading = f"{'run':{wide}} {'pictures':>8} {'accuracy':>9} {'balanced':>9} {'macro-F1':>9}"
    return "\n".join([heading, *rows, f"mean ± 95 % (t): {', '.join(means)}"])
