"""Pixels in and out: photos, any rectangle of a picture in gray or colour, and films, read and written with PyAV, every
frame once, at its own time, with the sound that belongs to it.
"""

# Before PyAV, whichever module asks for it first: PyAV brings a library of X11 of its own, with which OpenCV's window
# hangs for ever if it is the first to be loaded. Rooms that use PyAV import this one first.
import cv2  # noqa: F401
