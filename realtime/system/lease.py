"""A lease on a piece of work: whoever holds it works on it, others leave it alone, and it dies with its owner.

    NAME.lock   {"host": …, "place": …, "process": …}   its time is renewed every few seconds

A lease is a file that only one can create, so that it also works on Windows and on network folders, where file locks
are not to be relied on. A holder on this machine is gone when its process is; one elsewhere, when the time was not
renewed for a minute by the clock of the folder's own server.
"""

from __future__ import annotations

import ctypes
import json
import os
import platform
import secrets
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

from ..errors import EmoscopeError, unwritten

RENEW_S, STALE_S = 10.0, 60.0
"""How often a lease is renewed, and how old one may become before it counts as left behind."""


class BusyError(EmoscopeError):
    """Somebody else holds the lease."""


class Lease:
    """A context manager that holds a lease from entering to leaving.

    Args:
        path: the lease's file; its folder must exist.
        what: what is leased, for the message.

    Raises:
        BusyError: on entering, somebody else holds it; the message says who.
        ResultError: on entering, the file cannot be written.
    """

    def __init__(self, path: Path, what: str) -> None:
        self.path, self.what = path, what
        self._mark = {
            "host": platform.node(),
            "place": _place(),
            "process": os.getpid(),
            "key": secrets.token_hex(8),
        }
        self._done = threading.Event()
        self._renewing = threading.Thread(target=self._renew, name=f"lease {path.name}", daemon=True)

    def __enter__(self) -> Lease:
        while not self._created():
            self._take_over()
        self._renewing.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._renewing.join()
        if _read(self.path).get("key") == self._mark["key"]:
            with suppress(OSError):
                self.path.unlink()

    def _created(self) -> bool:
        try:
            with self.path.open("x", encoding="utf-8") as file:
                json.dump(self._mark, file)
        except FileExistsError:
            return False
        except OSError as error:
            raise unwritten(self.path, error) from None
        return True

    def _take_over(self) -> None:
        """Moves a lease that was left behind out of the way; BusyError where its holder is alive."""
        holder = _read(self.path)
        if not self._is_left(holder):
            who = f"process {holder['process']} on {holder['host']}" if "process" in holder else "another run"
            raise BusyError(f"{self.what}: {who} is working on it")
        aside = self.path.with_name(f"{self.path.name}.{secrets.token_hex(4)}")
        with suppress(FileNotFoundError):  # somebody else was quicker: the next round tells
            self.path.rename(aside)
            if _read(aside) != holder:  # between the look and the move somebody took it over
                with suppress(OSError):
                    os.link(aside, self.path)
            aside.unlink()

    def _is_left(self, holder: dict[str, object]) -> bool:
        process = holder.get("process")
        if holder.get("place") == self._mark["place"] and isinstance(process, int) and not _is_alive(process):
            return True
        return self._age_s() > STALE_S

    def _age_s(self) -> float:
        """How long ago the lease was renewed, by the clock of whoever keeps the folder."""
        probe = self.path.with_name(f"{self.path.name}.{secrets.token_hex(4)}")
        try:
            probe.touch()
            age = probe.stat().st_mtime - self.path.stat().st_mtime
        except FileNotFoundError:
            return 0.0
        except OSError as error:
            raise unwritten(self.path, error) from None
        finally:
            probe.unlink(missing_ok=True)
        return age

    def _renew(self) -> None:
        while not self._done.wait(RENEW_S):
            with suppress(OSError):  # a folder that is away for a moment: the next time will do
                os.utime(self.path)


def holder_of(path: Path) -> dict[str, object]:
    """What a lease says of who holds it; nothing where nobody does, or it was left behind."""
    holder = _read(path)
    process = holder.get("process")
    try:
        left = time.time() - path.stat().st_mtime > STALE_S
    except OSError:
        return {}
    left |= holder.get("place") == _place() and isinstance(process, int) and not _is_alive(process)
    return {} if left else holder


def _read(path: Path) -> dict[str, object]:
    """What a lease says of its holder; nothing where it is gone, or not yet written."""
    try:
        raw = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return raw if isinstance(raw, dict) else {}


def _place() -> str:
    """Where process numbers mean the same: this machine since it was started, and this container."""
    parts = [platform.node()]
    with suppress(OSError):
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip())
        parts.append(str(Path("/proc/self/ns/pid").readlink()))
    return " ".join(parts)


if sys.platform == "win32":
    QUERY, STILL_ACTIVE = 0x1000, 259
    """Windows' right to ask only, and its exit status of a process that has not ended."""

    def _is_alive(process: int) -> bool:
        """Whether a process of this machine runs."""
        kernel, status = ctypes.windll.kernel32, ctypes.c_ulong()
        handle = kernel.OpenProcess(QUERY, False, process)
        if not handle:
            return False
        try:
            return bool(kernel.GetExitCodeProcess(handle, ctypes.byref(status))) and status.value == STILL_ACTIVE
        finally:
            kernel.CloseHandle(handle)

else:

    def _is_alive(process: int) -> bool:
        """Whether a process of this machine runs; where that cannot be asked it counts as running."""
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return False
        except OSError:
            return True
        return True
