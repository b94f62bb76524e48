"""Files on servers as paths: fsspec behind the few methods of a path that reading films and handing over results need.

    s3://BUCKET/films/a.mp4    gs://…    sftp://USER@HOST/…    whatever else fsspec knows

An address is a path whose first part is its scheme, so that names, suffixes and folders are told as of any other. What
a server says is wrong comes as an OSError with a number, as a disk's would; what is none of the system's errors counts
as one that may pass (EIO). Credentials come from where fsspec's packages look for them, and are never written down.
"""

from __future__ import annotations

import datetime
import errno
import io
import os
import re
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import SourceError, SystemLibraryError, discreet, printable

if TYPE_CHECKING:
    _Path = Path
else:
    _Path = type(Path())  # before Python 3.12 it is the kind of path of this system that can be inherited from

SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://")
HERE = {"file", "local"}
EXTRAS = {"s3": "s3", "s3a": "s3", "gs": "gs", "gcs": "gs", "sftp": "sftp", "ssh": "sftp"}
"""Schemes → the extra that brings their package."""
WHOLE_AT_ONCE = {"s3", "s3a", "gs", "gcs", "abfs", "abfss", "az", "oci", "oss"}
"""Stores of objects: these appear when they are whole, and folders are only parts of their names."""
BUCKETS = {"s3", "s3a"}
"""Of these the ones whose package can tell a bucket that is missing from one that is empty."""
TIMES = ("LastModified", "mtime", "last_modified", "updated", "modified", "created")
"""What packages call the time of the last change."""


class ServerPath(_Path):
    """A file or folder on a server; make one by `place_of`."""

    def __str__(self) -> str:
        first, *rest = self.parts
        return f"{first}//" + "/".join(rest)

    def __fspath__(self) -> str:
        return str(self)

    @property
    def scheme(self) -> str:
        """The kind of server."""
        return self.parts[0].removesuffix(":").lower()

    def absolute(self) -> ServerPath:
        """Itself."""
        return self

    def is_absolute(self) -> bool:
        """An address always is."""
        return True

    def info(self) -> dict[str, Any]:
        """What the server knows of it.

        Raises:
            OSError: nothing, or it cannot be asked.
        """
        with self._asked() as (system, path):
            found: dict[str, Any] = system.info(path)
            return found

    def stat(self, *, follow_symlinks: bool = True) -> os.stat_result:
        """Kind, size and time of the last change, 0 where the server does not keep it."""
        found = self.info()
        kind = stat.S_IFDIR if found.get("type") == "directory" else stat.S_IFREG
        modified_ns = next((ns for name in TIMES if (ns := _nanoseconds(found.get(name)))), 0)
        second = modified_ns // 10**9
        numbers = (kind, 0, 0, 1, 0, 0, int(found.get("size") or 0), second, second, second)
        return os.stat_result(numbers, {"st_mtime": modified_ns / 1e9, "st_mtime_ns": modified_ns})

    def exists(self, *, follow_symlinks: bool = True) -> bool:
        """Whether there is anything."""
        return self._kind() is not None

    def is_file(self, *, follow_symlinks: bool = True) -> bool:
        """Whether it is a file."""
        return self._kind() == "file"

    def is_dir(self, *, follow_symlinks: bool = True) -> bool:
        """Whether it is a folder."""
        return self._kind() == "directory"

    def is_fifo(self) -> bool:
        """No server keeps pipes."""
        return False

    def open(self, mode: str = "rb", *_: Any, **__: Any) -> Any:
        """The file, for reading bytes; what a server says while it is read comes as an OSError, too."""
        assert mode == "rb"
        with self._asked() as (system, path):
            if self.scheme == "memory":  # whose readers all share one place in a file
                return _Reader(self, io.BytesIO(system.cat_file(path)))
            return _Reader(self, system.open(path, "rb"))

    def read_bytes(self) -> bytes:
        """All of it."""
        with self.open() as file:
            data: bytes = file.read()
            return data

    def read_text(self, encoding: str | None = None, errors: str | None = None, newline: str | None = None) -> str:
        """All of it as text."""
        return self.read_bytes().decode(encoding or "utf-8", errors or "strict")

    def files(self, recursive: bool = False) -> list[ServerPath]:
        """The files of a folder, with all below it if that is wanted, in the order of their paths."""
        with self._asked() as (system, path):
            found = system.find(path, maxdepth=None if recursive else 1, detail=False)
            return sorted(self._named(path, name) for name in found)

    def matches(self) -> list[ServerPath]:
        """The files whose addresses match this one, as a pattern, in order."""
        with self._asked() as (system, path):
            found = system.glob(path, detail=True)
            return sorted(self._named(path, name) for name, about in found.items() if about["type"] == "file")

    def mkdir(self, mode: int = 0o777, parents: bool = False, exist_ok: bool = False) -> None:
        """Makes the folder, where the server has such."""
        if self.scheme not in WHOLE_AT_ONCE:
            with self._asked() as (system, path):
                system.makedirs(path, exist_ok=True)

    def unlink(self, missing_ok: bool = False) -> None:
        """Removes the file."""
        try:
            with self._asked() as (system, path):
                system.rm_file(path)
        except FileNotFoundError:
            if not missing_ok:
                raise

    def put(self, file: Path) -> None:
        """Becomes what a file of this machine holds; it appears whole, or not at all."""
        with self._asked() as (system, path):
            if self.scheme in WHOLE_AT_ONCE:
                system.put_file(str(file), path)
                return
            draft = f"{path}.{secrets.token_hex(4)}.part"
            try:
                system.put_file(str(file), draft)
                self._take(system, draft, path)
            except BaseException:
                with suppress(Exception):  # the error that led here is the one to tell
                    system.rm_file(draft)
                raise

    def _take(self, system: Any, draft: str, path: str) -> None:
        """Gives a draft its name; not every server lets a name be taken over."""
        try:
            system.mv(draft, path)
        except Exception:
            if not system.exists(path):
                raise
            system.rm_file(path)
            system.mv(draft, path)

    def _kind(self) -> str | None:
        try:
            return str(self.info().get("type"))
        except FileNotFoundError:
            return None

    def _named(self, path: str, name: str) -> ServerPath:
        """A name that the server lists, which lacks what stands before this one's path."""
        whole = str(self)
        return ServerPath(f"{whole[: len(whole) - len(path)]}{name}")

    @contextmanager
    def _asked(self) -> Iterator[tuple[Any, str]]:
        """The file system and the path in it; its errors as the system's own."""
        try:
            yield _system(str(self))
        except (SourceError, SystemLibraryError):
            raise
        except Exception as error:
            raise _as_oserror(self, error) from error


class _Reader:
    """A file that is being read, as PyAV and Pillow want it."""

    def __init__(self, address: ServerPath, file: Any) -> None:
        self._address, self._file = address, file

    def read(self, count: int = -1) -> bytes:
        try:
            data: bytes = self._file.read(count)
            return data
        except Exception as error:
            raise _as_oserror(self._address, error) from error

    def seek(self, place: int, whence: int = 0) -> int:
        try:
            self._file.seek(place, whence)
            return self.tell()
        except Exception as error:
            raise _as_oserror(self._address, error) from error

    def tell(self) -> int:
        return int(self._file.tell())

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> _Reader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def place_of(name: str) -> Path:
    """A file's or folder's path, an `ServerPath` where it stands on a server.

    Raises:
        SourceError: there is no such kind of server.
        SystemLibraryError: its package is missing.
    """
    if (match := SCHEME.match(name)) is None:
        return Path(name)
    if match[1].lower() in HERE:
        return Path(name[match.end() :])
    address = ServerPath(name)
    _system(str(address))
    return address


def require_bucket(place: Path) -> None:
    """Asks, once for each bucket, whether the one of an address is there, before anything is done that needs it.

    Raises:
        SourceError: there is none. A server that cannot be asked is heard of when its files are.
    """
    if isinstance(place, ServerPath) and place.scheme in BUCKETS:
        _require_bucket(ServerPath(*place.parts[:2]))


@cache
def _require_bucket(bucket: ServerPath) -> None:
    try:
        bucket.info()
    except FileNotFoundError:
        raise SourceError(f"{bucket}: there is no such bucket: correct its name, or make it first") from None
    except OSError:  # it need not let everybody look at it
        return


def is_address(name: str) -> bool:
    """Whether a name is that of something on a server."""
    match = SCHEME.match(name)
    return match is not None and match[1].lower() not in HERE


def _system(name: str) -> tuple[Any, str]:
    """The file system that an address speaks of, and the path in it."""
    scheme = name.partition("://")[0]
    extra = EXTRAS.get(scheme.lower())
    cure = f'run `pip install "emoscope[{extra}]"`' if extra else "install it"
    try:
        from fsspec.core import url_to_fs

        system, path = url_to_fs(name)
    except ImportError as error:
        told = f"{scheme}:// needs a package that is missing ({printable(str(error))})"
        raise SystemLibraryError(f"{discreet(name)}: {told}: {cure}, or copy the file here first") from None
    except ValueError as error:
        told = f"an address that cannot be read ({printable(str(error))})"
        raise SourceError(f"{discreet(name)}: {told}: mount it as a folder (sshfs, rclone), or copy it first") from None
    return system, path


def _as_oserror(address: ServerPath, error: Exception) -> OSError:
    """A server's error as one of the system's, with a number and words for it."""
    name = discreet(str(address))
    for kind, number in ((FileNotFoundError, errno.ENOENT), (PermissionError, errno.EACCES)):
        if isinstance(error, kind):
            return kind(number, os.strerror(number), name)
    told = discreet(" ".join(f"{type(error).__name__}: {error}".split()))
    number = error.errno if isinstance(error, OSError) and error.errno is not None else errno.EIO
    return OSError(number, told, name)


def _nanoseconds(value: object) -> int:
    """A time as some package gives it, in ns since 1970; 0 for none."""
    if isinstance(value, str):
        try:
            value = datetime.datetime.fromisoformat(value.replace("Z", "+00:00"))
        except ValueError:
            return 0
    if isinstance(value, datetime.datetime):
        value = value if value.tzinfo else value.replace(tzinfo=datetime.timezone.utc)
        return int(value.timestamp()) * 10**9 + value.microsecond * 1000
    return int(value * 10**9) if isinstance(value, (int, float)) else 0
