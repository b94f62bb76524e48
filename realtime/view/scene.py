"""Everything one drawn picture speaks of, gathered before drawing so that drawing is a pure function of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..reading.smoothing import Shown
from ..types import Floats, Image

CORNERS = ("lower left", "lower right", "upper left")
"""Where the inset may stand, the usual place first; the upper right belongs to the status panel."""


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
        corner: where the inset stands, one of CORNERS.
    """

    faces: tuple[Shown, ...] = ()
    chosen: int | None = None
    chip: Image | None = None
    status: Status | None = None
    history: Floats | None = None
    history_s: float = 0.0
    notice: str = ""
    corner: str = CORNERS[0]

    @property
    def subject(self) -> Shown | None:
        """The chosen face."""
        return None if self.chosen is None else self.faces[self.chosen]
