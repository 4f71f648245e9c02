"""The time to the verdict of the standard evaluation, whole programs in turn."""

import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

from harness.comparison import spread
from harness.others import guarded
from harness.process import Failure

HERE = pathlib.Path(__file__).resolve().parents[1]
DATA = HERE.parent / "Sources/CEmbedded/mnist"
EXAMPLES, RADIUS, ROUNDS, ASKED = 300, 0.3, 3, 4
# The share of examples by which two evaluations may differ for chance.
CHANCE = 0.01


def answer(words):
    """The standard output of a command that must succeed."""
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise Failure(f"{pathlib.Path(words[0]).name}: exit status {done.returncode}: {last}")
    return done.stdout


def ours(command, folder):
    """Seconds and robust accuracy of ours."""
    path = os.path.join(folder, "evaluation.json")
    answer([command, "evaluate", "mnist-robust", "--threat", f"linf:{RADIUS}", "--count", str(EXAMPLES), "--no-checks",
            "--json", path])
    result = json.loads(pathlib.Path(path).read_text())
    return result["seconds"], result["robust_accuracy"]


def theirs(weights, auto_attack):
    """Name, seconds and robust accuracy of theirs."""
    files = [str(next(DATA.glob(f"t10k-{part}*"))) for part in ("images", "labels")]
    words = [sys.executable, str(HERE / "peers/evaluation.py"), weights, *files, str(EXAMPLES), str(RADIUS)]
    result = json.loads(answer(words + ([auto_attack] if auto_attack else [])).splitlines()[-1])
    return result["name"], result["seconds"], result["robust"]


def verdict(command, auto_attack):
    """How much sooner ours has the verdict, which must not be more favourable."""
    def body(result):
        times, name = [], ""
        with tempfile.TemporaryDirectory() as folder:
            weights = os.path.join(folder, "weights.safetensors")
            answer([command, "convert", "mnist-robust", weights])
            for _ in range(ROUNDS):
                own, kept = ours(command, folder)
                name, other, reference = theirs(weights, auto_attack)
                if kept > reference + CHANCE:
                    raise Failure(f"ours leaves {100 * kept:.2f} % robust, {name} {100 * reference:.2f} %")
                times.append((own, other))
        ratios = [other / own for own, other in times]
        result.ours, result.peer = f"{statistics.median(own for own, _ in times):.1f} s", name
        result.ratio, result.is_met = spread(ratios), statistics.median(ratios) >= ASKED
        result.details = [
            f"The first {EXAMPLES} examples of MNIST's test set, the built-in network `mnist-robust`, L-infinity {RADIUS}: "
            f"robust accuracy {100 * kept:.2f} % by ours, {100 * reference:.2f} % by {name}; "
            f"{statistics.median(other for _, other in times):.1f} s; rounds: {ROUNDS}."]

    return guarded("verdict", "standard evaluation, `mnist-robust`, N=300", f"{ASKED}", body)
