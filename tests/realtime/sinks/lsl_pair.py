"""A sender and a receiver of Lab Streaming Layer in two processes, to be run in a network of their own.

    python -m tests.realtime.sinks.lsl_pair FOLDER

The receiver is a program of somebody else's: pylsl alone, with a configuration file that keeps it to this machine. What
it received goes into FOLDER/received.json; what was sent is logged into FOLDER/log.jsonl.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from time import sleep

from emoscope.sinks.log import Log
from emoscope.sinks.lsl import MACHINE, LslOutlets
from tests.command import environment
from tests.realtime.sinks.samples import ABOUT, marker, sample
from tests.realtime.tiny import LABELS
from tests.waiting import PATIENCE_S, until

FRAMES = 10
RECEIVER = """
import json, sys
import pylsl

found = {}
for name in ("EmoScope", "EmoScope markers"):
    (info,) = pylsl.resolve_byprop("name", name, timeout=120)
    found[name] = pylsl.StreamInlet(info)
    found[name].open_stream(120)
told = {}
for name, inlet in found.items():
    info, samples = inlet.info(120), []
    while len(samples) < int(sys.argv[1] if name == "EmoScope" else 1):
        values, stamp = inlet.pull_sample(120)
        assert values is not None, f"{len(samples)} samples of {name} came"
        samples.append([[str(value) for value in values], stamp])
    channel, labels = info.desc().child("channels").child("channel"), []
    while not channel.empty():
        labels.append([channel.child_value("label"), channel.child_value("unit")])
        channel = channel.next_sibling()
    told[name] = {"samples": samples, "labels": labels, "type": info.type(), "rate": info.nominal_srate(),
                  "model": info.desc().child_value("model"), "correction_s": inlet.time_correction(120)}
json.dump(told, open(sys.argv[2], "w"))
"""


def main(folder: Path) -> None:
    """Sends, and waits until the receiver has all of it."""
    (folder / "lsl_api.cfg").write_text(MACHINE)
    sink, log = LslOutlets(ABOUT, "machine"), Log(folder / "log.jsonl", LABELS)
    command = [sys.executable, "-c", RECEIVER, str(2 * FRAMES + 1), str(folder / "received.json")]
    configured = environment(LSLAPICFG=str(folder / "lsl_api.cfg"))
    with subprocess.Popen(command, env=configured) as receiver:
        until(sink._readings.have_consumers, "nobody listens")
        until(sink._markers.have_consumers, "nobody listens")
        for number in range(FRAMES):
            sent = sample(number)
            sink(sent)
            log(sent)
            sleep(0.02)
        nobody = sample(FRAMES, faces=())  # one for both: each is of the moment at which it was made
        sink(nobody)
        log(nobody)
        event = marker("smile", FRAMES)
        sink.mark(event)
        log.mark(event)
        assert receiver.wait(PATIENCE_S) == 0
    sink.close()
    log.close()
    assert json.loads((folder / "received.json").read_text())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
