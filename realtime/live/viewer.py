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

from ..draw.patch import lay
from ..draw.picture import compose
from ..errors import SourceError
from ..reading.session import NOBODY, Session
from ..system.interrupts import Interrupts
from ..system.memory import Tidy
from ..types import Image
from ..view.keys import KEYS
from ..view.scene import Status
from ..view.state import PRIOR, REST, Action, ViewState, news_of, wish_of
from .analyst import Analysed, Analyst, Watching
from .controls import Command, Controls
from .feed import Feed
from .notes import Notes
from .opening import next_camera
from .placing import Placing
from .pointing import pointed_at
from .recording import WindowRecording
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
        session: reads the faces; closed by whoever opened it.
        window: where it is shown; closed by whoever opened it.
        state: what is shown at first.
        output: folder for snapshots and recordings.
    """

    def __init__(self, source: Source, session: Session, window: Window, state: ViewState, output: Path) -> None:
        self.session, self.window, self.output = session, window, output
        self.feed = Feed(source)
        self.notes = Notes()
        self.recording = WindowRecording(output, self.notes)
        self.controls = Controls(window, state, self.notes, self._commands(), self._at)
        self.scenes = Scenes(self._status)
        self._latest: Analysed | None = None
        self._drawn_around: tuple[object, ...] = ()

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
            analyst = Analyst(self.feed, self.session, self._watching())
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
        analyst.watching = self._watching()
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
        self.scenes.take(analysed)
        subject = analysed.seen.subject
        track = NOBODY if subject is None else subject.reading.face.track
        self.controls.state = replace(self.state, tracks=analysed.seen.tracks, subject=track)

    def _show(self, analysed: Analysed) -> None:
        with self.session.stopwatch.stage("draw"):
            image = self._drawn(analysed)
        with self.session.stopwatch.stage("show"):
            self.window.show(image)
        self.recording.add(image, analysed.frame.image)

    def _drawn(self, analysed: Analysed) -> Image:
        window = self.window.size
        placing = self._placing(analysed, window)
        image = placing.scaled(analysed.frame.image)
        self._drawn_around = self._around()
        scene = self.scenes.scene(analysed, self.state, self._notice(), placing.factor)
        lay(image, compose(scene, self.state, placing.width, placing.height, KEYS))
        return placing.framed(image, window)

    def _status(self) -> Status:
        return Status(
            source=self.source.name,
            dropped=self.feed.newest.dropped,
            model=self._model(),
            provider=self.session.network.provider,
            stages_s=self.session.stopwatch.seconds,
            position=self.source.position,
            recording=self.recording.running,
        )

    def _model(self) -> str:
        """The network, and how much of its prior is taken off where that is not what it does itself."""
        name, prior = self.session.network.name, self.state.prior
        usual = prior in (None, self.session.network.contract.default_prior)
        return name if usual else f"{name} at prior {prior:g}"

    def _notice(self) -> str:
        return self.notes.text or self.source.notice or ("paused" if self.state.paused else "")

    def _around(self) -> tuple[object, ...]:
        """What a still picture is drawn anew for, without a key: else it would be stretched, or tell old news."""
        return self._notice(), self.window.size, self.recording.running, self.scenes.idle

    def _watching(self) -> Watching:
        held = self.state.paused and not self.source.can_pause
        return Watching(wish_of(self.state), self.state.mirror, held)

    def _commands(self) -> dict[str, Command]:
        return {
            "snapshot": self._snapshot,
            "record": lambda: self.recording.toggle(clean=False),
            "record_clean": lambda: self.recording.toggle(clean=True),
            "camera": self._next_camera,
            "classes": lambda: self.notes.say(f"the model has {len(self.state.labels)} classes"),
            "fullscreen": self.window.toggle_fullscreen,
            PRIOR: lambda: self.notes.say(news_of(self.state, PRIOR)),
            REST: lambda: self.notes.say(news_of(self.state, REST)),
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
        if self._latest is None:
            return None
        placing = self._placing(self._latest, self.window.size)
        scene = self.scenes.scene(self._latest, self.state, factor=placing.factor)
        return pointed_at(x, y, scene, self.state, placing)

    def _placing(self, analysed: Analysed, window: tuple[int, int]) -> Placing:
        picture = analysed.frame.picture
        return Placing.of((picture.width, picture.height), window)
