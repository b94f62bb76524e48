"""A frame's whole path to the window, on one page.

    source ─▶ Feed ─▶ Analyst ─▶ scene ─▶ places ─▶ patches ─▶ window
              thread  thread     └───────── main thread ─────────┘
                        ▲                                │
                        └── wish ◀── state ◀── keys ─────┘

Each arrow between threads holds one thing, the newest. The window belongs to the main thread.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from operator import attrgetter
from pathlib import Path
from typing import Any

from ..draw.arrange import Arranger
from ..draw.inset_pictures import INSETS
from ..draw.layers import LayerStrip
from ..draw.maps import Grid
from ..draw.patch import lay
from ..draw.picture import overlays, patches
from ..draw.stage import SMALL, Stage, dark_board, on_board
from ..draw.style import Sizes
from ..errors import SourceError
from ..network.atlas import Atlas
from ..reading.session import NOBODY, Session
from ..sinks.about import About
from ..sinks.fan_out import FanOut
from ..system.interrupts import Interrupts
from ..system.memory import settled, tidying
from ..types import Image
from ..view.actions import PRIOR, REST, Action
from ..view.keys import KEYS
from ..view.scene import Scene, Status
from ..view.state import ViewState, wish_of
from ..view.told import news_of
from .analyst import Analysed, Analyst, Watching
from .controls import Command, Controls
from .feed import Feed
from .naming import next_name
from .notes import Notes
from .opening import next_camera
from .ordering import Ordering
from .pace import Pace
from .pointing import Drawn, Seek, pointed_at
from .recording import WindowRecording
from .scenes import Scenes
from .snapshot import Snapshots, circumstances
from .source import Source
from .window import Window

OF_FACES = attrgetter("view", "layer", "method", "unit", "target", "heat", "history", "bars", "names")
"""What only faces show."""
WAIT_S = 0.01
"""How long the window waits for a picture before it looks at its keys again, in seconds."""

HARDER = 2.0
"""Time that a picture may take for which a key has changed what is shown, in usual ones."""


class Viewer:
    """Shows a source in a window until the user leaves or the source ends.

    Args:
        source: closed at the end.
        session: reads the faces; closed by whoever opened it.
        window: where it is shown; closed by whoever opened it.
        state: what is shown at first.
        output: folder for snapshots, recordings and logs.
        echo: where it says what was kept and what went wrong, such as the terminal.
        record_notices: whether recordings hold what is only for whoever watches now: notices, red dot, strip, help.
        sinks: where readings go besides the screen, None for nowhere but a log by key; closed with the viewer.
        atlas: what the model's filters look for, where that is known.
    """

    def __init__(
        self,
        source: Source,
        session: Session,
        window: Window,
        state: ViewState,
        output: Path,
        echo: Callable[[str], object] = lambda text: None,
        record_notices: bool = False,
        sinks: FanOut | None = None,
        atlas: Atlas | None = None,
    ) -> None:
        self._record_notices = record_notices
        self.session, self.window, self.output = session, window, output
        self.feed = Feed(source)
        self.notes = Notes(echo=echo)
        self.sinks = sinks or FanOut(About.of(session.network, source.name))
        self.sinks.tell = self.notes.tell
        self.recording = WindowRecording(output, self.notes)
        self.snapshots = Snapshots(output, self.notes)
        self.controls = Controls(window, state, self.notes, self._commands(), self._at, self._turned)
        self.scenes = Scenes(self._status, atlas)
        self._arranger, self._order, self._pace = Arranger(), Ordering(), Pace()
        self._latest: Analysed | None = None
        self._drawn: Drawn | None = None
        self._drawn_around: tuple[object, ...] = ()
        self._changed = False

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
        self.window.lost = self._keep
        try:
            self._open()
            analyst = Analyst(self.feed, self.session, self._watching())
            with Interrupts() as interrupts, settled(), tidying(), self.feed, analyst:
                while self._goes_on(analyst) and not interrupts.heard:
                    self._turn(analyst)
        finally:
            self._keep()
        error = self.feed.error or analyst.error
        if error is not None:
            raise error

    def _open(self) -> None:
        """A word until the first picture comes, which may take seconds; and of what an earlier run left behind."""
        self.window.title(f"{self.source.name} – EmoScope")
        stage = Stage.whole(*self.window.size)
        scene = Scene(notice=f"opening {self.source.name} …")
        board = dark_board(stage)
        lay(board, overlays(scene, self.state, self._arranger.arrange(scene, self.state, stage)))
        self.window.opening(board)
        if self.state.loop:
            self.source.loop(True)
        self.recording.rescue()

    def _keep(self) -> None:
        """Finishes what is being written."""
        self.recording.finish()
        self.snapshots.close()
        self.sinks.close()

    def _goes_on(self, analyst: Analyst) -> bool:
        return self.window.open and not self.controls.leaving and not analyst.newest.ended

    def _turn(self, analyst: Analyst) -> None:
        """One round: a picture, if there is one or a key has changed it; then the keys, and the wish that follows.

        The keys come last, because the window paints what it is shown while it is asked for them.
        """
        stale = self._latest is not None and (self._changed or self._around() != self._drawn_around)
        analysed = analyst.newest.take(self._pace.wait_s(self._drawing_s()) if stale else WAIT_S)
        if analysed is not None:
            self._take(analysed)
        if self._latest is not None and (analysed is not None or stale):
            self._show(self._latest)
        if analysed is not None:
            self.scenes.shown(analysed)
        self._changed = self._listen()
        analyst.watching = self._watching()

    def _listen(self) -> bool:
        before, changed = self.state, self.controls.listen()
        if self.state.paused != before.paused:
            self.source.pause(self.state.paused)
        if self.state.loop != before.loop:
            self.source.loop(self.state.loop)
        if self._latest is not None and not self._latest.faces and OF_FACES(self.state) != OF_FACES(before):
            self.notes.say("no face in the picture")  # else such a key would seem to do nothing
        return changed

    def _drawing_s(self) -> float:
        """How long it may take to draw the last picture once more: what a key shows for the first time takes longer."""
        stages = self.session.stopwatch.seconds
        return HARDER * (stages.get("draw", 0.0) + stages.get("show", 0.0))

    def _take(self, analysed: Analysed) -> None:
        self._latest = analysed
        self.scenes.take(analysed)
        if analysed.fresh:
            self._pace.came()
            self.sinks.send(analysed.frame, analysed.faces, analysed.prior, analysed.frame.source)
        subject = analysed.seen.subject
        track = NOBODY if subject is None else subject.reading.face.track
        self.controls.state = replace(self.state, tracks=analysed.seen.tracks, subject=track, **self._maps(analysed))

    def _maps(self, analysed: Analysed) -> dict[str, Any]:
        """The order of the maps that are shown, renewed about once a second, how many there are on a page, and of each
        layer the map that stands for it."""
        subject = analysed.seen.subject
        why = None if subject is None else subject.reading.explanation
        if why is None:
            return {}
        leaders = {"leaders": self._order.leaders(why, self.state)} if why.layers else {}
        if self.state.view not in ("maps", "map") or why.maps is None:
            return leaders
        edge, wide = (0, 0) if self._drawn is None else (self._drawn.places.edge, self._drawn.places.wide)
        size = Grid.of(why.maps.shape[2], edge, wide).shown if edge else 0
        return {"page_size": size, "order": self._order.of(why, self.state), **leaders}

    def _show(self, analysed: Analysed) -> None:
        with self.session.stopwatch.stage("draw"):
            board = self._picture(analysed)
        with self.session.stopwatch.stage("show"):
            self.window.title(self._title(analysed.frame.source))
            self.window.show(board)

    def _picture(self, analysed: Analysed) -> Image:
        """What is shown; a recording is given it before the words that are only for whoever watches now, or after."""
        stage = self._stage(analysed)
        board = on_board(analysed.frame.image, stage)
        self._drawn_around = self._around()
        scene = self.scenes.scene(analysed, self.state, self._notice(), stage, self._strip(), self.window.pointer)
        places = self._arranger.arrange(scene, self.state, stage)
        self._drawn = Drawn(scene, places)
        lay(board, patches(scene, self.state, places))
        if self.recording.running and not self._record_notices:
            self.recording.add(board.copy(), analysed.frame.image)
        self.sinks.show(board)
        lay(board, overlays(scene, self.state, places, KEYS))
        if self.recording.running and self._record_notices:
            self.recording.add(board.copy(), analysed.frame.image)
        return board

    def _title(self, name: str) -> str:
        states = [
            name,
            self.source.notice or ("paused" if self.state.paused else ""),
            "recording" if self.recording.running else "",
            "logging" if self.sinks.logging else "",
            "EmoScope",
        ]
        return " – ".join(state for state in states if state)

    def _strip(self) -> float | None:
        """How far the film has come, while the mouse's strip is shown; NaN where that cannot be said."""
        if not self.window.pointing:
            return None
        progress = self.source.progress
        return float("nan") if progress is None else progress

    def _pointed(self) -> tuple[int, int] | None:
        """Where the mouse is, while its strip is shown."""
        return self.window.pointer if self.window.pointing else None

    def _status(self) -> Status:
        frame = None if self._latest is None else self._latest.frame
        return Status(
            source=self.source.name if frame is None else frame.source,
            dropped=0 if self.state.paused else self.feed.newest.dropped,
            model=self._model(),
            provider=self.session.network.provider,
            stages_s=self.session.stopwatch.seconds,
            position="" if frame is None else frame.position,
            recording=self.recording.running,
            logging=self.sinks.logging,
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
        around = self._notice(), self.window.size, self.recording.running, self.sinks.logging
        return *around, self.scenes.idle, self._pointed()

    def _watching(self) -> Watching:
        held = self.state.paused and not self.source.can_pause
        # The picture may stand still from the next moment on: then heat of the class before would stay for good.
        return Watching(replace(wish_of(self.state), exact=True), self.state.mirror, held, self.state.paused)

    def _commands(self) -> dict[str, Command]:
        return {
            "snapshot": self._snapshot,
            "record": lambda: self.recording.toggle(clean=False),
            "record_clean": lambda: self.recording.toggle(clean=True),
            "log": self._log,
            "marker": self._mark,
            "camera": self._next_camera,
            "classes": lambda: self.notes.say(f"the model has {len(self.state.labels)} classes"),
            "fullscreen": self.window.toggle_fullscreen,
            "escape": self._escape,
            "step": lambda: self._step(+1),
            "step_back": lambda: self._step(-1),
            "back": lambda: self.source.move(-1),
            "forward": lambda: self.source.move(+1),
            "restart": lambda: self.source.seek(0.0),
            PRIOR: lambda: self.notes.say(news_of(self.state, PRIOR)),
            REST: lambda: self.notes.say(news_of(self.state, REST)),
        }

    def _escape(self) -> None:
        if self.window.fullscreen:
            self.window.toggle_fullscreen()
        else:
            self.controls.leaving = True

    def _step(self, steps: int) -> None:
        """One frame on or back; a film that runs stands still from then on."""
        if self.source.can_pause and not self.state.paused:
            self.controls.state = replace(self.state, paused=True)
            self.source.pause(True)
        self.source.step(steps)

    def _next_camera(self) -> None:
        if not self.source.is_camera:  # which may wait long before it gives a picture and looks at wishes
            raise SourceError("this is no camera")
        self.feed.change(lambda: next_camera(self.source), self.notes.tell)

    def _snapshot(self) -> None:
        if self._latest is None:
            return
        scene = replace(self.scenes.scene(self._latest, self.state), status=None)
        why = None if scene.subject is None else scene.subject.reading.explanation
        about = circumstances(self._latest.frame, self.session, self.state, why)
        self.snapshots.save(self._latest.frame, scene, replace(self.state, help=False), about)

    def _log(self) -> None:
        name = next_name(self.output)  # taken only where a log begins, until its file is there
        with ExitStack() as held:
            self.notes.say(self.sinks.toggle_log(lambda: self.output / f"{held.enter_context(name)}.log.csv"))

    def _mark(self) -> None:
        self.notes.say(self.sinks.mark())

    def _turned(self, step: int) -> str:
        """The key that the wheel stands for: another map where maps are shown, else another layer."""
        foot = None if self._drawn is None else self._drawn.places.foot
        over_layers = foot is not None and foot.holds(*self.window.pointer)
        back, on = ("p", "n") if self.state.view in ("maps", "map") and not over_layers else ("k", "j")
        return back if step > 0 else on

    def _at(self, x: int, y: int) -> Action | str | None:
        """What a click at this point of the window means."""
        meant = None if self._drawn is None else pointed_at(x, y, self._drawn, self.state)
        if isinstance(meant, Seek):
            self.source.seek(meant.progress)
            return None
        return meant

    def _stage(self, analysed: Analysed) -> Stage:
        picture = analysed.frame.picture
        inset = self.state.inset if self.state.view in INSETS else SMALL
        return Stage.of((picture.width, picture.height), self.window.size, inset, self._foot())

    def _foot(self) -> int:
        """Height of the strip of layers, where it is shown."""
        width, height = self.window.size
        if not self.state.all_layers or not self.state.layers:
            return 0
        return LayerStrip.of(
            len(self.state.layers), width, height, Sizes.of(width, height, self.state.text_scale)
        ).height
