"""Scores as the TypeScript command counts them: one confusion matrix over all pictures, at their own size."""
from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F

from data import IGNORE, PERSON, Example

SizeOf = Callable[[np.ndarray], tuple[int, int]]
"""Height and width at which a network sees a picture."""


def longest_side(height: int, width: int, longest: int, multiple: int = 16) -> tuple[int, int]:
    scale = longest / max(height, width)
    return tuple(max(multiple, int(side * scale / multiple + 0.5) * multiple) for side in (height, width))


def prepared(picture: np.ndarray, size: tuple[int, int]) -> torch.Tensor:
    """[1,3,h,w] in [-1, 1], resized as the TypeScript packages do it: bilinear, antialiased."""
    x = torch.from_numpy(picture).permute(2, 0, 1)[None].float()
    x = F.interpolate(x, size, mode='bilinear', align_corners=False, antialias=True)
    return (x / 127.5 - 1).contiguous(memory_format=torch.channels_last)


@torch.inference_mode()
def probabilities(net: torch.nn.Module, picture: np.ndarray, size: tuple[int, int]) -> torch.Tensor:
    """[classes,H,W] at the picture's size."""
    height, width = picture.shape[:2]
    logits = net(prepared(picture, size))
    return F.interpolate(logits, size=(height, width), mode='bilinear', align_corners=False)[0].softmax(0)


def class_scores(net: torch.nn.Module, examples: list[Example], classes: int, size: SizeOf) -> dict:
    matrix = np.zeros((classes, classes))
    for example in examples:
        found = probabilities(net, example.picture, size(example.picture)).argmax(0).numpy()
        counted = example.labels < classes
        index = example.labels[counted].astype(int) * classes + found[counted]
        matrix += np.bincount(index, minlength=classes * classes).reshape(classes, classes)
    both = np.diag(matrix)
    union = matrix.sum(0) + matrix.sum(1) - both
    iou = np.divide(both, union, out=np.full(classes, np.nan), where=union > 0)
    return {'miou': float(np.nanmean(iou)), 'iou': [round(float(value), 4) for value in iou]}


def person_scores(net: torch.nn.Module, examples: list[Example], size: SizeOf) -> dict:
    """Person = every class but 0 in the label map that arg-max gives; one ratio over all pixels."""
    overlap = union = 0
    each = []
    for example in examples:
        found = probabilities(net, example.picture, size(example.picture)).argmax(0).numpy() > 0
        counted = example.labels != IGNORE
        there = (example.labels == PERSON) | ((example.labels > 0) & counted)
        i, u = (found & there & counted).sum(), ((found | there) & counted).sum()
        overlap, union = overlap + i, union + u
        each.append(i / max(1, u))
    return {'iou': float(overlap / union), 'mean': float(np.mean(each))}
