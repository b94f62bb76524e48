"""The state of one client, an open page: its faces and their numbers, its state, and the answer to each of its frames.

Keys are the window's own (`emoscope.view.keys`): the page sends the key and gets the state that follows. What only the
page can do (a snapshot, full screen) comes back as `asked`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields, replace
from time import perf_counter
from typing import Any

from ..errors import EmoscopeError
from ..media.raster import raster_of
from ..network.network import PREDICTED, RULES, RUNNER_UP, Request
from ..reading.session import NOBODY, Seen, Session
from ..reading.smoothing import Shown
from ..system.memory import return_memory
from ..types import Frame
from ..view import keys as bindings
from ..view.state import COLOUR_MAPS, VIEWS, ViewState, wish_of
from ..view.told import news_of
from . import cover
from .app_state import AppState
from .cover import Cover
from .frame import decode_frame
from .inside import Inside
from .packet import pack
from .readout import Readout

CHOICES = (
    "view",
    "layer",
    "method",
    "target",
    "unit",
    "face",
    "heat",
    "history",
    "opacity",
    "sort",
    "mirror",
    "paused",
    "colours",
    "prior",
    "rule",
    "against",
)
"""What the page's own controls may set."""


MOST_NUMBER, MOST_TIME_S = 2**53, 1e9
"""Beyond these no page counts its frames, and no source its seconds."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A frame as the page sends it.

    Attributes:
        number: the page's own number for it.
        time_s: on the source's clock, in seconds.
        still: whether the picture stands still, so that the answer may take its time.
        inside: whether the dashboard is open.
        cover: what is covered of the chosen face, or None.
        arrived_at: `time.perf_counter()` when it came, in seconds.
    """

    number: int
    time_s: float
    still: bool = False
    inside: bool = False
    cover: Cover | None = None
    arrived_at: float = field(default_factory=perf_counter, compare=False)

    @classmethod
    def of(cls, header: dict[str, Any]) -> Sent:
        """From the JSON object before the picture; EmoscopeError where it says something else."""
        match header:
            case {
                "number": int(number),
                "time_s": int() | float() as time_s,
                "still": bool(still),
                "inside": bool(inside),
            }:
                if 0 <= number < MOST_NUMBER and abs(time_s) < MOST_TIME_S:
                    return cls(number, float(time_s), still, inside, Cover.of(header.get("cover")))
        raise EmoscopeError("not a frame of this page: load the page again")


class ClientState:
    """A page's side of the server; `close` frees its face finder.

    Frames are read on one thread at a time; keys and choices may come on another while a frame is read.

    Args:
        app_state: what all clients share.

    Attributes:
        state: what the page shows.
        source: number of the source that the page watches now; its next frames are of that one.
    """

    def __init__(self, app_state: AppState) -> None:
        self.state: ViewState = app_state.state
        self.source = 0
        self._session = Session(app_state.open_finder(), app_state.network)
        self._inside = Inside(app_state.network)
        self._sinks = app_state.sinks.page()
        self._begun = 0  # number of the source that the session knows
        self._known: tuple[int, tuple[int, ...], int] = (0, (), NOBODY)  # source, tracks, subject

    def close(self) -> None:
        """Frees what the page holds."""
        self._session.close()
        self._sinks.close()
        return_memory()

    def press(self, key: str) -> dict[str, Any]:
        """The state after a key."""
        source, tracks, subject = self._known
        if source != self.source:  # nobody of the new one was seen yet
            tracks, subject = (), NOBODY
        self.state = bindings.press(replace(self.state, tracks=tracks, subject=subject), key)
        said = self._kept(self.state.asked)
        return self._told() | ({"asked": "", "said": said} if said else {})

    def choose(self, choices: dict[str, Any]) -> dict[str, Any]:
        """The state after the page's own controls; a choice that does not exist changes nothing."""
        for name, value in choices.items():
            if name in CHOICES and self._possible(name, value):
                self.state = replace(self.state, **{name: value})
        return self._told()

    def forget(self) -> None:
        """Another source: nobody in its frames has been seen before, and no choice of a face holds for them.

        What the page chooses from now on is of the new source, also while a frame of the one before is still read.
        """
        self.source += 1
        self.state = replace(self.state, at_rest=(), face=NOBODY)

    def read(self, sent: Sent, picture: bytes, source: int | None = None) -> bytes:
        """The answer to a frame.

        Args:
            sent: what the page says of it.
            picture: as JPEG.
            source: what `source` was when the frame came; None for what it is now.

        Raises:
            EmoscopeError: the picture is damaged or too large.
        """
        image, state = decode_frame(picture), self.state
        source = self.source if source is None else source
        if source != self._begun:
            self._begun = source
            self._session.reset(anew=True)
            self._sinks.forget()
        wish = replace(wish_of(state), exact=True)  # the page may be paused at this very picture
        if not (sent.still or self._session.network.ready(wish.request)):
            wish = replace(wish, request=Request())
        seen = self._session.read(image, sent.time_s, wish)
        self._known = source, seen.tracks, NOBODY if seen.subject is None else seen.subject.reading.face.track
        frame = Frame(sent.number, sent.time_s, raster_of(image), sent.arrived_at)
        self._sinks.send(frame, seen.faces, wish.prior)
        return self._answer(sent, state, seen)

    def _kept(self, asked: str) -> str:
        """What is to be said of a log or a marker that was asked for; "" for all else, which is the page's to do."""
        if asked == "log":
            return self._sinks.toggle_log()
        return self._sinks.mark() if asked == "marker" else ""

    def _answer(self, sent: Sent, state: ViewState, seen: Seen) -> bytes:
        readout = Readout(number=sent.number, chosen=seen.chosen, stages=dict(self._session.stopwatch.seconds))
        readout.faces(seen.faces, state.labels, state.heat)
        if seen.subject is not None:
            _inset(readout, seen.subject, state)
            if sent.cover is not None:
                cover.tell(readout, self._session, seen.subject.reading, sent.cover, state.prior)
            if sent.inside:
                self._inside.tell(readout, seen.subject.reading, state, sent.still)
        return pack(readout.facts, readout.arrays)

    def _told(self) -> dict[str, Any]:
        """The state as the page reads it; what was asked is told once."""
        asked, self.state = self.state.asked, bindings.answered(self.state)
        told = {key: value for key, value in asdict(self.state).items() if key not in ("labels", "layers", "methods")}
        return told | {"asked": asked, "said": news_of(self.state, asked), "colour_map": self.state.colour_map}

    def _possible(self, name: str, value: Any) -> bool:
        if not isinstance(value, bool | int | float | str):
            return False
        kind = {field.name: field.type for field in fields(ViewState)}[name]
        if name == "prior":
            return type(value) in (int, float) and value in self.state.priors
        if kind == "bool":
            return isinstance(value, bool)
        if name == "rule":
            return value in ("", *RULES)
        if kind == "str":
            return value in VIEWS
        if kind == "float":
            return not isinstance(value, bool | str) and 0.1 <= value <= 1
        low, high = _range(self.state, name)
        return type(value) is int and low <= value < high


def _range(state: ViewState, name: str) -> tuple[int, int]:
    """From the least a choice may be to the first it may not."""
    channels = state.layers[state.layer].channels if state.layers else 1
    return {
        "layer": (0, len(state.layers)),
        "method": (0, len(state.methods)),
        "target": (PREDICTED, len(state.labels)),
        "against": (RUNNER_UP, len(state.labels)),
        "unit": (0, channels),
        "face": (0, 2**31),
        "colours": (0, len(COLOUR_MAPS)),
    }[name]


def _inset(readout: Readout, subject: Shown, state: ViewState) -> None:
    """What the inset's view needs of the chosen face."""
    why = subject.reading.explanation
    readout.crop("crop", subject.reading.seen)
    if why is None:
        return
    facts = {"layer": why.layer, "target": why.target, "method": why.method}
    if VIEWS[state.view].heat:
        readout.heat("gradcam", why.heat, **facts | {"layer": why.heat_layer, "against": why.against})
    elif state.view == "map":
        readout.one_map("map", why.maps, state.unit, **facts)
        readout.pixels("pixels", why.pixels, rule=why.rule, unit=why.unit)
    else:
        readout.maps("maps", why.maps, state.sort, **facts)
