"""Lab Streaming Layer: one irregular stream of readings and one of markers, with the capture's time stamps.

    EmoScope           type Emotion, float32:  frame, face, x, y, width, height, confidence, a class each …, quality, …
    EmoScope markers   type Markers, string:   the event's name

A sample is a face of a frame; a frame in which nobody is seen has one with face 0 and NaN behind it, as it has a row in
a log. LSL's clock is this machine's monotonic one, so a sample's stamp is when its frame was captured.

LSL finds streams by announcing them on the local network. Its library reads how far once, when it is first used:
"machine" keeps to the loopback, "network" leaves it to the user's own `lsl_api.cfg`, else to LSL's custom.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import EmoscopeError, SystemLibraryError
from .about import About
from .sample import Marker, Moment, Sample, ahead_s, box_of
from .sink import SampleSink

SCOPES = ("machine", "network")
"""How far streams are announced."""
QUIET = "[log]\nlevel = -2\n"
"""Keeps the library's remarks off the terminal."""
MACHINE = f"{QUIET}[ports]\nIPv6 = disable\n[multicast]\nResolveScope = machine\nListenAddress = 127.0.0.1\n"
CONFIGURATIONS = ("lsl_api.cfg", "~/lsl_api/lsl_api.cfg", "/etc/lsl_api/lsl_api.cfg")
"""Where the library looks for its configuration."""
PIXELS = ("x", "y", "width", "height")
NAN = float("nan")
ROOM = 4096


class LslOutlets(SampleSink):
    """The two streams of a source.

    Args:
        about: what is watched, and by which network.
        scope: "machine" or "network".

    Raises:
        SystemLibraryError: pylsl, or the library that it needs, is missing.
        EmoscopeError: no stream can be opened.
    """

    name = "LSL"
    room = ROOM

    def __init__(self, about: About, scope: str) -> None:
        self._lsl = load_lsl(scope)
        self._about = about
        own = f"{platform.node()} {about.source}"
        try:
            self._readings = self._lsl.StreamOutlet(_readings_info(self._lsl, about, own))
            self._markers = self._lsl.StreamOutlet(_markers_info(self._lsl, own))
        except RuntimeError as error:
            told = f"LSL cannot open a stream ({error}): are all of its ports taken, or is the network off?"
            raise EmoscopeError(told) from None

    def __call__(self, sample: Sample, /) -> None:
        stamp = self._stamp(sample.moment)
        for values in samples_of(sample, len(self._about.labels), self._about.numbers):
            self._readings.push_sample(values, stamp)

    def mark(self, marker: Marker) -> None:
        self._markers.push_sample([marker.event], self._stamp(marker.moment))

    def close(self) -> None:
        del self._readings, self._markers

    def _stamp(self, moment: Moment) -> float:
        """A moment on LSL's clock, which may begin elsewhere than Python's."""
        return moment.monotonic_s + ahead_s(self._lsl.local_clock)


def channels_of(labels: Sequence[str], numbers: Sequence[str] = ()) -> tuple[tuple[str, str], ...]:
    """Name and unit of each channel."""
    place = (("frame", "number"), ("face", "number"), *((name, "pixels") for name in PIXELS), ("confidence", "0-1"))
    said = (*((label, "probability") for label in labels), ("quality", "0-1"))
    return (*place, *said, *((name, "number") for name in numbers))


def samples_of(sample: Sample, classes: int, numbers: Sequence[str] = ()) -> list[list[float]]:
    """The values of a frame's faces, in the order of `channels_of`; float32 counts frames up to 16 million."""
    nobody = [sample.index, 0, *[NAN] * (classes + 6 + len(numbers))]
    found = []
    for reading in sorted(sample.readings, key=lambda reading: reading.face.track):
        said = reading.plain or reading.prediction
        quality = NAN if said.quality is None else said.quality
        probabilities = np.asarray(said.probabilities, float).tolist()
        further = [said.numbers.get(name, NAN) for name in numbers]
        place = [sample.index, reading.face.track, *box_of(reading), reading.face.score]
        found.append([*place, *probabilities, quality, *further])
    return found or [nobody]


def load_lsl(scope: str) -> Any:
    """The package pylsl, told how far to announce; what it is told first holds until the program ends.

    Raises:
        EmoscopeError: it is not told one of SCOPES.
        SystemLibraryError: it is missing, or the library that it needs is.
    """
    if scope not in SCOPES:
        raise EmoscopeError(f"Lab Streaming Layer announces on the {' or the '.join(SCOPES)}, not {scope!r}")
    try:
        import pylsl
    except (ImportError, RuntimeError, OSError) as error:
        cure = 'run `pip install "emoscope[lsl]"`'
        reason = "" if isinstance(error, ModuleNotFoundError) else f" ({str(error).splitlines()[0]})"
        raise SystemLibraryError(f"Lab Streaming Layer needs the package pylsl{reason}: {cure}") from None
    if scope == "machine":
        pylsl.set_config_content(MACHINE)
    elif not _configured():
        pylsl.set_config_content(QUIET)
    return pylsl


def _configured() -> bool:
    return "LSLAPICFG" in os.environ or any(Path(place).expanduser().exists() for place in CONFIGURATIONS)


def _readings_info(lsl: Any, about: About, own: str) -> Any:
    channels = channels_of(about.labels, about.numbers)
    info = lsl.StreamInfo("EmoScope", "Emotion", len(channels), lsl.IRREGULAR_RATE, "float32", f"emoscope {own}")
    description = info.desc()
    description.append_child_value("manufacturer", "EmoScope")
    description.append_child_value("model", about.model)
    description.append_child_value("source", about.source)
    listed = description.append_child("channels")
    for name, unit in channels:
        channel = listed.append_child("channel")
        for key, value in (("label", name), ("unit", unit), ("type", "Emotion")):
            channel.append_child_value(key, value)
    return info


def _markers_info(lsl: Any, own: str) -> Any:
    return lsl.StreamInfo("EmoScope markers", "Markers", 1, lsl.IRREGULAR_RATE, "string", f"emoscope markers {own}")
