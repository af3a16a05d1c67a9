"""Chollet's Xception cut after its middle flow, with a DeepLabV3+ head: the network of the models that ship.

Modules are named as the layers of the TypeScript graph, so that a parameter's path is the key of its weight:
`encoder.entry_flow.block1.conv2.depthwise.kernel` is `encoder/entry_flow/block1/conv2/depthwise/kernel` there.
"""
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

ENCODER_EPSILON = 1e-3
HEAD_EPSILON = 1e-5


@dataclass(frozen=True)
class Shape:
    """What differs between the models. Widths are the paper's times `width`, in multiples of 8."""

    classes: int
    width: float = 1.0
    middle_blocks: int = 8
    channels: int = 128
    low_level_channels: int = 32
    entry_rank: int = 0
    """Channels that the last pointwise kernel of the entry flow goes through, as a product of two; 0: it is one kernel."""
    middle_rank: int = 0
    """The same for every pointwise kernel of the middle flow."""

    def scaled(self, channels: int) -> int:
        return max(8, int(channels * self.width / 8 + 0.5) * 8)


class NormWeights(nn.Module):
    """The four vectors of a batch norm."""

    def __init__(self, channels: int):
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(channels))
        self.beta = nn.Parameter(torch.zeros(channels))
        self.register_buffer('mean', torch.zeros(channels))
        self.register_buffer('variance', torch.ones(channels))


class FrozenNorm(NormWeights):
    """Batch norm whose statistics stay: an affine map that is multiplied into the kernel before it."""

    def affine(self) -> tuple[Tensor, Tensor]:
        scale = self.gamma * torch.rsqrt(self.variance + ENCODER_EPSILON)
        return scale, self.beta - self.mean * scale


class Norm(NormWeights):
    """Batch norm that learns its statistics."""

    def forward(self, x: Tensor) -> Tensor:
        return F.batch_norm(x, self.mean, self.variance, self.gamma, self.beta, self.training, 0.03, HEAD_EPSILON)


def kernel(*shape: int) -> nn.Parameter:
    weight = torch.empty(*shape)
    nn.init.kaiming_normal_(weight, nonlinearity='relu')
    return nn.Parameter(weight)


class Conv(nn.Module):
    """Ordinary convolution and frozen batch norm, in one pass over memory."""

    def __init__(self, inputs: int, outputs: int, size: int, stride: int = 1):
        super().__init__()
        self.kernel = kernel(outputs, inputs, size, size)
        self.batch_norm = FrozenNorm(outputs)
        self.stride, self.padding = stride, size // 2

    def forward(self, x: Tensor) -> Tensor:
        scale, shift = self.batch_norm.affine()
        return F.conv2d(x, self.kernel * scale[:, None, None, None], shift, self.stride, self.padding)


class Part(nn.Module):
    """A kernel and what stands after it: the depthwise or the pointwise part of a separable convolution."""

    def __init__(self, shape: tuple[int, ...], norm: nn.Module | None = None):
        super().__init__()
        self.kernel = kernel(*shape)
        if norm is not None:
            self.batch_norm = norm


class SeparableConv(nn.Module):
    """Chollet's: depthwise, pointwise, batch norm. With a rank, the pointwise kernel is a product of two."""

    def __init__(self, inputs: int, outputs: int, rank: int = 0):
        super().__init__()
        self.depthwise = Part((inputs, 1, 3, 3))
        if rank:
            self.reduce = Part((rank, inputs, 1, 1))
        self.rank = rank
        self.pointwise = Part((outputs, rank or inputs, 1, 1), FrozenNorm(outputs))

    def filtered(self, x: Tensor) -> Tensor:
        """After the depthwise part."""
        return F.conv2d(x, self.depthwise.kernel, None, 1, 1, 1, x.shape[1])

    def forward(self, x: Tensor) -> Tensor:
        scale, shift = self.pointwise.batch_norm.affine()
        x = self.filtered(x)
        if self.rank:
            x = F.conv2d(x, self.reduce.kernel)
        return F.conv2d(x, self.pointwise.kernel * scale[:, None, None, None], shift)


class Block(nn.Module):
    """Activation and separable convolution, a few times; a pool where it strides; the shortcut."""

    def __init__(self, inputs: int, widths: list[int], strides: bool, leading_activation: bool, ranks: list[int]):
        super().__init__()
        self.count, self.strides, self.leading_activation = len(widths), strides, leading_activation
        for k, (a, b, rank) in enumerate(zip([inputs, *widths], widths, ranks), 1):
            self.add_module(f'conv{k}', SeparableConv(a, b, rank))
        if strides:
            self.shortcut = Conv(inputs, widths[-1], 1, 2)

    def convs(self) -> list[SeparableConv]:
        return [self.get_submodule(f'conv{k}') for k in range(1, self.count + 1)]

    def added(self, x: Tensor, y: Tensor) -> Tensor:
        """What the last convolution gives, pooled where the block strides, and the shortcut."""
        return F.max_pool2d(y, 3, 2, 1) + self.shortcut(x) if self.strides else x + y

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The last convolution, and the block's output."""
        y = x
        for k, conv in enumerate(self.convs()):
            y = conv(F.relu(y) if k > 0 or self.leading_activation else y)
        return y, self.added(x, y)


class Encoder(nn.Module):
    """Gives the low-level tap (`entry_flow/block2/conv2`, before its ReLU) and the features (after the last ReLU)."""

    def __init__(self, shape: Shape):
        super().__init__()
        a, b = shape.scaled(32), shape.scaled(64)
        rows = [(shape.scaled(c), 2) for c in (128, 256, 728)]
        self.entry_flow = nn.Module()
        self.entry_flow.conv1, self.entry_flow.conv2 = Conv(3, a, 3, 2), Conv(a, b, 3)
        inputs = b
        for i, (width, count) in enumerate(rows, 1):
            ranks = [0] * (count - 1) + [shape.entry_rank if i == len(rows) else 0]
            self.entry_flow.add_module(f'block{i}', Block(inputs, [width] * count, True, i > 1, ranks))
            inputs = width
        self.middle_flow = nn.Module()
        for i in range(1, shape.middle_blocks + 1):
            self.middle_flow.add_module(f'block{i}', Block(inputs, [inputs] * 3, False, True, [shape.middle_rank] * 3))
        self.low_level_channels, self.channels = rows[1][0], inputs
        self.middle_blocks = shape.middle_blocks

    def blocks(self) -> list[Block]:
        """In order: three of the entry flow, then the middle flow."""
        entry = [self.entry_flow.get_submodule(f'block{i}') for i in (1, 2, 3)]
        return entry + [self.middle_flow.get_submodule(f'block{i}') for i in range(1, self.middle_blocks + 1)]

    def enter(self, x: Tensor, count: int) -> tuple[Tensor, Tensor]:
        """The low-level tap, which is in the second block, and what comes out of the first `count` ≥ 2 blocks."""
        x = F.relu(self.entry_flow.conv1(x))
        x = F.relu(self.entry_flow.conv2(x))
        _, x = self.blocks()[0](x)
        low_level, x = self.blocks()[1](x)
        for block in self.blocks()[2:count]:
            _, x = block(x)
        return low_level, x

    def rest(self, x: Tensor, count: int) -> Tensor:
        """The features, from what comes out of the first `count` blocks."""
        for block in self.blocks()[count:]:
            _, x = block(x)
        return F.relu(x)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        low_level, x = self.enter(x, 2)
        return low_level, self.rest(x, 2)


class ConvRelu(nn.Module):
    """1×1 convolution, batch norm, ReLU."""

    def __init__(self, inputs: int, outputs: int):
        super().__init__()
        self.kernel, self.batch_norm = kernel(outputs, inputs, 1, 1), Norm(outputs)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.batch_norm(F.conv2d(x, self.kernel)))


class SeparableConvRelu(nn.Module):
    """DeepLab's: batch norm and ReLU after both parts."""

    def __init__(self, inputs: int, outputs: int, rate: int = 1):
        super().__init__()
        self.depthwise = Part((inputs, 1, 3, 3), Norm(inputs))
        self.pointwise = Part((outputs, inputs, 1, 1), Norm(outputs))
        self.rate = rate

    def forward(self, x: Tensor) -> Tensor:
        x = F.conv2d(x, self.depthwise.kernel, None, 1, self.rate, self.rate, x.shape[1])
        x = F.relu(self.depthwise.batch_norm(x))
        return F.relu(self.pointwise.batch_norm(F.conv2d(x, self.pointwise.kernel)))


class Aspp(nn.Module):
    """Concat order 1×1, rates 6, 12, 18, pool."""

    def __init__(self, inputs: int, channels: int):
        super().__init__()
        self.conv = ConvRelu(inputs, channels)
        for i, rate in enumerate((6, 12, 18)):
            self.add_module(f'rate{i}', SeparableConvRelu(inputs, channels, rate))
        self.pool = ConvRelu(inputs, channels)
        self.projection = ConvRelu(5 * channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        pooled = self.pool(x.mean((2, 3), keepdim=True)).expand(-1, -1, *x.shape[2:])
        branches = [self.conv(x), *(self.get_submodule(f'rate{i}')(x) for i in range(3)), pooled]
        return self.projection(torch.cat(branches, 1))


class Decoder(nn.Module):
    """Concat order ASPP, low-level; two separable convolutions at stride 4."""

    def __init__(self, low_level: int, shape: Shape):
        super().__init__()
        self.low_level = ConvRelu(low_level, shape.low_level_channels)
        self.conv1 = SeparableConvRelu(shape.channels + shape.low_level_channels, shape.channels)
        self.conv2 = SeparableConvRelu(shape.channels, shape.channels)

    def refined(self, low_level: Tensor, x: Tensor) -> Tensor:
        """With the low-level features after their projection."""
        x = F.interpolate(x, size=low_level.shape[2:], mode='bilinear', align_corners=False)
        return self.conv2(self.conv1(torch.cat([x, low_level], 1)))

    def forward(self, low_level: Tensor, x: Tensor) -> Tensor:
        return self.refined(self.low_level(low_level), x)


class Classifier(nn.Module):
    def __init__(self, inputs: int, classes: int):
        super().__init__()
        self.kernel, self.bias = kernel(classes, inputs, 1, 1), nn.Parameter(torch.zeros(classes))

    def forward(self, x: Tensor) -> Tensor:
        return F.conv2d(x, self.kernel, self.bias)


class DeepLab(nn.Module):
    """Pictures [N,3,H,W] in [-1, 1] to logits [N,classes,H/4,W/4]."""

    def __init__(self, shape: Shape):
        super().__init__()
        self.encoder = Encoder(shape)
        self.aspp = Aspp(self.encoder.channels, shape.channels)
        self.decoder = Decoder(self.encoder.low_level_channels, shape)
        self.classifier = Classifier(shape.channels, shape.classes)

    def forward(self, x: Tensor) -> Tensor:
        low_level, features = self.encoder(x)
        return self.classifier(self.decoder(low_level, self.aspp(features)))
