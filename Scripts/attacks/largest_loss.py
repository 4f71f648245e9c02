"""Attacks that climb a loss against torchattacks, the reference AutoAttack, adv-lib and ART."""

import argparse
import pathlib
import sys

import torch
import torchattacks

from common import CIFAR, DATA, MNIST, Network, Table, gibbon, judge, network, timed

ADVERTORCH = "mnist_lenet5_adv_advertorch"


def radius_of(name, norm):
    """A radius at which some networks' examples break and some do not."""
    mnist = name.startswith("mnist")
    if norm == "linf":
        return {"mnist_lenet5_cln_advertorch": 0.1, "mnist_fgsm_wong2020": 0.3, ADVERTORCH: 0.3,
                "cifar_cnn_a_mix_sdp": 2 / 255, "cifar_resnet20_akamaster": 0.5 / 255}[name]
    if norm == "l2":
        return 1.5 if mnist else 0.25
    return 10 if mnist else 5


def reference(arguments, net, norm, radius, steps, objective, targets):
    """The reference implementation of APGD."""
    sys.path.insert(0, str(arguments.auto_attack))
    from autoattack.autopgd_base import APGDAttack, APGDAttack_targeted

    options = dict(n_iter=steps, norm={"linf": "Linf", "l2": "L2", "l1": "L1"}[norm], eps=radius, device="cpu",
                   use_largereps=norm == "l1")
    if targets:
        attack = APGDAttack_targeted(net.model, n_target_classes=targets, **options)
    else:
        attack = APGDAttack(net.model, loss={"cross-entropy": "ce"}.get(objective, objective), **options)
    return timed(lambda: attack.perturb(net.inputs, net.labels))


def apgd(table, arguments, net, norm):
    radius = radius_of(net.name, norm)
    for objective, targets in [("cross-entropy", 0), ("dlr", 0), ("dlr", arguments.targets)]:
        options = ["--steps", arguments.steps, "--objective", objective, "--targets", targets]
        ours, result = gibbon(net, f"{norm}:{radius}", "apgd", *options)
        points, seconds = reference(arguments, net, norm, radius, arguments.steps, objective, targets)
        theirs = judge(net, points, norm, radius)
        label = f"apgd {norm} {objective}" + (f" {targets}" if targets else "")
        only = [int((torch.isfinite(a) & ~torch.isfinite(b)).sum()) for a, b in ((ours, theirs), (theirs, ours))]
        table.success(label, net, ours, theirs, (result["seconds"], seconds),
                      f"AutoAttack; alone: {only[0]}, {only[1]}", tolerance=0.003)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--networks", nargs="+", default=MNIST + CIFAR)
    parser.add_argument("--attacks", nargs="+", default=["apgd", "others"])
    parser.add_argument("--norms", nargs="+", default=["linf", "l2", "l1"], help="norms of APGD")
    parser.add_argument("--steps", type=int, default=100, help="steps of APGD")
    parser.add_argument("--targets", type=int, default=9, help="targets of APGD")
    parser.add_argument("--auto-attack", type=pathlib.Path, help="a checkout of fra31/auto-attack, for APGD")
    arguments = parser.parse_args()
    table = Table()
    for name in arguments.networks:
        net = network(name, arguments.count)
        if "apgd" in arguments.attacks:
            for norm in arguments.norms:
                apgd(table, arguments, net, norm)
    table.finish()


if __name__ == "__main__":
    main()
