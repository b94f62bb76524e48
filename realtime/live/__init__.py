"""The viewer: sources that are watched as they come, the window, and the loop between them."""

from .. import media  # noqa: F401  (OpenCV before PyAV, see there)
