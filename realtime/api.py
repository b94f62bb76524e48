"""The door for scripts and notebooks: read pictures, explain faces, watch sources, draw, make tables.

    reader = emoscope.Reader()
    faces = reader.read("photo.jpg")
    heat = reader.explain(faces[0], method="layercam")
    for frame in reader.watch("film.mp4"):
        picture = emoscope.annotate(frame.image, frame.faces)

What comes back are values that print, and show themselves in a notebook. Nothing here prints.
"""

from __future__ import annotations

import math
import os
import warnings
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np

from .draw.inset import grey_bgr
from .draw.maps import warmed
from .draw.picture import annotate as drawn
from .errors import EmoscopeError, ModelError, SourceError
from .faces import FaceFinder, open_finder
from .faces.own import OwnDetector, OwnFinder
from .live.feed import Feed
from .live.opening import open_source
from .live.source import Source
from .media.given import given_picture
from .media.kinds import is_left_behind, is_picture
from .media.numbered import is_numbered, rate_of
from .media.raster import raster_of
from .media.reader import Recording
from .media.span import Span
from .media.tape import STANDARD_INPUT
from .network.bundle import DEFAULT_MODEL, open_bundle
from .network.contract import Contract
from .network.network import NOTHING, PREDICTED, Network, Request
from .network.offset import prior_offset
from .network.own import OwnClassifier, OwnNetwork
from .network.stills import STILLS, HeatQuestion, methods_of, still_layer
from .processing.finding import PACE, finds
from .processing.prefetch import Prefetch
from .processing.reading import reads
from .reading.crops import face_chip, to_batch
from .reading.session import ReadFrame, Seen, Session, Wish, usual_smoother
from .reading.smoothing import SMOOTHING_S, Shown
from .report.rows import columns_of, rows_of
from .system.closing import Closing
from .types import UNREADABLE, Box, Floats, Image, Point, Raster, Reading
from .view.scene import Scene
from .view.state import COLOUR_MAPS, VIEWS, ViewState

LOOK_S = 0.1
"""How long to wait for a frame of a live source before looking whether it has ended, in seconds."""
SHOWN_EDGE, SHOWN_WIDTH = 240, 960
"""Of a face and of a frame that shows itself in a notebook, in pixels."""
OPACITY = 0.6


class Heatmap(np.ndarray[Any, np.dtype[np.float32]]):
    """Where the network sees reasons for a class: (h, w) float32, 0–1, all zero where it sees none.

    An ordinary array that shows itself over its face in a notebook.

    Attributes:
        method: the CAM method.
        layer: the layer that it comes from, or "input".
        target: the class that it speaks for.
        chip: the face, (H, H) gray.
    """

    method: str
    layer: str
    target: str
    chip: Image | None

    @classmethod
    def of(cls, heat: Floats, method: str, layer: str, target: str, chip: Image | None) -> Heatmap:
        """An array (h, w) with what is known of it."""
        made = np.asarray(heat, np.float32).view(cls)
        made.method, made.layer, made.target, made.chip = method, layer, target, chip
        return made

    def __array_finalize__(self, other: Any) -> None:
        self.method, self.layer = getattr(other, "method", ""), getattr(other, "layer", "")
        self.target, self.chip = getattr(other, "target", ""), getattr(other, "chip", None)

    def _repr_png_(self) -> bytes | None:
        if self.ndim != 2 or not self.size:
            return None
        ground = np.full((SHOWN_EDGE, SHOWN_EDGE, 3), 128, np.uint8) if self.chip is None else _ground(self.chip)
        return _png(warmed(ground, np.clip(np.asarray(self), 0, 1), COLOUR_MAPS[0], OPACITY))


@dataclass(frozen=True, slots=True, repr=False)
class FaceReading(Shown):
    """A face, and what was read in it. It shows itself in a notebook, with its heat where it has any.

    Attributes:
        reading: where the face is, what the network was fed, and its raw answer.
        probabilities: (K,) float32, summing to 1, in the order of `labels`: smoothed over time, or raw.
        label: what the window would write: the emotion, or "unsure", or "unreadable".
        confidence: the probability of the emotion, 0–1.
        chip: (H, H) gray, the part of the picture that the network was shown.
    """

    chip: Image = field(kw_only=True)

    @property
    def emotion(self) -> str:
        """The class that is said, however unsure, and however badly the face can be read."""
        return self.label if self.label in self.labels else self.labels[int(self.probabilities.argmax())]

    @property
    def quality(self) -> float | None:
        """How well the face can be read, 0–1, or None where the network does not tell."""
        return self.reading.prediction.quality

    @property
    def labels(self) -> tuple[str, ...]:
        """All K class names."""
        return self.reading.prediction.labels

    @property
    def box_xyxy(self) -> Box:
        """Left, top, right, bottom in pixels of the picture; may reach beyond its border."""
        return self.reading.face.box_xyxy

    @property
    def eyes(self) -> tuple[Point, Point]:
        """The left and the right eye of the picture, (x, y) in its pixels."""
        return self.reading.face.eyes

    @property
    def score(self) -> float:
        """The detector's confidence, 0–1."""
        return self.reading.face.score

    @property
    def track(self) -> int:
        """The number that stays with this face from frame to frame, from 1."""
        return self.reading.face.track

    @property
    def crop(self) -> Image:
        """(h, w) gray or (h, w, 3) BGR: the network's input, for people to look at."""
        return self.reading.seen

    @property
    def heat(self) -> Heatmap | None:
        """The heatmap that was asked for, or None."""
        why = self.reading.explanation
        if why is None or why.heat is None:
            return None
        return Heatmap.of(why.heat, why.method, why.heat_layer, why.target, self.chip)

    @property
    def maps(self) -> Floats | None:
        """(h, w, channels) activations of the layer that was asked for, or None."""
        return None if self.reading.explanation is None else self.reading.explanation.maps

    def __repr__(self) -> str:
        box = ", ".join(f"{edge:.0f}" for edge in self.box_xyxy)
        said = self.label if self.label == UNREADABLE else f"{self.label} {100 * self.confidence:.0f} %"
        return f"FaceReading({said}, box_xyxy=({box}), track={self.track})"

    def _repr_png_(self) -> bytes | None:
        return _png(_ground(self.chip)) if self.heat is None else self.heat._repr_png_()


@dataclass(frozen=True, slots=True, repr=False)
class FrameReadings:
    """A frame of a source, and who is in it. It shows itself, annotated, in a notebook.

    Attributes:
        index: number of the frame in its source, from 0; frames that a slow script missed leave gaps.
        time_s: its time on the source's own clock, in seconds.
        faces: one for each face; empty where nobody is seen.
        name: of the film, the camera or the picture.
        picture: what it shows, in the form in which it came.
    """

    index: int
    time_s: float
    faces: tuple[FaceReading, ...]
    name: str
    picture: Raster

    @property
    def image(self) -> Image:
        """(H, W, 3) BGR, upright."""
        return self.picture.bgr

    @property
    def readings(self) -> tuple[Reading, ...]:
        """The network's raw answers, one for each face."""
        return tuple(face.reading for face in self.faces)

    def __repr__(self) -> str:
        return f"FrameReadings({self.name} {self.index}, {self.time_s:.2f} s, faces={list(self.faces)})"

    def _repr_png_(self) -> bytes | None:
        picture = annotate(self.image, self.faces, heat=any(face.heat is not None for face in self.faces))
        factor = min(1.0, SHOWN_WIDTH / picture.shape[1])
        return _png(np.asarray(cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), np.uint8))


class Sink(Protocol):
    """Where frames go, one after another: a file, a database, a socket of your own.

    It is called once for each frame; where it has a method `close`, that is called at the end, also after an error.
    """

    def __call__(self, frame: FrameReadings, /) -> object:
        """Takes a frame."""
        ...


class Reader(Closing):
    """Reads faces in pictures, films, streams and cameras. A context manager; one thread at a time.

    Args:
        model: shipped name, path of an .onnx bundle, or a callable of your own (`OwnClassifier`).
        detector: "auto", "yunet", "mediapipe", or a callable of your own (`OwnDetector`).
        provider: onnxruntime's execution provider, or "auto" for the best one installed.
        smoothing: time constant in seconds over which what is said of a face is smoothed in a film; 0 for raw answers.
        prior: how much of the training pictures' prior is taken off, 0–1; None for what the model does itself.

    Raises:
        EmoscopeError: the model, the provider or the detector cannot be had; the message says why.
    """

    def __init__(
        self,
        model: str | os.PathLike[str] | OwnClassifier = DEFAULT_MODEL,
        detector: str | OwnDetector = "auto",
        provider: str = "auto",
        smoothing: float = SMOOTHING_S,
        prior: float | None = None,
    ) -> None:
        if not 0 <= smoothing < math.inf:
            raise EmoscopeError(f"smoothing is a time in seconds, 0 for none, not {smoothing!r}")
        named = isinstance(model, str | os.PathLike)
        self._network = Network(open_bundle(os.fspath(model)), provider) if named else OwnNetwork(model)  # type: ignore[arg-type]
        self._detector, self._smoothing_s, self._prior = detector, float(smoothing), prior
        prior_offset(self._network.contract, prior)
        self._session = self._opened()

    @property
    def labels(self) -> tuple[str, ...]:
        """The model's class names, in the order of probabilities."""
        return self._network.contract.labels

    @property
    def prior(self) -> float | None:
        """How much of the training pictures' prior is taken off, 0–1; None where the model does not say what it is."""
        contract = self._network.contract
        return contract.default_prior if self._prior is None and contract.prior else self._prior

    @property
    def layers(self) -> tuple[str, ...]:
        """Names of the layers that can be looked at, from input to output."""
        return self._network.contract.layer_names

    @property
    def methods(self) -> tuple[str, ...]:
        """Names of the methods that `read` and `watch` know; `explain` knows those of `still_methods` besides."""
        return self._network.contract.methods

    def read(
        self,
        image: Any,
        *,
        explain: str | bool = "",
        layer: str = "",
        target: str | int | None = None,
        maps: bool = False,
        time_s: float | None = None,
    ) -> list[FaceReading]:
        """The faces of a picture.

        Args:
            image: path, BGR array, Pillow image, or the bytes of a picture file; see `emoscope.media.given`.
            explain: the CAM method whose heat faces are to carry, True for the model's own.
            layer: the layer that heat and maps are taken from; "" for the model's own.
            target: class that heat speaks for, by name or number; None for the one that is said.
            maps: whether faces are to carry the layer's activations too.
            time_s: where pictures are frames of one stream, the moment of this one in seconds: faces keep their
                numbers, and what is said of them is smoothed. None for a picture by itself.

        Raises:
            EmoscopeError: the picture cannot be read, or the model has no such method, layer or class.
        """
        raster, wish = raster_of(given_picture(image)), self._wish(explain, layer, target, maps)
        if time_s is None:
            self._session.reset(anew=True)
            return list(_faces(self._session.read(raster, 0.0, replace(wish, smoothed=False)), raster))
        return list(_faces(self._session.read(raster, time_s, wish), raster))

    @property
    def still_methods(self) -> tuple[str, ...]:
        """Names of the methods that take many runs of the network for one face."""
        contract = self._network.contract
        return methods_of(contract, contract.default_layer)[len(contract.methods) :] if contract.layers else ()

    def pixels(self, face: FaceReading, layer: str, unit: int, rule: str = "gradient") -> Floats:
        """What in a face drives one filter.

        Args:
            face: from `read` or `watch`.
            layer: whose channel is followed back.
            unit: number of the channel.
            rule: "gradient", "gradientxinput", "guided", "deconvolution" or "field" (its strongest cell alone).

        Returns:
            (H, W, C) float32 of the network's input, signed: above zero where brighter pixels raise the answer.

        Raises:
            EmoscopeError: the model has no such layer, channel or rule.
        """
        contract = self._network.contract
        _require(layer, contract, self._network.name)
        if not 0 <= unit < contract.layer(layer).channels:
            raise ModelError(f"{layer} has channels 0 to {contract.layer(layer).channels - 1}, not {unit}")
        batch = to_batch(face.reading.crop[None], contract.input)
        found = self._network.answer(batch, Request(layer, rule=rule, unit=unit)).pixels
        assert found is not None
        return np.asarray(found[0])

    def explain(
        self,
        face: FaceReading,
        *,
        method: str = "",
        layer: str = "",
        target: str | int | None = None,
        against: str | int | None = None,
    ) -> Heatmap:
        """Where the network sees reasons for a class in a face that was read.

        Args:
            face: from `read` or `watch`.
            method: one of `methods` or `still_methods`; "" for the model's own.
            layer: the layer that heat is taken from; "" for the model's own.
            target: class that heat speaks for, by name or number; None for the face's own emotion.
            against: class that it is told against ("happy rather than neutral"); None for none.

        Returns:
            (h, w) float32 of the layer's size, 0–1.

        Raises:
            EmoscopeError: the model has no such method, layer or class.
        """
        request = self._request(method or True, layer, maps=False)
        said = face.labels.index(face.emotion) if target is None else self._target(target)
        batch = to_batch(face.reading.crop[None], self._network.contract.input)
        other = NOTHING if against is None else self._target(against)
        if request.method in STILLS:
            question = HeatQuestion(self._network, batch, request.layer, said, other)
            heat, place = STILLS[request.method](question), still_layer(request.method, request.layer)
        else:
            request = replace(request, against=other)
            answer = self._network.answer(batch, request, np.array([said], np.int64))
            assert answer.heat is not None
            heat, place = answer.heat[0], self._network.heat_layer(request)
        return Heatmap.of(heat, request.method, place, self.labels[said], face.chip)

    def watch(
        self,
        source: int | str | os.PathLike[str],
        *,
        explain: str | bool = "",
        layer: str = "",
        target: str | int | None = None,
        maps: bool = False,
        start_s: float = -math.inf,
        end_s: float = math.inf,
        every: int = 1,
        video_stream: int | None = None,
        fps: float | None = None,
    ) -> Iterator[FrameReadings]:
        """The frames of a source, each with its faces. Leaving the loop closes the source and ends its threads.

        A film gives every frame, as fast as it can be read, in memory that does not grow with its length. A camera or
        a stream gives the newest frame, so that a slow script never falls behind. A folder gives its pictures.

        Args:
            source: camera number, film, stream address, picture, or folder of pictures; "frames_%04d.png" for numbered
                pictures that are a film, "-" for one that comes through standard input.
            explain, layer, target, maps: as in `read`.
            start_s: where to begin in a film, in seconds on its own clock.
            end_s: where to end.
            every: looks at every Nth frame of a film only, and gives no others.
            video_stream: which video of a file that holds several, from 0; None for the largest.
            fps: numbered pictures a second; None for 25.

        Raises:
            EmoscopeError: the source cannot be read, or the model has no such method, layer or class.
        """
        wish = self._wish(explain, layer, target, maps)
        name, path = str(source), Path(os.fspath(source)) if not isinstance(source, int) else None
        if path is not None and path.is_dir():
            return self._pictures(path, explain=explain, layer=layer, target=target, maps=maps)
        recorded = path is not None and (path.exists() or path == STANDARD_INPUT or is_numbered(path))
        if path is not None and recorded and not is_picture(path):
            return self._film(path, wish, Span(start_s, end_s), every, video_stream, fps)
        if path is not None and path.exists():
            return self._picture(path, explain=explain, layer=layer, target=target, maps=maps)
        return self._live(open_source(name), wish)

    def send(self, source: int | str | os.PathLike[str], sink: Sink, **how: Any) -> int:
        """Sends every frame of a source into a sink; the sink is closed at the end, also after an error.

        Args:
            source: as in `watch`.
            sink: takes the frames.
            how: what else `watch` takes.

        Returns:
            How many frames there were.
        """
        count, close = 0, getattr(sink, "close", None)
        try:
            with closing(self.watch(source, **how)) as frames:  # type: ignore[type-var]
                for frame in frames:
                    sink(frame)
                    count += 1
        finally:
            if close is not None:
                close()
        return count

    def close(self) -> None:
        """Frees the detector. Sources that are being watched have their own."""
        self._session.close()

    def __repr__(self) -> str:
        return f"Reader(model={self._network.name!r}, labels={', '.join(self.labels)})"

    def _opened(self, pace: float = 1.0) -> Session:
        """A session of its own, for one stream of pictures; all share the network."""
        smoother = usual_smoother(self._network.contract, self._smoothing_s)
        return Session(_finder(self._detector, pace), self._network, smoother)

    def _wish(self, explain: str | bool, layer: str, target: str | int | None, maps: bool) -> Wish:
        wanted = PREDICTED if target is None else self._target(target)
        request = self._request(explain, layer, maps)
        if request.method in STILLS:
            told = f"{request.method} takes many runs a face: use `reader.explain(face, method={request.method!r})`"
            raise ModelError(told)
        return Wish(request, wanted, smoothed=self._smoothing_s > 0, exact=True, prior=self._prior)

    def _request(self, explain: str | bool, layer: str, maps: bool) -> Request:
        contract = self._network.contract
        method = contract.default_method if explain is True else explain or ""
        if not method and not maps and not explain:
            return Request()
        if not contract.layers:
            raise ModelError(f"{self._network.name} has no layers to look at: `emoscope convert` makes one that has")
        if explain and method not in (*contract.methods, *self.still_methods):
            known = ", ".join((*contract.methods, *self.still_methods))
            raise ModelError(f"{self._network.name} has no method {method!r}; it has {known}")
        _require(layer, contract, self._network.name)
        return Request(layer or contract.default_layer, maps, method)

    def _target(self, target: str | int) -> int:
        if isinstance(target, str) and target in self.labels:
            return self.labels.index(target)
        if isinstance(target, int | np.integer) and 0 <= target < len(self.labels):
            return int(target)
        raise ModelError(f"{self._network.name} has no class {target!r}; it has {', '.join(self.labels)}")

    def _film(
        self, path: Path, wish: Wish, span: Span, every: int, film: int | None, fps: float | None
    ) -> Iterator[FrameReadings]:
        with (
            self._opened(PACE) as session,
            Recording(path, span, fixed=False, film=film, fps=rate_of(fps)) as recording,
            Prefetch(recording.frames(), "decoding") as frames,
            Prefetch(finds(frames, session.finder, every), "finding") as found,
        ):
            for item in reads(found, session, wish):
                if isinstance(item, ReadFrame) and item.fresh:
                    frame = item.frame
                    yield _frame(frame.index, frame.time_s, item.seen, frame.picture, path.name)

    def _live(self, source: Source, wish: Wish) -> Iterator[FrameReadings]:
        with Feed(source) as feed, self._opened() as session:
            while not feed.newest.ended:
                frame = feed.newest.take(LOOK_S)
                if frame is not None:
                    seen = session.read(frame.picture, frame.time_s, wish)
                    yield _frame(frame.index, frame.time_s, seen, frame.picture, feed.source.name)
            if feed.error is not None:
                raise feed.error

    def _picture(self, path: Path, index: int = 0, **how: Any) -> Iterator[FrameReadings]:
        picture = raster_of(given_picture(path))
        yield FrameReadings(index, float(index), tuple(self.read(picture.bgr, **how)), path.name, picture)

    def _pictures(self, folder: Path, **how: Any) -> Iterator[FrameReadings]:
        paths = sorted(path for path in folder.iterdir() if is_picture(path) and not is_left_behind(path))
        if not paths:
            raise SourceError(f"{folder}: holds no pictures: name another folder")
        return self._each(paths, **how)

    def _each(self, paths: Sequence[Path], **how: Any) -> Iterator[FrameReadings]:
        for index, path in enumerate(paths):
            try:
                yield from self._picture(path, index, **how)
            except SourceError as error:
                warnings.warn(f"passed over: {error}", stacklevel=2)


def annotate(
    image: Any,
    faces: Sequence[FaceReading],
    *,
    heat: bool = False,
    bars: bool = True,
    names: bool = True,
    inset: str = "off",
) -> Image:
    """A copy of a picture with its faces drawn on it, as the window draws them.

    Args:
        image: as in `Reader.read`.
        faces: that were read in it.
        heat: whether heat lies on the faces.
        bars: whether probability bars stand beside them.
        names: whether they are labelled.
        inset: what stands in a corner for the largest face: "gradcam", "maps", "map", "crop" or "off".

    Returns:
        (H, W, 3) BGR.

    Raises:
        EmoscopeError: heat is wanted, and none of the faces carries any; or there is no such inset.
    """
    if inset not in VIEWS:
        raise EmoscopeError(f"there is no inset {inset!r}; choose {', '.join(VIEWS)}")
    if heat and faces and not any(face.heat is not None for face in faces):
        raise EmoscopeError('these faces carry no heat: read them with explain="gradcam", or leave heat out')
    picture = given_picture(image)
    chosen = max(range(len(faces)), key=lambda number: _width(faces[number]), default=None)
    state = ViewState(faces[0].labels if faces else (), view=inset, heat=heat, bars=bars, names=names, hud="off")
    chip = None if chosen is None else faces[chosen].chip
    return drawn(picture, Scene(tuple(faces), chosen, chip), state)


def read_table(
    source: str | os.PathLike[str],
    *,
    model: str | os.PathLike[str] | OwnClassifier = DEFAULT_MODEL,
    detector: str | OwnDetector = "auto",
    provider: str = "auto",
    start_s: float = -math.inf,
    end_s: float = math.inf,
    every: int = 1,
    prior: float | None = None,
) -> Any:
    """The table that `emoscope process` writes beside a film: a row for each face and frame, raw probabilities.

    A frame without a face has one row in which everything from `face` on is empty.

    Args:
        source: film, picture, or folder of pictures.
        model, detector, provider, prior: as in `Reader`.
        start_s, end_s, every: as in `Reader.watch`.

    Returns:
        A pandas DataFrame; a polars one where only that is installed; a list of dictionaries where neither is.

    Raises:
        EmoscopeError: the source or the model cannot be read.
    """
    several = Path(source).is_dir()
    rows: list[tuple[Any, ...]] = []
    with Reader(model, detector, provider, smoothing=0, prior=prior) as reader:
        columns = (*(("picture",) if several else ()), *columns_of(reader.labels))
        for frame in reader.watch(source, start_s=start_s, end_s=end_s, every=every):
            found = rows_of(frame.index, frame.time_s, frame.readings, reader.labels, reader.prior)
            rows += [(frame.name, *row) for row in found] if several else list(found)
    for make in (_pandas, _polars):
        try:
            return make(columns, rows)
        except ImportError:
            continue
    return [dict(zip(columns, row, strict=True)) for row in rows]


def analyse(
    source: str | os.PathLike[str],
    *,
    model: str = DEFAULT_MODEL,
    detector: str = "auto",
    provider: str = "auto",
    layer: str = "",
    method: str = "",
    start_s: float = -math.inf,
    end_s: float = math.inf,
    every: int = 1,
    prior: float | None = None,
    video_stream: int | None = None,
) -> Iterator[FrameReadings]:
    """The frames of one recording, in one call: `Reader(…, smoothing=0).watch(source, …)`.

    Args:
        source: the file.
        model, detector, provider, prior: as in `Reader`.
        layer: the layer whose activations faces are to carry, "" for none.
        method: the CAM method whose heat of this layer they are to carry, "" for none.
        start_s, end_s, every, video_stream: as in `Reader.watch`.

    Raises:
        EmoscopeError: the recording or the model cannot be read; the message says why.
    """
    how = {"explain": method, "layer": layer, "maps": bool(layer), "start_s": start_s, "end_s": end_s, "every": every}
    how["video_stream"] = video_stream
    with Reader(model, detector, provider, smoothing=0, prior=prior) as reader:
        if not Path(source).exists():
            raise SourceError(f"{source}: no such file")
        yield from reader.watch(source, **how)  # type: ignore[arg-type]


def _finder(detector: str | OwnDetector, pace: float) -> FaceFinder:
    if isinstance(detector, str):
        return open_finder(detector, pace)
    if not callable(detector):
        raise EmoscopeError(
            f"a {type(detector).__name__} is no detector: give a name, or a callable from image to faces"
        )
    return OwnFinder(detector)


def _faces(seen: Seen, picture: Raster) -> Iterator[FaceReading]:
    for shown in seen.faces:
        chip = np.array(face_chip(picture, shown.reading))
        yield FaceReading(**{part.name: getattr(shown, part.name) for part in fields(Shown)}, chip=chip)


def _frame(index: int, time_s: float, seen: Seen, picture: Raster, name: str) -> FrameReadings:
    return FrameReadings(index, time_s, tuple(_faces(seen, picture)), name, picture)


def _require(layer: str, contract: Contract, name: str) -> None:
    if layer and layer not in contract.layer_names:
        raise ModelError(f"{name} has no layer {layer!r}; it has {', '.join(contract.layer_names)}")


def _width(face: FaceReading) -> float:
    return face.box_xyxy[2] - face.box_xyxy[0]


def _ground(chip: Image) -> Image:
    return grey_bgr(chip, SHOWN_EDGE)


def _png(picture: Image) -> bytes:
    _, data = cv2.imencode(".png", picture)
    return data.tobytes()


def _pandas(columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> Any:
    import pandas

    table = pandas.DataFrame(rows, columns=list(columns))
    return table.astype({"face": "Int64"})


def _polars(columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> Any:
    import polars

    return polars.DataFrame(rows, schema=list(columns), orient="row", infer_schema_length=None)
