"""Every error that EmoScope raises on purpose.

EmoscopeError                 the work failed; the message says what is wrong and what to do
├── ConversionError           a model cannot be turned into a bundle of two graphs
│   └── MissingRuleError      an operator of the graph has no derivative rule
├── DataError                 a data set is not what training or evaluation can read
├── DisplayError              there is no screen to open a window on
├── ModelError                a model file is missing, damaged, or not one of ours
│   └── ContractError         the model's description of itself is missing or wrong
├── ResultError               a result cannot be written where it was asked for
├── SettingsError             settings that do not go together, or are out of their bounds
├── SourceError               a camera, file or stream cannot be opened or read
├── SystemLibraryError        a library of the operating system or a Python package is missing
├── TrainingError             a training cannot go on: its loss is no longer a number
└── UnknownDetectorError      no face detector has this name

The command line prints the message of any of these as one line and exits with status 1, and so it does with a
PermissionError, which a folder that may not be entered can raise anywhere. Any other exception is a defect of the
program, told in one line as well, which asks for a report; `emoscope --debug` shows its traceback.
"""

from __future__ import annotations

import errno
import re

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
STEERING = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class EmoscopeError(Exception):
    """The work failed for a reason the user can understand; `str(error)` is one line that names the cure."""

    def __str__(self) -> str:
        """One line, whatever a file's name or content brought into the message."""
        return " ".join(printable(super().__str__()).splitlines())


class ConversionError(EmoscopeError):
    """A model cannot be turned into the bundle of two graphs."""


class MissingRuleError(ConversionError):
    """An operator on the way back from the class to a layer has no derivative rule."""


class DataError(EmoscopeError):
    """A data set is not what training or evaluation can read."""


class DisplayError(EmoscopeError):
    """There is no screen to open a window on."""


class ModelError(EmoscopeError):
    """A model file is missing, damaged, or not one that EmoScope wrote."""


class ContractError(ModelError):
    """The model's description of itself is missing or contradicts the graph."""


class ResultError(EmoscopeError):
    """A result cannot be written where it was asked for."""


class SettingsError(EmoscopeError):
    """Settings do not go together, or are out of their bounds."""


class SourceError(EmoscopeError):
    """A camera, file or stream cannot be opened or read."""


class SystemLibraryError(EmoscopeError):
    """A library of the operating system, or an optional Python package, is missing."""


class TrainingError(EmoscopeError):
    """A training cannot go on."""


class UnknownDetectorError(EmoscopeError):
    """No face detector has this name."""


def unwritten(path: object, error: Exception) -> ResultError:
    """What to raise where the system, or FFmpeg, could not write a file; asks about the disk where it may be full."""
    reason, number = getattr(error, "strerror", None) or str(error), getattr(error, "errno", None)
    return ResultError(f"{path}: cannot be written ({reason}){': is the disk full?' if number in FULL else ''}")


def line_of(error: Exception) -> str:
    """What an error says, in one line; a file in a folder that may not be entered can show itself anywhere."""
    if isinstance(error, EmoscopeError):
        return discreet(str(error))
    if isinstance(error, PermissionError) and error.filename:
        return f"{error.filename}: {error.strerror}: ask for access to it and to the folder that it is in"
    told = discreet(" ".join(printable(f"{type(error).__name__}: {error}").splitlines()))
    return f"EmoScope failed ({told}): please report it, with what `emoscope doctor` and `emoscope --debug …` say"


def discreet(text: str) -> str:
    """A text without the name and password of any address in it, whatever command was given that address."""
    return re.sub(r"\b([A-Za-z][A-Za-z0-9+.-]+:/{1,2})[^\s/@]+@", r"\1…@", text)


def printable(text: str) -> str:
    r"""A text whose bytes that are not UTF-8, as names of files may hold, are written out: `caf\xe9.mp4`."""
    try:
        return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    except UnicodeEncodeError:  # a half of a character that stands for no byte
        return text.encode("utf-8", "backslashreplace").decode("utf-8")


def one_line(text: str) -> str:
    r"""A text without what ends a line or steers a terminal, as names of files may: `a\nb.mp4`, `\x1b[2J.mp4`."""
    return STEERING.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)
