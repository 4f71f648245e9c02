#!/usr/bin/env python3
"""Compares Gibbon's attributions with captum's, on published networks and their PyTorch twins.

    python3 -m venv .venv && .venv/bin/pip install -r Scripts/requirements-attribution.txt
    swift build -c release --product attribution-check
    .venv/bin/python Scripts/check-attribution.py [--program PATH] [--data ../shared/data]

Each map must agree within 1e-4 of its largest magnitude; SmoothGrad gets the same noise. Captum's integral is a sum over
points, whose error falls with their number, so it is taken of one example with ever more of them until it comes near enough.
Relevances are compared on chains of layers alone, since captum has no rule for sums of branches. The status is 1 if anything
differs.
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile
import warnings

import captum.attr
import numpy
import torch
from captum.attr._utils.lrp_rules import EpsilonRule
from torch import nn

BOUND = 1e-4
COUNT = 4


def wong2020():
    return nn.Sequential(
        nn.Conv2d(1, 16, 4, stride=2, padding=1), nn.ReLU(), nn.Conv2d(16, 32, 4, stride=2, padding=1), nn.ReLU(),
        nn.Flatten(), nn.Linear(1568, 100), nn.ReLU(), nn.Linear(100, 10))


def advertorch_lenet5():
    net = nn.Sequential()
    for name, layer in [
            ("conv1", nn.Conv2d(1, 32, 3, padding=1)), ("relu1", nn.ReLU()), ("pool1", nn.MaxPool2d(2)),
            ("conv2", nn.Conv2d(32, 64, 3, padding=1)), ("relu2", nn.ReLU()), ("pool2", nn.MaxPool2d(2)),
            ("flatten", nn.Flatten()), ("linear1", nn.Linear(3136, 200)), ("relu3", nn.ReLU()),
            ("linear2", nn.Linear(200, 10))]:
        net.add_module(name, layer)
    return net


class Block(nn.Module):
    """Two convolutions beside a way past them, which takes every other pixel and adds channels of zeros."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.relu2 = nn.ReLU()
        self.stride, self.added = stride, (outputs - inputs) // 2

    def forward(self, x):
        inner = self.bn2(self.conv2(self.relu1(self.bn1(self.conv1(x)))))
        past = nn.functional.pad(x[:, :, ::self.stride, ::self.stride], (0, 0, 0, 0, self.added, self.added))
        return self.relu2(inner + past)


class ResNet20(nn.Module):
    """The form of https://github.com/akamaster/pytorch_resnet_cifar10, by the names of its parameters."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        self.relu = nn.ReLU()
        self.layer1 = nn.Sequential(*[Block(16, 16, 1) for _ in range(3)])
        self.layer2 = nn.Sequential(Block(16, 32, 2), Block(32, 32, 1), Block(32, 32, 1))
        self.layer3 = nn.Sequential(Block(32, 64, 2), Block(64, 64, 1), Block(64, 64, 1))
        self.linear = nn.Linear(64, 10)

    def forward(self, x):
        x = self.relu(self.bn1(self.conv1(x)))
        return self.linear(self.layer3(self.layer2(self.layer1(x))).mean((2, 3)))


class Normalized(nn.Module):
    """A network behind the normalisation that its ONNX file contains."""

    def __init__(self, net, mean, deviation):
        super().__init__()
        self.net = net
        self.register_buffer("mean", torch.tensor(mean).view(1, -1, 1, 1))
        self.register_buffer("deviation", torch.tensor(deviation).view(1, -1, 1, 1))

    def forward(self, x):
        return self.net((x - self.mean) / self.deviation)


def twins(data):
    """Networks: name, ONNX file, twin, the module whose output Grad-CAM takes, inputs, whether it is a chain."""
    wong = wong2020()
    wong.load_state_dict(torch.load(data / "state-dicts/wong2020-mnist-fgsm.pth", map_location="cpu", weights_only=True))
    lenet = advertorch_lenet5()
    lenet.load_state_dict(
        torch.load(data / "state-dicts/mnist_lenet5_advtrained.pt", map_location="cpu", weights_only=True))
    thin = ResNet20()
    state = torch.load(data / "state-dicts/resnet20-12fca82f.th", map_location="cpu", weights_only=True)
    thin.load_state_dict({k.removeprefix("module."): v for k, v in state["state_dict"].items()})
    resnet = Normalized(thin, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
    cifar = numpy.fromfile(data / "cifar10/test_batch.bin", numpy.uint8).reshape(-1, 3073)[:COUNT, 1:]
    cifar = torch.from_numpy(cifar.reshape(-1, 3, 32, 32).astype(numpy.float32) / 255)
    digits = blobs()
    yield "wong2020", data / "models/mnist_fgsm_wong2020.onnx", wong.eval(), wong[3], digits, True
    yield "lenet5", data / "models/mnist_lenet5_adv_advertorch.onnx", lenet.eval(), lenet.relu2, digits, True
    yield ("resnet20", data / "models/cifar_resnet20_akamaster.onnx", resnet.eval(), thin.layer3[-1].relu2, cifar,
           False)


def blobs():
    """Strokes of ones on zeros, 28 x 28, blurred: not digits, but as sparse."""
    random = numpy.random.default_rng(3)
    images = numpy.zeros((COUNT, 1, 28, 28), numpy.float32)
    for image in images:
        for _ in range(3):
            row, column = random.integers(5, 20, 2)
            image[0, row:row + random.integers(2, 10), column:column + random.integers(2, 6)] = 1
    x = torch.from_numpy(images)
    return nn.functional.avg_pool2d(nn.functional.pad(x, (1, 1, 1, 1)), 3, 1)


def integrated(net, x, target, wanted):
    """Captum's integral for the first example with ever more points; as near to what is wanted as it comes."""
    best = None
    for count in (1024, 16384, 131072):
        maps = captum.attr.IntegratedGradients(net).attribute(
            x[:1], target=target[:1], n_steps=count, method="riemann_middle", internal_batch_size=256)
        far = difference(wanted[:1], maps.detach().numpy())
        if best is None or far.max() < best[0].max():
            best = (far, maps)
        if best[0].max() < BOUND:
            break
    return best[1]


def captum_maps(net, layer, x, target, found, methods):
    """Captum's map for each of Gibbon's methods."""
    for place, words in enumerate(methods):
        name = words.split(":")[0]
        if name == "gradient":
            yield captum.attr.Saliency(net).attribute(x, target=target, abs=False)
        elif name == "gradient-x-input":
            yield captum.attr.InputXGradient(net).attribute(x, target=target)
        elif name == "smoothgrad":
            noise = torch.from_numpy(found[f"noise{place}"])
            saliency = captum.attr.Saliency(net)
            yield torch.stack([
                saliency.attribute(x + 0.15 * noise[:, k], target=target, abs=False) for k in range(noise.shape[1])
            ]).mean(0)
        elif name == "integrated-gradients":
            yield integrated(net, x, target, found[f"map{place}"])
        elif name == "grad-cam":
            small = captum.attr.LayerGradCam(net, layer).attribute(x, target=target, relu_attributions=True)
            plane = nn.functional.interpolate(small, x.shape[2:], mode="bilinear", align_corners=False)
            yield plane.expand(-1, x.shape[1], -1, -1)
        elif name == "occlusion":
            channels = x.shape[1]
            yield captum.attr.Occlusion(net).attribute(
                x, sliding_window_shapes=(channels, 6, 6), strides=(channels, 4, 4), target=target, baselines=0)
        elif name == "lrp":
            for module in net.modules():
                # Captum has no rule for a change of shape, which its rule for layers does right.
                if isinstance(module, nn.Flatten):
                    module.rule = EpsilonRule()
            yield captum.attr.LRP(net).attribute(x, target=target)


def difference(mine, theirs):
    """By example, the largest difference as a share of the largest magnitude."""
    axes = tuple(range(1, mine.ndim))
    return numpy.abs(mine - theirs).max(axes) / numpy.maximum(numpy.abs(theirs).max(axes), 1e-12)


def main():
    root = pathlib.Path(__file__).resolve().parent.parent
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=root / ".build/release/attribution-check", type=pathlib.Path)
    parser.add_argument("--data", default=root.parent / "shared/data", type=pathlib.Path)
    arguments = parser.parse_args()
    if not arguments.data.exists():
        sys.exit(f"check-attribution: {arguments.data} is absent; expected published networks and data")
    warnings.filterwarnings("ignore", "Input Tensor|Setting ")
    wrong = False
    for name, path, net, layer, x, is_chain in twins(arguments.data):
        for parameter in net.parameters():
            parameter.requires_grad_(False)
        # Relevances are computed from gradients of parameters' layers in place.
        with torch.no_grad():
            target = net(x).argmax(1)
        methods = ["gradient", "gradient-x-input", "smoothgrad:samples=8,sigma=0.15",
                   "integrated-gradients:tolerance=1e-5,gradients=60000", "grad-cam",
                   "occlusion:window=6,stride=4"] + (["lrp:epsilon=1e-9"] if is_chain else [])
        with tempfile.TemporaryDirectory() as folder:
            inputs, maps = pathlib.Path(folder) / "in.npz", pathlib.Path(folder) / "out.npz"
            numpy.savez(inputs, x=x.numpy(), **{"class": target.numpy().astype(numpy.int64)})
            subprocess.run([arguments.program, path, inputs, maps, *methods], check=True)
            found = dict(numpy.load(maps))
        for place, (words, theirs) in enumerate(
                zip(methods, captum_maps(net, layer, x, target, found, methods))):
            far = difference(found[f"map{place}"][:len(theirs)], theirs.detach().numpy())
            is_right = far.max() < BOUND
            wrong = wrong or not is_right
            print(f"{name:9} {words.split(':')[0]:21} {far.max():.1e} {'' if is_right else 'WRONG'}", flush=True)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
