"""How a step comes to its losses: from crops that are seen once, or from kept ones that are seen a few times."""
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from learner import Learner
from losses import class_loss, distillation_loss, feature_loss, log_probabilities, overlap_loss, person_loss
from memory import Memories, entered
from networks import DeepLab
from recipes import Recipe
from source import Source

Lesson = Callable[[], list[Tensor]]
"""The losses of the next batch: from labels; where there is a larger model, from its logits and from its features, too."""


def label_loss(recipe: Recipe, logits: Tensor, labels: Tensor, weights: Tensor) -> Tensor:
    log_p = log_probabilities(logits, labels)
    also = {'people': person_loss, 'street': overlap_loss}[recipe.task]
    return class_loss(log_p, labels, weights) + also(log_p, labels)


def seen_once(learner: Learner, source: Source, weights: Tensor) -> Lesson:
    def lesson() -> list[Tensor]:
        learner.net.train()
        pictures, labels = source.batch()
        return [label_loss(learner.recipe, learner.net(pictures), labels, weights)]

    return lesson


def kept(learner: Learner, source: Source, weights: Tensor, frozen: DeepLab, memories: Memories, rng: np.random.Generator) -> Lesson:
    """`frozen` has the blocks that learn no more, and is the larger model where the recipe has one."""
    net, recipe, steps = learner.net, learner.recipe, 0

    def lesson() -> list[Tensor]:
        nonlocal steps
        if steps % recipe.draws == 0:
            memories.add(entered(frozen, recipe, *source.batch()))
        steps += 1
        net.train()
        batch = memories.draw(recipe.batch, rng)
        features = net.encoder.rest(batch.entered, recipe.frozen_blocks)
        logits = net.classifier(net.decoder.refined(batch.low_level, net.aspp(features)))
        losses = [label_loss(recipe, logits, batch.labels, weights)]
        if recipe.teacher:
            losses += [distillation_loss(logits, batch.logits), feature_loss(features, batch.features)]
        return losses

    return lesson
