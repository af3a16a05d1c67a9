"""A smaller network out of a trained one: pointwise kernels of the middle flow become products of two of a low rank.

Every kernel is fitted in the order of the network, on what the smaller one hands it, to what the larger one has there: reduced-rank
regression (Izenman 1975). The last of a block is fitted to the block's output, so that it takes back what those before it missed.
"""
import torch
import torch.nn.functional as F
from torch import Tensor

from networks import ENCODER_EPSILON, Block, DeepLab, SeparableConv

RIDGE = 1e-4
"""Of the mean variance of the inputs."""


@torch.no_grad()
def low_rank(pupil: DeepLab, teacher: DeepLab, entered: Tensor) -> None:
    """Fills `pupil` with what it has in common with `teacher`, and fits the rest; `entered` is what comes out of the first two blocks."""
    theirs = teacher.state_dict()
    pupil.load_state_dict(
        {name: theirs[name].clone() if fits(value, theirs.get(name)) else value for name, value in pupil.state_dict().items()}
    )
    ours, taught = entered, entered
    for block, model in zip(pupil.encoder.blocks()[2:], teacher.encoder.blocks()[2:], strict=True):
        ours, taught = fit_block(block, model, ours, taught)


def fits(value: Tensor, other: Tensor | None) -> bool:
    return other is not None and other.shape == value.shape


def fit_block(block: Block, model: Block, ours: Tensor, taught: Tensor) -> tuple[Tensor, Tensor]:
    """And what both make of it."""
    y, target = ours, taught
    for k, (conv, like) in enumerate(zip(block.convs(), model.convs(), strict=True)):
        activated = k > 0 or block.leading_activation
        y, target = (F.relu(value) if activated else value for value in (y, target))
        target = like(target)
        if conv.rank:
            is_last = k == block.count - 1 and not block.strides
            fit(conv, y, model.added(taught, target) - ours if is_last else target)
        y = conv(y)
    return block.added(ours, y), model.added(taught, target)


def fit(conv: SeparableConv, x: Tensor, target: Tensor) -> None:
    """The two kernels and the bias that come nearest to `target` in the sum of squares."""
    inputs, wanted = (value.permute(0, 2, 3, 1).flatten(0, 2).double() for value in (conv.filtered(x), target))
    input_mean, wanted_mean = inputs.mean(0), wanted.mean(0)
    inputs, wanted = inputs - input_mean, wanted - wanted_mean
    moments = inputs.T @ inputs
    moments += torch.eye(len(moments)) * (RIDGE * moments.trace() / len(moments))
    full = torch.linalg.solve(moments, inputs.T @ wanted)
    _, directions = torch.linalg.eigh(full.T @ moments @ full)
    kept = directions[:, -conv.rank :]
    reduce = kept.T @ full.T
    # Both kernels get about the size of weights that learned, so that one learning rate is right for both.
    balance = (reduce.norm(dim=1) / kept.norm(dim=0)).sqrt()
    conv.reduce.kernel.copy_((reduce / balance[:, None])[:, :, None, None])
    conv.pointwise.kernel.copy_((kept * balance)[:, :, None, None])
    norm = conv.pointwise.batch_norm
    norm.gamma.fill_(1)
    norm.mean.zero_()
    norm.variance.fill_(1 - ENCODER_EPSILON)
    norm.beta.copy_(wanted_mean - kept @ (reduce @ input_mean))
