"""What made a result: source, settings, network, detector. `--resume` holds it against what is asked now.

    summary.json   "made": {"source": {…}, "asked": {…}, "model": …, "detector": …, "provider": …, "versions": {…}}

Versions are told, not compared: a newer onnxruntime is no reason to do an archive again.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ..errors import ModelError, discreet, printable
from ..network.bundle import find_model
from ..system.address import ServerPath
from ..system.bundled import SUMS, pretrained
from ..system.versions import versions

PIECE = 64 << 10
"""Bytes of a file's beginning, middle and end that its quick hash reads."""


@dataclass(frozen=True, slots=True)
class Maker:
    """What makes the results of a run, whatever the source.

    Attributes:
        asked: every option that can change a result, by name.
        usual: the same options' defaults.
        model: SHA-256 of the classifier's file.
        detector: SHA-256 of the list of shipped detectors.
    """

    asked: Mapping[str, Any]
    usual: Mapping[str, Any]
    model: str
    detector: str

    @classmethod
    def of(cls, asked: Mapping[str, Any], usual: Mapping[str, Any]) -> Maker:
        """The maker for some options, `model` among them.

        Raises:
            ModelError: there is no such model, or it cannot be read.
        """
        model = find_model(str(asked["model"]))
        told = {name: _plain(value) for name, value in asked.items() if name != "model"}
        return cls(told, {name: _plain(value) for name, value in usual.items()}, _sha256(model), _detectors())

    def record(self, source: Path, provider: str) -> dict[str, Any]:
        """What is written beside the results of a source, as JSON values."""
        return {
            "source": _mark(source, quick_hash(source)),
            **self._compared(),
            "provider": provider,
            "versions": versions(),
        }

    def differences(self, source: Path, record: Mapping[str, Any]) -> list[str]:
        """In what a result that was made as `record` says differs from what this maker would make of `source`."""
        source_difference = _source_difference(source, record.get("source"))
        return [*([source_difference] if source_difference else []), *self.others(record)]

    @property
    def digest(self) -> str:
        """A short name for all settings and the detectors: what differs from the defaults, whatever the version."""
        changed = {name: value for name, value in self.asked.items() if value != self.usual.get(name)}
        told = json.dumps([changed, self.detector], sort_keys=True)
        return hashlib.sha256(told.encode("utf-8")).hexdigest()[:12]

    def as_json(self) -> dict[str, Any]:
        """All of it, as JSON values."""
        return self._compared()

    def others(self, record: Mapping[str, Any]) -> list[str]:
        """In what a maker that is described by `record` differs from this one."""
        asked = record.get("asked")
        found = [
            "" if record.get(what) == getattr(self, what) else f"by another {what}" for what in ("model", "detector")
        ]
        return [text for text in (*found, *self._asked_differently(asked if isinstance(asked, dict) else {})) if text]

    def _compared(self) -> dict[str, Any]:
        return {"asked": dict(self.asked), "model": self.model, "detector": self.detector}

    def _asked_differently(self, before: Mapping[str, Any]) -> list[str]:
        """Options that were others. One that an older version did not know had its default, as it were."""
        names = sorted({*before, *self.asked})
        pairs = [
            (name, before.get(name, self.usual.get(name)), self.asked.get(name, self.usual.get(name))) for name in names
        ]
        return [f"with {option(name)} {_told(old)}, not {_told(new)}" for name, old, new in pairs if old != new]


def quick_hash(path: Path) -> str:
    """A hash of a file's size, beginning, middle and end, which takes no longer for a large file; "" for a stream."""
    try:
        if not path.is_file():
            return ""
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            digest = hashlib.sha256(str(size).encode("ascii"))
            for start in sorted({0, max(0, size // 2 - PIECE // 2), max(0, size - PIECE)}):
                file.seek(start)
                digest.update(file.read(PIECE))
    except OSError:  # whoever reads it will say why it cannot be read
        return ""
    return digest.hexdigest()


def option(name: str) -> str:
    """An option as it is typed."""
    return f"--{name.replace('_', '-')}"


def _mark(source: Path, digest: str) -> dict[str, Any]:
    try:
        stat = source.stat()
    except OSError:
        return {"path": path_of(source), "quick_sha256": digest}
    return {"path": path_of(source), "bytes": stat.st_size, "modified_ns": stat.st_mtime_ns, "quick_sha256": digest}


def _source_difference(source: Path, before: object) -> str:
    """What is different about the source; its content is read only where path, size or time are others."""
    if not isinstance(before, dict):
        return "from a source that is not named"
    now = _mark(source, "")
    if all(before.get(key) == now.get(key) for key in ("path", "bytes", "modified_ns")) and "bytes" in now:
        return ""
    digest = quick_hash(source)
    if digest and digest == before.get("quick_sha256"):
        return ""
    same = before.get("path") == now["path"]
    return "from another state of the file" if same else f"from {before.get('path')}"


def path_of(source: Path) -> str:
    """A file's full path, without links; the address of one on a server, without name and password."""
    if isinstance(source, ServerPath):
        return discreet(str(source))
    return printable(os.path.realpath(source))


def _plain(value: Any) -> Any:
    """An option's value as JSON gives it back."""
    return json.loads(json.dumps(value, default=str))


def _told(value: Any) -> str:
    return "unset" if value is None or value == "" else str(value).lower() if isinstance(value, bool) else str(value)


@cache
def _sha256(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror})") from None


def _detectors() -> str:
    return _sha256(pretrained() / "detectors" / SUMS)
