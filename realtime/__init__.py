"""Faces in, emotions and the reasons for them out, without TensorFlow.

For scripts there is `Reader`. Public names are imported when they are first used: `import emoscope` costs nothing.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

if __name__ != "emoscope":
    raise ImportError("EmoScope is imported as `emoscope`, once it is installed: run `pip install .`")

if TYPE_CHECKING:
    from .api import FaceReading, FrameReadings, Heatmap, Reader, Sink, analyse, annotate, read_table
    from .errors import EmoscopeError
    from .faces.own import OwnDetector, face_in_box
    from .network.contract import CropSpec
    from .network.own import OwnClassifier
    from .types import Face

__all__ = [
    "CropSpec",
    "EmoscopeError",
    "Face",
    "FaceReading",
    "FrameReadings",
    "Heatmap",
    "OwnClassifier",
    "OwnDetector",
    "Reader",
    "Sink",
    "__version__",
    "analyse",
    "annotate",
    "face_in_box",
    "read_table",
]

__version__: str

ELSEWHERE = {
    "CropSpec": "network.contract",
    "EmoscopeError": "errors",
    "Face": "types",
    "OwnClassifier": "network.own",
    "OwnDetector": "faces.own",
    "face_in_box": "faces.own",
}
"""Public names that do not stand in `api`."""

# Since 1.29 onnxruntime reports to a server of its makers what it runs, unless this is set before it is imported.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("emoscope")
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{ELSEWHERE.get(name, 'api')}", __name__), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
