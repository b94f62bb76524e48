"""Is what the window says legible, and does it stand still? Films are laid out frame by frame, without a screen.

    python -m emoscope.benchmark.layout FILM... [--size 960x540] [--frames N]

Counted are labels that something covers or that are cut off, frames whose chosen face has no named panel with numbers,
faces without a label, and how often each panel (and each label, relative to its face) jumps by more than 8 pixels
within a second; where faces cross in a crowd, labels must give way to one another more often than panels may. Each
frame is laid out in a window of the size that `live` would open for the film, or of the size that is asked for.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

import click
import numpy as np

from ..draw.arrange import Arrangement, Arranger
from ..draw.layout import Rect
from ..draw.patch import Patch, rect_of
from ..draw.picture import patches
from ..draw.stage import Stage
from ..live.window import first_size
from ..media.reader import Recording
from ..network.bundle import DEFAULT_MODEL
from ..reading.session import Session, open_session
from ..reading.smoothing import SMOOTHING_S, Shown, at_scale
from ..types import Explanation
from ..view.scene import Scene, Status
from ..view.state import ViewState, first_state

JUMP = 8
"""Pixels from which on a step is seen as a jump."""
SECOND_S = 1.0
LABEL = "label "
_STILL = Rect(0, 0, 1, 1)
Ends = tuple[int, int]


@dataclass(slots=True)
class LayoutTally:
    """What was counted over the frames of one film.

    Attributes:
        frames: how many there were.
        faces: in all of them.
        covered: labels that something lies on, or that are cut off.
        nameless: frames whose chosen face has no panel with all names and numbers, or no label.
        unlabelled: faces on the film that have no label.
        jumps: name of a panel or label → times in seconds at which it moved to another place.
    """

    frames: int = 0
    faces: int = 0
    covered: int = 0
    nameless: int = 0
    unlabelled: int = 0
    jumps: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def busiest(self, labels: bool = False) -> tuple[str, int]:
        """The panel (or label) that jumps most within a second, and how often."""
        of_kind = {name: times for name, times in self.jumps.items() if name.startswith(LABEL) == labels}
        most = {name: _most_within(times, SECOND_S) for name, times in of_kind.items()}
        return max(most.items(), key=lambda pair: pair[1], default=("nothing", 0))

    @property
    def fine(self) -> bool:
        """Whether everything is legible, and the panels are calm."""
        return not self.covered and not self.nameless and self.busiest()[1] < 2


class Watcher:
    """Counts, frame by frame."""

    def __init__(self) -> None:
        self.tally = LayoutTally()
        self._before: dict[str, tuple[Rect, Rect]] = {}

    def add(self, scene: Scene, places: Arrangement, drawn: list[Patch]) -> None:
        """Adds a frame that was laid out and drawn."""
        tally = self.tally
        tally.frames += 1
        tally.faces += len(scene.faces)
        tally.nameless += scene.chosen is not None and not _named(scene, places)
        here = {name: (place, _STILL) for name, place in places.panels.items()}
        for number, label in enumerate(places.labels):
            face = scene.faces[number].reading.face
            box = Rect.around(face.box_xyxy)
            tally.covered += label is not None and _covered(label, places, drawn)
            tally.unlabelled += label is None and box.common(places.stage.film) is not None
            place = rect_of(label)
            if place is not None:
                here[f"{LABEL}{face.track}"] = place, box
        self._count_jumps(here, scene.time_s)

    def _count_jumps(self, here: dict[str, tuple[Rect, Rect]], time_s: float) -> None:
        """A panel jumps when it moves, and no edge of what it belongs to moves along."""
        for name, (place, at) in here.items():
            if name in self._before:
                before, was_at = self._before[name]
                across = _alone(
                    (place.x, place.right), (before.x, before.right), (at.x, at.right), (was_at.x, was_at.right)
                )
                down = _alone(
                    (place.y, place.bottom), (before.y, before.bottom), (at.y, at.bottom), (was_at.y, was_at.bottom)
                )
                if max(across, down) > JUMP:
                    self.tally.jumps[name].append(time_s)
        self._before = here


def _alone(edges: Ends, before: Ends, at: Ends, was_at: Ends) -> float:
    """How far a panel moved along one axis without one of the edges, or the middle, of what it belongs to."""
    steps = [new - old for new, old in zip(edges, before, strict=True)]
    along = [new - old for new, old in zip(at, was_at, strict=True)]
    return min(abs(step - other) for step in steps for other in (*along, 0, sum(along) / 2))


def _named(scene: Scene, places: Arrangement) -> bool:
    """Whether the chosen face has its panel with all names and numbers, and its label."""
    form, subject = places.form, scene.subject
    if form is None or places.bars is None or subject is None or scene.chosen is None:
        return False
    return form.rows == len(subject.probabilities) and places.labels[scene.chosen] is not None


def _covered(label: Patch, places: Arrangement, drawn: list[Patch]) -> bool:
    """Whether the label is cut off, lies on a panel, or has something drawn over it."""
    place = rect_of(label)
    if place is None or not place.inside(places.stage.board):
        return True
    number = next(number for number, patch in enumerate(drawn) if patch is label)
    over = [Rect(patch.x, patch.y, patch.width, patch.height) for patch in drawn[number + 1 :]]
    return any(place.overlap(other) for other in [*places.panels.values(), *over])


def _most_within(times_s: list[float], span_s: float) -> int:
    times = np.array(times_s)
    return int(max((np.count_nonzero((times >= start) & (times < start + span_s)) for start in times), default=0))


def watch(
    path: Path, session: Session, state: ViewState, size: tuple[int, int] | None, frames: int | None
) -> LayoutTally:
    """Lays out a film's frames one after another.

    Args:
        path: the film.
        session: reads it.
        state: what is to be seen.
        size: of the window, (width, height); None for the one that the viewer would open.
        frames: how many at most; None for all.

    Returns:
        What was counted.
    """
    watcher, arranger = Watcher(), Arranger()
    for scene, stage in scenes(path, session, state, size, frames):
        places = arranger.arrange(scene, state, stage)
        watcher.add(scene, places, patches(scene, state, places))
    return watcher.tally


def scenes(
    path: Path, session: Session, state: ViewState, size: tuple[int, int] | None, frames: int | None
) -> Iterator[tuple[Scene, Stage]]:
    """A film's frames, read and said as the viewer does, each with the board it would be shown on.

    Args:
        path: the film.
        session: reads it, and forgets what it read before.
        state: what is to be seen.
        size: of the window, (width, height); None for the one that the viewer would open.
        frames: how many at most; None for all.
    """
    session.reset(anew=True)
    with Recording(path) as film:
        for frame in islice(film.frames(), frames):
            picture = frame.picture
            stage = Stage.of((picture.width, picture.height), size or first_size(picture.width, picture.height))
            seen = session.read(picture, frame.time_s)
            factor = stage.film.width / picture.width
            shown = tuple(_with_heat(at_scale(one, factor, stage.film.x, stage.film.y)) for one in seen.faces)
            status = Status(path.name, 30.0, 0.011, 0, session.network.name, "CPU", {}, False, "0:00 / 0:10")
            yield Scene(shown, seen.chosen, None, status, smoothed_s=SMOOTHING_S, time_s=frame.time_s), stage
            picture.forget()


def _with_heat(shown: Shown) -> Shown:
    """The face with a cold heatmap, so that the inset stands as it does in the viewer."""
    why = Explanation("layer", None, "gradcam", shown.label, np.zeros((6, 6), np.float32))
    return replace(shown, reading=replace(shown.reading, explanation=why))


@click.command()
@click.argument("films", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--model", default=DEFAULT_MODEL, show_default=True, help="Shipped name or path.")
@click.option("--size", help="Size of the window, such as 960x540; default: as `live` opens it.")
@click.option("--frames", type=click.IntRange(1), help="At most so many frames of each film.")
@click.option("--heat", is_flag=True, help="With heat on the faces.")
def main(
    films: tuple[Path, ...],
    model: str,
    size: str | None,
    frames: int | None,
    heat: bool,
) -> None:
    """Lay out FILMS frame by frame and count what is illegible or restless."""
    width, _, height = (size or "").partition("x")
    window = (int(width), int(height)) if size else None
    fine = True
    with open_session(model) as session:
        state = replace(first_state(session.network.contract), heat=heat)
        click.echo("frames  faces  covered  nameless  unlabelled  panel jumps/s  label jumps/s  film")
        for film in films:
            tally = watch(film, session, state, window, frames)
            (name, most), (_, restless) = tally.busiest(), tally.busiest(labels=True)
            fine = fine and tally.fine
            row = f"{tally.frames:6} {tally.faces:6} {tally.covered:8} {tally.nameless:9} {tally.unlabelled:11}"
            click.echo(f"{row} {most:14} {restless:14}  {film.name}" + (f" ({name})" if most else ""))
    sys.exit(0 if fine else 1)


if __name__ == "__main__":
    main()
