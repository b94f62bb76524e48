"""A source in a window, as the options of a command describe it: what `live` and `demo` share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import click

from ..live.source import Source
from ..live.viewer import Viewer
from ..live.window import ScreenWindow, first_size
from ..network.atlas import atlas_of
from ..network.contract import Contract
from ..reading.session import open_session
from ..sinks.about import About
from ..sinks.options import SinkOptions
from ..view.state import ViewOptions, ViewState


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
        text_scale: size of text and panels, in parts of the usual one.
        record_notices: whether recordings hold notices as well.
        sinks: where readings go besides the screen.
        reidentify: whether a person who was away gets their number back.
    """

    model: str
    provider: str
    detector: str
    look: ViewOptions
    size: tuple[int, int] | None
    fullscreen: bool
    output: Path
    text_scale: float = 1.0
    record_notices: bool = False
    sinks: SinkOptions = field(default_factory=SinkOptions)
    reidentify: bool = True

    def show(
        self,
        source: Source,
        mirror: bool = False,
        loop: bool = False,
        recall: Callable[[ViewState], ViewState] = lambda state: state,
    ) -> tuple[ViewState, Contract]:
        """Shows an open source until the user leaves; what is kept and what goes wrong is told in the terminal.

        Args:
            source: closed at the end.
            mirror: whether it is flipped left to right at first.
            loop: whether a film starts again at its end.
            recall: gives the first state what is remembered of earlier ones.

        Returns:
            What was shown at the end, and what the network's file says of it.
        """
        with open_session(self.model, self.provider, self.detector, reidentify=self.reidentify) as session:
            state = self.look.state(session.network.contract)
            state = recall(replace(state, mirror=mirror, loop=loop, text_scale=self.text_scale))
            size, echo = self.size or first_size(*source.size), partial(click.echo, err=True)
            atlas = atlas_of(self.model, session.network.contract)
            about = About.of(session.network, source.name)
            with self.sinks.open(about, size, echo) as sinks, ScreenWindow(size, self.fullscreen) as window:
                viewer = Viewer(source, session, window, state, self.output, echo, self.record_notices, sinks, atlas)
                viewer.run()
            return viewer.state, session.network.contract
