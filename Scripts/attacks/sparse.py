"""Attacks on few pixels, and along the boundary, against torchattacks, Foolbox, ART and adv-lib (needs numba).

Where ours puts pixels back by forward passes, the other library gets as many more steps.
"""

import argparse
import math

import foolbox
import torch
import torchattacks
from adv_lib.attacks import fmn, sigma_zero

from common import CIFAR, MNIST, Table, art_classifier, gibbon, judge, network, timed

#: A radius that no change exceeds, for medians of the nearest point.
ANY = {"l0": 1024, "l1": 3072, "l2": 60, "linf": 1}


def some(net, keep):
    """The network with some of its examples."""
    places = torch.nonzero(keep).flatten()
    copy = type(net)(**vars(net))
    copy.inputs, copy.labels = net.inputs[places], net.labels[places]
    copy.index = [net.index[place] for place in places]
    return copy


def jsma(table, net):
    """Targeted at class 0, a tenth of the pixels at most, values raised by their whole range."""
    net = some(net, net.labels != 0)
    pixels = net.inputs[0, 0].numel()
    radius = math.ceil(pixels * 0.1)
    ours, result = gibbon(net, f"l0:{radius}", "jsma", "--target", 0, "--target-classes", 1)
    attack = torchattacks.JSMA(net.model, theta=1.0, gamma=0.1)
    attack.set_mode_targeted_by_label(quiet=True)
    points, seconds = timed(lambda: attack(net.inputs, torch.zeros_like(net.labels)))
    with torch.no_grad():
        reached = net.model(points).argmax(1) == 0
    theirs = judge(net, points, "l0", radius)
    theirs = torch.where(reached, theirs, torch.inf)
    ours = torch.where(ours <= radius, ours, torch.inf)
    table.success("jsma to 0", net, ours, theirs, (result["seconds"], seconds), "torchattacks")

    from art.attacks.evasion import SaliencyMapMethod

    attack = SaliencyMapMethod(art_classifier(net), theta=1.0, gamma=0.1, verbose=False)
    targets = torch.nn.functional.one_hot(torch.zeros_like(net.labels), 10).numpy()
    points, seconds = timed(lambda: attack.generate(net.inputs.numpy(), targets))
    with torch.no_grad():
        reached = net.model(torch.as_tensor(points)).argmax(1) == 0
    theirs = torch.where(reached, judge(net, points, "l0", radius), torch.inf)
    table.success("jsma to 0", net, ours, theirs, (result["seconds"], seconds), "art")


def sigma(table, net, steps=100):
    ours, result = gibbon(net, "l0:1024", "sigma-zero", "--steps", steps, "--reduction", 100)
    points, seconds = timed(lambda: sigma_zero(net.model, net.inputs, net.labels, num_steps=steps + 50))
    table.median(f"sigma-zero {steps}", net, ours, judge(net, points, "l0"), (result["seconds"], seconds), "adv-lib")


def sparsefool(table, net):
    attack = torchattacks.SparseFool(net.model, steps=20)
    points, seconds = timed(lambda: attack(net.inputs, net.labels))
    for norm in ("l1", "l0"):
        ours, result = gibbon(net, f"{norm}:{ANY[norm]}", "sparsefool", "--steps", 20)
        theirs = judge(net, points, norm)
        table.median(f"sparsefool {norm}", net, ours, theirs, (result["seconds"], seconds), "torchattacks")


def onepixel(table, net, pixels=3, steps=20, population=100):
    ours, result = gibbon(
        net, f"l0:{pixels}", "one-pixel", "--population", population, "--steps", steps)
    attack = torchattacks.OnePixel(net.model, pixels=pixels, steps=steps, popsize=population)
    points, seconds = timed(lambda: attack(net.inputs, net.labels))
    theirs = judge(net, points, "l0", pixels)
    table.success("one-pixel (3)", net, ours, theirs, (result["seconds"], seconds), "torchattacks")


def pointwise(table, net):
    ours, result = gibbon(net, "l0:1024", "pointwise", "--queries", 4000)
    model = foolbox.PyTorchModel(net.model, bounds=(0, 1), device="cpu")
    attack = foolbox.attacks.PointwiseAttack(l2_binary_search=False)
    points, seconds = timed(lambda: attack.run(model, net.inputs, net.labels))
    table.median("pointwise", net, ours, judge(net, points, "l0"), (result["seconds"], seconds), "foolbox")


def boundary(table, net, steps=50):
    model = foolbox.PyTorchModel(net.model, bounds=(0, 1), device="cpu")
    attacks = {
        "l2": foolbox.attacks.L2BrendelBethgeAttack, "linf": foolbox.attacks.LinfinityBrendelBethgeAttack,
        "l1": foolbox.attacks.L1BrendelBethgeAttack, "l0": foolbox.attacks.L0BrendelBethgeAttack}
    for norm, kind in attacks.items():
        ours, result = gibbon(
            net, f"{norm}:{ANY[norm]}", "brendel-bethge", "--steps", steps, "--reduction", 100)
        extra = 110 if norm == "l0" else 60
        try:
            points, seconds = timed(lambda: kind(steps=steps + extra).run(model, net.inputs, net.labels))
        except (AssertionError, RuntimeError, ValueError) as error:
            print(f"foolbox fails for {norm}: {error!r}", flush=True)
            continue
        table.median(
            f"brendel-bethge {norm}", net, ours, judge(net, points, norm), (result["seconds"], seconds), "foolbox")


def carlini_wagner(table, net, steps=100, searches=5):
    """ART takes out one pixel at a time, but for no more rounds than a picture has channels and one; each of its steps is
    a search along a line of up to ten forward passes."""
    from art.attacks.evasion import CarliniL0Method

    options = ("--steps", steps, "--constants", searches, "--constant", 0.01, "--rate", 0.05)
    ours, result = gibbon(net, "l0:1024", "cw", *options)
    attack = CarliniL0Method(art_classifier(net), max_iter=steps // 5, binary_search_steps=searches, initial_const=0.01,
                             batch_size=len(net.inputs), verbose=False)
    labels = torch.nn.functional.one_hot(net.labels, 10).numpy()
    points, seconds = timed(lambda: attack.generate(net.inputs.numpy(), labels))
    table.median("cw l0", net, ours, judge(net, points, "l0"), (result["seconds"], seconds), "art")
    # ART's pixels are many, so ours is held against an attack of another kind too.
    points, seconds = timed(lambda: fmn(net.model, net.inputs, net.labels, norm=0, steps=1000))
    table.median("cw l0", net, ours, judge(net, points, "l0"), (result["seconds"], seconds), "adv-lib's FMN, 1000",
                 tolerance=0.5)


KINDS = {"cw": carlini_wagner, "jsma": jsma, "sigma": sigma, "sparsefool": sparsefool, "onepixel": onepixel,
         "pointwise": pointwise, "boundary": boundary}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=220)
    parser.add_argument("--networks", nargs="+", default=MNIST + CIFAR)
    parser.add_argument("--kinds", nargs="+", default=list(KINDS), choices=list(KINDS))
    arguments = parser.parse_args()
    torch.manual_seed(0)
    table = Table()
    for name in arguments.networks:
        net = network(name, arguments.count)
        for kind in arguments.kinds:
            KINDS[kind](table, net)
    table.finish()


main()
