"""Trains one model; run again to go on from its last checkpoint.

    python train.py people --data ../shared/training --out runs/people --minutes 120
"""
import argparse
import copy
import json
import os
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

import augment
import data
from evaluate import class_scores, person_scores
from losses import class_loss, inverse_log_weights, log_probabilities, person_loss
from networks import DeepLab
from pseudo import pseudo_labelled
from recipes import RECIPES, Recipe
from weights import load_keras_encoder, load_weights, save_weights

CHECKPOINT_SECONDS = 600
SCORE_SECONDS = 2400
EMA = 0.997
"""Weight of the past in the moving average of the weights, which is what is scored and shipped."""


class Source:
    """Draws augmented examples of a recipe. A seed gives the same ones."""

    def __init__(self, recipe: Recipe, sets: dict[str, list[data.Example]], backgrounds: list[np.ndarray], seed: int):
        self.recipe, self.sets, self.backgrounds = recipe, sets, backgrounds
        self.names, shares = zip(*((name, share) for name, share in recipe.mix.items() if sets.get(name)))
        self.shares = np.array(shares) / sum(shares)
        self.rng = np.random.default_rng(seed)

    def crop(self) -> augment.Pair:
        examples = self.sets[self.names[self.rng.choice(len(self.names), p=self.shares)]]
        return augment.crop(examples[self.rng.integers(len(examples))], self.recipe.crop, self.recipe.scales, self.rng)

    def draw(self) -> augment.Pair:
        pair = self.crop()
        if self.recipe.task == 'people':
            chance = self.rng.random()
            if chance < 0.3 and self.backgrounds:
                behind = self.backgrounds[self.rng.integers(len(self.backgrounds))]
                pair = augment.before(pair, behind, self.rng)
            elif chance < 0.42:
                pair = augment.beside(pair, self.crop())
        return augment.recolour(pair[0], self.rng), pair[1]

    def batch(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Pictures [N,3,H,W] in [-1, 1] and labels [N,H/2,W/2]."""
        pictures, labels = zip(*(self.draw() for _ in range(self.recipe.batch)))
        x = torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2) / 127.5 - 1
        return x.contiguous(memory_format=torch.channels_last), torch.from_numpy(np.stack(labels)).long()[:, ::2, ::2]


def optimizer_of(net: DeepLab, recipe: Recipe) -> torch.optim.Optimizer:
    """AdamW; encoder and head at rates of their own, no decay on what has one axis. Frozen blocks take no part."""
    entry = net.encoder.entry_flow
    frozen = [entry.conv1, entry.conv2, *net.encoder.blocks()[: recipe.frozen_blocks]] if recipe.frozen_blocks else []
    for module in frozen:
        module.requires_grad_(False)
    groups = []
    for part, rate in ((net.encoder, recipe.encoder_rate), (None, recipe.head_rate)):
        named = part.parameters() if part is not None else (
            p for name, p in net.named_parameters() if not name.startswith('encoder.')
        )
        learnt = [p for p in named if p.requires_grad]
        for has_decay in (True, False):
            members = [p for p in learnt if (p.ndim > 1) == has_decay]
            groups.append({'params': members, 'lr': rate, 'base': rate, 'weight_decay': 2e-2 if has_decay else 0.0})
    return torch.optim.AdamW(groups, betas=(0.9, 0.99))


def distillation_loss(logits: torch.Tensor, taught: torch.Tensor, temperature: float = 2.0) -> torch.Tensor:
    """Kullback-Leibler divergence from the teacher's softened probabilities (Hinton et al. 2015)."""
    ours, theirs = (F.log_softmax(value / temperature, 1) for value in (logits, taught))
    return F.kl_div(ours, theirs, log_target=True, reduction='none').sum(1).mean() * temperature**2


@torch.no_grad()
def follow(average: DeepLab, net: DeepLab, past: float) -> None:
    for slow, fast in zip(average.state_dict().values(), net.state_dict().values()):
        slow.mul_(past).add_(fast, alpha=1 - past)


def sets_of(recipe: Recipe, root: Path, out: Path, teacher: DeepLab) -> tuple[dict, list[np.ndarray]]:
    if recipe.task == 'street':
        return {'camvid': data.camvid(root, 'train') + data.camvid(root, 'val')}, []
    coco = data.coco_free(root)
    sets = {'ccp': data.ccp(root, 'train'), 'coco': coco}
    if recipe.mix.get('pseudo'):
        sets['pseudo'] = pseudo_labelled(root, teacher.eval(), out / 'pseudo')
    return sets, [example.picture for example in coco if not (example.labels == data.PERSON).any()]


def score(net: DeepLab, recipe: Recipe, tests: dict[str, list[data.Example]]) -> dict:
    net.eval()
    scores = {}
    for name, examples in tests.items():
        by_class = name != 'voc-person'
        scores[name] = (
            class_scores(net, examples, recipe.shape.classes, recipe.input_size)
            if by_class
            else person_scores(net, examples, recipe.input_size)
        )
    net.train()
    return scores


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('model', choices=RECIPES)
    parser.add_argument('--data', type=Path, required=True, help='folder of the training data, see README.md')
    parser.add_argument('--out', type=Path, required=True, help='where checkpoint, log and weights go')
    parser.add_argument('--minutes', type=float, default=60, help='the learning rate falls to its end in this time')
    parser.add_argument('--start', type=Path, help="weights that export or a run before wrote; default: Keras' encoder")
    parser.add_argument('--teacher', type=Path, help='weights of the large model, for distillation and pseudo-labels')
    parser.add_argument('--quick', type=int, default=4, help='score on every n-th test picture while training')
    args = parser.parse_args()
    recipe: Recipe = RECIPES[args.model]
    args.out.mkdir(parents=True, exist_ok=True)
    checkpoint = args.out / 'checkpoint.pt'

    torch.set_flush_denormal(True)
    net, step = DeepLab(recipe.shape), 0
    state = torch.load(checkpoint, weights_only=True) if checkpoint.exists() else None
    if state is None and args.start:
        load_weights(net, args.start)
    elif state is None and recipe.shape.width == 1 and recipe.shape.middle_blocks == 8:
        load_keras_encoder(net.encoder, args.data / 'keras-xception-imagenet-blocks1-13.safetensors')
    average = copy.deepcopy(net)
    if state is not None:
        net.load_state_dict(state['net'])
        average.load_state_dict(state['average'])
        step = state['step']
    net, average = (one.to(memory_format=torch.channels_last) for one in (net, average))
    teacher = None
    if args.teacher:
        teacher = DeepLab(RECIPES['people'].shape).to(memory_format=torch.channels_last).eval()
        load_weights(teacher, args.teacher)

    sets, backgrounds = sets_of(recipe, args.data, args.out, teacher or copy.deepcopy(average))
    tests = (
        {'ccp-val': data.ccp(args.data, 'val'), 'voc-person': data.voc_people(args.data)}
        if recipe.task == 'people'
        else {'camvid-test': data.camvid(args.data, 'test')}
    )
    labelled = [example.labels for name in ('ccp', 'camvid') for example in sets.get(name, [])]
    counts = sum(np.bincount(labels.ravel(), minlength=256)[: recipe.shape.classes] for labels in labelled)
    weights = inverse_log_weights(torch.from_numpy(counts).float())
    source = Source(recipe, sets, backgrounds, seed=step)
    optimizer = optimizer_of(net, recipe)
    if state is not None:
        optimizer.load_state_dict(state['optimizer'])

    def say(**facts) -> None:
        line = json.dumps({'step': step, 'minutes': round((time.monotonic() - begin) / 60, 1), **facts})
        print(line, flush=True)
        with open(args.out / 'log.jsonl', 'a') as log:
            log.write(f'{line}\n')

    def save() -> None:
        kept = {'net': net.state_dict(), 'average': average.state_dict(), 'optimizer': optimizer.state_dict()}
        torch.save({**kept, 'step': step}, checkpoint.with_suffix('.partial'))
        os.replace(checkpoint.with_suffix('.partial'), checkpoint)
        save_weights(average, args.out / 'model.safetensors', {'model': args.model, 'step': str(step)})

    begin = last_save = last_score = time.monotonic()
    first, losses = step, []
    net.train()
    while (share := (time.monotonic() - begin) / 60 / args.minutes) < 1:
        rate = min(1, (step - first + 1) / 100) * (1 - share) ** 0.9
        for group in optimizer.param_groups:
            group['lr'] = group['base'] * rate
        pictures, labels = source.batch()
        features = net.features(pictures)
        logits = net.classifier(net.drop(features))
        log_p = log_probabilities(logits, labels)
        loss = class_loss(log_p, labels, weights)
        if recipe.task == 'people':
            loss = loss + person_loss(log_p, labels)
        if teacher is not None and recipe.teacher:
            with torch.inference_mode():
                taught = teacher.features(pictures)
                taught_logits = teacher.classifier(taught)
            loss = loss + distillation_loss(logits, taught_logits.clone()) + 0.1 * F.mse_loss(features, taught.clone())
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optimizer.step()
        step += 1
        follow(average, net, min(EMA, 1 - 5 / (step - first + 5)) if first == 0 else EMA)
        losses.append(loss.item())
        if step % 20 == 0:
            say(loss=round(float(np.mean(losses[-100:])), 4))
        now = time.monotonic()
        if now - last_save > CHECKPOINT_SECONDS:
            last_save = now
            save()
        if now - last_score > SCORE_SECONDS:
            last_score = now
            say(**score(average, recipe, {name: examples[:: args.quick] for name, examples in tests.items()}))
    save()
    say(**score(average, recipe, tests))


if __name__ == '__main__':
    main()
