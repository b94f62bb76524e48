"""The analysis' own thread: the newest frame in, readings out; the wish of the moment decides what is asked.

A change of the wish while the picture stands still is answered for the same frame again, without looking for
faces anew. A layer whose session is not built yet is answered without explanation, never by waiting.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from threading import Thread
from time import sleep
from types import TracebackType

import cv2
import numpy as np

from ..network.network import PREDICTED, Request
from ..reading.analysis import Analyser
from ..reading.voice import Voice
from ..types import Face, Frame
from ..view.scene import Shown
from .feed import JOIN_S, Feed
from .newest import Newest

LOOK_S = 0.03
"""How long to wait for a frame before looking whether the wish has changed, in seconds."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the viewer wants to know at the moment.

    Attributes:
        request: of the network.
        target: class that heatmaps speak for, or PREDICTED.
        mirror: whether frames are flipped left to right before anything else.
        hold: whether the last frame is to stay.
    """

    request: Request = field(default_factory=Request)
    target: int = PREDICTED
    mirror: bool = False
    hold: bool = False


@dataclass(frozen=True, slots=True)
class Analysed:
    """A frame and all that is known of it; `fresh` is False where only the wish had changed."""

    frame: Frame
    faces: tuple[Shown, ...]
    fresh: bool = True


class Analyst:
    """Analyses the newest frame of a feed on a thread of its own; a context manager that ends the thread.

    Attributes:
        newest: the newest result that nobody has taken.
        wish: what is wanted; may be replaced at any time.
        error: what ended the analysis before its time, or None.
    """

    def __init__(self, feed: Feed, analyser: Analyser, wish: Wish) -> None:
        self.newest: Newest[Analysed] = Newest()
        self.wish = wish
        self.error: Exception | None = None
        self._feed, self._analyser = feed, analyser
        self._voice = Voice(analyser.network.contract.labels)
        self._thread = Thread(target=self._run, name="analysis", daemon=True)
        self._stop = False
        self._time_s = float("-inf")
        self._shot: Frame | None = None
        self._mirrored = False

    def __enter__(self) -> Analyst:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop = True
        self._thread.join(JOIN_S)

    def _run(self) -> None:
        try:
            self._analyse()
        except Exception as error:  # handed to the main thread, which raises it
            self.error = error
        finally:
            self.newest.close()

    def _analyse(self) -> None:
        last: Analysed | None = None
        answered: tuple[Wish, Request] | None = None
        while not self._stop and not self._feed.newest.ended:
            wish = self.wish
            frame = self._next(wish) or (self._shot if answered and answered[0].mirror != wish.mirror else None)
            ready = wish.request if self._analyser.network.ready(wish.request) else Request()
            if frame is not None:
                last = self._read(frame, wish, ready)
            elif last is not None and (wish, ready) != answered:
                last = self._again(last, wish, ready)
            else:
                continue
            answered = (wish, ready)
            self.newest.put(last)

    def _next(self, wish: Wish) -> Frame | None:
        if not wish.hold or self._shot is None:  # something must be there to be held
            return self._feed.newest.take(LOOK_S)
        sleep(LOOK_S)
        return None

    def _read(self, frame: Frame, wish: Wish, ready: Request) -> Analysed:
        if frame.time_s < self._time_s:
            self._analyser.finder.reset()
            self._voice.reset()
        if wish.mirror != self._mirrored:
            self._mirrored = wish.mirror
            self._analyser.finder.mirror(frame.image.shape[1])
        fresh = frame is not self._shot
        self._time_s, self._shot = frame.time_s, frame
        if wish.mirror:
            frame = replace(frame, image=np.asarray(cv2.flip(frame.image, 1), np.uint8))
        readings = self._analyser.read(frame.image, frame.time_s, ready, self._voice.targets(wish.target))
        return Analysed(frame, self._voice.say(readings, frame.time_s), fresh)

    def _again(self, last: Analysed, wish: Wish, ready: Request) -> Analysed:
        faces: list[Face] = [shown.reading.face for shown in last.faces]
        if not faces:
            return replace(last, fresh=False)
        readings = self._analyser.read_faces(last.frame.image, faces, ready, self._voice.targets(wish.target))
        return Analysed(last.frame, self._voice.say(readings, last.frame.time_s), fresh=False)
