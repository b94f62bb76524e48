"""The reader: a session's public face. What it is asked is checked by name, what it answers are values."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from threading import RLock
from typing import Any

import numpy as np

from ..errors import EmoscopeError, ModelError, SettingsError
from ..faces import FaceFinder, open_finder
from ..faces.own import OwnDetector, OwnFinder
from ..media.given import given_picture
from ..media.raster import raster_of
from ..media.span import Span
from ..network.bundle import DEFAULT_MODEL, open_bundle
from ..network.network import NOTHING, PREDICTED, Network, Request
from ..network.offset import prior_offset
from ..network.own import OwnClassifier, OwnNetwork
from ..network.stills import STILLS, HeatQuestion, still_layer
from ..reading.session import Seen, Session, Wish, usual_smoother
from ..reading.smoothing import SMOOTHING_S
from ..sinks.about import About
from ..system.closing import Closing
from ..types import Floats, Raster, is_number, is_whole
from .asking import batch_of, class_of, request_of, require_layer, still_methods
from .results import FaceReading, FrameReadings, Heatmap, faces_of
from .sending import ReadingSink, open_sinks
from .watching import FilmPart, Sink, frames_of


class Reader(Closing):
    """Reads faces in pictures, films, streams and cameras. A context manager, which threads may share.

    Pictures that are read take turns. What is watched or explained waits for none: each source has faces and numbers of
    its own, and a callable of yours may be called for several at once.

    Args:
        model: shipped name, path of an .onnx bundle, or a callable of your own (`OwnClassifier`).
        detector: "auto", "yunet", "blazeface", "mediapipe", or a callable of your own (`OwnDetector`).
        provider: onnxruntime's execution provider; "auto" for CUDA, DirectML or CoreML where it is installed, else CPU.
        smoothing: time constant in seconds over which what is said of a face is smoothed in a film; 0 for raw answers.
        prior: how much of the training pictures' prior is taken off, 0–1; None for what the model does itself.
        reidentify: whether a person who was away in a film gets their number back, by appearance; not with a detector
            of your own.

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
        reidentify: bool = True,
    ) -> None:
        if not (is_number(smoothing) and 0 <= smoothing < math.inf):
            raise SettingsError(f"smoothing is a time in seconds, 0 for none, not {smoothing!r}")
        named = isinstance(model, str | os.PathLike)
        self._network = Network(open_bundle(os.fspath(model)), provider) if named else OwnNetwork(model)  # type: ignore[arg-type]
        self._detector, self._smoothing_s, self._prior = detector, float(smoothing), prior
        self._reidentify, self._provider = reidentify, provider
        prior_offset(self._network.contract, prior)
        self._session, self._closed, self._turn = self._opened(), False, RLock()

    @property
    def labels(self) -> tuple[str, ...]:
        """The model's class names, in the order of probabilities."""
        return self._network.contract.labels

    @property
    def numbers(self) -> tuple[str, ...]:
        """Names of what else the model says of a face, such as valence and arousal."""
        return self._network.contract.numbers

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

        Returns:
            One for each face, the lowest number first; empty where nobody is seen.

        Raises:
            EmoscopeError: the picture cannot be read, or the model has no such method, layer or class.
        """
        self._require_open()
        if time_s is not None and not (is_number(time_s) and math.isfinite(time_s)):
            raise SettingsError(f"time_s is a moment in seconds, None for a picture by itself, not {time_s!r}")
        raster, wish = raster_of(given_picture(image)), self._wish(explain, layer, target, maps)
        if time_s is None:
            return list(faces_of(self._read_still(raster, wish), raster))
        with self._turn:
            self._require_open()
            seen = self._session.read(raster, time_s, wish)
        return list(faces_of(seen, raster))

    @property
    def still_methods(self) -> tuple[str, ...]:
        """Names of the methods that take many runs of the network for one face."""
        return still_methods(self._network)

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
        require_layer(self._network, layer)
        if not (is_whole(unit) and 0 <= unit < contract.layer(layer).channels):
            raise ModelError(f"{layer} has channels 0 to {contract.layer(layer).channels - 1}, not {unit!r}")
        batch = batch_of(self._network, face)
        found = self._network.answer(batch, Request(layer, rule=rule, unit=int(unit))).pixels
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
        request = request_of(self._network, method or True, layer, maps=False)
        batch = batch_of(self._network, face)
        said = class_of(self._network, face.emotion if target is None else target)  # by name: another model may ask
        other = NOTHING if against is None else class_of(self._network, against)
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

        Returns:
            An iterator of frames; closing it, or dropping it, closes the source.

        Raises:
            EmoscopeError: the source cannot be read, or the model has no such method, layer or class.
        """
        wish = self._wish(explain, layer, target, maps)
        return self._frames(source, wish, FilmPart(Span(start_s, end_s), every, video_stream, fps))

    def send(self, source: int | str | os.PathLike[str], sink: Sink, **how: Any) -> int:
        """Sends every frame of a source into a sink; the sink is closed at the end, also after an error.

        Args:
            source: as in `watch`.
            sink: takes the frames.
            how: what else `watch` takes.

        Returns:
            How many frames there were.

        Raises:
            EmoscopeError: as `watch` raises it; whatever the sink raises comes through.
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

    def sink(self, *targets: str | os.PathLike[str], lsl: str = "") -> ReadingSink:
        """A sink for `send`, or for frames of your own loop: what `emoscope live` offers as --log, --publish and --lsl.

        Args:
            targets: paths of logs (.csv, .jsonl, .parquet), and addresses to publish under (ws://…, osc://…).
            lsl: how far Lab Streaming Layer announces its streams, "machine" or "network"; "" for no streams.

        Raises:
            EmoscopeError: one of them cannot be had; the message says why.
        """
        about = About.of(self._network)
        return ReadingSink(open_sinks(targets, lsl, about), self.prior)

    def close(self) -> None:
        """Frees the detector; several times do no harm. Films and cameras that are being watched have their own.

        Nothing can be read afterwards; what was read can still be explained.
        """
        with self._turn:
            self._closed = True
            self._session.close()

    def __repr__(self) -> str:
        return f"Reader(model={self._network.name!r}, labels={', '.join(self.labels)})"

    def _require_open(self) -> None:
        if self._closed:
            raise EmoscopeError("the reader is closed: read inside its `with`, or make another")

    def _read_still(self, picture: Raster, wish: Wish) -> Seen:
        """A picture by itself; EmoscopeError where the reader is closed."""
        with self._turn:
            self._require_open()
            return self._session.read_still(picture, wish)

    def _opened(self, pace: float = 1.0) -> Session:
        """A session of its own, for one stream of pictures; all share the network."""
        smoother = usual_smoother(self._network.contract, self._smoothing_s)
        return Session(_finder(self._detector, pace, self._reidentify, self._provider), self._network, smoother)

    def _frames(self, source: int | str | os.PathLike[str], wish: Wish, part: FilmPart) -> Iterator[FrameReadings]:
        self._require_open()
        return frames_of(source, wish, part, self._opened, self._read_still)

    def _wish(
        self, explain: str | bool = "", layer: str = "", target: str | int | None = None, maps: bool = False
    ) -> Wish:
        wanted = PREDICTED if target is None else class_of(self._network, target)
        request = request_of(self._network, explain, layer, maps)
        if request.method in STILLS:
            told = f"{request.method} takes many runs a face: use `reader.explain(face, method={request.method!r})`"
            raise ModelError(told)
        return Wish(request, wanted, smoothed=self._smoothing_s > 0, exact=True, prior=self._prior)


def _finder(detector: str | OwnDetector, pace: float, reidentify: bool, provider: str) -> FaceFinder:
    if isinstance(detector, str):
        return open_finder(detector, pace, reidentify, provider=provider)
    if not callable(detector):
        told = f"an object of type {type(detector).__name__} is no detector"
        raise EmoscopeError(f"{told}: give a name, or a callable from image to faces")
    return OwnFinder(detector)
