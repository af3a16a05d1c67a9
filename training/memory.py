"""Crops with what the part of a network that learns no more makes of them, kept while they are drawn again."""
from dataclasses import dataclass, fields

import numpy as np
import torch
from torch import Tensor

from networks import DeepLab
from recipes import Recipe


@dataclass
class Batch:
    labels: Tensor
    low_level: Tensor
    """After the decoder's projection."""
    entered: Tensor
    """What goes into the first block that learns."""
    features: Tensor | None = None
    """What a larger model makes of it."""
    logits: Tensor | None = None


@torch.no_grad()
def entered(frozen: DeepLab, recipe: Recipe, pictures: Tensor, labels: Tensor) -> Batch:
    """`frozen`, in evaluation mode, has the blocks that learn no more, and is the larger model where the recipe has one."""
    tap, x = frozen.encoder.enter(pictures, recipe.frozen_blocks)
    low_level = frozen.decoder.low_level(tap)
    if not recipe.teacher:
        return Batch(labels, low_level, x)
    features = frozen.encoder.rest(x, recipe.frozen_blocks)
    return Batch(labels, low_level, x, features, frozen.classifier(frozen.decoder.refined(low_level, frozen.aspp(features))))


class Memory:
    """The last crops of one shape, in half precision; new ones take the place of the oldest."""

    def __init__(self, size: int):
        self.size, self.count, self.kept = size, 0, None

    def add(self, batch: Batch) -> None:
        values = {field.name: getattr(batch, field.name) for field in fields(batch) if getattr(batch, field.name) is not None}
        if self.kept is None:
            self.kept = {
                name: torch.empty((self.size, *value.shape[1:]), dtype=torch.uint8 if name == 'labels' else torch.float16)
                for name, value in values.items()
            }
        at = torch.arange(self.count, self.count + len(batch.labels)) % self.size
        for name, value in values.items():
            self.kept[name][at] = value.to(self.kept[name].dtype)
        self.count += len(at)

    def draw(self, count: int, rng: np.random.Generator) -> Batch:
        at = torch.from_numpy(rng.choice(min(self.count, self.size), count, replace=False))
        return Batch(**{name: kept[at].long() if name == 'labels' else channels_last(kept[at]) for name, kept in self.kept.items()})


class Memories:
    """One for each shape that crops have; all hold `size` together."""

    def __init__(self, size: int, shapes: int):
        self.size, self.of = size // shapes, {}

    @property
    def count(self) -> int:
        """How many crops came in."""
        return sum(memory.count for memory in self.of.values())

    def add(self, batch: Batch) -> None:
        self.of.setdefault(batch.labels.shape[1:], Memory(self.size)).add(batch)

    def draw(self, count: int, rng: np.random.Generator) -> Batch:
        """Of one shape; of those that have enough, which one is by chance."""
        enough = [memory for memory in self.of.values() if memory.count >= count]
        return enough[rng.integers(len(enough))].draw(count, rng)


def channels_last(value: Tensor) -> Tensor:
    return value.float().contiguous(memory_format=torch.channels_last)
