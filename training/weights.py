"""Weights in and out: Keras' ImageNet Xception as a start, and safetensors under the names of the TypeScript graph."""
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from networks import DeepLab, Encoder

# PyTorch's OIHW to our HWIO, and [C,1,3,3] to [3,3,C]; back by the other.
def to_ours(name: str, value: Tensor) -> Tensor:
    if not name.endswith('kernel'):
        return value
    return value[:, 0].permute(1, 2, 0) if '.depthwise.' in name else value.permute(2, 3, 1, 0)


def from_ours(name: str, value: Tensor) -> Tensor:
    if not name.endswith('kernel'):
        return value
    return value.permute(2, 0, 1)[:, None] if '.depthwise.' in name else value.permute(3, 2, 0, 1)


def save_weights(net: DeepLab, path: Path, metadata: dict[str, str]) -> None:
    """Every weight in float32 under its key in the TypeScript graph."""
    state = {name.replace('.', '/'): to_ours(name, value).float().contiguous() for name, value in net.state_dict().items()}
    save_file(state, path, metadata)


def load_weights(net: DeepLab, path: Path) -> None:
    """Reads what `save_weights` wrote. Raises where names or shapes differ."""
    state = {key.replace('/', '.'): value for key, value in load_file(path).items()}
    net.load_state_dict({name: from_ours(name, value).float().contiguous() for name, value in state.items()})


def load_keras_encoder(encoder: Encoder, path: Path) -> None:
    """Blocks 1 to 12 of Keras' ImageNet Xception. Its four unnamed shortcuts are `conv2d_1…` in order."""
    keras = {name: value.float() for name, value in load_file(path).items()}
    pick = lambda *names: next(keras[name] for name in names if name in keras)

    def norm(module: torch.nn.Module, name: str) -> None:
        module.gamma.data, module.beta.data = keras[f'{name}/gamma'], keras[f'{name}/beta']
        module.mean, module.variance = keras[f'{name}/moving_mean'], keras[f'{name}/moving_variance']

    def conv(module: torch.nn.Module, name: str, norm_name: str) -> None:
        module.kernel.data = pick(f'{name}/kernel', name).permute(3, 2, 0, 1).contiguous()
        norm(module.batch_norm, norm_name)

    conv(encoder.entry_flow.conv1, 'block1_conv1', 'block1_conv1_bn')
    conv(encoder.entry_flow.conv2, 'block1_conv2', 'block1_conv2_bn')
    for b, block in enumerate(encoder.blocks(), 2):
        for k in range(1, block.count + 1):
            part, name = block.get_submodule(f'conv{k}'), f'block{b}_sepconv{k}'
            part.depthwise.kernel.data = keras[f'{name}/depthwise_kernel'].permute(2, 3, 0, 1).contiguous()
            part.pointwise.kernel.data = keras[f'{name}/pointwise_kernel'].permute(3, 2, 0, 1).contiguous()
            norm(part.pointwise.batch_norm, f'{name}_bn')
        if block.strides:
            conv(block.shortcut, f'conv2d_{b - 1}', f'batch_normalization_{b - 1}')
