"""What is measured: processing as a share of what the machine can do at all (`emoscope bench`), the viewer, the finder,
one filter followed back to the pixels, the layout of what is drawn.
"""

from .. import media  # noqa: F401  (OpenCV before PyAV, see there)
