"""`python -m emoscope`, the command without its script."""

from .cli import main

main()
