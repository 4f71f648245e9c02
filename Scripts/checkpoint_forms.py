"""The forms in which programs save the weights of a network, by PyTorch itself wherever it writes them.

Each form has a name, what writes it, what `gibbon` has to be told, whose outputs are right (`net`, `other` for the second
set of weights in a file, `normalised` behind means and deviations, `half`, `bfloat`), and a part of each line that
is to be said about it, in order.
"""

import argparse
import collections
import copy
import json
from dataclasses import dataclass

import torch
from safetensors.torch import save_file
from torch import nn

MEANS, DEVIATIONS = [0.4914, 0.4822, 0.4465], [0.2471, 0.2435, 0.2616]


@dataclass
class Form:
    name: str
    write: object
    options: str = ""
    right: str = "net"
    notes: tuple = ()
    ending: str = ".pt"


class Normalize(nn.Module):
    """Subtracts means and divides by deviations, under names and in a shape as people choose them."""

    def __init__(self, channels, names, shape):
        super().__init__()
        self.names = names
        for name, values in zip(names, (MEANS, DEVIATIONS)):
            self.register_buffer(name, torch.tensor(values[:channels]).reshape(shape))

    def forward(self, x):
        mean, deviation = (getattr(self, name).reshape(1, -1, 1, 1) for name in self.names)
        return (x - mean) / deviation


class Wrapper(nn.Module):
    """A network under some name, with other modules and buffers beside it."""

    def __init__(self, name, net, buffers=(), **modules):
        super().__init__()
        for key, value in buffers:
            self.register_buffer(key, value)
        self.add_module(name, net)
        for key, value in modules.items():
            self.add_module(key, value)


def prefixed(prefix, net, **more):
    return {**{prefix + key: value for key, value in net.state_dict().items()}, **more}


def sharded(net):
    """FSDP's names: the whole is wrapped, and each of its parts is wrapped again."""
    inner = "_fsdp_wrapped_module."
    return {inner + key.replace(".", "." + inner, 1): value for key, value in net.state_dict().items()}


def parameter_dictionaries(net):
    """Layers as dictionaries of parameters; for networks whose layers are not nested and measure nothing."""
    layers = collections.defaultdict(dict)
    for key, value in net.named_parameters():
        layer, name = key.split(".")
        layers[layer][name] = value
    return nn.ModuleDict({layer: nn.ParameterDict(values) for layer, values in layers.items()})


def saved(value, **options):
    return lambda path: torch.save(value, path, **options)


def safetensors(state, metadata=None):
    return lambda path: save_file({key: value.contiguous().clone() for key, value in state.items()}, path, metadata)


def shards(state, write, pattern):
    """Writes a list of files, and half of the tensors to each of two."""
    def write_all(path):
        names = list(state)
        parts = [names[: len(names) // 2], names[len(names) // 2 :]]
        files = [str(path.with_name(pattern.format(place + 1, len(parts)))) for place in range(len(parts))]
        for part, file in zip(parts, files):
            write({name: state[name].contiguous().clone() for name in part}, file)
        where = {name: file.split("/")[-1] for part, file in zip(parts, files) for name in part}
        path.write_text(json.dumps({"metadata": {"total_size": 1.5, "tied": None}, "weight_map": where}))
    return write_all


def optimizer(net):
    """An optimiser's state after a step, as checkpoints keep it."""
    net = copy.deepcopy(net)
    made = torch.optim.Adam(net.parameters())
    for parameter in net.parameters():
        parameter.grad = torch.ones_like(parameter)
    made.step()
    return made.state_dict()


def lightning(prefix, net, extra=()):
    """The dictionary that Lightning 2 writes."""
    return {
        "epoch": 3, "global_step": 40, "pytorch-lightning_version": "2.5.0",
        "state_dict": collections.OrderedDict({**prefixed(prefix, net), **dict(extra)}),
        "loops": {"fit_loop": {"state_dict": {}, "epoch_progress": {"total": {"ready": 3, "completed": 3}}}},
        "callbacks": {"ModelCheckpoint{'monitor': 'val_loss'}": {
            "monitor": "val_loss", "best_model_score": torch.tensor(0.25), "kth_value": torch.tensor(0.5),
            "best_k_models": {"a.ckpt": torch.tensor(0.25)}, "dirpath": "logs"}},
        "optimizer_states": [optimizer(net)], "lr_schedulers": [{"last_epoch": 3, "_last_lr": [0.1]}],
        "hparams_name": "kwargs", "hyper_parameters": {"lr": 0.1, "classes": 10},
    }


def forms(net, other, channels):
    """All forms of a network; `other` is a second one of its kind."""
    state, second = net.state_dict(), other.state_dict()
    averaged = torch.optim.swa_utils.AveragedModel(net)
    averaged.n_averaged.fill_(7)
    args = argparse.Namespace(lr=0.1, model="net")
    steps = [("initted", torch.tensor(True)), ("step", torch.tensor(40))]
    weight = torch.ones(10)
    loss = nn.CrossEntropyLoss(weight=weight)
    common = [
        Form("plain", saved(state)),
        Form("older-format", saved(state, _use_new_zipfile_serialization=False)),
        Form("ordered", saved(collections.OrderedDict(state))),
        Form("parameters", saved({key: nn.Parameter(value, requires_grad=value.is_floating_point()) if
                                  value.is_floating_point() else value for key, value in state.items()})),
        Form("state_dict", saved({"state_dict": state})),
        Form("training", saved({"model": state, "optimizer": optimizer(net), "epoch": 3})),
        Form("ema-alone", saved({"epoch": 3, "ema": state, "optimizer": optimizer(net)})),
        Form("deep", saved({"run": {"best": [{"weights": state}]}, "epoch": torch.tensor(3)})),
        Form("model-and-ema", saved({"model": second, "model_ema": state}), notes=(
            "2 sets of weights fit; model_ema is taken, and `--entry NAME` takes another: model",)),
        Form("model-and-ema-entry", saved({"model": second, "model_ema": state}), "--entry model", "other"),
        Form("timm", saved({"epoch": 3, "arch": "net", "state_dict": second, "optimizer": optimizer(net),
                            "args": args, "state_dict_ema": state, "metric": 71.5}), notes=("state_dict_ema is taken",)),
        Form("unaveraged", saved({"model_state_dict": state, "unaveraged_model_state_dict": second}),
             notes=("model_state_dict is taken",)),
        Form("student-teacher", saved({"student": state, "teacher": second}), "--entry teacher", "other"),
        Form("lightning-model", saved(lightning("model.", net))),
        Form("lightning-net-loss", saved(lightning("net.", net, [("criterion.weight", weight)])),
             notes=("left out: criterion.weight",)),
        Form("averaged-model", saved(averaged.state_dict()), notes=("left out: n_averaged (a counter)",)),
        Form("data-parallel", saved(nn.DataParallel(net).state_dict())),
        Form("compiled", saved(torch.compile(net).state_dict())),
        Form("compiled-parallel", saved({"model": torch.compile(nn.DataParallel(net)).state_dict()})),
        Form("deepspeed", saved({"module": prefixed("_forward_module.", net), "ds_version": "0.17", "mp_world_size": 1})),
        Form("fsdp", saved({"state_dict": sharded(net)})),
        Form("ema-object", saved(Wrapper("online_model", other, steps, ema_model=net).state_dict()),
             notes=("ema_model is taken", "left out: initted (a counter), step (a counter)")),
        Form("loss-beside", saved(Wrapper("net", net, criterion=loss).state_dict()), notes=("left out: criterion.weight",)),
        Form("projector", saved(Wrapper("encoder", net, projector=nn.Linear(4, 4)).state_dict()),
             notes=("warning: FILE: left out: projector.* (2 tensors), which the architecture does not have",)),
        Form("half", saved({key: value.half() if value.is_floating_point() else value for key, value in state.items()}),
             right="half"),
        Form("bfloat16", saved({"state_dict": {key: value.bfloat16() if value.is_floating_point() else value
                                               for key, value in state.items()}}), right="bfloat"),
        Form("safetensors", safetensors(state, {"format": "pt"}), ending=".safetensors"),
        Form("safetensors-prefix", safetensors(prefixed("backbone.", net), {"format": "pt"}), ending=".safetensors"),
        Form("safetensors-shards", shards(state, save_file, "model-{:05}-of-{:05}.safetensors"),
             ending=".safetensors.index.json"),
        Form("bin-shards", shards(state, torch.save, "pytorch_model-{:05}-of-{:05}.bin"), ending=".bin.index.json"),
    ]
    prefixes = [Form("prefix-" + name, saved(prefixed(name + ".", net)))
                for name in ("backbone", "encoder", "student", "module.model.backbone", "1", "my.own_name.0")]
    if all(key.count(".") == 1 for key in state) and not list(net.buffers()):
        common.append(Form("parameter-dictionaries", saved(parameter_dictionaries(net).state_dict())))
    return common + prefixes + list(normalised(net, channels)) + list(unused(net))


def normalised(net, channels):
    """Networks behind means and deviations, as modules of several names keep them."""
    names = [("mean", "std"), ("mu", "sigma"), ("_mean", "_std"), ("means", "sds")]
    shapes = [(channels,), (channels, 1, 1), (1, channels, 1, 1)]
    for place, pair in enumerate(names):
        shape = shapes[place % len(shapes)]
        module = Normalize(channels, pair, shape)
        note = ("the input is normalised by {0}{1} and {0}{2}, as by --mean 0.4914",)
        for kind, prefix, whole in (
            ("sequential", "0.", nn.Sequential(module, net)),
            ("module", "normalize.", Wrapper("model", net, normalize=module)),
            ("buffers", "", Wrapper("model", net, module.named_buffers())),
        ):
            text = tuple(part.format(prefix, *pair) for part in note)
            yield Form(f"normalised-{kind}-{pair[0]}", saved(whole.state_dict()), right="normalised", notes=text)
    whole = nn.Sequential(Normalize(channels, ("mean", "std"), shapes[0]), net).state_dict()
    zeros, ones = ",".join(["0"] * channels), ",".join(["1"] * channels)
    yield Form("normalised-otherwise", saved(whole), f"--mean {zeros} --std {ones}",
               notes=("0.mean and 0.std are not used (--mean 0.4914",))


def unused(net):
    """Networks with a block that is registered and never used, as TRADES's WideResNet."""
    state = net.state_dict()
    more = {"sub_block1.layer.0.conv1.weight": torch.ones(4, 4, 3, 3), "sub_block1.layer.0.bn1.weight": torch.ones(4)}
    yield Form("unused-block", saved({**state, **more}), notes=("left out: sub_block1.* (2 tensors)",))
