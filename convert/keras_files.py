"""Keras files as they are found, made into one file that Keras can load.

    NAME.json + NAME.h5          an architecture and its weights, as `to_json` and `save_weights` leave them
    NAME.json + NAME.weights.h5  the same of Keras 3, whose .keras file is just these two in one archive
    NAME.h5, weights only        with an architecture from elsewhere: a .json file, or a model of the same layers
    NAME.h5 of Keras 1 and 2     a Sequential whose first layer says the size of pictures, batch axis included, and
                                 whose configuration may be a bare list; axes as lists, depthwise and transposed
                                 convolutions with groups: Keras 3 reads none of these

    NAME.keras of Keras 2        the archive that TensorFlow 2.12 to 2.15 wrote, whose words Keras 3 knows no more

What Keras 3 cannot load, as the last of these, is given to `tf_keras`, which is Keras 2, where it is installed.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from emoscope.errors import ConversionError, ModelError

from .archive import LAMBDA, REPLACE, check_keras, lambdas
from .tensorflow import hdf5, tensorflow

CONFIG = "model_config"
SIZE = "batch_input_shape"
WEIGHTS = (".weights.h5", ".h5", ".hdf5", "_weights.h5", "_weights.hdf5")
"""What a file of weights beside NAME.json is called."""

UNGROUPED = {
    "DepthwiseConv1D",
    "DepthwiseConv2D",
    "SeparableConv1D",
    "SeparableConv2D",
    "Conv1DTranspose",
    "Conv2DTranspose",
}
"""Layers that wrote `groups` in Keras 2, whose base class had them, and that know of none in Keras 3."""
GONE = {"ThresholdedReLU", "LocallyConnected1D", "LocallyConnected2D"}
"""Layers that Keras 2 had and Keras 3 has not."""


@contextmanager
def loadable(path: Path, arch: Path | None = None, older: bool = False) -> Iterator[Path]:
    """A path that Keras can load, while it is open: the file itself, or a whole one made of it.

    Args:
        path: a .json, .keras, .h5 or .hdf5 file.
        arch: file with the architecture, where `path` holds weights alone.
        older: whether Keras 2 is to load it, whose own words are left as they are.

    Raises:
        ModelError: it is not whole, it brings code, or what belongs to it is missing; the message says what to do.
        SystemLibraryError: it is an HDF5 file, and the extra `train` is not installed.
    """
    if path.suffix.lower() == ".json":
        path, arch = weights_beside(path), path
    check_keras(path)
    if path.suffix.lower() == ".keras":
        yield path
        return
    inside = _config_inside(path)
    if inside is None and arch is None:
        way = "put what model.to_json() writes beside it and name that file, or `emoscope convert` it with --arch FILE"
        raise ModelError(f"{path}: holds weights without an architecture: {way}")
    config = inside if arch is None else architecture(arch)
    assert config is not None
    told = config if older else _renewed(config)
    if told == config and inside is not None and arch is None:
        yield path
        return
    with tempfile.TemporaryDirectory() as folder:
        modern = not older and _is_modern(path)
        whole = Path(folder) / ("whole.keras" if modern else "whole.h5")
        (_pack if modern else _write)(path, config if modern else told, whole)
        yield whole


def _is_modern(weights: Path) -> bool:
    """Whether Keras 3 wrote a file of weights alone, which keeps them by the layers' classes and places."""
    with hdf5().File(weights, "r") as file:
        return CONFIG not in file.attrs and "layer_names" not in file.attrs and "layers" in file


def _pack(weights: Path, config: dict[str, Any], whole: Path) -> None:
    """A .keras archive of this configuration and these weights."""
    with zipfile.ZipFile(whole, "w") as archive:
        archive.writestr("metadata.json", "{}")
        archive.writestr("config.json", json.dumps(config))
        archive.write(weights, "model.weights.h5")


def weights_beside(path: Path) -> Path:
    """The file of weights that belongs to an architecture's .json; ModelError where there is none."""
    named = [path.with_name(f"{path.stem}{ending}") for ending in WEIGHTS]
    there = [one for one in named if one.is_file()]
    others = [one for one in sorted(path.parent.iterdir()) if one.suffix in (".h5", ".hdf5")]
    found = there or (others if len(others) == 1 else [])
    if not found:
        way = f"put them beside it as {named[1].name}, or convert them with --arch {path.name}"
        raise ModelError(f"{path}: is an architecture, and its weights are not there: {way}")
    return found[0]


def architecture(path: Path) -> dict[str, Any]:
    """The configuration in a .json or a model file; ModelError where there is none, or where it brings code."""
    try:
        text = path.read_text("utf-8") if path.suffix.lower() == ".json" else _config_text(path)
        config = json.loads(text)
    except (OSError, UnicodeDecodeError, ValueError, RecursionError) as error:
        raise ModelError(f"{path}: cannot be read as an architecture ({error})") from None
    if not isinstance(config, dict) or "config" not in config:
        raise ModelError(f"{path}: is no architecture of Keras, as model.to_json() writes it")
    for layer in lambdas(config):
        raise ModelError(f"{path}: layer {layer!r} is a {LAMBDA} with Python code of its own; {REPLACE}")
    return config


def _config_text(path: Path) -> str:
    check_keras(path)
    if path.suffix.lower() == ".keras":
        with zipfile.ZipFile(path) as archive:
            return archive.read("config.json").decode()
    config = _config_inside(path)
    if config is None:
        raise ModelError(f"{path}: holds weights without an architecture, so it tells none")
    return json.dumps(config)


def _config_inside(path: Path) -> dict[str, Any] | None:
    """The configuration in an HDF5 file; None where there are weights alone."""
    try:
        with hdf5().File(path, "r") as file:
            told = file.attrs.get(CONFIG)
            return None if told is None else json.loads(told.decode() if isinstance(told, bytes) else told)
    except (OSError, ValueError, RecursionError) as error:
        raise ModelError(f"{path}: not a whole HDF5 file ({error}): copy or save it again") from None


def _renewed(config: dict[str, Any]) -> dict[str, Any]:
    """The same architecture in words that Keras 3 reads."""
    told: dict[str, Any] = _reworded(config)
    inner = told["config"]
    if told.get("class_name") != "Sequential":
        return told
    layers = inner if isinstance(inner, list) else inner["layers"]
    name = inner.get("name", "sequential") if isinstance(inner, dict) else "sequential"
    return {**told, "config": {"name": name, "layers": [*_first(layers), *layers]}}


def _first(layers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The layer that says the size of pictures, which a Sequential's first layer says itself."""
    shapes = [layer["config"].pop(SIZE, None) for layer in layers if layer["class_name"] != "InputLayer"]
    if not layers or layers[0]["class_name"] == "InputLayer" or shapes[0] is None:
        return []
    told = {"name": "picture", "batch_shape": shapes[0], "dtype": layers[0]["config"].get("dtype", "float32")}
    return [{"class_name": "InputLayer", "config": told}]


def _reworded(told: Any) -> Any:
    """A configuration, however deep: sizes of pictures, axes that are lists of one, and what takes no groups."""
    if isinstance(told, list):
        return [_reworded(one) for one in told]
    if not isinstance(told, dict):
        return told
    said = {name: _reworded(value) for name, value in told.items()}
    inner, kind = said.get("config"), said.get("class_name")
    if not isinstance(inner, dict):
        return said
    if kind == "InputLayer" and SIZE in inner:
        said["config"] = {"name": inner.get("name"), "batch_shape": inner[SIZE], "dtype": inner.get("dtype", "float32")}
    elif kind == "BatchNormalization" and isinstance(inner.get("axis"), list):
        inner["axis"] = inner["axis"][0]
    elif kind in UNGROUPED and inner.get("groups") == 1:
        del inner["groups"]
    return said


def _write(weights: Path, config: dict[str, Any], whole: Path) -> None:
    """A whole model: this configuration, and the weights of a file that may hold more."""
    shutil.copyfile(weights, whole)
    with hdf5().File(whole, "r+") as file:
        if "model_weights" not in file:
            group = file.create_group("model_weights")
            for name in [name for name in file if name != "model_weights"]:
                file.move(name, f"model_weights/{name}")
            for name, value in list(file.attrs.items()):
                group.attrs[name] = value
        file.attrs[CONFIG] = json.dumps(config)


def load(path: Path, arch: Path | None = None, start: Callable[[], Any] = tensorflow) -> Any:
    """The Keras model of a file, of a TensorFlow that `start` gives.

    Raises:
        ConversionError: neither Keras 3 nor, where it is there, Keras 2 can load it.
        ModelError: see `loadable`.
    """
    with loadable(path, arch) as whole:
        tf = start()  # not before: what is no model is refused without its seconds
        try:
            return tf.keras.models.load_model(whole, compile=False, safe_mode=True)
        except Exception as error:  # Keras raises ValueError, TypeError, OSError, KeyError and more for a bad file
            older = _keras2(path, arch) if whole == path or whole.suffix != ".keras" else None
            if older is not None:
                return older
            why = _too_old(path) or f"not a Keras model that can be loaded safely ({reason(error)})"
            raise ConversionError(f"{path}: {why}") from error


def _keras2(path: Path, arch: Path | None) -> Any:
    """The model as Keras 2 loads it; None where that is not installed or cannot either."""
    try:
        import tf_keras
    except ImportError:
        return None
    with loadable(path, arch, older=True) as whole:
        try:
            return tf_keras.models.load_model(whole, compile=False)
        except Exception:  # as many kinds as Keras 3
            return None


def _too_old(path: Path) -> str:
    """What to do with an archive of Keras 2 where that is not installed; "" for every other file."""
    if path.suffix.lower() != ".keras" or find_spec("tf_keras") is not None:
        return ""
    told: Any = None
    damages = zipfile.BadZipFile, zlib.error, ValueError, KeyError, RecursionError
    with suppress(*damages), zipfile.ZipFile(path) as archive:
        told = json.loads(archive.read("metadata.json"))
    version = told.get("keras_version", "") if isinstance(told, dict) else ""
    saved = f"was saved by Keras {version}, whose archives Keras 3 does not load"
    return f"{saved}: pip install tf_keras, and convert it again" if str(version).startswith("2.") else ""


def reason(error: Exception) -> str:
    """The class that Keras does not know, where that is why; else the first line of its long message."""
    unknown = re.search(r"(?:Could not locate class|Unknown layer:?) '(\w+)'", str(error))
    if unknown and unknown[1] in GONE:
        return f"its class {unknown[1]} was Keras 2's, and Keras 3 has none: pip install tf_keras, and convert it again"
    if unknown and _is_operation(unknown[1]):
        return f"in an .h5 file Keras does not find its own operation {unknown[1]} again: save the model as .keras"
    if unknown:
        return f"its class {unknown[1]} is not one of Keras' own, and code from model files is never run"
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def _is_operation(name: str) -> bool:
    """Whether Keras calls an operation so, as the division in `picture / 127.5` is one: it has no layer for them."""
    from keras.src import ops

    return any(hasattr(module, name) for module in (ops.numpy, ops.nn, ops.image, ops.math))
