"""Trains a model; run again to go on from the last checkpoint.

    python train.py people --data ../shared/training --out runs/people --minutes 480
    python train.py people-small --data ../shared/training --teacher runs/people/people.safetensors --out runs/small --minutes 90

Writes OUT/MODEL.safetensors.
"""
import argparse
import copy
import json
import os
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from learner import FOLLOW_STEPS, Learner, groups_of, past_share
from lessons import kept, seen_once
from losses import class_counts, inverse_log_weights
from low_rank import low_rank
from memory import Memories, entered
from networks import DeepLab
from recipes import RECIPES, Recipe
from source import TESTS, Source, read
from weights import load_keras_encoder, load_weights, save_weights

CHECKPOINT_SECONDS, SCORE_SECONDS = 600, 2400
WARM_UP_STEPS = 50
KEPT, FITTED = 4800, 96
"""How many crops are kept, where they are seen more than once, and to how many a network of low rank is fitted."""


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('model', choices=RECIPES)
    parser.add_argument('--data', type=Path, required=True, help='folder of the training data, see README.md')
    parser.add_argument('--out', type=Path, required=True, help='where checkpoint, log and weights go')
    parser.add_argument('--minutes', type=float, default=60, help='the learning rate falls to its end in this time, pauses not counted')
    parser.add_argument('--start', type=Path, help="weights that a run before wrote; default: Keras' encoder, or a fit to the teacher")
    parser.add_argument('--teacher', type=Path, help='weights of the larger model, for a model that has one')
    parser.add_argument('--frozen', type=int, help="how many of the encoder's blocks keep their weights; default: the recipe's")
    parser.add_argument('--first', type=int, default=384, help='how many crops are kept before the first step')
    parser.add_argument('--bfloat16', action='store_true', help='products in bfloat16: where cores have AVX512-BF16, twice as fast')
    parser.add_argument('--quick', type=int, default=4, help='score on every n-th test picture while training')
    args = parser.parse_args()
    teacher = RECIPES[args.model].teacher
    if bool(args.teacher) != bool(teacher):
        parser.error(f'{args.model} learns from {teacher}: give its weights by --teacher' if teacher else f'{args.model} has no teacher')
    recipe = RECIPES[args.model]
    if recipe.draws > 1 and not teacher and not args.start:
        parser.error(f'{args.model} goes on from a trained network, of which it keeps the first blocks: give its weights by --start')
    if recipe.draws > 1 and args.frozen is not None and args.frozen < 2:
        parser.error(f'--frozen {args.frozen}: {args.model} keeps at least the first 2 blocks, of which the low-level features are')
    return args


def loaded(model: str, path: Path) -> DeepLab:
    net = DeepLab(RECIPES[model].shape).eval().to(memory_format=torch.channels_last)
    load_weights(net, path)
    return net


def main() -> None:
    args = arguments()
    model, root, out = args.model, args.data, args.out
    recipe: Recipe = RECIPES[model]
    if args.frozen is not None:
        recipe = replace(recipe, frozen_blocks=args.frozen)
    out.mkdir(parents=True, exist_ok=True)
    checkpoint = out / 'checkpoint.pt'
    torch.set_flush_denormal(True)
    state = torch.load(checkpoint, weights_only=True) if checkpoint.exists() else None
    step, spent = (state['step'], state['seconds']) if state else (0, 0.0)

    known = loaded(model, args.start) if args.start else None
    net = copy.deepcopy(known) if known else DeepLab(recipe.shape)
    if not args.start and not recipe.teacher:
        load_keras_encoder(net.encoder, root / 'keras-xception-imagenet-blocks1-13.safetensors')
    if state:
        net.load_state_dict(state[model]['net'])
    frozen = loaded(recipe.teacher, args.teacher) if recipe.teacher else copy.deepcopy(net).eval().to(memory_format=torch.channels_last)

    sets = read(recipe, root, known, out)
    tests = TESTS[recipe.task](root)
    labelled = [example.labels for example in sets[recipe.labelled]]
    weights = inverse_log_weights(class_counts(labelled, recipe.shape.classes), recipe.weight_power)
    source, rng = Source(recipe, sets, seed=step), np.random.default_rng(step)

    memories = Memories(KEPT, len({recipe.crop, recipe.crop[::-1]}))
    while recipe.draws > 1 and memories.count < args.first:
        memories.add(entered(frozen, recipe, *source.batch()))
    if recipe.teacher and not args.start and not state:
        low_rank(net.eval(), frozen, memories.draw(min(FITTED, memories.count), rng).entered)

    learner = Learner(model, net, recipe)
    optimizer = torch.optim.AdamW(list(groups_of(learner.net, recipe)), betas=(0.9, 0.99))
    if state:
        learner.restore(state[model])
        optimizer.load_state_dict(state['optimizer'])
    for group in optimizer.param_groups:
        group['fused'] = True  # one pass over memory for all of it
    lesson = kept(learner, source, weights, frozen, memories, rng) if recipe.draws > 1 else seen_once(learner, source, weights)

    def say(**facts) -> None:
        line = json.dumps({'step': step, 'minutes': round(spent / 60, 1), **facts})
        print(line, flush=True)
        with open(out / 'log.jsonl', 'a') as log:
            log.write(f'{line}\n')

    def save() -> None:
        facts = {model: learner.state(), 'optimizer': optimizer.state_dict(), 'step': step, 'seconds': spent}
        torch.save(facts, checkpoint.with_suffix('.partial'))
        os.replace(checkpoint.with_suffix('.partial'), checkpoint)
        save_weights(learner.average, out / f'{model}.safetensors', {'model': model, 'step': str(step)})

    def score(every: int) -> None:
        say(**learner.score({name: examples[::every] for name, examples in tests.items()}))

    start, losses, last_save, last_score = step, [], spent, spent
    while (share := spent / 60 / args.minutes) < 1:
        began = time.process_time()
        for group in optimizer.param_groups:
            group['lr'] = group['base'] * min(1, (step - start + 1) / WARM_UP_STEPS) * (1 - share) ** 0.9
        with torch.autocast('cpu', torch.bfloat16, enabled=args.bfloat16):
            parts = lesson()
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
        if spent - last_score > SCORE_SECONDS:
            last_score = spent
            score(args.quick)
    save()
    score(1)


if __name__ == '__main__':
    main()
