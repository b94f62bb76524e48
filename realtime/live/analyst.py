"""The analysis' own thread: the newest frame in, readings out; the wish of the moment decides what is asked.

A change of the wish while the picture stands still is answered for the same frame again, without looking for faces
anew; a photo that comes again is not searched either, and its faces keep their numbers. Until the session of another
layer is built, the one before is explained, never by waiting; an explanation says itself what it speaks of. Where a
film runs, new faces, and of a single one how it is tilted and who it is, are looked for after a frame was handed on, so
that it comes when the others come.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from threading import Thread
from time import sleep
from typing import TypeAlias

import cv2
import numpy as np

from ..faces.geometry import mirrored
from ..media.raster import Bgr
from ..network.network import Request
from ..reading.session import ReadFrame, Seen, Session, Wish
from ..types import Face, Frame
from .feed import Feed
from .mailbox import Mailbox
from .pace import Pace

LOOK_S = 0.03
"""How long to wait for a frame before looking whether the wish has changed, in seconds."""
AGAIN_S = 0.02
"""What it may take to answer for the same frame again, in seconds: not where another frame is due before."""


Analysed: TypeAlias = "ReadFrame[Frame]"
"""`fresh` is False where only the wish had changed."""


@dataclass(frozen=True, slots=True)
class Watching:
    """How the viewer watches at the moment.

    Attributes:
        wish: what is to be known.
        mirror: whether frames are flipped left to right before anything else.
        hold: whether the last frame is to stay.
        still: whether a picture stands still or is kept, so that it must show new faces itself, not the next one.
    """

    wish: Wish = field(default_factory=Wish)
    mirror: bool = False
    hold: bool = False
    still: bool = False


class Analyst:
    """Analyses the newest frame of a feed on a thread of its own; a context manager that ends the thread.

    Attributes:
        newest: the newest result that nobody has taken.
        watching: what is wanted; may be replaced at any time.
        busy: whether a frame is being read.
        error: what ended the analysis before its time, or None.
    """

    def __init__(self, feed: Feed, session: Session, watching: Watching) -> None:
        self.newest: Mailbox[Analysed] = Mailbox()
        self.watching = watching
        self.error: Exception | None = None
        self.busy = False
        self._feed, self._session = feed, session
        self._thread = Thread(target=self._run, name="analysis", daemon=True)
        self._stop = False
        self._shot: Frame | None = None
        self._source, self._pace = feed.source, Pace()
        self._mirrored = False
        self._known: dict[str, tuple[Face, ...]] = {}

    def __enter__(self) -> Analyst:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop = True
        self._thread.join()  # it ends after the picture it reads; left behind, Python would end it within onnxruntime

    def _run(self) -> None:
        try:
            self._analyse()
        except Exception as error:  # handed to the main thread, which raises it
            self.error = error
        finally:
            self.newest.close()

    def _analyse(self) -> None:
        last: Analysed | None = None
        answered: tuple[Watching, Request] | None = None
        ready = Request()
        while not self._stop and not self._feed.newest.ended:
            watching = self.watching
            turned = answered is not None and answered[0].mirror != watching.mirror
            frame = self._next(watching) or (self._shot if turned else None)
            if self._session.network.ready(watching.wish.request):
                ready = watching.wish.request
            wish = replace(watching.wish, request=ready)
            if frame is not None:
                self._pace.came()
                self.busy = True
                self._session.finder.puts_off = not (watching.still or frame.photo)
                last = self._read(frame, wish, watching.mirror)
            elif last is not None and (watching, ready) != answered:
                last = self._again(last, wish)
            else:
                continue
            answered = (watching, ready)
            self.newest.put(last)
            self._session.catch_up()
            self.busy = False

    def _next(self, watching: Watching) -> Frame | None:
        if not watching.hold or self._shot is None:  # something must be there to be held
            frame = self._feed.newest.take(LOOK_S)
            if frame is None and (due_s := self._pace.wait_s(AGAIN_S)):
                frame = self._feed.newest.take(due_s)
            return frame
        sleep(LOOK_S)
        return None

    def _read(self, frame: Frame, wish: Wish, mirror: bool) -> Analysed:
        if self._feed.source is not self._source:
            self._source = self._feed.source
            self._session.reset()
        if mirror != self._mirrored:
            self._mirrored = mirror
            self._session.mirror(frame.picture.width)
        fresh = frame is not self._shot
        self._shot = frame
        if mirror:
            frame = replace(frame, picture=Bgr(np.asarray(cv2.flip(frame.image, 1), np.uint8)))
        return ReadFrame(frame, self._seen(frame, wish, mirror), fresh, wish.prior)

    def _seen(self, frame: Frame, wish: Wish, mirror: bool) -> Seen:
        """Who is in a frame; the faces of a photo are remembered as they stand in it, not flipped."""
        width = frame.picture.width
        if frame.photo in self._known:
            faces = self._known[frame.photo]
            standing = [mirrored(face, width) for face in faces] if mirror else faces
            return self._session.read_faces(frame.picture, standing, frame.time_s, wish)
        seen = self._session.read(frame.picture, frame.time_s, wish)
        if frame.photo:
            found = (shown.reading.face for shown in seen.faces)
            self._known[frame.photo] = tuple(mirrored(face, width) if mirror else face for face in found)
        return seen

    def _again(self, last: Analysed, wish: Wish) -> Analysed:
        faces = [shown.reading.face for shown in last.faces]
        seen = self._session.read_faces(last.frame.picture, faces, last.frame.time_s, wish)
        return ReadFrame(last.frame, seen, fresh=False, prior=wish.prior)
