"""What learns: a network, the moving average of its weights, and the rates at which its parts change."""
import copy
from collections.abc import Iterator

import torch
from torch import nn

from data import Example
from evaluate import class_scores, person_scores
from networks import DeepLab
from recipes import Recipe

EMA, FOLLOW_STEPS = 0.997, 4
"""Weight of the past, a step, in the moving average, which is what is scored and shipped; it follows every few steps."""


def past_share(steps: int) -> float:
    """Of `FOLLOW_STEPS` steps; less in a run's first ones."""
    return min(EMA, (1 + steps) / (10 + steps)) ** FOLLOW_STEPS


def frozen_in(net: DeepLab, recipe: Recipe) -> list[nn.Module]:
    """The encoder's first blocks, with the stem; the low-level projection, too, where what they make of a crop is kept."""
    entry = net.encoder.entry_flow
    blocks = [entry.conv1, entry.conv2, *net.encoder.blocks()[: recipe.frozen_blocks]] if recipe.frozen_blocks else []
    return [*blocks, net.decoder.low_level] if recipe.draws > 1 else blocks


def groups_of(net: DeepLab, recipe: Recipe) -> Iterator[dict]:
    """What the optimizer gets: encoder and head at rates of their own, no decay on what has one axis, what is frozen out."""
    for module in frozen_in(net, recipe):
        module.requires_grad_(False)
    named = [(name, p) for name, p in net.named_parameters() if p.requires_grad]
    for in_encoder, rate in ((True, recipe.encoder_rate), (False, recipe.head_rate)):
        for has_decay in (True, False):
            members = [p for name, p in named if name.startswith('encoder.') == in_encoder and (p.ndim > 1) == has_decay]
            yield {'params': members, 'lr': rate, 'base': rate, 'weight_decay': 2e-2 if has_decay else 0.0}


class Learner:
    def __init__(self, name: str, net: DeepLab, recipe: Recipe):
        self.name, self.recipe = name, recipe
        self.net = net.to(memory_format=torch.channels_last)
        self.average = copy.deepcopy(self.net)

    @torch.no_grad()
    def follow(self, past: float) -> None:
        for slow, fast in zip(self.average.state_dict().values(), self.net.state_dict().values()):
            slow.mul_(past).add_(fast, alpha=1 - past)

    def state(self) -> dict:
        return {'net': self.net.state_dict(), 'average': self.average.state_dict()}

    def restore(self, state: dict) -> None:
        self.net.load_state_dict(state['net'])
        self.average.load_state_dict(state['average'])

    def score(self, tests: dict[str, list[Example]]) -> dict:
        net, recipe = self.average.eval(), self.recipe
        return {
            f'{self.name}: {name}': person_scores(net, examples, recipe.input_size)
            if name == 'voc-person'
            else class_scores(net, examples, recipe.shape.classes, recipe.input_size)
            for name, examples in tests.items()
        }
