"""Writes a model folder that every runtime of the project loads: config.json and model.safetensors.

    python export.py people --weights runs/people/model.safetensors --scores runs/people/scores.json --out people

`atrous export people -o … --half` and `--int8` write the other precisions from it.
"""
import argparse
import hashlib
import json
import shutil
from pathlib import Path

from safetensors import safe_open

from networks import ENCODER_EPSILON, HEAD_EPSILON
from recipes import DATA, LICENCES, MODELS, RECIPES, Recipe

HERE = Path(__file__).parent

VARIANTS = {'people': 'xception-middle', 'people-small': 'xception-low-rank', 'street': 'xception-middle'}
"""What the packages call the encoder of each."""


def architecture(name: str, recipe: Recipe) -> dict:
    shape = recipe.shape
    return {
        'head': 'deeplabv3plus',
        'encoder': {
            'family': 'xception',
            'variant': VARIANTS[name],
            'options': {'padding': 'symmetric', 'epsilon': ENCODER_EPSILON},
        },
        'outputStride': 16,
        'classes': shape.classes,
        'aspp': {
            'rates': [6, 12, 18],
            'channels': shape.channels,
            'concat': ['1x1', 'rate0', 'rate1', 'rate2', 'pool'],
        },
        'decoder': {
            'lowLevel': 'entry_flow/block2/conv2',
            'lowLevelChannels': shape.low_level_channels,
            'channels': shape.channels,
            'convolutions': 2,
        },
        'resize': 'half-pixel',
        'epsilon': HEAD_EPSILON,
    }


def preprocess(recipe: Recipe) -> dict:
    size = (
        {'mode': 'fixed', 'height': recipe.fixed[0], 'width': recipe.fixed[1]}
        if recipe.fixed
        else {'mode': 'longest-side', 'pixels': recipe.longest, 'multipleOf': 16}
    )
    half = [127.5] * 3
    return {
        'size': size,
        'fit': 'stretch',
        'filter': 'bilinear-antialiased',
        'channels': 'RGB',
        'range': [0, 255],
        'mean': half,
        'std': half,
    }


def training(name: str, weights: Path) -> dict:
    """Of the last run: weights know of which recipe they are."""
    with safe_open(weights, 'pt') as file:
        metadata = file.metadata() or {}
    recipe = RECIPES[metadata.get('model', name)]
    steps = {'steps': int(metadata['step'])} if 'step' in metadata else {}
    return {**steps, 'optimizer': 'AdamW', 'crop': list(recipe.crop), 'batch': recipe.batch}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('model', choices=MODELS)
    parser.add_argument('--weights', type=Path, required=True)
    parser.add_argument('--scores', type=Path, help='JSON that goes into the config as it is')
    parser.add_argument('--out', type=Path, required=True)
    args = parser.parse_args()
    recipe = RECIPES[args.model]
    args.out.mkdir(parents=True, exist_ok=True)
    file = args.out / 'model.safetensors'
    shutil.copyfile(args.weights, file)
    content = file.read_bytes()
    config = {
        'formatVersion': 2,
        'name': args.model,
        'task': 'semantic-segmentation',
        'architecture': architecture(args.model, recipe),
        'preprocess': preprocess(recipe),
        'postprocess': {'resize': 'half-pixel'},
        'labels': json.loads((HERE / f'{recipe.task}.labels.json').read_text()),
        'ignoreId': 255,
        'weights': {
            'names': 'atrous',
            'files': [
                {
                    'file': file.name,
                    'dtype': 'float32',
                    'bytes': len(content),
                    'sha256': hashlib.sha256(content).hexdigest(),
                }
            ],
        },
        'data': DATA[recipe.task],
        'licence': LICENCES[recipe.task],
        'training': training(args.model, args.weights),
        **({'scores': json.loads(args.scores.read_text())} if args.scores else {}),
    }
    (args.out / 'config.json').write_text(json.dumps(config, indent=1) + '\n')


if __name__ == '__main__':
    main()
