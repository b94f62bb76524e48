"""How fast recordings are processed, as a share of what the machine can do at all: the work of `emoscope bench`."""
