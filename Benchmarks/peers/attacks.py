"""PGD by the libraries that people use, called as their documentation says."""

import torch

import protocol
import workloads


class Call:
    """An attack from images to adversarial images.

    The variants are `torchattacks`, `foolbox`, and `foolbox-frozen`: Foolbox asks for every gradient there is, so a
    user who does not freeze the network pays for the weights' as well.
    """

    def __init__(self, inputs, steps, variant):
        try:
            self.attack = {"torchattacks": self.torchattacks, "foolbox": self.foolbox,
                           "foolbox-frozen": self.foolbox}[variant]
            self.attack(inputs, steps, False)
        except ImportError as error:
            raise protocol.Skip(f"{variant} cannot be imported: {error}") from error
        self.inputs, self.steps = inputs, steps
        inputs.model.eval().requires_grad_(variant != "foolbox-frozen")

    @staticmethod
    def torchattacks(inputs, steps, is_random):
        """A call of torchattacks.PGD."""
        import torchattacks
        attack = torchattacks.PGD(inputs.model, eps=inputs.radius, alpha=inputs.step_size, steps=steps,
                                  random_start=is_random)
        return lambda: attack(inputs.images, inputs.labels)

    @staticmethod
    def foolbox(inputs, steps, is_random):
        """A call of foolbox.attacks.LinfPGD."""
        import foolbox
        model = foolbox.PyTorchModel(inputs.model.eval(), bounds=(0, 1))
        attack = foolbox.attacks.LinfPGD(abs_stepsize=inputs.step_size, steps=steps, random_start=is_random)
        return lambda: attack(model, inputs.images, inputs.labels, epsilons=inputs.radius)[1]

    def seconds(self, calls):
        return workloads.timed(lambda: self.attack(self.inputs, self.steps, True)(), calls)

    def results(self):
        adversarial = self.attack(self.inputs, self.steps, False)()
        with torch.inference_mode():
            logits = self.inputs.model(adversarial)
        return {"adversarial": adversarial, "logits": logits}
