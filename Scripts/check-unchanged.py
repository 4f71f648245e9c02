"""Writes down what a build computes, and compares another build with it: the same seeds shall give the same bits.

    python3 Scripts/check-unchanged.py record before.json [--gibbon .build/release/gibbon] [--data ../shared/data]
    python3 Scripts/check-unchanged.py record after.json
    python3 Scripts/check-unchanged.py compare before.json after.json [--merged fab,cw,...]

Recorded are, for each example, verdict, distance and hash of the adversarial example of many attacks and of three
evaluations on the built-in robust network and two of the data folder, the bytes of the files of short trainings, and
the scores and gradients of the data folder's ONNX networks. Only Python's own library is needed. Attacks named with
`--merged` may differ in rounding: 99.5 % of their verdicts must be equal, distances within 1e-5 of each other where
both broke, and neither build may break more by over 0.5 %. Both recordings must come from one machine.
"""

import argparse
import hashlib
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile

BALL = {"mnist-robust": ("0.3", "2", "12"), "cifar_cnn_a_mix_sdp": ("2/255", "0.3", "3"),
        "cifar_resnet20_akamaster": ("1/255", "0.1", "2")}

# Name, threat by the place of its radius in BALL or as it is, attack, and how many examples.
ATTACKS = [
    ("pgd", "linf", "pgd --steps 20 --restarts 2", 64),
    ("pgd-l2", "l2", "pgd --steps 20", 64),
    ("mi-fgsm", "linf", "mi-fgsm", 64),
    ("apgd", "linf", "apgd --steps 30", 48),
    ("apgd-l1", "l1", "apgd --steps 30", 48),
    ("square", "linf", "square --queries 500", 32),
    ("fab", "linf", "fab --steps 20", 32),
    ("fab-l1", "l1", "fab --steps 20", 32),
    ("cw", "l2", "cw --steps 50", 32),
    ("ddn", "l2", "ddn --steps 50", 32),
    ("fmn", "linf", "fmn --steps 50", 32),
    ("deepfool", "l2", "deepfool", 48),
    ("hop-skip-jump", "l2", "hop-skip-jump --queries 300", 16),
    ("grid", "rotation:30+shift:3", "grid", 16),
    ("stadv", "flow:1", "stadv --steps 30", 16),
    ("universal", "linf", "universal", 48),
]
EVALUATIONS = [("evaluate-linf", "linf", 16), ("evaluate-l2", "l2", 12), ("evaluate-l1", "l1", 12)]
TRAININGS = [
    ("train-fgsm", "--threat linf:0.3 --attack fgsm --random-start --step-size 0.375"),
    ("train-pgd", "--threat linf:0.3 --attack pgd --steps 3 --step-size 0.1"),
    ("train-plain", ""),
]
NORMS = ["linf", "l2", "l1"]


def run(gibbon, words, folder):
    """What one command leaves in a folder; a refusal is a result, too."""
    done = subprocess.run([gibbon, *words], cwd=folder, capture_output=True, text=True)
    return done.returncode, done.stderr.strip().splitlines()[-1:] if done.returncode else []


def networks(data):
    """Reference, data and name of each network that is attacked."""
    models, cifar = data / "models", f"cifar10:test@{data / 'cifar10'}"
    yield "mnist-robust", "mnist:test", "mnist-robust"
    for name in list(BALL)[1:]:
        yield str(models / f"{name}.onnx"), cifar, name


def studies(gibbon, data, folder):
    """Each attack and evaluation on each network: a name, and its examples."""
    for model, examples, name in networks(data):
        for label, threat, words, count in ATTACKS + [(*study[:2], "", study[2]) for study in EVALUATIONS]:
            radius = f"{threat}:{BALL[name][NORMS.index(threat)]}" if threat in NORMS else threat
            verb = ["attack", model, "--attack", *words.split()] if words else ["evaluate", model]
            output = folder / "out.json"
            output.unlink(missing_ok=True)
            status, error = run(
                gibbon, [*verb, "--data", examples, "--threat", radius, "--count", str(count), "--seed", "5",
                         "--json", "out.json"], folder)
            found = json.loads(output.read_text())["examples"] if output.exists() else []
            yield f"{name} {label}", {
                "status": status, "error": error,
                "examples": [[one["robust"], one["distance"], one["nearest"], one["witness"]] for one in found]}


def trainings(gibbon, folder):
    """The bytes of the files of short trainings."""
    for label, words in TRAININGS:
        status, error = run(
            gibbon, ["train", "mnist-small", "--count", "1000", "--epochs", "2", "--seed", "3", "--output",
                     f"{label}.safetensors", *words.split()], folder)
        path = folder / f"{label}.safetensors"
        yield label, {
            "status": status, "error": error,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else None}


def predictions(gibbon, data, folder):
    """The bytes of scores and gradients of ONNX networks."""
    for path in sorted((data / "models").glob("*.onnx")):
        examples = f"cifar10:test@{data / 'cifar10'}" if path.name.startswith("cifar") else "mnist:test"
        output = folder / "scores.safetensors"
        output.unlink(missing_ok=True)
        status, error = run(
            gibbon, ["predict", str(path), "--data", examples, "--count", "40", "--gradient", "--output", output.name],
            folder)
        yield f"predict {path.stem}", {
            "status": status, "error": error,
            "sha256": hashlib.sha256(output.read_bytes()).hexdigest() if output.exists() else None}


def record(options):
    """Runs everything, in one folder for the algorithms that a machine finds fastest, and writes it down."""
    gibbon, data = str(pathlib.Path(options.gibbon).resolve()), pathlib.Path(options.data).resolve()
    found = {}
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for part in [trainings(gibbon, folder), predictions(gibbon, data, folder), studies(gibbon, data, folder)]:
            for label, result in part:
                found[label] = result
                print(label, result["status"], *result["error"], flush=True)
    pathlib.Path(options.files[0]).write_text(json.dumps(found, indent=1))


def differences(old, new):
    """How a study changed: share of equal verdicts, largest relative difference of distances, broken before and after."""
    pairs = list(zip(old["examples"], new["examples"]))
    equal = sum(one[0] == two[0] for one, two in pairs) / max(len(pairs), 1)
    distances = [abs(one[1] - two[1]) / max(abs(one[1]), 1e-9) for one, two in pairs
                 if one[1] is not None and two[1] is not None]
    broken = [sum(not one[0] for one in side["examples"]) for side in (old, new)]
    return equal, max(distances, default=0), statistics.median(distances or [0]), broken


def compare(options):
    """Prints each result that is not the same bits."""
    old, new = (json.loads(pathlib.Path(path).read_text()) for path in options.files)
    merged = set(options.merged.split(","))
    wrong = len(set(old) ^ set(new))
    same = 0
    for label in old.keys() & new.keys():
        if old[label] == new[label]:
            same += 1
            continue
        if "examples" in old[label] and len(old[label]["examples"]) == len(new[label]["examples"]):
            equal, largest, median, broken = differences(old[label], new[label])
            isAllowed = label.split()[-1] in merged and equal >= 0.995 and largest <= 1e-5
            print(f"{label}: {equal:.2%} of verdicts equal, distances by {largest:.1e} (median {median:.1e}), "
                  f"{broken[0]} and {broken[1]} broken{'' if isAllowed else ': WRONG'}")
            wrong += not isAllowed
        else:
            print(f"{label}: WRONG: {str(old[label])[:200]} and {str(new[label])[:200]}")
            wrong += 1
    print(f"{same} of {len(old)} the same bits, {wrong} wrong")
    sys.exit(1 if wrong else 0)


def main():
    """Records or compares."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("verb", choices=["record", "compare"])
    parser.add_argument("files", nargs="+")
    parser.add_argument("--gibbon", default=".build/release/gibbon")
    parser.add_argument("--data", default="../shared/data")
    parser.add_argument("--merged", default="")
    options = parser.parse_args()
    if len(options.files) != (1 if options.verb == "record" else 2):
        parser.error("record takes one file, compare takes two")
    record(options) if options.verb == "record" else compare(options)


if __name__ == "__main__":
    main()
