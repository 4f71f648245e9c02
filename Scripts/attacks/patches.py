"""Patches against ART: one for each example, at a place and anywhere, and one for all examples.

What another library makes is placed and judged by our rule: only the patch's pixels may differ, and the PyTorch network
misclassifies.
"""

import argparse

import numpy
import torch
from art.attacks.evasion import AdversarialPatchPyTorch, ProjectedGradientDescentPyTorch

from common import CIFAR, MNIST, Table, art_classifier, gibbon, network, timed

#: Sides in pixels of patches that break some examples, alone and as one for all.
SIDES = {"mnist_lenet5_cln_advertorch": (7, 9), "mnist_fgsm_wong2020": (7, 9), "cifar_cnn_a_mix_sdp": (5, 8),
         "cifar_resnet20_akamaster": (3, 6)}


def wrong(net, points, labels):
    with torch.no_grad():
        return net.model(points).argmax(1) != labels


def placed(inputs, patch, rows, columns):
    """The inputs with a patch, each at its place."""
    side = patch.shape[-1]
    points = inputs.clone()
    for point, row, column in zip(points, rows, columns):
        point[:, row : row + side, column : column + side] = patch
    return points


def broken(net, side, rows, columns, steps, step):
    """Which examples ART's PGD breaks with a patch for each at its place."""
    mask = torch.zeros_like(net.inputs)
    for part, row, column in zip(mask, rows, columns):
        part[:, row : row + side, column : column + side] = 1
    attack = ProjectedGradientDescentPyTorch(
        art_classifier(net), norm=numpy.inf, eps=1.0, eps_step=step, max_iter=steps, num_random_init=1, batch_size=256,
        verbose=False)
    points = torch.as_tensor(attack.generate(net.inputs.numpy(), net.labels.numpy(), mask=mask.numpy()))
    points = torch.where(mask > 0, points.clamp(0, 1), net.inputs)
    return wrong(net, points, net.labels)


def found(broken):
    return torch.where(broken, 0.0, torch.inf)


def alone(table, net, steps=40, step=0.1, tries=10):
    side, extent, count = SIDES[net.name][0], net.inputs.shape[-1], len(net.inputs)
    middle = (extent - side) // 2
    options = ("--steps", steps, "--step-size", step)
    ours, result = gibbon(net, f"patch:{side}px@{middle},{middle}", "pgd", *options)
    theirs, seconds = timed(lambda: broken(net, side, [middle] * count, [middle] * count, steps, step))
    table.success(f"patch {side} px, pgd", net, ours, found(theirs), (result["seconds"], seconds), "ART's PGD, masked")

    ours, result = gibbon(net, f"patch:{side}px", "pgd", *options, "--restarts", tries)
    theirs, seconds = torch.zeros(count, dtype=torch.bool), 0
    for _ in range(tries):
        rows, columns = numpy.random.randint(0, extent - side + 1, (2, count))
        more, time = timed(lambda: broken(net, side, rows, columns, steps, step))
        theirs, seconds = theirs | more, seconds + time
    table.success(f"patch {side} px, {tries} places", net, ours, found(theirs), (result["seconds"], seconds),
                  "ART's PGD, masked", tolerance=0.02)


def shared(table, net, epochs=60):
    """One patch from the first half of the examples, judged on the others; ART's is the better of its two optimisers."""
    side, extent = SIDES[net.name][1], net.inputs.shape[-1]
    middle = (extent - side) // 2
    seen = torch.tensor([index < net.count - net.count // 2 for index in net.index])
    labels = torch.nn.functional.one_hot(net.labels[seen], 10).float().numpy()
    for is_placed in (True, False):
        threat = f"patch:{side}px" + (f"@{middle},{middle}" if is_placed else "")
        _, result = gibbon(net, threat, "universal", "--epochs", epochs // 3, "--restarts", 3)
        best, total = 0, 0
        for optimizer, rate in [("Adam", 0.05), ("pgd", 0.05)]:
            where = {"patch_location": (middle, middle)} if is_placed else {
                "scale_min": side / extent, "scale_max": side / extent + 1e-6}
            attack = AdversarialPatchPyTorch(
                art_classifier(net), rotation_max=0, learning_rate=rate, max_iter=epochs, batch_size=64,
                patch_shape=(net.inputs.shape[1], side, side), patch_type="square", optimizer=optimizer, targeted=False,
                verbose=False, **where)
            (patch, _), seconds = timed(lambda: attack.generate(net.inputs[seen].numpy(), labels))
            rates = []
            for _ in range(1 if is_placed else 20):
                rows, columns = numpy.random.randint(0, extent - side + 1, (2, int((~seen).sum())))
                if is_placed:
                    rows[:], columns[:] = middle, middle
                points = placed(net.inputs[~seen], torch.as_tensor(patch).float().clamp(0, 1), rows, columns)
                rates.append(wrong(net, points, net.labels[~seen]).double().mean().item())
            best, total = max(best, numpy.mean(rates)), total + seconds
        rate = result["held_out_fooling_rate"]
        table.line(f"one patch {side} px, {'placed' if is_placed else 'anywhere'}", net, f"{100 * rate:.2f} %",
                   f"{100 * best:.2f} %", rate >= best - 0.01, (result["seconds"], total), "ART's patch, held-out examples")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=220)
    parser.add_argument("--networks", nargs="*", default=MNIST + CIFAR)
    parser.add_argument("--parts", nargs="*", default=["alone", "shared"])
    arguments = parser.parse_args()
    torch.manual_seed(0)
    numpy.random.seed(0)
    table = Table()
    for name in arguments.networks:
        net = network(name, arguments.count)
        if "alone" in arguments.parts:
            alone(table, net)
        if "shared" in arguments.parts:
            shared(table, net)
    table.finish()


main()
