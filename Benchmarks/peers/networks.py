"""The networks in PyTorch, in their standard forms, with the names of parameters that checkpoints use."""

from torch import nn
import torch.nn.functional as F


def mnist_madry():
    """The MNIST network of Madry et al. 2018."""
    return nn.Sequential(
        nn.Conv2d(1, 32, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(3136, 1024), nn.ReLU(), nn.Linear(1024, 10))


def convolution(inputs, outputs, size, stride=1):
    """A convolution that keeps the extent, but for its stride; batch normalisation makes a bias superfluous."""
    return nn.Conv2d(inputs, outputs, size, stride, padding=size // 2, bias=False)


class BasicBlock(nn.Module):
    """conv - bn - relu - conv - bn, plus the input, then relu (He et al. 2015)."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = convolution(inputs, outputs, 3, stride)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = convolution(outputs, outputs, 3)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.shortcut = nn.Sequential()
        if stride != 1 or inputs != outputs:
            self.shortcut = nn.Sequential(convolution(inputs, outputs, 1, stride), nn.BatchNorm2d(outputs))

    def forward(self, x):
        out = F.relu(self.bn1(self.conv1(x)))
        return F.relu(self.bn2(self.conv2(out)) + self.shortcut(x))


class ResNet18(nn.Module):
    """The ResNet-18 for 32 x 32 images: a 3 x 3 stem, no pooling before the blocks."""

    def __init__(self):
        super().__init__()
        self.conv1 = convolution(3, 64, 3)
        self.bn1 = nn.BatchNorm2d(64)
        inputs = 64
        for number, (outputs, stride) in enumerate([(64, 1), (128, 2), (256, 2), (512, 2)], 1):
            layer = nn.Sequential(BasicBlock(inputs, outputs, stride), BasicBlock(outputs, outputs, 1))
            setattr(self, f"layer{number}", layer)
            inputs = outputs
        self.linear = nn.Linear(512, 10)

    def forward(self, x):
        out = F.relu(self.bn1(self.conv1(x)))
        out = self.layer4(self.layer3(self.layer2(self.layer1(out))))
        return self.linear(F.avg_pool2d(out, 4).flatten(1))


class WideBlock(nn.Module):
    """bn - relu - conv - bn - relu - conv, plus the input (Zagoruyko and Komodakis 2016)."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.bn1 = nn.BatchNorm2d(inputs)
        self.conv1 = convolution(inputs, outputs, 3, stride)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.conv2 = convolution(outputs, outputs, 3)
        self.convShortcut = None if inputs == outputs else convolution(inputs, outputs, 1, stride)

    def forward(self, x):
        active = F.relu(self.bn1(x))
        out = self.conv2(F.relu(self.bn2(self.conv1(active))))
        # Where the extents change, the shortcut leaves after the activation.
        return out + (x if self.convShortcut is None else self.convShortcut(active))


class WideBlocks(nn.Module):
    """The blocks of one resolution."""

    def __init__(self, count, inputs, outputs, stride):
        super().__init__()
        self.layer = nn.Sequential(*(
            WideBlock(inputs if index == 0 else outputs, outputs, stride if index == 0 else 1)
            for index in range(count)))

    def forward(self, x):
        return self.layer(x)


class WideResNet(nn.Module):
    """A wide residual network for 32 x 32 images; 28 layers of tenfold width by default."""

    def __init__(self, depth=28, width=10):
        super().__init__()
        count, channels = (depth - 4) // 6, [16, 16 * width, 32 * width, 64 * width]
        self.conv1 = convolution(3, channels[0], 3)
        self.block1 = WideBlocks(count, channels[0], channels[1], 1)
        self.block2 = WideBlocks(count, channels[1], channels[2], 2)
        self.block3 = WideBlocks(count, channels[2], channels[3], 2)
        self.bn1 = nn.BatchNorm2d(channels[3])
        self.fc = nn.Linear(channels[3], 10)

    def forward(self, x):
        out = self.block3(self.block2(self.block1(self.conv1(x))))
        return self.fc(F.avg_pool2d(F.relu(self.bn1(out)), 8).flatten(1))


NETWORKS = {"mnist-madry": mnist_madry, "resnet18-cifar": ResNet18, "wideresnet-28-10": WideResNet}
