"""Drawing: every file one idea, all of it made of patches (see `patch`); `picture` puts them together."""

from .. import media  # noqa: F401  (OpenCV before PyAV, see there)
