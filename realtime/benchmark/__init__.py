"""How fast recordings are processed, as a share of what the machine can do at all: the work of `emoscope bench`."""

from .. import media  # noqa: F401  (OpenCV before PyAV, see there)
