"""Recorded files, read and written with PyAV: every frame once, at its own time, with the sound that belongs to it."""
