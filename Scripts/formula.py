"""Networks whose weights come from a formula, so that no file has to carry them.

The same numbers are made in Swift by Tests/NetworksTests/FormulaWeights.swift. Exactly:

  bits(seed, i)   the i-th output (from 0) of SplitMix64 started at `seed`, all modulo 2^64:
                      z = seed + (i + 1) * 0x9E3779B97F4A7C15
                      z = (z xor (z >> 30)) * 0xBF58476D1CE4E5B9
                      z = (z xor (z >> 27)) * 0x94D049BB133111EB
                      z = z xor (z >> 31)
  u(seed, i)      (bits(seed, i) >> 40) / 2^24, a 24-bit uniform in [0, 1)

  Value i (row-major) of the parameter number p = 0, 1, 2, ... (weight, bias, weight, bias, ...) of the network
  number n (1: madry, 2: wong) has seed = 1000 p + n and is

      float32((1 / sqrt(fan_in)) * ((u - 0.5) * 2))

  computed in double precision in that order and rounded once at the end. fan_in is that of the layer, for its
  bias too: input channels x kernel height x kernel width, or input features. Shapes are PyTorch's: a convolution
  has [out, in, height, width], a linear layer [out, in].

  Image number k of the network n is 1x28x28; its value i (row-major) is u(99000 + n, 784 k + i), in [0, 1) and
  exact in float32.

The fixtures and the benchmark use eight images per network, those of `IMAGES`: at the j-th of them (j = 0...7, label
(3 j + 1) mod 10) every ReLU input and every maximum of a pooling window is at least `MARGIN` away from the kink, so
that rounding cannot switch a unit and gradients in float32 can be compared with those in float64.
"""

import numpy as np
import torch
from torch import nn

NUMBER = {"madry": 1, "wong": 2}
IMAGES = {
    "madry": [4, 21, 38, 58, 60, 61, 67, 73],
    "wong": [0, 1, 3, 4, 5, 6, 7, 8],
}
MARGIN = 1e-5
LABELS = [(3 * j + 1) % 10 for j in range(8)]


def uniforms(seed, start, count):
    """u(seed, start), u(seed, start + 1), ... as doubles."""
    with np.errstate(over="ignore"):
        i = np.arange(start + 1, start + count + 1, dtype=np.uint64)
        z = np.uint64(seed) + i * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return (z >> np.uint64(40)).astype(np.float64) / 2.0**24


def parameter(number, network, shape, fan_in):
    """A parameter as a float32 tensor."""
    u = uniforms(1000 * number + NUMBER[network], 0, int(np.prod(shape)))
    values = (1.0 / np.sqrt(np.float64(fan_in))) * ((u - 0.5) * 2.0)
    return torch.from_numpy(values.astype(np.float32).reshape(shape))


def image(number, network):
    """An image as a 1x28x28 float32 tensor."""
    u = uniforms(99000 + NUMBER[network], 784 * number, 784)
    return torch.from_numpy(u.astype(np.float32).reshape(1, 28, 28))


def images(network):
    """The eight images of a network and their labels."""
    return torch.stack([image(k, network) for k in IMAGES[network]]), torch.tensor(LABELS)


def architecture(network):
    """The layers, with weights that are not the formula's yet."""
    if network == "madry":
        return nn.Sequential(
            nn.Conv2d(1, 32, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(32, 64, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(), nn.Linear(3136, 1024), nn.ReLU(), nn.Linear(1024, 10))
    return nn.Sequential(
        nn.Conv2d(1, 16, 4, stride=2, padding=1), nn.ReLU(),
        nn.Conv2d(16, 32, 4, stride=2, padding=1), nn.ReLU(),
        nn.Flatten(), nn.Linear(1568, 100), nn.ReLU(), nn.Linear(100, 10))


def model(network):
    """The network in float32 with the formula's weights."""
    result = architecture(network)
    number = 0
    with torch.no_grad():
        for layer in result:
            if isinstance(layer, (nn.Conv2d, nn.Linear)):
                fan_in = layer.weight[0].numel()
                for tensor in (layer.weight, layer.bias):
                    tensor.copy_(parameter(number, network, tuple(tensor.shape), fan_in))
                    number += 1
    return result
