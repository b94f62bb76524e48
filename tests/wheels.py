"""A table of the wheels that an installation would take, for each system and Python; `uv` asks the package index.

    python -m tests.wheels            prints it
    python -m tests.wheels --write    puts it into wheels.md, beside this file

Nothing is installed or built from source: what is not there as a wheel is missing from the table.
"""

from __future__ import annotations

import configparser
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).parents[1]
TABLE = Path(__file__).with_suffix(".md")
PYTHONS = ("3.10", "3.11", "3.12", "3.13", "3.14")
MACOS = "14.0"
SYSTEMS = {
    "Windows x64": "x86_64-pc-windows-msvc",
    f"macOS {MACOS.partition('.')[0]} arm64": "aarch64-apple-darwin",
    "Linux x64": "x86_64-manylinux_2_28",
    "Linux aarch64": "aarch64-manylinux_2_28",
}
"""Systems → uv's names for them."""
GROUPS = {
    "what runs": "",
    "extra `web`": "web",
    "extra `parquet`": "parquet",
    "extra `heif`": "heif",
    "extra `jxl`": "jxl",
    "extra `evaluate`": "evaluate",
    "extra `train`": "train",
    "extra `tune`": "tune",
    "extra `keras2`": "keras2",
    "extra `distil`": "distil",
    "extra `notebook`": "notebook",
    "extra `mediapipe`": "mediapipe",
    "extra `lsl`": "lsl",
    "extra `stream`": "stream",
    "extra `virtual-camera`": "virtual-camera",
    "extra `cluster`": "cluster",
    "extra `s3`": "s3",
    "extra `gs`": "gs",
    "extra `sftp`": "sftp",
}
"""What is asked for → the extra of `setup.cfg`, "" for what is always installed."""
ASKED_AT_ONCE = 12
"""The package index takes its time, and little of the processor's."""
TITLE = """# Wheels

Which versions pip takes as wheels, by `python -m tests.wheels --write` (Linux: glibc 2.28 or later). An entry is the
newest version that `setup.cfg` allows; — means that there is none.
"""


def requirements(extra: str = "") -> list[str]:
    """What `setup.cfg` asks for, with markers, without our own extras."""
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", "utf-8")
    text = setup["options.extras_require"][extra] if extra else setup["options"]["install_requires"]
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]
    return [line for line in lines if not line.startswith("emoscope[")]


def name_of(requirement: str) -> str:
    """The package that a requirement asks for, as the index spells it."""
    match = re.match(r"[\w.-]+", requirement)
    assert match is not None
    return re.sub(r"[-_.]+", "-", match[0]).lower()


def resolved(wanted: Iterable[str], python: str, system: str) -> dict[str, str] | None:
    """Package → version of a whole installation from wheels; None where there is none."""
    uv = shutil.which("uv", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])) or "uv"
    command = [uv, "pip", "compile", "-q", "--no-header", "--no-annotate", "--only-binary", ":all:"]
    command += ["--python", sys.executable]  # else it looks for one of that version, which takes ten seconds
    command += ["--prerelease", "disallow", "--python-version", python, "--python-platform", system, "-"]
    done = subprocess.run(
        command,
        input="\n".join(wanted),
        capture_output=True,
        text=True,
        env={**os.environ, "MACOSX_DEPLOYMENT_TARGET": MACOS},
    )
    if done.returncode:
        return None
    pins = (line.partition(";")[0].strip().partition("==") for line in done.stdout.splitlines())
    return {name: version for name, _, version in pins if version}


def versions(wanted: list[str], system: str) -> dict[str, dict[str, str]]:
    """Package → Python → version on one system; all together where that can be had, else each for itself."""
    found: dict[str, dict[str, str]] = {name_of(line): {} for line in wanted}
    for python in PYTHONS:
        whole = resolved(wanted, python, system)
        for line in wanted:
            alone = whole if whole is not None else resolved([line], python, system) or {}
            if name_of(line) in alone:
                found[name_of(line)][python] = alone[name_of(line)]
    return found


def cell(by_python: Mapping[str, str]) -> str:
    """Versions with the Pythons that take them: `17.1.0 (3.10), 19.0.2 (3.12–3.14)`; the version alone for all."""
    groups: dict[str, list[str]] = {}
    for python, version in by_python.items():
        groups.setdefault(version, []).append(python)
    if not groups:
        return "—"
    if len(groups) == 1 and len(by_python) == len(PYTHONS):
        return next(iter(groups))
    return ", ".join(f"{version} ({_span(pythons)})" for version, pythons in groups.items())


def _span(pythons: list[str]) -> str:
    return pythons[0] if len(pythons) == 1 else f"{pythons[0]}–{pythons[-1]}"


def table() -> str:
    """The whole table, in Markdown."""
    parts = [TITLE]
    with ThreadPoolExecutor(ASKED_AT_ONCE) as pool:
        asked = {
            (extra, title): pool.submit(versions, requirements(extra), system)
            for extra in GROUPS.values()
            for title, system in SYSTEMS.items()
        }
    for what, extra in GROUPS.items():
        wanted = requirements(extra)
        found = {title: asked[extra, title].result() for title in SYSTEMS}
        rows = [f"| {what} | {' | '.join(SYSTEMS)} |", "|---" * (len(SYSTEMS) + 1) + "|"]
        for name in dict.fromkeys(map(name_of, wanted)):
            rows.append(f"| {name} | {' | '.join(cell(found[title][name]) for title in SYSTEMS)} |")
        parts.append("\n".join(rows) + "\n")
    return "\n".join(parts)


if __name__ == "__main__":
    made = table()
    if "--write" in sys.argv:
        TABLE.write_text(made, "utf-8")
    print(made)
