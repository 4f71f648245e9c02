#!/usr/bin/env python3
"""Lets TensorBoard read the files of events that Gibbon writes of a training.

    python3 -m venv .venv && .venv/bin/pip install -r Scripts/requirements-tensorboard.txt
    swift build -c release --product metrics-check
    .venv/bin/python Scripts/check-tensorboard.py [--program PATH]

`metrics-check` writes a training of 200 steps that is stopped, resumed from step 120 and brought to its end at 180, as JSON
lines and as events. TensorBoard's own reader has to find every checksum right, the first file as it is, and of the whole
training what the lines say, without what was taken back. Then TensorBoard itself is started on a free port of this machine,
once with each of its two readers, and has to tell the same by HTTP. The status is 1 if anything differs.
"""

import argparse
import csv
import io
import json
import math
import pathlib
import socket
import struct
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

from tensorboard.backend.event_processing import event_accumulator, event_file_loader

EVERYTHING = {event_accumulator.SCALARS: 0, event_accumulator.TENSORS: 0}


def expect(condition, words):
    """Ends with a line unless something holds."""
    if not condition:
        sys.exit(f"check-tensorboard: {words}")


def single(value):
    """A number as the events hold it, in single precision; null stands for NaN."""
    return math.nan if value is None else struct.unpack("<f", struct.pack("<f", value))[0]


def same(left, right):
    """Whether two numbers are the same, or both none."""
    return left == right or (math.isnan(left) and math.isnan(right))


def expected(lines):
    """By tag, what the JSON lines say: step, time and number."""
    series = {}
    for line in lines:
        for name, value in line.items():
            if name not in ("step", "time"):
                series.setdefault(name, []).append((line["step"], line["time"], single(value)))
    return series


def compare(where, found, wanted):
    """Compares the points of one tag."""
    expect(len(found) == len(wanted), f"{where}: {len(found)} points, expected {len(wanted)}")
    for (step, moment, value), (own_step, own_time, own_value) in zip(found, wanted):
        expect(step == own_step and abs(moment - own_time) < 1e-3 and same(value, own_value),
               f"{where}: found {(step, moment, value)}, expected {(own_step, own_time, own_value)}")


def scalars(path):
    """What TensorBoard's reader makes of a file or a folder of them."""
    accumulator = event_accumulator.EventAccumulator(str(path), EVERYTHING).Reload()
    tags = accumulator.Tags()["scalars"]
    return {tag: [(e.step, e.wall_time, e.value) for e in accumulator.Scalars(tag)] for tag in tags}


def ask(port, place, **query):
    """What TensorBoard answers."""
    address = f"http://127.0.0.1:{port}/{place}?{urllib.parse.urlencode(query)}"
    with urllib.request.urlopen(address, timeout=10) as answer:
        return answer.read().decode()


def serve(folder, wanted, fast):
    """Starts TensorBoard and compares what it tells of the training."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    program = pathlib.Path(sys.executable).with_name("tensorboard")
    command = [program, "--logdir", folder, "--host", "127.0.0.1", "--port", str(port), "--load_fast", fast]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        tags = {}
        for _ in range(120):
            try:
                tags = json.loads(ask(port, "data/plugin/scalars/tags"))
            except OSError:
                pass
            if set(tags.get("run", {})) == set(wanted):
                break
            time.sleep(0.5)
        expect(set(tags.get("run", {})) == set(wanted), f"TensorBoard knows the tags {tags}, expected {sorted(wanted)}")
        for tag, points in wanted.items():
            text = ask(port, "data/plugin/scalars/scalars", run="run", tag=tag, format="csv")
            rows = list(csv.reader(io.StringIO(text)))[1:]
            found = [(int(step), float(moment), float(value)) for moment, step, value in rows]
            compare(f"TensorBoard with --load_fast {fast}, {tag}", found, points)
            answer = json.loads(ask(port, "data/plugin/scalars/scalars", run="run", tag=tag))
            expect(len(answer) == len(points), f"TensorBoard as JSON, {tag}: {len(answer)} points")
    finally:
        server.terminate()
        server.wait()


def main():
    root = pathlib.Path(__file__).resolve().parent.parent
    parser = argparse.ArgumentParser(description="Lets TensorBoard read what Gibbon writes.")
    parser.add_argument("--program", default=root / ".build/release/metrics-check", type=pathlib.Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        subprocess.run([arguments.program, folder], check=True)
        lines = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
        wanted = expected(lines)
        expect([line["step"] for line in lines] == list(range(10, 190, 10)), "the lines are not those of steps 10 to 180")

        files = sorted((folder / "run").iterdir())
        expect(len(files) == 2, f"found {len(files)} files of events, expected 2")
        # The loader stops at the first checksum that is wrong.
        counts = [len(list(event_file_loader.EventFileLoader(str(path)).Load())) for path in files]
        expect(counts == [22, 8], f"found {counts} events, expected 22 and 8")
        first = scalars(files[0])
        expect([step for step, _, _ in first["loss/train"]] == list(range(10, 210, 10)), "the first file lacks steps")

        found = scalars(folder / "run")
        expect(set(found) == set(wanted), f"found the tags {sorted(found)}, expected {sorted(wanted)}")
        for tag, points in wanted.items():
            compare(f"the event accumulator, {tag}", found[tag], points)
        for fast in ("false", "true"):
            serve(folder, wanted, fast)
    print(f"TensorBoard reads {len(wanted)} tags of {len(lines)} records as they were written")


main()
