"""Threats beyond balls: what our changes are, against PyTorch's, torchvision's and SciPy's; attacks on them against
Foolbox, torchattacks and ART."""

import argparse
import pathlib
import subprocess
import sys
import tempfile

import foolbox
import numpy
import scipy.ndimage
import torch
import torchattacks
import torchvision.transforms.functional as vision

from common import CIFAR, GIBBON, MNIST, Table, art_classifier, gibbon, judge, network, size, timed


def saved(net, threat, attack, *options):
    """The file of the witnesses: the inputs, the changed inputs and their parameters."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "found.npz"
        command = [str(GIBBON), "attack", str(net.path), "--data", net.data, "--threat", threat, "--count",
                   str(net.count), "--attack", attack, "--save", str(path), *map(str, options)]
        run = subprocess.run(command, capture_output=True, text=True)
        if run.returncode != 0:
            sys.exit(f"{' '.join(command)}\n{run.stderr}")
        with numpy.load(path) as file:
            return {name: file[name] for name in file.files}


def seen_at(x, rows, columns, padding):
    """A picture read at positions in pixels by PyTorch's grid_sample."""
    height, width = x.shape[-2:]
    grid = torch.stack([2 * columns / (width - 1) - 1, 2 * rows / (height - 1) - 1], -1)
    return torch.nn.functional.grid_sample(
        x[None].double(), grid[None], mode="bilinear", padding_mode=padding, align_corners=True)[0]


def places(x):
    height, width = x.shape[-2:]
    return torch.meshgrid(torch.arange(height).double(), torch.arange(width).double(), indexing="ij")


def rotated_and_shifted(x, z):
    """First turned counter-clockwise, then moved down and to the right."""
    rows, columns = places(x)
    middle = (x.shape[1] - 1) / 2, (x.shape[2] - 1) / 2
    angle = numpy.deg2rad(float(z[0]))
    down, across = rows - middle[0] - float(z[1]), columns - middle[1] - float(z[2])
    return seen_at(x, middle[0] + numpy.cos(angle) * down + numpy.sin(angle) * across,
                   middle[1] - numpy.sin(angle) * down + numpy.cos(angle) * across, "zeros")


def flowed(x, z):
    rows, columns = places(x)
    return seen_at(x, rows + torch.tensor(z[0]).double(), columns + torch.tensor(z[1]).double(), "border")


def blurred(x, z):
    sigma = float(z[0])
    return torch.tensor(scipy.ndimage.gaussian_filter(x.double().numpy(), (0, sigma, sigma), truncate=6))


REFERENCES = [
    ("rotation:30+shift:3", rotated_and_shifted, "torch grid_sample"),
    ("flow:2", flowed, "torch grid_sample"),
    ("blur:6", blurred, "scipy gaussian_filter"),
    ("brightness:0.9", lambda x, z: (x + float(z[0])).clamp(0, 1), "the formula"),
    ("contrast:1", lambda x, z: 0.5 + (1 + float(z[0])) * (x - 0.5), "the formula"),
    ("fog:1", lambda x, z: (1 - float(z[0])) * x + float(z[0]), "the formula"),
    ("hue:180", lambda x, z: vision.adjust_hue(x, float(z[0]) / 360), "torchvision adjust_hue"),
    ("saturation:1", lambda x, z: vision.adjust_saturation(x, 1 + float(z[0])), "torchvision adjust_saturation"),
]


def compare_changes(net, table):
    """The largest difference of a changed input from the reference's, over all witnesses of random draws."""
    for threat, change, against in REFERENCES:
        if net.inputs.shape[1] != 3 and threat.startswith(("hue", "saturation")):
            continue
        found = saved(net, threat, "random", "--samples", 50)
        worst = 0
        for x, changed, z in zip(found["x"], found["witness"], found["parameters"]):
            expected = change(torch.tensor(x), z).clamp(0, 1).double()
            worst = max(worst, (expected - torch.tensor(changed).double()).abs().max().item())
        table.line(f"{threat} ({len(found['x'])})", net, f"{worst:.1e}", "1e-3", len(found["x"]) > 0 and worst < 1e-3, (0, 0),
                   against)


def compare_attacks(net, table):
    bound = foolbox.PyTorchModel(net.model, bounds=(0, 1))
    side = net.inputs.shape[-1]
    # Foolbox moves first and then turns; its pixels are (n - 1) / n of one.
    threat = f"shift:{3 * (side - 1) / side}+rotation:30"
    for name, options, theirs in [
        ("grid", ("--values", 5), dict(grid_search=True, num_translations=5, num_rotations=5)),
        ("random", ("--samples", 100), dict(grid_search=False, random_steps=100)),
    ]:
        ours, result = gibbon(net, threat, name, *options)
        attack = foolbox.attacks.SpatialAttack(max_translation=3, max_rotation=30, **theirs)
        (points, _, _), seconds = timed(lambda: attack(bound, net.inputs, net.labels))
        with torch.no_grad():
            wrong = net.model(points).argmax(1) != net.labels
        table.success(f"{name} {threat[:7]}...", net, ours, torch.where(wrong, 1.0, torch.inf),
                      (result["seconds"], seconds), "Foolbox SpatialAttack", tolerance=0.01 if name == "grid" else 0.03)
    grid, _ = gibbon(net, "rotation:30+shift:3", "grid", "--values", 11)
    climb, result = gibbon(net, "rotation:30+shift:3", "pgd", "--steps", 50, "--restarts", 10, "--objective", "margin")
    table.success("pgd rotation+shift", net, climb, grid, (result["seconds"], 0), "our grid of 1331", tolerance=0.1)

    labels = net.labels
    for threat, attack in [
        ("blur", foolbox.attacks.GaussianBlurAttack(distance=foolbox.distances.l2, steps=1000)),
        ("contrast", foolbox.attacks.LinearSearchContrastReductionAttack(distance=foolbox.distances.l2, steps=1000)),
    ]:
        subset = slice(0, 60)
        options = ("--steps", 1000)
        found = saved(net, threat, "boundary-search", *options)
        own = dict(zip(found["index"].tolist(), size(torch.tensor(found["witness"] - found["x"]), "l2").tolist()))
        ours = torch.tensor([own.get(index, float("inf")) for index in net.index[subset]]).double()
        (points, _, _), seconds = timed(
            lambda: attack(bound, net.inputs[subset], labels[subset], epsilons=None))
        with torch.no_grad():
            wrong = net.model(points).argmax(1) != labels[subset]
        theirs = torch.where(wrong, size(points - net.inputs[subset], "l2"), torch.inf)
        table.median(f"boundary-search {threat}", net, ours, theirs, (0, seconds), "Foolbox, median L2")


def compare_transfer(net, other, radius, table):
    own, result = gibbon(net, f"linf:{radius}", "pgd", "--steps", 40, "--step-size", radius / 10, "--surrogate", other.path)
    attack = torchattacks.PGD(other.model, eps=radius, alpha=radius / 10, steps=40)
    points, seconds = timed(lambda: attack(net.inputs, net.labels))
    table.success("transfer pgd", net, own, judge(net, points, "linf", radius), (result["seconds"], seconds), other.name,
                  tolerance=0.03)


def compare_universal(net, radius, table):
    from art.attacks.evasion import UniversalPerturbation

    _, result = gibbon(net, f"linf:{radius}", "universal", "--epochs", 20)
    half = net.count - net.count // 2
    seen = torch.tensor([index < half for index in net.index])
    attack = UniversalPerturbation(
        art_classifier(net), attacker="fgsm", attacker_params={"eps": radius}, eps=radius, max_iter=5, norm=numpy.inf,
        verbose=False)
    _, seconds = timed(lambda: attack.generate(net.inputs[seen].numpy()))
    noise = torch.tensor(attack.noise).float().reshape(1, *net.inputs.shape[1:]).clamp(-radius, radius)
    points = (net.inputs[~seen] + noise).clamp(0, 1)
    with torch.no_grad():
        wrong = (net.model(points).argmax(1) != net.labels[~seen]).double().mean().item()
    rate = result["held_out_fooling_rate"]
    table.line("universal", net, f"{100 * rate:.2f} %", f"{100 * wrong:.2f} %", rate >= wrong - 0.01,
               (result["seconds"], seconds), "ART, held-out examples")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--networks", nargs="*", default=MNIST + CIFAR)
    parser.add_argument("--parts", nargs="*", default=["changes", "attacks", "transfer", "universal"])
    arguments = parser.parse_args()
    table = Table()
    for name in arguments.networks:
        net = network(name, arguments.count)
        family = MNIST if name in MNIST else CIFAR
        radius = 0.2 if family is MNIST else 8 / 255
        if "changes" in arguments.parts:
            compare_changes(net, table)
        if "attacks" in arguments.parts:
            compare_attacks(net, table)
        if "transfer" in arguments.parts:
            other = next(other for other in family if other != name)
            compare_transfer(net, network(other, 1), radius, table)
        if "universal" in arguments.parts:
            compare_universal(net, radius, table)
    table.finish()


main()
