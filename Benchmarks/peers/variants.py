"""The inputs of a workload, and the ways in which PyTorch can be made to run a network."""

import copy
import shutil

import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

import networks
import protocol
import tensorfile

PREFIX = "parameter/"


class Inputs:
    """What inputs.py wrote."""

    def __init__(self, path, name, rows):
        tensors, metadata = tensorfile.read(path)
        self.model = networks.NETWORKS[name]()
        state = {key.removeprefix(PREFIX): value for key, value in tensors.items() if key.startswith(PREFIX)}
        # Only the counters of batches are not in the file.
        missing, surplus = self.model.load_state_dict(state, strict=False)
        if surplus or any(not key.endswith("num_batches_tracked") for key in missing):
            raise ValueError(f"{path}: missing {missing}, surplus {surplus}")
        self.images, self.labels = tensors["x"][:rows].clone(), tensors["labels"][:rows].clone()
        self.radius, self.step_size = float(metadata["radius"]), float(metadata["step_size"])


def fused(model):
    """A copy in which batch normalisations behind convolutions are folded into these."""
    model = copy.deepcopy(model)
    for parent in list(model.modules()):
        children = dict(parent.named_children())
        pairs = [(f"conv{n}", f"bn{n}") for n in "12"] if not isinstance(parent, nn.Sequential) else [("0", "1")]
        if isinstance(parent, (networks.WideBlock, networks.WideResNet)):
            # Its normalisations stand before their convolutions, but for the one between the two of a block.
            pairs = [("conv1", "bn2")] if isinstance(parent, networks.WideBlock) else []
        for first, second in pairs:
            if isinstance(children.get(first), nn.Conv2d) and isinstance(children.get(second), nn.BatchNorm2d):
                parent._modules[first] = fuse_conv_bn_eval(children[first], children[second])
                parent._modules[second] = nn.Identity()
    return model


def prepared(inputs, variant):
    """The frozen network and the images, in the layout and form that a variant names."""
    model, images = inputs.model.eval().requires_grad_(False), inputs.images
    if variant == "folded":
        if not any(isinstance(layer, nn.BatchNorm2d) for layer in model.modules()):
            raise protocol.Skip("the network has no batch normalisation to fold")
        model = fused(model)
    if variant != "contiguous":
        model, images = (value.to(memory_format=torch.channels_last) for value in (model, images))
    if variant == "compiled":
        if not any(map(shutil.which, ("g++", "clang++", "c++"))):
            raise protocol.Skip("torch.compile needs a C++ compiler, and there is none")
        model = torch.compile(model)
    return model, images
