"""What a recipe learns from, and crops of it."""
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

import augment
import data
from networks import DeepLab
from pseudo import boxed, pseudo_labelled, with_classes
from recipes import Recipe

READERS: dict[str, Callable[[Path], list[data.Example]]] = {
    'ccp': lambda root: data.ccp(root, 'train'),
    'coco': data.coco_free,
    'boxes': boxed,
    'camvid': lambda root: data.camvid(root, 'train') + data.camvid(root, 'val'),
}

LABELLED: dict[str, Callable[[Path, DeepLab, Path], list[data.Example]]] = {
    'coco': lambda root, net, kept: with_classes(data.coco_free(root), net, kept / 'classes'),
    'boxes': lambda root, net, kept: pseudo_labelled(root, net, kept / 'pseudo'),
}
"""The same with labels that a network gives; they are kept in a folder."""

TESTS: dict[str, Callable[[Path], dict[str, list[data.Example]]]] = {
    'people': lambda root: {'ccp-val': data.ccp(root, 'val'), 'voc-person': data.voc_people(root)},
    'street': lambda root: {'camvid-test': data.camvid(root, 'test')},
}


def read(recipe: Recipe, root: Path, labeller: DeepLab | None, kept: Path) -> dict[str, list[data.Example]]:
    """What a recipe's crops are of. A network that gives labels is one that knows already: nothing is given by one that only begins."""
    return {
        name: LABELLED[name](root, labeller, kept) if labeller and draw.is_labelled else READERS[name](root)
        for name, draw in recipe.mix.items()
    }


def showing_nobody(examples: list[data.Example]) -> list[np.ndarray]:
    return [example.picture for example in examples if (example.labels == 0).all()]


class Source:
    """Draws augmented examples of a recipe. A seed gives the same ones."""

    def __init__(self, recipe: Recipe, sets: dict[str, list[data.Example]], seed: int):
        self.recipe, self.sets = recipe, sets
        self.backgrounds = showing_nobody(sets.get(recipe.backgrounds, []))
        self.draws = {name: draw for name, draw in recipe.mix.items() if sets.get(name)}
        shares = np.array([draw.share for draw in self.draws.values()])
        self.shares = shares / shares.sum()
        self.rng = np.random.default_rng(seed)

    def crop(self, side: tuple[int, int]) -> augment.Pair:
        name = list(self.draws)[self.rng.choice(len(self.draws), p=self.shares)]
        examples = self.sets[name]
        example = examples[self.rng.integers(len(examples))]
        return augment.crop(example, side, self.draws[name].scales, self.rng)

    def draw(self, side: tuple[int, int]) -> augment.Pair:
        pair = self.crop(side)
        if self.recipe.task == 'people':
            chance = self.rng.random()
            if chance < 0.3 and self.backgrounds:
                behind = self.backgrounds[self.rng.integers(len(self.backgrounds))]
                pair = augment.before(pair, behind, self.rng)
            elif chance < 0.42:
                pair = augment.beside(pair, self.crop(side))
            if self.rng.random() < 0.15:
                pair = augment.hung_behind(pair, self.rng)
        return augment.recolour(pair[0], self.rng), pair[1]

    def batch(self) -> tuple[Tensor, Tensor]:
        """Pictures [N,3,H,W] in [-1, 1] and labels [N,H/2,W/2]; a crop that is not square is upright or lies."""
        side = self.recipe.crop[:: self.rng.choice([1, -1])]
        pictures, labels = zip(*(self.draw(side) for _ in range(self.recipe.batch)))
        x = torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2) / 127.5 - 1
        return x.contiguous(memory_format=torch.channels_last), torch.from_numpy(np.stack(labels)).long()[:, ::2, ::2]
