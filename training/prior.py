"""Takes what the loss's class weights put into a classifier out of its bias again, so that its probabilities are those of the pictures.

    python prior.py street --weights runs/street/street.safetensors --data DATA --out street.safetensors

A loss that counts rare classes more makes a network see them where they are not: each logit is too large by the logarithm of its weight.
"""
import argparse
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file

import data
from losses import class_counts, inverse_log_weights
from recipes import RECIPES

BIAS = 'classifier/bias'


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('model', choices=[name for name, recipe in RECIPES.items() if recipe.task == 'street'])
    parser.add_argument('--weights', type=Path, required=True)
    parser.add_argument('--data', type=Path, required=True)
    parser.add_argument('--power', type=float, default=1.0, help='of the weights in the loss')
    parser.add_argument('--out', type=Path, required=True)
    args = parser.parse_args()
    with safe_open(args.weights, 'pt') as file:
        weights, metadata = {name: file.get_tensor(name) for name in file.keys()}, file.metadata()
    labels = [example.labels for split in ('train', 'val') for example in data.camvid(args.data, split)]
    counts = class_counts(labels, RECIPES[args.model].shape.classes)
    weights[BIAS] = weights[BIAS] - torch.log(inverse_log_weights(counts, args.power))
    save_file(weights, args.out, metadata=metadata)


if __name__ == '__main__':
    main()
