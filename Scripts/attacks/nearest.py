"""Attacks that look for the nearest point against adv-lib, Foolbox, torchattacks and the reference of FAB.

Medians of the distances on the same examples, with the same steps. The reference of FAB is the package `autoattack`, whose
folder `--auto-attack` names; without it those lines are left out.
"""

import argparse
import functools
import sys

import foolbox
import torch
import torchattacks
from adv_lib.attacks import carlini_wagner_l2, carlini_wagner_linf, ddn, fmn

from common import CIFAR, MNIST, Table, gibbon, judge, network, timed

ORDERS = {"linf": float("inf"), "l2": 2, "l1": 1, "l0": 0}


def with_foolbox(attack, net):
    model = foolbox.PyTorchModel(net.model, bounds=(0, 1), device="cpu")
    points, _, _ = attack(model, net.inputs, foolbox.criteria.Misclassification(net.labels), epsilons=None)
    # What some of its attacks never broke comes back as a black image, which is no result of theirs.
    black = (points == 0).flatten(1).all(1)
    return torch.where(black.reshape(-1, 1, 1, 1), net.inputs, points)


def with_reference(norm, targets, net):
    from autoattack.fab_pt import FABAttack_PT

    attack = FABAttack_PT(
        net.model, norm={"linf": "Linf", "l2": "L2", "l1": "L1"}[norm], n_restarts=1, n_iter=100, eps=0.0, seed=0,
        targeted=targets > 0, device="cpu", n_target_classes=targets, verbose=False)
    if targets == 0:
        return attack.attack_single_run(net.inputs, net.labels)
    best, nearest = net.inputs.clone(), torch.full((len(net.inputs),), torch.inf).double()
    for target in range(2, targets + 2):
        attack.target_class = target
        points = attack.attack_single_run(net.inputs, net.labels, is_targeted=True)
        distances = judge(net, points, norm)
        nearer = distances < nearest
        best[nearer], nearest[nearer] = points[nearer], distances[nearer]
    return best


def comparisons(arguments):
    """The norm, our attack with its options, the peer's name, and what makes its points of a network."""
    if arguments.auto_attack:
        for norm in ["linf", "l2", "l1"]:
            yield norm, ["fab"], "autoattack, 9 targets", functools.partial(with_reference, norm, 9)
            yield norm, ["fab", "--target-classes", 0], "autoattack, untargeted", functools.partial(with_reference, norm, 0)
    for norm, attack in [("linf", foolbox.attacks.LinfDeepFoolAttack), ("l2", foolbox.attacks.L2DeepFoolAttack)]:
        yield norm, ["deepfool"], "foolbox", functools.partial(with_foolbox, attack(steps=50))
    yield "l2", ["deepfool"], "torchattacks", lambda net: torchattacks.DeepFool(net.model)(net.inputs, net.labels)
    yield "l2", ["ddn"], "adv-lib", lambda net: ddn(net.model, net.inputs, net.labels, steps=100, levels=None)
    yield "l2", ["ddn"], "foolbox", functools.partial(with_foolbox, foolbox.attacks.DDNAttack(steps=100))
    for norm, order in ORDERS.items():
        step = 10 if norm == "linf" else 1
        yield norm, ["fmn"], "adv-lib", lambda net, order=order, step=step: fmn(
            net.model, net.inputs, net.labels, norm=order, steps=100, α_init=step)
    options = ["--steps", 100, "--constants", 5, "--constant", 0.01, "--rate", 0.05]
    yield "l2", ["cw", *options], "adv-lib", lambda net: carlini_wagner_l2(
        net.model, net.inputs, net.labels, learning_rate=0.05, initial_const=0.01, binary_search_steps=5, max_iterations=100)
    yield "l2", ["cw", *options], "foolbox", functools.partial(with_foolbox, foolbox.attacks.L2CarliniWagnerAttack(
        steps=100, stepsize=0.05, initial_const=0.01, binary_search_steps=5))
    yield "l2", ["cw", "--steps", 50, "--constants", 1, "--constant", 1], "torchattacks", lambda net: torchattacks.CW(
        net.model)(net.inputs, net.labels)
    yield "l2", ["lbfgs"], "torchattacks (CW, 500)", lambda net: torchattacks.CW(
        net.model, steps=500)(net.inputs, net.labels)
    yield "linf", ["cw", "--steps", 100], "adv-lib", lambda net: carlini_wagner_linf(
        net.model, net.inputs, net.labels, max_iterations=100, initial_const=0.001)
    yield "l1", ["ead", *options[:3], 9, *options[4:]], "foolbox", functools.partial(with_foolbox, foolbox.attacks.EADAttack(
        steps=100, initial_stepsize=0.05, initial_const=0.01, binary_search_steps=9, decision_rule="L1"))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=250)
    parser.add_argument("--networks", nargs="+", default=MNIST + CIFAR)
    parser.add_argument("--attacks", nargs="+", help="those of these names alone")
    parser.add_argument("--norms", nargs="+", default=list(ORDERS))
    parser.add_argument("--against", help="peers alone whose name holds this text")
    parser.add_argument("--auto-attack", help="the folder with the package autoattack")
    arguments = parser.parse_args()
    if arguments.auto_attack:
        sys.path.insert(0, arguments.auto_attack)
    table = Table()
    for name in arguments.networks:
        net = network(name, arguments.count)
        for norm, (attack, *options), peer, points in comparisons(arguments):
            if arguments.attacks and attack not in arguments.attacks or norm not in arguments.norms:
                continue
            if arguments.against and arguments.against not in peer:
                continue
            ours, result = gibbon(net, f"{norm}:0", attack, *options)
            theirs, seconds = timed(lambda: points(net))
            table.median(
                f"{attack} {norm}", net, ours, judge(net, theirs, norm), (result["seconds"], seconds), peer)
    table.finish()


main()
