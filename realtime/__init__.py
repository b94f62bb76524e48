"""What runs on the user's machine: faces in, emotions and the reasons for them out, without TensorFlow.

For scripts there is `analyse`, which is imported when it is first used, so that `import realtime` costs nothing.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from realtime.processing.analyse import FrameReadings as FrameReadings
    from realtime.processing.analyse import analyse as analyse

__all__ = ["FrameReadings", "analyse"]

# Since 1.29 onnxruntime reports to a server of its makers what it runs, unless this is set before it is imported.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import realtime.processing.analyse as scripts

    return getattr(scripts, name)
