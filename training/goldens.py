"""What PyTorch makes of a model that ships, from the very weights of its package, rounded as they are.

    python goldens.py people ../packages/model-people --size 288 384
    python goldens.py people ../packages/model-people --data ../../shared --picture data/people/test/0320.jpg

Writes into ../packages/golden/files: on the made-up picture of the other goldens, or on a photo with its labels.
"""
import argparse
import json
import sys
from pathlib import Path

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from safetensors import safe_open
from torch import Tensor

from data import read_picture
from evaluate import prepared
from networks import DeepLab
from recipes import MODELS, RECIPES, Recipe
from weights import from_ours

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / 'packages' / 'golden' / 'generate'))
from fill import image, stats  # noqa: E402

Outputs = dict[str, Tensor]


def shipped_weights(file: Path) -> dict[str, Tensor]:
    """Weights by the names of the graph as float32; kernels in 8 bits times their scales."""
    with safe_open(file, 'pt') as tensors:
        stored = {name: tensors.get_tensor(name) for name in tensors.keys()}
    scales = {name: stored.pop(name) for name in list(stored) if name.endswith('/kernel_scale')}
    return {
        name: value.float() * scales[f'{name}_scale'] if value.dtype == torch.int8 else value.float()
        for name, value in stored.items()
    }


def network(recipe: Recipe, weights: dict[str, Tensor]) -> DeepLab:
    net = DeepLab(recipe.shape).eval()
    named = {name.replace('/', '.'): value for name, value in weights.items()}
    net.load_state_dict({name: from_ours(name, value).contiguous() for name, value in named.items()})
    return net


@torch.inference_mode()
def outputs(net: DeepLab, x: np.ndarray) -> Outputs:
    """Of a picture NHWC in [-1, 1]: features, aspp and logits, NCHW."""
    low_level, features = net.encoder(torch.from_numpy(x).permute(0, 3, 1, 2).contiguous())
    aspp = net.aspp(features)
    return {'features': features, 'aspp': aspp, 'logits': net.classifier(net.decoder(low_level, aspp))}


def as_stats(values: Outputs) -> dict:
    return {name: stats(value.permute(0, 2, 3, 1).numpy()) for name, value in values.items()}


def write(path: Path, content: dict) -> None:
    path.write_text(json.dumps(content) + '\n')
    print(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('model', choices=MODELS)
    parser.add_argument('package', type=Path, help='a folder with config.json and the weights that it names')
    parser.add_argument('--size', type=int, nargs=2, metavar=('HEIGHT', 'WIDTH'), help='of a made-up picture')
    parser.add_argument('--data', type=Path, help='what a picture is named from')
    parser.add_argument('--picture', help='a photo under DATA')
    parser.add_argument('--out', type=Path, default=HERE.parent / 'packages' / 'golden' / 'files')
    args = parser.parse_args()
    recipe = RECIPES[args.model]
    files = json.loads((args.package / 'config.json').read_text())['weights']['files']
    nets = {file['dtype']: network(recipe, shipped_weights(args.package / file['file'])) for file in files}
    if args.size:
        for dtype, net in nets.items():
            x = image(1, *args.size, 3)
            content = {'model': args.model, 'precision': dtype, 'input': {'size': list(x.shape)}, **as_stats(outputs(net, x))}
            write(args.out / f'{args.model}-{dtype}.json', content)
    if args.picture:
        picture = read_picture(args.data / args.picture)
        x = prepared(picture, recipe.input_size(picture)).permute(0, 2, 3, 1).contiguous().numpy()
        dtype, net = list(nets.items())[-1]
        values = outputs(net, x)
        stem = args.out / f'{args.model}-{Path(args.picture).stem}'
        content = {'picture': args.picture, 'precision': dtype, 'input': stats(x), **as_stats(values)}
        write(stem.with_suffix('.json'), content)
        full = F.interpolate(values['logits'], size=picture.shape[:2], mode='bilinear', align_corners=False)
        cv2.imwrite(f'{stem}-labels.png', full[0].argmax(0).numpy().astype(np.uint8))


if __name__ == '__main__':
    main()
