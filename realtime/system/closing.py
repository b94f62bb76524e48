"""Whatever holds a file, a thread or a device has `close`, and a `with` calls it, also when its body raises."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TypeVar

C = TypeVar("C", bound="Closing")


class Closing(ABC):
    """A context manager that gives itself, and closes itself at the end."""

    @abstractmethod
    def close(self) -> None:
        """Lets go of what is held."""

    def __enter__(self: C) -> C:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
