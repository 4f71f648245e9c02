"""Compares what `gibbon show imperceptible` measures with scikit-image, CIEDE2000 and a plain MS-SSIM on its own pictures.

    python3 -m venv .venv && .venv/bin/pip install -r Scripts/requirements-perception.txt
    .venv/bin/python Scripts/check-perception.py [--gibbon PATH] [--data FOLDER]

The command attacks digits, CIFAR-10 and a photograph where `--data` has them (by default `shared/data` beside the checkout),
saves the pictures as they are and with each change, and writes its measures. Each measure has to be that of
`perception_fixtures.py` to 1e-4, of the larger of it and 1. The committed fixture has to be what the libraries say, too. The
status is 1 if anything else is found.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import perception_fixtures

ROOT = pathlib.Path(__file__).resolve().parent.parent
KINDS = ["adversarial", "random", "patch"]


def differs(value, expected):
    if value is None or expected is None:
        return value is not expected
    return abs(value - expected) >= 1e-4 * max(1, abs(expected))


def compare(gibbon, words, folder):
    """Runs a command and counts the measures that differ."""
    command = [gibbon, "show", "imperceptible", *words, "--json", folder / "out.json", "--save", folder / "out.npz"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    record = json.loads((folder / "out.json").read_text())
    arrays = np.load(folder / "out.npz")
    examples = {example["index"]: example for example in record["examples"]}
    faults = measured = 0
    for place, index in enumerate(arrays["index"]):
        for kind in KINDS:
            original, changed = (arrays[name][place].astype(np.float64) for name in ("original", kind))
            for name, expected in perception_fixtures.measures(original, changed).items():
                measured += 1
                value = examples[int(index)][kind][name]
                if differs(value, expected):
                    faults += 1
                    print(f"FAULT: {' '.join(words)}: {index}, {kind}, {name}: {value}, expected {expected}")
    print(f"{' '.join(words)}: {measured} measures of {len(arrays['index'])} pictures, {faults} faults")
    return faults + (measured == 0)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--gibbon", default=str(ROOT / ".build/release/gibbon"))
    parser.add_argument("--data", type=pathlib.Path, default=ROOT.parent / "shared/data")
    options = parser.parse_args()
    committed = json.loads((ROOT / "Tests/Fixtures/perception/perception.json").read_text())
    faults = int(committed != json.loads(json.dumps(perception_fixtures.cases())))
    print(f"the fixture: {'differs from' if faults else 'is'} what the libraries say")
    runs = [["mnist-standard", "--threat", "linf:0.2", "--count", "40"], ["mnist-robust", "--threat", "l2:3", "--count", "40"]]
    cifar, net = options.data / "cifar10", options.data / "models/cifar_resnet20_akamaster.onnx"
    if cifar.exists() and net.exists():
        runs.append([str(net), "--data", f"cifar10:test@{cifar}", "--threat", "linf:8/255", "--count", "20"])
    photo, squeeze = options.data / "imagenet/photos/panda.png", options.data / "imagenet/squeezenet_v1.0_dc_rgb01_227.onnx"
    if photo.exists() and squeeze.exists():
        runs.append([str(squeeze), "--image", str(photo), "--threat", "linf:2/255"])
    if len(runs) < 4:
        print(f"left out: what is not in {options.data}")
    for words in runs:
        with tempfile.TemporaryDirectory() as folder:
            faults += compare(options.gibbon, words, pathlib.Path(folder))
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
