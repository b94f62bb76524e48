"""Everything one drawn picture speaks of, gathered before drawing so that drawing is a pure function of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..reading.smoothing import Shown
from ..types import Floats, Image


@dataclass(frozen=True, slots=True)
class Status:
    """The state of the running program, as the status panel tells it.

    Attributes:
        source: what is watched.
        fps: pictures shown per second, 0 while unknown or while nothing comes.
        latency_s: from capture to screen, or None where frames have no moment of capture.
        dropped: frames that a slow machine skipped.
        model: the network's name.
        provider: the execution provider that really runs.
        stages_s: seconds per stage and frame.
        recording: whether a recording runs.
        position: where in a file the picture stands, "" for live sources.
        logging: whether readings are logged.
    """

    source: str = ""
    fps: float = 0.0
    latency_s: float | None = None
    dropped: int = 0
    model: str = ""
    provider: str = ""
    stages_s: Mapping[str, float] = field(default_factory=dict)
    recording: bool = False
    position: str = ""
    logging: bool = False


@dataclass(frozen=True, slots=True)
class Likes:
    """What the chosen map's filter looks for, from the model's atlas.

    Attributes:
        picture: (t, t) gray or (t, t, 3) BGR, the made-up input that excites it most.
        words: which class it speaks most for or against, "" where nobody measured.
        caption: of the picture.
    """

    picture: Image
    words: str = ""
    caption: str = "likes best"


@dataclass(frozen=True, slots=True)
class Scene:
    """What is drawn on one picture.

    Attributes:
        faces: all faces, in any order.
        chosen: number of the face that the inset speaks of, in `faces`, or None.
        chip: (h, h) the part of the picture that the chosen face's crop was made from, gray, or None.
        status: None where there is no running program to speak of, as in a recorded file.
        history: (T, K) probabilities of the chosen face, oldest first, NaN where it was not seen; or None.
        history_s: seconds that `history` spans.
        notice: one line over everything, such as "paused"; "" for none.
        strip: how far the film has come, 0–1 or NaN, where the strip for the mouse is shown; else None.
        pointer: x, y of the mouse on the board.
        smoothed_s: time constant of the smoothing of what is shown, in seconds; 0 where the answers are raw.
        time_s: when it is drawn, on a clock of whoever draws one picture after another; panels move slowly by it.
        likes: what the filter of the map that is shown large looks for, where the model has an atlas.
    """

    faces: tuple[Shown, ...] = ()
    chosen: int | None = None
    chip: Image | None = None
    status: Status | None = None
    history: Floats | None = None
    history_s: float = 0.0
    notice: str = ""
    strip: float | None = None
    pointer: tuple[int, int] = (-1, -1)
    smoothed_s: float = 0.0
    time_s: float = 0.0
    likes: Likes | None = None

    @property
    def subject(self) -> Shown | None:
        """The chosen face."""
        return None if self.chosen is None else self.faces[self.chosen]
