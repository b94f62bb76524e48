"""What every sink can do, and the fake that ships beside the real ones."""

from __future__ import annotations

from abc import abstractmethod

from ..system.closing import Closing
from ..types import Image
from .sample import Marker, Sample


class SampleSink(Closing):
    """Takes readings, events and pictures, one after another, on one thread; a worker hands them over.

    What it raises on purpose is an EmoscopeError: it ends the sink, and is told to whoever watches.

    Attributes:
        name: what it is called when something is said of it.
        wants_pictures: whether it takes the picture that is shown, rather than readings.
        room: how many things may wait for it; where more come, the oldest are left out and counted.
    """

    name = "sink"
    wants_pictures = False
    room = 64

    @abstractmethod
    def __call__(self, sample: Sample, /) -> None:
        """Takes a frame's readings."""

    @abstractmethod
    def mark(self, marker: Marker) -> None:
        """Takes an event."""

    def show(self, image: Image) -> None:
        """Takes the picture that is shown, (H, W, 3) BGR; only where it wants pictures."""

    def idle(self) -> None:
        """Is called now and then while nothing comes."""

    def news(self) -> list[str]:
        """What is to be told to whoever watches, since it was last asked."""
        return []

    def close(self) -> None:
        """Writes what is held back, and lets go of file, socket or device."""


class ListSink(SampleSink):
    """Keeps all that it is given, for tests and for those who try out a loop.

    Attributes:
        samples: in the order in which they came.
        markers: likewise.
        images: likewise.
        closed: whether it was.
    """

    name = "list"

    def __init__(self, wants_pictures: bool = False) -> None:
        self.samples: list[Sample] = []
        self.markers: list[Marker] = []
        self.images: list[Image] = []
        self.closed = False
        self.wants_pictures = wants_pictures

    def __call__(self, sample: Sample, /) -> None:
        self.samples.append(sample)

    def mark(self, marker: Marker) -> None:
        self.markers.append(marker)

    def show(self, image: Image) -> None:
        self.images.append(image)

    def close(self) -> None:
        self.closed = True
