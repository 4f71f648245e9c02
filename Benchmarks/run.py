#!/usr/bin/env python3
"""Measures one PGD step of ours against PyTorch's, in alternation, after both proved to compute the same.

    Benchmarks/run.py --ours "COMMAND" [--theirs "COMMAND"] [--rounds 15] [--steps 20] [--output TABLE.md]

Both processes live through the whole run and speak the protocol that pgd_step_pytorch.py describes. In a round each
makes its steps while the other waits, in an order that changes from round to round; a round gives one ratio
theirs / ours, and the result is the median of these. A machine that is slower for a while slows both sides of a pair.
"""

import argparse
import array
import json
import math
import os
import pathlib
import platform
import shlex
import statistics
import subprocess
import sys
import tempfile

TOLERANCE = 1e-4


class Side:
    """A contestant's process."""

    def __init__(self, label, command):
        self.label = label
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        self.introduction = self.answer()

    def answer(self):
        line = self.process.stdout.readline()
        try:
            message = json.loads(line)
        except ValueError:
            sys.exit(f"{self.label}: expected a line of JSON, found {line.strip()!r}")
        if not isinstance(message, dict) or "error" in message:
            sys.exit(f"{self.label}: {message}")
        return message

    def ask(self, request, key):
        """Sends a command; returns what its answer holds under a key."""
        try:
            self.process.stdin.write(request + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            sys.exit(f"{self.label}: ended before `{request}`")
        message = self.answer()
        if key not in message:
            sys.exit(f"{self.label}: expected {key!r} in the answer to `{request}`, found {message}")
        return message[key]

    def quit(self):
        try:
            self.process.stdin.write("quit\n")
            self.process.stdin.close()
            self.process.wait(timeout=10)
        except (OSError, subprocess.TimeoutExpired):
            self.process.kill()

    def title(self):
        versions = ", ".join(f"{k} {v}" for k, v in self.introduction.get("versions", {}).items())
        name = self.introduction.get("name", self.label)
        return f"{name} ({versions}; {self.introduction.get('threads', '?')} threads)"


def read(path):
    """The float32 tensors of a safetensors file: name to shape and values."""
    file = pathlib.Path(path).read_bytes()
    start = 8 + int.from_bytes(file[:8], "little")
    header = json.loads(file[8:start])
    tensors = {}
    for name, entry in header.items():
        if name != "__metadata__":
            begin, end = entry["data_offsets"]
            values = array.array("f", file[start + begin:start + end])
            if sys.byteorder == "big":
                values.byteswap()
            tensors[name] = (entry["shape"], values)
    return tensors


def difference(ours, theirs):
    """max |a - b| / max |b|, infinite where anything is not a number."""
    if ours[0] != theirs[0]:
        sys.exit(f"shapes differ: {ours[0]} and {theirs[0]}")
    if not all(map(math.isfinite, ours[1])) or not all(map(math.isfinite, theirs[1])):
        return math.inf
    return max(abs(a - b) for a, b in zip(ours[1], theirs[1])) / max(map(abs, theirs[1]))


def check(ours, theirs):
    """Compares the numbers of both sides; returns the differences by tensor."""
    with tempfile.TemporaryDirectory() as folder:
        tensors = []
        for index, side in enumerate((ours, theirs)):
            path = os.path.join(folder, f"{index}.safetensors")
            side.ask(f"check {path}", "check")
            tensors.append(read(path))
    for side, found in zip((ours, theirs), tensors):
        if not found.keys() >= {"logits", "dx"}:
            sys.exit(f"{side.label}: expected the tensors logits and dx, found {sorted(found)}")
    differences = {name: difference(tensors[0][name], tensors[1][name]) for name in ("logits", "dx")}
    for name, value in differences.items():
        if not value <= TOLERANCE:
            sys.exit(f"{name}: expected a relative difference of at most {TOLERANCE}, found {value:.3g}")
    return differences


def measure(ours, theirs, rounds, steps):
    """Pairs of seconds per step, ours first."""
    pairs = []
    for number in range(rounds):
        order = (ours, theirs) if number % 2 == 0 else (theirs, ours)
        seconds = {side: side.ask(f"run {steps}", "seconds_per_step") for side in order}
        pairs.append((seconds[ours], seconds[theirs]))
        if sys.stderr.isatty():
            print(f"\rround {number + 1} of {rounds}: {seconds[theirs] / seconds[ours]:.2f} ", end="",
                  file=sys.stderr, flush=True)
    if sys.stderr.isatty():
        print(file=sys.stderr)
    return pairs


def row(label, values, form):
    return f"| {label} | {' | '.join(form(f(values)) for f in (statistics.median, min, max))} |"


def table(ours, theirs, pairs, differences, steps):
    """The result as Markdown."""
    def milliseconds(value):
        return f"{1000 * value:.2f} ms"

    def times(value):
        return f"{value:.2f}"

    shown = ", ".join(f"{name} {value:.1e}" for name, value in differences.items())
    return "\n".join([
        "One PGD step of the Madry CNN, batch 128: forward, input gradient, update.", "",
        "| | median | min | max |", "| --- | ---: | ---: | ---: |",
        row(ours.title(), [pair[0] for pair in pairs], milliseconds),
        row(theirs.title(), [pair[1] for pair in pairs], milliseconds),
        row("theirs / ours, by round", [pair[1] / pair[0] for pair in pairs], times), "",
        f"{len(pairs)} alternating rounds of {steps} steps on {os.cpu_count()} processors ({platform.machine()}). "
        f"Relative differences of the results beforehand: {shown}.", "",
    ])


def main():
    here = pathlib.Path(__file__).resolve().parent
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--ours", required=True, help="the command to measure")
    parser.add_argument("--theirs", help="the command to compare with; by default pgd_step_pytorch.py")
    parser.add_argument("--rounds", type=int, default=15, help="pairs of measurements, at least 15")
    parser.add_argument("--steps", type=int, default=20, help="steps per measurement")
    parser.add_argument("--output", help="file for the Markdown table")
    options = parser.parse_args()
    if options.rounds < 15 or options.steps < 1:
        parser.error("expected at least 15 rounds of at least 1 step")
    command = (shlex.split(options.theirs) if options.theirs
               else [sys.executable, str(here / "pgd_step_pytorch.py")])
    sides = []
    try:
        for label, words in (("ours", shlex.split(options.ours)), ("theirs", command)):
            try:
                sides.append(Side(label, words))
            except OSError as error:
                sys.exit(f"{label}: {error}")
        ours, theirs = sides
        differences = check(ours, theirs)
        for side in sides:
            side.ask("run 3", "seconds_per_step")
        pairs = measure(ours, theirs, options.rounds, options.steps)
        result = table(ours, theirs, pairs, differences, options.steps)
    finally:
        for side in sides:
            side.quit()
    print(result)
    if options.output:
        temporary = options.output + ".partial"
        pathlib.Path(temporary).write_text(result)
        os.replace(temporary, options.output)


if __name__ == "__main__":
    main()
