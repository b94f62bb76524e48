"""A frame's whole path to the window, on one page.

    source ─▶ Feed ─▶ Analyst ─▶ scene ─▶ patches ─▶ window
              thread  thread     └──── main thread ────┘
                        ▲                                │
                        └── wish ◀── state ◀── keys ─────┘

Each arrow between threads holds one thing, the newest. The window belongs to the main thread.
"""

from __future__ import annotations

from dataclasses import replace
from operator import attrgetter
from pathlib import Path
from typing import Any

from ..draw.arrange import Arranger
from ..draw.maps import Grid
from ..draw.patch import lay
from ..draw.picture import patches
from ..draw.stage import SMALL, Stage, on_board
from ..errors import SourceError
from ..reading.analysis import Analyser
from ..reading.subject import left_to_right
from ..system.interrupts import Interrupts
from ..system.memory import Tidy
from ..types import Image
from ..view.keys import KEYS
from ..view.scene import Status
from ..view.state import Action, ViewState
from ..view.views import VIEWS, request_of
from .analyst import Analysed, Analyst, Wish
from .controls import Command, Controls
from .feed import Feed
from .notes import Notes
from .ordering import Ordering
from .opening import next_camera
from .pointing import Seen, pointed_at
from .recording import Recording
from .scenes import Scenes
from .snapshot import save_snapshot
from .source import Source
from .window import Window

OF_FACES = attrgetter("view", "layer", "method", "unit", "target", "heat", "history", "bars", "names")
"""What only faces show."""
WAIT_S = 0.01
"""How long the window waits for a picture before it looks at its keys again, in seconds."""


class Viewer:
    """Shows a source in a window until the user leaves or the source ends.

    Args:
        source: closed at the end.
        analyser: reads the faces.
        window: where it is shown; closed by whoever opened it.
        state: what is shown at first.
        output: folder for snapshots and recordings.
    """

    def __init__(self, source: Source, analyser: Analyser, window: Window, state: ViewState, output: Path) -> None:
        self.analyser, self.window, self.output = analyser, window, output
        self.feed = Feed(source)
        self.notes = Notes()
        self.recording = Recording(output, self.notes)
        self.controls = Controls(window, state, self.notes, self._commands(), self._at)
        self.scenes = Scenes(self._status)
        self._latest: Analysed | None = None
        self._drawn_around: tuple[object, ...] = ()
        self._arranger, self._order = Arranger(), Ordering()
        self._seen: Seen | None = None

    @property
    def state(self) -> ViewState:
        """What is shown."""
        return self.controls.state

    @property
    def source(self) -> Source:
        """What is watched."""
        return self.feed.source

    def run(self) -> None:
        """Runs until the window is closed, the user leaves (Ctrl-C is one way to), or the source ends.

        Raises:
            EmoscopeError: what ended the source or the analysis before its time.
        """
        try:
            analyst = Analyst(self.feed, self.analyser, self._wish())
            with Interrupts() as interrupts, Tidy(), self.feed, analyst:
                while self._goes_on(analyst) and not interrupts.heard:
                    self._turn(analyst)
        finally:
            self.recording.finish()
        error = self.feed.error or analyst.error
        if error is not None:
            raise error

    def _goes_on(self, analyst: Analyst) -> bool:
        return self.window.open and not self.controls.leaving and not analyst.newest.ended

    def _turn(self, analyst: Analyst) -> None:
        """One round: a picture if there is one, the keys, the wish that follows from them."""
        analysed = analyst.newest.take(WAIT_S)
        changed = self._listen()
        analyst.wish = self._wish()
        if analysed is not None:
            self._take(analysed)
        if self._latest is not None and (analysed is not None or changed or self._around() != self._drawn_around):
            self._show(self._latest)
        if analysed is not None:
            self.scenes.shown(analysed)

    def _listen(self) -> bool:
        before, changed = self.state, self.controls.listen()
        if self.state.paused != before.paused:
            self.source.pause(self.state.paused)
        if self._latest is not None and not self._latest.faces and OF_FACES(self.state) != OF_FACES(before):
            self.notes.say("no face in the picture")  # else such a key would seem to do nothing
        return changed

    def _take(self, analysed: Analysed) -> None:
        self._latest = analysed
        subject = self.scenes.take(analysed, self.state)
        tracks = left_to_right(analysed.faces)
        self.controls.state = replace(self.state, tracks=tracks, subject=subject, **self._pages(analysed, subject))

    def _pages(self, analysed: Analysed, subject: int) -> dict[str, Any]:
        """The order of the maps that are shown, renewed about once a second, and how many there are on a page."""
        why = next((one.reading.explanation for one in analysed.faces if one.reading.face.track == subject), None)
        if self.state.view not in ("maps", "map") or why is None or why.maps is None:
            return {}
        size = Grid.of(why.maps.shape[2], self._seen.places.edge).shown if self._seen and self._seen.places.edge else 0
        return {"page_size": size, "order": self._order.of(why, self.state)}

    def _show(self, analysed: Analysed) -> None:
        with self.analyser.stopwatch.stage("draw"):
            image = self._drawn(analysed)
        with self.analyser.stopwatch.stage("show"):
            self.window.show(image)
        self.recording.add(image, analysed.frame.image)

    def _drawn(self, analysed: Analysed) -> Image:
        stage = self._stage(analysed)
        board = on_board(analysed.frame.image, stage)
        self._drawn_around = self._around()
        scene = self.scenes.scene(analysed, self.state, self._notice(), stage)
        places = self._arranger.arrange(scene, self.state, stage)
        self._seen = Seen(scene, places)
        lay(board, patches(scene, self.state, places, KEYS))
        return board

    def _status(self) -> Status:
        return Status(
            source=self.source.name,
            dropped=self.feed.newest.dropped,
            model=self.analyser.network.name,
            provider=self.analyser.network.provider,
            stages_s=self.analyser.stopwatch.seconds,
            position=self.source.position,
            recording=self.recording.running,
        )

    def _notice(self) -> str:
        return self.notes.text or self.source.notice or ("paused" if self.state.paused else "")

    def _around(self) -> tuple[object, ...]:
        """What a still picture is drawn anew for, without a key: else it would be stretched, or tell old news."""
        return self._notice(), self.window.size, self.recording.running, self.scenes.idle

    def _wish(self) -> Wish:
        held = self.state.paused and not self.source.can_pause
        return Wish(request_of(self.state), self.state.target, self.state.mirror, held)

    def _commands(self) -> dict[str, Command]:
        return {
            "snapshot": self._snapshot,
            "record": lambda: self.recording.toggle(clean=False),
            "record_clean": lambda: self.recording.toggle(clean=True),
            "camera": self._next_camera,
            "classes": lambda: self.notes.say(f"the model has {len(self.state.labels)} classes"),
            "fullscreen": self.window.toggle_fullscreen,
            "step": lambda: self.source.step(),
            "back": lambda: self.source.move(-1),
            "forward": lambda: self.source.move(+1),
        }

    def _next_camera(self) -> None:
        if not self.source.is_camera:  # which may wait long before it gives a picture and looks at wishes
            raise SourceError("this is no camera")
        self.feed.change(lambda: next_camera(self.source), self.notes.say)

    def _snapshot(self) -> None:
        if self._latest is not None:
            scene = replace(self.scenes.scene(self._latest, self.state), status=None)
            name = save_snapshot(self.output, self._latest.frame, scene, replace(self.state, help=False))
            self.notes.say(f"saved {name}")

    def _at(self, x: int, y: int) -> Action | None:
        """What a click at this point of the window means."""
        return None if self._seen is None else pointed_at(x, y, self._seen, self.state)

    def _stage(self, analysed: Analysed) -> Stage:
        height, width = analysed.frame.image.shape[:2]
        inset = self.state.inset if VIEWS[self.state.view].picture is not None else SMALL
        return Stage.of((width, height), self.window.size, inset)
