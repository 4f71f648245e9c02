"""The known architectures in PyTorch, written as their sources write them, or taken from torchvision.

Every kink is a module (`nn.ReLU`, `nn.ReLU6`), so that hooks see how far its input is from it. Dropout is left out:
it does nothing in evaluation.
"""

from collections import OrderedDict

import torch
import torchvision
from torch import nn


def lenet5():
    return nn.Sequential(OrderedDict(
        conv1=nn.Conv2d(1, 6, 5, padding=2), relu1=nn.ReLU(), pool1=nn.MaxPool2d(2),
        conv2=nn.Conv2d(6, 16, 5), relu2=nn.ReLU(), pool2=nn.MaxPool2d(2), flatten=nn.Flatten(),
        fc1=nn.Linear(400, 120), relu3=nn.ReLU(), fc2=nn.Linear(120, 84), relu4=nn.ReLU(), fc3=nn.Linear(84, 10)))


def mnist_small():
    return nn.Sequential(
        nn.Conv2d(1, 16, 4, stride=2, padding=1), nn.ReLU(), nn.Conv2d(16, 32, 4, stride=2, padding=1), nn.ReLU(),
        nn.Flatten(), nn.Linear(1568, 100), nn.ReLU(), nn.Linear(100, 10))


def mnist_wide():
    return nn.Sequential(
        nn.Conv2d(1, 32, 4, stride=2, padding=1), nn.ReLU(), nn.Conv2d(32, 64, 4, stride=2, padding=1), nn.ReLU(),
        nn.Flatten(), nn.Linear(3136, 100), nn.ReLU(), nn.Linear(100, 10))


def mnist_deep():
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.Conv2d(16, 32, 4, stride=2, padding=1), nn.ReLU(),
        nn.Conv2d(32, 32, 3, padding=1), nn.ReLU(), nn.Conv2d(32, 64, 4, stride=2, padding=1), nn.ReLU(),
        nn.Flatten(), nn.Linear(3136, 128), nn.ReLU(), nn.Linear(128, 10))


def mnist_madry():
    return nn.Sequential(
        nn.Conv2d(1, 32, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 5, padding=2), nn.ReLU(),
        nn.MaxPool2d(2), nn.Flatten(), nn.Linear(3136, 1024), nn.ReLU(), nn.Linear(1024, 10))


def mnist_mlp():
    return nn.Sequential(
        nn.Flatten(), nn.Linear(784, 200), nn.ReLU(), nn.Linear(200, 200), nn.ReLU(), nn.Linear(200, 10))


def advertorch_lenet5():
    return nn.Sequential(OrderedDict(
        conv1=nn.Conv2d(1, 32, 3, padding=1), relu1=nn.ReLU(), maxpool1=nn.MaxPool2d(2),
        conv2=nn.Conv2d(32, 64, 3, padding=1), relu2=nn.ReLU(), maxpool2=nn.MaxPool2d(2), flatten=nn.Flatten(),
        linear1=nn.Linear(3136, 200), relu3=nn.ReLU(), linear2=nn.Linear(200, 10)))


class BaseKW(nn.Sequential):
    """https://github.com/locuslab/convex_adversarial, with the normalisation of https://github.com/oval-group/oval-bab."""

    def __init__(self):
        super().__init__(
            nn.Conv2d(3, 8, 4, stride=2, padding=1), nn.ReLU(), nn.Conv2d(8, 16, 4, stride=2, padding=1), nn.ReLU(),
            nn.Flatten(), nn.Linear(1024, 100), nn.ReLU(), nn.Linear(100, 10))

    def forward(self, x):
        return super().forward((x - torch.tensor([0.485, 0.456, 0.406]).to(x).reshape(3, 1, 1)) / 0.225)


class SmallCNN(nn.Module):
    """https://github.com/yaodongyu/TRADES, models/small_cnn.py."""

    def __init__(self):
        super().__init__()
        self.feature_extractor = nn.Sequential(OrderedDict(
            conv1=nn.Conv2d(1, 32, 3), relu1=nn.ReLU(), conv2=nn.Conv2d(32, 32, 3), relu2=nn.ReLU(),
            maxpool1=nn.MaxPool2d(2, 2), conv3=nn.Conv2d(32, 64, 3), relu3=nn.ReLU(),
            conv4=nn.Conv2d(64, 64, 3), relu4=nn.ReLU(), maxpool2=nn.MaxPool2d(2, 2)))
        self.classifier = nn.Sequential(OrderedDict(
            fc1=nn.Linear(64 * 4 * 4, 200), relu1=nn.ReLU(), fc2=nn.Linear(200, 200), relu2=nn.ReLU(),
            fc3=nn.Linear(200, 10)))

    def forward(self, x):
        features = self.feature_extractor(x)
        return self.classifier(features.view(-1, 64 * 4 * 4))


def convolution(inputs, outputs, kernel, stride=1):
    return nn.Conv2d(inputs, outputs, kernel, stride=stride, padding=kernel // 2, bias=False)


# https://github.com/kuangliu/pytorch-cifar

class BasicBlock(nn.Module):
    expansion = 1

    def __init__(self, inputs, planes, stride=1):
        super().__init__()
        self.conv1 = convolution(inputs, planes, 3, stride)
        self.bn1 = nn.BatchNorm2d(planes)
        self.conv2 = convolution(planes, planes, 3)
        self.bn2 = nn.BatchNorm2d(planes)
        self.shortcut = nn.Sequential()
        if stride != 1 or inputs != planes:
            self.shortcut = nn.Sequential(convolution(inputs, planes, 1, stride), nn.BatchNorm2d(planes))
        self.relu = nn.ReLU()

    def forward(self, x):
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        return self.relu(out + self.shortcut(x))


class Bottleneck(nn.Module):
    expansion = 4

    def __init__(self, inputs, planes, stride=1):
        super().__init__()
        self.conv1 = convolution(inputs, planes, 1)
        self.bn1 = nn.BatchNorm2d(planes)
        self.conv2 = convolution(planes, planes, 3, stride)
        self.bn2 = nn.BatchNorm2d(planes)
        self.conv3 = convolution(planes, 4 * planes, 1)
        self.bn3 = nn.BatchNorm2d(4 * planes)
        self.shortcut = nn.Sequential()
        if stride != 1 or inputs != 4 * planes:
            self.shortcut = nn.Sequential(convolution(inputs, 4 * planes, 1, stride), nn.BatchNorm2d(4 * planes))
        self.relu = nn.ReLU()

    def forward(self, x):
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.relu(self.bn2(self.conv2(out)))
        out = self.bn3(self.conv3(out))
        return self.relu(out + self.shortcut(x))


class PreActBlock(nn.Module):
    expansion = 1

    def __init__(self, inputs, planes, stride=1):
        super().__init__()
        self.bn1 = nn.BatchNorm2d(inputs)
        self.conv1 = convolution(inputs, planes, 3, stride)
        self.bn2 = nn.BatchNorm2d(planes)
        self.conv2 = convolution(planes, planes, 3)
        if stride != 1 or inputs != planes:
            self.shortcut = nn.Sequential(convolution(inputs, planes, 1, stride))
        self.relu = nn.ReLU()

    def forward(self, x):
        out = self.relu(self.bn1(x))
        shortcut = self.shortcut(out) if hasattr(self, "shortcut") else x
        out = self.conv1(out)
        out = self.conv2(self.relu(self.bn2(out)))
        return out + shortcut


class ResNetCIFAR(nn.Module):
    def __init__(self, block, counts):
        super().__init__()
        self.inputs = 64
        self.conv1 = convolution(3, 64, 3)
        # The pre-activation form has no normalisation here.
        self.hasNorm = block is not PreActBlock
        if self.hasNorm:
            self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU()
        for i, count in enumerate(counts):
            blocks = []
            for stride in [1 if i == 0 else 2] + [1] * (count - 1):
                blocks.append(block(self.inputs, 64 << i, stride))
                self.inputs = (64 << i) * block.expansion
            setattr(self, f"layer{i + 1}", nn.Sequential(*blocks))
        self.linear = nn.Linear(512 * block.expansion, 10)

    def forward(self, x):
        x = self.conv1(x)
        if self.hasNorm:
            x = self.relu(self.bn1(x))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.linear(nn.functional.avg_pool2d(x, 4).flatten(1))


class VGGCIFAR(nn.Module):
    def __init__(self):
        super().__init__()
        layers, inputs = [], 3
        for x in [64, 64, "M", 128, 128, "M", 256, 256, 256, "M", 512, 512, 512, "M", 512, 512, 512, "M"]:
            if x == "M":
                layers.append(nn.MaxPool2d(kernel_size=2, stride=2))
            else:
                layers += [nn.Conv2d(inputs, x, kernel_size=3, padding=1), nn.BatchNorm2d(x), nn.ReLU()]
                inputs = x
        layers.append(nn.AvgPool2d(kernel_size=1, stride=1))
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Linear(512, 10)

    def forward(self, x):
        return self.classifier(self.features(x).flatten(1))


# https://github.com/yaodongyu/TRADES, models/wideresnet.py

class WideBlock(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.bn1 = nn.BatchNorm2d(inputs)
        self.relu1 = nn.ReLU()
        self.conv1 = convolution(inputs, outputs, 3, stride)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.relu2 = nn.ReLU()
        self.conv2 = convolution(outputs, outputs, 3)
        self.equalInOut = inputs == outputs
        self.convShortcut = None if self.equalInOut else convolution(inputs, outputs, 1, stride)

    def forward(self, x):
        if not self.equalInOut:
            x = self.relu1(self.bn1(x))
        else:
            out = self.relu1(self.bn1(x))
        out = self.relu2(self.bn2(self.conv1(out if self.equalInOut else x)))
        out = self.conv2(out)
        return torch.add(x if self.equalInOut else self.convShortcut(x), out)


class NetworkBlock(nn.Module):
    def __init__(self, count, inputs, outputs, stride):
        super().__init__()
        self.layer = nn.Sequential(*[
            WideBlock(inputs if i == 0 else outputs, outputs, stride if i == 0 else 1) for i in range(count)])

    def forward(self, x):
        return self.layer(x)


class WideResNet(nn.Module):
    def __init__(self, depth, widen=10):
        super().__init__()
        channels = [16, 16 * widen, 32 * widen, 64 * widen]
        count = (depth - 4) // 6
        self.conv1 = convolution(3, channels[0], 3)
        self.block1 = NetworkBlock(count, channels[0], channels[1], 1)
        self.block2 = NetworkBlock(count, channels[1], channels[2], 2)
        self.block3 = NetworkBlock(count, channels[2], channels[3], 2)
        self.bn1 = nn.BatchNorm2d(channels[3])
        self.relu = nn.ReLU()
        self.fc = nn.Linear(channels[3], 10)

    def forward(self, x):
        out = self.block3(self.block2(self.block1(self.conv1(x))))
        out = self.relu(self.bn1(out))
        return self.fc(nn.functional.avg_pool2d(out, 8).flatten(1))


# https://github.com/akamaster/pytorch_resnet_cifar10

class ThinBlock(nn.Module):
    def __init__(self, inputs, planes, stride):
        super().__init__()
        self.conv1 = convolution(inputs, planes, 3, stride)
        self.bn1 = nn.BatchNorm2d(planes)
        self.conv2 = convolution(planes, planes, 3)
        self.bn2 = nn.BatchNorm2d(planes)
        self.planes = planes if stride != 1 or inputs != planes else None
        self.relu = nn.ReLU()

    def forward(self, x):
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        if self.planes:
            pad = self.planes // 4
            x = nn.functional.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, pad, pad), "constant", 0)
        return self.relu(out + x)


class ThinResNet(nn.Module):
    def __init__(self, depth):
        super().__init__()
        count, inputs = (depth - 2) // 6, 16
        self.conv1 = convolution(3, 16, 3)
        self.bn1 = nn.BatchNorm2d(16)
        self.relu = nn.ReLU()
        for i in range(3):
            blocks = []
            for stride in [1 if i == 0 else 2] + [1] * (count - 1):
                blocks.append(ThinBlock(inputs, 16 << i, stride))
                inputs = 16 << i
            setattr(self, f"layer{i + 1}", nn.Sequential(*blocks))
        self.linear = nn.Linear(64, 10)

    def forward(self, x):
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.layer3(self.layer2(self.layer1(out)))
        return self.linear(nn.functional.avg_pool2d(out, out.size()[3]).flatten(1))


# timm's vision_transformer.py, https://github.com/huggingface/pytorch-image-models

class PatchEmbed(nn.Module):
    def __init__(self, patch, dim):
        super().__init__()
        self.proj = nn.Conv2d(3, dim, kernel_size=patch, stride=patch)

    def forward(self, x):
        return self.proj(x).flatten(2).transpose(1, 2)


class Attention(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.heads, self.size = heads, dim // heads
        self.qkv = nn.Linear(dim, 3 * dim)
        self.proj = nn.Linear(dim, dim)

    def forward(self, x):
        n, tokens, dim = x.shape
        q, k, v = self.qkv(x).reshape(n, tokens, 3, self.heads, self.size).permute(2, 0, 3, 1, 4).unbind(0)
        weights = (q * self.size ** -0.5 @ k.transpose(-2, -1)).softmax(dim=-1)
        return self.proj((weights @ v).transpose(1, 2).reshape(n, tokens, dim))


class Mlp(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.fc1 = nn.Linear(dim, 4 * dim)
        self.fc2 = nn.Linear(4 * dim, dim)

    def forward(self, x):
        return self.fc2(nn.functional.gelu(self.fc1(x)))


class TransformerBlock(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.norm1 = nn.LayerNorm(dim, eps=1e-6)
        self.attn = Attention(dim, heads)
        self.norm2 = nn.LayerNorm(dim, eps=1e-6)
        self.mlp = Mlp(dim)

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class VisionTransformer(nn.Module):
    def __init__(self, dim=192, depth=6, heads=3, patch=4, size=32):
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, dim))
        self.pos_embed = nn.Parameter(torch.zeros(1, (size // patch) ** 2 + 1, dim))
        self.patch_embed = PatchEmbed(patch, dim)
        self.blocks = nn.Sequential(*[TransformerBlock(dim, heads) for _ in range(depth)])
        self.norm = nn.LayerNorm(dim, eps=1e-6)
        self.head = nn.Linear(dim, 10)

    def forward(self, x):
        x = self.patch_embed(x)
        x = torch.cat([self.cls_token.expand(len(x), -1, -1), x], dim=1) + self.pos_embed
        return self.head(self.norm(self.blocks(x))[:, 0])


# Names and shapes of examples

MNIST, CIFAR, IMAGENET = (1, 28, 28), (3, 32, 32), (3, 224, 224)
ALL = {
    "mnist-small": (mnist_small, MNIST), "mnist-wide": (mnist_wide, MNIST), "mnist-deep": (mnist_deep, MNIST),
    "mnist-madry": (mnist_madry, MNIST), "mnist-mlp": (mnist_mlp, MNIST),
    "lenet5": (lenet5, MNIST), "trades-smallcnn": (SmallCNN, MNIST),
    "advertorch-lenet5": (advertorch_lenet5, MNIST), "cifar-base-kw": (BaseKW, CIFAR),
    "resnet18-cifar": (lambda: ResNetCIFAR(BasicBlock, [2, 2, 2, 2]), CIFAR),
    "resnet34-cifar": (lambda: ResNetCIFAR(BasicBlock, [3, 4, 6, 3]), CIFAR),
    "resnet50-cifar": (lambda: ResNetCIFAR(Bottleneck, [3, 4, 6, 3]), CIFAR),
    "preactresnet18-cifar": (lambda: ResNetCIFAR(PreActBlock, [2, 2, 2, 2]), CIFAR),
    "wideresnet-28-10": (lambda: WideResNet(28), CIFAR), "wideresnet-34-10": (lambda: WideResNet(34), CIFAR),
    "resnet8": (lambda: ThinResNet(8), CIFAR), "resnet20": (lambda: ThinResNet(20), CIFAR), "resnet32": (lambda: ThinResNet(32), CIFAR),
    "resnet44": (lambda: ThinResNet(44), CIFAR), "resnet56": (lambda: ThinResNet(56), CIFAR),
    "vgg16-cifar": (VGGCIFAR, CIFAR), "vit-small-cifar": (VisionTransformer, CIFAR),
    "vgg16": (torchvision.models.vgg16, IMAGENET), "resnet18": (torchvision.models.resnet18, IMAGENET),
    "resnet34": (torchvision.models.resnet34, IMAGENET), "resnet50": (torchvision.models.resnet50, IMAGENET),
    "mobilenetv2": (torchvision.models.mobilenet_v2, IMAGENET),
}
