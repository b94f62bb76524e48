"""The networks: how they are built, trained and measured, and the trained files that are shipped.

For scripts there is `train`, see `emoscope.models.api`. It is imported when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .api import Trained, train

__all__ = ["Trained", "train"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(".api", __name__), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
