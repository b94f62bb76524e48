"""From an analysed frame to the scene that is drawn: whom it speaks of, what went before, how the program does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from time import perf_counter

import numpy as np

from ..draw.inset_pictures import INSETS
from ..draw.stage import Stage
from ..network.atlas import Atlas
from ..reading.crops import face_chip
from ..reading.smoothing import SMOOTHING_S, Shown, at_scale
from ..types import Floats
from ..view.scene import Likes, Scene, Status
from ..view.state import ViewState
from .analyst import Analysed
from .past import SPAN_S, Past
from .rate import Rate

TELL_EVERY_S = 0.5
"""How often the status panel's figures change, in seconds."""


class Scenes:
    """Makes scenes, and remembers what they need of the frames before.

    Args:
        status: what the program knows of itself; rate and latency are added here.
        atlas: what the model's filters look for, where that is known.
    """

    def __init__(self, status: Callable[[], Status], atlas: Atlas | None = None) -> None:
        self._status, self._atlas = status, atlas
        self._past, self._rate = Past(), Rate()
        self._told, self._told_at_s = Status(), float("-inf")

    def take(self, analysed: Analysed) -> None:
        """Remembers a frame's readings."""
        if analysed.fresh:
            self._past.add(analysed.frame.time_s, analysed.faces)

    def shown(self, analysed: Analysed) -> None:
        """Notes that a frame is on the screen now."""
        if analysed.fresh:
            now_s = perf_counter()
            self._rate.tick(now_s, now_s - analysed.frame.captured_at)

    @property
    def idle(self) -> bool:
        """Whether no new picture was shown of late."""
        self._rate.look(perf_counter())
        return self._rate.idle

    def scene(
        self,
        analysed: Analysed,
        state: ViewState,
        notice: str = "",
        stage: Stage | None = None,
        strip: float | None = None,
        pointer: tuple[int, int] = (-1, -1),
    ) -> Scene:
        """What is to be drawn on a frame: in its own pixels, or in those of the board that it is shown on.

        Args:
            analysed: the frame, and who is in it.
            state: what is to be seen.
            notice: a line for whoever watches; "" for none.
            stage: the board on which the frame is shown; None to draw in the frame's own pixels.
            strip: how far the film has come, 0–1, NaN where it cannot be sought in; None while the mouse's strip is not
                shown.
            pointer: where the mouse is, in pixels of the board; (−1, −1) for nowhere.
        """
        x, y, factor = (0, 0, 1.0) if stage is None else _on(stage, analysed)
        faces = tuple(at_scale(shown, factor, x, y) for shown in analysed.faces)
        subject, picture = analysed.seen.subject, analysed.frame.picture
        return Scene(
            faces=faces,
            chosen=analysed.seen.chosen,
            chip=face_chip(picture, subject.reading) if subject is not None and state.view in INSETS else None,
            status=self._tell(),
            history=self._history(subject, state),
            history_s=SPAN_S,
            notice=notice,
            strip=strip,
            pointer=pointer,
            smoothed_s=0.0 if analysed.frame.photo else SMOOTHING_S,  # a photo is read once
            time_s=perf_counter(),
            likes=likes_of(self._atlas, state) if _is_there(subject, state) else None,
        )

    def _tell(self) -> Status:
        """The status, with figures that stay long enough to be read."""
        status, now_s = self._status(), perf_counter()
        self._rate.look(now_s)
        if now_s - self._told_at_s > TELL_EVERY_S:
            figures = replace(status, fps=self._rate.per_second, latency_s=self._rate.latency_s)
            self._told, self._told_at_s = figures, now_s
        told = self._told
        return replace(status, fps=told.fps, latency_s=told.latency_s, dropped=told.dropped, stages_s=told.stages_s)

    def _history(self, subject: Shown | None, state: ViewState) -> Floats | None:
        if not state.history or subject is None:
            return None
        return self._past.of(subject.reading.face.track, len(state.labels))


def _on(stage: Stage, analysed: Analysed) -> tuple[int, int, float]:
    """Where a frame's corner lies on a board, and how much larger it is there."""
    return stage.film.x, stage.film.y, stage.film.width / analysed.frame.picture.width


def _is_there(subject: Shown | None, state: ViewState) -> bool:
    """Whether the map that is wanted is shown, not yet that of the layer or the unit before."""
    why = None if subject is None else subject.reading.explanation
    if state.view != "map" or why is None:
        return False
    return why.layer == state.layer_name and (why.pixels is None or why.unit == state.unit)


def likes_of(atlas: Atlas | None, state: ViewState) -> Likes | None:
    """What the filter of the map that is shown looks for, and which class it speaks most for or against."""
    layer = None if atlas is None else atlas.layer(state.layer_name)
    if atlas is None or layer is None or state.unit >= layer.channels:
        return None
    if layer.shares is None:
        return Likes(layer.sprite(state.unit), caption=layer.caption(state.unit))
    shares = layer.shares[state.unit]
    most = int(np.nan_to_num(np.abs(shares)).argmax())
    side = "for" if shares[most] > 0 else "against"
    words = f"speaks {side} {atlas.labels[most]}, {100 * abs(float(shares[most])):.1f} %"
    return Likes(layer.sprite(state.unit), words, layer.caption(state.unit))
