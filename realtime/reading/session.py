"""The session: how every picture is read, and what is remembered from one picture to the next.

    picture ──finder──▶ faces ──network──▶ readings ──label smoother──▶ what is said ──▶ Seen
                                                                        subject: whom the inset speaks of

The window, recordings, single pictures, the page and scripts all read through a session of their own. When a frame
comes, and on which thread, is for them to say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

from ..faces import FaceFinder, open_finder
from ..media.raster import raster_of
from ..network.bundle import DEFAULT_MODEL, open_bundle
from ..network.contract import Contract
from ..network.network import KEPT, PREDICTED, Network, Request
from ..network.offset import prior_offset, shifted
from ..system.closing import Closing
from ..system.stopwatch import Stopwatch
from ..types import Face, Floats, Frame, Image, Raster, Reading
from .analysis import FacesAsked, read_faces
from .baseline import Baselines
from .smoothing import SMOOTHING_S, UNSURE_BELOW, LabelSmoother, Said, Shown, raw

NOBODY = 0
"""The track number that means: the session chooses the largest face and stays with it."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be known of a picture.

    Attributes:
        request: what is asked of the network besides probabilities.
        target: class that heatmaps speak for, or PREDICTED for the one that is said.
        face: track number of the face that was chosen for the inset, or NOBODY.
        everyone: whether the request is for all faces, not just for the one that the inset speaks of.
        smoothed: whether what is said is smoothed over time; else it is the network's raw answer.
        exact: whether heat must be of the very class that is said: where a label has just changed, the network is asked
            again. Else heat still speaks for the class before, for one frame.
        prior: how much of the training pictures' prior is taken off, 0–1; None for what the model does itself.
        at_rest: track numbers of the faces whose own neutral face is taken off; it is learnt from the next seconds.
    """

    request: Request = field(default_factory=Request)
    target: int = PREDICTED
    face: int = NOBODY
    everyone: bool = True
    smoothed: bool = True
    exact: bool = False
    prior: float | None = None
    at_rest: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """Who is in a picture, and what is said of each.

    Attributes:
        faces: as they are shown, in the finder's order.
        chosen: number of the face that the inset speaks of, in `faces`, or None.
    """

    faces: tuple[Shown, ...] = ()
    chosen: int | None = None

    @property
    def readings(self) -> tuple[Reading, ...]:
        """What the network said, one a face."""
        return tuple(shown.reading for shown in self.faces)

    @property
    def subject(self) -> Shown | None:
        """The face that the inset speaks of."""
        return None if self.chosen is None else self.faces[self.chosen]

    @property
    def tracks(self) -> tuple[int, ...]:
        """Track numbers in the order of their faces from left to right."""
        ordered = sorted((shown.reading.face for shown in self.faces), key=lambda face: face.box_xyxy[0])
        return tuple(face.track for face in ordered)


@dataclass(frozen=True, slots=True)
class Memory:
    """What a session remembers of those who were read; what the finder remembers is the finder's.

    Attributes:
        said: what was said of them.
        subject: track number of the face that the inset spoke of, or NOBODY.
    """

    said: Said = field(default_factory=Said)
    subject: int = NOBODY


@dataclass(frozen=True, slots=True)
class FacesFound:
    """A frame whose faces are known.

    Attributes:
        picture: upright.
        faces: who is in it, numbered, in pixels of the picture.
        time_s: when it is shown, in seconds, for smoothing; where it runs back, `Session.reset` is up to the caller.
    """

    picture: Raster
    faces: Sequence[Face]
    time_s: float


FrameT = TypeVar("FrameT", bound=Frame)


@dataclass(frozen=True, slots=True)
class ReadFrame(Generic[FrameT]):
    """A frame and who is in it.

    Attributes:
        frame: the picture and its time.
        seen: who is in it.
        fresh: whether the faces were looked for in this very frame, and for the first time.
        prior: how much of the training pictures' prior was taken off, 0–1; None for what the model does itself.
    """

    frame: FrameT
    seen: Seen
    fresh: bool = True
    prior: float | None = None

    @property
    def faces(self) -> tuple[Shown, ...]:
        """As they are shown."""
        return self.seen.faces


class Session(Closing):
    """Reads the pictures of one source after another; a context manager that closes the finder.

    `read` looks for faces; who knows them already, or looks for them on another thread, uses `finder` and `read_faces`.
    Either is called on one thread at a time.

    Args:
        finder: finds and numbers faces; closed with the session.
        network: answers for all faces in one call; several sessions may share it.
        smoother: of labels; None for the usual one, with the thresholds of the network's contract.

    Attributes:
        stopwatch: seconds of each stage.
        baselines: people's own neutral faces; forgotten with the faces.
    """

    def __init__(self, finder: FaceFinder, network: Network, smoother: LabelSmoother | None = None) -> None:
        self.finder, self.network = finder, network
        self.stopwatch = Stopwatch()
        self._smoother = smoother or usual_smoother(network.contract)
        self.baselines = Baselines(network.contract.labels)
        self._resting: tuple[int, ...] = ()
        self._subject = Subject()
        self._time_s = float("-inf")

    def read(self, picture: Image | Raster, time_s: float, wish: Wish | None = None) -> Seen:
        """Who is in a picture, and what is said of each.

        Args:
            picture: upright; an array is (H, W, 3) BGR or (H, W) gray.
            time_s: when it is shown, in seconds; where it runs back, the picture is as after a jump.
            wish: what is to be known.

        Returns:
            Who is in it, in the finder's order.
        """
        if time_s < self._time_s:
            self.jump()
        self._time_s = time_s
        raster = raster_of(picture)
        with self.stopwatch.stage("faces"):
            faces = self.finder.find(raster, time_s)
        return self.read_faces(raster, faces, time_s, wish)

    def catch_up(self) -> None:
        """Takes the looks that the finder has put off: between two frames, when nobody waits."""
        with self.stopwatch.stage("search"):
            self.finder.catch_up()

    def read_still(self, picture: Image | Raster, wish: Wish | None = None) -> Seen:
        """Who is in a picture by itself: all that went before is forgotten, and nothing is smoothed.

        Args:
            picture: upright; an array is (H, W, 3) BGR or (H, W) gray.
            wish: what is to be known.

        Returns:
            As `read` gives it.
        """
        self.reset(anew=True)
        return self.read(picture, 0.0, replace(wish or Wish(), smoothed=False))

    def read_faces(
        self, picture: Image | Raster, faces: Sequence[Face], time_s: float, wish: Wish | None = None
    ) -> Seen:
        """The same where the faces are known: `faces`, in pixels of the picture.

        Args:
            picture: upright; an array is (H, W, 3) BGR or (H, W) gray.
            faces: who is in it, numbered, in pixels of the picture.
            time_s: when it is shown, in seconds, for smoothing; where it runs back, `reset` is up to the caller.
            wish: what is to be known.

        Returns:
            As `read` gives it, in the order of `faces`.
        """
        (seen,) = self.read_together([FacesFound(raster_of(picture), faces, time_s)], wish)
        return seen

    def read_together(self, found: Sequence[FacesFound], wish: Wish | None = None) -> list[Seen]:
        """The same of several frames in one call of the network, which takes less time for each.

        What the network says of a face does not depend on who is read with it; heat does, in its last digits.

        Args:
            found: the frames, in their order. Heat of all but the first speaks for what was said before the first,
                unless the wish is exact; and nobody's rest is learnt from more than one.
            wish: what is to be known of each.
        """
        wish = Wish() if wish is None else wish
        prior = prior_offset(self.network.contract, wish.prior)
        chosen = [self._subject.pick(one.faces, wish.face) for one in found]
        asked = [self._asked(one, number, wish, prior) for one, number in zip(found, chosen, strict=True)]
        targets = self._smoother.targets(wish.target) if wish.smoothed else wish.target
        answers = read_faces(self.network, asked, wish.request, targets, self.stopwatch, prior)
        exact = wish.exact and wish.smoothed and wish.target == PREDICTED
        seen, again = [], dict[int, FacesAsked]()
        for number, (one, readings) in enumerate(zip(found, answers, strict=True)):
            seen.append(self._said(one, chosen[number], readings, wish, prior))
            others = [reading.face for reading in readings if exact and self._smoother.disagrees(reading)]
            if others:
                again[number] = replace(asked[number], faces=others, targets=self._smoother.targets())
        if again:
            answers = read_faces(self.network, [*again.values()], wish.request, PREDICTED, self.stopwatch, prior)
            for number, readings in zip(again, answers, strict=True):
                seen[number] = _explained(seen[number], readings)
        return seen

    def _asked(self, found: FacesFound, chosen: int | None, wish: Wish, prior: Floats | None) -> FacesAsked:
        explained = None if wish.everyone or chosen is None else {found.faces[chosen].track}
        return FacesAsked(found.picture, found.faces, explained, self._own(found.faces, wish, prior))

    def _said(
        self, found: FacesFound, chosen: int | None, readings: list[Reading], wish: Wish, prior: Floats | None
    ) -> Seen:
        """What is said of a frame's faces after the network's answer."""
        time_s = found.time_s
        self._listen(readings, time_s, prior)
        if not wish.smoothed:
            return Seen(tuple(self._with_rest(raw(reading), time_s) for reading in readings), chosen)
        return Seen(tuple(self._with_rest(one, time_s) for one in self._smoother.say(readings, time_s)), chosen)

    def _own(self, faces: Sequence[Face], wish: Wish, prior: Floats | None) -> dict[int, Floats]:
        """What is added to the logits of those whose rest is known."""
        if wish.at_rest != self._resting:
            self._resting = wish.at_rest
            self.baselines.keep(wish.at_rest)
        offsets = ((face.track, self.baselines.offset(face.track, prior)) for face in faces)
        return {track: offset for track, offset in offsets if offset is not None}

    def _listen(self, readings: Sequence[Reading], time_s: float, prior: Floats | None) -> None:
        """Learns the rest of those who show it."""
        for reading in readings:
            track, said = reading.face.track, reading.prediction
            if said.readable and self.baselines.learns(track):
                plain = said.probabilities if prior is None else shifted(said.probabilities[None], -prior)[0]
                self.baselines.add(track, plain, time_s)

    def _with_rest(self, shown: Shown, time_s: float) -> Shown:
        at_rest = self.baselines.progress(shown.reading.face.track, time_s)
        return shown if at_rest is None else replace(shown, at_rest=at_rest)

    def mirror(self, width: float) -> None:
        """Takes note that the pictures, `width` pixels wide, are flipped left to right from now on: no other scene."""
        self.finder.mirror(width)

    def follow(self, readings: Sequence[Reading], time_s: float) -> None:
        """Remembers a frame that was read before as if it had been read now: what is said, and whom the inset shows."""
        self._subject.pick([reading.face for reading in readings])
        self._smoother.say(readings, time_s)

    def memory(self) -> Memory:
        """What is remembered now: a session that recalls it goes on where this one is."""
        return Memory(self._smoother.memory(), self._subject.track)

    def recall(self, memory: Memory) -> None:
        """Goes on where another session was."""
        self._smoother.recall(memory.said)
        self._subject = Subject(memory.subject)

    def jump(self) -> None:
        """Forgets where faces were and what was said of them; who they are, whom the inset shows and rests stay."""
        self.finder.jump()
        self._smoother.reset()
        self._time_s = float("-inf")

    def reset(self, anew: bool = False) -> None:
        """Forgets faces, who they were, what was said of them, and whom the inset spoke of: another source.

        Args:
            anew: whether faces are numbered from 1 again; else no number is given twice.
        """
        self.finder.reset(anew)
        self._smoother.reset()
        self.baselines.reset()
        self._resting = ()
        self._subject = Subject()
        self._time_s = float("-inf")

    def close(self) -> None:
        """Closes the finder."""
        self.finder.close()


def usual_smoother(contract: Contract, constant_s: float = SMOOTHING_S) -> LabelSmoother:
    """A smoother of labels that calls *unsure* and *unreadable* what the contract says."""
    unsure, unreadable = contract.unsure, contract.unreadable
    return LabelSmoother(
        contract.labels,
        constant_s,
        unsure_below=UNSURE_BELOW if unsure is None else unsure.below,
        unreadable_below=0.0 if unreadable is None else unreadable.below,
    )


class Subject:
    """Whom the inset speaks of: the face that was chosen, else the largest, and that one as long as it stays.

    It remembers the face it picked last, so that the inset does not jump between two faces of like size.

    Attributes:
        track: number of the face that was picked last, or NOBODY.
    """

    def __init__(self, track: int = NOBODY) -> None:
        self.track = track

    def pick(self, faces: Sequence[Face], wanted: int = NOBODY) -> int | None:
        """Number of the face to speak of, or None where there is none.

        Args:
            faces: all faces of the picture.
            wanted: track number that the user chose, or NOBODY.
        """
        if not faces:
            return None
        tracks = [face.track for face in faces]
        for track in (wanted, self.track):
            if track != NOBODY and track in tracks:
                return self._keep(tracks, tracks.index(track))
        return self._keep(tracks, max(range(len(faces)), key=lambda number: _area(faces[number])))

    def _keep(self, tracks: list[int], number: int) -> int:
        self.track = tracks[number]
        return number


def open_session(
    model: str = DEFAULT_MODEL,
    provider: str = "auto",
    detector: str = "auto",
    threads: int = 1,
    pace: float = 1.0,
    kept: int = KEPT,
    reidentify: bool = True,
    steady: bool = False,
) -> Session:
    """A session with a network and a face finder of its own, ready to read.

    Args:
        model: shipped name, or path of an .onnx bundle.
        provider: onnxruntime's execution provider, of network and detectors.
        detector: name of the face finder.
        threads: inside one call of the network.
        pace: looks for new faces, as a share of the detector's usual number a second.
        kept: how many of the network's sessions are kept besides the plain one.
        reidentify: whether a person who was away gets their number back.
        steady: whether one thing is asked of thousands of pictures, as of a recording's.

    Raises:
        EmoscopeError: the model, the provider or the detector cannot be had; the message says why.
    """
    network = Network(open_bundle(model), provider, threads, kept, steady)
    return Session(open_finder(detector, pace, reidentify, provider=provider), network)


def _explained(seen: Seen, readings: Sequence[Reading]) -> Seen:
    """The same where some faces have the explanations of other readings."""
    whys = {reading.face.track: reading.explanation for reading in readings}
    readings = [one.reading for one in seen.faces]
    anew = [replace(one, explanation=whys.get(one.face.track, one.explanation)) for one in readings]
    return replace(seen, faces=tuple(replace(one, reading=other) for one, other in zip(seen.faces, anew, strict=True)))


def _area(face: Face) -> float:
    x0, y0, x1, y1 = face.box_xyxy
    return (x1 - x0) * (y1 - y0)
