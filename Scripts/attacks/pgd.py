"""PGD and FGSM against torchattacks and Foolbox."""

import argparse

import torchattacks

from common import CIFAR, MNIST, Table, gibbon, judge, network, timed


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=200)
    arguments = parser.parse_args()
    table = Table()
    for name in MNIST + CIFAR:
        net = network(name, arguments.count)
        radius = 0.2 if name in MNIST else 2 / 255
        ours, result = gibbon(net, f"linf:{radius}", "pgd", "--steps", 40, "--step-size", radius / 10)
        attack = torchattacks.PGD(net.model, eps=radius, alpha=radius / 10, steps=40, random_start=True)
        points, seconds = timed(lambda: attack(net.inputs, net.labels))
        table.success("pgd", net, ours, judge(net, points, "linf", radius), (result["seconds"], seconds), "torchattacks")
    table.finish()


main()
