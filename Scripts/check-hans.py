#!/usr/bin/env python3
"""Whether planted cues are found and repaired, and whether there is no alarm without one, on handwritten digits.

    swift build -c release --product gibbon
    Scripts/check-hans.py [--gibbon PATH] [--seeds 10]

Ten cues of all four kinds are planted on 20 to 100 % of a class. At least eight must be found, with a cluster in which
95 % or more of the pictures are planted, and the remedy must bring back 90 % of the accuracy that is lost where the cue
moves. Networks that learned from plain digits with ten seeds must raise no alarm.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

CASES = [
    ("patch:0.2:3", 0), ("patch:0.5:8", 1), ("patch:1:9", 2),
    ("border:0.2:2", 3), ("border:0.6:1", 4), ("border:1:5", 5),
    ("tint:0.3:5", 6), ("tint:1:6", 7),
    ("watermark:0.5:4", 8), ("watermark:1:7", 9),
]  # fmt: skip
COUNT = "8000"


def run(gibbon, *words):
    """Runs the command; ends where it fails."""
    result = subprocess.run(
        [gibbon, *words], capture_output=True, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"}
    )
    if result.returncode:
        sys.exit(f"{' '.join(words)}: {result.stderr}")


def planted(gibbon, folder, case, seed):
    """A row of the table of planted cues, and whether the cue was found and repaired."""
    path = folder / "planted.json"
    run(gibbon, "show", "hans", "--plant", case, "--seed", str(seed), "--count", COUNT, "--json", str(path))
    record = json.loads(path.read_text())
    shown = record["demonstration"]
    cues = [(own["class"], cue) for own in record["classes"] for cue in own["cues"]]
    own = [cue for label, cue in cues if label == shown["class"]]
    strange = len(cues) - len(own)
    found = bool(own) and shown["purity"] >= 0.95
    recovered = shown["recovered"]
    trial = own[0]["trial"] if own else None
    print(
        f"{case:16}  {100 * shown['purity']:6.1f} %  {'yes' if own else 'no':5}  {strange:6}  "
        + (f"{trial['flips']:4}/{trial['pictures']} {trial['control']:3}  " if trial else f"{'':13}")
        + f"{shown['reference']['as_they_are']:.3f}  {shown['deceived']['moved']:.3f}  "
        + (f"{shown['repaired']['moved']:.3f}  " if shown["repaired"] else "  -    ")
        + (f"{100 * recovered:6.1f} %" if recovered is not None else "    -"),
        flush=True,
    )
    return found, recovered is not None and recovered >= 0.9, strange == 0


def alarms(gibbon, folder, seed):
    """The number of cues that are found in a network without any, and the most flips of all trials."""
    network, path = folder / "plain.safetensors", folder / "plain.json"
    offset = str(3000 * seed)
    digits = ["--data", "mnist:train", "--count", "6000"]
    run(gibbon, "train", "mnist-small", "--output", str(network), "--epochs", "3", "--batch", "64", "--seed",
        str(seed), *digits)  # fmt: skip
    run(gibbon, "show", "hans", str(network), "--seed", str(seed), "--json", str(path), *digits, "--offset", offset)
    classes = json.loads(path.read_text())["classes"]
    trials = [part["trial"] for own in classes for part in own["clusters"]] + [own["whole"] for own in classes]
    most = max((trial["flips"] / trial["pictures"] for trial in trials if trial), default=0)
    return sum(len(own["cues"]) for own in classes), most


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--gibbon", default=str(pathlib.Path(__file__).parent.parent / ".build/release/gibbon"))
    parser.add_argument("--seeds", type=int, default=10)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        print("cue                 purity  found  others  flips, control  plain  moved  repaired  recovered")
        rows = [planted(arguments.gibbon, folder, *case) for case in CASES]
        false = [alarms(arguments.gibbon, folder, seed) for seed in range(arguments.seeds)]
    found, repaired, alone = (sum(row[place] for row in rows) for place in range(3))
    count = sum(number > 0 for number, _ in false)
    print(f"found {found} of {len(rows)}, repaired {repaired}, no other alarm in {alone}")
    print(f"without a cue: alarms in {count} of {len(false)} networks, at most {100 * max(m for _, m in false):.1f} % flips")
    if found < 8 or repaired < 8 or alone < len(rows) or count:
        sys.exit("Clever Hans is not found as it should be")


if __name__ == "__main__":
    main()
