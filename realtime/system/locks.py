"""A name that one run holds at a time: on every system, in folders on other machines too, and no longer than it lives.

Two things keep others off, because neither does it alone:

    a lock of the system on the file   ends with its owner at once; some network folders have none, or one a machine
    what stands in the file            host, process and a mark, made new every few seconds: seen by every machine

A holder on another machine that has been silent for `STALE_S` counts as dead.
"""

from __future__ import annotations

import errno
import json
import os
import platform
import secrets
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Event, Thread
from types import TracebackType
from typing import IO

BEAT_S, STALE_S = 5.0, 30.0
"""How often a holder shows that it lives, and after what silence it counts as dead, in seconds."""
BEYOND = 1 << 20
"""The byte that is locked on Windows, where a locked byte cannot be read: far behind what stands in the file."""
TAKEN = {errno.EACCES, errno.EAGAIN, errno.EDEADLK}


@dataclass(frozen=True, slots=True)
class Owner:
    """Who holds a name.

    Attributes:
        host: name of the machine.
        pid: number of the process there.
        mark: differs from one hold to the next.
    """

    host: str
    pid: int
    mark: str

    @classmethod
    def new(cls) -> Owner:
        """A new hold of this process."""
        return cls(platform.node(), os.getpid(), secrets.token_hex(8))


class Lock:
    """The hold on a name; a context manager that lets go of it.

    Args:
        path: the file that stands for the name; it is there while the name is held.

    Raises:
        BlockingIOError: on entering, another run holds it.
        OSError: on entering, the file cannot be made.
    """

    def __init__(self, path: Path) -> None:
        self.path, self.owner = path, Owner.new()
        self._file: IO[bytes] | None = None
        self._end = Event()
        self._beating = Thread(target=self._beat, name="lock", daemon=True)

    def __enter__(self) -> Lock:
        file = self.path.open("a+b")
        try:
            locked = _lock(file)
            if not self._is_there(file) or _lives(_owner(self.path), self.path, locked):
                raise BlockingIOError(errno.EAGAIN, "another run holds it", str(self.path))
            self._write(file)
            if not self._is_ours():  # another machine wrote at the same moment, and later
                raise BlockingIOError(errno.EAGAIN, "another run holds it", str(self.path))
        except BaseException:
            file.close()
            raise
        self._file = file
        self._beating.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._file is None:
            return
        self._end.set()
        self._beating.join()
        ours = self._is_ours()
        if sys.platform == "win32":  # an open file cannot be removed there
            self._file.close()
        with suppress(OSError):  # the folder is gone, or, on Windows, somebody just looks at the file
            if ours:
                self.path.unlink()
        self._file.close()

    def _is_there(self, file: IO[bytes]) -> bool:
        """Whether the file that was opened is still the one of this name: its last holder may just have removed it."""
        with suppress(OSError):
            return os.path.samestat(os.fstat(file.fileno()), self.path.stat())
        return False

    def _write(self, file: IO[bytes]) -> None:
        file.truncate(0)
        file.write(json.dumps(asdict(self.owner)).encode())
        file.flush()

    def _is_ours(self) -> bool:
        return _owner(self.path) == self.owner

    def _beat(self) -> None:
        while not self._end.wait(BEAT_S):
            with suppress(OSError):
                os.utime(self.path)


def _owner(path: Path) -> Owner | None:
    """Who is written into the file; None where nobody is, or nothing that can be read."""
    try:
        told = json.loads(path.read_bytes())
        return Owner(str(told["host"]), int(told["pid"]), str(told["mark"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _lives(owner: Owner | None, path: Path, locked: bool) -> bool:
    """Whether the one who is written into the file may still be at work; `locked` says whether we have its lock."""
    if owner is None:
        return False
    if owner.host == platform.node():
        return not locked and _runs(owner.pid) and _silence_s(path) < STALE_S
    return _silence_s(path) < STALE_S


def _silence_s(path: Path) -> float:
    """For how long a file has not been touched, by the clock of the machine that the folder is on."""
    probe = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        probe.touch()
        return probe.stat().st_mtime - path.stat().st_mtime
    finally:
        with suppress(OSError):
            probe.unlink()


def _tried(lock: Callable[[], None]) -> bool:
    """Whether a lock was taken, or the folder has none; BlockingIOError where another holds it."""
    try:
        lock()
    except OSError as error:
        if error.errno in TAKEN:
            raise BlockingIOError(errno.EAGAIN, "another run holds it") from None
        return False
    return True


if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[bytes]) -> bool:
        """Locks an open file; False where the folder has no locks, BlockingIOError where another holds it."""
        file.seek(BEYOND)
        return _tried(lambda: msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1))

    def _runs(pid: int) -> bool:
        """Whether there is a process of this number on this machine."""
        import ctypes

        still_active, query = 259, 0x1000
        kernel = ctypes.windll.kernel32
        process = kernel.OpenProcess(query, False, pid)
        if not process:
            return False
        code = ctypes.c_ulong()
        kernel.GetExitCodeProcess(process, ctypes.byref(code))
        kernel.CloseHandle(process)
        return code.value == still_active

else:
    try:
        import fcntl
    except ImportError:  # a Python without it, as in a browser
        fcntl = None  # type: ignore[assignment]

    def _lock(file: IO[bytes]) -> bool:
        """Locks an open file; False where the folder has no locks, BlockingIOError where another holds it."""
        return fcntl is not None and _tried(lambda: fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB))

    def _runs(pid: int) -> bool:
        """Whether there is a process of this number on this machine."""
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return True
