"""A picture under every corruption that draws nothing, by imagecorruptions and the code of CIFAR-10-C and MNIST-C
(requirements-corruptions.txt).

The environment names checkouts: ROBUSTNESS of hendrycks/robustness, MNIST_C of google-research/mnist-c.
"""

import os
import pathlib

import corruption_references as references
import numpy
from PIL import Image

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "Tests" / "Fixtures" / "corruptions"


def picture(height, width, channels):
    """Waves, a bright square and a dark one: smooth parts, edges, saturated and grey colours."""
    y, x, c = numpy.meshgrid(numpy.arange(height), numpy.arange(width), numpy.arange(channels), indexing="ij")
    values = 110 + 70 * numpy.sin(0.31 * x + 2 * c) * numpy.cos(0.23 * y - c) + 30 * numpy.sin(1.7 * (x + y))
    values[height // 4 : height // 2, width // 3 : width // 2] = 250
    values[height // 2 : height * 3 // 4, width // 2 : width * 3 // 4] = [5, 9, 3][:channels]
    values[:4, :4] = 128
    return numpy.clip(numpy.rint(values), 0, 255).astype(numpy.uint8)


def digit():
    """Something like a digit: a ring with a stroke, on black, with soft sides."""
    y, x = numpy.mgrid[:28, :28]
    ring = numpy.abs(numpy.hypot(x - 13, y - 10) - 5)
    stroke = numpy.where((y > 8) & (y < 24), numpy.abs(x - 17 + (y - 16) / 4), 9)
    return numpy.rint(255 * numpy.clip(2.2 - numpy.minimum(ring, stroke), 0, 1)).astype(numpy.uint8)


def corruptions():
    """For each corruption one picture with its severities one below the other."""
    robustness, mnist_c = (pathlib.Path(os.environ[name]).resolve() for name in ("ROBUSTNESS", "MNIST_C"))
    photograph, small, grey = picture(40, 48, 3), picture(32, 32, 3), digit()
    suites = [
        ("imagenet-c", photograph, references.imagenet(), references.FIXED),
        ("cifar10-c", small, references.cifar10(robustness), references.FIXED),
        ("mnist-c", grey, references.mnist(mnist_c), references.FIXED_DIGITS),
    ]
    for suite, clean, reference, names in suites:
        write(f"{suite}.png", clean)
        for name in names:
            severities = [1] if name in references.SINGLE else range(1, 6)
            write(f"{suite}-{name}.png", numpy.concatenate([reference(name, clean, severity) for severity in severities]))


def write(name, pixels):
    Image.fromarray(pixels).save(FOLDER / name, optimize=True)


MAKERS = {"corruptions": corruptions}
