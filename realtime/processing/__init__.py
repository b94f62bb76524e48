"""Recorded files and pictures into annotated ones, rows, chart and summary: the work of `emoscope process`."""
