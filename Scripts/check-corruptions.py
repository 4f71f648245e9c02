"""Compares corrupted pictures with those of other programs: imagecorruptions, and the code that made CIFAR-10-C and MNIST-C.

    python3 -m venv .venv && .venv/bin/pip install -r Scripts/requirements-corruptions.txt
    .venv/bin/pip install --no-deps imagecorruptions==1.1.2
    .venv/bin/python Scripts/check-corruptions.py [--gibbon PATH] [--robustness FOLDER] [--mnist-c FOLDER] [--speed]

FOLDER is a checkout of hendrycks/robustness or google-research/mnist-c; without one, its suite is left out. imagecorruptions
wants a package of OpenCV with windows; the one without that is pinned does as well.

What draws nothing must agree in every value within 1/255. What draws is compared over many draws: the mean, the standard
deviation of what was changed, and its spectrum in six bands from coarse to fine. The status is 1 if anything is beyond
its tolerance. --speed also measures how long both take for pictures as those of CIFAR-10.
"""

import argparse
import contextlib
import io
import math
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import warnings

import corruption_references as references
import numpy as np
import skimage.data
from corruption_references import COMMON, DIGITS, FIXED, FIXED_DIGITS, SINGLE
from PIL import Image

warnings.simplefilter("ignore")

# Levels of the mean, shares of the deviation, decibels of each band.
TOLERANCES = {"mean": 2.0, "deviation": 0.05, "spectrum": 1.0}
# Frost is drawn, not photographed: its mean and its variance are asked for, in shares of the photographs', on black.
FROST = 0.1


def photographs(side):
    """A few photographs of scikit-image, as large as asked."""
    found = []
    for name in ("astronaut", "chelsea", "coffee", "rocket"):
        picture = Image.fromarray(getattr(skimage.data, name)())
        short = min(picture.size)
        picture = picture.resize((picture.width * side // short, picture.height * side // short), Image.BILINEAR)
        found.append(np.asarray(picture)[:side, :side])
    return found


def patches(count):
    """Small pictures cut from photographs."""
    sources, random, found = photographs(96), np.random.default_rng(0), []
    for index in range(count):
        y, x = random.integers(0, 64, 2)
        found.append(sources[index % len(sources)][y : y + 32, x : x + 32])
    return found


def digits(gibbon, count):
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/x.npz"
        subprocess.run(
            [gibbon, "predict", "mnist-standard", "--count", str(count), "--output", path], check=True, stdout=subprocess.DEVNULL
        )
        return [np.rint(x[0] * 255).astype(np.uint8) for x in np.load(path)["x"]]


def corrupted(gibbon, pictures, name, severity, suite, seed=0):
    """What Gibbon makes of pictures, as arrays of the same form."""
    with tempfile.TemporaryDirectory() as folder:
        x = np.stack([p[None] if p.ndim == 2 else p.transpose(2, 0, 1) for p in pictures])
        np.savez(f"{folder}/in.npz", x=x, y=np.zeros(len(x), int))
        subprocess.run(
            [gibbon, "corrupt", f"npz:{folder}/in.npz", "--corruption", name, "--severity", str(severity), "--suite", suite,
             "--seed", str(seed), "--output", f"{folder}/out.npz"],
            check=True, stdout=subprocess.DEVNULL,
        )
        made = np.load(f"{folder}/out.npz")["x"]
    return [x[0] if pictures[0].ndim == 2 else x.transpose(1, 2, 0) for x in made]


def bands(changes):
    """The power of what was changed in six bands of frequency, in decibels."""
    height, width = changes[0].shape[:2]
    y, x = np.meshgrid(np.fft.fftfreq(height), np.fft.fftfreq(width), indexing="ij")
    radius = np.hypot(x, y)
    edges = [0, 0.04, 0.08, 0.14, 0.22, 0.34, 1]
    power = np.mean(
        [np.abs(np.fft.fft2((c if c.ndim == 2 else c.mean(-1)))) ** 2 / (height * width) for c in changes], axis=0
    )
    found = [power[(radius > low) & (radius <= high)].mean() for low, high in zip(edges, edges[1:])]
    # What is below a hundredth of a level in the mean is rounding.
    return 10 * np.log10(np.maximum(found, 1e-2))


class Check:
    def __init__(self):
        self.failures = []

    def line(self, good, text):
        print(("ok    " if good else "WRONG ") + text, flush=True)
        if not good:
            self.failures.append(text)

    def fixed(self, suite, name, severity, found, expected):
        worst = max(int(np.abs(a.astype(int) - b.astype(int)).max()) for a, b in zip(found, expected))
        differ = np.mean([np.mean(a != b) for a, b in zip(found, expected)])
        self.line(worst <= 1, f"{suite} {name} {severity}: at most {worst}/255, {differ:.2%} of the values differ")

    def drawn(self, suite, name, severity, clean, found, expected):
        means = np.mean([p.mean() for p in found]), np.mean([p.mean() for p in expected])
        changes = [[p.astype(float) - c for p, c in zip(made, clean)] for made in (found, expected)]
        deviations = [np.sqrt(np.mean([np.mean(c**2) for c in made])) for made in changes]
        spectrum = np.abs(bands(changes[0]) - bands(changes[1])).max()
        mean = abs(means[0] - means[1])
        deviation = abs(deviations[0] / max(deviations[1], 1e-9) - 1)
        # Few draws of few pictures: what chance does to means and deviations is allowed for.
        noise = 3 * np.hypot(*(np.std([c.mean() for c in made]) / math.sqrt(len(made)) for made in changes))
        spread = 3 * np.hypot(*(np.std([np.mean(c**2) for c in made]) / math.sqrt(len(made)) for made in changes))
        spread /= 2 * np.mean([d**2 for d in deviations]) + 1e-9
        good = (
            mean <= TOLERANCES["mean"] + noise
            and deviation <= TOLERANCES["deviation"] + spread
            and spectrum <= TOLERANCES["spectrum"]
        )
        self.line(
            good,
            f"{suite} {name} {severity}: mean {means[0]:.1f} for {means[1]:.1f}, change {deviations[0]:.2f} for"
            f" {deviations[1]:.2f} ({deviation:.1%}), spectrum within {spectrum:.2f} dB",
        )

    def frost(self, suite, severity, found, expected):
        means, variances = ([f([p.astype(float) for p in made]) for made in (found, expected)] for f in (np.mean, np.var))
        mean, variance = means[0] / means[1] - 1, variances[0] / variances[1] - 1
        self.line(
            abs(mean) <= FROST and abs(variance) <= FROST,
            f"{suite} frost {severity}, on black: mean {means[0]:.1f} for {means[1]:.1f} ({mean:+.1%}), variance"
            f" {variances[0]:.0f} for {variances[1]:.0f} ({variance:+.1%})",
        )


def compare(check, gibbon, suite, pictures, reference, names, fixed, draws, select):
    for name in names:
        if select and name not in select:
            continue
        for severity in [1] if name in SINGLE else range(1, 6):
            clean = pictures if name in fixed else pictures * draws
            if name == "frost":
                clean = [np.zeros_like(pictures[0])] * max(300, len(clean))
            found = corrupted(gibbon, clean, name, severity, suite)
            np.random.seed(0)
            with contextlib.redirect_stdout(io.StringIO()):
                expected = [reference(name, picture, severity) for picture in clean]
            if name in fixed:
                check.fixed(suite, name, severity, found, expected)
            elif name == "frost":
                check.frost(suite, severity, found, expected)
            else:
                check.drawn(suite, name, severity, clean, found, expected)


def speed(check, gibbon, reference):
    """How long 10,000 pictures of 32 x 32 take at all 19 x 5."""
    few = patches(200)
    seconds = {}
    for name in COMMON:
        start = time.perf_counter()
        for severity in range(1, 6):
            for picture in few[:50]:
                reference(name, picture, severity)
        seconds[name] = (time.perf_counter() - start) * 200
    print(f"load {os.getloadavg()[0]:.1f}, {os.cpu_count()} processors")
    with tempfile.TemporaryDirectory() as folder:
        x = np.stack([few[index % 200].transpose(2, 0, 1) for index in range(10_000)])
        np.savez(f"{folder}/in.npz", x=x, y=np.zeros(len(x), int))
        for suite in ("imagenet-c", "cifar10-c"):
            total = 0
            for name in COMMON:
                start = time.perf_counter()
                subprocess.run(
                    [gibbon, "corrupt", f"npz:{folder}/in.npz", "--corruption", name, "--severity", "all", "--suite",
                     suite, "--output", f"{folder}/out"], check=True, stdout=subprocess.DEVNULL,
                )
                own = time.perf_counter() - start
                total += own
                print(f"{suite} {name}: {own:.1f} s, imagecorruptions {seconds[name]:.0f} s")
            whole = sum(seconds.values())
            check.line(
                total < 240 and whole > 5 * total,
                f"{suite}: 10,000 pictures in {total:.0f} s, imagecorruptions {whole:.0f} s (from 50), {whole / total:.1f} times",
            )


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--gibbon", default=".build/release/gibbon")
    parser.add_argument("--robustness", type=pathlib.Path)
    parser.add_argument("--mnist-c", type=pathlib.Path)
    parser.add_argument("--speed", action="store_true")
    parser.add_argument("--only", nargs="*", help="names of corruptions")
    parser.add_argument("--suites", nargs="*", default=["imagenet-c", "cifar10-c", "mnist-c"])
    arguments = parser.parse_args()
    # References change the folder.
    checkout = arguments.mnist_c and arguments.mnist_c.resolve()
    gibbon, check, select = str(pathlib.Path(arguments.gibbon).resolve()), Check(), arguments.only
    if arguments.speed:
        speed(check, gibbon, references.imagenet())
        sys.exit(bool(check.failures))
    if "imagenet-c" in arguments.suites:
        compare(check, gibbon, "imagenet-c", photographs(224), references.imagenet(), COMMON, FIXED, 10, select)
    if "cifar10-c" in arguments.suites:
        if arguments.robustness:
            reference = references.cifar10(arguments.robustness)
            compare(check, gibbon, "cifar10-c", patches(40), reference, COMMON, FIXED, 25, select)
        else:
            print("cifar10-c is left out: --robustness names no checkout of hendrycks/robustness")
    if "mnist-c" in arguments.suites:
        if checkout:
            compare(check, gibbon, "mnist-c", digits(gibbon, 40), references.mnist(checkout), DIGITS, FIXED_DIGITS, 25, select)
        else:
            print("mnist-c is left out: --mnist-c names no checkout of google-research/mnist-c")
    print(f"{len(check.failures)} beyond their tolerance")
    sys.exit(bool(check.failures))


main()
