"""`gibbon evaluate` against verdicts of the reference AutoAttack: the same examples must stay robust.

The verdicts are read from ../shared/data/reference: the indices of the test images that the reference (standard version,
PyTorch) did not break. Ours may hold at most 0.3 points more, and must agree on 99 % of the examples, but for those that
only ours broke, since those have a verified witness. With --peer PATH the reference is run too, from its sources and with
the same number of threads, and the times are compared.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import time

from common import DATA, GIBBON, network

NORMS = {"Linf": "linf", "L2": "l2", "L1": "l1"}


def references():
    for path in sorted((DATA / "reference").glob("autoattack_*.json")):
        verdicts = json.loads(path.read_text())
        name = path.stem.removeprefix("autoattack_").rsplit("_first", 1)[0]
        name = next(model.stem for model in sorted((DATA / "models").glob("*.onnx"), key=lambda model: -len(model.stem))
                    if name.startswith(model.stem))
        yield name, NORMS[verdicts.get("norm", "Linf")], verdicts


def ours(name, threat, count, threads, options):
    data = "mnist:test" if name.startswith("mnist") else f"cifar10:test@{DATA / 'cifar10'}"
    with tempfile.TemporaryDirectory() as folder:
        result = pathlib.Path(folder) / "result.json"
        command = [str(GIBBON), "evaluate", str(DATA / "models" / f"{name}.onnx"), "--data", data, "--threat", threat,
                   "--count", str(count), "--json", str(result), "--threads", str(threads), *options]
        run = subprocess.run(command, capture_output=True, text=True)
        if run.returncode != 0:
            sys.exit(f"{' '.join(command)}\n{run.stderr}")
        return json.loads(result.read_text())


def theirs(path, name, norm, radius, count, threads):
    """Runs the reference; returns the indices that stay robust and the seconds."""
    import torch

    torch.set_num_threads(threads)
    sys.path.insert(0, str(path))
    from autoattack import AutoAttack

    net = network(name, count)
    attack = AutoAttack(net.model, norm=norm, eps=radius, version="standard", device="cpu", verbose=False, seed=0)
    start = time.perf_counter()
    points = attack.run_standard_evaluation(net.inputs, net.labels, bs=250)
    seconds = time.perf_counter() - start
    with torch.no_grad():
        holds = net.model(points).argmax(1) == net.labels
    return [index for index, is_robust in zip(net.index, holds.tolist()) if is_robust], seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="a part of the name of a reference")
    parser.add_argument("--count", type=int, help="the first of the examples only")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--peer", type=pathlib.Path, help="a folder with the sources of auto-attack")
    arguments, options = parser.parse_known_args()
    failed = 0
    for name, norm, verdicts in references():
        threat = f"{norm}:{verdicts['eps']}"
        if arguments.only not in f"{name} {threat}":
            continue
        count = min(arguments.count or verdicts["n"], verdicts["n"])
        theirs_robust = {index for index in verdicts["robust_index"] if index < count}
        result = ours(name, threat, count, arguments.threads, ["--no-checks", *options])
        robust = {example["index"] for example in result["examples"] if example["robust"]}
        missed, extra = sorted(robust - theirs_robust), sorted(theirs_robust - robust)
        weaker = 100 * (len(robust) - len(theirs_robust)) / count
        # What only ours broke is proved by a witness; it counts as agreement where the verdicts are compared.
        agreement = 100 * (1 - len(missed) / count)
        passed = weaker <= 0.3 and agreement >= 99
        failed += not passed
        print(f"{name} {threat}, {count} examples: ours {100 * len(robust) / count:.2f} %, reference "
              f"{100 * len(theirs_robust) / count:.2f} %; missed {missed[:10]}, found besides {extra[:10]}; equal "
              f"{100 - 100 * (len(missed) + len(extra)) / count:.2f} %{'' if passed else '  FAILED'}")
        parts = ", ".join(f"{part['name']} {part['seconds']:.1f} s (broke {part['broken']})" for part in result["attacks"])
        print(f"  {result['seconds']:.1f} s with {arguments.threads} threads: {parts}; the reference took "
              f"{verdicts['seconds']:.0f} s for {verdicts['n']} with 1 thread", flush=True)
        if arguments.peer:
            kept, seconds = theirs(arguments.peer, name, {v: k for k, v in NORMS.items()}[norm], verdicts["eps"], count,
                                   arguments.threads)
            print(f"  the reference now: {100 * len(kept) / count:.2f} % in {seconds:.1f} s, "
                  f"{seconds / result['seconds']:.1f} times as long", flush=True)
    sys.exit(f"{failed} evaluations are weaker" if failed else None)


main()
