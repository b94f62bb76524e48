"""The viewer: sources that are watched as they come, the window, and the loop between them."""

# PyAV brings X libraries of its own: where they are loaded before OpenCV's, OpenCV's first window waits for ever.
import cv2  # noqa: F401
