#!/usr/bin/env python3
"""Trains the small network by each training method, and attacks it under that method's threat.

    swift build -c release --product gibbon
    python3 Scripts/check-methods.py [--gibbon GIBBON] [METHOD ...]

Every method of the catalogue, as `gibbon train --help` lists it, has three epochs on the first 10,000 digits, and so
has plain training. The first 300 digits of the test set are then attacked: by APGD, by noise for the methods of
smoothing, by the grid of turns and shifts for `spatial`. A table is printed. The exit code is 1 if a method other than
`plain` does not hold more examples than plain training, and 2 if a command fails or a method has no row here.

Radii are those at which so little training begins to learn at all: 0.3 where the examples as they are help, 0.2 where
only attacked ones are seen, 0.1 for certified training and unions. One thread, so that the figures are the same on one
machine.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

TRAIN = ["--count", "10000", "--epochs", "3", "--batch", "32", "--rate", "0.001", "--threads", "1"]
ATTACK = ["--count", "300", "--threads", "1"]
FGSM = ["--attack", "fgsm", "--random-start"]
PGD = ["--attack", "pgd", "--steps", "10"]
UNION, MOVES = "linf:0.1|l2:1", "rotation:30+shift:3"

# The method, the threat that is trained for, further options, and under which threat what attacks afterwards.
ROWS = [
    ("plain", None, [], "linf:0.1", "apgd"),
    ("adversarial", "linf:0.3", FGSM + ["--step-size", "0.375"], "linf:0.3", "apgd"),
    ("trades:beta=1", "linf:0.3", [], "linf:0.3", "apgd"),
    ("hat:helper={plain}", "linf:0.3", [], "linf:0.3", "apgd"),
    ("mart", "linf:0.2", [], "linf:0.2", "apgd"),
    ("logit-pairing", "linf:0.3", PGD, "linf:0.3", "apgd"),
    ("gradalign", "linf:0.2", FGSM, "linf:0.2", "apgd"),
    ("n-fgsm:noise=1", "linf:0.2", [], "linf:0.2", "apgd"),
    ("free:replays=4", "linf:0.3", [], "linf:0.3", "apgd"),
    ("union", UNION, PGD, UNION, "apgd"),
    ("union-max", UNION, PGD, UNION, "apgd"),
    ("msd:steps=10", UNION, [], UNION, "apgd"),
    ("spatial", MOVES, [], MOVES, "grid"),
    ("ibp", "linf:0.1", [], "linf:0.1", "apgd"),
    ("crown-ibp", "linf:0.1", [], "linf:0.1", "apgd"),
    ("sabr", "linf:0.1", [], "linf:0.1", "apgd"),
    ("mtl-ibp", "linf:0.1", [], "linf:0.1", "apgd"),
    ("gaussian:deviation=0.5", None, [], "l2:10", "noise"),
    ("smooth-adv:deviation=0.5", "l2:1", [], "l2:10", "noise"),
]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("methods", nargs="*", metavar="METHOD", help="the methods to train; all by default")
    parser.add_argument("--gibbon", default=".build/release/gibbon", help="the command")
    options = parser.parse_args()
    gibbon = str(pathlib.Path(options.gibbon).resolve())
    known = catalogue(gibbon)
    missing = sorted(known ^ {name(row) for row in ROWS})
    if missing:
        fail(f"the rows of this script and the catalogue differ in {', '.join(missing)}")
    unknown = set(options.methods) - known
    if unknown:
        fail(f"there is no training method {', '.join(sorted(unknown))}; expected {', '.join(sorted(known))}")
    with tempfile.TemporaryDirectory() as folder:
        held = compare(gibbon, pathlib.Path(folder), [r for r in ROWS if name(r) in (options.methods or known)])
    sys.exit(0 if held else 1)


def compare(gibbon, folder, rows):
    """Prints a line for each method; returns whether all do better than plain training."""
    plain = train(gibbon, folder / "plain.safetensors", "plain", None, [])
    print(f"{'method':28}{'threat':24}{'attack':8}{'clean':>8}{'robust':>8}{'plain':>8}", flush=True)
    held = True
    for words, threat, arguments, judged, attacker in rows:
        network = train(
            gibbon, folder / "network.safetensors", words.format(plain=plain), threat, arguments)
        clean, robust = attack(gibbon, network, judged, attacker)
        before = attack(gibbon, plain, judged, attacker)[1]
        is_better = robust > before or words == "plain"
        held = held and is_better
        note = "" if is_better else "  no better than plain training"
        figures = "".join(f"{100 * value:7.1f}%" for value in (clean, robust, before))
        print(f"{words.format(plain='plain'):28}{judged:24}{attacker:8}{figures}{note}", flush=True)
    return held


def name(row):
    return row[0].split(":")[0]


def catalogue(gibbon):
    """The names in the help of `train`, each two spaces from the edge between the heading and the next blank line."""
    lines = run([gibbon, "train", "--help"]).splitlines()
    start = next((i for i, line in enumerate(lines) if line.startswith("Methods (")), None)
    if start is None:
        fail("the help of train has no list of methods")
    names = set()
    for line in lines[start + 1:]:
        if not line:
            break
        if line.startswith("  ") and not line.startswith("   "):
            names.add(line.split()[0])
    return names


def train(gibbon, path, words, threat, arguments):
    path.unlink(missing_ok=True)
    against = ["--threat", threat] if threat else []
    run([gibbon, "train", "mnist-small", "--output", str(path), "--method", words, *against, *TRAIN, *arguments])
    return path


def attack(gibbon, network, threat, attacker):
    """The shares of examples that are right as they are, and that hold."""
    record = network.with_suffix(".json")
    run([gibbon, "attack", str(network), "--threat", threat, "--attack", attacker, "--json", str(record), *ATTACK])
    result = json.loads(record.read_text())
    return result["clean_accuracy"], result["robust_accuracy"]


def run(command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        fail(f"{' '.join(command)}: {(done.stderr or done.stdout).strip()}")
    return done.stdout


def fail(message):
    print(f"check-methods: {message}", file=sys.stderr)
    sys.exit(2)


if __name__ == "__main__":
    main()
