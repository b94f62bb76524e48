"""The command with films cut into sections of so many seconds, where those of users have thirty.

python -m tests.reliability.short_sections 2 process FILM -o FOLDER
"""

from __future__ import annotations

import sys
from functools import partial

from emoscope.cli import main
from emoscope.commands import process
from emoscope.processing.settings import Settings

if __name__ == "__main__":
    process.Settings = partial(Settings, section_s=float(sys.argv.pop(1)))
    main()
