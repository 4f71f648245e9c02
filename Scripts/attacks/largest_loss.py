"""Attacks that climb a loss against torchattacks, the reference AutoAttack, adv-lib and ART."""

import argparse
import logging
import pathlib
import sys
import types

import torch
import torchattacks

from common import CIFAR, MNIST, Table, gibbon, judge, network, timed

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
        options = ["--steps", arguments.steps, "--objective", objective, "--target-classes", targets]
        ours, result = gibbon(net, f"{norm}:{radius}", "apgd", *options)
        points, seconds = reference(arguments, net, norm, radius, arguments.steps, objective, targets)
        theirs = judge(net, points, norm, radius)
        label = f"apgd {norm} {objective}" + (f" {targets}" if targets else "")
        only = [int((torch.isfinite(a) & ~torch.isfinite(b)).sum()) for a, b in ((ours, theirs), (theirs, ours))]
        table.success(label, net, ours, theirs, (result["seconds"], seconds),
                      f"AutoAttack; alone: {only[0]}, {only[1]}")


def iterative(table, net):
    """The relatives of FGSM, ours and those of torchattacks, with ten steps of a tenth of the radius or as the papers say."""
    eps = radius_of(net.name, "linf")
    step = eps / 10
    rows = [
        ("fgsm", [], torchattacks.FGSM(net.model, eps=eps)),
        ("r-fgsm", [], torchattacks.RFGSM(net.model, eps=eps, alpha=eps / 2, steps=1)),
        ("bim", [], torchattacks.BIM(net.model, eps=eps, alpha=eps / 8, steps=10)),
        ("mi-fgsm", [], torchattacks.MIFGSM(net.model, eps=eps, alpha=step, steps=10, decay=1.0)),
        ("ni-fgsm", [], torchattacks.NIFGSM(net.model, eps=eps, alpha=step, steps=10, decay=1.0)),
        ("vmi-fgsm", ["--samples", 5], torchattacks.VMIFGSM(net.model, eps=eps, alpha=step, steps=10, N=5, beta=1.5)),
        ("di-fgsm", [], torchattacks.DIFGSM(net.model, eps=eps, alpha=step, steps=10)),
    ]
    if net.inputs.shape[1] == 3:
        # torchattacks' kernel is for three channels, and its inputs are those of DI.
        rows.append(("ti-fgsm", ["--probability", 0.5], torchattacks.TIFGSM(net.model, eps=eps, alpha=step, steps=10)))
    for name, options, attack in rows:
        ours, result = gibbon(net, f"linf:{eps}", name, *options)
        torch.manual_seed(0)
        points, seconds = timed(lambda: attack(net.inputs, net.labels))
        table.success(name, net, ours, judge(net, points, "linf", eps), (result["seconds"], seconds), "torchattacks")


def euclidean(table, net):
    """BIM and FGSM for L2 against Foolbox."""
    import foolbox

    radius = radius_of(net.name, "l2")
    model = foolbox.PyTorchModel(net.model, bounds=(0, 1), device="cpu")
    for name, attack in [
        ("fgsm", foolbox.attacks.L2FastGradientAttack()),
        ("bim", foolbox.attacks.L2BasicIterativeAttack(rel_stepsize=0.125, steps=10, random_start=False)),
    ]:
        ours, result = gibbon(net, f"l2:{radius}", name)
        (_, points, _), seconds = timed(lambda: attack(model, net.inputs, net.labels, epsilons=radius))
        table.success(f"{name} l2", net, ours, judge(net, points, "l2", radius), (result["seconds"], seconds), "Foolbox")


def conjugate(folder, net, eps, steps=100):
    """The points of Yamamura's Auto-Conjugate-Gradient, with what its code wants of a command left out."""
    sys.path.insert(0, str(folder / "src"))
    for module, name, value in [
        ("attrdict", "AttrDict", dict), ("colorlog", "ColoredFormatter", lambda *_, **__: logging.Formatter()),
        ("utils.compute_diversity_index", "DI", object), ("yaml", "safe_load", None),
    ]:
        sys.modules[module] = types.SimpleNamespace(**{name: value})
    from attacker.AUTOConjugate import AUTOConjugate
    from utils.criterion import cw_loss

    attack = object.__new__(AUTOConjugate)
    # Those of its params/robustbench/cifar10/autoconjugate.yaml.
    vars(attack).update(
        model=net.model, device=torch.device("cpu"), epsilon=eps, max_iter=steps, eot_iter=1, thr_decr=0.75, beta="HS",
        momentum_alpha=1.0, use_clamp=True, replace_nan=False, activate_flag=False, initial_point="center",
        criterion=lambda logits, y_true: cw_loss(logits, y_true))
    return attack._attack_single_run_fast(net.inputs, net.labels, net.inputs, 0, None)


def adaptive(table, arguments, net):
    eps = radius_of(net.name, "linf")
    ours, result = gibbon(net, f"linf:{eps}", "acg")
    if arguments.acg:
        points, seconds = timed(lambda: conjugate(arguments.acg, net, eps))
        table.success("acg", net, ours, judge(net, points, "linf", eps), (result["seconds"], seconds), "the authors' code")
    else:
        points, seconds = reference(arguments, net, "linf", eps, 100, "cross-entropy", 0)
        table.success("acg", net, ours, judge(net, points, "linf", eps), (result["seconds"], seconds), "AutoAttack's APGD-CE")
    ours, result = gibbon(net, f"linf:{eps}", "frank-wolfe")
    attack = torchattacks.PGD(net.model, eps=eps, alpha=eps / 8, steps=20, random_start=False)
    points, seconds = timed(lambda: attack(net.inputs, net.labels))
    table.success("frank-wolfe", net, ours, judge(net, points, "linf", eps), (result["seconds"], seconds),
                  "torchattacks' PGD")
    ours, result = gibbon(net, f"linf:{eps}", "multi-targeted")
    attack = torchattacks.PGD(net.model, eps=eps, alpha=eps / 16, steps=40)
    attack.set_mode_targeted_by_label(quiet=True)
    theirs, seconds = torch.full((len(net.labels),), torch.inf).double(), 0
    for shift in range(1, 10):
        points, more = timed(lambda: attack(net.inputs, (net.labels + shift) % 10))
        theirs, seconds = torch.minimum(theirs, judge(net, points, "linf", eps)), seconds + more
    table.success("multi-targeted", net, ours, theirs, (result["seconds"], seconds), "torchattacks' PGD to 9 classes")
    for name, objective, targets, attack in [
        ("apgd", "cross-entropy", 0, torchattacks.APGD(net.model, norm="Linf", eps=eps, steps=100, n_restarts=1)),
        ("apgd dlr 9", "dlr", 9, torchattacks.APGDT(net.model, norm="Linf", eps=eps, steps=100, n_restarts=1)),
    ]:
        ours, result = gibbon(net, f"linf:{eps}", "apgd", "--objective", objective, "--target-classes", targets)
        points, seconds = timed(lambda: attack(net.inputs, net.labels))
        table.success(name, net, ours, judge(net, points, "linf", eps), (result["seconds"], seconds), "torchattacks")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--networks", nargs="+", default=MNIST + CIFAR)
    parser.add_argument("--attacks", nargs="+", default=["apgd", "iterative", "l2", "adaptive"])
    parser.add_argument("--norms", nargs="+", default=["linf", "l2", "l1"], help="norms of APGD")
    parser.add_argument("--steps", type=int, default=100, help="steps of APGD")
    parser.add_argument("--targets", type=int, default=9, help="targets of APGD")
    parser.add_argument("--auto-attack", type=pathlib.Path, help="a checkout of fra31/auto-attack, for APGD")
    parser.add_argument("--acg", type=pathlib.Path, help="a checkout of yamamura-k/ACG")
    arguments = parser.parse_args()
    table = Table()
    for name in arguments.networks:
        net = network(name, arguments.count)
        if "apgd" in arguments.attacks:
            for norm in arguments.norms:
                apgd(table, arguments, net, norm)
        if "iterative" in arguments.attacks:
            iterative(table, net)
        if "l2" in arguments.attacks:
            euclidean(table, net)
        if "adaptive" in arguments.attacks:
            adaptive(table, arguments, net)
    table.finish()


if __name__ == "__main__":
    main()
