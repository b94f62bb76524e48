"""Faces in, emotions and the reasons for them out, without TensorFlow.

For scripts there is `analyse`. Public names are imported when they are first used: `import emoscope` costs nothing.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if __name__ != "emoscope":
    raise ImportError("EmoScope is imported as `emoscope`, once it is installed: run `pip install .`")

if TYPE_CHECKING:
    from .api import FrameReadings as FrameReadings
    from .api import analyse as analyse

__all__ = ["FrameReadings", "analyse"]

__version__: str

# Since 1.29 onnxruntime reports to a server of its makers what it runs, unless this is set before it is imported.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("emoscope")
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from . import api

    return getattr(api, name)
