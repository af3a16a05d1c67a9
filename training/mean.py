"""The mean of the weights of two runs of one model that began from the same weights (Wortsman et al. 2022, model soups).

    python mean.py runs/a/people.safetensors runs/b/people.safetensors --out people.safetensors
"""
import argparse
from pathlib import Path

from safetensors import safe_open
from safetensors.torch import load_file, save_file


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('weights', type=Path, nargs=2)
    parser.add_argument('--out', type=Path, required=True)
    args = parser.parse_args()
    first, second = map(load_file, args.weights)
    if first.keys() != second.keys():
        raise ValueError(f'{args.weights[0]} and {args.weights[1]} are weights of different networks')
    with safe_open(args.weights[1], 'pt') as file:
        metadata = file.metadata() or {}
    save_file({name: (first[name] + second[name]) / 2 for name in first}, args.out, metadata)


if __name__ == '__main__':
    main()
