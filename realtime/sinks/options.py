"""Where readings are to go, as options of a command say it: checked at once, opened when there is something to say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..types import Size
from .about import About
from .fan_out import FanOut
from .log import Log, check_log
from .lsl import LslOutlets, load_lsl
from .publish import Target, open_publisher
from .sink import SampleSink
from .virtual_camera import VirtualCamera, require_virtual_camera


@dataclass(frozen=True, slots=True)
class SinkOptions:
    """What is asked for.

    Attributes:
        log: of readings, None for none.
        publish: addresses to publish under.
        lsl: how far Lab Streaming Layer announces the streams, "" for no streams.
        virtual_camera: whether what is shown goes to a virtual camera.
    """

    log: Path | None = None
    publish: tuple[str, ...] = ()
    lsl: str = ""
    virtual_camera: bool = False

    def check(self) -> None:
        """Raises an EmoscopeError where something is wrong that can be told before anything is opened."""
        if self.log is not None:
            check_log(self.log)
        for text in self.publish:
            Target.of(text)
        if self.lsl:
            load_lsl(self.lsl)
        if self.virtual_camera:
            require_virtual_camera()

    def open(self, about: About, size: Size = (0, 0), tell: Callable[[str], object] = lambda text: None) -> FanOut:
        """All of it, open; where one cannot be had the others are closed again.

        Args:
            about: what is watched, and by which network.
            size: of the picture that is shown, for the virtual camera.
            tell: where news of the sinks go.

        Raises:
            EmoscopeError: a sink cannot be had; the message says why.
        """
        sinks = self.sinks(about, size)
        try:
            log = None if self.log is None else Log(self.log, about.labels, about.numbers)
        except BaseException:
            for sink in sinks:
                sink.close()
            raise
        return FanOut(about, sinks, log, tell)

    def sinks(self, about: About, size: Size = (0, 0)) -> list[SampleSink]:
        """All of it but the log, open."""
        opened: list[SampleSink] = []
        try:
            for text in self.publish:
                opened.append(open_publisher(Target.of(text), about))
            if self.virtual_camera:
                opened.append(VirtualCamera(size))
            if self.lsl:
                opened.append(LslOutlets(about, self.lsl))
        except BaseException:
            for sink in opened:
                sink.close()
            raise
        return opened
