#!/usr/bin/env python3
"""Compares Gibbon with the programs that people use for the same, in alternation, after all proved to compute the same.

    Benchmarks/run.py [--only NAME,NAME] [--list] [--output RESULTS.md] [--without VARIANT,VARIANT]
                      [--seconds 60] [--least 5] [--rounds 15] [--auto-attack FOLDER]

Each contender is a process of its own that speaks the protocol of peers/protocol.py and waits while others work. A
round gives one ratio theirs / ours; the result is the median of these: a machine that is slower for a while slows
both sides of a pair. Without --output the report is only printed.
"""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile
import time

from harness import evaluation, machine, others, report, rounds
from harness.catalogue import COMPARISONS, OTHERS, ROWS
from harness.comparison import Bench
from harness.process import Failure

HERE = pathlib.Path(__file__).resolve().parent
OURS = HERE / ".build/release/gibbon-bench"
COMMAND = HERE.parent / ".build/release/gibbon"


class Inputs:
    """The files that contestants are given, made when first asked for."""

    def __init__(self, folder):
        self.folder = folder

    def __call__(self, network):
        path = os.path.join(self.folder, f"{network}.safetensors")
        if not os.path.exists(path):
            done = subprocess.run([sys.executable, str(HERE / "peers/inputs.py"), network, str(ROWS[network]), path],
                                  check=False)
            if done.returncode != 0:
                raise Failure(f"inputs of {network}: exit status {done.returncode}")
        return path


class Parser(argparse.ArgumentParser):
    """Says what is wrong on one line."""

    def error(self, message):
        self.exit(2, f"{self.prog}: {message}\n")


def options():
    names = [comparison.name for comparison in COMPARISONS] + list(OTHERS)
    parser = Parser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", help="names of workloads, separated by commas")
    parser.add_argument("--list", action="store_true", help="print the names and end")
    parser.add_argument("--without", default="", help="variants to leave out, such as compiled, separated by commas")
    parser.add_argument("--output", help="file for the report, which replaces it")
    parser.add_argument("--seconds", type=float, default=60, help="time for a comparison, unless --least needs more")
    parser.add_argument("--least", type=int, default=5, help="rounds that every comparison has")
    parser.add_argument("--rounds", type=int, default=15, help="rounds of a comparison, if time permits")
    parser.add_argument("--ours", default=str(OURS), help="the contestant of ours")
    parser.add_argument("--auto-attack", help="a folder with the package autoattack, instead of torchattacks'")
    parser.add_argument("--command", default=str(COMMAND), help="the command `gibbon`")
    chosen = parser.parse_args()
    variants = {contender.variant for comparison in COMPARISONS for contender in comparison.contenders}
    chosen.without = [variant for variant in chosen.without.split(",") if variant]
    strangers = sorted(set(chosen.without) - variants)
    if strangers:
        parser.error(f"unknown: {', '.join(strangers)}; expected some of {', '.join(sorted(variants))}")
    chosen.names = chosen.only.split(",") if chosen.only else names
    unknown = sorted(set(chosen.names) - set(names))
    if unknown:
        parser.error(f"unknown: {', '.join(unknown)}; expected some of {', '.join(names)}")
    if not 1 <= chosen.least <= chosen.rounds or not chosen.seconds > 0:
        parser.error("expected 1 <= LEAST <= ROUNDS and a positive number of SECONDS")
    for path in (chosen.ours, chosen.command):
        if not chosen.list and not os.access(path, os.X_OK):
            parser.error(f"{path}: expected a program; `make -C Benchmarks build` makes it")
    return chosen


def measure(chosen, bench):
    """The results of the chosen workloads, in the catalogue's order."""
    for comparison in COMPARISONS:
        if comparison.name in chosen.names:
            yield bench.compare(comparison)
    bodies = {"verdict": lambda: evaluation.verdict(chosen.command, chosen.auto_attack),
              "flat": lambda: others.flat(bench),
              "train-pgd7-madry": lambda: others.adversarial_training(bench, "pgd7", "PGD-7"),
              "train-fgsm-madry": lambda: others.adversarial_training(bench, "fgsm", "FGSM"),
              "memory": lambda: others.memory(bench), "memory-training": lambda: others.memory_training(bench),
              "info": lambda: others.info(chosen.command)}
    for name, body in bodies.items():
        if name in chosen.names:
            yield body()


def main():
    chosen = options()
    if chosen.list:
        for comparison in COMPARISONS:
            print(f"{comparison.name:16} {comparison.title}; asked {comparison.asked:g}")
        for name, text in OTHERS.items():
            print(f"{name:16} {text}")
        return 0
    start = time.monotonic()
    described, peak = machine.describe(), machine.peak()
    limits = rounds.Limits(chosen.rounds, chosen.least, chosen.seconds)
    results = []
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench([chosen.ours, "serve"], [sys.executable, str(HERE / "peers/contestant.py")], Inputs(folder),
                      limits, chosen.without)
        for result in measure(chosen, bench):
            results.append(result)
            print(report.row(result, peak), file=sys.stderr, flush=True)
    peaks = [peak, machine.peak()]
    text = report.text(results, described, peaks, bench.versions, time.monotonic() - start)
    if chosen.output:
        temporary = chosen.output + ".partial"
        pathlib.Path(temporary).write_text(text)
        os.replace(temporary, chosen.output)
    else:
        print(text)
    return 1 if any(result.failed for result in results) else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
