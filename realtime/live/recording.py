"""The viewer's recording: on and off by key, of what is shown or of the clean picture."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from time import perf_counter

from ..errors import ResultError
from ..types import Image
from .notes import Notes
from .recorder import Recorder
from .snapshot import next_name

HELD_S = 0.1
"""A picture that was shown for longer than this when the recording ends is added once more, to last until then."""


class WindowRecording:
    """At most one recording at a time.

    Args:
        folder: where recordings go.
        notes: where it says what it does.
        clock: gives seconds; another one than the machine's own in tests.
    """

    def __init__(self, folder: Path, notes: Notes, clock: Callable[[], float] = perf_counter) -> None:
        self._folder, self._notes, self._clock = folder, notes, clock
        self._last: tuple[Image, float] | None = None
        self._recorder: Recorder | None = None
        self._wanted = self.clean = False

    @property
    def running(self) -> bool:
        """Whether a recording runs, or starts with the next picture."""
        return self._wanted

    def toggle(self, clean: bool) -> None:
        """Starts a recording, or ends the one that runs."""
        if self._wanted:
            self.finish()
        else:
            self._wanted, self.clean = True, clean

    def add(self, shown: Image, frame: Image) -> None:
        """Adds what is shown, or the clean frame, as the recording wants it; both (H, W, 3) BGR."""
        if not self._wanted:
            return
        image = frame if self.clean else shown
        try:
            self._recorder = self._recorder or self._start(image)
        except ResultError as error:
            self._wanted = False
            self._notes.say(str(error))
            return
        self._last = image, self._clock()
        self._recorder.add(*self._last)
        if self._recorder.error:
            self.finish()

    def _start(self, image: Image) -> Recorder:
        kind = ".clean.mp4" if self.clean else ".mp4"
        return Recorder(self._folder / (next_name(self._folder) + kind), (image.shape[1], image.shape[0]))

    def finish(self) -> None:
        """Ends the recording, if one runs, and says where it is."""
        if self._wanted and self._recorder is None:
            self._notes.say("nothing was recorded: no picture came")
        self._wanted = False
        if self._recorder is not None:
            recorder, self._recorder = self._recorder, None
            self._hold(recorder)
            recorder.close()
            self._notes.say(recorder.error or f"recorded {recorder.path.name}")

    def _hold(self, recorder: Recorder) -> None:
        """Lets the last picture last until now: of a picture that stands still there is only one."""
        if self._last is not None and self._clock() - self._last[1] > HELD_S:
            recorder.add(self._last[0], self._clock())
        self._last = None
