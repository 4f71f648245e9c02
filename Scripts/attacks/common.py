"""What the comparisons of attacks with other libraries share: networks, data, our command, and the verdict.

Every comparison runs the same attack with the same budget on the same weights and examples, ours as the command
`gibbon` and theirs as PyTorch code. What a library returns is judged by one rule: the point is inside the bounds and, up to
1e-5, the threat, and the PyTorch network misclassifies it. Only examples that are classified correctly count.
"""

import dataclasses
import gzip
import json
import pathlib
import statistics
import struct
import subprocess
import sys
import tempfile
import time
import warnings

import numpy
import torch

warnings.filterwarnings("ignore")
ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data"
GIBBON = ROOT / ".build" / "release" / "gibbon"
MNIST = ["mnist_lenet5_cln_advertorch", "mnist_fgsm_wong2020"]
CIFAR = ["cifar_cnn_a_mix_sdp", "cifar_resnet20_akamaster"]


@dataclasses.dataclass
class Network:
    """A network with the first examples of its test set that it classifies rightly."""

    name: str
    model: torch.nn.Module
    inputs: torch.Tensor
    labels: torch.Tensor
    #: The positions of the examples in the test set.
    index: list
    #: How many examples of the test set were looked at.
    count: int

    @property
    def path(self):
        return DATA / "models" / f"{self.name}.onnx"

    @property
    def data(self):
        return "mnist:test" if self.name.startswith("mnist") else f"cifar10:test@{DATA / 'cifar10'}"


def idx(path):
    data = gzip.decompress(path.read_bytes())
    shape = struct.unpack(f">{data[3]}I", data[4 : 4 + 4 * data[3]])
    return numpy.frombuffer(data, numpy.uint8, offset=4 + 4 * data[3]).reshape(shape)


def test_set(name):
    if name.startswith("mnist"):
        folder = ROOT / "Sources" / "CEmbedded" / "mnist"
        images = idx(next(folder.glob("t10k-images*"))).reshape(-1, 1, 28, 28)
        labels = idx(next(folder.glob("t10k-labels*")))
    else:
        rows = numpy.frombuffer((DATA / "cifar10" / "test_batch.bin").read_bytes(), numpy.uint8).reshape(-1, 3073)
        images, labels = rows[:, 1:].reshape(-1, 3, 32, 32), rows[:, 0]
    return torch.from_numpy(images.astype(numpy.float32) / 255), torch.from_numpy(labels.astype(numpy.int64))


class Batched(torch.nn.Module):
    """A network whose file has a batch of one, with any batch."""

    def __init__(self, path):
        super().__init__()
        import onnx
        import onnx2torch

        model = onnx.load(str(path))
        self.inner = onnx2torch.convert(model)
        self.fixed = model.graph.input[0].type.tensor_type.shape.dim[0].dim_value == 1

    def forward(self, x):
        try:
            return self.inner(x).reshape(len(x), -1)
        except RuntimeError:
            return torch.cat([self.inner(row.unsqueeze(0)).reshape(1, -1) for row in x])


def network(name, count):
    model = Batched(DATA / "models" / f"{name}.onnx").eval()
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    inputs, labels = test_set(name)
    inputs, labels = inputs[:count], labels[:count]
    with torch.no_grad():
        right = model(inputs).argmax(1) == labels
    return Network(name, model, inputs[right], labels[right], torch.nonzero(right).flatten().tolist(), count)


def art_classifier(net, model=None):
    """A network, or what stands for it, as ART wants it."""
    from art.estimators.classification import PyTorchClassifier

    return PyTorchClassifier(model or net.model, torch.nn.CrossEntropyLoss(), tuple(net.inputs.shape[1:]), 10,
                             clip_values=(0, 1), device_type="cpu")


def size(changes, norm):
    """The size of each change; for l0 the number of pixels, all channels of a place as one."""
    flat = changes.flatten(1).double()
    if norm == "linf":
        return flat.abs().amax(1)
    if norm == "l2":
        return flat.norm(dim=1)
    if norm == "l1":
        return flat.abs().sum(1)
    return (changes != 0).any(1).flatten(1).sum(1).double()


def gibbon(network, threat, attack, *options, seed=0):
    """Runs our command; returns the distances of the examples that count (inf if not broken) and its result.

    For attacks that look for the nearest point a distance is that of the nearest one, whatever the radius.
    """
    with tempfile.TemporaryDirectory() as folder:
        result = pathlib.Path(folder) / "result.json"
        command = [
            str(GIBBON), "attack", str(network.path), "--data", network.data, "--threat", threat, "--count",
            str(network.count), "--seed", str(seed), "--json", str(result), "--attack", attack, *map(str, options)]
        run = subprocess.run(command, capture_output=True, text=True)
        if run.returncode != 0:
            sys.exit(f"{' '.join(command)}\n{run.stderr}")
        result = json.loads(result.read_text())
    rows = {row["index"]: row for row in result["examples"]}
    found = [rows[index]["distance"] if rows[index]["nearest"] is None else rows[index]["nearest"]
             for index in network.index]
    return torch.tensor([float("inf") if distance is None else distance for distance in found]).double(), result


def judge(network, points, norm, radius=None):
    """The distances at which another library's points fool the network, inf for those that do not."""
    points = torch.as_tensor(points).float().clamp(0, 1)
    with torch.no_grad():
        wrong = torch.cat([network.model(part) for part in points.split(256)]).argmax(1) != network.labels
    distances = size(points - network.inputs, norm)
    if radius is not None:
        wrong &= distances <= radius + 1e-5
    return torch.where(wrong, distances, torch.inf)


def timed(function):
    start = time.perf_counter()
    value = function()
    return value, time.perf_counter() - start


class Table:
    """Prints a line per comparison and remembers whether all passed."""

    def __init__(self):
        self.failed = 0
        print(f"{'attack':24} {'network':28} {'ours':>9} {'theirs':>9}  {'s':>7} {'s':>7}  against", flush=True)

    def success(self, attack, network, ours, theirs, seconds=(0, 0), against="", tolerance=0.01):
        """Compares shares of broken examples: ours may be lower by `tolerance` at most."""
        own, other = (torch.isfinite(found).double().mean().item() for found in (ours, theirs))
        self.line(attack, network, f"{100 * own:.2f} %", f"{100 * other:.2f} %", own >= other - tolerance, seconds, against)

    def median(self, attack, network, ours, theirs, seconds=(0, 0), against="", tolerance=0.01):
        """Compares median distances, unbroken examples being infinitely far: ours may be greater by one in a hundred."""
        own, other = (statistics.median(found.tolist()) for found in (ours, theirs))
        passed = own <= other * (1 + tolerance)
        self.line(attack, network, f"{own:.5g}", f"{other:.5g}", passed, seconds, against)

    def line(self, attack, network, own, other, passed, seconds, against):
        self.failed += not passed
        print(f"{attack:24} {network.name:28} {own:>9} {other:>9}  {seconds[0]:7.1f} {seconds[1]:7.1f}  {against}"
              f"{'' if passed else '  WORSE'}", flush=True)

    def finish(self):
        sys.exit(f"{self.failed} comparisons are worse" if self.failed else None)
