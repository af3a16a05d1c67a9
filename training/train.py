"""Trains a model; run again to go on from the last checkpoint.

    python train.py people --data ../shared/training --out runs/people --minutes 120

Writes OUT/MODEL.safetensors.
"""
import argparse
import copy
import json
import os
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

import augment
import data
from evaluate import class_scores, person_scores
from losses import (
    class_counts,
    class_loss,
    inverse_log_weights,
    log_probabilities,
    overlap_loss,
    person_loss,
)
from networks import DeepLab
from pseudo import pseudo_labelled, with_classes
from recipes import RECIPES, Recipe
from weights import load_keras_encoder, load_weights, save_weights

CHECKPOINT_SECONDS = 600
SCORE_SECONDS = 2400
EMA, FOLLOW_STEPS = 0.997, 4
"""Weight of the past, a step, in the moving average of the weights, which is what is scored and shipped; it follows every few steps."""


def past_share(steps: int) -> float:
    """Of `FOLLOW_STEPS` steps; less in a run's first ones."""
    return min(EMA, (1 + steps) / (10 + steps)) ** FOLLOW_STEPS


class Source:
    """Draws augmented examples of a recipe. A seed gives the same ones."""

    def __init__(self, recipe: Recipe, sets: dict[str, list[data.Example]], backgrounds: list[np.ndarray], seed: int):
        self.recipe, self.sets, self.backgrounds = recipe, sets, backgrounds
        self.draws = {name: draw for name, draw in recipe.mix.items() if sets.get(name)}
        shares = np.array([draw.share for draw in self.draws.values()])
        self.shares = shares / shares.sum()
        self.rng = np.random.default_rng(seed)

    def crop(self) -> augment.Pair:
        name = list(self.draws)[self.rng.choice(len(self.draws), p=self.shares)]
        examples = self.sets[name]
        example = examples[self.rng.integers(len(examples))]
        return augment.crop(example, self.recipe.crop, self.draws[name].scales, self.rng)

    def draw(self) -> augment.Pair:
        pair = self.crop()
        if self.recipe.task == 'people':
            chance = self.rng.random()
            if chance < 0.3 and self.backgrounds:
                behind = self.backgrounds[self.rng.integers(len(self.backgrounds))]
                pair = augment.before(pair, behind, self.rng)
            elif chance < 0.42:
                pair = augment.beside(pair, self.crop())
            if self.rng.random() < 0.15:
                pair = augment.hung_behind(pair, self.rng)
        return augment.recolour(pair[0], self.rng), pair[1]

    def batch(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Pictures [N,3,H,W] in [-1, 1] and labels [N,H/2,W/2]."""
        pictures, labels = zip(*(self.draw() for _ in range(self.recipe.batch)))
        x = torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2) / 127.5 - 1
        return x.contiguous(memory_format=torch.channels_last), torch.from_numpy(np.stack(labels)).long()[:, ::2, ::2]


def groups_of(net: DeepLab, recipe: Recipe) -> Iterator[dict]:
    """What the optimizer gets: encoder and head at rates of their own, no decay on what has one axis, frozen blocks out."""
    entry = net.encoder.entry_flow
    frozen = [entry.conv1, entry.conv2, *net.encoder.blocks()[: recipe.frozen_blocks]] if recipe.frozen_blocks else []
    for module in frozen:
        module.requires_grad_(False)
    named = [(name, p) for name, p in net.named_parameters() if p.requires_grad]
    for in_encoder, rate in ((True, recipe.encoder_rate), (False, recipe.head_rate)):
        for has_decay in (True, False):
            members = [
                p for name, p in named if name.startswith('encoder.') == in_encoder and (p.ndim > 1) == has_decay
            ]
            yield {'params': members, 'lr': rate, 'base': rate, 'weight_decay': 2e-2 if has_decay else 0.0}


class Learner:
    """A network, the moving average of its weights, and the recipe that it learns by."""

    def __init__(self, name: str, net: DeepLab, recipe: Recipe):
        self.name, self.recipe = name, recipe
        self.net = net.to(memory_format=torch.channels_last)
        self.average = copy.deepcopy(self.net)

    def loss(self, pictures: Tensor, labels: Tensor, weights: Tensor) -> Tensor:
        log_p = log_probabilities(self.net(pictures), labels)
        also = {'people': person_loss, 'street': overlap_loss}[self.recipe.task]
        return class_loss(log_p, labels, weights) + also(log_p, labels)

    @torch.no_grad()
    def follow(self, past: float) -> None:
        for slow, fast in zip(self.average.state_dict().values(), self.net.state_dict().values()):
            slow.mul_(past).add_(fast, alpha=1 - past)

    def state(self) -> dict:
        return {'net': self.net.state_dict(), 'average': self.average.state_dict()}

    def restore(self, state: dict) -> None:
        self.net.load_state_dict(state['net'])
        self.average.load_state_dict(state['average'])

    def score(self, tests: dict[str, list[data.Example]]) -> dict:
        net, recipe = self.average.eval(), self.recipe
        return {
            f'{self.name}: {name}': person_scores(net, examples, recipe.input_size)
            if name == 'voc-person'
            else class_scores(net, examples, recipe.shape.classes, recipe.input_size)
            for name, examples in tests.items()
        }


def sets_of(recipe: Recipe, root: Path, out: Path, teacher: DeepLab) -> tuple[dict, list[np.ndarray]]:
    if recipe.task == 'street':
        return {'camvid': data.camvid(root, 'train') + data.camvid(root, 'val')}, []
    coco = data.coco_free(root)
    teacher = teacher.eval()
    return {
        'ccp': data.ccp(root, 'train'),
        'coco': with_classes(coco, teacher, out / 'classes'),
        'pseudo': pseudo_labelled(root, teacher, out / 'pseudo'),
    }, [example.picture for example in coco if not (example.labels == data.PERSON).any()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('model', choices=[name for name, recipe in RECIPES.items() if not recipe.teacher])
    parser.add_argument('--data', type=Path, required=True, help='folder of the training data, see README.md')
    parser.add_argument('--out', type=Path, required=True, help='where checkpoint, log and weights go')
    parser.add_argument('--minutes', type=float, default=60, help='the learning rate falls to its end in this time')
    parser.add_argument('--start', type=Path, help="weights that a run before wrote; default: Keras' encoder")
    parser.add_argument('--frozen', type=int, help="how many of the encoder's blocks keep their weights; default: the recipe's")
    parser.add_argument('--bfloat16', action='store_true', help='products in bfloat16: where cores have AVX512-BF16, twice as fast')
    parser.add_argument('--quick', type=int, default=4, help='score on every n-th test picture while training')
    args = parser.parse_args()
    recipe: Recipe = RECIPES[args.model]
    if args.frozen is not None:
        recipe = replace(recipe, frozen_blocks=args.frozen)
    args.out.mkdir(parents=True, exist_ok=True)
    checkpoint = args.out / 'checkpoint.pt'

    torch.set_flush_denormal(True)
    first = DeepLab(recipe.shape)
    state = torch.load(checkpoint, weights_only=True) if checkpoint.exists() else None
    if args.start:
        load_weights(first, args.start)
    else:
        load_keras_encoder(first.encoder, args.data / 'keras-xception-imagenet-blocks1-13.safetensors')
    learner = Learner(args.model, first, recipe)
    step = 0
    if state is not None:
        step = state['step']
        learner.restore(state[args.model])

    sets, backgrounds = sets_of(recipe, args.data, args.out, learner.average)
    tests = (
        {'ccp-val': data.ccp(args.data, 'val'), 'voc-person': data.voc_people(args.data)}
        if recipe.task == 'people'
        else {'camvid-test': data.camvid(args.data, 'test')}
    )
    labelled = [example.labels for name in ('ccp', 'camvid') for example in sets.get(name, [])]
    weights = inverse_log_weights(class_counts(labelled, recipe.shape.classes), recipe.weight_power)
    source = Source(recipe, sets, backgrounds, seed=step)
    optimizer = torch.optim.AdamW(list(groups_of(learner.net, recipe)), betas=(0.9, 0.99))
    if state is not None:
        optimizer.load_state_dict(state['optimizer'])
    for group in optimizer.param_groups:
        group['fused'] = True  # one pass over memory for all of it

    def say(**facts) -> None:
        line = json.dumps({'step': step, 'minutes': round((time.monotonic() - begin) / 60, 1), **facts})
        print(line, flush=True)
        with open(args.out / 'log.jsonl', 'a') as log:
            log.write(f'{line}\n')

    def save() -> None:
        facts = {args.model: learner.state(), 'optimizer': optimizer.state_dict(), 'step': step}
        torch.save(facts, checkpoint.with_suffix('.partial'))
        os.replace(checkpoint.with_suffix('.partial'), checkpoint)
        save_weights(learner.average, args.out / f'{args.model}.safetensors', {'model': args.model, 'step': str(step)})

    def score(every: int) -> None:
        say(**learner.score({name: examples[::every] for name, examples in tests.items()}))

    begin = last_save = last_score = time.monotonic()
    start, losses = step, []
    while (share := (time.monotonic() - begin) / 60 / args.minutes) < 1:
        rate = min(1, (step - start + 1) / 50) * (1 - share) ** 0.9
        for group in optimizer.param_groups:
            group['lr'] = group['base'] * rate
        pictures, labels = source.batch()
        learner.net.train()
        with torch.autocast('cpu', torch.bfloat16, enabled=args.bfloat16):
            loss = learner.loss(pictures, labels, weights)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(learner.net.parameters(), 5.0)
        optimizer.step()
        step += 1
        if step % FOLLOW_STEPS == 0:
            learner.follow(past_share(step - start))
        losses.append(loss.item())
        if step % 20 == 0:
            say(loss=round(float(np.mean(losses[-100:])), 4))
        now = time.monotonic()
        if now - last_save > CHECKPOINT_SECONDS:
            last_save = now
            save()
        if now - last_score > SCORE_SECONDS:
            last_score = now
            score(args.quick)
    save()
    score(1)


if __name__ == '__main__':
    main()
