"""The viewer's recordings: on and off by key, of what is shown and of the clean picture, each by itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from time import perf_counter

from ..errors import ResultError
from ..types import Image
from .naming import next_name
from .notes import Notes
from .recorder import Recorder, keep, left_behind

HELD_S = 0.1
"""A picture that was shown for longer than this when the recording ends is added once more, to last until then."""


class WindowRecording:
    """At most one recording of what is shown and one of the clean picture at a time; they go by one number.

    Args:
        folder: where recordings go.
        notes: where it says what it does.
        clock: gives seconds; another one than the machine's own in tests.
    """

    def __init__(self, folder: Path, notes: Notes, clock: Callable[[], float] = perf_counter) -> None:
        self._folder, self._notes, self._clock = folder, notes, clock
        self._wanted: dict[bool, _Take] = {}

    @property
    def running(self) -> bool:
        """Whether a recording runs, or starts with the next picture."""
        return bool(self._wanted)

    def toggle(self, clean: bool) -> None:
        """Starts a recording, or ends the one of this kind that runs."""
        if clean in self._wanted:
            self._end(clean)
        else:
            self._wanted[clean] = _Take()

    def add(self, shown: Image, frame: Image) -> None:
        """Adds what is shown, or the clean frame, as the recordings want it; both (H, W, 3) BGR."""
        for clean, take in list(self._wanted.items()):
            image = frame if clean else shown
            if take.recorder is None:
                try:
                    take.recorder = self._start(image, clean)
                except ResultError as error:
                    del self._wanted[clean]
                    self._notes.tell(str(error))
                    continue
            was_resized = take.recorder.resized
            take.last = image, self._clock()
            take.recorder.add(*take.last)
            if take.recorder.resized and not was_resized:
                self._notes.tell("the recording keeps the size that it began with")
            if take.recorder.error:
                self._end(clean)

    def finish(self) -> None:
        """Ends all recordings, and says where they are."""
        for clean in list(self._wanted):
            self._end(clean)

    def rescue(self) -> None:
        """Gives recordings whose program was killed a name, and says so."""
        kept = [path for path in map(keep, left_behind(self._folder)) if path is not None]
        if kept:
            self._notes.tell(f"an earlier recording was cut off: kept {', '.join(str(path) for path in kept)}")

    def _start(self, image: Image, clean: bool) -> Recorder:
        kind = ".clean.mp4" if clean else ".mp4"
        other = self._wanted.get(not clean)
        size = image.shape[1], image.shape[0]
        if other is not None and other.recorder is not None:
            return Recorder(self._folder / (other.recorder.path.name.split(".")[0] + kind), size)
        with next_name(self._folder) as name:
            return Recorder(self._folder / (name + kind), size)

    def _end(self, clean: bool) -> None:
        take = self._wanted.pop(clean)
        recorder = take.recorder
        if recorder is None:
            self._notes.tell("nothing was recorded: no picture came")
            return
        self._hold(recorder, take)
        recorder.close()
        left_out = f" • {recorder.left_out} pictures left out, the encoder had no time" if recorder.left_out else ""
        self._notes.tell(recorder.error or f"recorded {recorder.path}{left_out}")

    def _hold(self, recorder: Recorder, take: _Take) -> None:
        """Lets the last picture last until now: of a picture that stands still there is only one."""
        if take.last is not None and self._clock() - take.last[1] > HELD_S:
            recorder.add(take.last[0], self._clock())


class _Take:
    """A recording that is wanted; it starts with its first picture, whose size is its own."""

    def __init__(self) -> None:
        self.recorder: Recorder | None = None
        self.last: tuple[Image, float] | None = None
