"""What a model file says about itself: labels, input, crop, layers, methods. `convert` writes it with this module.

The contract is one JSON object. It stands in both files of a bundle, in the ONNX metadata under the key `emoscope`,
and beside a trained `model.keras` as `contract.json`, whose defaults are wishes: no layers and methods are listed yet.
The network is fed `pixel × scale + offset` with pixels 0–255, which are stretched before where `stretch` says so.

Version 2 added what a network needs to be right about faces of every day: `input.stretch`, `prior` and `default_prior`,
`unsure` and `unreadable`, `held_out`, `unverified`, `crop.box_margin` and `numbers`; every one may be missing.
Version 1 has none of them and is still read.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from ..errors import ContractError

VERSION = 2
KNOWN = (1, 2)
"""Versions that are read."""
METADATA_KEY = "emoscope"
CHANNELS = {"gray": 1, "rgb": 3, "bgr": 3}
LAYOUTS = ("NHWC", "NCHW")
PIXEL_SCALE = 1 / 255
SUM = 1e-3
"""By how much the shares of a prior may miss 1, being rounded."""
OR = " or "


@dataclass(frozen=True, slots=True)
class InputSpec:
    """What one face looks like to the network.

    Attributes:
        height: in pixels.
        width: in pixels.
        channels: "gray", "rgb" or "bgr".
        layout: "NHWC" or "NCHW".
        scale: factor on pixels 0–255; a tuple where channels differ.
        offset: added after scaling; a tuple where channels differ.
        stretch: the percentiles of a crop's own pixels that become 0 and 255, before scaling; None for pixels as
            they are. `emoscope.reading.stretch` says exactly how.
    """

    height: int = 48
    width: int = 48
    channels: str = "gray"
    layout: str = "NHWC"
    scale: float | tuple[float, ...] = PIXEL_SCALE
    offset: float | tuple[float, ...] = 0.0
    stretch: tuple[float, ...] | None = None

    def __post_init__(self) -> None:
        _require(self.height > 0 and self.width > 0, f"input size {self.width}×{self.height} is not positive")
        _require(self.channels in CHANNELS, f"input channels {self.channels!r} are not {OR.join(map(repr, CHANNELS))}")
        _require(self.layout in LAYOUTS, f"input layout {self.layout!r} is not {OR.join(map(repr, LAYOUTS))}")
        for name, value in (("scale", self.scale), ("offset", self.offset)):
            values = value if isinstance(value, tuple) else (value,) * self.depth
            _require(len(values) == self.depth, f"input {name} has not one number per channel ({self.depth})")
            finite = all(isinstance(one, (int, float)) and math.isfinite(one) for one in values)
            _require(finite, f"input {name} {value!r} is not a finite number")
        if self.stretch is not None:
            rising = len(self.stretch) == 2 and 0 <= self.stretch[0] < self.stretch[1] <= 100
            _require(rising, f"input stretch {list(self.stretch)} is not two rising percentiles, such as [1, 99]")

    @property
    def depth(self) -> int:
        """Number of channels."""
        return CHANNELS[self.channels]

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape of one face in the network's own layout."""
        return (self.height, self.width, self.depth) if self.layout == "NHWC" else (self.depth, self.height, self.width)


@dataclass(frozen=True, slots=True)
class CropSpec:
    """How a face is cut out, relative to its eyes, or as the detector's box.

    Attributes:
        eye_distances: edge of the square, in distances between the eyes.
        eye_line: height of the eyes in the square, 0 at the top, 1 at the bottom.
        align: whether the square turns with the line between the eyes.
        box_margin: share of the detector's box, made square, that is added on each side; then eyes do not count. None
            for a square about the eyes.
    """

    eye_distances: float = 2.7
    eye_line: float = 0.40
    align: bool = False
    box_margin: float | None = None

    def __post_init__(self) -> None:
        _require(0 < self.eye_distances < 100, f"crop of {self.eye_distances} eye distances is not sensible")
        _require(0 <= self.eye_line <= 1, f"crop eye_line {self.eye_line} is not between 0 and 1")
        margin = self.box_margin
        _require(margin is None or -0.4 <= margin <= 5, f"crop box_margin {margin} is not between -0.4 and 5")


@dataclass(frozen=True, slots=True)
class Threshold:
    """A number below which nothing is said, and what it was measured to mean: of many pictures, so many were said
    something about, and of those so many were right.

    Attributes:
        below: the number, 0–1.
        accuracy: share of right answers among those that are said, 0–1, or None where nobody measured.
        coverage: share of pictures that are said something about, 0–1, or None.
        measured_on: the pictures.
    """

    below: float
    accuracy: float | None = None
    coverage: float | None = None
    measured_on: str = ""

    def __post_init__(self) -> None:
        for name, value in (("below", self.below), ("accuracy", self.accuracy), ("coverage", self.coverage)):
            _require(value is None or 0 <= value <= 1, f"threshold's {name} {value} is not between 0 and 1")


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Which pictures a network did not learn from, so that it can be judged on them wherever it goes.

    Attributes:
        pictures_sha256: of the digests of all pictures of the data set, each with its split.
        seed: by which pictures were held out where the data set does not say.
        test: share of them that is only judged on.
        validation: share of the rest that the network was chosen by.
        groups: what was kept on one side: near-copies, a person's pictures.
        folds: into how many parts the data set was divided; 0 for a share.
        fold: which of them is the test, from 1.
    """

    pictures_sha256: str
    seed: int = 0
    test: float = 0.2
    validation: float = 0.1
    groups: str = ""
    folds: int = 0
    fold: int = 0


@dataclass(frozen=True, slots=True)
class LayerSpec:
    """One layer a person would look at.

    Attributes:
        name: the Keras name, or the ONNX node's.
        kind: "conv", "activation", "pool", "norm" or "block".
        tensor: its tensor in the activation graph's own numbering.
        height: of its maps, in cells.
        width: of its maps, in cells.
        channels: number of its maps.
    """

    name: str
    kind: str
    tensor: str
    height: int
    width: int
    channels: int


@dataclass(frozen=True, slots=True)
class Contract:
    """A model's whole description of itself. See the module's docstring.

    Attributes:
        labels: of the classes, in the order of the outputs.
        input: what one face looks like to the network.
        crop: how a face is cut out.
        layers: those that can be looked at, input first.
        methods: names of the CAM methods.
        default_layer: where heat is taken from unless somebody asks for another.
        default_method: likewise.
        metrics: measured figures by name.
        source_sha256: of the file that the bundle was made of.
        prior: share of each label in training, in the order of `labels`; empty where it is not known.
        default_prior: how much of the prior is taken off already in the file's own `probabilities`, 0–1: τ of
            logits − τ · log(prior). 0: as in the training pictures; 1: all classes alike.
        unsure: confidence below which no label is said, or None where nobody measured one.
        unreadable: `quality` below which no label is said, or None.
        held_out: which pictures it did not learn from, or None where nobody says.
        unverified: layers whose heat nobody could confirm when the model was converted, and that were taken on trust.
        numbers: what else the network says of a face, by name, in the order of the output `numbers`: valence, arousal.
        version: of the contract.
    """

    labels: tuple[str, ...]
    input: InputSpec = field(default_factory=InputSpec)
    crop: CropSpec = field(default_factory=CropSpec)
    layers: tuple[LayerSpec, ...] = ()
    methods: tuple[str, ...] = ()
    default_layer: str = ""
    default_method: str = ""
    metrics: Mapping[str, float] = field(default_factory=dict)
    source_sha256: str = ""
    prior: tuple[float, ...] = ()
    default_prior: float = 0.0
    unsure: Threshold | None = None
    unreadable: Threshold | None = None
    held_out: HeldOut | None = None
    unverified: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    version: int = VERSION

    def __post_init__(self) -> None:
        _require(len(self.labels) > 1, "a classifier needs at least two labels")
        _require(len(set(self.labels)) == len(self.labels), "labels repeat")
        _require(len(set(self.layer_names)) == len(self.layers), "layer names repeat")
        defaults = (("layer", self.default_layer, self.layer_names), ("method", self.default_method, self.methods))
        for what, default, known in defaults:
            _require(not known or default in ("", *known), f"default {what} {default!r} is not among the {what}s")
        _require(len(self.prior) in (0, len(self.labels)), "prior has not one share per label")
        shares = not self.prior or (min(self.prior) > 0 and abs(sum(self.prior) - 1) <= SUM)
        _require(shares, f"prior {list(self.prior)} is not made of shares above 0 that add up to 1")
        _require(0 <= self.default_prior <= 1, f"default prior {self.default_prior} is not between 0 and 1")
        _require(bool(self.prior) or not self.default_prior, "there is a default prior, but no prior")
        names = (*self.numbers, *(self.labels if self.numbers else ()))
        _require(
            len(set(names)) == len(names),
            "two numbers, or a number and a label, have one name: give other names with --keep",
        )

    @property
    def layer_names(self) -> tuple[str, ...]:
        """Names of all layers, from input to output."""
        return tuple(layer.name for layer in self.layers)

    @property
    def stage_ends(self) -> tuple[LayerSpec, ...]:
        """The last layer of each size of maps that is no pooling: where stem and blocks end, from input to output."""
        ends = {(layer.height, layer.width): layer for layer in self.layers if layer.kind != "pool"}
        return tuple(ends.values()) or self.layers[-1:]

    @property
    def block_ends(self) -> tuple[LayerSpec, ...]:
        """The activations right behind a place where branches meet: where residual blocks end, from input to output."""
        return tuple(
            layer for before, layer in pairwise(self.layers) if (before.kind, layer.kind) == ("block", "activation")
        )

    def layer(self, name: str) -> LayerSpec:
        """The layer of this name; ContractError names the ones there are."""
        for layer in self.layers:
            if layer.name == name:
                return layer
        raise ContractError(f"the model has no layer {name!r}; it has {', '.join(self.layer_names) or 'none'}")

    def with_(self, **changes: Any) -> Contract:
        """A copy with some fields changed."""
        return replace(self, **changes)

    def to_json(self) -> str:
        """The contract as one JSON object."""
        told = asdict(self)
        if self.crop.box_margin is None:  # which programs of before do not know
            del told["crop"]["box_margin"]
        if not self.numbers:
            del told["numbers"]
        return json.dumps(told, indent=1, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str, where: str = "the contract") -> Contract:
        """Reads and checks a contract; ContractError says what is wrong in `where`."""
        try:
            return _contract(json.loads(text))
        except ContractError as error:
            raise ContractError(f"{where}: {error}") from None
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            detail = f"field {error} is missing" if isinstance(error, KeyError) else str(error)
            message = f"{where}: not a contract that EmoScope can read ({detail}): run `emoscope convert` again"
            raise ContractError(message) from None

    @classmethod
    def read(cls, path: Path) -> Contract:
        """Reads `contract.json`; ContractError where it is missing or wrong."""
        try:
            return cls.from_json(path.read_text("utf-8"), str(path))
        except (OSError, UnicodeDecodeError) as error:
            raise ContractError(f"{path}: cannot be read ({error})") from None


def _contract(raw: Any) -> Contract:
    _require(isinstance(raw, dict), "not a JSON object")
    version = raw.get("version")
    newer = isinstance(version, int) and version > VERSION
    _require(not newer, f"version {version} is newer than this program knows ({VERSION}): update EmoScope")
    _require(version in KNOWN, f"version {version!r} is not {OR.join(map(str, KNOWN))}: run `emoscope convert` again")
    labels = raw["labels"]
    _require(isinstance(labels, list) and all(isinstance(name, str) for name in labels), "labels are no names")
    return Contract(
        labels=tuple(labels),
        input=InputSpec(**{key: _frozen(value) for key, value in raw["input"].items()}),
        crop=CropSpec(**raw.get("crop", {})),
        layers=tuple(LayerSpec(**layer) for layer in raw.get("layers", ())),
        methods=tuple(raw.get("methods", ())),
        default_layer=raw.get("default_layer", ""),
        default_method=raw.get("default_method", ""),
        metrics=dict(raw.get("metrics", {})),
        source_sha256=raw.get("source_sha256", ""),
        prior=tuple(float(share) for share in raw.get("prior", ())),
        default_prior=float(raw.get("default_prior", 0.0)),
        unsure=_threshold(raw.get("unsure")),
        unreadable=_threshold(raw.get("unreadable")),
        held_out=_held_out(raw.get("held_out")),
        unverified=tuple(raw.get("unverified", ())),
        numbers=_names(raw.get("numbers", [])),
    )


def _threshold(raw: Any) -> Threshold | None:
    return None if raw is None else Threshold(**raw)


def _held_out(raw: Any) -> HeldOut | None:
    return None if raw is None else HeldOut(**raw)


def _names(raw: Any) -> tuple[str, ...]:
    _require(isinstance(raw, list) and all(isinstance(name, str) for name in raw), "numbers are no names")
    return tuple(raw)


def _frozen(value: Any) -> Any:
    return tuple(float(item) for item in value) if isinstance(value, list) else value


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise ContractError(message)
