"""Everything that decides a training run, in one value: `config.json` keeps it, `--resume` takes it up again."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from emoscope.errors import DataError
from emoscope.network.contract import Contract, CropSpec, HeldOut, InputSpec

from .architectures import Design, architecture
from .augment import Augmentation
from .data.cutting import AUTO, Cutter
from .data.dataset import Dataset
from .data.duplicates import without_test_copies
from .data.load import Pictures, parted, read, with_votes
from .data.splitting import USUAL, Splitting
from .data.votes import read_votes
from .labels import EMOTIONS
from .recipe import Recipe

TASKS = {"labels": ("labels",), "votes": ("votes",), "both": ("votes", "labels")}
"""Which label sets `--targets` learns; the first chooses the best epoch of `model.keras`."""

FER2013_CROP = CropSpec(eye_distances=2.8, eye_line=0.35, align=True)
"""What our detector must cut out of a frame to get FER2013's own crop again: of ten squares, the one whose answers were
nearest to those for the pictures themselves (PublicTest, the residual network)."""

MEASURED = ("versions", "data_sha256", "pictures_sha256")
"""What `config.json` holds besides the plan."""
PACKAGES = ("emoscope", "tensorflow", "keras", "numpy", "opencv-python")


@dataclass(frozen=True, slots=True)
class Plan:
    """What is trained on what, and how.

    Attributes:
        arch: name of the network.
        data: folder or CSV file.
        recipe: how it is trained.
        labels: class names, in the network's order.
        votes: CSV file of FER+ votes, or "".
        targets: a key of TASKS.
        size: height and width of a face in pixels; 0 for the network's own.
        width: factor on the number of maps.
        dropout: share of units dropped; below 0 for the network's own.
        weights: file of pretrained weights for transfer learning, or "".
        drop_duplicates: whether training pictures that also stand in a held-out split are left out.
        cut: a word of CUTS: whether faces are cut out of the pictures.
        splitting: which pictures are held out where the data set does not say.
        start: file of a network that it starts from, or "".
        numbers: what class folders that are numbers mean, see `emoscope.models.data.numbers`.
    """

    arch: str
    data: str
    recipe: Recipe
    labels: tuple[str, ...] = EMOTIONS
    votes: str = ""
    targets: str = "labels"
    size: int = 0
    width: float = 1.0
    dropout: float = -1.0
    weights: str = ""
    drop_duplicates: bool = False
    cut: str = AUTO
    splitting: Splitting = USUAL
    start: str = ""
    numbers: str = ""

    @property
    def input(self) -> InputSpec:
        """What one face looks like to the network."""
        spec = architecture(self.arch).input
        return replace(spec, height=self.size, width=self.size) if self.size else spec

    @property
    def design(self) -> Design:
        """What the network is built from."""
        dropout = architecture(self.arch).dropout if self.dropout < 0 else self.dropout
        return Design(self.input, len(self.labels), self.width, dropout, weights=self.weights)

    @property
    def contract(self) -> Contract:
        """What the trained network says about itself."""
        return Contract(self.labels, self.input, FER2013_CROP)

    def contract_for(self, data: Dataset) -> Contract:
        """The same, with which pictures of a data set it is not to learn from."""
        return self.contract.with_(held_out=HeldOut(data.pictures_sha256, **asdict(self.splitting)))

    def pictures(self) -> Pictures:
        """Reads the data set, which takes a while, and does not part it yet: several plans may share that."""
        with Cutter(self.cut, self.contract) as cutter:
            return read(Path(self.data), self.input, self.labels, cutter=cutter, numbers=self.numbers)

    def dataset(self, pictures: Pictures | None = None) -> tuple[Dataset, int]:
        """The data set in its parts, of pictures that were read already or are read now; also says how many training
        pictures were dropped as copies.
        """
        data = parted(pictures or self.pictures(), self.splitting)
        if self.votes:
            data = with_votes(data, read_votes(Path(self.votes), self.labels), TASKS[self.targets])
        chosen, dropped = without_test_copies(data) if self.drop_duplicates else (data, 0)
        _require_every_class(chosen, self.data)
        return chosen, dropped

    def config(self, data: Dataset) -> dict[str, Any]:
        """The plan, the versions it ran with and the checksum of its data, as JSON values."""
        sums = {"data_sha256": data.checksum, "pictures_sha256": data.pictures_sha256}
        return {**asdict(self), "versions": versions(), **sums}

    def differences(self, other: Plan) -> str:
        """The settings in which another plan differs, each with the other's value; "" where there are none."""
        ours, theirs = self._settings(), other._settings()
        names = [name for name in ours if ours[name] != theirs[name]]
        return ", ".join(f"{name} {theirs[name]}" for name in names)

    def _settings(self) -> dict[str, Any]:
        """Every setting by its name, on one level."""
        held_out = {f"held-out {name}": value for name, value in asdict(self.splitting).items()}
        every = {**asdict(self), **asdict(self.recipe), **asdict(self.recipe.augmentation), **held_out}
        return {name: value for name, value in every.items() if name not in ("recipe", "augmentation", "splitting")}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Plan:
        """The plan that `config` made; DataError where it is not one."""
        try:
            raw = {key: value for key, value in config.items() if key not in MEASURED}
            recipe = dict(raw.pop("recipe"))
            augmentation = Augmentation(**recipe.pop("augmentation"))
            weights = tuple(recipe.pop("class_weights"))
            made = Recipe(**recipe, augmentation=augmentation, class_weights=weights)
            splitting = Splitting(**raw.pop("splitting", {"seed": made.seed}))
            return cls(**{**raw, "labels": tuple(raw["labels"])}, recipe=made, splitting=splitting)
        except (KeyError, TypeError) as error:
            raise DataError(f"config.json was not written by this version ({error}): start the run again") from None


def _require_every_class(data: Dataset, place: str) -> None:
    shares = data.split("train").targets.sum(axis=(0, 1))
    missing = [label for label, share in zip(data.labels, shares, strict=True) if share <= 0]
    if missing:
        names = ", ".join(missing)
        raise DataError(f"{place}: no picture of {names} is left to train on: add some, or name the rest by --classes")


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that a run depends on."""
    return {"python": platform.python_version(), **{name: _version(name) for name in PACKAGES}}


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
