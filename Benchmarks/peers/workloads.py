"""PyTorch's way of scoring, of a PGD step and of training steps, in eager mode unless a variant says otherwise."""

import time

import torch
from torch import nn
import torch.nn.functional as F

import variants

RATE, MOMENTUM = 0.01, 0.9


def timed(body, steps):
    """Seconds per step of some steps in a row."""
    start = time.perf_counter()
    for _ in range(steps):
        body()
    return (time.perf_counter() - start) / steps


class Forward:
    """Scores of the batch."""

    def __init__(self, inputs, variant):
        self.model, self.images = variants.prepared(inputs, variant)

    @torch.inference_mode()
    def logits(self):
        return self.model(self.images)

    def seconds(self, steps):
        return timed(self.logits, steps)

    def results(self):
        return {"logits": self.logits()}


class Step:
    """Steps of PGD with frozen weights: x' = clamp(clamp(x + a sign(gradient), x0 - eps, x0 + eps), 0, 1)."""

    def __init__(self, inputs, variant):
        self.model, self.images = variants.prepared(inputs, variant)
        self.labels, self.radius, self.step_size = inputs.labels, inputs.radius, inputs.step_size
        self.x = self.images

    def gradient(self, x):
        """Logits and input gradient."""
        x = x.detach().requires_grad_()
        logits = self.model(x)
        return logits, torch.autograd.grad(F.cross_entropy(logits, self.labels, reduction="sum"), x)[0]

    def step(self):
        _, gradient = self.gradient(self.x)
        moved = self.x + self.step_size * gradient.sign()
        self.x = torch.clamp(torch.clamp(moved, self.images - self.radius, self.images + self.radius), 0, 1)

    def seconds(self, steps):
        self.x = self.images
        return timed(self.step, steps)

    def results(self):
        logits, gradient = self.gradient(self.images)
        return {"logits": logits, "dx": gradient}


class Training:
    """Steps of SGD with momentum on the mean cross-entropy, with the batch's own statistics."""

    def __init__(self, inputs, variant):
        layout = torch.contiguous_format if variant == "contiguous" else torch.channels_last
        self.model = inputs.model.train().to(memory_format=layout)
        self.images, self.labels = inputs.images.to(memory_format=layout), inputs.labels
        self.radius, self.step_size = inputs.radius, inputs.step_size
        self.start = {name: value.clone() for name, value in self.model.state_dict().items()}
        self.restart()

    def restart(self):
        self.model.load_state_dict(self.start)
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=RATE, momentum=MOMENTUM)

    def loss(self):
        """What is minimised."""
        return F.cross_entropy(self.model(self.images), self.labels)

    def step(self):
        loss = self.loss()
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()
        return loss.detach()

    def seconds(self, steps):
        # As ours does: from the first weights on, and the first step is not counted.
        self.restart()
        self.step()
        return timed(self.step, steps)

    def results(self):
        self.restart()
        loss = self.step()
        name, weight = next(iter(self.model.named_parameters()))
        return {"loss": loss.reshape(1), "change": weight.detach() - self.start[name]}


class Adversarial(Training):
    """Steps against PGD in the form of evaluation, from the example itself.

    As its users write it, the parameters require gradients during the attack as well; only the image's is asked for.
    """

    STEPS = 7

    def ascend(self, x, value):
        """The points after all steps from x up `value` of the logits."""
        self.model.eval()
        for _ in range(self.STEPS):
            x = x.detach().requires_grad_()
            gradient = torch.autograd.grad(value(self.model(x)), x)[0]
            moved = x.detach() + self.step_size * gradient.sign()
            moved = torch.min(torch.max(moved, self.images - self.radius), self.images + self.radius)
            x = torch.clamp(moved, 0, 1)
        self.model.train()
        return x.detach()

    def loss(self):
        found = self.ascend(self.images, lambda logits: F.cross_entropy(logits, self.labels, reduction="sum"))
        return F.cross_entropy(self.model(found), self.labels)


class Trades(Adversarial):
    """Steps of TRADES with beta 6; what does not change from step to step is computed once, unlike in the authors' code."""

    STEPS, BETA, NOISE = 10, 6, 0.001

    def loss(self):
        self.model.eval()
        with torch.no_grad():
            natural = F.softmax(self.model(self.images), 1)
        start = self.images + self.NOISE * torch.randn_like(self.images)
        found = self.ascend(start, lambda logits: F.kl_div(F.log_softmax(logits, 1), natural, reduction="sum"))
        logits, moved = self.model(self.images), self.model(found)
        divergence = F.kl_div(F.log_softmax(moved, 1), F.softmax(logits, 1), reduction="batchmean")
        return F.cross_entropy(logits, self.labels) + self.BETA * divergence

    def results(self):
        # Its start is random, so that a gradient differs in each of two runs of one contestant.
        return {"loss-reached": super().results()["loss"]}


class Intervals(Training):
    """Steps of interval bound propagation with kappa 1/2, the last layer merged with the difference of classes."""

    def loss(self):
        box = torch.clamp(self.images - self.radius, 0, 1), torch.clamp(self.images + self.radius, 0, 1)
        for layer in self.model[:-1]:
            box = self.through(layer, *box)
        low, high = box
        last = self.model[-1]
        rows = last.weight[None] - last.weight[self.labels][:, None]
        bias = last.bias[None] - last.bias[self.labels][:, None]
        middle, radius = (high + low) / 2, (high - low) / 2
        margins = torch.bmm(rows, middle[:, :, None])[:, :, 0] + torch.bmm(rows.abs(), radius[:, :, None])[:, :, 0] + bias
        natural = F.cross_entropy(self.model(self.images), self.labels)
        return (natural + F.cross_entropy(margins, self.labels)) / 2

    @staticmethod
    def through(layer, low, high):
        """The box around what a layer makes of a box."""
        if not isinstance(layer, (nn.Conv2d, nn.Linear)):
            return layer(low), layer(high)
        middle, radius = (high + low) / 2, (high - low) / 2
        if isinstance(layer, nn.Linear):
            middle, radius = layer(middle), F.linear(radius, layer.weight.abs())
        else:
            middle = layer(middle)
            radius = F.conv2d(radius, layer.weight.abs(), None, layer.stride, layer.padding)
        return middle - radius, middle + radius


KINDS = {"forward": Forward, "pgd-step": Step, "train-step": Training, "train-pgd7": Adversarial,
         "train-trades": Trades, "train-ibp": Intervals}
