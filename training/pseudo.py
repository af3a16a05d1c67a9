"""Labels that a network gives: people where there are boxes alone, and what they wear where only people are known."""
from pathlib import Path

import cv2
import numpy as np
import torch

from data import IGNORE, PERSON, Example, person_boxes, read_picture, unlabelled
from evaluate import longest_side, probabilities

SURE, SURELY_NOT, SURE_CLASS = 0.9, 0.08, 0.6
CLASS_SIZES = (160, 256, 352)


def person_probability(net: torch.nn.Module, picture: np.ndarray) -> np.ndarray:
    """The mean of two sizes, each with its mirror image."""
    views = []
    for longest in (384, 512):
        size = longest_side(*picture.shape[:2], longest)
        views.append(1 - probabilities(net, picture, size)[0].numpy())
        mirrored = np.ascontiguousarray(picture[:, ::-1])
        views.append(1 - probabilities(net, mirrored, size)[0].numpy()[:, ::-1])
    return np.mean(views, 0)


Box = tuple[float, float, float, float]


def within(boxes: list[Box], height: int, width: int) -> np.ndarray:
    """bool [H,W]"""
    inside = np.zeros((height, width), bool)
    for x, y, w, h in boxes:
        top, left = max(0, int((y - h / 2) * height)), max(0, int((x - w / 2) * width))
        inside[top : int((y + h / 2) * height) + 1, left : int((x + w / 2) * width) + 1] = True
    return inside


def boxed(root: Path) -> list[Example]:
    """Every picture with boxes: nobody is outside of them, and inside nothing is known."""
    examples = []
    for name, boxes in person_boxes(root).items():
        if path := unlabelled(root, name):
            picture = read_picture(path)
            inside = within(boxes, *picture.shape[:2])
            examples.append(Example(name, picture, np.where(inside, IGNORE, 0).astype(np.uint8)))
    return examples


def pseudo_labels(probability: np.ndarray, boxes: list[Box]) -> np.ndarray:
    inside = within(boxes, *probability.shape)
    labels = np.full(probability.shape, IGNORE, np.uint8)
    labels[inside & (probability > SURE)] = PERSON
    labels[~inside | (probability < SURELY_NOT)] = 0
    return labels


def pseudo_labelled(root: Path, teacher: torch.nn.Module, cache: Path) -> list[Example]:
    """Every picture with boxes; labels are computed once for a cache folder."""
    cache.mkdir(parents=True, exist_ok=True)
    examples = []
    for name, boxes in person_boxes(root).items():
        path = unlabelled(root, name)
        if path is None:
            continue
        picture, kept = read_picture(path), cache / f'{name}.png'
        if not kept.exists():
            cv2.imwrite(str(kept), pseudo_labels(person_probability(teacher, picture), boxes))
        examples.append(Example(name, picture, cv2.imread(str(kept), cv2.IMREAD_UNCHANGED)))
    return examples


def with_classes(examples: list[Example], teacher: torch.nn.Module, cache: Path) -> list[Example]:
    """Pictures whose people are known, with what they wear where a network is sure of it at three sizes together.

    Seen small, a close view is like the full figures that classes were learned from.
    """
    cache.mkdir(parents=True, exist_ok=True)
    labelled = []
    for example in examples:
        if not (example.labels == PERSON).any():
            labelled.append(example)
            continue
        kept = cache / f'{example.name}.png'
        if not kept.exists():
            cv2.imwrite(str(kept), classes_within(teacher, example))
        labelled.append(Example(example.name, example.picture, cv2.imread(str(kept), cv2.IMREAD_UNCHANGED)))
    return labelled


def classes_within(teacher: torch.nn.Module, example: Example) -> np.ndarray:
    sizes = [longest_side(*example.picture.shape[:2], longest) for longest in CLASS_SIZES]
    p = torch.stack([probabilities(teacher, example.picture, size) for size in sizes]).mean(0)[1:]
    share, best = (p / p.sum(0).clamp(min=1e-6)).max(0)
    is_sure = (example.labels == PERSON) & (share > SURE_CLASS).numpy()
    return np.where(is_sure, best.numpy() + 1, example.labels).astype(np.uint8)
