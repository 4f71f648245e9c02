"""Attacks from scores against the reference AutoAttack, torchattacks, ART, advertorch and the authors' code.

Each at the same number of queries. What is not on PyPI is given as a folder: `--autoattack`
(github.com/fra31/auto-attack), `--advertorch` (github.com/BorealisAI/advertorch) and `--bandits`
(github.com/MadryLab/blackbox-bandits); without it that comparison is left out.
"""

import argparse
import math
import pathlib
import sys
import types

import numpy
import torch

from common import CIFAR, MNIST, Table, art_classifier, gibbon, judge, network, timed


def radius(name, norm):
    """Radii at which neither all nor no examples are broken."""
    mnist, clean = name in MNIST, name in ("mnist_lenet5_cln_advertorch", "cifar_resnet20_akamaster")
    if norm == "linf":
        return 0.3 if mnist else (4 / 255 if clean else 8 / 255)
    if norm == "l2":
        return (1.5 if clean else 2.0) if mnist else 0.5
    return (8.0 if clean else 12.0) if mnist else 6.0


def ours(net, threat, attack, budget, *options):
    """Distances and result of our attack, and the queries per example: the budget where it failed."""
    found, result = gibbon(net, threat, attack, "--queries", budget, *options)
    rows = {row["index"]: row for row in result["examples"]}
    queries = numpy.array([rows[index]["queries"] or budget for index in net.index])
    return found, result, queries


def spent(table, attack, net, own, other, against):
    """Compares mean and median queries; ours may be greater by five in a hundred, for chance."""
    for what, mean in (("mean queries", numpy.mean), ("median queries", numpy.median)):
        left, right = mean(own), mean(other)
        table.line(f"{attack} {what}", net, f"{left:.1f}", f"{right:.1f}", left <= 1.05 * right + 1, (0, 0), against)


def square(table, net, norm, folder, budget=5000):
    if folder is None:
        return
    sys.path.insert(0, str(folder))
    from autoattack.square import SquareAttack

    eps = radius(net.name, norm)
    found, result, own = ours(net, f"{norm}:{eps}", "square", budget)
    reference = SquareAttack(net.model, norm={"linf": "Linf", "l2": "L2", "l1": "L1"}[norm], n_queries=budget, eps=eps)
    reference.init_hyperparam(net.inputs)
    torch.manual_seed(0)
    (other, points), seconds = timed(lambda: reference.attack_single_run(net.inputs, net.labels))
    theirs = judge(net, points, norm, eps)
    title = f"square {norm}:{eps:.3g}"
    table.success(title, net, found, theirs, (result["seconds"], seconds), "reference AutoAttack")
    spent(table, title, net, own, other.numpy().clip(max=budget), "reference AutoAttack")


def square_torchattacks(table, net, norm, budget=1000):
    import torchattacks

    eps = radius(net.name, norm)
    found, result, _ = ours(net, f"{norm}:{eps}", "square", budget)
    attack = torchattacks.Square(net.model, norm=norm.capitalize(), eps=eps, n_queries=budget)
    points, seconds = timed(lambda: attack(net.inputs, net.labels))
    table.success(f"square {norm}:{eps:.3g}", net, found, judge(net, points, norm, eps), (result["seconds"], seconds),
                  "torchattacks")


def spsa(table, net, folder, budget=2560, samples=64):
    if folder is None:
        return
    sys.path.insert(0, str(folder))
    from advertorch.attacks.spsa import LinfSPSAAttack

    eps = radius(net.name, "linf")
    steps = budget // (2 * samples)
    rate = min(2.5 / steps, 1) * eps
    found, result, _ = ours(net, f"linf:{eps}", "spsa", budget, "--samples", samples, "--step-size", rate)
    attack = LinfSPSAAttack(net.model, eps, lr=rate, nb_iter=steps, nb_sample=samples, max_batch_size=16)
    points, seconds = timed(lambda: attack.perturb(net.inputs, net.labels))
    table.success(f"spsa linf:{eps:.3g}", net, found, judge(net, points, "linf", eps), (result["seconds"], seconds),
                  "advertorch")


def madry(folder):
    """The function of Ilyas, Engstrom and Madry's script, freed of its data set and of CUDA."""
    source = (pathlib.Path(folder) / "src" / "main.py").read_text()
    head, rest = source.split('IMAGENET_PATH = ""')
    body = rest.split("def norm(t):", 1)[1].split("def main(args")[0]
    body = body.replace(".cuda()", "").replace("ch.zeros(args.batch_size, 3,", "ch.zeros(args.batch_size, image.shape[1],")
    body = body.replace("model_to_fool(x_copy)", "model_to_fool(x)")
    scope = {"ch": torch, "Upsample": torch.nn.Upsample, "F": types.SimpleNamespace(normalize=lambda x, *_: x),
             "print": lambda *_: None}
    exec("def norm(t):" + body, scope)
    return scope["make_adversarial_examples"]


def bandits(table, net, norm, folder, budget=2000, nes=False):
    if folder is None:
        return
    function = madry(folder)
    eps = radius(net.name, norm)
    flat = norm == "linf"
    if nes:
        pairs, spread = 25, 0.001
        # Theirs has no momentum.
        options = ("--samples", pairs, "--spread", spread, "--momentum", 0)
        found, result, own = ours(net, f"{norm}:{eps}", "nes", budget, *options)
        # Their directions have a length of 1, ours of 1 per value.
        length = spread * math.sqrt(net.inputs[0].numel())
        settings = {"gradient_iters": pairs, "fd_eta": length, "image_lr": eps / 5, "tiling": False, "nes": True}
    else:
        found, result, own = ours(net, f"{norm}:{eps}", "bandits", budget, "--tile", 2)
        settings = {"gradient_iters": 1, "fd_eta": 0.1 if flat else 0.01, "image_lr": eps / (5 if flat else 10),
                    "tiling": True, "tile_size": net.inputs.shape[-1] // 2, "nes": False}
    settings |= {"mode": norm, "epsilon": eps, "online_lr": 100 if flat else 0.1, "exploration": 1.0 if flat else 0.01,
                 "max_queries": budget, "batch_size": len(net.inputs), "log_progress": False}
    torch.manual_seed(0)
    with torch.no_grad():
        other, seconds = timed(lambda: function(net.inputs.clone(), net.labels, types.SimpleNamespace(**settings), net.model,
                                                net.inputs.shape[-1]))
    theirs = judge(net, torch.from_numpy(other["images_adv"]), norm, eps + 1e-4)
    # Their image moves on after it is broken.
    theirs = torch.where(torch.from_numpy(other["success"]) > 0, torch.zeros_like(theirs), torch.inf)
    title = f"{'nes' if nes else 'bandits'} {norm}:{eps:.3g}"
    table.success(title, net, found, theirs, (result["seconds"], seconds), "the authors' code")
    if not nes:
        queries = numpy.where(other["success"] > 0, other["all_queries"], budget)
        spent(table, title, net, own, queries, "the authors' code")


def simba(table, net, basis, budget=800, examples=200):
    """Where L2 is not limited, as in ART, the share broken and the median distance are compared."""
    from art.attacks.evasion import SimBA

    small = type(net)(net.name, net.model, net.inputs[:examples], net.labels[:examples], net.index[:examples], net.count)
    model = torch.nn.Sequential(net.model, torch.nn.Softmax(1))
    wrapped = art_classifier(small, model)
    options = {"attack": "px"} if basis == "pixel" else {"attack": "dct", "freq_dim": net.inputs.shape[-1] // 2}
    # ART asks about both sides at each of its rounds.
    attack = SimBA(wrapped, max_iter=budget // 2, epsilon=0.2, order="random", verbose=False, **options)
    found, result, _ = ours(small, "l2:1000", "simba", budget, "--basis", basis)
    labels = torch.nn.functional.one_hot(small.labels, 10).numpy()
    points, seconds = timed(lambda: attack.generate(small.inputs.numpy(), labels))
    theirs = judge(small, points, "l2")
    table.success(f"simba {basis}", net, found, theirs, (result["seconds"], seconds), "ART")
    table.median(f"simba {basis} l2", net, found, theirs, against="ART", tolerance=0.05)


def zoo(table, net, searches=3, rounds=40, coordinates=64):
    """Without importance sampling and resizing, at the same number of queries."""
    from art.attacks.evasion import ZooAttack, zoo as module

    # ART resamples every point by the factor 1, by splines, which leaves it as it was and takes most of its time. It is
    # right for one example at a time alone, and then asks about one input at a time, unless told otherwise.
    module.zoom = lambda points, zoom: points
    wrapped = art_classifier(net)
    predict = wrapped.predict
    wrapped.predict = lambda points, batch_size=1, **others: predict(points, batch_size=256, **others)
    attack = ZooAttack(wrapped, max_iter=rounds, binary_search_steps=searches, initial_const=1.0,
                       learning_rate=0.05, use_resize=False, use_importance=False, nb_parallel=coordinates, verbose=False,
                       abort_early=False, variable_h=0.001)
    budget = searches * rounds * coordinates * 2
    found, result, _ = ours(net, "l2:1000", "zoo", budget, "--searches", searches, "--coordinates", coordinates,
                            "--constant", 1, "--learning-rate", 0.05)
    points, seconds = timed(lambda: attack.generate(net.inputs.numpy(), net.labels.numpy()))
    theirs = judge(net, points, "l2")
    table.median("zoo l2", net, found, theirs, (result["seconds"], seconds), "ART")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=250)
    parser.add_argument("--networks", nargs="*", default=MNIST + CIFAR)
    parser.add_argument("--only", nargs="*", default=["square", "torchattacks", "spsa", "nes", "bandits", "simba", "zoo"])
    parser.add_argument("--norms", nargs="*", default=["linf", "l2", "l1"])
    parser.add_argument("--autoattack", type=pathlib.Path)
    parser.add_argument("--advertorch", type=pathlib.Path)
    parser.add_argument("--bandits", type=pathlib.Path)
    arguments = parser.parse_args()
    table = Table()
    for name in arguments.networks:
        net = network(name, arguments.count)
        if "square" in arguments.only:
            for norm in arguments.norms:
                square(table, net, norm, arguments.autoattack)
        if "torchattacks" in arguments.only:
            square_torchattacks(table, net, "linf")
        if "spsa" in arguments.only:
            spsa(table, net, arguments.advertorch)
        for kind in ("nes", "bandits"):
            if kind in arguments.only:
                for norm in {"linf", "l2"} & set(arguments.norms):
                    bandits(table, net, norm, arguments.bandits, nes=kind == "nes")
        if "simba" in arguments.only:
            for basis in ("pixel", "dct"):
                simba(table, net, basis)
        if "zoo" in arguments.only:
            zoo(table, net)
    table.finish()


main()
