"""Trains a small model from a large one that learns no more; run again to go on from the last checkpoint.

    python distil.py people-small --data ../shared/training --teacher runs/people/people.safetensors --out runs/small --minutes 90

The small one begins as `low_rank.py` makes it and keeps the stem, the first two blocks and the low-level features, so that these and what
the large one says of a crop are computed once and kept while it is drawn again. Writes OUT/MODEL.safetensors.
"""
import argparse
import json
import os
import time
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

import data
from losses import class_counts, class_loss, distillation_loss, feature_loss, inverse_log_weights, log_probabilities, person_loss
from low_rank import low_rank
from networks import DeepLab
from pseudo import boxed
from recipes import RECIPES, Recipe
from train import CHECKPOINT_SECONDS, FOLLOW_STEPS, SCORE_SECONDS, Learner, Source, groups_of, past_share
from weights import load_weights, save_weights

KEPT, DRAWS_OF_ONE, FITTED = 4800, 3, 96
"""Crops that are kept, how many steps are made for each batch of new ones, and to how many of the first ones the network is fitted."""


@dataclass
class Batch:
    """Crops, and what the large model makes of them."""

    labels: Tensor
    low_level: Tensor
    """After the decoder's projection."""
    entered: Tensor
    """What `encoder.stem` gives."""
    features: Tensor
    logits: Tensor

    @staticmethod
    @torch.no_grad()
    def of(teacher: DeepLab, pictures: Tensor, labels: Tensor) -> 'Batch':
        low_level, entered = teacher.encoder.stem(pictures)
        low_level, features = teacher.decoder.low_level(low_level), teacher.encoder.rest(entered)
        logits = teacher.classifier(teacher.decoder.refined(low_level, teacher.aspp(features)))
        return Batch(labels, low_level, entered, features, logits)


class Memory:
    """The last crops, in half precision; new ones take the place of the oldest."""

    def __init__(self, size: int):
        self.size, self.count, self.kept = size, 0, None

    def add(self, batch: Batch) -> None:
        values = {field.name: getattr(batch, field.name) for field in fields(Batch)}
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


def channels_last(value: Tensor) -> Tensor:
    return value.float().contiguous(memory_format=torch.channels_last)


def loss_of(net: DeepLab, batch: Batch, weights: Tensor) -> list[Tensor]:
    """From the labels, from the large model's logits, from its features."""
    features = net.encoder.rest(batch.entered)
    logits = net.classifier(net.decoder.refined(batch.low_level, net.aspp(features)))
    log_p = log_probabilities(logits, batch.labels)
    return [
        class_loss(log_p, batch.labels, weights) + person_loss(log_p, batch.labels),
        distillation_loss(logits, batch.logits),
        feature_loss(features, batch.features),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('model', choices=[name for name, recipe in RECIPES.items() if recipe.teacher])
    parser.add_argument('--data', type=Path, required=True, help='folder of the training data, see README.md')
    parser.add_argument('--teacher', type=Path, required=True, help='weights of the large model')
    parser.add_argument('--out', type=Path, required=True, help='where checkpoint, log and weights go')
    parser.add_argument('--minutes', type=float, default=90, help='the learning rate falls to its end in this time, pauses not counted')
    parser.add_argument('--start', type=Path, help='weights of a run before, instead of a fit to the large model')
    parser.add_argument('--first', type=int, default=384, help='how many crops there are before the first step')
    parser.add_argument('--quick', type=int, default=4, help='score on every n-th test picture while training')
    args = parser.parse_args()
    recipe: Recipe = RECIPES[args.model]
    args.out.mkdir(parents=True, exist_ok=True)
    checkpoint = args.out / 'checkpoint.pt'
    torch.set_flush_denormal(True)

    teacher = DeepLab(RECIPES[recipe.teacher].shape).eval().to(memory_format=torch.channels_last)
    load_weights(teacher, args.teacher)
    # What people wear, and where they are within boxes, is what the large model says of each crop.
    sets = {'ccp': data.ccp(args.data, 'train'), 'coco': data.coco_free(args.data), 'boxes': boxed(args.data)}
    backgrounds = [example.picture for example in sets['coco'] if not (example.labels == data.PERSON).any()]
    tests = {'ccp-val': data.ccp(args.data, 'val'), 'voc-person': data.voc_people(args.data)}
    weights = inverse_log_weights(
        class_counts([example.labels for example in sets['ccp']], recipe.shape.classes), recipe.weight_power
    )

    state = torch.load(checkpoint, weights_only=True) if checkpoint.exists() else None
    step, spent = (state['step'], state['seconds']) if state else (0, 0.0)
    source, rng = Source(recipe, sets, backgrounds, seed=step), np.random.default_rng(step)
    memory = Memory(KEPT)
    while memory.count < args.first:
        memory.add(Batch.of(teacher, *source.batch()))

    net = DeepLab(recipe.shape)
    if args.start:
        load_weights(net, args.start)
    elif not state:
        low_rank(net.eval(), teacher, memory.draw(min(FITTED, memory.count), rng).entered)
    learner = Learner(args.model, net, recipe)
    learner.net.decoder.low_level.requires_grad_(False)
    optimizer = torch.optim.AdamW(list(groups_of(learner.net, recipe)), betas=(0.9, 0.99), fused=True)
    if state:
        learner.restore(state[args.model])
        optimizer.load_state_dict(state['optimizer'])

    def say(**facts) -> None:
        line = json.dumps({'step': step, 'minutes': round(spent / 60, 1), **facts})
        print(line, flush=True)
        with open(args.out / 'log.jsonl', 'a') as log:
            log.write(f'{line}\n')

    def save() -> None:
        torch.save(
            {args.model: learner.state(), 'optimizer': optimizer.state_dict(), 'step': step, 'seconds': spent},
            checkpoint.with_suffix('.partial'),
        )
        os.replace(checkpoint.with_suffix('.partial'), checkpoint)
        save_weights(learner.average, args.out / f'{args.model}.safetensors', {'model': args.model, 'step': str(step)})

    def score(every: int) -> None:
        say(**learner.score({name: examples[::every] for name, examples in tests.items()}))

    start, losses, last_save, last_score = step, [], spent, spent - SCORE_SECONDS
    while (share := spent / 60 / args.minutes) < 1:
        if spent - last_score >= SCORE_SECONDS:
            last_score = spent
            score(args.quick)
        began = time.process_time()
        for group in optimizer.param_groups:
            group['lr'] = group['base'] * min(1, (step - start + 1) / 50) * (1 - share) ** 0.9
        if step % DRAWS_OF_ONE == 0:
            memory.add(Batch.of(teacher, *source.batch()))
        learner.net.train()
        parts = loss_of(learner.net, memory.draw(recipe.batch, rng), weights)
        optimizer.zero_grad()
        sum(parts).backward()
        torch.nn.utils.clip_grad_norm_(learner.net.parameters(), 5.0)
        optimizer.step()
        step += 1
        if step % FOLLOW_STEPS == 0:
            learner.follow(past_share(step - start))
        losses.append([part.item() for part in parts])
        spent += (time.process_time() - began) / torch.get_num_threads()
        if step % 20 == 0:
            say(loss=[round(float(value), 4) for value in np.mean(losses[-100:], 0)])
        if spent - last_save > CHECKPOINT_SECONDS:
            last_save = spent
            save()
    save()
    score(1)


if __name__ == '__main__':
    main()
