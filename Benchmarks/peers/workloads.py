"""PyTorch's way of scoring, of a PGD step and of a training step, in eager mode unless a variant says otherwise."""

import time

import torch
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
        self.start = {name: value.clone() for name, value in self.model.state_dict().items()}
        self.restart()

    def restart(self):
        self.model.load_state_dict(self.start)
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=RATE, momentum=MOMENTUM)

    def step(self):
        self.optimizer.zero_grad(set_to_none=True)
        loss = F.cross_entropy(self.model(self.images), self.labels)
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


KINDS = {"forward": Forward, "pgd-step": Step, "train-step": Training}
