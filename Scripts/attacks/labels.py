"""Attacks from labels against Foolbox, ART and, for RayS, the authors' code, at equal numbers of queries.

Foolbox and ART run first; how many queries an example took is counted in front of the model, without those that found
their starting points, and ours gets as many, its start included. For RayS the file RayS.py of
https://github.com/uclaml/RayS is needed.
"""

import argparse
import contextlib
import importlib.util
import io
import sys

import numpy
import torch

from common import CIFAR, MNIST, Network, Table, art_classifier, gibbon, judge, network, timed

NORMS = {"linf": numpy.inf, "l2": 2}
#: Radii at which a search of the nearest point never ends early.
ALL = {"linf": 1e-9, "l2": 1e-9, "l1": 1e-9}


class Counting(torch.nn.Module):
    """A network that counts how many examples it was asked about."""

    def __init__(self, model):
        super().__init__()
        self.model, self.examples = model, 0

    def forward(self, x):
        self.examples += len(x)
        with torch.no_grad():
            return torch.cat([self.model(part) for part in x.split(256)])


def first(net, count):
    """The first examples only, since peers are slow."""
    return Network(net.name, net.model, net.inputs[:count], net.labels[:count], net.index[:count], net.index[count - 1] + 1)


def foolbox_run(net, attack, norm):
    """The points that an attack of Foolbox finds, and how many queries each took after its start."""
    import foolbox

    bounds = (0, 1)
    plain = foolbox.PyTorchModel(net.model, bounds=bounds, device="cpu")
    torch.manual_seed(0)
    numpy.random.seed(0)
    start = foolbox.attacks.LinearSearchBlendedUniformNoiseAttack(steps=50)
    begin = start.run(plain, net.inputs, foolbox.criteria.Misclassification(net.labels))
    counting = Counting(net.model)
    counted = foolbox.PyTorchModel(counting, bounds=bounds, device="cpu")
    with torch.no_grad():
        reached = plain(begin).argmax(-1) != net.labels
    # Foolbox refuses all if one has no start; those are left out and count as not broken.
    found = net.inputs.clone()
    points = attack.run(
        counted, net.inputs[reached], foolbox.criteria.Misclassification(net.labels[reached]), starting_points=begin[reached])
    found[reached] = points
    return judge(net, found, norm), counting.examples // int(reached.sum())


def hop_skip_jump(table, net, norm, steps):
    import foolbox

    attack = foolbox.attacks.HopSkipJumpAttack(steps=steps, constraint="linf" if norm == "linf" else "l2")
    (theirs, queries), seconds = timed(lambda: foolbox_run(net, attack, norm))
    compare(table, "hop-skip-jump", net, norm, queries, theirs, seconds, "Foolbox")


def boundary(table, net, steps):
    import foolbox

    attack = foolbox.attacks.BoundaryAttack(steps=steps)
    (theirs, queries), seconds = timed(lambda: foolbox_run(net, attack, "l2"))
    compare(table, "boundary", net, "l2", queries, theirs, seconds, "Foolbox")


def art_run(net, make, norm):
    # ART 1 calls this function by the name that it had before NumPy 2.
    numpy.mat = numpy.asmatrix
    counting = Counting(net.model)
    numpy.random.seed(0)
    attack = make(art_classifier(net, counting))
    points = attack.generate(net.inputs.numpy(), net.labels.numpy())
    return judge(net, points, norm), counting.examples // len(net.inputs)


def art(table, name, net, norm, make):
    (theirs, queries), seconds = timed(lambda: art_run(net, make, norm))
    compare(table, name, net, norm, queries, theirs, seconds, "ART")


def rays(table, net, queries, path):
    """The authors' code asks for a GPU in some lines; here these have no effect."""
    torch.Tensor.cuda = lambda self, *_, **__: self
    # It imports a progress bar.
    bar = type(sys)("pgbar")
    bar.progress_bar = lambda *_, **__: None
    sys.modules["pgbar"] = bar
    specification = importlib.util.spec_from_file_location("rays_authors", path)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)

    class Labels:
        def predict_label(self, x):
            with torch.no_grad():
                return net.model(x).argmax(1)

    def run():
        with contextlib.redirect_stdout(io.StringIO()):
            return module.RayS(Labels(), epsilon=0.0)(net.inputs, net.labels, query_limit=queries)[0]

    points, seconds = timed(run)
    compare(table, "rays", net, "linf", queries, judge(net, points, "linf"), seconds, "the authors")


def compare(table, attack, net, norm, queries, theirs, seconds, against):
    ours, result = gibbon(net, f"{norm}:{ALL[norm]}", attack, "--queries", queries)
    table.median(
        f"{attack} {norm} {queries}", net, ours, theirs, (result["seconds"], seconds), against)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--slow-count", type=int, default=50, help="examples for peers that ask one by one")
    parser.add_argument("--networks", nargs="*", default=MNIST + CIFAR)
    parser.add_argument(
        "--attacks", nargs="*", default=["hop-skip-jump", "boundary", "geoda", "sign-opt", "rays"])
    parser.add_argument("--steps", type=int, default=28, help="HopSkipJump's; 28 are about 10,000 queries")
    parser.add_argument("--queries", type=int, default=1000, help="for the others")
    parser.add_argument("--norms", nargs="*", default=["l2", "linf"])
    parser.add_argument("--rays", help="the authors' RayS.py")
    arguments = parser.parse_args()
    table = Table()
    for name in arguments.networks:
        net = network(name, arguments.count)
        few = first(net, min(arguments.slow_count, len(net.index)))
        if "hop-skip-jump" in arguments.attacks:
            for norm in arguments.norms:
                hop_skip_jump(table, net, norm, arguments.steps)
        if "boundary" in arguments.attacks:
            boundary(table, net, arguments.queries)
        if "geoda" in arguments.attacks:
            from art.attacks.evasion import GeoDA

            for norm in arguments.norms:
                art(table, "geoda", few, norm, lambda model: GeoDA(
                    model, norm=NORMS[norm], max_iter=arguments.queries, verbose=False))
        if "sign-opt" in arguments.attacks:
            from art.attacks.evasion import SignOPTAttack

            art(table, "sign-opt", few, "l2", lambda model: SignOPTAttack(
                model, targeted=False, query_limit=arguments.queries, eval_perform=False, verbose=False))
        if "rays" in arguments.attacks and arguments.rays:
            rays(table, net, arguments.queries, arguments.rays)
    table.finish()


main()
