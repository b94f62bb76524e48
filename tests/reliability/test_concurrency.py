"""Many at once: ten runs on one machine give what one gives, and none of them takes ever more memory."""

from __future__ import annotations

import subprocess
from pathlib import Path
from time import sleep

from emoscope.system.bundled import assets
from tests.command import EMOSCOPE, emoscope, environment

RUNS = 10
MOST_MB = 700


def _process(folder: Path, out: str) -> subprocess.Popen[str]:
    command = [*EMOSCOPE, "process", str(assets() / "demo.mp4"), "--end", "1", "--no-video", "--no-chart", "-o", out]
    return subprocess.Popen(
        command, cwd=folder, env=environment(), stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    )


def _peaks_mb(programs: dict[str, subprocess.Popen[str]]) -> dict[str, float]:
    """Waits for all programs; the largest resident memory of each, as the kernel last told it.

    `os.wait4` would count what the test's own process held when it started them.
    """
    peaks = dict.fromkeys(programs, 0.0)
    while None in [program.poll() for program in programs.values()]:
        for name, program in programs.items():
            peaks[name] = max(peaks[name], _peak_mb(program.pid))
        sleep(0.05)
    return peaks


def _peak_mb(pid: int) -> float:
    """The largest resident memory of a process so far, in megabytes; 0 once it has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text("ascii").splitlines()
    except OSError:
        return 0.0
    return max((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), default=0.0)


def test_ten_runs_at_once_say_what_one_says(tmp_path: Path):
    alone = _process(tmp_path, "alone")
    assert alone.wait(300) == 0
    programs = {f"run{number}": _process(tmp_path, f"run{number}") for number in range(RUNS)}
    rows = (tmp_path / "alone" / "demo.faces.csv").read_bytes()
    assert rows.count(b"\n") > 20
    peaks = _peaks_mb(programs)
    for out, program in programs.items():
        assert program.returncode == 0, program.stderr.read()
        assert program.stderr.read() == ""
        assert 0 < peaks[out] < MOST_MB
        assert (tmp_path / out / "demo.faces.csv").read_bytes() == rows


def test_several_inputs_at_once_say_what_they_say_in_turn(tmp_path: Path):
    clips = [f"{name}.mp4" for name in "abc"]
    for name in clips:
        (tmp_path / name).write_bytes((assets() / "demo.mp4").read_bytes())
    plain = ["--end", "0.6", "--no-video", "--no-chart"]
    assert emoscope("process", *clips, *plain, "-o", "turn", cwd=tmp_path).returncode == 0
    assert emoscope("process", *clips, *plain, "-o", "once", "--jobs", "3", cwd=tmp_path, timeout_s=400).returncode == 0
    for name in "abc":
        turn, once = (tmp_path / folder / f"{name}.faces.csv" for folder in ("turn", "once"))
        assert turn.read_bytes() == once.read_bytes()
