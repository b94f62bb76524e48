"""A source in a window, as the options of a command describe it: what `live` and `demo` share."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from ..live.source import Source
from ..live.viewer import Viewer
from ..live.window import ScreenWindow, first_size
from ..reading.session import open_session
from ..view.state import ViewOptions


@dataclass(frozen=True, slots=True)
class Watch:
    """How to watch.

    Attributes:
        model: shipped name or path.
        provider: onnxruntime's execution provider, or "auto".
        detector: name of the face finder.
        look: what the inset shows at first.
        size: of the window, in pixels; None for one that suits the source.
        fullscreen: whether it fills the screen.
        output: folder for snapshots.
    """

    model: str
    provider: str
    detector: str
    look: ViewOptions
    size: tuple[int, int] | None
    fullscreen: bool
    output: Path

    def show(self, source: Source, mirror: bool = False) -> None:
        """Shows an open source until the user leaves."""
        with open_session(self.model, self.provider, self.detector) as session:
            state = replace(self.look.state(session.network.contract), mirror=mirror)
            with ScreenWindow(self.size or first_size(*source.size), self.fullscreen) as window:
                Viewer(source, session, window, state, self.output).run()
